// The C library, tamed: backends loaded once, its log captured, handles that free themselves, and text <-> tokens as values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/llama/llama_library.h"

namespace assay {

class OwnProducts;

struct LlamaRuntime {
  std::string version;      // of libllama: "0.5.0"
  std::string commit;       // of its tensor library
  std::string cpu_variant;  // which CPU library computes: "zen4"; of a static build its feature list
};

/// Loads the compute backends that lie beside libllama, silences its log. First call takes milliseconds; thread-safe.
/// Error (unsupported) when no backend can be loaded.
Result<LlamaRuntime> llama_runtime();

/// What libllama logged at warning level or above since the last call, on any thread, shortened; for error messages.
std::string take_llama_log();

struct LlamaModelFree {
  void operator()(llama_model* model) const { lib().llama_model_free(model); }
};
struct LlamaContextFree {
  std::shared_ptr<OwnProducts> products;  // what computes some of its products; may be null
  void operator()(llama_context* context) const { lib().llama_free(context); }
};
using LlamaModelHandle = std::unique_ptr<llama_model, LlamaModelFree>;
using LlamaContextHandle = std::unique_ptr<llama_context, LlamaContextFree>;

using Token = llama_token;
using Tokens = std::vector<llama_token>;

/// Text <-> tokens of one model. Thread-safe; the model must outlive it.
class LlamaVocabulary {
 public:
  explicit LlamaVocabulary(const llama_model* model);

  /// `add_special`: BOS (and EOS) where the model wants them. `parse_special`: control tokens written in the text are taken as
  /// such.
  Result<Tokens> tokens(std::string_view text, bool add_special, bool parse_special) const;
  /// The bytes of a token; control tokens are empty unless `special`.
  std::string piece(Token token, bool special) const;
  bool ends_generation(Token token) const { return lib().llama_vocab_is_eog(vocab_, token); }
  bool is_control(Token token) const { return lib().llama_vocab_is_control(vocab_, token); }
  bool adds_bos() const { return lib().llama_vocab_get_add_bos(vocab_); }
  /// LLAMA_TOKEN_NULL where there is none. What the library assumes of a file that names none counts only where it is a control token:
  /// the number that is usual for a kind of tokenizer is, in another vocabulary of that kind, a comma.
  Token bos() const { return bos_; }
  Token eos() const { return eos_; }
  int size() const { return size_; }
  /// What stands before a text that has nothing before it: BOS, else EOS; with `end_of_text` EOS, else BOS. Error when the vocabulary
  /// has neither.
  Result<Token> prefix_token(bool end_of_text = false) const;

 private:
  const llama_vocab* vocab_;
  int size_;
  Token bos_, eos_;
};

/// A batch that cannot grow past its capacity: the library aborts the process when one does.
class LlamaBatch {
 public:
  LlamaBatch(int capacity, int max_sequences);
  ~LlamaBatch() { lib().llama_batch_free(batch_); }
  LlamaBatch(const LlamaBatch&) = delete;
  LlamaBatch& operator=(const LlamaBatch&) = delete;

  void clear() { batch_.n_tokens = 0; }
  /// Returns the index of the token in the batch, for reading its logits. Full or too many sequences: -1, nothing added.
  int add(Token token, int position, const std::vector<llama_seq_id>& sequences, bool logits);
  /// Asks for the logits of a token that is in the batch already.
  // NOLINTNEXTLINE(readability-make-member-function-const): the batch changes
  void want_logits(int index) { batch_.logits[index] = 1; }
  bool wants_logits(int index) const { return batch_.logits[index] != 0; }
  int size() const { return batch_.n_tokens; }
  int capacity() const { return capacity_; }
  const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
  int capacity_, max_sequences_;
};

}  // namespace assay
