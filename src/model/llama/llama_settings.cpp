#include "model/llama/llama_settings.h"

#include <sched.h>

#include <charconv>
#include <fstream>
#include <limits>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "model/model_spec.h"

namespace assay {
namespace {

constexpr int kMaxSequences = 256;  // of libllama; above it a context cannot be made
constexpr std::uint64_t kSmallModel = std::uint64_t{64} << 20;
constexpr std::uint64_t kSaneCache = std::uint64_t{2} << 30;

Result<void> integer(const ModelSpec& spec, const char* key, int& out) {
  auto it = spec.settings.find(key);
  if (it == spec.settings.end()) return {};
  const std::string& text = it->second;
  int value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return fail(ErrorKind::usage, "'" + text + "' is not a whole number", spec.text, std::string("write ") + key + "=NUMBER");
  out = value;
  return {};
}

Result<void> boolean(const ModelSpec& spec, const char* key, bool& out) {
  auto it = spec.settings.find(key);
  if (it == spec.settings.end()) return {};
  const std::string& text = it->second;
  if (text == "on" || text == "true" || text == "1") {
    out = true;
  } else if (text == "off" || text == "false" || text == "0") {
    out = false;
  } else {
    return fail(ErrorKind::usage, "'" + text + "' is neither on nor off", spec.text,
                std::string("write ") + key + "=on or " + key + "=off");
  }
  return {};
}

void word(const ModelSpec& spec, const char* key, std::string& out) {
  if (auto it = spec.settings.find(key); it != spec.settings.end()) out = it->second;
}

Result<void> in_range(int value, int low, int high, const char* key, const LlamaSettings& settings) {
  if (value >= low && value <= high) return {};
  return fail(
      ErrorKind::usage,
      std::string(key) + "=" + std::to_string(value) + " is outside " + std::to_string(low) + " to " + std::to_string(high),
      settings.path.string());
}

std::uint64_t cache_bytes_per_token(const LlamaSettings& settings, const GgufFile& file) {
  auto get = [&](const char* key, std::uint64_t fallback) {
    return std::min<std::uint64_t>(file.hyper(key).value_or(fallback), 1 << 20);
  };
  std::uint64_t layers = get("block_count", 1), heads = std::max<std::uint64_t>(get("attention.head_count", 1), 1);
  std::uint64_t kv_heads = get("attention.head_count_kv", heads), head = get("embedding_length", 1) / heads;
  std::uint64_t numbers = layers * kv_heads * (get("attention.key_length", head) + get("attention.value_length", head));
  return settings.kv_type == "f32" ? numbers * 4 : settings.kv_type == "q8_0" ? numbers * 34 / 32 : numbers * 2;
}

}  // namespace

Result<LlamaSettings> llama_settings(const ModelSpec& spec) {
  LlamaSettings s;
  s.path = spec.name;
  if (spec.name.empty())
    return fail(ErrorKind::usage, "no model file is named", spec.text, "write gguf:PATH, for example gguf:models/name.gguf");
  struct Number {
    const char* key;
    int* value;
  };
  for (const Number& number : {Number{"n_ctx", &s.n_ctx}, Number{"n_batch", &s.n_batch}, Number{"parallel", &s.parallel},
                               Number{"threads", &s.threads}, Number{"gpu_layers", &s.gpu_layers},
                               Number{"max_input", &s.max_input}})
    if (auto done = integer(spec, number.key, *number.value); !done) return fail(done.error());
  if (auto done = boolean(spec, "flash_attn", s.flash_attn); !done) return fail(done.error());
  if (auto done = boolean(spec, "bos", s.bos); !done) return fail(done.error());
  if (spec.settings.contains("bos")) s.prompt_bos = s.bos;
  if (auto done = boolean(spec, "double_bos", s.double_bos); !done) return fail(done.error());
  if (auto it = spec.settings.find("start"); it != spec.settings.end()) {
    if (it->second != "bos" && it->second != "eos") return fail(ErrorKind::usage, "start=" + it->second + " is not known", spec.text, "write start=bos or start=eos");
    s.start_eos = it->second == "eos";
  }
  if (auto it = spec.settings.find("kernels"); it != spec.settings.end()) {
    if (it->second != "own" && it->second != "library") return fail(ErrorKind::usage, "kernels=" + it->second + " is not known", spec.text, "write kernels=own or kernels=library");
    s.own_kernels = it->second == "own";
  }
  word(spec, "kv_type", s.kv_type);
  word(spec, "mode", s.mode);
  word(spec, "pooling", s.pooling);
  word(spec, "template", s.chat_template);
  if (!s.chat_template.empty() && s.chat_template != "chatml" && s.chat_template != "raw") {
    auto text = read_file(s.chat_template, 64 << 20);
    if (!text)
      return fail(ErrorKind::usage,
                  "template=" + s.chat_template + " is no template that this program has, and no file: " + text.error().message,
                  spec.text, "write template=chatml, template=raw, or template=FILE: a Jinja chat template, a tokenizer_config.json, or an instruction template (.yaml)");
    auto parsed = PromptTemplate::parse(*text, s.chat_template);
    if (!parsed) return std::unexpected(parsed.error());
    s.prompt_template = std::make_shared<const PromptTemplate>(std::move(*parsed));
    s.chat_template = s.prompt_template->is_instruction() ? "instruction" : s.prompt_template->jinja();
  }
  return s;
}

Result<LlamaSettings> settle(LlamaSettings s, const GgufFile& file) {
  constexpr int kMaxContext = 1 << 22;
  struct Range {
    const char* key;
    int value, low, high;
  };
  for (const Range& r : {Range{"n_ctx", s.n_ctx, 0, kMaxContext}, Range{"n_batch", s.n_batch, 1, 1 << 16},
                         Range{"parallel", s.parallel, 1, kMaxSequences}, Range{"threads", s.threads, 0, 1024},
                         Range{"gpu_layers", s.gpu_layers, -1, 1 << 16}, Range{"max_input", s.max_input, 0, kMaxContext},
                         Range{"scoring_sequences", s.scoring_sequences, 1, kMaxSequences}})
    if (auto ok = in_range(r.value, r.low, r.high, r.key, s); !ok) return fail(ok.error());
  if (s.kv_type != "f16" && s.kv_type != "f32" && s.kv_type != "q8_0")
    return fail(ErrorKind::usage, "kv_type=" + s.kv_type + " is not known", s.path.string(),
                "write kv_type=f16, kv_type=f32 or kv_type=q8_0");
  if (s.kv_type == "q8_0" && !s.flash_attn) return fail(ErrorKind::usage, "kv_type=q8_0 needs flash_attn=on", s.path.string());
  if (s.mode != "reproducible" && s.mode != "fast")
    return fail(ErrorKind::usage, "mode=" + s.mode + " is not known", s.path.string(),
                "leave it out, or write mode=reproducible or mode=fast");
  if (!s.pooling.empty() && s.pooling != "mean" && s.pooling != "cls" && s.pooling != "last")
    return fail(ErrorKind::usage, "pooling=" + s.pooling + " is not known", s.path.string(), "write pooling=mean, pooling=cls or pooling=last");
  if (s.parallel > 1) s.parallel = std::min((s.parallel + 3) / 4 * 4, kMaxSequences);
  if (s.n_ctx == 0) {
    auto trained = static_cast<int>(std::min<std::uint64_t>(file.hyper("context_length").value_or(4096), 8192));
    s.n_ctx = std::max(trained, 1);
    std::uint64_t token = cache_bytes_per_token(s, file) * static_cast<std::uint64_t>(s.parallel);
    while (s.n_ctx / 2 >= 4096 && token * static_cast<std::uint64_t>(s.n_ctx) > kSaneCache) s.n_ctx /= 2;
  }
  s.n_batch = std::min(s.n_batch, s.n_ctx);
  // A small model computes a token in less time than threads need to meet; and where other processes use the cores, threads that
  // wait for one another by spinning were measured to cost a hundred times the work.
  if (s.threads == 0) s.threads = file.size < kSmallModel ? 1 : physical_cores();
  return s;
}

int physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  std::set<std::pair<int, int>> cores;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
      int package = 0, core = cpu;
      std::ifstream(folder + "physical_package_id") >> package;
      if (int id = -1; std::ifstream(folder + "core_id") >> id) core = id;
      cores.emplace(package, core);
    }
  }
  if (cores.empty()) return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return static_cast<int>(cores.size());
}

}  // namespace assay
