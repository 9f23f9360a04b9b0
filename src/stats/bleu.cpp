#include "stats/bleu.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "base/words.h"

namespace assay {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool point(char c) { return c == '.' || c == ','; }

/// The ASCII punctuation that always stands alone; blanks belong to it, apostrophe, comma, dash and full stop do not.
bool stands_alone(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || (c >= ':' && c <= '@') ||
         c == '/';
}

// The rules look at ASCII characters and at "anything else", so bytes of longer characters do as well as code points.
std::string separate(std::string_view text) {
  std::string first;
  first.reserve(text.size() + text.size() / 2);
  for (char c : text) {
    if (stands_alone(c)) {
      first += ' ';
      first += c;
      first += ' ';
    } else {
      first += c;
    }
  }
  std::string second;  // a full stop or comma, unless a digit stands before it
  for (std::size_t i = 0; i < first.size(); ++i) {
    second += first[i];
    if (i + 1 < first.size() && !digit(first[i]) && point(first[i + 1])) {
      second += ' ';
      second += first[++i];
      second += ' ';
    }
  }
  std::string third;  // the same, unless a digit follows
  for (std::size_t i = 0; i < second.size(); ++i) {
    if (i + 1 < second.size() && point(second[i]) && !digit(second[i + 1])) {
      third += ' ';
      third += second[i];
      third += ' ';
      third += second[++i];
    } else {
      third += second[i];
    }
  }
  std::string fourth;  // a dash after a digit
  for (std::size_t i = 0; i < third.size(); ++i) {
    fourth += third[i];
    if (i + 1 < third.size() && digit(third[i]) && third[i + 1] == '-') {
      fourth += " - ";
      ++i;
    }
  }
  return fourth;
}

using Gram = std::array<std::uint32_t, 4>;

class Vocabulary {
 public:
  std::vector<std::uint32_t> numbers(const std::vector<std::string>& tokens) {
    std::vector<std::uint32_t> out;
    out.reserve(tokens.size());
    for (const std::string& token : tokens)
      out.push_back(known_.try_emplace(token, static_cast<std::uint32_t>(known_.size() + 1)).first->second);
    return out;
  }

 private:
  std::map<std::string, std::uint32_t, std::less<>> known_;
};

/// Each n-gram with how often it comes, sorted.
std::vector<std::pair<Gram, std::uint64_t>> grams(const std::vector<std::uint32_t>& tokens, std::size_t n) {
  std::vector<Gram> all;
  for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
    Gram gram{};
    std::copy_n(tokens.begin() + static_cast<std::ptrdiff_t>(i), n, gram.begin());
    all.push_back(gram);
  }
  std::sort(all.begin(), all.end());
  std::vector<std::pair<Gram, std::uint64_t>> out;
  for (const Gram& gram : all) {
    if (out.empty() || out.back().first != gram) out.emplace_back(gram, 0);
    ++out.back().second;
  }
  return out;
}

std::uint64_t count_of(const std::vector<std::pair<Gram, std::uint64_t>>& counted, const Gram& gram) {
  auto it = std::lower_bound(counted.begin(), counted.end(), gram, [](const auto& entry, const Gram& wanted) { return entry.first < wanted; });
  return it != counted.end() && it->first == gram ? it->second : 0;
}

}  // namespace

std::vector<std::string> tokens_13a(std::string_view text) {
  std::string line = replace_all(rstrip(text), "<skipped>", "");
  line = replace_all(line, "-\n", "");
  line = replace_all(line, "\n", " ");
  if (line.find('&') != std::string::npos) {
    line = replace_all(line, "&quot;", "\"");
    line = replace_all(line, "&amp;", "&");
    line = replace_all(line, "&lt;", "<");
    line = replace_all(line, "&gt;", ">");
  }
  return split_words(separate(" " + line + " "));
}

