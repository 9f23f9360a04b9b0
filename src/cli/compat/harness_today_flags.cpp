#include "cli/compat/harness_today_flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/text.h"

namespace assay::compat {
namespace {

bool is_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

template <std::size_t n>
bool among(const std::array<const char*, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array kListFlags{"--tasks", "-t", "--include_path"};
constexpr std::array kOptionalValue{"--apply_chat_template", "--fewshot_as_multiturn", "--cache_requests"};
constexpr std::array kToday{"config",
                            "apply_chat_template",
                            "chat_template",
                            "use_cache",
                            "gen_kwargs",
                            "log_samples",
                            "samples",
                            "cache_requests",
                            "system_instruction",
                            "fewshot_as_multiturn",
                            "include_path",
                            "verbosity",
                            "show_config",
                            "wandb_args",
                            "wandb_config_args",
                            "hf_hub_log_args",
                            "predict_only",
                            "seed",
                            "trust_remote_code",
                            "confirm_run_unsafe_code",
                            "metadata",
                            "rows",
                            "bootstrap_iters"};

std::unexpected<Error> no_counterpart(const std::string& name, const std::string& model) {
  return fail(ErrorKind::usage, "--model_args: " + shorten(name, 60) + " has no counterpart for --model " + model, "",
              "leave it out; settings of a model stand in its spec (docs/model-specs.md)");
}

std::string strip_end(std::string text, std::string_view end) {
  if (text.ends_with(end)) text.resize(text.size() - end.size());
  while (text.ends_with('/')) text.pop_back();
  return text;
}

/// Models asked over an API. `api`: what the spec says, "" = chat.
Result<HarnessModel> api_model(const std::string& model, const std::map<std::string, std::string>& arguments, const std::string& backend,
                               const std::string& api, std::string_view path, std::optional<std::size_t>& concurrency) {
  HarnessModel out;
  std::string name, base, settings;
  auto set = [&](const std::string& one) { settings += (settings.empty() ? "?" : "&") + one; };
  if (!api.empty()) set("api=" + api);
  for (const auto& [key, value] : arguments) {
    if (key == "model" || key == "pretrained") {
      name = value;
    } else if (key == "base_url") {
      base = strip_end(value, path);
    } else if (key == "num_concurrent") {
      std::size_t n = 0;
      auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), n);
      if (problem != std::errc() || end != value.data() + value.size() || n == 0)
        return fail(ErrorKind::usage, "--model_args: num_concurrent takes a whole number, not \"" + shorten(value, 30) + "\"");
      concurrency = n;
    } else if (key == "seed") {
      set("seed=" + value);
    } else if (key == "add_bos_token" && api == "completions") {
      // Texts are sent, so the server puts it there, or does not; which of them is looked at before the run.
      const std::string word = lower(value);
      if (word != "true" && word != "false")
        return fail(ErrorKind::usage, "--model_args: add_bos_token takes True or False, not \"" + shorten(value, 30) + "\"");
      set(word == "true" ? "bos=on" : "bos=off");
    } else if (key == "max_gen_toks") {
      set("max_tokens=" + value);
    } else if (key == "tokenizer" || key == "tokenizer_backend" || key == "tokenized_requests") {
      out.notes.push_back(key + " changes nothing: texts are sent, and the server's own tokens are counted");
    } else if (key == "max_retries" || key == "timeout" || key == "batch_size") {
      out.notes.push_back(key + " changes nothing: requests are repeated and timed by the limits of the spec");
    } else if (key == "max_length") {
      out.notes.emplace_back("max_length changes nothing: the server cuts what is too long, or refuses it");
    } else {
      return no_counterpart(key, model);
    }
  }
  if (name.empty()) return fail(ErrorKind::usage, "--model_args of --model " + model + " must name model=NAME");
  if (!base.empty()) {
    out.spec = base + settings + "#" + name;
  } else if (!backend.empty()) {
    out.spec = backend + ":" + name + settings;
  } else {
    return fail(ErrorKind::usage, "--model_args of --model " + model + " must name base_url=http://HOST/v1" + std::string(path));
  }
  return out;
}

}  // namespace

std::vector<std::string> translate_harness(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  std::size_t i = !words.empty() && words[0] == "run" ? 1 : 0;
  while (i < words.size()) {
    const std::string& word = words[i++];
    if (word == "--") {
      out.push_back(word);
      out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (among(kOptionalValue, word)) {
      const bool given = i < words.size() && !is_flag(words[i]);
      out.push_back(word + "=" + (given ? words[i++] : std::string("true")));
    } else if (among(kListFlags, word) && i < words.size() && !is_flag(words[i])) {
      std::string list = words[i++];
      while (i < words.size() && !is_flag(words[i])) list += "," + words[i++];
      out.push_back(word);
      out.push_back(std::move(list));
    } else {
      out.push_back(word);
    }
  }
  return out;
}

bool is_todays_harness(const cli::Arguments& arguments) {
  if (!arguments.positional.empty()) return true;
  for (const char* flag : kToday)
    if (arguments.options.contains(flag)) return true;
  auto tasks = arguments.options.find("tasks");
  if (tasks == arguments.options.end()) return false;
  for (const std::string& list : tasks->second)
    for (const std::string& task : split(list, ','))
      if (!task.starts_with("json=") && (task.find('/') != std::string::npos || task.ends_with(".yaml"))) return true;
  return false;
}

Result<HarnessModel> todays_model(const std::string& model, std::string_view text, std::optional<std::size_t>& concurrency) {
  auto arguments = harness_model_arguments(text);
  if (!arguments) return fail(arguments.error());
  if (model == "local-completions")
    return api_model(model, *arguments, "", "completions", "/completions", concurrency);
  if (model == "openai-completions")
    return api_model(model, *arguments, "openai", "completions", "/completions", concurrency);
  if (model == "local-chat-completions") return api_model(model, *arguments, "", "chat", "/chat/completions", concurrency);
  if (model == "openai-chat-completions")
    return api_model(model, *arguments, "openai", "chat", "/chat/completions", concurrency);
  if (model == "anthropic-chat" || model == "anthropic-chat-completions")
    return api_model(model, *arguments, "anthropic", "", "/v1/messages", concurrency);
  if (model == "gguf" || model == "ggml") {
    if (arguments->contains("base_url")) {
      arguments->try_emplace("model", "default");
      std::string& base = arguments->at("base_url");
      base = strip_end(base, "/v1") + "/v1";
      return api_model(model, *arguments, "", "completions", "/completions", concurrency);
    }
    return harness_model("hf", text);
  }
  if (model == "hf-auto" || model == "huggingface") return harness_model("hf", text);
  return harness_model(model, text);
}

Result<HarnessSeeds> read_seeds(std::string_view text) {
  HarnessSeeds out;
  const std::array<std::optional<std::int64_t>*, 4> seeds{&out.python, &out.numpy, &out.torch, &out.fewshot};
  const std::vector<std::string> parts = split(text, ',');
  auto wrong = [&] {
    return fail(ErrorKind::usage,
                "--seed takes one number or four (python,numpy,torch,few-shot), not \"" + shorten(text, 40) + "\"");
  };
  if (parts.size() > 4) return wrong();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = strip(parts[i]);
    std::optional<std::int64_t> value;
    if (part != "None") {
      std::int64_t number = 0;
      auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), number);
      if (problem != std::errc() || end != part.data() + part.size() || number < 0) return wrong();
      value = number;
    }
    *seeds[i] = value;
    if (parts.size() == 1)
      for (std::optional<std::int64_t>* seed : seeds) *seed = value;
  }
  return out;
}

}  // namespace assay::compat
