// The decorator that gathers embedding requests of single texts, which the journal keeps one by one, into requests of many texts, which is
// what endpoints are good at. It stands below the journal: journaled(batched(retrying(limited(backend)))). Everything that is no embedding
// request passes through.
#pragma once

#include <cstddef>
#include <memory>

#include "model/model.h"

namespace assay {

struct BatchOptions {
  std::size_t texts = 64;          // of one request at most
  std::size_t bytes = std::size_t{256} << 10;  // of their texts together at most; a longer text goes alone
};

class EmbeddingBatches : public Model {
 public:
  /// Vectors of another dimension are refused from now on, before the journal sees them: 0 = the first answer decides.
  virtual void expect_dimension(std::size_t dimension) = 0;
};

/// Texts that are asked for in one turn of the loop travel together. A batch that the server calls bad (400, 413) is halved until the text
/// that it cannot take stands alone: the others get their vectors. Usage is divided among the texts. Another dimension than expected is an
/// error of kind `identity`: nothing of that answer is used or kept. `inner` outlives the model.
std::unique_ptr<EmbeddingBatches> make_embedding_batches(Model& inner, BatchOptions options = {});

}  // namespace assay
