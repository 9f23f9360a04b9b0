// What makes vectors of texts for a mixture: words (no model), a model, or a file of vectors that were made elsewhere.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/mixeval/dense_table.h"
#include "model/model.h"

namespace assay::mixeval {

class Embedder {
 public:
  virtual ~Embedder() = default;
  /// What mixture.json says of it: {"kind": "lexical"}, {"kind": "model", "model": ..., "identity": ...}.
  virtual json::object facts() const = 0;
  /// A row a text. `texts` outlive the coroutine.
  virtual Async<std::unique_ptr<EmbeddingTable>> embed(const std::vector<std::string_view>& texts, BuildProgress progress) = 0;
};

/// TF-IDF over words and pairs of words (lexical_embedding.h): frequencies are those of the texts given.
std::unique_ptr<Embedder> make_lexical_embedder();

struct ModelEmbedderOptions {
  std::string label;                 // of the model, for people and mixture.json
  ModelIdentity identity;
  std::size_t window = 256;          // texts in flight
  std::size_t most_characters = 0;   // of a text that are embedded; 0 = all
  DenseOptions table;
  std::function<bool()> stopping{};
  /// The answer to a request that is there already, so that a vector of another dimension is refused before it is kept; may be empty.
  std::function<std::optional<std::string>(const Request&)> recorded{};
  std::function<void(std::size_t)> on_dimension{};  // told once it is known; may be empty
};
/// Every text is a request of its own (model/embedding.h), so a journaled model is asked for each once. A text without any character has the
/// zero vector and is not asked for. Errors: those of the model; `identity` where vectors of different dimensions come; `cancelled` where
/// somebody stopped. After an error that concerns one text the others are still asked for, so that nothing is asked for twice later.
std::unique_ptr<Embedder> make_model_embedder(Model& model, ModelEmbedderOptions options);

/// Vectors that were made elsewhere: JSON lines {"text": ..., "vector": [...]}, or {"sha256": of the text, ...}. Errors (data): not that,
/// different dimensions, or (from embed) a text that the file lacks.
Result<std::unique_ptr<Embedder>> read_vector_file(std::string_view text, const std::string& where, DenseOptions table);

}  // namespace assay::mixeval
