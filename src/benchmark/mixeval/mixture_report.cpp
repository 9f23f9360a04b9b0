#include "benchmark/mixeval/mixture_report.h"

#include <algorithm>
#include <map>

#include "base/number.h"
#include "base/text.h"
#include "base/words.h"
#include "benchmark/mixeval/plane_map.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay::mixeval {
namespace {

constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};
constexpr std::size_t kMostPlaces = 1500;  // of queries and of entries, each

std::string cell(std::string_view text, bool number = true) { return std::string("<td") + (number ? " class=\"number\">" : ">") + std::string(text) + "</td>"; }
std::string head(std::initializer_list<std::string_view> names) {
  std::string out = "<thead><tr>";
  bool first = true;
  for (std::string_view name : names) {
    out += std::string("<th scope=\"col\"") + (first ? ">" : " class=\"number\">") + html_text(name) + "</th>";
    first = false;
  }
  return out + "</tr></thead>";
}

/// At most `most` of 0 ... n-1, evenly.
std::vector<std::size_t> some(std::size_t n, std::size_t most) {
  std::vector<std::size_t> out;
  out.reserve(std::min(n, most));
  for (std::size_t k = 0; k < std::min(n, most); ++k) out.push_back(n <= most ? k : k * n / most);
  return out;
}

std::string map_section(const Pool& pool, const std::vector<std::string>& queries, const Mixture& mixture) {
  std::vector<std::size_t> rows;
  std::vector<ScatterPoint> points;
  for (std::size_t q : some(queries.size(), kMostPlaces)) {
    rows.push_back(pool.entries.size() + q);
    points.push_back({0, 0, "query: " + shorten(queries[q], 60), "weak"});
  }
  const std::size_t first_entry = rows.size();
  std::vector<std::size_t> entries;
  for (Split split : kSplits)
    for (const auto& [query, entry] : mixture.filled.side(split)) entries.push_back(entry);
  for (std::size_t k : some(entries.size(), kMostPlaces)) {
    const std::size_t entry = entries[k];
    rows.push_back(entry);
    points.push_back({0, 0, pool.entries[entry].benchmark_name + ": " + shorten(mixture.texts[entry], 60), pool.splits[entry] == Split::free_form ? "" : "strong"});
  }
  const PlaneMap map = plane_map(*mixture.table, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    points[i].x = map.places[i][0];
    points[i].y = map.places[i][1];
  }
  std::string chart = scatter(points, {"map", "Queries and entries of the mixture in the plane of their greatest variance", "first component", "second component"});
  return "<section class=\"run\"><h2>Where queries and mixture lie</h2><p class=\"note\">The plane of the vectors' greatest variance (" + fixed(100 * map.explained[0], 1) + " % and " +
         fixed(100 * map.explained[1], 1) + " % of it). Pale: " + display_count(first_entry) + " of " + display_count(queries.size()) + " queries; filled: " + display_count(rows.size() - first_entry) +
         " of " + display_count(entries.size()) + " entries, free-form and multiple-choice in two colours. Point at one to read it.</p>" + chart + "</section>";
}

