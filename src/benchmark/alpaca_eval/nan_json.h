// NaN in JSON: no JSON has it, but Python writes it where a number is missing, and the original reads it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::alpaca_eval {

/// The same text with null in the place of every bare NaN, Infinity and -Infinity (texts keep theirs); nothing where there is none. For texts that
/// were refused as JSON: what else is wrong with them stays wrong.
std::optional<std::string> nan_as_null(std::string_view json);

}  // namespace assay::alpaca_eval
