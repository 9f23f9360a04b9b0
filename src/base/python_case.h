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

/// str.title(): capitalize() of every run of letters that have case ("they're" gives "They'Re").
std::string title(std::string_view text);

/// str.swapcase(); letters in title case stay.
std::string swapcase(std::string_view text);

/// str.isupper() and str.islower(): at least one letter that has case, and all of those in this one.
bool is_upper(std::string_view text);
bool is_lower(std::string_view text);
/// str.istitle(): every run of letters that have case begins with one in upper or title case and goes on in lower case; at least one run.
bool is_title(std::string_view text);

}  // namespace assay
