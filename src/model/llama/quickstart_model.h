// Two GGUF models that this program makes itself, so that a first evaluation needs no download.
//
// The quick-start model is not trained: its weights are set by hand, and what it does can be read off them. It is a one-layer
// llama that goes through a check-list. A line of the list has a text that may stand in the prompt ("Resentful: <") and an answer
// ("Resentful: 4\n"). Two attention heads look at the lines that the prompt mentions and at those already written; the next
// answer is the first line that is mentioned and not yet written; then it stops. Two more heads do the same for the revised
// scores. So it answers any question in EQ-Bench's format, with and without the revision, in English and German, for the emotions
// it was made with. It knows the format and nothing of emotions: the number it gives to a name is a fixed one, drawn from the
// name's hash.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"

namespace assay {

/// The file's bytes, under 3 MB for 120 names. Names are taken as they are written in the questions, once each. Error (usage): no
/// name, more than 400, or one that is empty, longer than 64 bytes, or holds a control character.
Result<std::string> make_quickstart_model(std::span<const std::string> emotion_names);

/// The number that the quick-start model gives to `name`: 0 to 9, always the same.
int quickstart_intensity(std::string_view name);

/// A tiny llama with random weights: it writes random bytes, and shows what an unparseable answer looks like.
std::string make_random_model(std::uint64_t seed);

}  // namespace assay
