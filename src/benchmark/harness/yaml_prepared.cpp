#include "benchmark/harness/yaml_prepared.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <unordered_set>

#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/yaml_data.h"
#include "benchmark/harness/yaml_index.h"
#include "benchmark/harness/yaml_select.h"
#include "prompt/chat_template.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

struct Wishes {
  std::vector<std::string> tasks, folders, rows;
  YamlSettings settings;
  PythonValue metadata;
  std::map<std::string, std::vector<std::size_t>> samples;  // of --option samples
  std::size_t bootstrap = 100'000;
  bool predict_only = false;
};

Result<bool> flag(const std::string& key, const std::string& value) {
  if (value == "true" || value == "false") return value == "true";
  return fail(ErrorKind::usage, "option " + key + " must be true or false");
}

Result<std::int64_t> whole(const std::string& key, const std::string& value, double most) {
  auto number = python_float(value);
  if (!number || *number < 0 || *number > most || *number != std::floor(*number))
    return fail(ErrorKind::usage,
                "option " + key + " must be a whole number from 0 to " + std::to_string(static_cast<std::int64_t>(most)));
  return static_cast<std::int64_t>(*number);
}

Result<PythonValue> object(const std::string& key, const std::string& value) {
  auto read = parse_json(value, "option " + key);
  if (!read) return fail(ErrorKind::usage, read.error().message, read.error().where);
  if (!read->is_object()) return fail(ErrorKind::usage, "option " + key + " must be a JSON object");
  return python_value(*read);
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& one : split(text, ','))
    if (!strip(one).empty()) out.emplace_back(strip(one));
  return out;
}

Result<ChatRenderer> renderer(const std::string& given) {
  std::string text = given;
  if (given == "chatml") {
    text = std::string(chatml_template());
  } else if (given.find('{') == std::string::npos) {
    auto read = read_file(given, std::size_t{4} << 20);
    if (!read) return fail(read.error());
    text = valid_utf8(*read);
  }
  return ChatRenderer([text](const std::vector<Message>& messages, bool add_generation_prompt) {
    ChatPrompt chat;
    for (const Message& message : messages) chat.messages.push_back({message.role, message.content});
    chat.add_generation_prompt = add_generation_prompt;
    return render_chat(text, chat);
  });
}

Result<std::map<std::string, std::vector<std::size_t>>> chosen_rows(const PythonValue& object) {
  std::map<std::string, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i + 1 < object.items.size(); i += 2) {
    std::vector<std::size_t>& rows = out[object.items[i].text];
    for (const PythonValue& row : object.items[i + 1].items) {
      if (row.kind != PythonValue::Kind::integer || row.integer < 0)
        return fail(ErrorKind::usage, "option samples takes {\"task\": [rows from 0]}", object.items[i].text);
      rows.push_back(static_cast<std::size_t>(row.integer));
    }
  }
  return out;
}

