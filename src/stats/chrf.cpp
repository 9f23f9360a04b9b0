#include "stats/chrf.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kOrders = 6;
using Gram = std::array<char32_t, kOrders>;

std::vector<char32_t> letters(std::string_view text) {
  std::vector<char32_t> out;
  while (!text.empty())
    if (char32_t c = next_code_point(text); !is_space(c)) out.push_back(c);
  return out;
}

std::vector<Gram> grams(const std::vector<char32_t>& text, std::size_t n) {
  std::vector<Gram> out;
  for (std::size_t i = 0; i + n <= text.size(); ++i) {
    Gram gram{};
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(i), n, gram.begin());
    out.push_back(gram);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The size of the multisets' intersection; both are sorted.
std::uint64_t common(const std::vector<Gram>& a, const std::vector<Gram>& b) {
  std::uint64_t out = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] < b[j]) {
      ++i;
    } else if (b[j] < a[i]) {
      ++j;
    } else {
      ++out, ++i, ++j;
    }
  }
  return out;
}

}  // namespace

ChrfCounts& ChrfCounts::operator+=(const ChrfCounts& other) {
  for (std::size_t n = 0; n < kOrders; ++n) {
    orders[n].hypothesis += other.orders[n].hypothesis;
    orders[n].reference += other.orders[n].reference;
    orders[n].matches += other.orders[n].matches;
  }
  return *this;
}

ChrfCounts chrf_counts(std::string_view hypothesis, std::span<const std::string> references) {
  const std::vector<char32_t> said = letters(hypothesis);
  std::array<std::vector<Gram>, kOrders> said_grams;
  for (std::size_t n = 0; n < kOrders; ++n) said_grams[n] = grams(said, n + 1);
  ChrfCounts best;
  double best_score = -1;
  for (const std::string& reference : references) {
    const std::vector<char32_t> wanted = letters(reference);
    ChrfCounts counts;
    for (std::size_t n = 0; n < kOrders; ++n) {
      const std::vector<Gram> wanted_grams = grams(wanted, n + 1);
      counts.orders[n] = {wanted_grams.empty() ? 0 : said_grams[n].size(), wanted_grams.size(), common(said_grams[n], wanted_grams)};
    }
    if (double score = chrf_score(counts); score > best_score) {
      best_score = score;
      best = counts;
    }
  }
  return best;
}

double chrf_score(const ChrfCounts& counts) {
  constexpr double kFactor = 4;  // beta squared
  double precision = 0, recall = 0;
  std::size_t effective = 0;
  for (const ChrfCounts::Order& order : counts.orders) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    precision += static_cast<double>(order.matches) / static_cast<double>(order.hypothesis);
    recall += static_cast<double>(order.matches) / static_cast<double>(order.reference);
    ++effective;
  }
  if (effective == 0) return 0;
  precision /= static_cast<double>(effective);
  recall /= static_cast<double>(effective);
  if (precision + recall == 0) return 0;
  double score = (1 + kFactor) * precision * recall;
  score /= kFactor * precision + recall;
  return 100 * score;
}

}  // namespace assay
