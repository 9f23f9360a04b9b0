#include "cli/compat/benchmark_row.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/text.h"
#include "benchmark/eq_bench/formats.h"

namespace assay::compat {
namespace {

constexpr int kMostIterations = 1'000'000;
constexpr std::string_view kForm =
    "a row is: run_id, instruction_template, model_path, lora_path, quantization, n_iterations, inference_engine, ooba_params, downloader_filters";

/// Text that remembers where in the row it stood, so that an error can name the column.
struct Placed {
  std::string text;
  std::vector<std::size_t> from;  // byte offset in the row of each byte
};

struct Filters {
  std::vector<std::string> include, exclude;
};

/// The end of `--include [...]` or `--include "..."` that begins at `at`, or nullopt: the shortest match.
std::optional<std::size_t> filter_end(std::string_view row, std::size_t at, std::size_t& argument) {
  for (std::string_view flag : {"--include ", "--exclude "}) {
    if (!row.substr(at).starts_with(flag)) continue;
    argument = at + flag.size();
    if (argument >= row.size()) return std::nullopt;
    const char close = row[argument] == '[' ? ']' : row[argument] == '"' ? '"' : '\0';
    if (!close) return std::nullopt;
    const std::size_t end = row.find(close, argument + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return end + 1;
  }
  return std::nullopt;
}

std::vector<std::string> patterns_of(std::string_view argument) {
  if (argument.starts_with('[')) argument.remove_prefix(1);
  if (argument.ends_with(']')) argument.remove_suffix(1);
  std::string bare;
  for (char c : argument)
    if (c != '\'' && c != '"') bare += c;
  std::vector<std::string> out;
  if (bare.find(',') == std::string::npos) {
    if (!strip(bare).empty()) out.emplace_back(strip(bare));
    return out;
  }
  std::string one;
  std::string_view rest = bare;
  while (true) {
    std::string_view before = rest;
    const char32_t c = rest.empty() ? U',' : next_code_point(rest);
    if (c != U',' && !is_space(c)) {
      one += before.substr(0, before.size() - rest.size());
      continue;
    }
    if (!one.empty()) out.push_back(std::move(one));
    one.clear();
    if (before.empty()) break;
  }
  return out;
}

/// Takes the filters out of the row.
Result<Placed> without_filters(std::string_view row, Filters& filters) {
  Placed out;
  for (std::size_t i = 0; i < row.size();) {
    std::size_t argument = 0;
    if (auto end = filter_end(row, i, argument)) {
      const bool include = row.substr(i).starts_with("--include");
      std::vector<std::string> patterns = patterns_of(row.substr(argument, *end - argument));
      if (patterns.empty())
        return fail(ErrorKind::usage, std::string("Invalid or empty pattern found for --") + (include ? "include" : "exclude") + " argument.",
                    std::to_string(i));
      std::vector<std::string>& list = include ? filters.include : filters.exclude;
      list.insert(list.end(), patterns.begin(), patterns.end());
      i = *end;
      continue;
    }
    out.text += row[i];
    out.from.push_back(i++);
  }
  return out;
}

/// int() of Python on a stripped text, as far as rows need it.
std::optional<long long> whole_number(std::string_view text) {
  bool negative = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  long long value = 0;
  bool digit = false;
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
    if (c == U'_' && digit && !text.empty()) {
      digit = false;
      continue;
    }
    const std::optional<int> one = digit_value(c);
    if (!one) return std::nullopt;
    digit = true;
    value = std::min(value * 10 + *one, 1'000'000'000'000LL);
  }
  if (!digit) return std::nullopt;
  return negative ? -value : value;
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) { return std::find(list.begin(), list.end(), text) != list.end(); }

std::string expand_home(std::string path, const RowSurroundings& s) {
  if (path == "~" || path.starts_with("~/")) return s.home + path.substr(1);
  return path;  // ~other is left as it is
}

eq_bench::RunMetadata metadata_of(const BenchmarkRow& row) {
  eq_bench::RunMetadata m;
  m.run_id = row.run_id;
  m.total_iterations = row.n_iterations;
  m.inference_engine = row.inference_engine;
  m.ooba_params = row.ooba_params;
  m.include_patterns = row.include_patterns;
  m.exclude_patterns = row.exclude_patterns;
  m.instruction_template = row.instruction_template;
  m.model_path = row.model_path;
  m.lora_path = row.lora_path;
  m.quantization = row.quantization;
  return m;
}

}  // namespace

std::string BenchmarkRow::eq_bench_index(const std::string& version, const std::string& language) const {
  eq_bench::RunMetadata m = metadata_of(*this);
  m.version = version;
  m.language = language;
  return eq_bench::run_index(m);
}

std::string BenchmarkRow::creative_writing_index() const {
  return join({run_id, "creative-writing", model_path, lora_path, instruction_template, quantization, inference_engine, ooba_params, download_filters()}, "--");
}

std::string BenchmarkRow::judgemark_index(const std::string& judge_model) const { return join({run_id, "judgemark", judge_model}, "--"); }

std::string BenchmarkRow::download_filters() const { return eq_bench::download_filters(metadata_of(*this)); }

std::string absolute_path(std::string path, const RowSurroundings& surroundings) {
  path = expand_home(std::move(path), surroundings);
  if (!path.starts_with('/')) path = surroundings.working_directory + "/" + path;
  std::string out = std::filesystem::path(path).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

Result<BenchmarkRow> parse_benchmark_row(const ConfigRow& config, std::string_view where, const RowSurroundings& surroundings) {
  const std::string_view row = strip(config.text);
  auto refuse = [&](std::string message, std::size_t offset, std::string cure = std::string(kForm)) {
    const auto column = static_cast<std::size_t>(config.column) + count_code_points(row.substr(0, std::min(offset, row.size())));
    return fail(ErrorKind::usage, std::move(message), std::string(where) + ":" + std::to_string(config.line) + ":" + std::to_string(column),
                "in the row: " + shorten(row, 300) + "\n  " + std::move(cure));
  };
  Filters filters;
  auto line = without_filters(row, filters);
  if (!line) return refuse(line.error().message, static_cast<std::size_t>(std::stoul(line.error().where)), "write --include [\"*.gguf\", \"*.json\"]");
  // Commas at both ends go, blanks do not.
  std::size_t begin = 0, end = line->text.size();
  while (begin < end && line->text[begin] == ',') ++begin;
  while (end > begin && line->text[end - 1] == ',') --end;
  const std::vector<std::string> parts = split(std::string_view(line->text).substr(begin, end - begin), ',');
  if (parts.size() < 7)
    return refuse("not enough values to unpack (expected 7, got " + std::to_string(parts.size()) + ")", row.size(),
                  std::string(kForm) + (config.cut ? "\n  it ends at its first '='" : ""));
  std::array<std::size_t, 7> offsets{};  // where the fields begin in the row
  for (std::size_t i = 0, at = begin; i < 7; ++i) {
    const std::string& part = parts[i];
    const std::size_t lead = part.size() - lstrip(part).size();
    offsets[i] = at + lead < line->from.size() ? line->from[at + lead] : row.size();
    at += part.size() + 1;
  }
  BenchmarkRow out;
  out.line = config.line;
  out.include_patterns = std::move(filters.include);
  out.exclude_patterns = std::move(filters.exclude);
  for (std::size_t i = 7; i + 1 < parts.size(); ++i) out.ooba_params += (i > 7 ? "," : "") + parts[i];

  out.run_id = strip(parts[0]);
  if (out.run_id.empty()) return refuse("Missing run id.", offsets[0]);
  out.model_path = strip(parts[2]);
  if (out.model_path.empty() && surroundings.launch_ooba) return refuse("Missing model path.", offsets[2]);
  // The original looks at the engine before its blanks are gone: " ooba" is not expanded, "ooba" is.
  if (!out.model_path.empty() && one_of(parts[6], {"ooba", "transformers"})) {
    if (out.model_path.starts_with('~')) out.model_path = expand_home(out.model_path, surroundings);
    if (surroundings.exists(out.model_path)) out.model_path = absolute_path(out.model_path, surroundings);
  }
  out.lora_path = strip(parts[3]);
  if (!out.lora_path.empty()) out.lora_path = absolute_path(out.lora_path, surroundings);
  out.quantization = lower(strip(parts[4]));
  if (!one_of(out.quantization, {"8bit", "4bit", "none", ""}))
    return refuse("Error: invalid quantization type. Check config. " + shorten(out.quantization, 40), offsets[4], "it is 8bit, 4bit, None or empty");
  const std::string_view iterations = strip(parts[5]);
  const std::optional<long long> n = whole_number(iterations);
  if (!n || *n <= 0) return refuse("Invalid number of repeats. Must be an integer > 0. " + shorten(iterations, 40), offsets[5]);
  if (*n > kMostIterations) return refuse("n_iterations is at most " + std::to_string(kMostIterations), offsets[5]);
  out.n_iterations = static_cast<int>(*n);
  out.inference_engine = lower(strip(parts[6]));
  if (!one_of(out.inference_engine, {"transformers", "ooba", "openai", "llama.cpp", "anthropic", "mistralai", "gemini"}))
    return refuse("inference_engine in config.cfg must be transformers, openai, oobabooga or llama.cpp.", offsets[6],
                  "engines: transformers, ooba, openai, llama.cpp, anthropic, mistralai, gemini");
  if (out.inference_engine == "ooba" && surroundings.ooba_launch_script.empty())
    return refuse("ooba_launch_script not set in config.cfg", offsets[6], "set it in [Oobabooga config]: the instruction templates lie beside it");
  out.instruction_template = strip(parts[1]);
  if (!out.instruction_template.empty()) {
    const std::string file = "/instruction-templates/" + out.instruction_template + ".yaml";
    if (one_of(out.inference_engine, {"transformers", "llama.cpp"}) && !surroundings.has_template(out.instruction_template))
      return refuse("Error: prompt template not found: ." + file, offsets[1], "leave the field empty for the model's own template");
    const std::string beside = std::filesystem::path(surroundings.ooba_launch_script).parent_path().string() + file;
    if (out.inference_engine == "ooba" && !surroundings.exists(beside)) return refuse("Error: prompt template not found: " + beside, offsets[1]);
  }
  return out;
}

Result<std::vector<BenchmarkRow>> parse_benchmark_rows(const EqBenchConfig& config, std::string_view where, const RowSurroundings& surroundings) {
  std::vector<BenchmarkRow> out;
  for (const ConfigRow& row : config.rows) {
    const std::string_view text = strip(row.text);
    if (text.empty() || text.starts_with('#')) continue;
    auto parsed = parse_benchmark_row(row, where, surroundings);
    if (!parsed) return std::unexpected(parsed.error());
    out.push_back(std::move(*parsed));
  }
  return out;
}

}  // namespace assay::compat