Result<void> read_option(Wishes& out, const std::string& key, const std::string& value) {
  YamlSettings& s = out.settings;
  auto keep = [](auto& to, auto read) -> Result<void> {
    if (!read) return fail(read.error());
    to = std::move(*read);
    return {};
  };
  if (key == "tasks") {
    for (std::string& one : list_of(value)) out.tasks.push_back(std::move(one));
  } else if (key == "folder") {
    out.folders = list_of(value);
  } else if (key == "rows") {
    out.rows = list_of(value);
  } else if (key == "num_fewshot") {
    return keep(s.num_fewshot, whole(key, value, 1000));
  } else if (key == "fewshot_seed") {
    return keep(s.fewshot_seed, whole(key, value, 9e15));
  } else if (key == "bootstrap_iters") {
    return keep(out.bootstrap, whole(key, value, 1e7));
  } else if (key == "limit") {
    auto number = python_float(value);
    if (!number || !(*number > 0) || *number > 1e12) return fail(ErrorKind::usage, "option limit must be a number above 0");
    s.limit = number;
  } else if (key == "system_instruction") {
    s.system_instruction = value;
  } else if (key == "apply_chat_template") {
    return keep(s.apply_chat_template, flag(key, value));
  } else if (key == "fewshot_as_multiturn") {
    return keep(s.fewshot_as_multiturn, flag(key, value));
  } else if (key == "chat_template") {
    s.apply_chat_template = true;
    return keep(s.render, renderer(value));
  } else if (key == "gen_kwargs") {
    return keep(s.gen_kwargs, object(key, value));
  } else if (key == "metadata") {
    return keep(out.metadata, object(key, value));
  } else if (key == "predict_only") {
    return keep(out.predict_only, flag(key, value));
  } else if (key == "samples") {
    auto read = object(key, value);
    if (!read) return fail(read.error());
    return keep(out.samples, chosen_rows(*read));
  } else {
    std::vector<std::string> known;
    for (const BenchmarkOption& option : yaml_options()) known.push_back(option.key);
    std::vector<std::string> near = did_you_mean(key, known);
    return fail(ErrorKind::usage, "harness has no option \"" + shorten(key, 40) + "\"", "",
                near.empty() ? "its options: " + join(known, ", ") : "did you mean " + join(near, ", ") + "?");
  }
  return {};
}

Result<Wishes> wishes_of(const PrepareSettings& settings) {
  Wishes out;
  if (!settings.ref.variant.empty()) out.tasks.push_back(settings.ref.variant);
  for (const auto& [key, value] : settings.options)
    if (auto read = read_option(out, key, value); !read) return fail(read.error());
  if (settings.limit) {
    if (out.settings.limit) return fail(ErrorKind::usage, "give one limit, not two");
    out.settings.limit = static_cast<double>(*settings.limit);
  }
  if (out.settings.limit && !out.samples.empty()) return fail(ErrorKind::usage, "a limit and chosen samples exclude each other");
  if (out.tasks.empty())
    return fail(ErrorKind::usage, "no task is named", "",
                "harness:TASK with --option folder=DIR, or harness:FILE.yaml; assay list tasks DIR shows what there is");
  if (!out.folders.empty()) return out;
  // Without a folder the tasks' own paths say where their neighbours are.
  std::error_code problem;
  for (std::string& task : out.tasks) {
    const fs::path path(task);
    if (fs::is_directory(path, problem)) {
      out.folders.push_back(task);
    } else if (fs::is_regular_file(path, problem)) {
      out.folders.push_back(path.has_parent_path() ? path.parent_path().string() : ".");
    } else if (path.has_parent_path() && fs::is_directory(path.parent_path(), problem)) {
      out.folders.push_back(path.parent_path().string());
      task = path.filename().string();
    } else {
      return fail(ErrorKind::usage, "where are the task files that describe " + shorten(task, 80) + "?", "",
                  "--option folder=DIR, with the harness's lm_eval/tasks or a folder of your own");
    }
  }
  return out;
}

/// Local files, else what the pack of the leaderboard's data holds.
class TaskRows final : public RowSource {
 public:
  TaskRows(std::vector<fs::path> folders, DataSource& pack) : local_(std::move(folders)), pack_(pack) {}

  Result<std::vector<json::value>> rows(const TaskConfig& task, const std::string& split) override {
    const std::string role = role_of(task, split);
    if (role.empty() || local_.has(task, split)) {
      auto here = local_.rows(task, split);
      for (const auto& [file, sum] : local_.files()) sums_.push_back(sum);
      return here;
    }
    auto file = pack_.file(role);
    if (!file) return local_.rows(task, split);  // which says where it looked
    sums_.push_back(file->sha256.empty() ? sha256_hex(file->content) : file->sha256);
    TableOptions options;
    options.text_only = true;
    auto rows = read_rows(file->content, role + (role.starts_with("mmlu/") ? ".csv" : ".json"), options);
    if (!rows) return rows;
    for (json::value& row : *rows) row = hub_row(task.dataset_path, task.dataset_name, std::move(row));
    return rows;
  }
  std::vector<std::string> take_sums() { return std::exchange(sums_, {}); }

