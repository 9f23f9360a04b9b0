#include "cli/compat/alpaca_analyze_page.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"
#include "stats/correlation.h"
#include "stats/least_squares.h"

namespace assay::compat {
namespace {

using namespace alpaca_eval;

constexpr double kLeastAgreement = 0.55;
constexpr std::string_view kAgreement = "Human agreement", kPrice = "Price [$/1000 examples]", kTime = "Time [seconds/1000 examples]", kSpearman = "Spearman corr.", kBias = "Bias",
                           kVariance = "Variance", kLonger = "Proba. prefer longer", kLists = "Proba. prefer lists", kFirst = "Proba. prefer 1";

std::optional<double> number(const LeaderboardRow& row, std::string_view column) {
  const Cell* cell = row.find(column);
  if (!cell) return std::nullopt;
  if (const auto* value = std::get_if<double>(cell); value && std::isfinite(*value)) return *value;
  if (const auto* whole = std::get_if<std::int64_t>(cell)) return static_cast<double>(*whole);
  return std::nullopt;
}

bool shown(const LeaderboardRow& row, const std::string& current) {
  if (row.name == current) return true;
  const auto agreement = number(row, kAgreement);
  if (!agreement || *agreement <= kLeastAgreement) return false;
  const Cell* cell = row.find("mode");
  const std::string* mode = cell ? std::get_if<std::string>(cell) : nullptr;
  if (!mode) return true;
  auto known = board_mode(*mode);
  return known && *known <= BoardMode::verified;
}

class Page {
 public:
  Page(const BoardTable& board, const std::string& current) : current_(current) {
    for (const LeaderboardRow& row : board.rows) {
      if (row.name == "humans") people_ = &row;
      if (shown(row, current)) rows_.push_back(&row);
    }
    // Who stands out chooses the place of its name first, then people, then the best.
    std::stable_sort(rows_.begin(), rows_.end(), [&](const LeaderboardRow* a, const LeaderboardRow* b) { return rank(*a) < rank(*b); });
  }

  std::size_t size() const { return rows_.size(); }

  std::string against(std::string_view id, std::string_view title, std::string_view x, std::string_view y, const std::string& x_label, const std::string& y_label, AxisKind kind, bool with_people,
                      std::string_view says, const std::optional<ChartMark>& vertical = {}) const {
    std::vector<ScatterPoint> points;
    for (const LeaderboardRow* row : rows_) {
      auto across = number(*row, x), up = number(*row, y);
      if (!across || !up || (!with_people && row->name == "humans")) continue;
      points.push_back({*across, *up, row->name + ": " + x_label + " " + display_number(across) + ", " + y_label + " " + display_number(up), css(*row), row->name});
    }
    ScatterOptions options;
    options.x = kind;
    options.vertical = vertical;
    ChartText text{std::string(id), std::string(title), x_label, y_label, std::string(says)};
    return figure(title, says, scatter(points, text, options));
  }

  std::string bars(std::string_view id, std::string_view title, std::string_view column, std::string_view says, const std::optional<ChartMark>& mark) const {
    std::vector<Bar> drawn;
    for (const LeaderboardRow* row : rows_)
      if (auto value = number(*row, column)) drawn.push_back({row->name, *value, row->name + ": " + std::string(column) + " " + display_number(value), {}, {}, css(*row)});
    std::stable_sort(drawn.begin(), drawn.end(), [](const Bar& a, const Bar& b) { return a.value > b.value; });
    ChartText text{std::string(id), std::string(title), "", "", std::string(says)};
    return figure(title, says, bar_chart(drawn, text, mark));
  }

  std::optional<ChartMark> people(std::string_view column) const {
    if (!people_) return std::nullopt;
    auto value = number(*people_, column);
    if (!value) return std::nullopt;
    return ChartMark{*value, "people " + display_number(value)};
  }

  static std::string figure(std::string_view title, std::string_view says, const std::string& chart, std::string_view instead = "No evaluator here has these numbers.") {
    return "<figure><figcaption><b>" + html_line(title, 120) + "</b>" + html_line(says, 300) + "</figcaption>" +
           (chart.empty() ? "<p class=\"none\">" + html_line(instead, 300) + "</p>" : chart) + "</figure>";
  }

