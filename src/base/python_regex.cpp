#include "base/python_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <utility>

#include "base/text.h"

namespace assay {
namespace {

// Members of the classes, to stand inside brackets. PCRE2's own UCP classes differ from Python's (U+001C-1F, U+180E) and between
// its versions.
constexpr std::string_view kWord = "_\\p{L}\\p{N}";
constexpr std::string_view kNotWord =  // every other category, and the connectors that are not '_'
    "\\p{C}\\p{M}\\p{S}\\p{Z}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\x{203f}\\x{2040}\\x{2054}\\x{fe33}\\x{fe34}\\x{fe4d}-\\x{fe4f}"
    "\\x{ff3f}";
constexpr std::string_view kSpace =
    "\\x{9}-\\x{d}\\x{1c}-\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";
constexpr std::string_view kNotSpace =
    "\\x{0}-\\x{8}\\x{e}-\\x{1b}\\x{21}-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}";
// Python folds these four together; Unicode's simple folding, which PCRE2 follows, keeps the Turkish ones apart.
constexpr std::string_view kEveryI = "iI\\x{130}\\x{131}";

// Rewrites a pattern of Python's `re` into PCRE2's language, refusing what Python would refuse or we do not support.
class Translator {
 public:
  Translator(std::string_view pattern, PythonRegex::Flags flags) : pattern_(pattern), flags_(flags) {}

  Result<std::string> run() {
    while (at_ < pattern_.size()) {
      Result<void> done = item();
      if (!done) return std::unexpected(done.error());
    }
    return std::move(out_);
  }
  const PythonRegex::Flags& flags() const { return flags_; }
  /// A repeat stands behind a group of alternatives.
  bool alternatives_before_repeat() const { return alternatives_before_repeat_; }
  /// A group is repeated possessively: (...)*+
  bool possessive_group() const { return possessive_group_; }

 private:
  struct Group {
    bool ignore_case;  // outside of it
    bool alternatives = false;
  };

  static std::unexpected<Error> refuse(std::string message, std::size_t offset) {
    return fail(ErrorKind::usage, "malformed pattern: " + std::move(message), "offset " + std::to_string(offset));
  }
  bool next_is(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0'; }

  void put_code_point(char32_t c) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    do hex.insert(hex.begin(), digits[c & 15]);
    while (c >>= 4);
    out_ += "\\x{" + hex + "}";
  }
  static bool is_i(char32_t c) { return c == 'i' || c == 'I' || c == 0x130 || c == 0x131; }

  Result<void> item() {
    char c = peek();
    if (c == '\\') return escape();
    if (c == '[') return bracket();
    if (c == '(') return group();
    if (c == ')') close();
    if (c == '|' && !groups_.empty()) groups_.back().alternatives = true;
    if (after_alternatives_ && (c == '*' || c == '+' || c == '?' || c == '{')) alternatives_before_repeat_ = true;
    if (c == '{' && peek(1) == ',') {  // {,n} is {0,n}
      std::size_t end = at_ + 2;
      while (end < pattern_.size() && pattern_[end] >= '0' && pattern_[end] <= '9') ++end;
      if (end < pattern_.size() && pattern_[end] == '}') {
        out_ += "{0";
        out_.append(pattern_, at_ + 1, end - at_);
        at_ = end + 1;
        return {};
      }
    }
    std::string_view rest = pattern_.substr(at_);
    char32_t point = next_code_point(rest);
    if (flags_.ignore_case && is_i(point)) {
      out_ += "[" + std::string(kEveryI) + "]";
    } else {
      out_.append(pattern_, at_, rest.data() - (pattern_.data() + at_));
    }
    at_ = pattern_.size() - rest.size();
    return {};
  }

  // At a group's ')'.
  void close() {
    std::string_view after = pattern_.substr(at_ + 1);
    const std::size_t repeat = after.starts_with('{') ? after.find('}') : !after.empty() && contains("*+?", after.substr(0, 1)) ? 0 : std::string_view::npos;
    if (repeat != std::string_view::npos && after.substr(repeat + 1).starts_with('+')) possessive_group_ = true;
    if (groups_.empty()) return;  // PCRE2 refuses the pattern
    flags_.ignore_case = groups_.back().ignore_case;
    after_alternatives_ = after_alternatives_ || groups_.back().alternatives;
    groups_.pop_back();
  }

  // A character given by number: \xhh \uhhhh \Uhhhhhhhh. at_ stands after the letter.
  Result<char32_t> number(int digits, std::size_t start) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      char c = peek();
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return refuse("incomplete escape", start);
      value = value << 4 | static_cast<char32_t>(digit);
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return refuse("no such character", start);
    return value;
  }

