#include "benchmark/harness/result_reader.h"

#include "base/python_json.h"
#include "base/text.h"
#include "stats/pairwise_sum.h"

namespace assay::harness {
namespace {

std::string text_of(const PythonValue* config, std::string_view key) {
  const PythonValue* value = config ? config->find(key) : nullptr;
  return value && value->kind == PythonValue::Kind::text ? value->text : std::string();
}

}  // namespace

Result<ResultFile> read_result_file(std::string_view text, std::string_view where) {
  if (!is_valid_utf8(text)) return fail(ErrorKind::data, "the file is not UTF-8 text", std::string(where));
  auto document = read_python_json(text);  // the original writes NaN
  if (!document) {
    Error error = document.error();
    error.where = std::string(where) + (error.where.empty() ? "" : ":" + error.where);
    return fail(std::move(error));
  }
  auto refuse = [&](const char* what) { return fail(ErrorKind::data, std::string("no result file of the harness: ") + what, std::string(where)); };
  if (document->kind != PythonValue::Kind::dict) return refuse("it is not an object");
  const PythonValue* config = document->find("config");
  if (!config) config = document->find("config_general");
  if (!config || config->kind != PythonValue::Kind::dict) return refuse("it has neither \"config\" nor \"config_general\"");
  const PythonValue* results = document->find("results");
  if (!results || results->kind != PythonValue::Kind::dict) return refuse("it has no \"results\"");
  ResultFile out;
  out.model = text_of(config, "model_name");
  if (out.model.empty()) out.model = text_of(config, "model_args");
  if (out.model.empty()) return refuse("its configuration names no model");
  out.sha = text_of(config, "model_sha");
  out.precision = text_of(config, "model_dtype");
  for (std::size_t i = 0; i + 1 < results->items.size(); i += 2) {
    const PythonValue& values = results->items[i + 1];
    if (values.kind != PythonValue::Kind::dict) continue;
    ResultFile::Task task{results->items[i].text, {}};
    for (std::size_t k = 0; k + 1 < values.items.size(); k += 2)
      if (values.items[k + 1].is_real()) task.values.emplace_back(values.items[k].text, values.items[k + 1].real);
    out.tasks.push_back(std::move(task));
  }
  if (const PythonValue* versions = document->find("versions"))
    for (const char* key : {"harness|hendrycksTest-abstract_algebra|5", "hendrycksTest-abstract_algebra"})
      if (const PythonValue* version = versions->kind == PythonValue::Kind::dict ? versions->find(key) : nullptr)
        out.old_mmlu = out.old_mmlu || (version->is_real() && version->real == 0);
  return out;
}

std::optional<double> column_value(const ResultFile& file, std::string_view part, std::string_view metric) {
  // The harness's own files spell with an underscore what the leaderboard spells with a colon.
  const std::string other = replace_all(part, ":", "_");
  std::vector<double> values;
  for (const ResultFile::Task& task : file.tasks) {
    if (!contains(task.key, part) && !contains(task.key, other)) continue;
    auto value = std::find_if(task.values.begin(), task.values.end(), [&](const auto& one) { return one.first == metric; });
    if (value == task.values.end()) return std::nullopt;
    values.push_back(value->second);
  }
  if (values.empty()) return std::nullopt;
  return pairwise_sum(values) / static_cast<double>(values.size()) * 100.0;  // numpy's mean
}

}  // namespace assay::harness
