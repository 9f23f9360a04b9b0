#include "base/python_case.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace assay {
namespace {

/// Code points whose title case is more than one (Unicode's SpecialCasing.txt, the unconditional mappings).
struct Special {
  char32_t code_point;
  std::array<char32_t, 3> title;
};
constexpr Special kSpecial[] = {
    {0x00DF, {0x53, 0x73}},           {0x0149, {0x2BC, 0x4E}},          {0x01F0, {0x4A, 0x30C}},          {0x0390, {0x399, 0x308, 0x301}},
    {0x03B0, {0x3A5, 0x308, 0x301}},  {0x0587, {0x535, 0x582}},         {0x1E96, {0x48, 0x331}},          {0x1E97, {0x54, 0x308}},
    {0x1E98, {0x57, 0x30A}},          {0x1E99, {0x59, 0x30A}},          {0x1E9A, {0x41, 0x2BE}},          {0x1F50, {0x3A5, 0x313}},
    {0x1F52, {0x3A5, 0x313, 0x300}},  {0x1F54, {0x3A5, 0x313, 0x301}},  {0x1F56, {0x3A5, 0x313, 0x342}},  {0x1FB2, {0x1FBA, 0x345}},
    {0x1FB4, {0x386, 0x345}},         {0x1FB6, {0x391, 0x342}},         {0x1FB7, {0x391, 0x342, 0x345}},  {0x1FC2, {0x1FCA, 0x345}},
    {0x1FC4, {0x389, 0x345}},         {0x1FC6, {0x397, 0x342}},         {0x1FC7, {0x397, 0x342, 0x345}},  {0x1FD2, {0x399, 0x308, 0x300}},
    {0x1FD3, {0x399, 0x308, 0x301}},  {0x1FD6, {0x399, 0x342}},         {0x1FD7, {0x399, 0x308, 0x342}},  {0x1FE2, {0x3A5, 0x308, 0x300}},
    {0x1FE3, {0x3A5, 0x308, 0x301}},  {0x1FE4, {0x3A1, 0x313}},         {0x1FE6, {0x3A5, 0x342}},         {0x1FE7, {0x3A5, 0x308, 0x342}},
    {0x1FF2, {0x1FFA, 0x345}},        {0x1FF4, {0x38F, 0x345}},         {0x1FF6, {0x3A9, 0x342}},         {0x1FF7, {0x3A9, 0x342, 0x345}},
    {0xFB00, {0x46, 0x66}},           {0xFB01, {0x46, 0x69}},           {0xFB02, {0x46, 0x6C}},           {0xFB03, {0x46, 0x66, 0x69}},
    {0xFB04, {0x46, 0x66, 0x6C}},     {0xFB05, {0x53, 0x74}},           {0xFB06, {0x53, 0x74}},           {0xFB13, {0x544, 0x576}},
    {0xFB14, {0x544, 0x565}},         {0xFB15, {0x544, 0x56B}},         {0xFB16, {0x54E, 0x576}},         {0xFB17, {0x544, 0x56D}},
};

const Special* special_of(char32_t c) {
  const Special* special = std::lower_bound(std::begin(kSpecial), std::end(kSpecial), c,
                                            [](const Special& s, char32_t wanted) { return s.code_point < wanted; });
  return special == std::end(kSpecial) || special->code_point != c ? nullptr : special;
}

void append_title(std::string& out, char32_t c) {
  const Special* special = special_of(c);
  if (!special) {
    append_utf8(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
    return;
  }
  for (char32_t letter : special->title)
    if (letter) append_utf8(out, letter);
}

enum class Case { none, lower, upper, title };

struct Range {
  char32_t first, last;
};
/// Unicode's Other_Lowercase and Other_Uppercase (PropList.txt of Unicode 14, CPython 3.11's): cased, though of another category.
constexpr Range kOtherLower[] = {{0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},     {0x2E0, 0x2E4},     {0x345, 0x345},
                                 {0x37A, 0x37A},     {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
                                 {0x2090, 0x209C},   {0x2170, 0x217F},   {0x24D0, 0x24E9},   {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},
                                 {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},   {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};
constexpr Range kOtherUpper[] = {{0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};

Case case_of(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU: return Case::upper;
    case UTF8PROC_CATEGORY_LL: return Case::lower;
    case UTF8PROC_CATEGORY_LT: return Case::title;
    default: break;
  }
  auto within = [c](const Range& range) { return c >= range.first && c <= range.last; };
  if (std::ranges::any_of(kOtherLower, within)) return Case::lower;
  if (std::ranges::any_of(kOtherUpper, within)) return Case::upper;
  return Case::none;
}

/// Whether `text` has a letter in `wanted` and no other that has case.
bool is_all(std::string_view text, Case wanted) {
  bool any = false;
  while (!text.empty()) {
    const Case each = case_of(next_code_point(text));
    if (each != Case::none && each != wanted) return false;
    any |= each == wanted;
  }
  return any;
}

char32_t to_upper(char32_t c) { return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))); }

/// The letter under which a Greek one has its iota in title case: in capitals the iota stands beside it. 0 for all others.
char32_t without_iota(char32_t c) {
  if (c >= 0x1F80 && c <= 0x1FAF) return (c < 0x1F90 ? 0x1F08 : c < 0x1FA0 ? 0x1F28 : 0x1F68) + (c & 7);
  switch (c) {
    case 0x1FB3:
    case 0x1FBC: return 0x391;
    case 0x1FC3:
    case 0x1FCC: return 0x397;
    case 0x1FF3:
    case 0x1FFC: return 0x3A9;
    default: return 0;
  }
}

void append_upper(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  } else if (const char32_t letter = without_iota(c)) {
    append_utf8(out, letter);
    append_utf8(out, 0x399);
  } else if (const Special* special = special_of(c)) {
    for (char32_t each : special->title)
      if (each) append_utf8(out, to_upper(each));
  } else {
    append_utf8(out, to_upper(c));
  }
}

