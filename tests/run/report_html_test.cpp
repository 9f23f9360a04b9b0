#include "run/report_html.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "run/display.h"
#include "run/evidence_html.h"
#include "run/report_fixture.h"

namespace assay {
namespace {

using test::FixedResults;
using test::full_report;

std::string page(std::span<const HtmlRun> runs, const HtmlOptions& options = {}) {
  std::string out;
  auto done = write_report_html(runs, options, [&](std::string_view text) -> Result<void> {
    out += text;
    return {};
  });
  EXPECT_TRUE(done);
  return out;
}

std::string page(const Report& report, const UnitResults* results) {
  HtmlRun run{&report, results};
  return page(std::span(&run, 1));
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++out;
  return out;
}

/// The names of all elements, and a failure when tags are not balanced: foreign text that broke out would show in either.
std::set<std::string> elements(std::string_view html) {
  static const std::set<std::string> empty{"meta", "input"};
  std::set<std::string> out;
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = html.find('<', at)) != std::string_view::npos;) {
    if (html.substr(at, 2) == "<!") {
      at += 2;
      continue;
    }
    bool closing = html.substr(at, 2) == "</";
    std::size_t begin = at + (closing ? 2 : 1), end = begin;
    while (end < html.size() && std::isalnum(static_cast<unsigned char>(html[end]))) ++end;
    std::string name(html.substr(begin, end - begin));
    // Attributes are always quoted here, so '>' inside them is within quotes.
    bool quoted = false;
    std::size_t close = end;
    while (close < html.size() && (quoted || html[close] != '>')) quoted ^= html[close++] == '"';
    at = close;
    out.insert(name);
    if (closing) {
      if (open.empty() || open.back() != name) {
        ADD_FAILURE() << "</" << name << "> closes " << (open.empty() ? "nothing" : open.back()) << " near "
                      << html.substr(begin, 80);
        return out;
      }
      open.pop_back();
    } else if (!empty.contains(name) && html[close - 1] != '/') {
      open.push_back(name);
      if (name == "style" || name == "script") at = html.find("</" + name, at);
    }
  }
  EXPECT_TRUE(open.empty());
  return out;
}

SampleResult rich_sample(const std::string& foreign) {
  SampleResult sample;
  sample.sample = "17" + foreign;
  sample.outcome = Outcome::scored;
  sample.reason = foreign;
  sample.values["score"] = 7.68;
  sample.values[foreign + "x"] = 1;
  json::object& e = sample.evidence;
  e["prompt"] = "How? " + foreign;
  e["messages"] = json::array{json::object{{"role", foreign}, {"content", foreign}},
                              json::object{{"role", "user"}, {"content", json::array{1}}}};
  json::object ask{{"text", "Sad: 5 " + foreign},
                   {"reasoning", foreign},
                   {"temperature", 0.01},
                   {"finish", foreign},
                   {"role", foreign},
                   {"accepted", true},
                   {"error", foreign}};
  ask["spans"] = json::array{json::array{0, 6}};
  ask["first_pass"] = json::object{{foreign, "5"}};
  e["asks"] = json::array{ask, foreign, json::object{{"text", 5}, {"spans", "none"}}};
  e["reference"] = json::object{{"Sad", 7}, {foreign, 1}};
  e["formula"] = json::object{
      {"rows", json::array{json::object{{"name", foreign}, {"answer", 5}, {"reference", 7}, {"d", 2}, {"s", 0.5407}}}},
      {"text", foreign},
      {"tally", 3.1}};
  e[foreign] = json::object{{"deep", json::array{json::object{{foreign, json::array{foreign, json::array{foreign}}}}, foreign}}};
  return sample;
}

Report foreign_report(const std::string& foreign) {
  Report report = full_report();
  report.run = foreign;
  report.assay = foreign;
  report.benchmark = foreign;
  report.edition = foreign;
  report.created = foreign;
  report.roles = {{"model", foreign}, {foreign, foreign}};
  report.reason = foreign;
  report.deviates = {foreign};
  report.manifest[foreign] = foreign;
  report.total.parts[0].name = foreign;
  for (Metric& metric : report.total.metrics) {
    metric.name += foreign;
    metric.why_null = foreign;
  }
  return report;
}

