#include "model/llama/libllama.h"

#include <dlfcn.h>

#include <exception>
#include <filesystem>
#include <mutex>

#include "base/text.h"

namespace assay {
namespace {

// The library has one log for the whole process, so this is one of the two places with static state (the other: backends).
struct Log {
  std::mutex mutex;
  std::string text;
  bool keep = false;  // continuation lines belong to the level before them
};
Log& log() {
  static Log instance;
  return instance;
}

void on_log(ggml_log_level level, const char* text, void*) {
  Log& l = log();
  std::lock_guard lock(l.mutex);
  if (level != GGML_LOG_LEVEL_CONT) l.keep = level >= GGML_LOG_LEVEL_WARN;
  if (l.keep && l.text.size() < 4096) l.text += text;
}

// "libggml-cpu-zen4.so" -> "zen4"
std::string variant_from_file(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  std::size_t at = name.find("ggml-cpu-");
  return at == std::string::npos ? std::string() : name.substr(at + 9);
}

std::string cpu_variant() {
  ggml_backend_reg_t reg = lib().ggml_backend_reg_by_name("CPU");
  if (!reg) return {};
  auto* features =
      reinterpret_cast<ggml_backend_get_features_t>(lib().ggml_backend_reg_get_proc_address(reg, "ggml_backend_get_features"));
  if (!features) return "unknown";
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(features), &info) && info.dli_fname)
    if (std::string variant = variant_from_file(info.dli_fname); !variant.empty()) return variant;
  std::string list;
  for (ggml_backend_feature* f = features(reg); f && f->name; ++f)
    if (std::string_view(f->value) != "0") list += (list.empty() ? "" : "+") + std::string(f->name);
  return list.empty() ? "unknown" : list;
}

Result<LlamaRuntime> start() {
  if (auto opened = open_llama_library(); !opened) return fail(opened.error());
  lib().llama_log_set(on_log, nullptr);
  // Nothing computes until a backend is loaded, and the library itself looks only beside the program.
  const std::string folder = llama_library_folder();
  if (!folder.empty()) lib().ggml_backend_load_all_from_path(folder.c_str());
  lib().llama_backend_init();
  LlamaRuntime runtime;
  runtime.version = lib().llama_version();
  runtime.commit = lib().ggml_commit();
  runtime.cpu_variant = cpu_variant();
  if (lib().ggml_backend_dev_count() == 0 || runtime.cpu_variant.empty())
    return fail(ErrorKind::unsupported, "libllama found none of its compute libraries (libggml-cpu-*.so)", folder,
                "they must lie in the folder of libllama; install the program again or run tools/fetch-llama");
  return runtime;
}

}  // namespace

Result<LlamaRuntime> llama_runtime() {
  static const Result<LlamaRuntime> runtime = start();
  return runtime;
}

std::string take_llama_log() {
  Log& l = log();
  std::lock_guard lock(l.mutex);
  std::string text(strip(valid_utf8(l.text)));
  l.text.clear();
  return shorten(replace_all(text, "\n", "; "), 400);
}

LlamaVocabulary::LlamaVocabulary(const llama_model* model)
    : vocab_(lib().llama_model_get_vocab(model)), size_(lib().llama_vocab_n_tokens(vocab_)) {
  auto believed = [&](const char* key, Token token) {
    char value[32];
    const bool named = lib().llama_model_meta_val_str(model, key, value, sizeof value) >= 0;
    return token != LLAMA_TOKEN_NULL && (named || is_control(token)) ? token : LLAMA_TOKEN_NULL;
  };
  bos_ = believed("tokenizer.ggml.bos_token_id", lib().llama_vocab_bos(vocab_));
  eos_ = believed("tokenizer.ggml.eos_token_id", lib().llama_vocab_eos(vocab_));
}

Result<Tokens> LlamaVocabulary::tokens(std::string_view text, bool add_special, bool parse_special) const {
  constexpr std::size_t kMaxText = std::size_t{1} << 30;
  if (text.size() > kMaxText) return fail(ErrorKind::bad_request, "the text is longer than a gigabyte");
  std::string valid;
  if (!is_valid_utf8(text)) {
    valid = valid_utf8(text);
    text = valid;
  }
  try {
    Tokens out(text.size() / 3 + 8);
    auto run = [&] {
      return lib().llama_tokenize(vocab_, text.data(), static_cast<int32_t>(text.size()), out.data(),
                                  static_cast<int32_t>(out.size()), add_special, parse_special);
    };
    int count = run();
    if (count < 0) {
      out.resize(static_cast<std::size_t>(-static_cast<std::int64_t>(count)));
      count = run();
    }
    if (count < 0) return fail(ErrorKind::bad_request, "the text cannot be tokenised");
    out.resize(static_cast<std::size_t>(count));
    for (Token token : out)
      if (token < 0 || token >= size_) return fail(ErrorKind::data, "the model's tokenizer gives a token outside its vocabulary");
    return out;
  } catch (const std::exception& e) {  // the library throws through its C interface on vocabularies it cannot use
    return fail(ErrorKind::data, std::string("the model's tokenizer failed: ") + e.what());
  }
}

std::string LlamaVocabulary::piece(Token token, bool special) const {
  if (token < 0 || token >= size_) return {};
  try {
    char small[64];
    int count = lib().llama_token_to_piece(vocab_, token, small, sizeof small, 0, special);
    if (count >= 0) return std::string(small, static_cast<std::size_t>(count));
    std::string text(static_cast<std::size_t>(-count), '\0');
    count = lib().llama_token_to_piece(vocab_, token, text.data(), static_cast<int32_t>(text.size()), 0, special);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  } catch (const std::exception&) {
    return {};
  }
}

Result<Token> LlamaVocabulary::prefix_token(bool end_of_text) const {
  if (end_of_text && eos() != LLAMA_TOKEN_NULL) return eos();
  if (bos() != LLAMA_TOKEN_NULL) return bos();
  if (eos() != LLAMA_TOKEN_NULL) return eos();
  return fail(ErrorKind::unsupported,
              "the model's vocabulary has neither a begin nor an end token to stand before a text without context");
}

LlamaBatch::LlamaBatch(int capacity, int max_sequences)
    : batch_(lib().llama_batch_init(capacity, 0, max_sequences)), capacity_(capacity), max_sequences_(max_sequences) {}

int LlamaBatch::add(Token token, int position, const std::vector<llama_seq_id>& sequences, bool logits) {
  int at = batch_.n_tokens;
  if (at >= capacity_ || sequences.empty() || sequences.size() > static_cast<std::size_t>(max_sequences_)) return -1;
  batch_.token[at] = token;
  batch_.pos[at] = position;
  batch_.n_seq_id[at] = static_cast<int32_t>(sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) batch_.seq_id[at][i] = sequences[i];
  batch_.logits[at] = logits ? 1 : 0;
  ++batch_.n_tokens;
  return at;
}

}  // namespace assay
