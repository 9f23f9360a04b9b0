#include "stats/rouge.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "base/text.h"

namespace assay {
namespace {

using Tokens = std::vector<std::string>;
using Numbers = std::vector<std::uint32_t>;

double f_measure(std::uint64_t hits, std::size_t wanted, std::size_t said) {
  const double precision = static_cast<double>(hits) / static_cast<double>(std::max<std::size_t>(said, 1));
  const double recall = static_cast<double>(hits) / static_cast<double>(std::max<std::size_t>(wanted, 1));
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0.0;
}

double overlap(const Numbers& wanted, const Numbers& said, std::size_t n) {
  auto count = [n](const Numbers& tokens) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> out;
    for (std::size_t i = 0; i + n <= tokens.size(); ++i) ++out[{tokens[i], n == 2 ? tokens[i + 1] : 0}];
    return out;
  };
  const auto ours = count(wanted), theirs = count(said);
  std::uint64_t hits = 0;
  for (const auto& [gram, times] : ours)
    if (auto it = theirs.find(gram); it != theirs.end()) hits += std::min(times, it->second);
  auto grams = [n](const Numbers& tokens) { return tokens.size() + 1 > n ? tokens.size() + 1 - n : 0; };
  return f_measure(hits, grams(wanted), grams(said));
}

/// Marks the words of `wanted` that belong to one longest common subsequence: of several the one that is found from the end, going up in `wanted`
/// unless `said` promises more.
void mark_common(const Numbers& wanted, const Numbers& said, std::vector<bool>& marked) {
  const std::size_t columns = said.size() + 1;
  std::vector<std::uint32_t> length((wanted.size() + 1) * columns, 0);
  for (std::size_t i = 1; i <= wanted.size(); ++i)
    for (std::size_t k = 1; k <= said.size(); ++k)
      length[i * columns + k] = wanted[i - 1] == said[k - 1] ? length[(i - 1) * columns + k - 1] + 1
                                                             : std::max(length[(i - 1) * columns + k], length[i * columns + k - 1]);
  for (std::size_t i = wanted.size(), k = said.size(); i > 0 && k > 0;) {
    if (wanted[i - 1] == said[k - 1]) {
      marked[i - 1] = true;
      --i, --k;
    } else if (length[i * columns + k - 1] > length[(i - 1) * columns + k]) {
      --k;
    } else {
      --i;
    }
  }
}

}  // namespace

std::vector<std::string> rouge_tokens(std::string_view text) {
  Tokens out;
  bool open = false;
  for (char c : lower(text)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept && !open) out.emplace_back();
    if (kept) out.back() += c;
    open = kept;
  }
  return out;
}

Result<RougeScores> rouge(std::string_view reference, std::string_view candidate) {
  std::map<std::string, std::uint32_t, std::less<>> known;
  auto numbers = [&](std::string_view text) {
    Numbers out;
    for (const std::string& token : rouge_tokens(text))
      out.push_back(known.try_emplace(token, static_cast<std::uint32_t>(known.size() + 1)).first->second);
    return out;
  };
  auto sentences = [&](std::string_view text) {
    std::vector<Numbers> out;
    for (const std::string& line : split(text, '\n'))
      if (!line.empty()) out.push_back(numbers(line));
    return out;
  };
  const std::vector<Numbers> wanted = sentences(reference), said = sentences(candidate);
  Numbers all_wanted, all_said;
  for (const Numbers& one : wanted) all_wanted.insert(all_wanted.end(), one.begin(), one.end());
  for (const Numbers& one : said) all_said.insert(all_said.end(), one.begin(), one.end());
  if (static_cast<double>(all_wanted.size()) * static_cast<double>(all_said.size()) > 2e8)
    return fail(ErrorKind::data, "the texts are too long for ROUGE: " + std::to_string(all_wanted.size()) + " and " + std::to_string(all_said.size()) + " words");
  RougeScores out;
  out.rouge1 = overlap(all_wanted, all_said, 1);
  out.rouge2 = overlap(all_wanted, all_said, 2);
  std::vector<std::uint64_t> left_wanted(known.size() + 1), left_said(known.size() + 1);
  for (std::uint32_t word : all_wanted) ++left_wanted[word];
  for (std::uint32_t word : all_said) ++left_said[word];
  std::uint64_t hits = 0;
  for (const Numbers& sentence : wanted) {
    std::vector<bool> marked(sentence.size());
    for (const Numbers& other : said) mark_common(sentence, other, marked);
    for (std::size_t i = 0; i < sentence.size(); ++i)
      if (marked[i] && left_wanted[sentence[i]] > 0 && left_said[sentence[i]] > 0) {
        ++hits;
        --left_wanted[sentence[i]];
        --left_said[sentence[i]];
      }
  }
  out.rouge_lsum = all_wanted.empty() || all_said.empty() ? 0 : f_measure(hits, all_wanted.size(), all_said.size());
  return out;
}

}  // namespace assay
