#include "benchmark/mixeval/lexical_embedding.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/text.h"

namespace assay::mixeval {
namespace {

constexpr std::uint32_t kBuckets = kLexicalDimension;

std::uint32_t bucket(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return static_cast<std::uint32_t>(hash % kBuckets);
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view low) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  bool inside = false;
  for (std::string_view rest = low;;) {
    const std::size_t at = low.size() - rest.size();
    bool letter = false;
    if (!rest.empty()) {
      const char32_t c = next_code_point(rest);
      letter = c != U'_' && is_word(c);
    }
    if (letter && !inside) begin = at;
    if (!letter && inside) out.push_back(low.substr(begin, at - begin));
    inside = letter;
    if (at == low.size()) break;
  }
  return out;
}

std::vector<SparseVector> lexical_embeddings(const std::vector<std::string_view>& texts) {
  std::vector<SparseVector> out(texts.size());
  std::vector<std::uint32_t> documents(kBuckets);
  std::vector<std::uint32_t> found;
  std::string pair;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const std::string low = lower(texts[t]);
    const std::vector<std::string_view> words = words_of(low);
    found.clear();
    for (std::size_t i = 0; i < words.size(); ++i) {
      found.push_back(bucket(words[i]));
      if (i == 0) continue;
      pair.assign(words[i - 1]);
      pair += ' ';
      pair += words[i];
      found.push_back(bucket(pair));
    }
    std::sort(found.begin(), found.end());
    const auto distinct = [&] {
      std::size_t n = 0;
      for (std::size_t i = 0; i < found.size(); ++i) n += i == 0 || found[i] != found[i - 1];
      return n;
    }();
    out[t].indices.reserve(distinct);
    out[t].weights.reserve(distinct);
    for (std::size_t i = 0; i < found.size();) {
      std::size_t end = i;
      while (end < found.size() && found[end] == found[i]) ++end;
      out[t].indices.push_back(found[i]);
      out[t].weights.push_back(1 + std::log(static_cast<double>(end - i)));
      ++documents[found[i]];
      i = end;
    }
  }
  const auto n = static_cast<double>(texts.size());
  for (SparseVector& vector : out) {
    double squares = 0;
    for (std::size_t i = 0; i < vector.indices.size(); ++i) {
      vector.weights[i] *= std::log((1 + n) / (1 + static_cast<double>(documents[vector.indices[i]]))) + 1;
      squares += vector.weights[i] * vector.weights[i];
    }
    const double length = std::sqrt(squares);
    if (length > 0)
      for (double& w : vector.weights) w /= length;
  }
  return out;
}

}  // namespace assay::mixeval
