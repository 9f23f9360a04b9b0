// Heads of GGUF files (model/llama/gguf_file): nothing is allocated, and no number believed, on the file's word alone.
#include "fuzz.h"
#include "model/llama/gguf_file.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  MemoryFile file(input);
  auto model = read_gguf(file.path());
  if (!model) {
    REQUIRE(model.error().kind == ErrorKind::data && !model.error().message.empty());
    return;
  }
  REQUIRE(model->size == input.size() && model->tensor_count > 0 && !model->architecture().empty());
  model->hyper("context_length");
  model->chat_template();
}

}  // namespace assay::fuzz
