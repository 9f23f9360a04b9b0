#include "run/html_page.h"

#include "run/assets.h"
#include "run/html.h"

namespace assay {

std::string html_page_head(std::string_view title, std::string_view kind, std::string_view version) {
  // Style and script are named by their hashes: even a text that escaped its escaping could neither load nor run anything.
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src 'none'; style-src '" +
         csp_hash(assets::report_css) + "'; script-src '" + csp_hash(assets::report_js) +
         "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta name=\"generator\" content=\"assay " +
         html_line(version, 40) + "\">\n<title>" + html_line(title, 160) + "</title>\n<style>" + std::string(assets::report_css) +
         "</style>\n<script>" + std::string(assets::report_js) + "</script>\n</head>\n<body id=\"top\">\n" +
         "<header class=\"top\"><span class=\"brand\">Assay</span><span class=\"soft\">" + html_line(kind, 40) +
         "</span><button type=\"button\" id=\"theme\" hidden>Theme</button></header>\n<main>\n";
}

std::string html_page_end(std::string_view version) {
  return "</main>\n<footer class=\"end\"><p>Written by <b>assay</b> " + html_line(version, 40) +
         ". This file asks no server for anything. Foreign text is shown as it came; control characters are made "
         "visible.</p></footer>\n"
         "</body>\n</html>\n";
}

}  // namespace assay
