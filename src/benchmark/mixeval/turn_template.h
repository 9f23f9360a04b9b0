// Chat formats that MixEval's program writes itself, for checkpoints whose tokenizer has no template: a text before and after each turn.
// Pure; safe from any thread.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "model/request.h"

namespace assay::mixeval {

/// Each part holds its turn's text where `{}` stands. An empty `system`: the format has no place for one and leaves it out.
struct TurnTemplate {
  std::string system, user, assistant;
  std::string answer;  // what stands before the answer that is asked for
};

/// An object of texts "system", "user", "assistant" and "answer". Errors (data): another member, no text, a `{}` that is missing or doubled.
Result<TurnTemplate> read_turn_template(const json::value& value, const std::string& where);

json::object to_json(const TurnTemplate& format);

/// The whole prompt. A system message counts only as the first one.
std::string turns_text(const TurnTemplate& format, std::span<const Message> messages);

}  // namespace assay::mixeval
