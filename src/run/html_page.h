// The frame of every HTML page that this program writes: head with a strict Content-Security-Policy, style and script of
// web/report.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// Up to and including <main>. `kind` stands beside the name at the top: "report". Both texts are escaped here.
std::string html_page_head(std::string_view title, std::string_view kind, std::string_view version);
/// From </main> on.
std::string html_page_end(std::string_view version);

}  // namespace assay
