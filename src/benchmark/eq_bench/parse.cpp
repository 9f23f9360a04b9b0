#include "benchmark/eq_bench/parse.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/text.h"

namespace assay::eq_bench {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// The code point at `at` and the offset behind it. at < text.size().
char32_t at_code_point(std::string_view text, std::size_t at, std::size_t& next) {
  auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) {
    next = at + 1;
    return byte;
  }
  std::string_view rest = text.substr(at);
  char32_t point = next_code_point(rest);
  next = text.size() - rest.size();
  return point;
}

/// The code point that ends at `end`, and where it begins. end > floor; nothing before `floor` is looked at.
char32_t before_code_point(std::string_view text, std::size_t floor, std::size_t end, std::size_t& begin) {
  auto byte = static_cast<unsigned char>(text[end - 1]);
  begin = end - 1;
  if (byte < 0x80) return byte;
  for (std::size_t back = 1; back <= 4 && back <= end - floor; ++back) {
    if ((static_cast<unsigned char>(text[end - back]) & 0xC0) == 0x80) continue;
    std::size_t next = 0;
    char32_t point = at_code_point(text, end - back, next);
    if (next == end) {
      begin = end - back;
      return point;
    }
    break;
  }
  return 0xFFFD;  // an ill-formed byte stands for itself
}

bool english_name(char32_t c) {
  return is_word(c);
}
bool japanese_name(char32_t c) {
  return c != ':' && !is_space(c);
}
bool german_name(char32_t c) {
  switch (c) {
    case U'ä':
    case U'ö':
    case U'ü':
    case U'ß':
    case U'Ä':
    case U'Ö':
    case U'Ü':
      return true;
    default:
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_space(c);
  }
}

std::size_t skip(std::string_view text, std::size_t at, bool (*member)(char32_t)) {
  while (at < text.size()) {
    std::size_t next = at;
    if (!member(at_code_point(text, at, next))) break;
    at = next;
  }
  return at;
}

/// Fills an Answers as a Python dict is filled from pairs. A handful of names is searched by eye; foreign text may hold a
/// million.
class Collector {
 public:
  void put(std::string_view name, std::string_view digits, Span span) {
    if (Answer* known = find(name)) {
      known->digits = digits;
      known->span = span;
      return;
    }
    answers_.push_back({std::string(name), std::string(digits), span});
    if (answers_.size() > kFew) index_.emplace(name, answers_.size() - 1);
  }
  Answers take() { return std::move(answers_); }

 private:
  static constexpr std::size_t kFew = 16;
  Answer* find(std::string_view name) {
    for (std::size_t i = 0; i < std::min(answers_.size(), kFew); ++i)
      if (answers_[i].name == name) return &answers_[i];
    auto it = index_.find(name);
    return it == index_.end() ? nullptr : &answers_[it->second];
  }
  Answers answers_;
  std::unordered_map<std::string_view, std::size_t> index_;  // the names behind the first few; views into the scanned text
};

/// All rules look for NAME ':' blanks DIGITS where a name cannot hold a colon. So every match belongs to one colon, its name is
/// the whole run of name characters before that colon (not reaching into the match before), and nothing is ever looked at twice
/// but blanks: what a backtracking engine would try besides cannot match.
template <class Rest>
Answers scan(std::string_view text, bool (*member)(char32_t), bool stripped, Rest rest) {
  Collector answers;
  std::size_t floor = 0;
  for (std::size_t colon = text.find(':'); colon != npos; colon = text.find(':', colon + 1)) {
    if (colon < floor) continue;
    std::size_t begin = colon;
    while (begin > floor) {
      std::size_t previous = begin;
      if (!member(before_code_point(text, floor, begin, previous))) break;  // NOLINT(readability-suspicious-call-argument): one step back from where the name begins so far
      begin = previous;
    }
    if (begin == colon) continue;
    std::size_t digits_begin = 0, digits_end = 0;
    std::size_t end = rest(colon + 1, digits_begin, digits_end);
    if (end == npos) continue;
    std::string_view name = text.substr(begin, colon - begin);
    std::size_t shown = begin;
    if (stripped) {
      shown += name.size() - lstrip(name).size();
      name = strip(name);
    }
    answers.put(name, text.substr(digits_begin, digits_end - digits_begin), {std::min(shown, colon), end});
    floor = end;
  }
  return answers.take();
}

Answers pairs_en(std::string_view text) {
  return scan(text, english_name, false, [&](std::size_t at, std::size_t& begin, std::size_t& end) {
    begin = skip(text, at, is_space);
    if (begin == at) return npos;
    end = skip(text, begin, is_digit);
    return end == begin ? npos : end;
  });
}

Answers pairs_ja(std::string_view text) {
  return scan(text, japanese_name, true, [&](std::size_t at, std::size_t& begin, std::size_t& end) {
    begin = skip(text, at, is_space);
    end = skip(text, begin, is_digit);
    return end == begin ? npos : end;
  });
}

Answers pairs_de(std::string_view text) {
  auto star = [](char32_t c) { return c == '*'; };
  return scan(text, german_name, true, [&](std::size_t at, std::size_t& begin, std::size_t& end) {
    begin = skip(text, skip(text, at, is_space), star);
    end = skip(text, begin, is_digit);
    if (end == begin) return npos;
    if (end < text.size() && text[end] == ',')
      if (std::size_t decimals = skip(text, end + 1, is_digit); decimals > end + 1) end = decimals;
    return skip(text, end, star);
  });
}

struct Region {
  std::size_t begin = 0, end = 0;
};

