#include "model/llama/text_embedder.h"

#include <algorithm>
#include <cmath>

#include "model/llama/own_products.h"

namespace assay {
namespace {

enum llama_pooling_type pooling_of(const std::string& word) {
  return word == "mean" ? LLAMA_POOLING_TYPE_MEAN : word == "cls" ? LLAMA_POOLING_TYPE_CLS : word == "last" ? LLAMA_POOLING_TYPE_LAST : LLAMA_POOLING_TYPE_UNSPECIFIED;
}

LlamaContextHandle make_context(llama_model* model, const LlamaSettings& settings, int tokens, enum llama_pooling_type pooling, DecodeInterrupt& interrupt) {
  llama_context_params params = lib().llama_context_default_params();
  params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(tokens);  // encoders want a text in one physical batch
  params.n_seq_max = 1;
  params.n_threads = params.n_threads_batch = settings.threads;
  params.kv_unified = true;
  params.pooling_type = pooling;
  params.embeddings = true;
  params.flash_attn_type = settings.flash_attn ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.type_k = params.type_v = settings.kv_type == "f32" ? GGML_TYPE_F32 : settings.kv_type == "q8_0" ? GGML_TYPE_Q8_0 : GGML_TYPE_F16;
  params.abort_callback = &DecodeInterrupt::callback;
  params.abort_callback_data = &interrupt;
  params.no_perf = true;
  std::shared_ptr<OwnProducts> products = settings.own_kernels ? OwnProducts::create() : nullptr;
  if (products) products->install(params);
  return {lib().llama_init_from_model(model, params), {products}};
}

}  // namespace

Result<std::unique_ptr<TextEmbedder>> TextEmbedder::create(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, DecodeInterrupt& interrupt) {
  const int tokens = std::min(settings.n_ctx, kMostTokens);
  take_llama_log();
  LlamaContextHandle context = make_context(model->get(), settings, tokens, pooling_of(settings.pooling), interrupt);
  // A file that says nothing of pooling is of a model that writes; the mean of its tokens is what there is.
  if (context && lib().llama_pooling_type(context.get()) == LLAMA_POOLING_TYPE_NONE) {
    context.reset();
    context = make_context(model->get(), settings, tokens, LLAMA_POOLING_TYPE_MEAN, interrupt);
  }
  if (!context)
    return fail(ErrorKind::unsupported, "libllama cannot make a context for embeddings: " + take_llama_log(), settings.path.string(), "try a smaller n_ctx, or flash_attn=on");
  if (lib().llama_pooling_type(context.get()) == LLAMA_POOLING_TYPE_RANK)
    return fail(ErrorKind::unsupported, "this model ranks pairs of texts, it gives no vectors", settings.path.string(), "take an embedding model");
  const int room = std::min({tokens, static_cast<int>(lib().llama_n_ctx(context.get())), static_cast<int>(lib().llama_n_batch(context.get()))});
  return std::unique_ptr<TextEmbedder>(new TextEmbedder(std::move(model), settings, std::move(context), room));
}

TextEmbedder::TextEmbedder(std::shared_ptr<const LoadedModel> model, LlamaSettings settings, LlamaContextHandle context, int tokens)
    : model_(std::move(model)), settings_(std::move(settings)), context_(std::move(context)), limit_(tokens), batch_(tokens, 1) {}

Result<Vector> TextEmbedder::embed_text(std::string_view text, Response& out) {
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  auto tokens = vocabulary.tokens(text, true, false);
  if (!tokens) return std::unexpected(tokens.error());
  if (tokens->empty()) {  // nothing to look at: what stands before every text
    auto first = vocabulary.prefix_token();
    if (!first) return std::unexpected(first.error());
    tokens->push_back(*first);
  }
  if (tokens->size() > static_cast<std::size_t>(limit_)) {
    const Token last = tokens->back();
    tokens->resize(static_cast<std::size_t>(limit_));
    if (vocabulary.is_control(last)) tokens->back() = last;
    out.finish = Finish::length;
  }
  out.usage.input_tokens = out.usage.input_tokens.value_or(0) + static_cast<std::int64_t>(tokens->size());
  lib().llama_memory_clear(lib().llama_get_memory(context_.get()), false);
  batch_.clear();
  for (std::size_t i = 0; i < tokens->size(); ++i) batch_.add((*tokens)[i], static_cast<int>(i), {0}, true);
  if (auto done = decode(context_.get(), batch_); !done) return std::unexpected(done.error());
  const float* row = lib().llama_get_embeddings_seq(context_.get(), 0);
  const auto size = static_cast<std::size_t>(std::max(lib().llama_model_n_embd_out(model_->get()), 0));
  if (!row || size == 0 || size > kMostDimensions) return fail(ErrorKind::unsupported, "libllama gives no vector for this model", settings_.path.string());
  Vector vector(row, row + size);
  if (!std::all_of(vector.begin(), vector.end(), [](double v) { return std::isfinite(v); }))
    return fail(ErrorKind::data, "the model computes no numbers (NaN): its file is damaged", settings_.path.string());
  return vector;
}

Result<Response> TextEmbedder::embed(const Generate& request) {
  Response out;
  out.finish = Finish::stop;
  std::vector<Vector> vectors;
  for (const Message& message : request.messages) {
    auto vector = embed_text(message.content, out);
    if (!vector) return std::unexpected(vector.error());
    vectors.push_back(std::move(*vector));
  }
  out.text = vectors_text(vectors);
  out.finish_raw = out.finish == Finish::length ? "cut" : "embedded";
  out.usage.output_tokens = 0;
  return out;
}

}  // namespace assay
