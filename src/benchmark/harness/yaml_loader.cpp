#include "benchmark/harness/yaml_loader.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_functions.h"
#include "prompt/jinja_value.h"

namespace assay::harness {
namespace {

using Kind = PythonValue::Kind;

constexpr std::array kTaskKeys{"task",
                               "task_alias",
                               "tag",
                               "group",
                               "include",
                               "task_list",
                               "class",
                               "recipe",
                               "dataset_path",
                               "dataset_name",
                               "dataset_kwargs",
                               "training_split",
                               "validation_split",
                               "test_split",
                               "fewshot_split",
                               "process_docs",
                               "doc_to_text",
                               "doc_to_target",
                               "doc_to_choice",
                               "doc_to_image",
                               "doc_to_audio",
                               "process_results",
                               "custom_dataset",
                               "use_prompt",
                               "description",
                               "target_delimiter",
                               "fewshot_delimiter",
                               "fewshot_config",
                               "num_fewshot",
                               "metric_list",
                               "output_type",
                               "generation_kwargs",
                               "repeats",
                               "filter_list",
                               "should_decontaminate",
                               "doc_to_decontamination_query",
                               "gen_prefix",
                               "unsafe_code",
                               "metadata"};
constexpr std::array kGroupKeys{"group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag", "include"};
constexpr std::array kFewshotKeys{"sampler",           "samples",          "split",           "process_docs",
                                  "doc_to_text",       "doc_to_choice",    "doc_to_target",   "gen_prefix",
                                  "fewshot_delimiter", "target_delimiter", "fewshot_indices", "num_fewshot"};

/// Reads the fields of one mapping. The first wrong one is kept as the error; later reads give defaults.
class Fields {
 public:
  Fields(const PythonValue& mapping, const std::string& file, std::string within = {})
      : mapping_(mapping), file_(file), within_(std::move(within)) {}

