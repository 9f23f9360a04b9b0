// Some benchmarks keep their longer texts as literals inside a program, others put them together in a JSON document of texts. This finds
// the one text that a pack describes by its sum: nothing is executed, and a source that is written otherwise gives no text, never a
// wrong one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// The text in `source` - a literal of a Python program, or a string value of a JSON document - that has this SHA-256 (hex). In
/// formatted literals {name} is read as @@name@@ ("gold_ans" as @@gold_answers@@); plain literals that follow each other are one text, as
/// in Python. Null when there is none; the size is bounded.
std::optional<std::string> text_with_sum(std::string_view source, std::string_view sha256);

}  // namespace assay
