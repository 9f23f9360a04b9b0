// Letter case as Python's str has it, beyond base/text.h's lower().
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// str.capitalize(): the first code point in title case (which can be several letters: "ß" gives "Ss"), all others lower-cased with the
/// final sigma decided in the whole text. `text` is valid UTF-8.
std::string capitalize(std::string_view text);

/// str.upper(), which can be several letters for one: "ß" gives "SS".
std::string upper(std::string_view text);

}  // namespace assay