 private:
  static std::string role_of(const TaskConfig& task, const std::string& split) {
    const std::string name = task.dataset_path.substr(task.dataset_path.rfind('/') + 1);
    if (name == "ai2_arc") return lower(task.dataset_name) + "/" + split;
    if (name == "hellaswag") return "hellaswag/" + split;
    if (name == "mmlu") return "mmlu/" + split + "/" + task.dataset_name;
    if (name == "truthful_qa" && task.dataset_name == "multiple_choice") return "truthfulqa/mc";
    return "";
  }
  LocalRows local_;
  DataSource& pack_;
  std::vector<std::string> sums_;
};

Result<void> add_task(YamlPrepared& out, const TaskConfig& config, TaskRows& source, const Wishes& wishes) {
  YamlSettings settings = wishes.settings;
  if (!wishes.samples.empty()) {
    auto rows = wishes.samples.find(config.task);
    settings.samples = rows == wishes.samples.end() ? std::vector<std::size_t>{} : rows->second;
  }
  auto plan = YamlPlan::make(config, source, settings);
  if (!plan) return fail(plan.error());
  auto scorer = TaskScorer::make(plan->task());
  if (!scorer) return fail(scorer.error());
  json::object facts{{"file", config.file},
                     {"config", sha256_hex(write_json(to_json(config.raw)))},
                     {"examples", plan->shots()},
                     {"in_split", plan->in_split()}};
  if (config.version.kind != PythonValue::Kind::none) facts["version"] = to_json(config.version);
  const std::vector<std::string> sums = source.take_sums();
  if (!sums.empty()) facts["data"] = sums.size() == 1 ? sums.front() : sha256_hex(join(sums, "\n"));
  if (config.output_type == OutputType::generate_until) facts["generation_kwargs"] = to_json(plan->task().generation_kwargs);
  out.tasks.push_back({std::move(*plan), std::move(*scorer), std::move(facts)});
  return {};
}

Result<void> choose(YamlPrepared& out, const std::vector<std::string>& samples) {
  std::unordered_set<std::string> wanted(samples.begin(), samples.end());
  std::vector<YamlPrepared::Place> kept;
  for (std::size_t i = 0; i < out.places.size(); ++i)
    if (wanted.erase(out.sample(i)) > 0) kept.push_back(out.places[i]);
  if (!wanted.empty())
    return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 60) + "\"", "",
                "samples are called TASK/ROW, with the row of the task's evaluated split from 0");
  out.places = std::move(kept);
  return {};
}

}  // namespace

std::vector<BenchmarkOption> yaml_options() {
  return {
      {"tasks", "LIST", "names, tags, groups, patterns and files of tasks, comma separated, beside the one after the colon"},
      {"folder", "DIR,..", "where the task files are (the harness's lm_eval/tasks); later folders replace earlier ones' names"},
      {"rows", "DIR,..", "where the data sets are: DIR/DATASET/[CONFIGURATION/]SPLIT.jsonl, .json, .csv, .tsv, .txt or .parquet"},
      {"num_fewshot", "N (the task's own)", "examples before each question; a task that says 0 keeps 0"},
      {"limit", "X", "below 1 a share of each task's documents, else their number"},
      {"samples", "JSON", "{\"task\": [rows from 0]} instead of a limit"},
      {"fewshot_seed", "N (1234)", "of the generator that draws examples"},
      {"system_instruction", "TEXT", "before everything"},
      {"apply_chat_template", "true|false (false)", "ask in dialogues; tasks of log-likelihoods need chat_template too"},
      {"chat_template", "chatml|FILE|TEXT", "the Jinja template that makes text of dialogues, for tasks of log-likelihoods"},
      {"fewshot_as_multiturn", "true|false (true with a chat)", "examples as turns of their own"},
      {"gen_kwargs", "JSON", "an object that updates every task's generation_kwargs"},
      {"metadata", "JSON", "an object merged into every task's metadata"},
      {"bootstrap_iters", "N (100000)", "of standard errors that are drawn; 0 = no standard errors"},
      {"predict_only", "true|false (false)", "ask, and score nothing"}};
}

