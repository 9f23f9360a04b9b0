#include "run/report_text.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"
#include "run/display.h"
#include "run/report_fixture.h"

namespace assay {
namespace {

using test::full_report;

TEST(Display, Numbers) {
  EXPECT_EQ(display_number(0.54321), "0.5432");
  EXPECT_EQ(display_number(64.776), "64.78");
  EXPECT_EQ(display_number(171), "171");
  EXPECT_EQ(display_number(-1234567), "-1,234,567");
  EXPECT_EQ(display_number(1e-9), "1e-09");
  EXPECT_EQ(display_number(0), "0");
  EXPECT_EQ(display_number(std::nullopt), "-");
  EXPECT_EQ(display_count(1234567), "1,234,567");
  EXPECT_EQ(display_share(999999, 1000000), ">99.9 %");
  EXPECT_EQ(display_share(1, 1000000), "<0.1 %");
  EXPECT_EQ(display_share(0, 0), "-");
  EXPECT_EQ(display_duration(0.25), "0.2 s");
  EXPECT_EQ(display_duration(725), "12 min 5 s");
  EXPECT_EQ(display_duration(12000), "3 h 20 min");
  EXPECT_EQ(display_money(0.0831), "$0.0831");
  EXPECT_EQ(display_money(std::nullopt), "unknown");
}

TEST(Display, AMetricKeepsTheDecimalsOfItsValueInItsInterval) {
  Metric accuracy = test::metric("acc", 0.5, 0.0123456, 0.4758, 0.5242, 100);
  EXPECT_EQ(display_value(accuracy), "0.5000");
  EXPECT_EQ(display_interval(accuracy), "0.4758 to 0.5242");
  Metric score = full_report().total.metrics[0];
  EXPECT_EQ(display_value(score), "64.78");
  EXPECT_EQ(display_interval(score), "61.00 to 68.50");
  Metric parseable;
  parseable.value = parseable.raw = 170;
  EXPECT_EQ(display_value(parseable), "170");
  EXPECT_EQ(display_error(score), "± 1.90");
  EXPECT_EQ(display_error(score, true), "+/- 1.90");
}

TEST(Display, ForeignTextCannotActOnATerminal) {
  EXPECT_EQ(visible_line(std::string_view("a\0b\x1b[31mc\r\nd", 12)), "a␀b␛[31mc␍⏎d");
  EXPECT_EQ(visible_text("x\u202Ey\u2066z\u200B"), "x⟨U+202E⟩y⟨U+2066⟩z⟨U+200B⟩");
  EXPECT_EQ(visible_text("\xff\xfe ok"), "\uFFFD\uFFFD ok");
  EXPECT_EQ(visible_text("\u0085"), "⟨U+0085⟩");
  EXPECT_EQ(visible_text("Grüße\n日本\t👩‍🚀"), "Grüße\n日本\t👩‍🚀");
}

TEST(Display, TheVerdictSaysWhatStandsAgainstARun) {
  Report report = full_report();
  EXPECT_EQ(verdict(report), "Complete, but not official: one departure from the official settings.");
  report.edition = "sample";
  EXPECT_EQ(verdict(report),
            "Complete, but not official: data of the edition “sample” and one departure from the official settings.");
  report.edition = "official";
  report.deviates.clear();
  EXPECT_EQ(verdict(report), "Official: complete, official data, nothing deviates.");
  report.status = "failed";
  report.reason = "142.0 questions were parseable (min is 83%)";
  EXPECT_EQ(verdict(report), "Failed: 142.0 questions were parseable (min is 83%).");
}

TEST(TextTable, AlignsByDisplayWidthAndShrinks) {
  TextTable table({{"model", false, true, 4}, {"score", true}});
  table.row({{"日本語モデル"}, {"1.00"}});
  table.row({{"short"}, {"10.00"}});
  TextStyle style;
  style.width = 40;
  EXPECT_EQ(table.render(style),
            "model         score\n"
            "───────────────────\n"
            "日本語モデル   1.00\n"
            "short         10.00\n");
  style.utf8 = false;
  style.width = 14;
  EXPECT_EQ(table.render(style),
            "model    score\n"
            "--------------\n"
            "日本語~   1.00\n"
            "short    10.00\n");
}

TEST(TextTable, ColoursDoNotChangeTheLayout) {
  TextTable table({{"a", true}, {"b"}});
  table.row({{"1", Ink::red}, {"x", Ink::bold}});
  table.row({{"10"}, {""}});
  TextStyle plain, coloured;
  coloured.colour = true;
  std::string text = table.render(coloured);
  EXPECT_NE(text.find("\033[31m1\033[0m"), std::string::npos);
  std::string stripped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      i = text.find('m', i);
      continue;
    }
    stripped += text[i];
  }
  EXPECT_EQ(stripped, table.render(plain));
}