std::string benchmark_section(const Pool& pool, const Mixture& mixture) {
  std::string out = "<section class=\"run\"><h2>Source benchmarks</h2>";
  for (std::size_t s = 0; s < 2; ++s) {
    struct Row {
      std::size_t pool = 0, entries = 0, hard = 0;
    };
    std::map<std::string, Row> rows;
    std::size_t pool_all = 0;
    for (std::size_t i = 0; i < pool.entries.size(); ++i)
      if (pool.splits[i] == kSplits[s]) ++rows[pool.entries[i].benchmark_name].pool, ++pool_all;
    const auto& side = mixture.filled.side(kSplits[s]);
    for (const auto& [query, entry] : side) ++rows[pool.entries[entry].benchmark_name].entries;
    std::size_t hard_all = 0;
    if (mixture.hard)
      for (std::size_t i : (*mixture.hard)[s].subset.entries) ++rows[pool.entries[side[i].second].benchmark_name].hard, ++hard_all;
    if (rows.empty()) continue;
    std::vector<std::pair<std::string, Row>> order(rows.begin(), rows.end());
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second.entries > b.second.entries; });
    out += "<h3>" + std::string(name(kSplits[s])) + "</h3><div class=\"scroll\"><table class=\"board\">" + head({"Benchmark", "Pool", "Mixture", "Share", "Hard", "Share"}) + "<tbody>";
    std::vector<Bar> bars;
    for (const auto& [benchmark, row] : order) {
      out += "<tr><th scope=\"row\">" + html_line(benchmark, 60) + "</th>" + cell(display_count(row.pool)) + cell(display_count(row.entries)) + cell(display_share(row.entries, side.size())) +
             cell(mixture.hard ? display_count(row.hard) : "-") + cell(mixture.hard ? display_share(row.hard, hard_all) : "-") + "</tr>";
      if (row.entries && bars.size() < 40)
        bars.push_back({benchmark, 100 * static_cast<double>(row.entries) / static_cast<double>(side.size()),
                        benchmark + ": " + display_share(row.entries, side.size()) + " of the mixture, " + display_share(row.pool, pool_all) + " of the pool"});
    }
    out += "</tbody></table></div>";
    if (!bars.empty()) out += bar_chart(bars, {"benchmarks-" + std::string(short_name(kSplits[s])), "Share of each source benchmark in the " + std::string(name(kSplits[s])) + " part, per cent", "per cent", ""});
  }
  return out + "</section>";
}

std::string length_section(const std::vector<std::string>& queries, const Mixture& mixture) {
  std::vector<double> query_words, entry_words, similarity;
  for (const std::string& query : queries) query_words.push_back(static_cast<double>(count_words(query)));
  for (Split split : kSplits)
    for (const auto& [query, entry] : mixture.filled.side(split)) entry_words.push_back(static_cast<double>(count_words(mixture.texts[entry])));
  for (const Match& match : mixture.matches)
    if (match.entry) similarity.push_back(match.similarity);
  auto mean = [](const std::vector<double>& values) -> std::optional<double> {
    if (values.empty()) return std::nullopt;
    double sum = 0;
    for (double v : values) sum += v;
    return sum / static_cast<double>(values.size());
  };
  std::string out = "<section class=\"run\"><h2>Lengths and similarities</h2><div class=\"cards\"><div><h3>Words of the queries</h3>" +
                    histogram(query_words, {"query-words", "Words of the queries", "words", "queries"}, 24, mean(query_words), "mean") + "</div><div><h3>Words of the entries' match texts</h3>" +
                    histogram(entry_words, {"entry-words", "Words of the mixture's entries", "words", "entries"}, 24, mean(entry_words), "mean") + "</div>";
  if (!similarity.empty())
    out += "<div><h3>Similarity of the matches</h3>" + histogram(similarity, {"similarity", "Similarity of query and match", "similarity", "queries"}, 24, mean(similarity), "mean") + "</div>";
  return out + "</div></section>";
}

