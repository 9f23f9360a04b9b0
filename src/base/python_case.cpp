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

}  // namespace

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
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

}  // namespace assay