std::vector<std::string> tokens_international(std::string_view text) {
  enum class Class { number, punctuation, symbol, other };
  auto class_of = [](char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
      case UTF8PROC_CATEGORY_ND:
      case UTF8PROC_CATEGORY_NL:
      case UTF8PROC_CATEGORY_NO:
        return Class::number;
      case UTF8PROC_CATEGORY_PC:
      case UTF8PROC_CATEGORY_PD:
      case UTF8PROC_CATEGORY_PS:
      case UTF8PROC_CATEGORY_PE:
      case UTF8PROC_CATEGORY_PI:
      case UTF8PROC_CATEGORY_PF:
      case UTF8PROC_CATEGORY_PO:
        return Class::punctuation;
      case UTF8PROC_CATEGORY_SM:
      case UTF8PROC_CATEGORY_SC:
      case UTF8PROC_CATEGORY_SK:
      case UTF8PROC_CATEGORY_SO:
        return Class::symbol;
      default:
        return Class::other;
    }
  };
  std::u32string line;
  for (std::string_view rest = rstrip(text); !rest.empty();) line += next_code_point(rest);
  // Three rules in turn. Each takes two characters at once and goes on behind them, so that of three in a row the last may stay.
  std::u32string before;
  for (std::size_t i = 0; i < line.size(); ++i) {
    before += line[i];
    if (i + 1 == line.size() || class_of(line[i]) == Class::number || class_of(line[i + 1]) != Class::punctuation) continue;
    before += U' ';
    before += line[++i];
    before += U' ';
  }
  std::u32string after;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i + 1 == before.size() || class_of(before[i]) != Class::punctuation || class_of(before[i + 1]) == Class::number) {
      after += before[i];
      continue;
    }
    after += U' ';
    after += before[i];
    after += U' ';
    after += before[++i];
  }
  std::string apart;
  for (char32_t c : after) {
    const bool symbol = class_of(c) == Class::symbol;
    if (symbol) apart += ' ';
    append_utf8(apart, c);
    if (symbol) apart += ' ';
  }
  return split_words(apart);
}

BleuCounts& BleuCounts::operator+=(const BleuCounts& other) {
  length += other.length;
  reference_length += other.reference_length;
  for (std::size_t n = 0; n < matches.size(); ++n) {
    matches[n] += other.matches[n];
    total[n] += other.total[n];
  }
  return *this;
}

BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string> references) {
  return bleu_counts(hypothesis, references, tokens_13a);
}

BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string> references, BleuTokens tokens_of) {
  Vocabulary vocabulary;
  const std::vector<std::uint32_t> tokens = vocabulary.numbers(tokens_of(hypothesis));
  std::vector<std::vector<std::uint32_t>> wanted;
  for (const std::string& reference : references) wanted.push_back(vocabulary.numbers(tokens_of(reference)));
  BleuCounts out;
  out.length = tokens.size();
  bool first = true;
  for (const auto& reference : wanted) {
    auto off = [&](std::uint64_t length) { return length > out.length ? length - out.length : out.length - length; };
    const std::uint64_t length = reference.size();
    if (first || off(length) < off(out.reference_length) || (off(length) == off(out.reference_length) && length < out.reference_length))
      out.reference_length = length;
    first = false;
  }
  for (std::size_t n = 1; n <= out.matches.size(); ++n) {
    std::vector<std::vector<std::pair<Gram, std::uint64_t>>> counted;
    counted.reserve(wanted.size());
    for (const auto& reference : wanted) counted.push_back(grams(reference, n));
    for (const auto& [gram, times] : grams(tokens, n)) {
      std::uint64_t allowed = 0;
      for (const auto& reference : counted) allowed = std::max(allowed, count_of(reference, gram));
      out.matches[n - 1] += std::min(times, allowed);
      out.total[n - 1] += times;
    }
  }
  return out;
}

double bleu_score(const BleuCounts& counts) {
  if (std::all_of(counts.matches.begin(), counts.matches.end(), [](std::uint64_t n) { return n == 0; })) return 0;
  double penalty = 1;
  if (counts.length < counts.reference_length)
    penalty = std::exp(1 - static_cast<double>(counts.reference_length) / static_cast<double>(counts.length));
  double smoothing = 1, logs = 0;
  bool more = true;  // an order without n-grams ends the walk; its precision and those above stay 0
  for (std::size_t n = 0; n < counts.matches.size(); ++n) {
    const auto total = static_cast<double>(counts.total[n]);
    if (counts.total[n] == 0) more = false;
    double precision = 0;
    if (more && counts.matches[n] == 0) {
      smoothing *= 2;
      precision = 100.0 / (smoothing * total);
    } else if (more) {
      precision = 100.0 * static_cast<double>(counts.matches[n]) / total;
    }
    logs += precision == 0 ? -9999999999.0 : std::log(precision);  // sacrebleu's logarithm of nothing
  }
  return penalty * std::exp(logs / static_cast<double>(counts.matches.size()));
}

}  // namespace assay
