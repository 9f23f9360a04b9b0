// The source of a YAML document as PyYAML takes it in, and the text of its quoted and block scalars. The library that finds where things stand drops
// line ends there that PyYAML keeps (of empty lines at the end of a quoted text, of `>+`) and writes single bytes for "\_" and "\N".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

/// UTF-8 without a byte order mark (UTF-16 is taken where it begins with one), with all of "\r\n", "\r" and U+0085 as "\n". What is not UTF-8 becomes
/// U+FFFD.
std::string yaml_source(std::string_view bytes);

/// The offset of the first character that YAML does not allow in `source`, a control character say, or npos.
std::size_t forbidden_in_yaml(std::string_view source);

struct YamlText {
  std::string text;
  std::size_t end = 0;   // the offset behind it
  std::string wrong{};   // why it is none; empty where it is one
  std::size_t place{0};  // where that shows
};

/// The quoted text whose first quotation mark stands at `at`.
YamlText quoted_yaml_text(std::string_view source, std::size_t at);

/// The text of the block whose `|` or `>` stands at `at`; `indent` is the column of the mapping's keys or the list's dashes that it belongs to, -1 where
/// it belongs to none.
YamlText block_yaml_text(std::string_view source, std::size_t at, int indent);

}  // namespace assay
