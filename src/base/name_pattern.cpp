#include "base/name_pattern.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"

namespace assay {
namespace {

/// One element of a pattern: any run, any one character, or one of a set.
struct Element {
  enum Kind { run, any, set } kind = set;
  bool negated = false;
  std::vector<std::pair<char32_t, char32_t>> ranges;

  bool takes(char32_t c) const {
    if (kind != set) return true;
    bool in = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return range.first <= c && c <= range.second; });
    return in != negated;
  }
};

std::u32string code_points(std::string_view text) {
  std::u32string out;
  while (!text.empty()) out += next_code_point(text);
  return out;
}

/// The set that begins behind the '[' at `at`, which moves behind its ']'; nullopt when there is none, and the '[' means itself.
std::optional<Element> read_set(const std::u32string& pattern, std::size_t& at) {
  std::size_t from = at + 1, end = from;
  if (end < pattern.size() && pattern[end] == U'!') ++end;
  if (end < pattern.size() && pattern[end] == U']') ++end;  // first in the set it is a member
  while (end < pattern.size() && pattern[end] != U']') ++end;
  if (end >= pattern.size()) return std::nullopt;
  Element out;
  if (pattern[from] == U'!') out.negated = true, ++from;
  for (std::size_t i = from; i < end; ++i) {
    if (i + 2 < end && pattern[i + 1] == U'-') {
      if (pattern[i] <= pattern[i + 2]) out.ranges.emplace_back(pattern[i], pattern[i + 2]);
      i += 2;
    } else {
      out.ranges.emplace_back(pattern[i], pattern[i]);
    }
  }
  at = end + 1;
  return out;
}

std::vector<Element> elements(const std::u32string& pattern) {
  std::vector<Element> out;
  bool sets = true;  // a '[' without an end: those behind it have none either
  for (std::size_t at = 0; at < pattern.size();) {
    char32_t c = pattern[at];
    if (c == U'[' && sets) {
      if (auto set = read_set(pattern, at)) {
        out.push_back(std::move(*set));
        continue;
      }
      sets = false;
    }
    ++at;
    Element one;
    if (c == U'*') one.kind = Element::run;
    else if (c == U'?') one.kind = Element::any;
    else one.ranges.emplace_back(c, c);
    if (one.kind != Element::run || out.empty() || out.back().kind != Element::run) out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

bool matches_pattern(std::string_view name, std::string_view pattern) {
  const std::u32string text = code_points(name);
  const std::vector<Element> wanted = elements(code_points(pattern));
  std::size_t t = 0, p = 0;
  std::optional<std::pair<std::size_t, std::size_t>> retry;  // behind the last run: element, and where in the text it began
  while (t < text.size()) {
    if (p < wanted.size() && wanted[p].kind == Element::run) {
      retry = {++p, t};
    } else if (p < wanted.size() && wanted[p].takes(text[t])) {
      ++p, ++t;
    } else if (retry) {
      p = retry->first;
      t = ++retry->second;
    } else {
      return false;
    }
  }
  while (p < wanted.size() && wanted[p].kind == Element::run) ++p;
  return p == wanted.size();
}

}  // namespace assay