std::string YamlPrepared::sample(std::size_t unit) const {
  return plan(unit).task().task + "/" + std::to_string(plan(unit).id(places[unit].document));
}

json::object YamlPrepared::manifest() const {
  json::object all, counts;
  for (const YamlTaskRun& task : tasks) {
    all[task.plan.task().task] = task.facts;
    counts[task.plan.task().task] = task.plan.size();
  }
  json::object changing = settings;
  for (const char* key : {"limit", "samples", "folder", "rows"}) changing.erase(key);
  // What a run took of its data is no part of the plan's hash: more documents continue a run over fewer.
  return {{"benchmark", benchmark},
          {"harness", json::string(kTodayCommit)},
          {"tasks", std::move(all)},
          {"options", std::move(changing)},
          {"selection", json::object{{"documents", std::move(counts)}, {"units", places.size()}}}};
}

Result<void> YamlPrepared::askable(const TaskConfig& task) const {
  if (!chat || rendered || task.output_type == OutputType::generate_until || task.output_type == OutputType::loglikelihood_rolling) return {};
  return fail(ErrorKind::usage, task.task + " asks for log-likelihoods, which need the text that a dialogue becomes", "",
              "--option chat_template=FILE with the model's Jinja template, or =chatml");
}

Result<YamlPrepared> prepare_yaml(const PrepareSettings& settings, DataSource& data, const fs::path& index_cache) {
  if (settings.iterations != 1)
    return fail(ErrorKind::usage, "harness is measured once", "",
                "leave --iterations out; a task that asks several times says so (repeats)");
  auto wishes = wishes_of(settings);
  if (!wishes) return fail(wishes.error());
  auto index = TaskIndex::build({wishes->folders.begin(), wishes->folders.end()}, index_cache);
  if (!index) return fail(index.error());
  YamlFiles files;
  auto selection = TaskSelector(*index, files, wishes->metadata).select(wishes->tasks);
  if (!selection) return fail(selection.error());
  YamlPrepared out;
  out.benchmark = settings.ref.text();
  out.bootstrap = wishes->bootstrap;
  out.predict_only = wishes->predict_only;
  out.system_instruction = wishes->settings.system_instruction;
  out.chat = wishes->settings.apply_chat_template;
  for (const auto& [key, value] : settings.options) out.settings[key] = value;
  out.rendered = static_cast<bool>(wishes->settings.render);
  // Some of several tasks may be beyond the model anyway: the run says which.
  Result<void> first;
  bool some = selection->tasks.empty();
  for (const TaskConfig& task : selection->tasks) {
    auto askable = out.askable(task);
    some = some || askable;
    if (!askable && first) first = askable;
  }
  if (!some) return fail(first.error());
  if (!wishes->samples.empty())
    std::erase_if(selection->tasks, [&](const TaskConfig& task) { return !wishes->samples.contains(task.task); });
  TaskRows source({wishes->rows.begin(), wishes->rows.end()}, data);
  for (const TaskConfig& task : selection->tasks)
    if (auto added = add_task(out, task, source, *wishes); !added) return fail(added.error());
  out.selection = std::move(*selection);
  for (std::uint32_t t = 0; t < out.tasks.size(); ++t)
    for (std::uint32_t i = 0; i < out.tasks[t].plan.size(); ++i) out.places.push_back({t, i});
  if (!settings.samples.empty())
    if (auto chosen = choose(out, settings.samples); !chosen) return fail(chosen.error());
  if (out.places.empty()) return fail(ErrorKind::usage, "the selection leaves no document");
  out.deviates.emplace_back("task files and data of one's own");
  return out;
}

}  // namespace assay::harness