  // An escape that stands for one character, in or outside brackets; nullopt when it is something else (at_ is unchanged then).
  Result<std::optional<char32_t>> character_escape(bool in_brackets) {
    std::size_t start = at_;
    if (at_ + 1 >= pattern_.size()) return refuse("it ends with a backslash", start);
    char c = pattern_[at_ + 1];
    auto simple = [&](char32_t value) {
      at_ += 2;
      return std::optional<char32_t>(value);
    };
    switch (c) {
      case 'a': return simple(7);
      case 'f': return simple(12);
      case 'n': return simple(10);
      case 'r': return simple(13);
      case 't': return simple(9);
      case 'v': return simple(11);
      case 'b':
        if (in_brackets) return simple(8);
        return std::optional<char32_t>{};
      case 'x': case 'u': case 'U': {
        at_ += 2;
        auto value = number(c == 'x' ? 2 : c == 'u' ? 4 : 8, start);
        if (!value) return std::unexpected(value.error());
        return std::optional<char32_t>(*value);
      }
      default: break;
    }
    bool octal_start = c == '0' || (in_brackets && c >= '1' && c <= '7');
    bool three_octal = c >= '1' && c <= '3' && peek(2) >= '0' && peek(2) <= '7' && peek(3) >= '0' && peek(3) <= '7';
    if (octal_start || three_octal) {
      char32_t value = 0;
      ++at_;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i, ++at_) value = value * 8 + static_cast<char32_t>(peek() - '0');
      if (value > 0377) return refuse("octal escape above 0o377", start);
      return std::optional<char32_t>(value);
    }
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool digit = c >= '0' && c <= '9';
    if (letter || digit) return std::optional<char32_t>{};
    std::string_view rest = pattern_.substr(at_ + 1);
    char32_t value = next_code_point(rest);
    at_ = pattern_.size() - rest.size();
    return std::optional<char32_t>(value);
  }