std::string hard_section(const Mixture& mixture, const MixtureWish& wish) {
  if (!mixture.hard) return "";
  std::string out = "<section class=\"run\"><h2>The hard part</h2>";
  for (std::size_t s = 0; s < 2; ++s) {
    const HardPart& part = (*mixture.hard)[s];
    const HardSubset& subset = part.subset;
    if (subset.difficulty.empty()) continue;
    double all = 0, chosen = 0;
    for (double d : subset.difficulty) all += d / static_cast<double>(subset.difficulty.size());
    for (std::size_t i : subset.entries) chosen += subset.difficulty[i] / static_cast<double>(std::max<std::size_t>(subset.entries.size(), 1));
    out += "<h3>" + std::string(name(kSplits[s])) + "</h3><p>" + display_count(subset.entries.size()) + " entries, mean difficulty " + fixed(chosen, 3) + " against " + fixed(all, 3) +
           " of all; draw " + display_count(subset.tries) + (subset.accepted ? " accepted" : ", the best one: none was within the bound") + ": distance " + fixed(subset.shift, 4) +
           (wish.given && !wish.given->shares.empty() ? " from the given shares, at most " : " from the queries' clusters, at most ") + fixed(wish.hard.max_shift, 4) + " allowed.</p>";
    out += histogram(subset.difficulty, {"difficulty-" + std::string(short_name(kSplits[s])), "Difficulty of the " + std::string(name(kSplits[s])) + " entries", "difficulty", "entries"}, 20, chosen, "hard part");
    out += "<div class=\"scroll\"><table>" + head({"Cluster", wish.given && !wish.given->shares.empty() ? "Given" : "Queries", "Mixture", "Hard part"}) + "<tbody>";
    std::vector<double> own(part.reference.size());
    for (std::size_t c : part.clusters) own[c] += 1.0 / static_cast<double>(part.clusters.size());
    for (std::size_t c = 0; c < part.reference.size(); ++c)
      out += "<tr><th scope=\"row\">" + (wish.given ? html_line(wish.given->names[c], 60) : std::to_string(c + 1)) + "</th>" + cell(fixed(100 * part.reference[c], 1) + " %") + cell(fixed(100 * own[c], 1) + " %") + cell(fixed(100 * part.drawn[c], 1) + " %") + "</tr>";
    out += "</tbody></table></div>";
  }
  return out + "</section>";
}

std::string earlier_section(const MixturePage& page) {
  if (page.earlier.empty()) return "";
  std::string out = "<section class=\"run\"><h2>Against earlier versions</h2><p class=\"note\">Unique ratio: 1 - |A and B| / |A or B| over distinct entries. Seen: entries that are identical, that ask the same words, or "
                    "that share a run of 13 words with an entry of the earlier version.</p><div class=\"scroll\"><table>" +
                    head({"Version", "Common", "Unique, free-form", "Unique, multiple-choice", "Unique, both", "Unique queries", "Identical", "Same words", "Long run"}) + "<tbody>";
  for (const EarlierVersion& one : page.earlier)
    out += "<tr><th scope=\"row\">" + html_line(one.name, 60) + "</th>" + cell(display_count(one.both.common)) + cell(fixed(100 * one.free_form.unique_ratio(), 2) + " %") +
           cell(fixed(100 * one.multiple_choice.unique_ratio(), 2) + " %") + cell(fixed(100 * one.both.unique_ratio(), 2) + " %") +
           cell(one.queries ? fixed(100 * one.queries->unique_ratio(), 2) + " %" : "-") + cell(display_count(one.kin.identical)) + cell(display_count(one.kin.same_text)) + cell(display_count(one.kin.long_run)) + "</tr>";
  return out + "</tbody></table></div></section>";
}

}  // namespace

std::string mixture_page(const Pool& pool, const std::vector<std::string>& queries, const MixtureWish& wish, const Mixture& mixture, const MixturePage& page, const BuildProgress& progress) {
  if (progress) progress("drawing the report", 0, 1);
  std::string out = html_page_head("Mixture " + page.title, "mixture", page.program);
  out += "<section class=\"hero many\"><p class=\"eyebrow\">Mixture</p><h1>" + html_line(page.title, 80) + "</h1><p class=\"verdict\">" + display_count(mixture.filled.free_form.size()) +
         " free-form and " + display_count(mixture.filled.multiple_choice.size()) + " multiple-choice entries, from a pool of " + display_count(pool.entries.size()) + " (" +
         display_count(pool.merged) + " copies merged) and " + display_count(queries.size()) + " queries, of which " + display_count(mixture.dropped) + " have no match. Strategy " +
         std::string(name(wish.strategy)) + ", seed " + std::to_string(wish.seed) + ".</p></section>";
  out += map_section(pool, queries, mixture) + benchmark_section(pool, mixture) + length_section(queries, mixture) + hard_section(mixture, wish) + earlier_section(page);
  if (progress) progress("drawing the report", 1, 1);
  return out + html_page_end(page.program);
}

}  // namespace assay::mixeval
