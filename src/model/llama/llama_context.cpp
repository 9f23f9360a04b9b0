#include "model/llama/llama_context.h"

#include <exception>

#include "model/llama/own_products.h"

namespace assay {

Result<LlamaContextHandle> make_llama_context(llama_model* model, const LlamaSettings& settings, int sequences, bool unified,
                                              DecodeInterrupt& interrupt) {
  llama_context_params params = lib().llama_context_default_params();
  std::uint64_t cells = static_cast<std::uint64_t>(settings.n_ctx) * (unified ? 1 : static_cast<std::uint64_t>(sequences));
  if (cells > (std::uint64_t{1} << 31))
    return fail(ErrorKind::usage, "n_ctx times parallel is too large", settings.path.string());
  // libllama bounds its outputs by the cells and aborts the process where there are more sequences than that.
  params.n_ctx = static_cast<std::uint32_t>(std::max(cells, static_cast<std::uint64_t>(sequences)));
  params.n_batch = static_cast<std::uint32_t>(std::max(settings.n_batch, sequences));
  params.n_ubatch = params.n_batch;
  params.n_seq_max = static_cast<std::uint32_t>(sequences);
  params.n_threads = params.n_threads_batch = settings.threads;
  params.kv_unified = unified;
  params.flash_attn_type = settings.flash_attn ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.type_k = params.type_v = settings.kv_type == "f32"    ? GGML_TYPE_F32
                                  : settings.kv_type == "q8_0" ? GGML_TYPE_Q8_0
                                                               : GGML_TYPE_F16;
  params.abort_callback = &DecodeInterrupt::callback;
  params.abort_callback_data = &interrupt;
  params.no_perf = true;
  std::shared_ptr<OwnProducts> products = settings.own_kernels ? OwnProducts::create() : nullptr;
  if (products) products->install(params);
  take_llama_log();
  LlamaContextHandle context(lib().llama_init_from_model(model, params), {products});
  if (!context)
    return fail(ErrorKind::unsupported, "libllama cannot make a context for this model: " + take_llama_log(),
                settings.path.string(),
                "try a smaller n_ctx (now " + std::to_string(settings.n_ctx) +
                    "), parallel=1, or flash_attn=" + (settings.flash_attn ? "off" : "on"));
  auto per_sequence = static_cast<int>(unified ? lib().llama_n_ctx(context.get()) : lib().llama_n_ctx_seq(context.get()));
  if (per_sequence < settings.n_ctx || static_cast<int>(lib().llama_n_batch(context.get())) < settings.n_batch ||
      static_cast<int>(lib().llama_n_seq_max(context.get())) < sequences)
    return fail(ErrorKind::internal, "libllama made a smaller context than it was asked for", settings.path.string());
  return context;
}

Result<void> decode(llama_context* context, const LlamaBatch& batch) {
  int code = -3;
  try {
    code = lib().llama_decode(context, batch.get());
  } catch (const std::exception& e) {
    return fail(ErrorKind::internal, std::string("libllama failed: ") + e.what());
  }
  if (code == 0) return {};
  if (code == 2) return fail(ErrorKind::cancelled, "the computation was interrupted");
  if (code == 1) return fail(ErrorKind::internal, "the attention cache is full, which the limits should have prevented");
  std::string log = take_llama_log();
  return fail(ErrorKind::internal,
              "libllama refused a batch (code " + std::to_string(code) + ")" + (log.empty() ? "" : ": " + log));
}

Result<void> feed(llama_context* context, LlamaBatch& batch, const Tokens& tokens, int from, llama_seq_id sequence,
                  bool last_logits) {
  const std::vector<llama_seq_id> sequences{sequence};
  std::size_t at = 0;
  while (at < tokens.size()) {
    batch.clear();
    std::size_t end = std::min(tokens.size(), at + static_cast<std::size_t>(batch.capacity()));
    for (; at < end; ++at) batch.add(tokens[at], from + static_cast<int>(at), sequences, last_logits && at + 1 == tokens.size());
    if (auto done = decode(context, batch); !done) return done;
  }
  return {};
}

}  // namespace assay