TEST(Html, EscapesAndMakesVisible) {
  EXPECT_EQ(html_text("<script>alert('x')</script>&\""), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
  EXPECT_EQ(html_text(std::string_view("a\0b", 3)), "a␀b");
  EXPECT_EQ(html_text("\u202Eevil"), "⟨U+202E⟩evil");
  EXPECT_EQ(html_text("\xc3("), "\uFFFD(");
  EXPECT_EQ(html_line("a\nb<c", 3), "a⏎b…");
  EXPECT_EQ(html_name("a b\"<é>"), "a-b-----");
  EXPECT_EQ(html_name(""), "-");
}

TEST(Html, PolicyHashIsBase64OfSha256) {
  // FIPS 180-4's example "abc": ba7816bf... in base 64.
  EXPECT_EQ(csp_hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST(Html, RandomBytesNeverYieldMarkupOrControls) {
  Random random(20260101);
  static const std::string_view pieces[] = {"<",  ">",    "\"",           "'",    "&", "</", "<!--", "]]>",
                                            "\0", "\x1b", "\xe2\x80\xae", "\xff", "a", "\n", "&lt;"};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(40); n > 0; --n)
      random.below(2) ? text += std::string(pieces[random.below(std::size(pieces))])
                      : text += static_cast<char>(random.below(256));
    std::string html = html_text(text);
    EXPECT_TRUE(is_valid_utf8(html));
    EXPECT_EQ(html.find_first_of("<>\"'"), std::string::npos);
    for (std::size_t at = 0; at < html.size(); ++at) {
      unsigned char c = static_cast<unsigned char>(html[at]);
      EXPECT_TRUE(c >= 0x20 || c == '\n' || c == '\t');
      EXPECT_NE(c, 0x7F);
      if (c == '&') {
        std::size_t end = html.find(';', at);
        ASSERT_NE(end, std::string::npos);
        std::string entity = html.substr(at, end - at + 1);
        EXPECT_TRUE(entity == "&lt;" || entity == "&gt;" || entity == "&amp;" || entity == "&quot;" || entity == "&#39;")
            << entity;
      }
    }
    EXPECT_FALSE(has(html, "\u202E"));
  }
}

TEST(Highlight, MarksWhatTheParserTook) {
  EXPECT_EQ(highlighted("Sad: 5\nJoy: 2", {{0, 6}, {7, 13}}), "<mark>Sad: 5</mark>\n<mark>Joy: 2</mark>");
  EXPECT_EQ(highlighted("<b>", {{1, 2}}), "&lt;<mark>b</mark>&gt;");
}

TEST(Highlight, RepairsAnySpans) {
  EXPECT_EQ(highlighted("abc", {{2, 99}, {5, 7}, {1, 1}}), "ab<mark>c</mark>");
  EXPECT_EQ(highlighted("abcdef", {{1, 4}, {2, 5}}), "a<mark>bcd</mark><mark>e</mark>f");
  EXPECT_EQ(highlighted("aäb", {{2, 3}}), "a<mark>ä</mark>b");  // a span inside a character takes the whole of it
  Random random(5);
  std::string text = "ä<b>日本\xff&x";
  std::string plain = html_text(text);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::pair<std::size_t, std::size_t>> spans;
    for (int k = 0; k < 4; ++k) spans.push_back({random.below(16), random.below(16)});
    std::string html = highlighted(text, spans);
    EXPECT_EQ(replace_all(replace_all(html, "<mark>", ""), "</mark>", ""), plain);
    EXPECT_EQ(count(html, "<mark>"), count(html, "</mark>"));
  }
}

TEST(ReportHtml, ShowsPromptAnswerReferenceAndFormula) {
  Report report = full_report();
  FixedResults results;
  results.add(rich_sample("ok"));
  SampleResult second;
  second.sample = "18";
  second.outcome = Outcome::truncated;
  results.add(second);
  std::string html = page(report, &results);
  EXPECT_TRUE(has(html, "<p class=\"figure\">64.78</p>"));
  EXPECT_TRUE(has(html, "95 % interval 61.00 to 68.50"));
  EXPECT_TRUE(has(html, "How? ok</pre>"));
  EXPECT_TRUE(has(html, "<mark>Sad: 5</mark> ok</pre>"));
  EXPECT_TRUE(has(html, "Reasoning, not scored (2 characters)"));
  EXPECT_TRUE(has(html, "<h4>Reference</h4>"));
  EXPECT_TRUE(has(html, "<td class=\"number\">0.5407</td>"));
  EXPECT_TRUE(has(html, "temperature is not accepted"));
  EXPECT_TRUE(has(html, "no revision was asked for"));
  EXPECT_TRUE(has(html, "data-o=\"truncated\""));
  EXPECT_TRUE(has(html, "&quot;data&quot;: &quot;0123abcd&quot;"));
  EXPECT_TRUE(has(html, ">inner<"));
  elements(html);
}