  Result<void> escape() {
    std::size_t start = at_;
    auto character = character_escape(false);
    if (!character) return std::unexpected(character.error());
    if (*character) {
      if (flags_.ignore_case && is_i(**character)) {
        out_ += "[" + std::string(kEveryI) + "]";
      } else {
        put_code_point(**character);
      }
      return {};
    }
    char c = pattern_[at_ + 1];
    if (c >= '1' && c <= '9') {  // a group reference of one or two digits; braces keep a digit that follows apart
      std::size_t digits = peek(2) >= '0' && peek(2) <= '9' ? 2 : 1;
      out_ += "\\g{";
      out_.append(pattern_, at_ + 1, digits);
      out_ += "}";
      at_ += 1 + digits;
      return {};
    }
    at_ += 2;
    std::string word = "[" + std::string(kWord) + "]";
    switch (c) {
      case 'w': out_ += word; return {};
      case 'W': out_ += "[^" + std::string(kWord) + "]"; return {};
      case 'd': out_ += "\\p{Nd}"; return {};
      case 'D': out_ += "\\P{Nd}"; return {};
      case 's': out_ += "[" + std::string(kSpace) + "]"; return {};
      case 'S': out_ += "[^" + std::string(kSpace) + "]"; return {};
      case 'b': out_ += "(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))"; return {};
      // Python's \B does not match in an empty text.
      case 'B': out_ += "(?:(?!\\A\\z)(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word + ")))"; return {};
      case 'A': out_ += "\\A"; return {};
      case 'Z': out_ += "\\z"; return {};
      default: return refuse(std::string("unknown escape \\") + c, start);
    }
  }

  // What a bracket holds at at_: one character (returned), or a class (written to out_, nullopt).
  Result<std::optional<char32_t>> bracket_item(std::size_t start) {
    if (peek() != '\\') {
      std::string_view rest = pattern_.substr(at_);
      char32_t c = next_code_point(rest);
      at_ = pattern_.size() - rest.size();
      return std::optional<char32_t>(c);
    }
    auto character = character_escape(true);
    if (!character || *character) return character;
    char c = pattern_[at_ + 1];
    std::size_t escape_at = at_;
    at_ += 2;
    switch (c) {
      case 'w': out_ += kWord; break;
      case 'W': out_ += kNotWord; break;
      case 'd': out_ += "\\p{Nd}"; break;
      case 'D': out_ += "\\P{Nd}"; break;
      case 's': out_ += kSpace; break;
      case 'S': out_ += kNotSpace; break;
      default: return refuse(std::string("unknown escape \\") + c, escape_at);
    }
    if (peek() == '-' && peek(1) != ']') return refuse("a class cannot begin a range", start);
    return std::optional<char32_t>{};
  }

  Result<void> bracket() {
    std::size_t start = at_++;
    out_ += '[';
    if (peek() == '^') {
      out_ += '^';
      ++at_;
    }
    for (bool first = true;; first = false) {
      if (at_ >= pattern_.size()) return refuse("'[' is never closed", start);
      if (peek() == ']' && !first) break;
      auto low = bracket_item(at_);
      if (!low) return std::unexpected(low.error());
      if (!*low) continue;
      char32_t high = **low;
      if (peek() == '-' && at_ + 1 < pattern_.size() && peek(1) != ']') {
        std::size_t range_at = at_++;
        auto end = bracket_item(at_);
        if (!end) return std::unexpected(end.error());
        if (!*end) return refuse("a class cannot end a range", range_at);
        high = **end;
        if (high < **low) return refuse("a range in brackets runs backwards", range_at);
      }
      put_code_point(**low);
      if (high != **low) {
        out_ += '-';
        put_code_point(high);
      }
      if (flags_.ignore_case)
        for (char32_t i : {U'i', U'I', char32_t{0x130}, char32_t{0x131}})
          if (i >= **low && i <= high) {
            out_ += kEveryI;
            break;
          }
    }
    ++at_;
    out_ += ']';
    return {};
  }

  // Copies `count` characters of a group's opening.
  Result<void> copy(std::size_t count) {
    groups_.push_back({flags_.ignore_case});
    out_.append(pattern_, at_, count);
    at_ += count;
    return {};
  }

  Result<void> group() {
    std::size_t start = at_;
    if (peek(1) == '*') return refuse("nothing to repeat", at_ + 1);
    if (peek(1) != '?') return copy(1);
    for (std::string_view plain : {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"})
      if (next_is(plain)) return copy(plain.size());
    if (next_is("(?P<") || next_is("(?P=") || next_is("(?(")) {
      const bool reference = next_is("(?P=");
      std::size_t end = pattern_.find(next_is("(?P<") ? '>' : ')', at_);
      if (end == std::string_view::npos) return refuse("the group's name does not end", start);
      auto copied = copy(end + 1 - at_);
      if (reference) groups_.pop_back();  // it is whole already
      return copied;
    }
    if (next_is("(?#")) {
      std::size_t end = pattern_.find(')', at_);
      if (end == std::string_view::npos) return refuse("the comment does not end", start);
      at_ = end + 1;
      return {};
    }
    return inline_flags(start);
  }

  // (?i) at the start of the pattern, or (?i:...).
  Result<void> inline_flags(std::size_t start) {
    std::size_t end = at_ + 2;
    while (end < pattern_.size() && (contains("imsu-", pattern_.substr(end, 1)))) ++end;
    if (end >= pattern_.size() || end == at_ + 2 || (pattern_[end] != ')' && pattern_[end] != ':'))
      return refuse("unknown kind of group or flag (a, L and x are not supported)", start);
    std::string letters;
    for (char c : pattern_.substr(at_ + 2, end - at_ - 2))
      if (c != 'u') letters += c;
    if (pattern_[end] == ':') {
      groups_.push_back({flags_.ignore_case});
      if (const std::size_t i = letters.find('i'); i != std::string::npos) flags_.ignore_case = letters.find('-') > i;
      out_ += "(?" + letters + ":";
    } else {
      if (!out_.empty() || !groups_.empty() || contains(letters, "-")) return refuse("flags for the whole pattern stand at its start", start);
      for (char c : letters) (c == 'i' ? flags_.ignore_case : c == 'm' ? flags_.multiline : flags_.dotall) = true;
    }
    at_ = end + 1;
    return {};
  }

  std::string_view pattern_;
  PythonRegex::Flags flags_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Group> groups_;  // that are open
  bool after_alternatives_ = false, alternatives_before_repeat_ = false, possessive_group_ = false;
};

// Backtracking steps allowed from one starting point, and the longest text: together they bound the time of a search. (PCRE2's
// compiled code skips the starting points inside a leading run that has failed already, so `\w+:` is linear in the text,
// unless alternatives stand before the run.)
constexpr std::uint32_t kMatchLimit = 10'000'000;
constexpr std::size_t kMaxSubject = std::size_t{4} << 20;

struct MatchContext {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 << 10, 1 << 20, nullptr);
  MatchContext() {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, 64 << 10);  // KiB
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  MatchContext(const MatchContext&) = delete;
  MatchContext& operator=(const MatchContext&) = delete;
  ~MatchContext() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
  }
};

pcre2_match_context* match_context() {
  thread_local MatchContext context;
  return context.context;
}

struct MatchData {
  pcre2_match_data* data;
  explicit MatchData(const pcre2_code* code) : data(pcre2_match_data_create_from_pattern(code, nullptr)) {}
  MatchData(const MatchData&) = delete;
  MatchData& operator=(const MatchData&) = delete;
  ~MatchData() { pcre2_match_data_free(data); }
};

