#include "stats/ter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "base/words.h"

namespace assay {
namespace {

constexpr std::size_t kMaxShiftSize = 10, kMaxShiftDistance = 50, kMaxCandidates = 1000;
constexpr double kBeam = 25;
constexpr std::size_t kMaxCells = 2'000'000'000;  // ours: only texts of tens of thousands of words come near it
constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max() / 2;

using Words = std::vector<std::uint32_t>;

enum class Step : char { none, keep, substitute, insert, remove };  // insert: a word of the reference that the hypothesis lacks

struct Cell {
  std::uint32_t cost = kNever;
  Step step = Step::none;
};

/// The cells of a row that lie in the band; all others cost kNever.
struct Row {
  std::size_t first = 0;
  std::vector<Cell> cells;
  Cell at(std::size_t j) const { return j < first || j >= first + cells.size() ? Cell{} : cells[j - first]; }
};

/// The banded edit distance to one reference. Rows of the hypothesis at hand are kept, since a shifted one shares its beginning.
class EditTable {
 public:
  explicit EditTable(const Words& reference) : reference_(reference) {
    Row first;
    for (std::size_t j = 0; j <= reference.size(); ++j) first.cells.push_back({static_cast<std::uint32_t>(j), Step::insert});
    rows_.push_back(std::move(first));
  }

  /// Takes `words` as the hypothesis at hand.
  void settle(const Words& words) {
    rows_.resize(1);
    for (std::size_t i = 1; i <= words.size(); ++i) rows_.push_back(row(rows_.back(), words, i));
    settled_ = words;
  }
  std::uint32_t distance() const { return rows_.back().at(reference_.size()).cost; }

  /// The distance of another hypothesis as long as the one at hand.
  std::uint32_t distance(const Words& words) const {
    const auto same = static_cast<std::size_t>(std::mismatch(words.begin(), words.end(), settled_.begin()).first - words.begin());
    if (same == words.size()) return distance();
    Row last = rows_[same];
    for (std::size_t i = same + 1; i <= words.size(); ++i) last = row(last, words, i);
    return last.at(reference_.size()).cost;
  }

