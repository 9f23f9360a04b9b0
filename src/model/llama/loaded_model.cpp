#include "model/llama/loaded_model.h"

#include <exception>

namespace assay {
namespace {

Result<std::shared_ptr<const LoadedModel>> load(const LlamaSettings& settings) {
  if (auto runtime = llama_runtime(); !runtime) return fail(runtime.error());
  llama_model_params params = lib().llama_model_default_params();
  if (settings.gpu_layers >= 0) params.n_gpu_layers = settings.gpu_layers;
  take_llama_log();
  LlamaModelHandle model;
  std::string thrown;
  try {
    model.reset(lib().llama_model_load_from_file(settings.path.string().c_str(), params));
  } catch (const std::exception& e) {
    thrown = e.what();
  }
  if (!model) {
    std::string log = take_llama_log();
    return fail(ErrorKind::data, "libllama cannot load this model: " + (thrown.empty() ? log : thrown), settings.path.string(),
                "the file may be newer than this libllama, or damaged");
  }
  if (!lib().llama_model_has_decoder(model.get()) || lib().llama_model_has_encoder(model.get()))
    return fail(ErrorKind::unsupported, "only decoder models can be evaluated", settings.path.string());
  LlamaVocabulary vocabulary(model.get());
  if (vocabulary.size() <= 0) return fail(ErrorKind::data, "the model has no vocabulary", settings.path.string());
  return std::make_shared<const LoadedModel>(LoadedModel{std::move(model), vocabulary});
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> ModelLoader::get() {
  std::lock_guard lock(mutex_);
  if (!loaded_) loaded_ = load(settings_);
  return *loaded_;
}

}  // namespace assay
