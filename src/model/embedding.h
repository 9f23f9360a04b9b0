// Texts as vectors: how an embedding is asked of a Model, so that it is limited, retried, paid for and journaled as every other request.
// An embedding request is a Generate whose messages all have the role "embed", one a text; it is answered all or nothing. Its answer's
// text holds the vectors, one a line (docs/formats/request.md). Back ends that embed: OpenAI's dialect and `gguf:`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/request.h"

namespace assay {

inline constexpr std::string_view kEmbedRole = "embed";
inline constexpr std::size_t kMostDimensions = 1 << 16;

using Vector = std::vector<double>;

Generate embedding_request(std::vector<std::string> texts);
/// True for what embedding_request() makes.
bool is_embedding_request(const Generate& request);
bool is_embedding_request(const Request& request);

/// "f32:..." or "f64:..." (base64 of little-endian numbers): the shorter form wherever it keeps every bit.
std::string vector_text(std::span<const double> vector);
/// Errors (data): not that form, no numbers or more than kMostDimensions, one that is not finite.
Result<Vector> vector_of(std::string_view text);
/// Vectors one a line, as an answer's text.
std::string vectors_text(const std::vector<Vector>& vectors);
/// `data` error unless the text holds `count` vectors of one dimension.
Result<std::vector<Vector>> vectors_of(std::string_view text, std::size_t count);

/// Little-endian 32-bit floats in base64, as providers send them. Errors (data): as vector_of.
Result<Vector> vector_of_base64_floats(std::string_view text);

}  // namespace assay