TEST(IntervalBar, DrawsPointWhiskersAndEnds) {
  TextStyle style;
  EXPECT_EQ(interval_bar(50, 20, 80, 0, 100, 11, style), "  ├──●──┤  ");
  EXPECT_EQ(interval_bar(50, {}, {}, 0, 100, 11, style), "     ●     ");
  EXPECT_EQ(interval_bar(50, -50, 150, 0, 100, 11, style), "‹────●────›");
  EXPECT_EQ(interval_bar(500, {}, {}, 0, 100, 5, style), "    ›");
  style.utf8 = false;
  EXPECT_EQ(interval_bar(50, 20, 80, 0, 100, 11, style), "  |--o--|  ");
}

TEST(ShareBar, EveryPartThatExistsIsSeenAndTheWidthIsKept) {
  TextStyle style;
  style.utf8 = false;
  EXPECT_EQ(share_bar({{998, Ink::plain}, {1, Ink::plain}, {1, Ink::plain}}, 10, style), "########=+");
  EXPECT_EQ(share_bar({{0, Ink::plain}}, 10, style), "");
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    std::vector<std::pair<std::size_t, Ink>> parts;
    for (int k = 0; k < 5; ++k) parts.push_back({random.below(3) ? random.below(1000) : 0, Ink::plain});
    std::string bar = share_bar(parts, 20, style);
    if (!bar.empty()) {
      EXPECT_EQ(bar.size(), 20u);
    }
  }
}

TEST(ReportText, ShowsScoreIntervalBothDenominatorsAndTheWayOn) {
  Report report = full_report();
  report.total.parts.clear();
  report.roles.erase("judge");
  TextStyle style;
  style.width = 80;
  style.utf8 = false;
  EXPECT_EQ(report_text(report, style, {"assay show @last --sample 17"}),
            "eq-bench@2  gpt-x\n"
            "------------------------------------------------------------------------------\n"
            "  result      Complete, but not official: one departure from the official\n"
            "              settings.\n"
            "  run         01KAK2M0Q4ZJ8X7V5T3R1P9N6M | 2026-01-31T12:00:00Z\n"
            "\n"
            "  metric     value  std. error   95 % interval    n\n"
            "  -------------------------------------------------\n"
            "  score      64.78        1.90  61.00 to 68.50  171\n"
            "  parseable    171\n"
            "  revised        -\n"
            "              revised: none, because no revision was asked for\n"
            "\n"
            "  samples     160 of 171 samples scored (93.6 %) | of 168 answered: 95.2 %\n"
            "  outcomes    160 scored | 3 truncated | 5 unparseable | 2 failed | 1 missing (4\n"
            "              of the scored were cut by the token limit)\n"
            "              ####################################=+-.\n"
            "  usage       180 requests (12 from the journal, 3 repeated tries), 81,234\n"
            "              tokens in, 9,123 out (7 of them reasoning), $0.0831, 1 min 14 s\n"
            "  deviates    temperature is not accepted\n"
            "\n"
            "  next        assay show @last --sample 17\n");
}

TEST(ReportText, NestsParts) {
  TextStyle style;
  std::string text = report_text(full_report(), style);
  EXPECT_NE(text.find("  part        acc  scored\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  outer    0.2500   75/75\n    inner  0.5000   26/26\n"), std::string::npos) << text;
  EXPECT_NE(text.find("judge       judge-1"), std::string::npos) << text;
}

TEST(ReportText, HoldsNoRawControlCharactersWhateverTheReportSays) {
  Report report = full_report();
  report.roles["model"] = "evil\033]0;title\a\r\n";
  report.benchmark = "x\033[2J";
  report.reason = "\033[31m";
  report.status = "failed";
  report.deviates = {"a\nb\033c"};
  report.total.metrics[0].name = "sc\rore";
  TextStyle style;
  for (std::size_t width : {20u, 40u, 100u}) {
    style.width = width;
    std::string text = report_text(report, style) + report_line(report, style);
    for (char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
}

TEST(ReportText, AnEmptyReportStillReads) {
  Report report;
  report.benchmark = "b@1";
  std::string text = report_text(report, {});
  EXPECT_NE(text.find("metrics     none"), std::string::npos) << text;
  EXPECT_NE(text.find("no samples"), std::string::npos) << text;
}

}  // namespace
}  // namespace assay