  const PythonValue* find(std::string_view key) const {
    const PythonValue* value = mapping_.find(key);
    return value && value->kind != Kind::none ? value : nullptr;
  }
  std::string text(std::string_view key, std::string otherwise = {}) {
    const PythonValue* value = find(key);
    if (!value) return otherwise;
    // Names that look like numbers ("2024_05", a configuration "1") come as numbers from YAML; Python prints them.
    if (value->kind == Kind::text) return value->text;
    if (value->is_real()) return python_str(*value);
    wrong(key, "must be a text");
    return otherwise;
  }
  std::optional<std::string> text_if(std::string_view key) {
    if (!find(key)) return std::nullopt;
    return text(key);
  }
  std::optional<std::int64_t> integer(std::string_view key) {
    const PythonValue* value = find(key);
    if (!value) return std::nullopt;
    if (value->kind == Kind::integer && value->text.empty()) return value->integer;
    wrong(key, "must be a whole number");
    return std::nullopt;
  }
  std::optional<bool> flag(std::string_view key) {
    const PythonValue* value = find(key);
    if (!value) return std::nullopt;
    if (value->kind == Kind::boolean || value->kind == Kind::integer) return value->integer != 0;
    wrong(key, "must be true or false");
    return std::nullopt;
  }
  PythonValue dict(std::string_view key) {
    const PythonValue* value = find(key);
    if (!value) return {};
    if (value->kind == Kind::dict && !function_of(*value)) return *value;
    wrong(key, "must be a mapping");
    return {};
  }
  std::vector<PythonValue> list(std::string_view key, const char* of) {
    const PythonValue* value = find(key);
    if (!value) return {};
    if (value->is_sequence()) return value->items;
    wrong(key, std::string("must be a list of ") + of);
    return {};
  }
  TaskField field(std::string_view key) const {
    const PythonValue* value = find(key);
    if (!value) return {};
    if (auto function = function_of(*value)) return {{}, std::move(function)};
    return {*value, {}};
  }
  std::optional<PythonFunction> function(std::string_view key) {
    const PythonValue* value = find(key);
    if (!value) return std::nullopt;
    if (auto named = function_of(*value)) return named;
    wrong(key, "must be a !function");
    return std::nullopt;
  }
  template <std::size_t n>
  void only(const std::array<const char*, n>& known) {
    for (std::size_t i = 0; i + 1 < mapping_.items.size(); i += 2) {
      const std::string key = python_str(mapping_.items[i]);
      if (key.starts_with("_") || std::find(known.begin(), known.end(), key) != known.end()) continue;
      std::vector<std::string> near = did_you_mean(key, {known.begin(), known.end()});
      wrong(key, "is no field that the harness knows", near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
    }
  }
  void wrong(std::string_view key, std::string what, std::string hint = {}) {
    if (!error_) error_ = Error{ErrorKind::data, within_ + shorten(key, 60) + " " + std::move(what), file_, std::move(hint)};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const PythonValue& mapping_;
  const std::string& file_;
  std::string within_;
  std::optional<Error> error_;
};

PythonValue without(const PythonValue& dict, std::initializer_list<std::string_view> keys) {
  PythonValue out = dict;
  for (std::string_view key : keys) erase_key(out, key);
  return out;
}

std::optional<PythonFunction> first_function(const PythonValue& value) {
  if (auto one = function_of(value)) return one;
  for (const PythonValue& item : value.items)
    if (auto one = first_function(item)) return one;
  return std::nullopt;
}

void read_metrics(Fields& fields, TaskConfig& out) {
  for (const PythonValue& entry : fields.list("metric_list", "mappings")) {
    const PythonValue* named = entry.kind == Kind::dict ? entry.find("metric") : nullptr;
    if (!named) return fields.wrong("metric_list", "has an entry without \"metric\"");
    MetricConfig metric;
    if ((metric.function = function_of(*named)))
      metric.name = metric.function->name.substr(metric.function->name.rfind('.') + 1);
    else
      metric.name = python_str(*named);
    if (const PythonValue* aggregation = entry.find("aggregation")) {
      metric.aggregation_function = function_of(*aggregation);
      if (!metric.aggregation_function && aggregation->kind == Kind::text) metric.aggregation = aggregation->text;
    }
    if (const PythonValue* higher = entry.find("higher_is_better"); higher && higher->kind == Kind::boolean)
      metric.higher_is_better = higher->integer != 0;
    metric.options = without(entry, {"metric", "aggregation", "higher_is_better"});
    out.metrics.push_back(std::move(metric));
  }
}

void read_filters(Fields& fields, TaskConfig& out) {
  for (const PythonValue& entry : fields.list("filter_list", "mappings")) {
    const PythonValue* named = entry.kind == Kind::dict ? entry.find("name") : nullptr;
    const PythonValue* steps = entry.kind == Kind::dict ? entry.find("filter") : nullptr;
    if (!named || !steps || !steps->is_sequence())
      return fields.wrong("filter_list", "has an entry without \"name\" and \"filter\"");
    FilterConfig filter;
    filter.name = python_str(*named);
    for (const PythonValue& step : steps->items) {
      const PythonValue* function = step.kind == Kind::dict ? step.find("function") : nullptr;
      if (!function) return fields.wrong("filter_list", "has a step without \"function\"");
      FilterStep one;
      one.python = first_function(step);
      one.function = function_of(*function) ? "custom" : python_str(*function);
      one.options = without(step, {"function"});
      filter.steps.push_back(std::move(one));
    }
    out.filters.push_back(std::move(filter));
  }
}

/// What a task and its fewshot_config both may say of a document.
template <class Config>
void read_document_fields(Fields& fields, Config& out) {
  out.doc_to_text = fields.field("doc_to_text");
  out.doc_to_choice = fields.field("doc_to_choice");
  out.doc_to_target = fields.field("doc_to_target");
  out.gen_prefix = fields.field("gen_prefix");
}

void read_fewshot(Fields& task, const std::string& file, TaskConfig& out) {
  const PythonValue mapping = task.dict("fewshot_config");
  Fields fields(mapping, file, "fewshot_config.");
  fields.only(kFewshotKeys);
  FewshotConfig& f = out.fewshot;
  read_document_fields(fields, f);
  f.fewshot_delimiter = fields.text_if("fewshot_delimiter");
  f.target_delimiter = fields.text_if("target_delimiter");
  f.split = fields.text_if("split");
  f.process_docs = fields.function("process_docs");
  if (const PythonValue* sampler = fields.find("sampler")) {
    if (auto function = function_of(*sampler)) {
      out.refusals.emplace_back("fewshot_config.sampler needs the Python function " + function->name + " of " + function->file);
    } else {
      f.sampler = fields.text("sampler");
      if (f.sampler != "default" && f.sampler != "first_n")
        fields.wrong("sampler", "is \"" + shorten(f.sampler, 40) + "\"", "the harness's samplers are default and first_n");
    }
  }
  if (const PythonValue* samples = fields.find("samples")) {
    f.samples_given = true;
    if (auto function = function_of(*samples)) {
      out.refusals.emplace_back("fewshot_config.samples needs the Python function " + function->name + " of " + function->file);
    } else {
      for (const PythonValue& sample : fields.list("samples", "mappings")) {
        if (sample.kind != Kind::dict) return task.wrong("fewshot_config", "has a sample that is no mapping");
        f.samples.push_back(to_json(sample));
      }
    }
  }
  if (fields.error() && !task.error()) task.wrong("fewshot_config", "is wrong: " + fields.error()->message, fields.error()->hint);
}

PythonValue generation_kwargs(Fields& fields, const TaskConfig& task) {
  PythonValue out = fields.dict("generation_kwargs");
  PythonValue until = PythonValue::list_of({PythonValue::of(task.fewshot_delimiter)});
  auto put = [&](const char* key, PythonValue value) {
    PythonValue one = empty_dict();
    one.items = {PythonValue::of(key), std::move(value)};
    update(out, one);
  };
  if (out.kind != Kind::dict) {
    out = empty_dict();
    put("temperature", PythonValue::of(0.0));
    put("do_sample", PythonValue::of(false));
    put("max_gen_toks", PythonValue::of(std::int64_t{256}));
    put("until", std::move(until));
    return out;
  }
  if (const PythonValue* temperature = out.find("temperature")) {
    std::optional<double> number = temperature->kind == Kind::text ? python_float(temperature->text) : std::nullopt;
    if (temperature->is_real()) number = temperature->real;
    if (temperature->kind == Kind::integer || temperature->kind == Kind::boolean)
      number = static_cast<double>(temperature->integer);
    if (!number)
      fields.wrong("generation_kwargs", "has a temperature that is no number");
    else
      put("temperature", PythonValue::of(*number));
  }
  if (!out.find("until")) put("until", std::move(until));
  return out;
}

/// What prints it; JSON knows no tuples.
JinjaValue printed(const PythonValue& value) {
  if (!value.is_sequence()) return JinjaValue::from_json(to_json(value));
  JinjaValues items;
  for (const PythonValue& item : value.items) items.push_back(printed(item));
  return JinjaValue::list(std::move(items), value.kind == Kind::tuple);
}

void read_metadata(Fields& fields, PythonValue& metadata, PythonValue& version) {
  metadata = empty_dict();
  if (const PythonValue* value = fields.find("metadata")) {
    if (value->kind == Kind::dict && !function_of(*value))
      metadata = *value;
    else
      metadata.items = {PythonValue::of("_metadata"), *value};
  }
  if (const PythonValue* number = metadata.find("version")) version = *number;
}

}  // namespace

std::string python_str(const PythonValue& value) {
  if (value.kind == Kind::text) return value.text;
  if (value.kind == Kind::integer && !value.text.empty()) return value.text;
  return printed(value).str();
}

YamlKind kind_of(const PythonValue& mapping) {
  auto has = [&](std::string_view key) {
    const PythonValue* value = mapping.find(key);
    return value && value->kind != Kind::none;
  };
  if (has("class")) return YamlKind::python_task;
  if (has("group")) return YamlKind::group;
  if (has("task")) return YamlKind::task;
  return YamlKind::none;
}

std::vector<std::string> tags_of(const PythonValue& mapping) {
  std::vector<std::string> out;
  const PythonValue* tag = mapping.find("tag");
  if (!tag || tag->kind == Kind::none) return out;
  if (!tag->is_sequence()) return {python_str(*tag)};
  for (const PythonValue& one : tag->items) out.push_back(python_str(one));
  return out;
}

bool is_group_key(std::string_view key) {
  return std::find(kGroupKeys.begin(), kGroupKeys.end(), key) != kGroupKeys.end();
}

Result<TaskConfig> read_task_config(const PythonValue& mapping, const std::string& file) {
  Fields fields(mapping, file);
  fields.only(kTaskKeys);
  TaskConfig out;
  out.file = file;
  out.raw = shown(mapping);
  out.task = fields.text("task");
  if (out.task.empty()) fields.wrong("task", "must be the task's name");
  out.task_alias = fields.text("task_alias", out.task);
  out.tags = tags_of(mapping);
  out.dataset_path = fields.text("dataset_path");
  out.dataset_name = fields.text("dataset_name");
  out.dataset_kwargs = fields.dict("dataset_kwargs");
  out.training_split = fields.text("training_split");
  out.validation_split = fields.text("validation_split");
  out.test_split = fields.text("test_split");
  out.fewshot_split = fields.text("fewshot_split");
  out.process_docs = fields.function("process_docs");
  out.process_results = fields.function("process_results");
  if (const PythonValue* custom = fields.find("custom_dataset"); custom) out.custom_dataset = fields.function("custom_dataset");
  read_document_fields(fields, out);
  out.description = fields.field("description");
  out.target_delimiter = fields.text("target_delimiter", " ");
  out.fewshot_delimiter = fields.text("fewshot_delimiter", "\n\n");
  const std::string type = fields.text("output_type", "generate_until");
  bool known_type = false;
  for (OutputType one :
       {OutputType::multiple_choice, OutputType::loglikelihood, OutputType::loglikelihood_rolling, OutputType::generate_until})
    if (name(one) == type) {
      out.output_type = one;
      known_type = true;
    }
  if (!known_type)
    fields.wrong("output_type", "is \"" + shorten(type, 40) + "\"",
                 "it can be multiple_choice, loglikelihood, loglikelihood_rolling or generate_until");
  out.num_fewshot = fields.integer("num_fewshot");
  if (out.num_fewshot && (*out.num_fewshot < 0 || *out.num_fewshot > 100'000)) fields.wrong("num_fewshot", "must not be below 0");
  out.repeats = fields.integer("repeats").value_or(1);
  if (out.repeats < 1 || out.repeats > 10'000) fields.wrong("repeats", "must be between 1 and 10000");
  read_metrics(fields, out);
  read_filters(fields, out);
  read_fewshot(fields, file, out);
  read_metadata(fields, out.metadata, out.version);
  if (out.output_type == OutputType::generate_until) out.generation_kwargs = generation_kwargs(fields, out);
  if (out.output_type == OutputType::multiple_choice && !out.doc_to_choice.given() && !fields.error())
    fields.wrong("doc_to_choice", "is missing: multiple_choice needs it");
  if (!out.doc_to_target.given() && !fields.error()) fields.wrong("doc_to_target", "is missing");
  if (fields.error()) return fail(*fields.error());
  for (const char* key : {"doc_to_image", "doc_to_audio"})
    if (fields.find(key)) out.refusals.push_back(std::string(key) + ": pictures and sound are not shown to models here");
  if (fields.find("use_prompt")) out.refusals.emplace_back("use_prompt needs promptsource's collection");
  if (fields.flag("unsafe_code").value_or(false)) out.refusals.emplace_back("unsafe_code: answers would be run as programs");
  if (fields.find("recipe")) out.refusals.emplace_back("recipe needs Python");
  add_refusals(out);
  return out;
}

Result<TaskGroup> read_task_group(const PythonValue& mapping, const std::string& file) {
  Fields fields(mapping, file);
  TaskGroup out;
  out.file = file;
  out.group = fields.text("group");
  if (out.group.empty()) fields.wrong("group", "must be the group's name");
  out.alias = fields.text("group_alias", out.group);
  read_metadata(fields, out.metadata, out.version);
  std::vector<PythonValue> aggregates;
  if (const PythonValue* list = fields.find("aggregate_metric_list"))
    aggregates = list->is_sequence() ? list->items : std::vector<PythonValue>{*list};
  for (const PythonValue& entry : aggregates) {
    const PythonValue* metric = entry.kind == Kind::dict ? entry.find("metric") : nullptr;
    if (!metric) {
      fields.wrong("aggregate_metric_list", "has an entry without \"metric\"");
      break;
    }
    AggregateMetric one;
    one.metric = python_str(*metric);
    if (const PythonValue* aggregation = entry.find("aggregation")) {
      one.function = function_of(*aggregation);
      if (aggregation->kind == Kind::text) one.aggregation = aggregation->text;
    }
    if (const PythonValue* weight = entry.find("weight_by_size"))
      one.weight_by_size = weight->kind == Kind::boolean ? weight->integer != 0 : true;
    if (const PythonValue* filters = entry.find("filter_list")) {
      if (filters->is_sequence())
        for (const PythonValue& filter : filters->items) one.filters.push_back(python_str(filter));
      else if (filters->kind != Kind::none)
        one.filters.push_back(python_str(*filters));
    }
    out.aggregates.push_back(std::move(one));
  }
  if (fields.error()) return fail(*fields.error());
  return out;
}

}  // namespace assay::harness
