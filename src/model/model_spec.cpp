#include "model/model_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/json.h"
#include "base/number.h"
#include "base/shell_words.h"
#include "base/text.h"
#include "base/written_key.h"

namespace assay {
namespace {

constexpr std::size_t kMaxSpec = 8192;

enum class Takes { text, real, whole, choice, object };

// What a setting takes, for the check while parsing. `choice`: one of SettingInfo::values separated by '|'.
struct Rule {
  SettingInfo info;
  Takes takes = Takes::text;
  double low = 0, high = 0;  // inclusive, where low < high
};

const std::vector<Rule>& rules() {
  static const std::vector<std::string> remote = remote_backends();
  auto and_also = [](std::vector<std::string> list, std::initializer_list<const char*> more) {
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  static const std::vector<std::string> asked = and_also(remote, {"gguf"}), seeded = and_also(asked, {"baseline"}), launch{"launch"};
  static const std::vector<Rule> table{
      {{"temperature", "0..2", "sampling temperature, in place of the benchmark's", false, asked}, Takes::real, 0, 2},
      {{"top_p", "0..1", "nucleus sampling", false, asked}, Takes::real, 0, 1},
      {{"min_p", "0..1", "smallest share of the best token's probability", false, asked}, Takes::real, 0, 1},
      {{"top_k", "0..", "sample among the k best tokens; 0 = all", false, asked}, Takes::whole, 0, 1e9},
      {{"max_tokens", "1..", "longest answer, in place of the benchmark's", false, asked}, Takes::whole, 1, 1e9},
      {{"seed", "integer", "seed of the sampler; of baseline:random, its answers", false, seeded}, Takes::whole, -9e15, 9e15},
      {{"stop", "text", "end the answer at this text", false, asked}},
      {{"system", "text", "system message of chat requests, in place of the benchmark's", false, asked}},
      {{"template", "name or file", "gguf: chat or instruction template in place of the model's own; llama.cpp: instruction template that the prompt is rendered with; ooba: its name, for the server", true, {"gguf", "llama.cpp", "ooba", "launch"}}},
      {{"n_ctx", "tokens", "context length; default: the model's own, at most 8192", true, {"gguf"}}, Takes::whole, 8, 1e8},
      {{"n_batch", "tokens", "tokens computed at once", true, {"gguf"}}, Takes::whole, 1, 1e6},
      {{"threads", "1..", "compute threads; default: the physical cores, 1 for files below 64 MiB", false, {"gguf"}}, Takes::whole, 1, 4096},
      {{"parallel", "1..256", "sequences computed together", true, {"gguf"}}, Takes::whole, 1, 256},
      {{"gpu_layers", "-1..", "layers on the accelerator; -1 = the library's choice", true, {"gguf"}}, Takes::whole, -1, 65536},
      {{"kv_type", "f16|f32|q8_0", "type of the attention cache", true, {"gguf"}}, Takes::choice},
      {{"flash_attn", "on|off", "flash attention", true, {"gguf"}}, Takes::choice},
      {{"kernels", "own|library", "who multiplies by Q8_0 matrices on a processor with AVX-512 VNNI; the numbers are the same to the last bit; default own", false, {"gguf"}}, Takes::choice},
      {{"mode", "reproducible|fast", "reproducible: a number never depends on what is computed beside it; fast: log-likelihoods of all waiting requests are computed together", true, {"gguf"}}, Takes::choice},
      {{"bos", "on|off", "BOS before the texts of log-likelihoods and before raw prompts; by default none in the harness's tasks, and what the model's file asks for in others. Of a server that echoes: what it must do, else its log-likelihoods are refused; by default either is taken, and one is noted", true, {"gguf", "openai", "launch"}}, Takes::choice},
      {{"start", "bos|eos", "what a text without context begins with, for log-likelihoods: BOS as in today's harness (default), or the end-of-text token, which harness-v1's texts get by themselves", true, {"gguf"}}, Takes::choice},
      {{"double_bos", "on|off", "put BOS before chats whose template writes one already, as MixEval's program did with open models; default off", true, {"gguf"}}, Takes::choice},
      {{"max_input", "tokens", "cut longer prompts at their end, as programs do that leave a limit to a tokenizer (MixEval's with open models); by default a prompt that the context does not hold is an error", true, {"gguf"}}, Takes::whole, 1, 1e8},
      {{"api", "chat|completions|messages|azure|bedrock|cohere|gemini|huggingface|jina|reka|replicate|llama.cpp|ooba", "the dialect that the server is asked in; all but the first two with an address", true, {"openai", "launch"}}, Takes::choice},
      {{"echo_check", "on|off", "ask the server for texts that show whether the log-probabilities it echoes mean anything, before the first log-likelihood; default on", false, {"openai", "launch"}}, Takes::choice},
      {{"dimensions", "1..", "of an embedding model: how many numbers its vectors have, where it can do with fewer", true, {"openai", "azure", "mistral"}}, Takes::whole, 1, 65536},
      {{"pooling", "mean|cls|last", "of an embedding model: how the vectors of a text's tokens become one; default: what the file says, else mean", true, {"gguf"}}, Takes::choice},
      {{"reasoning", "low|medium|high|off", "how much the model thinks before it answers", true, {"openai", "azure", "anthropic", "mistral", "gemini", "launch"}}, Takes::choice},
      {{"extra", "JSON object", "more members for the body of every request; huggingface: for its parameters, replicate: for its input", true, remote}, Takes::object},
      {{"api_version", "date", "of Azure's interface; default 2024-10-21", false, {"azure"}}},
      {{"region", "NAME", "of Amazon's data centres; default AWS_REGION, AWS_DEFAULT_REGION, us-west-2", true, {"bedrock"}}},
      {{"clients", "file or env", "several keys, organisations and addresses for one model: a client_configs file of AlpacaEval, or env: OPENAI_API_KEYS and OPENAI_ORGANIZATION_IDS", false, {"openai"}}},
      {{"key_env", "NAME", "environment variable that holds the key", false, remote}},
      {{"concurrency", "1..", "most requests in flight", false, remote}, Takes::whole, 1, 1e6},
      {{"rpm", "1..", "most requests a minute", false, remote}, Takes::real, 0.001, 1e9},
      {{"tpm", "1..", "most tokens a minute", false, remote}, Takes::real, 1, 1e12},
      {{"timeout", "seconds", "of one attempt", false, remote}, Takes::real, 0.001, 1e6},
      {{"total_timeout", "seconds", "of a request with all its attempts, without waiting in our own line; ends one that is under way, too", false, asked}, Takes::real, 0.001, 1e7},
      {{"retries", "0..", "attempts after the first", false, remote}, Takes::whole, 0, 1000},
      {{"price_in", "USD", "for a million input tokens", false, asked}, Takes::real, 0, 1e9},
      {{"price_out", "USD", "for a million output tokens", false, asked}, Takes::real, 0, 1e9},
      {{"model", "file or name", "what the launched server serves; a GGUF file or a folder is known by its bytes", true, launch}},
      {{"program", "file", "in place of the recipe's program; of ooba, the start script", false, launch}},
      {{"args", "words", "more words for the command, split as a shell does", true, launch}},
      {{"command", "words", "of launch:command, all of it, with {port} and {model} in it", true, launch}},
      {{"model_dir", "folder", "of ooba: --model-dir", false, launch}},
      {{"trust_remote_code", "on|off", "whether the server may run code that comes with the model", true, launch}, Takes::choice},
      {{"port", "1..65535", "where the server listens; default: the recipe's, or a free one", false, launch}, Takes::whole, 1, 65535},
      {{"ready", "text", "the server is ready when a line of its output holds this; default: when it answers", false, launch}},
      {{"start_timeout", "seconds", "until a launched server is ready; default 600", false, launch}, Takes::real, 0.001, 1e6},
      {{"restarts", "0..", "times a server is started again without an answer in between; default 6", false, launch}, Takes::whole, 0, 1000},
      {{"value", "number", "what baseline:constant answers; default 5", true, {"baseline"}}, Takes::real, -1e9, 1e9},
      {{"run", "index or number", "which recorded run of the file", true, {"replay"}}},
  };
  return table;
}

/// What can stand before the ':'.
const std::vector<std::string>& backends() {
  static const std::vector<std::string> names{"openai", "azure", "anthropic", "bedrock", "cohere", "gemini", "huggingface", "jina", "mistral", "reka", "replicate", "launch", "gguf", "replay", "baseline"};
  return names;
}

/// The back end that `?api=` names, where that is not the address's usual one.
std::string_view backend_of_api(std::string_view api) {
  if (api == "messages") return "anthropic";
  for (std::string_view same : {"azure", "bedrock", "cohere", "gemini", "huggingface", "jina", "reka", "replicate", "llama.cpp", "ooba"})
    if (api == same) return same;
  return {};
}

bool is_file_backend(std::string_view backend) { return backend == "gguf" || backend == "replay"; }

std::string nearest(std::string_view wrong, const std::vector<std::string>& names) {
  auto near = did_you_mean(wrong, names);
  return near.empty() ? std::string() : "did you mean " + join(near, " or ") + "? ";
}

// Foreign text in a message: bounded, and without control characters.
std::string in_quotes(std::string_view text) {
  std::string shown;
  for (char c : shorten(text, 60)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return "\"" + shown + "\"";
}

Result<std::string> percent_decode(std::string_view text) {
  auto hex = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    int high = i + 2 < text.size() ? hex(text[i + 1]) : -1, low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (high < 0 || low < 0) return fail(ErrorKind::usage, "'%' is not followed by two hex digits in " + in_quotes(text.substr(i, 3)), "", "write %25 for a per cent sign");
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (!is_valid_utf8(out)) return fail(ErrorKind::usage, "not valid UTF-8 after decoding what is written with '%'");
  return out;
}

std::unexpected<Error> refuse_key(const std::string& where, const std::string& more = "") {
  return fail(ErrorKind::usage, "a key cannot stand in a model spec" + where + ": it would end up in the shell's history and in reports", "",
              "put it into an environment variable or a .env file, and name the variable with key_env=NAME" + more);
}

/// Of a setting, or of a member of the body that is sent along.
bool is_key(std::string_view name) {
  std::string folded = lower(name);
  auto is = [&](std::string_view other) { return folded == other; };
  return contains(folded, "api_key") || contains(folded, "apikey") || contains(folded, "api-key") ||
         std::ranges::any_of(std::array<std::string_view, 6>{"key", "token", "access_token", "password", "secret", "authorization"}, is);
}

/// The name of a member that holds a key; empty where none does.
std::string_view key_in(const json::value& value) {
  if (value.is_array())
    for (const json::value& item : value.get_array())
      if (std::string_view found = key_in(item); !found.empty()) return found;
  if (value.is_object())
    for (const auto& [name, member] : value.get_object()) {
      if (is_key(name) && member.is_string() && !member.get_string().empty()) return name;
      if (std::string_view found = key_in(member); !found.empty()) return found;
    }
  return {};
}

/// The words of a command that a launch starts.
Result<void> check_words(const std::string& value) {
  auto words = split_shell_words(value);
  if (!words) return fail(ErrorKind::usage, words.error().message, "", words.error().hint);  // without the words, which may have a key among them
  std::string_view name = written_key(*words);
  if (name.empty()) return {};
  return refuse_key(" (" + shorten(name, 60) + ")", ", and write {key} here");
}

Result<void> check_value(const Rule& rule, const std::string& value) {
  auto refuse = [&] {
    return fail(ErrorKind::usage, rule.info.key + "=" + in_quotes(value) + " is not possible", "", rule.info.key + " takes " + rule.info.values + ": " + rule.info.meaning);
  };
  if (rule.takes == Takes::choice) {
    auto choices = split(rule.info.values, '|');
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) return refuse();
  } else if (rule.takes == Takes::whole) {
    std::int64_t number = 0;
    auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc() || end != value.data() + value.size()) return refuse();
    if (static_cast<double>(number) < rule.low || static_cast<double>(number) > rule.high) return refuse();
  } else if (rule.takes == Takes::real) {
    auto number = python_float(value);
    if (!number || !(*number >= rule.low && *number <= rule.high)) return refuse();
  } else if (rule.takes == Takes::object) {
    auto object = parse_json(value);
    if (!object || !object->is_object())  // which may have a key in it: not repeated
      return fail(ErrorKind::usage, rule.info.key + " is not a JSON object", "", rule.info.key + " takes " + rule.info.values + ": " + rule.info.meaning);
    if (std::string_view name = key_in(*object); !name.empty()) return refuse_key(" (" + shorten(name, 60) + ")");
  } else if (value.empty() && rule.info.key != "system") {  // an empty system message is one: some models are asked so
    return refuse();
  } else if (rule.info.key == "args" || rule.info.key == "command") {
    return check_words(value);
  }
  return {};
}

Result<void> add_setting(ModelSpec& spec, std::string_view pair) {
  std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos)
    return fail(ErrorKind::usage, "the setting " + in_quotes(pair) + " has no value", "", "settings are written ?key=value&key=value");
  std::string key(pair.substr(0, equals));
  if (is_key(key)) return refuse_key("");
  auto rule = std::find_if(rules().begin(), rules().end(), [&](const Rule& r) { return r.info.key == key; });
  auto fits = [&](const SettingInfo& info) {
    return info.backends.empty() || std::find(info.backends.begin(), info.backends.end(), spec.backend) != info.backends.end();
  };
  if (rule == rules().end() || !fits(rule->info)) {
    std::vector<std::string> known;
    for (const Rule& r : rules())
      if (fits(r.info)) known.push_back(r.info.key);
    if (rule == rules().end())
      return fail(ErrorKind::usage, "unknown model setting " + in_quotes(key), "", nearest(key, known) + "settings of " + spec.backend + ": " + join(known, " "));
    return fail(ErrorKind::usage, key + " is not a setting of " + spec.backend, "", "it is one of " + join(rule->info.backends, ", ") + "; settings of " + spec.backend + ": " + join(known, " "));
  }
  auto value = percent_decode(pair.substr(equals + 1));
  if (!value) return std::unexpected(value.error());
  if (auto checked = check_value(*rule, *value); !checked) return checked;
  if (!spec.settings.emplace(key, *value).second) return fail(ErrorKind::usage, "the setting " + key + " is given twice");
  return {};
}

Result<void> add_settings(ModelSpec& spec, std::string_view query) {
  while (!query.empty()) {
    std::size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    if (!pair.empty())
      if (auto added = add_setting(spec, pair); !added) return added;
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

/// The api first: it says which back end's settings the others are.
Result<void> add_address_settings(ModelSpec& spec, const std::vector<std::string_view>& queries) {
  std::string rest;
  for (std::string_view query : queries)
    for (const std::string& pair : split(query, '&')) {
      if (!pair.starts_with("api=")) {
        rest += (rest.empty() ? "" : "&") + pair;
      } else if (auto added = add_setting(spec, pair); !added) {
        return added;
      }
    }
  if (auto api = spec.settings.find("api"); api != spec.settings.end())
    if (std::string_view backend = backend_of_api(api->second); !backend.empty()) {
      spec.backend = backend;
      spec.settings.erase(api);
    }
  return add_settings(spec, rest);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

// http(s)://HOST[:PORT]/PATH?settings#NAME
Result<ModelSpec> parse_url(std::string_view text) {
  ModelSpec spec;
  spec.text = text;
  spec.backend = "openai";
  std::vector<std::string_view> queries;
  std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    std::string_view name = text.substr(hash + 1);
    // Settings behind the name are no part of a URL, but it is plain what is meant.
    std::size_t query = name.find('?');
    if (query != std::string_view::npos && contains(name.substr(query), "=")) {
      queries.push_back(name.substr(query + 1));
      name = name.substr(0, query);
    }
    auto decoded = percent_decode(name);
    if (!decoded) return std::unexpected(decoded.error());
    spec.name = *decoded;
    text = text.substr(0, hash);
  }
  std::size_t query = text.find('?');
  if (query != std::string_view::npos) {
    queries.push_back(text.substr(query + 1));
    text = text.substr(0, query);
  }
  if (auto added = add_address_settings(spec, queries); !added) return std::unexpected(added.error());
  std::size_t host_at = text.find("//") + 2;
  std::size_t path_at = std::min(text.find('/', host_at), text.size());
  std::string_view authority = text.substr(host_at, path_at - host_at);
  std::string_view example = "for example http://127.0.0.1:8080/v1#name";
  if (contains(authority, "@"))  // what stands before it is not repeated: it may be a password
    return fail(ErrorKind::usage, "credentials cannot stand in a model's address", "",
                "leave out what stands before the '@', put the key into an environment variable, and name that with ?key_env=NAME");
  std::string_view host = authority, port;
  std::size_t bracket = authority.rfind(']');
  std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    int number = 0;
    auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (code != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535)
      return fail(ErrorKind::usage, in_quotes(port) + " is not a port", "", std::string(example));
  }
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (host.empty() || (!bracketed && host.find_first_of("[]:\\") != std::string_view::npos) || contains(host, " "))
    return fail(ErrorKind::usage, in_quotes(authority) + " is not a host", "", std::string(example));
  std::string_view path = text.substr(path_at);
  while (path.ends_with('/')) path.remove_suffix(1);
  spec.base = lower_ascii(text.substr(0, path_at)) + std::string(path);
  return spec;
}

}  // namespace

std::string ModelSpec::label() const {
  if (is_file_backend(backend)) {
    std::string file = std::filesystem::path(name).filename().string();
    if (file.empty()) file = std::filesystem::path(name).parent_path().filename().string();
    return file.empty() ? name : file;
  }
  if (backend == "baseline") return "baseline:" + name;
  if (backend == "launch") {
    auto served = settings.find("model");
    return served == settings.end() ? "launch:" + name : served->second;
  }
  if (!name.empty()) return name;
  std::size_t host = base.find("//");
  if (host == std::string::npos) return backend;
  return base.substr(host + 2, base.find('/', host + 2) - host - 2);
}

bool ModelSpec::is_remote() const {
  return std::find(remote_backends().begin(), remote_backends().end(), backend) != remote_backends().end();
}

const std::vector<std::string>& remote_backends() {
  static const std::vector<std::string> names{"openai", "azure", "anthropic", "bedrock", "cohere", "gemini", "huggingface", "jina", "mistral", "reka", "replicate", "llama.cpp", "ooba", "launch"};
  return names;
}

const std::vector<SettingInfo>& model_settings() {
  static const std::vector<SettingInfo> table = [] {
    std::vector<SettingInfo> out;
    for (const Rule& rule : rules()) out.push_back(rule.info);
    return out;
  }();
  return table;
}

std::string shown_backends(const SettingInfo& setting) {
  std::vector<std::string> rest = setting.backends;
  auto all_in = [&](const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return std::find(rest.begin(), rest.end(), name) != rest.end(); });
  };
  std::vector<std::string> hosted = remote_backends();
  std::erase(hosted, "launch");
  std::vector<std::string> out;
  if (all_in(hosted)) {
    std::erase_if(rest, [&](const std::string& name) { return std::find(hosted.begin(), hosted.end(), name) != hosted.end(); });
    out.emplace_back("remote");
  }
  out.insert(out.end(), rest.begin(), rest.end());
  return join(out, ", ");
}