std::string pcre_message(int code) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(code, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

// One pcre2_match(); false = no match.
Result<bool> match_once(const pcre2_code* code, std::string_view subject, std::size_t from, std::uint32_t options, MatchData& data) {
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data());
  int rc = pcre2_match(code, text, subject.size(), from, options, data.data, match_context());
  // The compiled code ran out of stack: the interpreter keeps its own on the heap, under the same limits.
  if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
    rc = pcre2_match(code, text, subject.size(), from, options | PCRE2_NO_JIT, data.data, match_context());
  if (rc == PCRE2_ERROR_NOMATCH) return false;
  if (rc > 0) return true;
  if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT)
    return fail(ErrorKind::data, "the pattern needs too many steps on this text", "from byte " + std::to_string(from));
  return fail(ErrorKind::data, "the pattern cannot be matched: " + pcre_message(rc), "from byte " + std::to_string(from));
}

Match read_match(const MatchData& data) {
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data.data);
  Match match;
  match.groups.resize(pcre2_get_ovector_count(data.data));
  for (std::size_t i = 0; i < match.groups.size(); ++i)
    if (offsets[2 * i] != PCRE2_UNSET && offsets[2 * i + 1] != PCRE2_UNSET)
      match.groups[i] = {offsets[2 * i], offsets[2 * i + 1], true};
  return match;
}

Result<void> check_subject(std::string_view subject) {
  if (subject.size() > kMaxSubject)
    return fail(ErrorKind::data, "the text is too long for a pattern: " + std::to_string(subject.size()) + " bytes");
  if (!is_valid_utf8(subject)) return fail(ErrorKind::data, "the text is not valid UTF-8");
  return {};
}

}  // namespace

struct PythonRegex::Code {
  pcre2_code* code = nullptr;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }
};

Result<PythonRegex> PythonRegex::compile(std::string_view pattern, Flags flags) {
  if (!is_valid_utf8(pattern)) return fail(ErrorKind::usage, "malformed pattern: not valid UTF-8");
  Translator translator(pattern, flags);
  Result<std::string> translated = translator.run();
  if (!translated) return std::unexpected(translated.error());

  std::uint32_t options = PCRE2_UTF | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;
  if (translator.flags().dotall) options |= PCRE2_DOTALL;
  if (translator.flags().ignore_case) options |= PCRE2_CASELESS;
  if (translator.flags().multiline) options |= PCRE2_MULTILINE;
  // 10.42's compiled code remembers where a repeat has failed, and with it skips what another alternative before it would reach.
  if (translator.alternatives_before_repeat()) options |= PCRE2_NO_START_OPTIMIZE;
  // And it repeats x?+ in front of such a group where it should not.
  if (translator.possessive_group()) options |= PCRE2_NO_AUTO_POSSESS;
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto code = std::make_shared<Code>();
  code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()), translated->size(), options, &error, &offset, context);
  pcre2_compile_context_free(context);
  if (!code->code)
    return fail(ErrorKind::usage, "malformed pattern: " + pcre_message(error), "offset " + std::to_string(offset) + " of " + *translated);
  // Without compiled code the interpreter serves. The compiled code leaves groups set that a possessive repeat has given up.
  if (!translator.possessive_group()) pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);
  PythonRegex out;
  out.code_ = std::move(code);
  return out;
}

Result<std::optional<Match>> PythonRegex::search(std::string_view subject, std::size_t from) const {
  if (auto checked = check_subject(subject); !checked) return std::unexpected(checked.error());
  if (from > subject.size()) return std::optional<Match>{};
  if (from < subject.size() && (static_cast<unsigned char>(subject[from]) & 0xC0) == 0x80)
    return fail(ErrorKind::data, "a search cannot start inside a character", "byte " + std::to_string(from));
  MatchData data(code_->code);
  auto found = match_once(code_->code, subject, from, PCRE2_NO_UTF_CHECK, data);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::optional<Match>{};
  return std::optional<Match>(read_match(data));
}

Result<std::vector<Match>> PythonRegex::find_all(std::string_view subject) const {
  if (auto checked = check_subject(subject); !checked) return std::unexpected(checked.error());
  std::vector<Match> matches;
  MatchData data(code_->code);
  std::size_t from = 0;
  // An empty match may follow a match directly, but not another empty match at the same place.
  std::uint32_t options = PCRE2_NO_UTF_CHECK;
  bool after_empty = false;
  while (from <= subject.size()) {
    if (after_empty) {
      auto here = match_once(code_->code, subject, from, options | PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED, data);
      if (!here) return std::unexpected(here.error());
      if (!*here) {
        if (from == subject.size()) break;
        std::string_view rest = subject.substr(from);
        next_code_point(rest);
        from = subject.size() - rest.size();
        after_empty = false;
        continue;
      }
    } else {
      auto found = match_once(code_->code, subject, from, options, data);
      if (!found) return std::unexpected(found.error());
      if (!*found) break;
    }
    Match match = read_match(data);
    from = match.groups[0].end;
    after_empty = match.groups[0].begin == match.groups[0].end;
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace assay