  /// From the beginning to the end.
  std::vector<Step> trace() const {
    std::vector<Step> out;
    for (std::size_t i = settled_.size(), j = reference_.size(); i > 0 || j > 0;) {
      const Step step = rows_[i].at(j).step;
      if (step == Step::none) return {};  // cannot be: bands of neighbours overlap
      out.push_back(step);
      if (step != Step::insert) --i;
      if (step != Step::remove) --j;
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

 private:
  Row row(const Row& above, const Words& words, std::size_t i) const {
    const std::size_t n = reference_.size();
    const double ratio = static_cast<double>(n) / static_cast<double>(words.size());
    const double beam = kBeam < ratio / 2 ? std::ceil(ratio / 2 + kBeam) : kBeam;
    const double diagonal = std::floor(static_cast<double>(i) * ratio);
    const auto from = static_cast<std::size_t>(std::max(0.0, diagonal - beam));
    auto to = static_cast<std::size_t>(std::min(static_cast<double>(n + 1), diagonal + beam));
    if (i == words.size()) to = n + 1;
    Row out;
    out.first = from;
    out.cells.resize(to > from ? to - from : 0);
    for (std::size_t j = from; j < to; ++j) {
      Cell& cell = out.cells[j - from];
      if (j == 0) {
        cell = {above.at(0).cost + 1, Step::remove};
        continue;
      }
      const bool same = words[i - 1] == reference_[j - 1];
      const Cell ways[] = {{above.at(j - 1).cost + (same ? 0 : 1), same ? Step::keep : Step::substitute},
                           {above.at(j).cost + 1, Step::remove},
                           {(j > from ? out.cells[j - from - 1].cost : kNever) + 1, Step::insert}};
      for (const Cell& way : ways)
        if (cell.cost > way.cost) cell = way;
    }
    return out;
  }

  const Words& reference_;
  Words settled_;
  std::vector<Row> rows_;
};

/// Which word of the hypothesis stands where a word of the reference does, and which words are wrong on either side.
struct Alignment {
  std::vector<std::ptrdiff_t> place;  // of each reference word; -1 = before the first
  std::vector<std::size_t> reference_errors{0}, hypothesis_errors{0};  // running sums

  explicit Alignment(const std::vector<Step>& trace) {
    std::ptrdiff_t at = -1;
    for (Step step : trace) {
      const bool wrong = step != Step::keep;
      if (step != Step::insert) {
        ++at;
        hypothesis_errors.push_back(hypothesis_errors.back() + wrong);
      }
      if (step != Step::remove) {
        place.push_back(at);
        reference_errors.push_back(reference_errors.back() + wrong);
      }
    }
  }
  static bool any(const std::vector<std::size_t>& sums, std::size_t from, std::size_t length) {
    return sums[std::min(from + length, sums.size() - 1)] > sums[from];
  }
};

Words shifted(const Words& words, std::size_t start, std::size_t length, std::size_t target) {
  Words out;
  out.reserve(words.size());
  auto add = [&](std::size_t from, std::size_t to) {
    to = std::min(to, words.size());
    for (std::size_t i = from; i < to; ++i) out.push_back(words[i]);
  };
  if (target < start) {
    add(0, target), add(start, start + length), add(target, start), add(start + length, words.size());
  } else if (target > start + length) {
    add(0, start), add(start + length, target), add(start, start + length), add(target, words.size());
  } else {  // within the phrase itself
    add(0, start), add(start + length, length + target), add(start, start + length), add(length + target, words.size());
  }
  return out;
}

struct Shift {
  // Tercom's order: the greatest gain, then the longest phrase, the earliest one, the earliest target.
  std::tuple<std::int64_t, std::size_t, std::int64_t, std::int64_t> rank;
  Words words;
};

/// The best shift, if any was tried; `candidates` counts on, up to `most`.
std::optional<Shift> best_shift(const Words& words, const Words& reference, const EditTable& table, std::size_t most,
                                std::size_t& candidates) {
  const Alignment alignment(table.trace());
  if (alignment.place.size() != reference.size()) return std::nullopt;
  const auto before = static_cast<std::int64_t>(table.distance());
  std::optional<Shift> best;
  for (std::size_t start = 0; start < words.size(); ++start) {
    const std::size_t from = start > kMaxShiftDistance ? start - kMaxShiftDistance : 0;
    const std::size_t to = std::min(reference.size(), start + kMaxShiftDistance + 1);
    for (std::size_t at = from; at < to; ++at) {
      for (std::size_t length = 1; length <= kMaxShiftSize && start + length <= words.size() && at + length <= reference.size() &&
                                   words[start + length - 1] == reference[at + length - 1];
           ++length) {
        if (!Alignment::any(alignment.hypothesis_errors, start, length)) continue;
        if (!Alignment::any(alignment.reference_errors, at, length)) continue;
        const std::ptrdiff_t place = alignment.place[at];
        if (place >= static_cast<std::ptrdiff_t>(start) && place < static_cast<std::ptrdiff_t>(start + length)) continue;
        std::ptrdiff_t tried = -1;
        for (std::size_t offset = 0; offset <= length; ++offset) {  // 0: before the first word of the reference's phrase
          if (at + offset > reference.size()) break;
          const std::ptrdiff_t target = at + offset == 0 ? 0 : alignment.place[at + offset - 1] + 1;
          if (target == tried) continue;
          tried = target;
          Words candidate = shifted(words, start, length, static_cast<std::size_t>(target));
          const std::int64_t gain = before - static_cast<std::int64_t>(table.distance(candidate));
          std::tuple rank(gain, length, -static_cast<std::int64_t>(start), -static_cast<std::int64_t>(target));
          ++candidates;
          if (!best || rank > best->rank) best = Shift{rank, std::move(candidate)};
        }
        if (candidates >= most) return best;
      }
    }
  }
  return best;
}

}  // namespace

std::uint64_t translation_edits(const std::vector<std::string>& hypothesis, const std::vector<std::string>& reference) {
  if (reference.empty()) return hypothesis.size();
  std::map<std::string_view, std::uint32_t> known;
  auto numbers = [&](const std::vector<std::string>& words) {
    Words out;
    for (const std::string& word : words) out.push_back(known.try_emplace(word, static_cast<std::uint32_t>(known.size())).first->second);
    return out;
  };
  Words words = numbers(hypothesis);
  const Words wanted = numbers(reference);
  EditTable table(wanted);
  table.settle(words);
  const std::size_t most = std::min(kMaxCandidates, kMaxCells / ((words.size() + 1) * 64 + wanted.size()) + 1);
  std::uint64_t shifts = 0;
  for (std::size_t candidates = 0;;) {
    auto shift = best_shift(words, wanted, table, most, candidates);
    // As the original: what the last round found is not used once the candidates are spent.
    if (candidates >= most || !shift || std::get<0>(shift->rank) <= 0) break;
    ++shifts;
    words = std::move(shift->words);
    table.settle(words);
  }
  return shifts + table.distance();
}

TerCounts ter_counts(std::string_view hypothesis, std::span<const std::string> references) {
  const std::vector<std::string> said = split_words(lower(rstrip(hypothesis)));
  TerCounts out;
  bool first = true;
  for (const std::string& reference : references) {
    const std::vector<std::string> wanted = split_words(lower(rstrip(reference)));
    const auto edits = static_cast<double>(translation_edits(said, wanted));
    out.length += static_cast<double>(wanted.size());
    if (first || edits < out.edits) out.edits = edits;
    first = false;
  }
  out.length /= static_cast<double>(references.size());
  return out;
}

double ter_score(const TerCounts& counts) {
  if (counts.length > 0) return 100 * (counts.edits / counts.length);
  return counts.edits > 0 ? 100 : 0;
}

}  // namespace assay
