// Prompts for judges: templates filled with the rows to compare, and the ChatML notation in which they are written.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace assay::alpaca_eval {

/// A row's values by column name. Names and values belong to whoever made the row.
using PromptRow = std::vector<std::pair<std::string_view, std::string_view>>;

enum class Filling {
  original,  // what was filled in is searched for placeholders as well, so that an instruction holding "{output_1}" captures the
             // next value
  safe,      // every placeholder of the template gets its own value
};

/// One prompt for each `batch_size` rows. A placeholder is {NAME} without blanks inside; each must stand in the template
/// `batch_size` times. `usage` errors: it does not, the number of rows is no multiple of batch_size, a name is no column.
Result<std::vector<std::string>> make_prompts(std::string_view prompt_template, std::span<const PromptRow> rows,
                                              std::size_t batch_size = 1, Filling filling = Filling::original);

/// A template's text as Python reads files: every line ends with "\n".
std::string with_unix_lines(std::string_view text);

struct ChatMlMessage {
  std::string role, content;
  std::vector<std::pair<std::string, std::string>> extras;  // "key=value" behind the role of a system message
};

/// `data` error where the original fails: the prompt is not in the notation.
Result<std::vector<ChatMlMessage>> read_chat_ml(std::string_view prompt);

}  // namespace assay::alpaca_eval