Result<ModelSpec> parse_model_spec(std::string_view text) {
  std::string_view forms = "write openai:NAME, anthropic:NAME, mistral:NAME, gemini:NAME (assay list providers has the others), http://HOST/v1#NAME, launch:llama-server?model=FILE, gguf:FILE, replay:FILE or baseline:random";
  if (text.empty()) return fail(ErrorKind::usage, "the model spec is empty", "", std::string(forms));
  if (text.size() > kMaxSpec || !is_valid_utf8(text) || std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return fail(ErrorKind::usage, "the model spec is too long or not text", "", std::string(forms));

  std::size_t colon = text.find(':');
  std::string backend = lower_ascii(text.substr(0, colon));
  if ((backend == "http" || backend == "https") && colon != std::string_view::npos && text.substr(colon).starts_with("://")) return parse_url(text);
  bool known = std::find(backends().begin(), backends().end(), backend) != backends().end();
  if (colon == std::string_view::npos || !known) {
    std::string hint = nearest(backend, backends()) + std::string(forms);
    // A file name is the commonest thing that is written without its back end, a drive letter included.
    if (contains(lower_ascii(text), ".gguf")) hint = "for a model file write gguf:" + shorten(text, 200);
    if (known) return fail(ErrorKind::usage, "the model spec " + in_quotes(text) + " has no name", "", std::string(forms));
    if (backend == "llama.cpp" || backend == "ooba") hint = "such a server has an address: http://HOST:PORT?api=" + backend;
    return fail(ErrorKind::usage, "unknown kind of model in " + in_quotes(text), "", hint);
  }

  ModelSpec spec;
  spec.text = text;
  spec.backend = backend;
  std::string_view rest = text.substr(colon + 1);
  // A file's name may hold a '?'; what follows the last one are settings if it looks like them.
  std::size_t query = is_file_backend(backend) ? rest.rfind('?') : rest.find('?');
  if (query != std::string_view::npos && is_file_backend(backend) && !contains(rest.substr(query), "=")) query = std::string_view::npos;
  if (query != std::string_view::npos) {
    if (auto added = add_settings(spec, rest.substr(query + 1)); !added) return std::unexpected(added.error());
    rest = rest.substr(0, query);
  }
  if (strip(rest).empty())
    return fail(ErrorKind::usage, "the model spec " + in_quotes(text) + " has no " + (is_file_backend(backend) ? "file" : "name"), "", std::string(forms));
  spec.name = rest;
  if (auto api = spec.settings.find("api"); spec.backend == "openai" && api != spec.settings.end() && !backend_of_api(api->second).empty()) {
    const bool named = std::find(backends().begin(), backends().end(), backend_of_api(api->second)) != backends().end();
    std::string other = named ? "write " + std::string(backend_of_api(api->second)) + ":NAME, or " : "write ";
    return fail(ErrorKind::usage, "OpenAI does not speak the dialect " + api->second, spec.text,
                other + "http://HOST?api=" + api->second + "#NAME for a server that does");
  }
  return spec;
}

}  // namespace assay