/// The first place where one of the spellings of each letter follows. `letters`: per letter the UTF-8 spellings that Python's
/// case-insensitive matching takes for it.
using Spellings = std::vector<std::vector<std::string_view>>;
std::size_t find_spelled(std::string_view text, const Spellings& letters, std::size_t from, std::size_t& end) {
  for (std::size_t at = from; at < text.size(); ++at) {
    std::size_t here = at;
    bool all = true;
    for (const auto& letter : letters) {
      auto spelled =
          std::find_if(letter.begin(), letter.end(), [&](std::string_view s) { return text.substr(here).starts_with(s); });
      if (spelled == letter.end()) {
        all = false;
        break;
      }
      here += spelled->size();
    }
    if (all) {
      end = here;
      return at;
    }
  }
  return npos;
}

// U+017F (long s), U+0130 and U+0131 (dotted and dotless i) fold onto s and i in Python.
const Spellings& erste() {
  static const Spellings letters{{"e", "E"}, {"r", "R"}, {"s", "S", "\u017f"}, {"t", "T"}, {"e", "E"}};
  return letters;
}
const Spellings& ueberarbeitete() {
  static const Spellings letters{{"ü", "Ü"}, {"b", "B"}, {"e", "E"},
                                 {"r", "R"}, {"a", "A"}, {"r", "R"},
                                 {"b", "B"}, {"e", "E"}, {"i", "I", "\u0130", "\u0131"},
                                 {"t", "T"}, {"e", "E"}, {"t", "T"},
                                 {"e", "E"}};
  return letters;
}

std::optional<Region> first_between(std::string_view text, std::string_view heading, std::string_view next) {
  std::size_t begin = text.find(heading);
  if (begin == npos) return std::nullopt;
  begin += heading.size();
  std::size_t end = text.find(next, begin);
  if (end == npos) return std::nullopt;
  return Region{begin, end};
}

std::optional<Region> all_after(std::string_view text, std::string_view heading) {
  std::size_t begin = text.find(heading);
  if (begin == npos) return std::nullopt;
  return Region{begin + heading.size(), text.size()};
}

std::optional<Region> first_pass_de(std::string_view text) {
  std::size_t heading_end = 0;
  if (find_spelled(text, erste(), 0, heading_end) == npos) return std::nullopt;
  std::size_t colon = text.find(':', heading_end);
  if (colon == npos) return std::nullopt;
  std::size_t begin = skip(text, colon + 1, is_space);
  std::size_t ignored = 0;
  std::size_t end = find_spelled(text, ueberarbeitete(), begin, ignored);
  if (end == npos) {
    end = text.size();
    if (end > begin && text[end - 1] == '\n') --end;
  }
  return Region{begin, end};
}

std::optional<Region> revised_de(std::string_view text) {
  std::size_t heading_end = 0;
  if (find_spelled(text, ueberarbeitete(), 0, heading_end) == npos) return std::nullopt;
  std::size_t colon = text.find(':', heading_end);
  if (colon == npos) return std::nullopt;
  return Region{skip(text, colon + 1, is_space), text.size()};
}

/// The text without '*' and '#', and for every byte of it where it stood.
class Cleaned {
 public:
  Cleaned(std::string_view text, bool remove) : text_(text) {
    if (!remove || text.find_first_of("*#") == npos) return;
    copy_.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '*' || text[i] == '#') {
        removed_.push_back(i - removed_.size());
      } else {
        copy_ += text[i];
      }
    }
    text_ = copy_;
  }
  Cleaned(const Cleaned&) = delete;
  Cleaned& operator=(const Cleaned&) = delete;
  std::string_view text() const { return text_; }
  Span original(Span span) const {
    if (removed_.empty() || span.end <= span.begin) return span;
    return {place(span.begin), place(span.end - 1) + 1};
  }

 private:
  /// removed_[k] = length of the cleaned text when the k-th mark was dropped, so those not beyond `at` stood before it.
  std::size_t place(std::size_t at) const {
    return at + static_cast<std::size_t>(std::upper_bound(removed_.begin(), removed_.end(), at) - removed_.begin());
  }
  std::string_view text_;
  std::string copy_;
  std::vector<std::size_t> removed_;
};

}  // namespace

Answers find_pairs(std::string_view text, Language language) {
  switch (language) {
    case Language::de:
      return pairs_de(text);
    case Language::ja:
      return pairs_ja(text);
    case Language::en:
    case Language::jahalf:
      break;
  }
  return pairs_en(text);
}

ParsedAnswer parse_answer(std::string_view text, const Protocol& protocol) {
  Cleaned cleaned(text, protocol.remove_marks);
  std::string_view clean = cleaned.text();
  auto pairs_of = [&](const std::optional<Region>& region) {
    Answers answers;
    if (!region) return answers;
    answers = find_pairs(clean.substr(region->begin, region->end - region->begin), protocol.language);
    for (Answer& answer : answers)
      answer.span = cleaned.original({answer.span.begin + region->begin, answer.span.end + region->begin});
    return answers;
  };
  ParsedAnswer out;
  if (!protocol.revise) {
    out.first_pass = pairs_of(Region{0, clean.size()});
    return out;
  }
  switch (protocol.language) {
    case Language::en:
    case Language::jahalf:
      out.first_pass = pairs_of(first_between(clean, "First pass scores:", "Revised scores:"));
      out.revised = pairs_of(all_after(clean, "Revised scores:"));
      break;
    case Language::de:
      out.first_pass = pairs_of(first_pass_de(clean));
      out.revised = pairs_of(revised_de(clean));
      break;
    case Language::ja:
      out.first_pass = pairs_of(first_between(clean, "初回評価:", "再評価:"));
      out.revised = pairs_of(all_after(clean, "再評価:"));
      break;
  }
  return out;
}

}  // namespace assay::eq_bench
