#include "benchmark/story_judgement.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "base/number.h"
#include "base/text.h"

namespace assay::story {
namespace {

/// Positions in the scan are byte offsets; code points are taken off the front one at a time.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Past the white space from `at` on.
  std::size_t spaces(std::size_t at) const {
    return run(at, is_space);
  }
  std::size_t digits(std::size_t at) const {
    return run(at, is_digit);
  }
  /// The end of -?\d+(?:\.\d+)? at `at`, if it stands there.
  std::optional<std::size_t> number(std::size_t at) const {
    if (at < text_.size() && text_[at] == '-') ++at;
    std::size_t end = digits(at);
    if (end == at) return std::nullopt;
    if (end < text_.size() && text_[end] == '.')
      if (std::size_t fraction = digits(end + 1); fraction > end + 1) return fraction;
    return end;
  }
  struct Value {
    std::size_t begin = 0, end = 0;
  };
  /// The number that belongs to the colon at `colon`.
  std::optional<Value> value(std::size_t colon) const {
    std::size_t at = spaces(colon + 1);
    constexpr std::string_view kWord = "Score";
    if (text_.substr(at, kWord.size()) == kWord)
      if (std::size_t after = spaces(at + kWord.size()); after > at + kWord.size()) at = after;
    auto end = number(at);
    if (!end) return std::nullopt;
    return Value{at, *end};
  }

 private:
  template <class Is>
  std::size_t run(std::size_t at, Is is) const {
    std::string_view rest = text_.substr(std::min(at, text_.size()));
    while (!rest.empty()) {
      std::string_view before = rest;
      if (!is(next_code_point(rest))) return text_.size() - before.size();
    }
    return text_.size();
  }

  std::string_view text_;
};

bool is_mark(char c) {
  return c == '*' || c == '[' || c == ']';
}

}  // namespace

Judgement read_judgement(std::string_view text, bool remove_marks) {
  Judgement out;
  out.text.reserve(text.size());
  for (char c : text)
    if (!remove_marks || !is_mark(c)) out.text += c;

  struct Found {
    std::size_t begin, end;
  };
  std::vector<Found> places;  // in out.text, one for each score
  std::unordered_map<std::string, std::size_t> known;
  const std::string_view cleaned = out.text;
  const Scanner scan(cleaned);
  for (std::size_t start = 0; start < cleaned.size();) {
    // A name never crosses a line's end, though the space between colon and number may.
    std::size_t line_end = std::min(cleaned.find('\n', start), cleaned.size());
    std::optional<Scanner::Value> value;
    std::size_t colon = start;
    while (!value) {
      colon = cleaned.find(':', colon);
      if (colon >= line_end) break;
      value = scan.value(colon);
      if (!value) ++colon;
    }
    if (!value) {
      start = line_end + 1;
      continue;
    }
    std::optional<double> number = python_float(cleaned.substr(value->begin, value->end - value->begin));
    if (number && std::isfinite(*number)) {
      std::string name(strip(cleaned.substr(start, colon - start)));
      std::size_t begin = static_cast<std::size_t>(lstrip(cleaned.substr(start)).data() - cleaned.data());
      begin = std::min(begin, colon);  // an empty name
      auto [it, fresh] = known.try_emplace(std::move(name), out.scores.size());
      if (fresh) {
        out.scores.emplace_back(it->first, *number);
        places.push_back({begin, value->end});
      } else {
        out.scores[it->second].second = *number;
        places[it->second] = {begin, value->end};
      }
    }
    start = value->end;
  }

  // Back to the bytes of the given text.
  std::sort(places.begin(), places.end(), [](const Found& a, const Found& b) { return a.begin < b.begin; });
  std::size_t raw = 0, at = 0;
  auto to_raw = [&](std::size_t wanted) {
    for (;; ++raw) {
      while (remove_marks && raw < text.size() && is_mark(text[raw])) ++raw;
      if (at == wanted || raw >= text.size()) return raw;
      ++at;
    }
  };
  for (const Found& place : places) {
    std::size_t begin = to_raw(place.begin);
    // The last byte's place, so that marks behind the number stay outside.
    std::size_t end = to_raw(place.end - 1) + 1;
    out.spans.emplace_back(begin, end);
  }
  return out;
}

}  // namespace assay::story