// The reader of a page drops a line end that follows <pre> at once.
TEST(ReportHtml, TextsKeepTheLineEndTheyBeginWith) {
  Report report = foreign_report("plain");
  FixedResults results;
  results.add(rich_sample("\nfirst line empty"));
  std::string html = page(report, &results);
  EXPECT_TRUE(has(html, ">\n\nfirst line empty"));
}

TEST(ReportHtml, AScoreIsThatOfAScoredSample) {
  SampleResult sample;
  sample.values = {{"preference", 1.5}, {"length_1", 2104}};
  sample.outcome = Outcome::scored;
  EXPECT_EQ(main_value(sample), 1.5);
  sample.values = {{"length_1", 2104}};
  sample.outcome = Outcome::unparseable;
  EXPECT_EQ(main_value(sample), std::nullopt);
  sample.values["score"] = 0;
  EXPECT_EQ(main_value(sample), 0);
}

TEST(ReportHtml, ForeignTextNeverBreaksOut) {
  const std::string nul("\0", 1);
  for (const std::string& foreign :
       {std::string("<script>alert(1)</script>"), std::string("\"><img src=x onerror=alert(1)>"),
        std::string("'></pre></details></li><h1>"), std::string("</style><svg onload=alert(1)>"),
        std::string("\u202Egpj.exe\u2066"), "\xff\xfe\xc3(" + nul + "\x1b[31m", std::string("javascript:alert(1)"),
        std::string("https://example.org/x.png"), std::string("&lt;b&gt;")}) {
    Report report = foreign_report(foreign);
    FixedResults results;
    results.add(rich_sample(foreign));
    std::string clean = page(foreign_report("plain"), nullptr);
    for (int runs : {1, 2}) {
      std::vector<HtmlRun> list(static_cast<std::size_t>(runs), HtmlRun{&report, &results});
      std::string html = page(list);
      EXPECT_TRUE(is_valid_utf8(html));
      EXPECT_EQ(count(html, "<script>"), 1u);
      EXPECT_EQ(html.find('\0'), std::string::npos);
      EXPECT_EQ(html.find('\x1b'), std::string::npos);
      EXPECT_FALSE(has(html, "\u202E"));
      std::set<std::string> found = elements(html);
      for (const char* never : {"img", "iframe", "object", "embed", "link", "base", "form"})
        EXPECT_FALSE(found.contains(never)) << never;
      // No attribute is made of foreign text but title, and nothing refers outside.
      EXPECT_FALSE(std::regex_search(html, std::regex("(src|href|action|data)=\"(?!#)")));
      EXPECT_FALSE(has(html.substr(html.find("</script>")), " onerror=\""));
      EXPECT_FALSE(has(html.substr(html.find("</script>")), " style=\""));
    }
  }
}

TEST(ReportHtml, AsksNoServerForAnything) {
  Report report = full_report();
  FixedResults results;
  results.add(rich_sample("ok"));
  std::string html = page(report, &results);
  EXPECT_FALSE(has(html, "http:"));
  EXPECT_FALSE(has(html, "https:"));
  EXPECT_FALSE(has(html, "//example"));
  EXPECT_FALSE(has(html, "url("));
  EXPECT_FALSE(has(html, "@import"));
  EXPECT_FALSE(has(html, "fetch("));
  // The policy names exactly the style and the script that are there.
  auto between = [&](std::string_view open, std::string_view close) {
    std::size_t begin = html.find(open) + open.size();
    return std::string_view(html).substr(begin, html.find(close, begin) - begin);
  };
  EXPECT_TRUE(has(html, "default-src 'none'; style-src '" + csp_hash(between("<style>", "</style>")) + "'; script-src '" +
                            csp_hash(between("<script>", "</script>")) + "';"));
}

