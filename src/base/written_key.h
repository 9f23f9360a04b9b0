// Whether somebody wrote a key down where none may stand: in arguments of a program and in settings, which go into the shell's history and into reports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// An option (--api-key) or variable (HF_TOKEN) whose value is a key. Not those that count tokens, or name a tokenizer, a file or an id.
bool names_key(std::string_view option_or_variable);

/// The option or variable among the words of a command line whose value is a key; empty where none is. {key} is none.
std::string_view written_key(const std::vector<std::string>& words);

/// The option of a word like --port=8080 or --port, without its value; empty where the word is none.
std::string_view option_of(std::string_view word);

}  // namespace assay
