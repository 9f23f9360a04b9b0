#include "cli/compat/eq_bench_results.h"

#include "base/number.h"
#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/creative_writing/formats.h"
#include "benchmark/eq_bench/formats.h"

namespace assay::compat {
namespace {

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

json::object& object_at(json::object& parent, std::string_view key) {
  json::value& value = parent[key];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

json::object empty_iteration(BenchmarkType type) {
  json::object out;
  if (type == BenchmarkType::eq_bench) return eq_bench::empty_iteration();
  if (type == BenchmarkType::judgemark) {
    object_at(out, "judgemark_results");
    return out;
  }
  for (std::string_view key : {"individual_scores", "test_model_response", "judge_model_response"}) object_at(out, key);
  return out;
}

Result<RunFigures> eq_bench_figures(json::object& run, const RunWish& wish, std::size_t questions) {
  const bool v1 = wish.version == "v1";
  const std::string_view scores = v1 ? "individual_scores" : "individual_scores_fullscale";
  std::vector<eq_bench::IterationScore> iterations;
  for (auto& member : object_at(run, "iterations")) {
    if (!member.value().is_object() || !member.value().get_object().contains(scores)) continue;  // skipped, and not counted
    if (iterations.size() == static_cast<std::size_t>(wish.row.n_iterations)) break;
    json::object& iteration = member.value().get_object();
    iterations.push_back(eq_bench::score_iteration(eq_bench::question_scores(iteration, scores)));
    iteration[v1 ? "benchmark_results" : "benchmark_results_fullscale"] = eq_bench::to_json(iterations.back());
  }
  const eq_bench::RunScore score = eq_bench::score_run(iterations, static_cast<std::size_t>(wish.row.n_iterations));
  RunFigures out;
  out.score = score.score;
  out.parseable = score.parseable;
  if (eq_bench::too_few_parseable(score.parseable, questions)) out.failure = eq_bench::too_few_text(score.parseable);
  return out;
}

}  // namespace

std::string_view name(BenchmarkType type) {
  switch (type) {
    case BenchmarkType::eq_bench: return "eq-bench";
    case BenchmarkType::creative_writing: return "creative-writing";
    case BenchmarkType::judgemark: return "judgemark";
  }
  return "";
}

std::optional<BenchmarkType> benchmark_type(std::string_view text) {
  for (BenchmarkType type : {BenchmarkType::eq_bench, BenchmarkType::creative_writing, BenchmarkType::judgemark})
    if (name(type) == text) return type;
  return std::nullopt;
}

std::string RunWish::index() const {
  switch (type) {
    case BenchmarkType::eq_bench: return row.eq_bench_index(version, language);
    case BenchmarkType::creative_writing: return row.creative_writing_index();
    case BenchmarkType::judgemark: return row.judgemark_index(judge_model);
  }
  return "";
}

json::object RunWish::metadata() const {
  json::object out{{"run_id", row.run_id},
                   {"benchmark_type", json::string_view(name(type).data(), name(type).size())},
                   {"total_iterations", row.n_iterations},
                   {"inference_engine", row.inference_engine},
                   {"ooba_params", row.ooba_params},
                   {"include_patterns", texts(row.include_patterns)},
                   {"exclude_patterns", texts(row.exclude_patterns)}};
  if (type == BenchmarkType::eq_bench) {
    out["eq_bench_version"] = version;
    out["language"] = language;
    out["instruction_template"] = row.instruction_template;
  }
  if (type != BenchmarkType::judgemark) {
    out["model_path"] = row.model_path;
    out["lora_path"] = row.lora_path;
  }
  if (type != BenchmarkType::eq_bench) out["judge_model"] = judge_model;
  if (type != BenchmarkType::judgemark) out["bitsandbytes_quant"] = row.quantization;
  return out;
}

Result<json::object> parse_raw_results(std::string_view text, std::string_view where) {
  if (strip(text).empty()) return json::object();
  const std::string cure = "it is left as it is: repair it, move it away, or name another folder with --results-dir";
  auto value = parse_python_document(text, where);
  if (!value) {
    Error error = value.error();
    error.hint = cure;
    return fail(std::move(error));
  }
  if (!value->is_object()) return fail(ErrorKind::data, "the results are not a JSON object", std::string(where), cure);
  return std::move(value->get_object());
}

json::object& open_run(json::object& results, const RunWish& wish) {
  const std::string index = wish.index();
  const bool fresh = !results.contains(index) || !results.at(index).is_object();
  json::object& run = object_at(results, index);
  if (fresh) run["run_metadata"] = wish.metadata();
  object_at(run, "run_metadata")["total_iterations"] = wish.row.n_iterations;
  json::object& iterations = object_at(run, "iterations");
  for (int i = 1; i <= wish.row.n_iterations; ++i) {
    json::value& iteration = iterations[std::to_string(i)];
    if (!iteration.is_object()) iteration = empty_iteration(wish.type);
  }
  return run;
}

bool already_completed(const json::object& run) {
  const json::value* iterations = run.if_contains("iterations");
  const json::value* first = iterations ? find(*iterations, "1") : nullptr;
  return first && find(*first, "benchmark_results");
}

void add_missing(json::object& run, const json::object& fresh) {
  for (const auto& member : fresh) {
    json::value* there = run.if_contains(member.key());
    if (!there) run[member.key()] = member.value();
    else if (there->is_object() && member.value().is_object()) add_missing(there->get_object(), member.value().get_object());
  }
}

std::size_t held_answers(const json::object& run, BenchmarkType type, int n) {
  auto size_of = [](const json::value* scores) { return scores && scores->is_object() ? scores->get_object().size() : 0; };
  std::size_t out = 0;
  for (int i = 1; i <= (type == BenchmarkType::judgemark ? 1 : n); ++i) {
    const json::value* iterations = run.if_contains("iterations");
    const json::value* iteration = iterations ? find(*iterations, std::to_string(i)) : nullptr;
    if (!iteration) continue;
    if (type != BenchmarkType::judgemark) {
      out += size_of(find(*iteration, "individual_scores"));
    } else if (const json::value* models = find(*iteration, "judgemark_results"); models && models->is_object()) {
      for (const auto& model : models->get_object()) out += size_of(find(model.value(), "individual_scores"));
    }
  }
  return out;
}

Result<RunFigures> compute_figures(json::object& run, const RunWish& wish, std::size_t questions) {
  if (wish.type == BenchmarkType::eq_bench) return eq_bench_figures(run, wish, questions);
  RunFigures out;
  if (wish.type == BenchmarkType::judgemark) return out;
  auto stored = creative_writing::run_from_json(wish.index(), run, "raw_results.json");
  if (!stored) return std::unexpected(stored.error());
  const story::RunScore score = creative_writing::score_run(*stored);
  out.score = score.score;
  out.whole = score.counted == 0;
  return out;
}

json::array csv_values(const RunWish& wish, std::string_view completed, const RunFigures& figures, const std::optional<std::string>& failed) {
  const BenchmarkRow& row = wish.row;
  const bool judgemark = wish.type == BenchmarkType::judgemark, eq_bench = wish.type == BenchmarkType::eq_bench;
  auto or_none = [&](const std::string& text) { return json::value(judgemark ? "N/A" : text); };
  auto number = [](const std::optional<double>& value) { return value ? json::value(*value) : json::value("N/A"); };
  const std::string type(name(wish.type));
  json::array out{row.run_id, json::string_view(completed.data(), completed.size()), or_none(row.instruction_template), or_none(row.model_path),
                  or_none(row.lora_path), or_none(row.quantization)};
  out.push_back(failed ? json::value("FAILED") : figures.whole ? json::value(0) : number(figures.score));
  out.push_back(json::value(type + (!failed && eq_bench ? "_" + wish.version : "") + (eq_bench ? wish.language_suffix() : "")));
  out.push_back(failed ? json::value("FAILED") : number(figures.parseable));
  out.push_back(row.n_iterations);
  out.push_back(json::value(row.inference_engine));
  out.push_back(json::value(row.ooba_params));
  out.push_back(json::value(row.download_filters()));
  out.push_back(json::value(replace_all(failed.value_or(""), "\n", " ")));
  return out;
}

std::string csv_line(const RunWish& wish, std::string_view completed, const RunFigures& figures, const std::optional<std::string>& failed) {
  std::string out;
  for (const json::value& value : csv_values(wish, completed, figures, failed)) {
    if (!out.empty()) out += ',';
    if (value.is_string()) out += std::string_view(value.get_string());
    else out += value.is_double() ? python_repr(value.get_double()) : write_json(value);
  }
  return out + "\n";
}

}  // namespace assay::compat