TEST(ReportHtml, StopsAtTheFirstTwoThousandSamplesAndSaysSo) {
  Report report = full_report();
  FixedResults results;
  for (int i = 0; i < 2500; ++i) {
    SampleResult sample;
    sample.sample = std::to_string(i);
    sample.outcome = Outcome::scored;
    sample.values["score"] = i % 10;
    results.add(sample);
  }
  std::string html = page(report, &results);
  EXPECT_EQ(count(html, "<li id=\"s-1-"), 2000u);
  EXPECT_TRUE(has(html, "The first 2,000 of 2,500"));
  std::vector<HtmlRun> many(40, HtmlRun{&report, &results});
  EXPECT_EQ(count(page(many), "<li id=\"s-"), 4000u);  // a hundred each
}

TEST(ReportHtml, HugeTextsAreCutNotTheFile) {
  Report report = full_report();
  FixedResults results;
  SampleResult sample = rich_sample("ok");
  sample.evidence["prompt"] = std::string(3'000'000, 'x');
  json::value nested = "end";
  for (int i = 0; i < 200; ++i) nested = json::object{{"n", nested}};
  sample.evidence["nested"] = nested;
  json::array rows;
  for (int i = 0; i < 5000; ++i) rows.push_back(json::object{{"a", i}});
  sample.evidence["rows"] = rows;
  results.add(sample);
  std::string html = page(report, &results);
  EXPECT_LT(html.size(), 600'000u);
  EXPECT_TRUE(has(html, "2,976,000 more bytes are not shown here"));
  EXPECT_TRUE(has(html, "4,800 more are not shown"));
  elements(html);
}

TEST(ReportHtml, SeveralRunsShareOneChartBestFirst) {
  Report first = full_report(), second = full_report();
  first.deviates.clear();
  second.deviates.clear();
  second.roles["model"] = "gpt-y";
  second.total.metrics[0].value = 70;
  second.total.metrics[0].ci_low = 66;
  std::vector<HtmlRun> runs{{&first, nullptr}, {&second, nullptr}};
  std::string html = page(runs);
  std::size_t y = html.find("<a href=\"#run-2\"><bdi>gpt-y"), x = html.find("<a href=\"#run-1\"><bdi>gpt-x");
  ASSERT_NE(y, std::string::npos);
  ASSERT_NE(x, std::string::npos);
  EXPECT_LT(y, x);
  EXPECT_TRUE(has(html, "is ahead of <bdi>gpt-x</bdi> by 5.22; their 95 % intervals overlap, so the order is not settled."));
  EXPECT_TRUE(has(html, "id=\"run-1\"") && has(html, "id=\"run-2\""));
  elements(html);
  first.total.metrics[0].name = second.total.metrics[0].name = "word_perplexity";
  first.total.metrics[0].ci_high = 65;
  html = page(runs);
  EXPECT_TRUE(has(html, "gpt-x</bdi> is ahead of <bdi>gpt-y</bdi> by 5.22, and their 95 % intervals do not overlap."));
  second.deviates = {"temperature"};
  EXPECT_FALSE(has(page(runs), "is ahead of"));  // not comparable
}

TEST(ReportHtml, NoRunsNoResultsNoMetrics) {
  elements(page(std::span<const HtmlRun>{}));
  Report bare;
  bare.benchmark = "b@1";
  std::string html = page(bare, nullptr);
  EXPECT_TRUE(has(html, "No metrics."));
  elements(html);
}

TEST(ReportHtml, TheSinksErrorEndsTheWriting) {
  Report report = full_report();
  FixedResults results;
  results.add(rich_sample("ok"));
  HtmlRun run{&report, &results};
  int pieces = 0;
  auto count_only = [&](std::string_view) -> Result<void> { return ++pieces, Result<void>(); };
  ASSERT_TRUE(write_report_html(std::span(&run, 1), {}, count_only));
  for (int limit = 1; limit <= pieces; ++limit) {
    int left = limit;
    auto done = write_report_html(std::span(&run, 1), {}, [&](std::string_view) -> Result<void> {
      if (--left == 0) return fail(ErrorKind::io, "full");
      return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "full");
  }
}

TEST(ReportHtml, TheFileAppearsWholeOrNotAtAll) {
  Report report = full_report();
  HtmlRun run{&report, nullptr};
  std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "assay-report-html";
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(write_report_html(std::span(&run, 1), {}, folder / "a" / "report.html"));
  EXPECT_EQ(*read_file(folder / "a" / "report.html"), page(report, nullptr));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "a"), {}), 1);
  auto refused = write_report_html(std::span(&run, 1), {}, folder / "a" / "report.html" / "b.html");
  EXPECT_FALSE(refused);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace assay