/// Goes through a text together with its lower(), which sees the whole of it (a final sigma): code point by code point the same, except
/// that U+0130 gives two.
class Lowered {
 public:
  explicit Lowered(std::string_view text) : text_(lower(text)), rest_(text_) {}
  /// What the next code point, `c`, becomes.
  std::string_view next(char32_t c) {
    const std::string_view before = rest_;
    next_code_point(rest_);
    if (c == 0x130) next_code_point(rest_);
    return before.substr(0, before.size() - rest_.size());
  }

 private:
  std::string text_;
  std::string_view rest_;
};

}  // namespace

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) append_upper(out, next_code_point(text));
  return out;
}

std::string capitalize(std::string_view text) {
  if (text.empty()) return {};
  std::string_view rest = text;
  char32_t first = next_code_point(rest);
  std::string out;
  append_title(out, first);
  // Lower-cased as a whole, so that a sigma sees the first letter before it; a first letter lower-cases alike alone and in front.
  std::string lowered = lower(text), head = lower(text.substr(0, text.size() - rest.size()));
  return out.append(lowered, head.size());
}

std::string title(std::string_view text) {
  std::string out;
  Lowered lowered(text);
  bool inside = false;
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
    const std::string_view small = lowered.next(c);
    if (inside) {
      out += small;
    } else {
      append_title(out, c);
    }
    inside = case_of(c) != Case::none;
  }
  return out;
}

std::string swapcase(std::string_view text) {
  std::string out;
  Lowered lowered(text);
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
    const std::string_view small = lowered.next(c);
    switch (case_of(c)) {
      case Case::upper: out += small; break;
      case Case::lower: append_upper(out, c); break;
      default: append_utf8(out, c);
    }
  }
  return out;
}

bool is_upper(std::string_view text) { return is_all(text, Case::upper); }
bool is_lower(std::string_view text) { return is_all(text, Case::lower); }

bool is_title(std::string_view text) {
  bool any = false, inside = false;
  while (!text.empty()) {
    const Case each = case_of(next_code_point(text));
    const bool begins = each == Case::upper || each == Case::title;
    if (begins ? inside : each == Case::lower && !inside) return false;
    inside = each != Case::none;
    any |= inside;
  }
  return any;
}

}  // namespace assay