  std::string table() const {
    static constexpr std::string_view kColumns[] = {kAgreement, kPrice, kTime, kSpearman, "Pearson corr.", kBias, kVariance, kLonger, kLists, kFirst, "# parsed"};
    std::string out = "<div class=\"scroll\"><table class=\"data wide-board\"><thead><tr><th scope=\"col\">Evaluator</th>";
    for (std::string_view column : kColumns) out += "<th scope=\"col\" class=\"number\">" + html_line(column, 60) + "</th>";
    out += "</tr></thead><tbody>";
    std::vector<const LeaderboardRow*> sorted = rows_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const LeaderboardRow* a, const LeaderboardRow* b) { return number(*a, kAgreement).value_or(-1) > number(*b, kAgreement).value_or(-1); });
    for (const LeaderboardRow* row : sorted) {
      out += "<tr><th scope=\"row\"><bdi>" + html_line(row->name, 80) + "</bdi>" + (row->name == current_ ? " <span class=\"tag good\">this one</span>" : "") + "</th>";
      for (std::string_view column : kColumns) {
        auto value = number(*row, column);
        out += "<td class=\"number\">" + (value ? column == "# parsed" ? display_count(static_cast<std::uint64_t>(std::max(*value, 0.0))) : fixed(*value, 2) : std::string("-")) + "</td>";
      }
      out += "</tr>";
    }
    return out + "</tbody></table></div>";
  }

 private:
  const std::string& current_;
  const LeaderboardRow* people_ = nullptr;
  std::vector<const LeaderboardRow*> rows_;

  int rank(const LeaderboardRow& row) const { return row.name == current_ ? 0 : row.name == "humans" ? 1 : 2; }
  std::string css(const LeaderboardRow& row) const { return row.name == current_ ? "strong" : row.name == "humans" ? "s3" : ""; }
};

std::string win_rates_figure(std::span<const Analyzer::GeneratorRates> rates) {
  constexpr std::string_view kTitle = "Win rates of models: people and this judge";
  if (rates.empty()) return Page::figure(kTitle, "", "", "Needs people's annotations with their generators (gold_annotations), and an evaluator that is judged in this run.");
  std::vector<double> x, y;
  std::vector<ScatterPoint> points;
  for (const auto& one : rates) {
    x.push_back(one.people);
    y.push_back(one.evaluator);
    points.push_back({one.people, one.evaluator, one.generator + ": people " + display_number(one.people) + ", judge " + display_number(one.evaluator), "", one.generator});
  }
  const auto rank = spearman(x, y), linear = pearson(x, y);
  auto three = [](const std::optional<double>& value) { return value ? fixed(*value, 3) : std::string("-"); };
  const std::string says = "Spearman " + three(rank) + ", Pearson " + three(linear) + ", " + display_count(rates.size()) + " models; the line is least squares.";
  ScatterOptions options;
  if (const auto line = least_squares(x, y)) options.line = ChartLine{line->slope, line->intercept, "least squares: slope " + display_number(line->slope)};
  return Page::figure(kTitle, says, scatter(points, {"rates", std::string(kTitle), "win rate by people, %", "win rate by the judge, %", says}, options));
}

}  // namespace

std::string analyze_page(const BoardTable& board, const std::string& current, std::span<const Analyzer::GeneratorRates> rates, std::string_view version) {
  const Page page(board, current);
  const std::string title = current.empty() ? "Evaluators" : "Evaluator " + current;
  std::string out = html_page_head(title, "evaluators", version) + "<section class=\"hero many\"><h1><bdi>" + html_line(title, 120) + "</bdi></h1><p class=\"verdict\">" +
                    display_count(page.size()) + " evaluators held against people who judged the same outputs; leaderboard.csv beside this page has the numbers.</p></section>" +
                    "<section class=\"run\"><h2>Quality, price and time</h2><div class=\"plots\">";
  out += page.against("price", "Quality and price", kPrice, kAgreement, "USD for 1,000 examples", "agreement with people, %", AxisKind::symlog, true, "Left and high is good. The price axis is linear up to 1 USD.");
  out += page.against("time", "Quality and time", kTime, kAgreement, "seconds for 1,000 examples", "agreement with people, %", AxisKind::log, true, "Left and high is good. Logarithmic time; what took none is not shown.");
  out += "</div></section><section class=\"run\"><h2>Errors and win rates</h2><div class=\"plots\">";
  out += page.against("bias", "Bias and variance", kVariance, kBias, "variance, %", "bias, %", AxisKind::linear, false, "Bias: wrong for all seeds together. Variance: at odds with itself.", page.people(kVariance));
  out += win_rates_figure(rates);
  out += page.bars("spearman", "Ranking of models", kSpearman, "Spearman's correlation with the win rates that people give.", std::nullopt);
  out += "</div></section><section class=\"run\"><h2>What judges prefer</h2><div class=\"plots\">";
  out += page.bars("longer", "The longer output", kLonger, "How often the better output is the longer one, of pairs that differ by more than 30 characters.", page.people(kLonger));
  out += page.bars("lists", "Lists", kLists, "How often the better output has the list, where one of two has any.", page.people(kLists));
  out += page.bars("first", "The first output", kFirst, "Half is even-handed.", ChartMark{0.5, "half"});
  out += "</div></section><section class=\"run\"><h2>Numbers</h2>" + page.table() + "</section>";
  return out + html_page_end(version);
}

}  // namespace assay::compat
