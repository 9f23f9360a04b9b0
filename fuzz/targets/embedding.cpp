// Vectors as text, and an endpoint's answer with embeddings.
#include <cmath>

#include "base/text.h"
#include "fuzz.h"
#include "model/embedding.h"
#include "model/http/openai_embeddings.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const std::uint8_t bits = take_byte(input);
  if (bits & 1) {
    auto vector = vector_of(input);
    if (!vector) return;
    REQUIRE(!vector->empty() && vector->size() <= kMostDimensions);
    for (double v : *vector) REQUIRE(std::isfinite(v));
    auto again = vector_of(vector_text(*vector));
    REQUIRE(again && *again == *vector);
    return;
  }
  auto body = parse_json(valid_utf8(input));
  if (!body) return;
  const std::size_t count = 1 + (bits >> 1) % 3;
  auto answer = openai_embeddings_response(*body, count);
  if (!answer) {
    REQUIRE(answer.error().kind == ErrorKind::bad_response);
    return;
  }
  auto vectors = vectors_of(answer->text, count);
  REQUIRE(vectors && vectors->size() == count);
}

}  // namespace assay::fuzz
