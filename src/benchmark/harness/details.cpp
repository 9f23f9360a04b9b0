#include "benchmark/harness/details.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/file.h"
#include "base/text.h"
#include "base/xxhash64.h"
#include "benchmark/harness/aggregate.h"
#include "benchmark/harness/evidence.h"
#include "benchmark/harness/metrics.h"
#include "benchmark/harness/mmlu.h"
#include "benchmark/harness/rows.h"
#include "dataset/parquet.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "details_harness|";
constexpr std::size_t kMostFile = std::size_t{1} << 30;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// "arc:challenge", as the leaderboard spells it.
std::string leaderboard_name(const TaskInfo& task) {
  if (task.family == TaskInfo::Family::arc || task.family == TaskInfo::Family::truthfulqa) return replace_all(task.name, "_", ":");
  return task.name;
}

json::value number(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

/// Signed, as numbers of Parquet columns are told apart.
json::value count(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

json::array texts(std::span<const std::string> items) {
  json::array out;
  out.reserve(items.size());
  for (const std::string& item : items) out.emplace_back(item);
  return out;
}

json::object row_of(const TaskPlan& plan, std::size_t place, std::size_t asked_shots, const SampleResult& sample) {
  const Document& document = plan.document(place);
  const TaskInfo& task = plan.task();
  const std::vector<double> sums = loglikelihoods_of(sample);
  const std::string prompt = plan.context(place);
  json::array predictions, tokens;
  for (double sum : sums) predictions.push_back(number(sum));
  if (const json::value* formula = sample.evidence.if_contains("formula"))
    if (const json::value* rows = find(*formula, "rows"); rows && rows->is_array())
      for (const json::value& one : rows->get_array()) tokens.emplace_back(get_integer(one, "tokens").value_or(0));
  const std::int64_t truncated = [&] {
    const json::value* count = sample.values.if_contains("truncated");
    return count && count->is_int64() ? count->get_int64() : count && count->is_uint64() ? static_cast<std::int64_t>(count->get_uint64()) : 0;
  }();
  json::object out{{"example", document.query},
                   {"full_prompt", prompt},
                   {"instruction", task.family == TaskInfo::Family::mmlu ? mmlu_description(task.subject) : std::string()},
                   {"choices", texts(document.choices)},
                   {"gold", document.choices[document.mc1 > 0 ? 0 : document.gold]},
                   {"gold_index", count(document.mc1 > 0 ? 0 : document.gold)},
                   {"predictions", std::move(predictions)}};
  if (document.mc1 > 0) {
    out["mc1_choices"] = count(document.mc1);
    out["mc2_true"] = count(document.truths);
  }
  json::object metrics;  // the run's own: an infinite log-likelihood is null by now
  for (const std::string& name : task.metrics) {
    const json::value* value = sample.values.if_contains(name);
    metrics[name] = value ? *value : json::value(nullptr);
  }
  for (const auto& [name, value] : metrics) out[name] = value;
  out["metrics"] = std::move(metrics);
  out["num_cont_tokens"] = std::move(tokens);
  out["hash"] = json::object{{"example", xxhash64_hex(document.query)}, {"full_prompt", xxhash64_hex(prompt)}};
  out["truncated"] = truncated;
  out["padded"] = 0;
  out["num_asked_few_shots"] = count(asked_shots);
  out["num_effective_few_shots"] = count(plan.shots());
  return out;
}

/// The row's number of that name, beside the others or under "metrics"; null stands for what JSON cannot hold.
std::optional<double> stored_metric(const json::object& row, const std::string& name) {
  const json::value* value = row.if_contains(name);
  if (const json::value* metrics = row.if_contains("metrics"); !value && metrics && metrics->is_object()) value = metrics->get_object().if_contains(name);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool() ? 1 : 0;
  if (value->is_null()) return kNan;
  return as_number(*value);
}

std::optional<std::size_t> whole(const json::object& row, const char* key) {
  const json::value* value = row.if_contains(key);
  if (value && value->is_array() && value->get_array().size() == 1) value = value->get_array().data();
  auto number = value ? as_number(*value) : std::nullopt;
  if (!number || *number < 0 || *number > 1e6 || *number != std::floor(*number)) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::optional<std::vector<std::string>> texts_of_row(const json::object& row, const char* key) {
  const json::value* list = row.if_contains(key);
  if (!list || !list->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& item : list->get_array()) {
    if (!item.is_string()) return std::nullopt;
    out.emplace_back(item.get_string());
  }
  return out;
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-12;
}

bool is_details_file(const fs::path& file) {
  const std::string ending = lower(file.extension().string());
  return (ending == ".parquet" || ending == ".jsonl") && details_key(file.string());
}

std::string model_of(const fs::path& path) {
  std::error_code code;
  const fs::path whole = fs::absolute(path, code);
  for (const fs::path& part : code ? path : whole) {
    const std::string name = part.string();
    if (name.starts_with("details_") && !name.starts_with(kPrefix) && contains(name, "__")) {
      std::string out = name.substr(8);
      return out.replace(out.find("__"), 2, "/");
    }
  }
  return "details";
}

}  // namespace

std::string details_file_name(std::string_view key, std::string_view time) {
  return "details_" + replace_all(key, "/", "_") + "_" + std::string(time);
}

std::optional<std::string> details_key(std::string_view file) {
  if (std::size_t slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (!file.starts_with(kPrefix)) return std::nullopt;
  file.remove_prefix(std::string_view("details_").size());
  const std::size_t shots = file.rfind('|');
  std::size_t end = shots + 1;
  while (end < file.size() && file[end] >= '0' && file[end] <= '9') ++end;
  if (shots < std::string_view("harness|").size() || end == shots + 1) return std::nullopt;
  return std::string(file.substr(0, end));
}

Result<std::vector<TaskDetails>> details_of(const Prepared& prepared, const UnitResults& results) {
  std::vector<TaskDetails> all(prepared.tasks.size());
  for (std::size_t t = 0; t < all.size(); ++t) {
    const TaskPlan& plan = prepared.tasks[t].plan;
    if (plan.task().family != TaskInfo::Family::text) all[t].key = "harness|" + leaderboard_name(plan.task()) + "|" + std::to_string(plan.shots());
  }
  auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
    if (ordinal >= prepared.places.size()) return false;
    const Prepared::Place place = prepared.places[ordinal];
    if (all[place.task].key.empty()) return true;
    const TaskPlan& plan = prepared.tasks[place.task].plan;
    std::size_t asked = plan.shots();
    if (auto wished = as_number(*prepared.settings.if_contains("num_fewshot"))) asked = static_cast<std::size_t>(*wished);
    else if (prepared.suite) asked = plan.task().shots;
    for (const SampleResult& sample : result.samples)
      if (sample.outcome == Outcome::scored) all[place.task].rows.push_back(row_of(plan, place.document, asked, sample));
    return true;
  });
  if (!read) return fail(read.error());
  std::erase_if(all, [](const TaskDetails& task) { return task.rows.empty(); });
  return all;
}

Result<void> DetailsReader::add(const json::object& row, const std::string& where) {
  const TaskInfo* task = find_task(key_);
  std::vector<std::string> names = task && task->metrics.size() == 2 ? task->metrics : std::vector<std::string>{"acc", "acc_norm"};
  std::map<std::string, double> follows;
  const auto choices = texts_of_row(row, "choices");
  const json::value* predictions = row.if_contains("predictions");
  if (choices && !choices->empty() && predictions && predictions->is_array() && predictions->get_array().size() == choices->size()) {
    Document document;
    document.choices = *choices;
    std::vector<double> sums;
    bool whole_row = true;
    for (const json::value& one : predictions->get_array()) {
      whole_row = whole_row && !one.is_null();
      auto sum = one.is_null() ? std::optional(kNan) : as_number(one);
      if (!sum) return fail(ErrorKind::data, "\"predictions\" must hold numbers", where);
      sums.push_back(*sum);
    }
    auto gold = whole(row, "gold_index"), mc1 = whole(row, "mc1_choices"), truths = whole(row, "mc2_true");
    if (gold && *gold >= choices->size()) return fail(ErrorKind::data, "\"gold_index\" is outside the choices", where);
    const bool two_lists = names[0] == "mc1";
    if (whole_row && two_lists && mc1 && truths && *mc1 > 0 && *mc1 < choices->size() && *truths <= choices->size() - *mc1) {
      document.mc1 = *mc1;
      document.truths = *truths;
    } else if (whole_row && !two_lists && gold) {
      document.gold = *gold;
    } else {
      document.choices.clear();
    }
    if (!document.choices.empty()) {
      const DocumentScore score = score_document(document, sums);
      follows[names[0]] = score.first;
      follows[names[1]] = score.second;
    }
  }
  bool any = false;
  for (const std::string& name : names) {
    const auto stored = stored_metric(row, name);
    const auto made = follows.find(name);
    if (made == follows.end() && !stored) continue;
    any = true;
    if (stored && made != follows.end() && !same(*stored, made->second)) ++different_[name];
    values_[name].push_back(made != follows.end() ? made->second : *stored);
  }
  if (!any) return fail(ErrorKind::data, "the row has neither predictions for its choices nor " + join(names, " or "), where);
  ++rows_;
  if (!follows.empty()) ++recomputed_;
  return {};
}

Result<DetailsCheck> DetailsReader::finish() const {
  if (rows_ == 0) return fail(ErrorKind::data, "the details hold no rows", key_);
  DetailsCheck out;
  out.task.key = key_;
  out.task.documents = rows_;
  out.rows = rows_;
  out.recomputed = recomputed_;
  out.different = different_;
  for (const auto& [name, values] : values_) {
    if (values.size() != rows_) continue;  // a mean over some of the rows is none
    out.task.values.emplace_back(name, mean(values));
    if (auto error = mean_stderr(values)) out.task.values.emplace_back(name + "_stderr", *error);
  }
  return out;
}

Result<DetailsCheck> read_details(const std::string& file, const std::string& key) {
  DetailsReader reader(key);
  if (lower(fs::path(file).extension().string()) == ".parquet") {
    std::size_t row = 0;
    auto read = read_parquet(file, {}, [&](const json::object& one) { return reader.add(one, file + "[" + std::to_string(row++) + "]"); });
    if (!read) return fail(read.error());
    return reader.finish();
  }
  auto text = read_file(file, kMostFile);
  if (!text) return fail(text.error());
  auto read = for_each_row(*text, file, [&](const json::value& row, std::size_t, const std::string& where) { return reader.add(row.get_object(), where); });
  if (!read) return fail(read.error());
  return reader.finish();
}

Result<std::optional<ResultFile>> result_from_details(const std::string& path, std::vector<std::string>& notes) {
  std::error_code code;
  std::map<std::string, fs::path> files;  // by task
  if (fs::is_directory(path, code)) {
    std::vector<fs::path> found;
    for (fs::recursive_directory_iterator it(path, code), end; !code && it != end; it.increment(code))
      if (it->is_regular_file(code) && is_details_file(it->path())) found.push_back(it->path());
    // Names hold the time, so the last one is the newest; of one run's two forms either will do.
    std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
    for (const fs::path& file : found) files[*details_key(file.string())] = file;
  } else if (is_details_file(path)) {
    files[*details_key(path)] = path;
  }
  if (files.empty()) return std::optional<ResultFile>();
  ResultFile out;
  out.model = model_of(path);
  for (const auto& [key, file] : files) {
    auto check = read_details(file.string(), key);
    if (!check) return fail(check.error());
    for (const auto& [metric, rows] : check->different)
      notes.push_back(key + ": " + std::to_string(rows) + " of " + std::to_string(check->rows) + " rows have another " + metric + " than follows from their predictions");
    if (check->recomputed < check->rows)
      notes.push_back(key + ": " + std::to_string(check->rows - check->recomputed) + " of " + std::to_string(check->rows) +
                      " rows do not have what their metrics are made of; these are taken as they are");
    out.tasks.push_back(std::move(check->task));
  }
  return std::optional(std::move(out));
}

}  // namespace assay::harness
