#include "benchmark/eq_bench/formats.h"

#include <cmath>
#include <map>

#include "base/number.h"
#include "base/python_json.h"
#include "base/text.h"

namespace assay::eq_bench {
namespace {

std::string patterns(std::string_view flag, const std::vector<std::string>& list) {
  if (list.empty()) return {};
  return std::string(flag) + " [\"" + join(list, "\", \"") + "\"]";
}

json::value number(const StoredNumber& n) {
  if (!n.value) return nullptr;
  constexpr double kFits = 9.2e18;  // a file may hold any integer
  if (n.whole && std::abs(*n.value) < kFits) return static_cast<std::int64_t>(*n.value);
  return *n.value;
}

StoredNumber stored(const Score& score) {
  return {score.value, score.whole};
}

json::object answers_json(const Answers& answers) {
  json::object out;
  for (const Answer& answer : answers) out[answer.name] = answer.digits;
  return out;
}

json::array array_of(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

/// The map of that name, made where it is not there (or is something else).
json::object& map_of(json::object& iteration, std::string_view key) {
  json::value& value = iteration[key];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

json::object iteration_json(const StoredIteration& iteration) {
  json::object out = empty_iteration();
  for (const StoredQuestion& question : iteration.questions) put_question(out, question);
  if (iteration.v1) out["benchmark_results"] = to_json(*iteration.v1);
  if (iteration.v2) out["benchmark_results_fullscale"] = to_json(*iteration.v2);
  return out;
}

// ---- reading ----

std::vector<std::string> strings_of(const json::value& object, std::string_view key) {
  std::vector<std::string> out;
  if (const json::value* list = find(object, key); list && list->is_array())
    for (const json::value& item : list->get_array())
      if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

/// Digit strings; published files also hold integers, and a hand-made one may hold decimals.
Answers read_answers(const json::value* value) {
  Answers out;
  if (!value || !value->is_object()) return out;
  for (const auto& member : value->get_object()) {
    std::string digits;
    if (member.value().is_string()) {
      digits = std::string(member.value().get_string());
    } else if (member.value().is_number()) {
      digits = write_json(member.value());
    } else {
      continue;
    }
    out.push_back({std::string(member.key()), std::move(digits), {}});
  }
  return out;
}

StoredNumber read_number(const json::value* object, std::string_view key) {
  const json::value* v = object ? find(*object, key) : nullptr;
  if (!v) return {};
  return {as_number(*v), v->is_int64() || v->is_uint64()};
}

bool looks_like_iteration(const json::value& value) {
  return value.is_object() &&
         (find(value, "respondent_answers") || find(value, "raw_inference") || find(value, "individual_scores"));
}

Result<StoredIteration> read_iteration(std::string_view name, const json::value& value, std::string_view where) {
  StoredIteration out;
  out.name = std::string(name);
  if (!value.is_object())
    return fail(ErrorKind::data, "iteration \"" + shorten(out.name, 20) + "\" is not an object", std::string(where));
  out.scored = find(value, "individual_scores") || find(value, "individual_scores_fullscale");
  out.finished = find(value, "benchmark_results") || find(value, "benchmark_results_fullscale");
  std::map<std::string, std::size_t, std::less<>> known;
  auto question = [&](std::string_view id) -> StoredQuestion& {
    auto [it, fresh] = known.try_emplace(std::string(id), out.questions.size());
    if (fresh) out.questions.emplace_back().id = std::string(id);
    return out.questions[it->second];
  };
  auto members = [&](std::string_view key, auto visit) -> Result<void> {
    const json::value* map = find(value, key);
    if (!map || map->is_null()) return {};
    if (!map->is_object())
      return fail(ErrorKind::data, std::string(key) + " of iteration " + out.name + " is not an object", std::string(where));
    for (const auto& member : map->get_object()) visit(question(member.key()), member.value());
    return {};
  };
  Result<void> read = members("respondent_answers", [](StoredQuestion& q, const json::value& v) {
    q.answers = ParsedAnswer{read_answers(find(v, "first_pass")), read_answers(find(v, "revised"))};
  });
  if (read)
    read = members("individual_scores", [](StoredQuestion& q, const json::value& v) {
      q.first_v1 = read_number(&v, "first_pass_score");
      q.revised_v1 = read_number(&v, "revised_score");
    });
  if (read)
    read = members("individual_scores_fullscale", [](StoredQuestion& q, const json::value& v) {
      q.first_v2 = read_number(&v, "first_pass_score");
      q.revised_v2 = read_number(&v, "revised_score");
    });
  if (read)
    read = members("raw_inference", [](StoredQuestion& q, const json::value& v) {
      if (v.is_string()) q.raw = std::string(v.get_string());
    });
  if (!read) return std::unexpected(read.error());
  return out;
}

Result<void> read_iterations(const json::object& object, StoredRun& run, std::string_view where, bool all) {
  for (const auto& member : object) {
    if (!all && !looks_like_iteration(member.value())) continue;
    auto iteration = read_iteration(member.key(), member.value(), where);
    if (!iteration) return std::unexpected(iteration.error());
    run.iterations.push_back(std::move(*iteration));
  }
  return {};
}

RunMetadata read_metadata(const json::value& m) {
  RunMetadata out;
  auto text = [&](std::string_view key) { return get_string(m, key).value_or(""); };
  out.run_id = text("run_id");
  out.total_iterations = static_cast<int>(std::clamp<std::int64_t>(get_integer(m, "total_iterations").value_or(0), 0, 1'000'000));
  out.inference_engine = text("inference_engine");
  out.ooba_params = text("ooba_params");
  out.include_patterns = strings_of(m, "include_patterns");
  out.exclude_patterns = strings_of(m, "exclude_patterns");
  out.version = get_string(m, "eq_bench_version").value_or(text("eqbench_version"));
  out.language = get_string(m, "language").value_or("en");
  out.instruction_template = text("instruction_template");
  out.model_path = text("model_path");
  out.lora_path = text("lora_path");
  out.quantization = text("bitsandbytes_quant");
  return out;
}

Result<StoredRun> read_document(const json::value& root, std::string_view where) {
  StoredRun run;
  run.document = true;
  run.index = get_string(root, "index_string").value_or("");
  run.metadata = read_metadata(root);
  run.published_score = get_number(root, "benchmark_score");
  run.published_parseable = get_number(root, "n_questions_parseable");
  run.completed = get_integer(root, "run_completed");
  const json::value* raw = find(root, "raw_results");
  if (!raw || !raw->is_object()) return fail(ErrorKind::data, "raw_results is not an object", std::string(where));
  if (auto read = read_iterations(raw->get_object(), run, where, true); !read) return std::unexpected(read.error());
  for (StoredIteration& iteration : run.iterations) iteration.finished = true;  // a document is sent when the run is over
  return run;
}

}  // namespace

std::string download_filters(const RunMetadata& run) {
  std::string include = patterns("--include", run.include_patterns), exclude = patterns("--exclude", run.exclude_patterns);
  return include + (include.empty() || exclude.empty() ? "" : " ") + exclude;
}

std::string run_index(const RunMetadata& run) {
  return join({run.run_id, run.version, run.language, run.model_path, run.lora_path, run.instruction_template, run.quantization,
               run.inference_engine, run.ooba_params, download_filters(run)},
              "--");
}

StoredQuestion stored_question(std::string id, const Attempt& attempt) {
  StoredQuestion out;
  out.id = std::move(id);
  out.answers = attempt.parsed;
  out.raw = attempt.text;
  out.first_v1 = stored(attempt.scores.first_v1);
  out.revised_v1 = stored(attempt.scores.revised_v1);
  out.first_v2 = stored(attempt.scores.first_v2);
  out.revised_v2 = stored(attempt.scores.revised_v2);
  return out;
}

json::object to_json(const StoredRun& run) {
  json::object iterations;
  for (const StoredIteration& iteration : run.iterations) iterations[iteration.name] = iteration_json(iteration);
  return {{"run_metadata", to_json(run.metadata)}, {"iterations", std::move(iterations)}};
}

json::object to_json(const RunMetadata& m) {
  return {{"run_id", m.run_id},
          {"benchmark_type", "eq-bench"},
          {"total_iterations", m.total_iterations},
          {"inference_engine", m.inference_engine},
          {"ooba_params", m.ooba_params},
          {"include_patterns", array_of(m.include_patterns)},
          {"exclude_patterns", array_of(m.exclude_patterns)},
          {"eq_bench_version", m.version},
          {"language", m.language},
          {"instruction_template", m.instruction_template},
          {"model_path", m.model_path},
          {"lora_path", m.lora_path},
          {"bitsandbytes_quant", m.quantization}};
}

json::object to_json(const IterationScore& s) {
  // No parseable answer leaves upstream's integer 0.
  auto score = [](double value, std::size_t n) { return n ? json::value(value) : json::value(0); };
  return {{"first_pass_score", score(s.first_pass, s.first_pass_parseable)}, {"first_pass_parseable", s.first_pass_parseable},
          {"revised_score", score(s.revised, s.revised_parseable)},          {"revised_parseable", s.revised_parseable},
          {"final_score", score(s.final_score(), s.final_parseable())},      {"final_parseable", s.final_parseable()}};
}

json::object empty_iteration() {
  json::object out;
  for (std::string_view key : {"respondent_answers", "individual_scores", "individual_scores_fullscale", "raw_inference"}) map_of(out, key);
  return out;
}

void put_question(json::object& iteration, const StoredQuestion& q) {
  const ParsedAnswer answers = q.answers.value_or(ParsedAnswer{});
  map_of(iteration, "respondent_answers")[q.id] = {{"first_pass", answers_json(answers.first_pass)},
                                                   {"revised", answers_json(answers.revised)}};
  map_of(iteration, "individual_scores")[q.id] = {{"first_pass_score", number(q.first_v1)}, {"revised_score", number(q.revised_v1)}};
  map_of(iteration, "individual_scores_fullscale")[q.id] = {{"first_pass_score", number(q.first_v2)},
                                                            {"revised_score", number(q.revised_v2)}};
  map_of(iteration, "raw_inference")[q.id] = q.raw.value_or("");
}

std::vector<QuestionScore> question_scores(const json::object& iteration, std::string_view map) {
  std::vector<QuestionScore> out;
  const json::value* scores = iteration.if_contains(map);
  if (!scores || !scores->is_object()) return out;
  for (const auto& member : scores->get_object())
    out.push_back({read_number(&member.value(), "first_pass_score").value, read_number(&member.value(), "revised_score").value});
  return out;
}

std::string write_raw_results(std::span<const StoredRun> runs, const json::object& others) {
  json::object out = others;
  for (const StoredRun& run : runs) out[run.index.empty() ? run_index(run.metadata) : run.index] = to_json(run);
  return write_json(out, JsonStyle::python);
}

RawResultsWriter::RawResultsWriter(const RunMetadata& run)
    : text_("{" + write_json(json::string(run_index(run)), JsonStyle::python) + ": {\"run_metadata\": " + write_json(to_json(run), JsonStyle::python) +
            ", \"iterations\": {") {}

void RawResultsWriter::add(const StoredIteration& iteration) {
  if (!std::exchange(first_, false)) text_ += ", ";
  append_json(text_, json::string(iteration.name), JsonStyle::python);
  text_ += ": ";
  append_json(text_, iteration_json(iteration), JsonStyle::python);
}

std::string RawResultsWriter::finish() {
  text_ += "}}}";
  return std::move(text_);
}

Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where) {
  StoredRun run;
  run.index = std::string(index);
  if (!value.is_object()) return fail(ErrorKind::data, "run \"" + shorten(index, 60) + "\" is not an object", std::string(where));
  if (const json::value* metadata = find(value, "run_metadata")) run.metadata = read_metadata(*metadata);
  Result<void> read;
  if (const json::value* iterations = find(value, "iterations")) {
    if (!iterations->is_object())
      return fail(ErrorKind::data, "iterations of \"" + shorten(index, 60) + "\" is not an object", std::string(where));
    read = read_iterations(iterations->get_object(), run, where, true);
  } else if (looks_like_iteration(value)) {
    auto one = read_iteration("1", value, where);
    if (one) {
      run.iterations.push_back(std::move(*one));
    } else {
      read = std::unexpected(one.error());
    }
  } else {
    read = read_iterations(value.get_object(), run, where, false);
  }
  if (!read) return std::unexpected(read.error());
  if (run.metadata.total_iterations == 0) run.metadata.total_iterations = static_cast<int>(run.iterations.size());
  if (run.metadata.version.empty()) run.metadata.version = "v1";  // 1.x knew no versions
  return run;
}

Result<std::vector<StoredRun>> read_results(std::string_view text, std::string_view where) {
  auto root = parse_python_document(text, where);
  if (!root) return std::unexpected(root.error());
  const std::string hint = "expected a raw_results.json of EQ-Bench or a published result document; see docs/formats/eq-bench.md";
  const json::object* object = root->if_object();
  if (!object) return fail(ErrorKind::data, "the result file is not a JSON object", std::string(where), hint);
  std::vector<StoredRun> out;
  if (find(*root, "raw_results")) {
    if (get_string(*root, "benchmark_type").value_or("eq-bench") != "eq-bench") return out;
    auto run = read_document(*root, where);
    if (!run) return std::unexpected(run.error());
    if (run->metadata.total_iterations == 0) run->metadata.total_iterations = static_cast<int>(run->iterations.size());
    out.push_back(std::move(*run));
    return out;
  }
  bool any = false;
  for (const auto& member : *object) {
    const json::value* metadata = find(member.value(), "run_metadata");
    bool run_like = metadata || find(member.value(), "iterations") || looks_like_iteration(member.value());
    if (!run_like && member.value().is_object())
      for (const auto& inner : member.value().get_object()) run_like = run_like || looks_like_iteration(inner.value());
    if (!run_like) continue;
    any = true;
    if (metadata && get_string(*metadata, "benchmark_type").value_or("eq-bench") != "eq-bench") continue;
    auto run = run_from_json(member.key(), member.value(), where);
    if (!run) return std::unexpected(run.error());
    out.push_back(std::move(*run));
  }
  if (!any && !object->empty()) return fail(ErrorKind::data, "no member looks like a run", std::string(where), hint);
  return out;
}

std::string csv_header() {
  return "Run ID, Benchmark Completed, Prompt Format, Model Path, Lora Path, Quantization, Benchmark Score, Benchmark Version, "
         "Num Questions "
         "Parseable, Num Iterations, Inference Engine, Ooba Params, Download Filters, Error\n";
}

namespace {

std::string row(const RunMetadata& run, std::string_view completed, std::string score, std::string version, std::string parseable,
                std::string_view error) {
  return join({run.run_id, std::string(completed), run.instruction_template, run.model_path, run.lora_path, run.quantization,
               std::move(score), std::move(version), std::move(parseable), std::to_string(run.total_iterations),
               run.inference_engine, run.ooba_params, download_filters(run), std::string(error)},
              ",") +
         "\n";
}

/// English is not named.
std::string language_suffix(const RunMetadata& run) {
  return run.language == "en" ? "" : "_" + run.language;
}

}  // namespace

std::string csv_row(const RunMetadata& run, std::string_view completed, const RunScore& score) {
  return row(run, completed, python_repr(score.score), "eq-bench_" + run.version + language_suffix(run),
             python_repr(score.parseable), "");
}

std::string csv_failed_row(const RunMetadata& run, std::string_view completed, std::string_view error) {
  return row(run, completed, "FAILED", "eq-bench" + language_suffix(run), "FAILED", replace_all(error, "\n", " "));
}

}  // namespace assay::eq_bench
