#include "benchmark/harness/prepared.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/rows.h"
#include "benchmark/harness/text_task.h"
#include "dataset/parquet.h"

namespace assay::harness {
namespace {

constexpr std::string_view kStandIn = "hellaswag/stand-in";
constexpr std::size_t kStandInDocuments = 600;  // the rest of the file is what examples are drawn from

/// The options of both benchmarks, checked.
struct Wishes {
  std::vector<const TaskInfo*> tasks;
  std::optional<std::size_t> shots;  // unset: the leaderboard's
  std::optional<double> limit;
  bool limit_goes_on = false;  // as in the harness: the first task's count is every later task's limit
  std::map<std::string, std::string> descriptions;
  bool stand_in = false, write_out = false;
};

Result<double> limit_of(const std::string& text) {
  auto number = python_float(text);
  if (!number || !std::isfinite(*number) || *number <= 0)
    return fail(ErrorKind::usage, "the limit must be a positive number, not \"" + shorten(text, 40) + "\"", "",
                "a share below 1, or a number of documents");
  return *number;
}

Result<std::vector<const TaskInfo*>> tasks_of(const std::string& list) {
  std::vector<std::string> names, unmatched;
  for (const TaskInfo& task : all_tasks()) names.push_back(task.name);
  std::vector<const TaskInfo*> out;
  // Other spellings of a task first, so that "arc-challenge" is no pattern without a match.
  std::vector<std::string> patterns;
  for (const std::string& one : split(list, ',')) {
    const TaskInfo* task = find_task(strip(one));
    patterns.push_back(task ? task->name : std::string(strip(one)));
  }
  for (const std::string& name : match_tasks(join(patterns, ","), names, &unmatched)) {
    const TaskInfo* task = find_task(name);
    if (!task)
      return fail(ErrorKind::usage, "\"" + shorten(name, 80) + "\" names no texts", "", "json=train:KEY:FILE, with the member that holds the text");
    if (auto texts = parse_text_task(name); texts && texts->split != "train")
      return fail(ErrorKind::usage, "a file has one split, called train, and not \"" + shorten(texts->split, 40) + "\"", name);
    out.push_back(task);
  }
  if (!unmatched.empty()) {
    std::vector<std::string> near = did_you_mean(unmatched.front(), names);
    return fail(ErrorKind::usage, "no task is called \"" + shorten(unmatched.front(), 60) + "\"", "",
                near.empty() ? "harness-v1 has arc_challenge, arc_easy, hellaswag, hendrycksTest-SUBJECT and truthfulqa_mc"
                             : "did you mean " + join(near, ", ") + "?");
  }
  if (out.empty()) return fail(ErrorKind::usage, "no task is named", "", "harness-v1:TASK, or --option tasks=arc_*,hellaswag");
  return out;
}

Result<std::map<std::string, std::string>> descriptions_of(const std::string& text) {
  auto value = parse_json(text, "option description");
  if (!value) return fail(ErrorKind::usage, value.error().message, value.error().where, "an object: {\"arc_challenge\": \"text\"}");
  std::map<std::string, std::string> out;
  if (!value->is_object()) return fail(ErrorKind::usage, "option description must be a JSON object of task and text");
  for (const auto& [task, words] : value->get_object()) {
    if (!words.is_string()) return fail(ErrorKind::usage, "the description of a task must be a string", std::string(task));
    out.emplace(task, words.get_string());
  }
  return out;
}

Result<Wishes> wishes_of(const PrepareSettings& settings, bool suite) {
  Wishes out;
  std::string tasks = settings.ref.variant;
  for (const auto& [key, value] : settings.options) {
    if (key == "hellaswag") {
      if (value != "official" && value != "stand-in") return fail(ErrorKind::usage, "option hellaswag must be official or stand-in");
      out.stand_in = value == "stand-in";
    } else if (key == "fraction") {
      auto limit = limit_of(value);
      if (!limit) return fail(limit.error());
      if (*limit > 1) return fail(ErrorKind::usage, "option fraction must be above 0 and at most 1", "", "--limit takes a number of documents");
      if (*limit < 1) out.limit = *limit;
    } else if (!suite && key == "limit") {
      auto limit = limit_of(value);
      if (!limit) return fail(limit.error());
      out.limit = *limit;
      out.limit_goes_on = true;
    } else if (!suite && key == "num_fewshot") {
      auto number = python_float(value);
      if (!number || *number < 0 || *number > 1000 || *number != std::floor(*number))
        return fail(ErrorKind::usage, "option num_fewshot must be a whole number from 0 to 1000");
      out.shots = static_cast<std::size_t>(*number);
    } else if (!suite && key == "description") {
      auto texts = descriptions_of(value);
      if (!texts) return fail(texts.error());
      out.descriptions = std::move(*texts);
    } else if (!suite && key == "write_out") {
      if (value != "true" && value != "false") return fail(ErrorKind::usage, "option write_out must be true or false");
      out.write_out = value == "true";
    } else if (!suite && key == "tasks") {
      tasks += (tasks.empty() ? "" : ",") + value;
    } else {
      std::vector<std::string> known{"hellaswag", "fraction"};
      if (!suite) known.insert(known.end(), {"limit", "num_fewshot", "description", "tasks", "write_out"});
      std::vector<std::string> near = did_you_mean(key, known);
      return fail(ErrorKind::usage, settings.ref.name + " has no option \"" + shorten(key, 40) + "\"", "",
                  near.empty() ? "its options: " + join(known, ", ") : "did you mean " + join(near, ", ") + "?");
    }
  }
  if (settings.limit) {
    if (out.limit) return fail(ErrorKind::usage, "give one limit, not two");
    out.limit = static_cast<double>(*settings.limit);
    // The least number that a limit can be is 1, which the harness takes as a count.
  }
  if (suite) {
    for (const TaskInfo& task : all_tasks())
      if (task.name != "arc_easy") out.tasks.push_back(&task);
  } else {
    auto named = tasks_of(tasks);
    if (!named) return fail(named.error());
    out.tasks = std::move(*named);
  }
  return out;
}

struct Loaded {
  TaskData data;
  std::vector<std::string> sums;
  std::string edition;
};

std::string where_of(const DataFile& file, std::string_view role) {
  return !file.path.empty() ? file.path : std::string(role);
}

Result<Documents> read_role(const TaskInfo& task, std::string_view role, DataSource& data, Loaded& loaded) {
  auto file = data.file(role);
  if (!file) return fail(file.error());
  loaded.edition = file->edition;
  loaded.sums.push_back(file->sha256.empty() ? sha256_hex(file->content) : file->sha256);
  if (!file->path.empty() && is_parquet(file->content)) {
    auto lines = lines_of_parquet(file->path);
    if (!lines) return fail(lines.error());
    return read_documents(task, *lines, where_of(*file, role));
  }
  return read_documents(task, file->content, where_of(*file, role));
}

Result<Loaded> load(const TaskInfo& task, DataSource& data, bool examples, bool stand_in) {
  Loaded out;
  if (task.family == TaskInfo::Family::text) {
    auto text = read_file(task.evaluated);
    if (!text) return fail(text.error());
    out.sums.push_back(sha256_hex(*text));
    if (is_parquet(*text)) {
      text = lines_of_parquet(task.evaluated);
      if (!text) return fail(text.error());
    }
    auto documents = read_documents(task, *text, task.evaluated);
    if (!documents) return fail(documents.error());
    out.edition = "custom";
    out.data.evaluated = std::move(*documents);
    return out;
  }
  if (task.family == TaskInfo::Family::hellaswag && stand_in) {
    auto all = read_role(task, kStandIn, data, out);
    if (!all) return fail(all.error());
    const std::size_t taken = std::min(kStandInDocuments, all->size());
    auto middle = all->begin() + static_cast<std::ptrdiff_t>(taken);
    out.data.pool.assign(std::make_move_iterator(middle), std::make_move_iterator(all->end()));
    all->erase(middle, all->end());
    out.data.evaluated = std::move(*all);
    return out;
  }
  auto evaluated = read_role(task, task.evaluated, data, out);
  if (!evaluated) return fail(evaluated.error());
  out.data.evaluated = std::move(*evaluated);
  if (!task.pool.empty() && examples) {
    auto pool = read_role(task, task.pool, data, out);
    if (!pool) return fail(pool.error());
    out.data.pool = std::move(*pool);
  }
  if (task.family == TaskInfo::Family::truthfulqa) {
    auto prompt = data.file("truthfulqa/prompt");
    if (!prompt) return fail(prompt.error());
    if (!is_valid_utf8(prompt->content)) return fail(ErrorKind::data, "the file is not UTF-8 text", where_of(*prompt, "truthfulqa/prompt"));
    out.sums.push_back(prompt->sha256.empty() ? sha256_hex(prompt->content) : prompt->sha256);
    out.data.preamble = std::string(rstrip(prompt->content)) + "\n\n";
  }
  return out;
}

/// Whether a user's own copy asks what the official data ask.
Result<bool> asks_as_published(const TaskInfo& task, const TaskData& data) {
  auto plain = TaskPlan::make(task, {data.evaluated, {}, data.preamble}, {});
  if (!plain) return fail(plain.error());
  return requests_sha256(*plain) == published_requests_sha256(task.name);
}

Result<void> add_task(Prepared& out, const TaskInfo& task, DataSource& data, const Wishes& wishes, std::optional<double>& limit) {
  const std::size_t shots = wishes.shots.value_or(task.shots);
  auto loaded = load(task, data, shots > 0, wishes.stand_in);
  if (!loaded) {
    // A sample edition has a few subjects; an official or custom one has all, or is incomplete.
    if (out.suite && task.family == TaskInfo::Family::mmlu && out.edition == "sample" && loaded.error().kind == ErrorKind::usage) return {};
    return fail(loaded.error());
  }
  out.edition = loaded->edition;
  PreparedTask prepared;
  json::object& facts = prepared.facts;
  facts = {{"version", task.version}, {"in_file", loaded->data.evaluated.size()}};
  if (task.family == TaskInfo::Family::text) {
    out.deviates.push_back("a file of one's own: " + task.name);
  } else if (out.edition == "custom") {
    auto same = asks_as_published(task, loaded->data);
    if (!same) return fail(same.error());
    facts["as_published"] = *same;
  }
  TaskSettings settings{.shots = shots, .limit = limit};
  if (auto text = wishes.descriptions.find(task.name); text != wishes.descriptions.end()) settings.description = text->second;
  if (out.edition != "official" && !task.pool.empty() && shots > loaded->data.pool.size()) {
    settings.shots = loaded->data.pool.size();
    out.deviates.push_back(task.name + ": " + std::to_string(settings.shots) + " examples instead of " + std::to_string(shots) +
                           ", as the data have no more");
  }
  facts["data"] = loaded->sums.size() == 1 ? loaded->sums.front() : sha256_hex(join(loaded->sums, "\n"));
  if (!settings.description.empty() && task.family != TaskInfo::Family::mmlu) facts["description"] = settings.description;
  auto plan = TaskPlan::make(task, std::move(loaded->data), settings);
  if (!plan) return fail(plan.error());
  facts["examples"] = plan->shots();
  if (limit && wishes.limit_goes_on) limit = limit_for_next_task(plan->in_file(), *limit);
  prepared.plan = std::move(*plan);
  out.tasks.push_back(std::move(prepared));
  return {};
}

Result<void> select(Prepared& out, const std::vector<std::string>& samples) {
  std::unordered_set<std::string> wanted(samples.begin(), samples.end());
  std::vector<Prepared::Place> kept;
  for (const Prepared::Place& place : out.places) {
    const TaskPlan& plan = out.tasks[place.task].plan;
    if (wanted.erase(plan.task().name + "/" + std::to_string(plan.document(place.document).row)) > 0) kept.push_back(place);
  }
  if (!wanted.empty())
    return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 60) + "\"", "",
                "samples are called TASK/ROW, with the row of the task's file from 0: " + out.tasks.front().plan.task().name + "/0");
  out.places = std::move(kept);
  out.all_selected = false;
  return {};
}

}  // namespace

