#include "cli/alpaca_eval_places.h"

#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "base/text.h"
#include "benchmark/pack_data.h"
#include "cli/benchmarks.h"
#include "model/byte_pairs.h"

namespace assay::compat {
namespace {

constexpr const char* kClientFile = "client_configs/openai_configs.yaml";

/// Tokenizers of the pack, each read once.
class Tokenizers {
 public:
  explicit Tokenizers(const cli::Invocation& invocation) : invocation_(invocation) {}

  Result<std::vector<std::int64_t>> tokens(std::string_view model, std::string_view text) {
    const std::string encoding(openai_encoding(model));
    if (encoding.empty()) return fail(ErrorKind::not_found, "the tokenizer of " + shorten(model, 80) + " is not known");
    if (auto known = known_tokens(encoding, text)) return *known;
    auto it = read_.find(encoding);
    if (it == read_.end()) it = read_.emplace(encoding, read(encoding)).first;
    if (!it->second) return std::unexpected(it->second.error());
    return it->second->encode(text);
  }

 private:
  Result<BytePairEncoder> read(const std::string& encoding) const {
    auto home = invocation_.data_home();
    if (!home) return std::unexpected(home.error());
    auto pack = cli::pack_store().find("alpaca-eval");
    if (!pack) return std::unexpected(pack.error());
    const std::string name = "tokenizers/" + encoding;
    auto file = PackData(**pack, "official", *home).file(name);
    if (!file) return fail(ErrorKind::not_found, "the tokenizer " + encoding + " is not here", "", "assay data pull alpaca-eval --files " + name);
    return BytePairEncoder::read(file->content, encoding, name);
  }

  const cli::Invocation& invocation_;
  std::map<std::string, Result<BytePairEncoder>> read_;
};

}  // namespace

alpaca_eval::DecoderPlaces decoder_places(const cli::Invocation& invocation) {
  alpaca_eval::DecoderPlaces out;
  const cli::Environment& environment = invocation.environment;
  for (const char* name : {"OPENAI_API_BASE", "OPENAI_BASE_URL"}) {
    if (!out.openai_base || !out.openai_base->empty()) break;
    auto base = environment.address(name, environment.provider("OPENAI_API_KEYS") ? "OPENAI_API_KEYS" : "OPENAI_API_KEY");
    if (base)
      out.openai_base = base->value_or("");
    else
      out.openai_base = fail(base.error());
  }
  std::error_code code;
  if (auto file = environment.get("OPENAI_CLIENT_CONFIG_PATH")) {
    out.openai_clients = *file;
  } else if (std::filesystem::is_regular_file(kClientFile, code)) {
    out.openai_clients = kClientFile;
  } else if (environment.provider("OPENAI_API_KEYS") || environment.provider("OPENAI_ORGANIZATION_IDS")) {
    out.openai_clients = "env";
  }
  if (environment.provider("GOOGLE_API_KEY") && !environment.provider("GEMINI_API_KEY")) out.google_key_env = "GOOGLE_API_KEY";
  if (environment.provider("HUGGINGFACEHUB_API_TOKEN") && !environment.provider("HF_TOKEN")) out.hugging_face_key_env = "HUGGINGFACEHUB_API_TOKEN";
  auto tokenizers = std::make_shared<Tokenizers>(invocation);
  out.tokens = [tokenizers](std::string_view model, std::string_view text) { return tokenizers->tokens(model, text); };
  return out;
}

}  // namespace assay::compat
