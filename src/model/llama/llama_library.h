// libllama's functions as a table. In a build with shared libraries it is opened when the first GGUF model is used, not when the
// program starts: mapping and relocating it costs a start more than everything else that `assay --version` does. Where libllama
// was linked in statically the table holds the functions themselves.
#pragma once

#include <ggml-backend.h>
#include <ggml.h>
#include <llama.h>

#include <string>

#include "base/error.h"

// Every function of the library that this folder calls. Calling one that is not here does not link.
#define ASSAY_LLAMA_FUNCTIONS(X)                                                                                                 \
  X(ggml_backend_dev_count) X(ggml_backend_dev_get) X(ggml_backend_dev_type) X(ggml_backend_buffer_is_host)                      \
  X(ggml_init) X(ggml_free) X(ggml_custom_4d)                                                                                    \
  X(ggml_backend_load_all_from_path) X(ggml_backend_reg_by_name) X(ggml_backend_reg_get_proc_address) X(ggml_blck_size)          \
      X(ggml_commit) X(ggml_type_size) X(llama_backend_init) X(llama_batch_free) X(llama_batch_init)                             \
          X(llama_chat_apply_template) X(llama_context_default_params) X(llama_decode) X(llama_free) X(llama_get_logits_ith)     \
              X(llama_get_memory) X(llama_init_from_model) X(llama_log_set) X(llama_memory_clear) X(llama_memory_seq_cp)         \
                  X(llama_memory_seq_rm) X(llama_model_default_params) X(llama_model_free) X(llama_model_get_vocab)              \
                      X(llama_model_has_decoder) X(llama_model_has_encoder) X(llama_model_is_hybrid) X(llama_model_is_recurrent) \
                          X(llama_model_load_from_file) X(llama_n_batch) X(llama_n_ctx) X(llama_n_ctx_seq) X(llama_n_seq_max)    \
                              X(llama_token_to_piece) X(llama_tokenize) X(llama_version) X(llama_vocab_bos) X(llama_vocab_eos)   \
                                  X(llama_vocab_get_add_bos) X(llama_vocab_is_control) X(llama_vocab_is_eog)                     \
                                      X(llama_vocab_n_tokens) X(llama_get_embeddings_seq) X(llama_model_n_embd_out)              \
                                          X(llama_pooling_type) X(llama_model_meta_val_str)

namespace assay {

struct LlamaFunctions {
#define ASSAY_LLAMA_MEMBER(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): it declares a member of that name
  ASSAY_LLAMA_FUNCTIONS(ASSAY_LLAMA_MEMBER)
#undef ASSAY_LLAMA_MEMBER
};

/// Opens the library: beside the program (../lib, where build and installation put it), else where the system looks. Thread-safe;
/// the first call decides. Error: unsupported, with what the loader said.
Result<void> open_llama_library();

/// The functions. To be called only after open_llama_library() succeeded.
const LlamaFunctions& lib();

/// The folder of the opened library, for the compute backends that lie beside it; empty in a static build.
std::string llama_library_folder();

}  // namespace assay
