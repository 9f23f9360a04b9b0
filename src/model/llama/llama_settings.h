// How a GGUF model is run. What changes numbers is part of the model's identity; the rest is about speed and place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "model/llama/gguf_file.h"
#include "prompt/prompt_template.h"

namespace assay {

struct ModelSpec;

struct LlamaSettings {
  std::filesystem::path path;
  // Part of the identity:
  int n_ctx = 0;      // tokens of one prompt with its answer; 0 = what the model was trained for, as far as memory is sane
  int n_batch = 512;  // tokens of one decode while a prompt is read
  std::string kv_type = "f16";  // of the attention cache: f16, f32, q8_0 (the last needs flash_attn)
  bool flash_attn = false;      // off is the precise way on a CPU
  /// "reproducible": an answer depends on its request alone, not on what else is being computed. "fast": log-likelihoods of all
  /// waiting requests are computed together, and differ by the noise of the arithmetic.
  std::string mode = "reproducible";
  bool bos = false;           // BOS before the texts of log-likelihoods; the harness puts none, whatever the model's file asks for
  std::optional<bool> prompt_bos;  // before raw prompts; unset = as the request says, or the file
  /// What a text without context begins with: false = BOS, as today's harness; true = the end-of-text token, as harness-v1.
  bool start_eos = false;
  /// A chat template that writes BOS itself gets a second one from the tokenizer, as in programs that tokenize rendered chats with special tokens.
  bool double_bos = false;
  /// Tokens of a prompt, of which more are cut off at its end (the question, most often), as programs do that leave it to a tokenizer
  /// of transformers to keep a limit; 0 = a prompt that the context does not hold is an error.
  int max_input = 0;
  std::string pooling;        // of embeddings: "mean", "cls", "last"; "" = what the file says, else mean
  std::string chat_template;  // replaces the file's: Jinja text, "chatml", or "raw" (the messages' texts joined by line ends)
  /// Where `chat_template` came from a file: how that renders. Its sum takes the place of the text's in the identity.
  std::shared_ptr<const PromptTemplate> prompt_template;
  // Of a request that leaves them open:
  double temperature = 0;
  double min_p = 0.1, top_p = 1;
  int top_k = 50;
  // Not part of it:
  int parallel = 4;                  // generations in one batch; 1, or a multiple of 4
  int scoring_sequences = 64;        // of the log-likelihood context: bounds a fast wave
  int threads = 0;                   // 0 = physical cores this process may use; 1 for files below 64 MiB
  int gpu_layers = -1;               // -1 = the library's default
  bool own_kernels = true;           // false: every product is the library's (own_products.h); the same bits either way
  std::filesystem::path hash_cache;  // file that remembers the sums of weights; empty = sum every time
};

/// Settings from `gguf:PATH?key=value`; keys n_ctx, n_batch, kv_type, flash_attn, mode, bos, start, double_bos, max_input, pooling, template, parallel, threads, gpu_layers, kernels.
/// template is "chatml", "raw", or a file that PromptTemplate reads (Jinja, tokenizer_config.json, instruction template), which is
/// read here.
/// Sampling keys (temperature, ...) are not looked at: they change requests, not the engine. Errors (usage) name key and cure.
Result<LlamaSettings> llama_settings(const ModelSpec& spec);

/// Checks ranges and fills in threads, and n_ctx from the file: at most 8192, halved (to no less than 4096) while the attention
/// caches of `parallel` sequences would take more than 2 GiB. Errors: usage.
Result<LlamaSettings> settle(LlamaSettings settings, const GgufFile& file);

/// Cores that this process may run on, hyper-threads counted once; at least 1.
int physical_cores();

}  // namespace assay