std::string Prepared::sample(std::size_t unit) const {
  return plan(unit).task().name + "/" + std::to_string(document(unit).row);
}

json::object Prepared::manifest() const {
  json::object all, counts;
  std::size_t requests = 0;
  for (const Place& place : places) requests += std::max<std::size_t>(1, tasks[place.task].plan.document(place.document).choices.size());
  for (const PreparedTask& task : tasks) {
    all[task.plan.task().name] = task.facts;
    counts[task.plan.task().name] = task.plan.size();
  }
  // What a run took of its data is no part of the plan's hash: more documents continue a run over fewer.
  json::object selection{{"documents", std::move(counts)}, {"units", places.size()}, {"requests", requests}};
  if (!all_selected) {
    json::array& ids = selection["ids"].emplace_array();
    for (std::size_t i = 0; i < places.size(); ++i) ids.push_back(json::string(sample(i)));
  }
  return {{"benchmark", benchmark}, {"harness", json::string(kHarnessCommit)}, {"tasks", std::move(all)}, {"selection", std::move(selection)}};
}

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data, bool suite) {
  if (settings.iterations != 1)
    return fail(ErrorKind::usage, "log-likelihoods are the same every time: " + settings.ref.name + " is measured once", "", "leave --iterations out");
  auto wishes = wishes_of(settings, suite);
  if (!wishes) return fail(wishes.error());
  Prepared out;
  out.benchmark = settings.ref.text();
  out.suite = suite;
  std::optional<double> limit = wishes->limit;
  for (const TaskInfo* task : wishes->tasks)
    if (auto added = add_task(out, *task, data, *wishes, limit); !added) return fail(added.error());
  if (wishes->stand_in && std::any_of(out.tasks.begin(), out.tasks.end(), [](const PreparedTask& t) { return t.plan.task().name == "hellaswag"; }))
    out.deviates.insert(out.deviates.begin(), "option hellaswag=stand-in: 600 documents of the validation set, examples from 400 others");
  if (suite && wishes->limit && *wishes->limit < 1) out.deviates.emplace_back("a part of the samples only");
  if (!suite && wishes->limit_goes_on) out.deviates.emplace_back("a part of the samples only");
  for (std::uint32_t t = 0; t < out.tasks.size(); ++t)
    for (std::uint32_t i = 0; i < out.tasks[t].plan.size(); ++i) out.places.push_back({t, i});
  if (!settings.samples.empty())
    if (auto selected = select(out, settings.samples); !selected) return fail(selected.error());
  if (out.places.empty()) return fail(ErrorKind::usage, "the selection leaves no document");
  out.settings["num_fewshot"] = wishes->shots ? json::value(*wishes->shots) : json::value(nullptr);
  out.settings["limit"] = wishes->limit ? json::value(*wishes->limit) : json::value(nullptr);
  json::object& descriptions = out.settings["description_dict"].emplace_object();
  for (const auto& [task, text] : wishes->descriptions) descriptions[task] = text;
  if (wishes->write_out) out.settings["write_out"] = true;
  return out;
}

}  // namespace assay::harness
