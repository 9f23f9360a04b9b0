#include "cli/compat/eq_bench_config.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "cli/compat/ini.h"

namespace assay::compat {
namespace {

constexpr std::string_view kRows = "Benchmarks to run";

struct Known {
  std::string_view section;
  std::vector<std::string> keys;
};

const std::vector<Known>& known() {
  static const std::vector<Known> table{
      {"OpenAI", {"api_key", "openai_compatible_url"}},
      {"Huggingface", {"access_token", "cache_dir"}},
      {"Results upload", {"google_spreadsheet_url"}},
      {"Creative Writing Benchmark", {"judge_model_api", "judge_model", "judge_model_api_key"}},
      {"Options", {"trust_remote_code"}},
      {"Oobabooga config", {"ooba_launch_script", "ooba_params_global", "automatically_launch_ooba", "ooba_request_timeout"}},
      {kRows, {}},
  };
  return table;
}

std::string place(std::string_view where, const IniSection& section, std::string_view key) {
  for (const IniEntry& entry : section.entries)
    if (entry.key == key) return std::string(where) + ":" + std::to_string(entry.line) + ":" + std::to_string(entry.column);
  return std::string(where) + ":" + std::to_string(section.line);
}

Result<bool> flag(std::string_view where, const IniSection& section, std::string_view key, bool fallback) {
  const std::string text = section.get(key), folded = lower(text);
  if (text.empty()) return fallback;
  if (folded == "true") return true;
  if (folded == "false") return false;
  return fail(ErrorKind::usage, "invalid value for " + std::string(key) + ": \"" + shorten(text, 40) + "\"", place(where, section, key),
              "it takes true or false");
}

Result<int> seconds(std::string_view where, const IniSection& section, std::string_view key, int fallback) {
  const std::string text = section.get(key);
  if (text.empty()) return fallback;
  int value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc() && end == text.data() + text.size() && value > 0 && value <= 1'000'000) return value;
  return fail(ErrorKind::usage, "invalid value for " + std::string(key) + ": \"" + shorten(text, 40) + "\"", place(where, section, key),
              "it takes a whole number of seconds");
}

/// Says which keys nobody reads. Only words that look like keys are repeated: the rest may be a secret in the wrong place.
void warn(const IniFile& file, std::string_view where, std::vector<std::string>& out) {
  for (const IniSection& section : file.sections) {
    auto it = std::find_if(known().begin(), known().end(), [&](const Known& k) { return k.section == section.name; });
    if (it == known().end()) {
      out.push_back(std::string(where) + ":" + std::to_string(section.line) + ": nobody reads the section [" + shorten(section.name, 60) + "]");
      continue;
    }
    if (it->section == kRows) continue;
    for (const IniEntry& entry : section.entries) {
      if (std::find(it->keys.begin(), it->keys.end(), entry.key) != it->keys.end()) continue;
      const std::vector<std::string> near = did_you_mean(entry.key, it->keys);
      out.push_back(std::string(where) + ":" + std::to_string(entry.line) + ": " +
                    (near.empty() ? "this key of [" + section.name + "] is not known" : "\"" + entry.key + "\" is not known: did you mean " + near[0] + "?"));
    }
  }
}

}  // namespace

Result<EqBenchConfig> read_eq_bench_config(std::string_view text, std::string_view where) {
  const std::string valid = valid_utf8(text);
  auto file = read_ini(valid, where, kRows);
  if (!file) return std::unexpected(file.error());
  std::vector<std::string> present;
  for (const IniSection& section : file->sections) present.push_back(section.name);
  for (const Known& one : known()) {
    if (file->section(one.section)) continue;
    const std::vector<std::string> near = did_you_mean(one.section, present);
    return fail(ErrorKind::usage, "the section [" + std::string(one.section) + "] is missing", std::string(where),
                near.empty() ? "add it, empty if need be: every section of the original's config.cfg must be there"
                             : "is it the one written as [" + shorten(near[0], 60) + "]?");
  }
  auto get = [&](std::string_view section, std::string_view key) { return file->section(section)->get(key); };
  EqBenchConfig out;
  out.api_key = Secret(get("OpenAI", "api_key"));
  out.openai_compatible_url = get("OpenAI", "openai_compatible_url");
  out.access_token = Secret(get("Huggingface", "access_token"));
  out.cache_dir = get("Huggingface", "cache_dir");
  out.google_spreadsheet_url = get("Results upload", "google_spreadsheet_url");
  out.judge_model_api = get("Creative Writing Benchmark", "judge_model_api");
  out.judge_model = get("Creative Writing Benchmark", "judge_model");
  out.judge_model_api_key = Secret(get("Creative Writing Benchmark", "judge_model_api_key"));
  out.ooba_launch_script = get("Oobabooga config", "ooba_launch_script");
  out.ooba_params_global = get("Oobabooga config", "ooba_params_global");
  auto trust = flag(where, *file->section("Options"), "trust_remote_code", false);
  if (!trust) return std::unexpected(trust.error());
  auto launch = flag(where, *file->section("Oobabooga config"), "automatically_launch_ooba", true);
  if (!launch) return std::unexpected(launch.error());
  auto timeout = seconds(where, *file->section("Oobabooga config"), "ooba_request_timeout", 300);
  if (!timeout) return std::unexpected(timeout.error());
  out.trust_remote_code = *trust;
  out.automatically_launch_ooba = *launch;
  out.ooba_request_timeout = *timeout;
  for (const IniEntry& entry : file->section(kRows)->entries) {
    out.rows.push_back({entry.key, entry.line, entry.column, entry.value.has_value()});
    if (entry.value)
      out.warnings.push_back(std::string(where) + ":" + std::to_string(entry.line) + ": the row ends at its first '=', as in the original: what follows is not read");
  }
  warn(*file, where, out.warnings);
  return out;
}

}  // namespace assay::compat
