#include "benchmark/harness/yaml_plan.h"

#include <algorithm>
#include <cmath>

#include "base/python_random.h"
#include "base/text.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_loader.h"

namespace assay::harness {
namespace {

using Kind = PythonValue::Kind;

Columns columns_of(const std::vector<json::value>& rows) {
  Columns out;
  for (const json::value& row : rows)
    for (const auto& member : row.get_object())
      if (!out.contains(std::string_view(member.key()))) out.emplace(member.key());
  return out;
}

/// Python's list[i].
const std::string* element(const std::vector<std::string>& list, std::int64_t i) {
  const auto n = static_cast<std::int64_t>(list.size());
  if (i < 0) i += n;
  return i >= 0 && i < n ? &list[static_cast<std::size_t>(i)] : nullptr;
}

bool is_whole(const PythonValue& value) {
  return (value.kind == Kind::integer && value.text.empty()) || value.kind == Kind::boolean;
}

const TaskField& either(const TaskField& own, const TaskField& otherwise) {
  return own.given() ? own : otherwise;
}

/// One value a document; one in all when they are equal.
void add(std::vector<std::string>& list, std::size_t i, std::string value) {
  if (list.size() == 1 && i > 0) {
    if (list[0] == value) return;
    list.resize(i, list[0]);
  }
  list.push_back(std::move(value));
}
const std::string& of(const std::vector<std::string>& list, std::size_t i) {
  static const std::string none;
  return list.empty() ? none : list.size() == 1 ? list[0] : list[i];
}

}  // namespace

std::size_t limited_documents(std::size_t n, double limit) {
  const double wanted = limit < 1 ? std::ceil(static_cast<double>(n) * limit) : std::floor(limit);
  return wanted >= static_cast<double>(n) ? n : static_cast<std::size_t>(std::max(0.0, wanted));
}

std::string YamlPlan::where(std::size_t id) const {
  return "document " + std::to_string(id) + " of split " + split_;
}

Result<YamlPlan> YamlPlan::make(TaskConfig config, RowSource& source, const YamlSettings& settings) {
  if (!config.refusals.empty())
    return fail(ErrorKind::unsupported, "the task " + config.task + " cannot be run here: " + join(config.refusals, "; "),
                config.file, "assay list tasks DIR --why-not says this of every task");
  YamlPlan out;
  out.config_ = std::move(config);
  TaskConfig& task = out.config_;
  if (task.generation_kwargs.kind == Kind::dict && settings.gen_kwargs.kind == Kind::dict)
    update(task.generation_kwargs, settings.gen_kwargs);
  out.shots_ = task.num_fewshot == 0 ? 0 : settings.num_fewshot.value_or(task.num_fewshot.value_or(0));
  out.system_instruction_ = settings.system_instruction;
  out.chat_ = settings.apply_chat_template;
  out.multiturn_ = settings.fewshot_as_multiturn.value_or(settings.apply_chat_template);
  out.render_ = settings.render;
  if (auto read = out.read_documents(source, settings); !read) return fail(read.error());
  if (out.shots_ > 0)
    if (auto drawn = out.draw_examples(source, settings); !drawn) return fail(drawn.error());
  return out;
}

Result<std::vector<json::value>> YamlPlan::rows_of(RowSource& source, const std::string& split,
                                                   const std::optional<PythonFunction>& process) const {
  auto rows = source.rows(config_, split);
  if (!rows) return rows;
  for (std::size_t i = 0; i < rows->size(); ++i)
    if (!(*rows)[i].is_object())
      return fail(ErrorKind::data, "row " + std::to_string(i) + " of split " + split + " is no object", config_.file);
  if (!process) return rows;
  RowsFunction function = find_rows_function(*process);
  if (!function) return fail(ErrorKind::unsupported, "process_docs needs the Python function " + process->name, process->file);
  auto processed = function(std::move(*rows));
  if (!processed) {
    Error error = processed.error();
    error.message = "process_docs: " + error.message;
    error.where = config_.file + ", split " + split + (error.where.empty() ? "" : ", " + error.where);
    return fail(std::move(error));
  }
  return processed;
}

Result<void> YamlPlan::read_documents(RowSource& source, const YamlSettings& settings) {
  split_ = !config_.test_split.empty() ? config_.test_split : config_.validation_split;
  if (split_.empty())
    return fail(ErrorKind::data, "the task " + config_.task + " names neither test_split nor validation_split", config_.file);
  auto rows = rows_of(source, split_, config_.process_docs);
  if (!rows) return fail(rows.error());
  in_split_ = rows->size();
  if (in_split_ == 0)
    return fail(ErrorKind::data, "split " + split_ + " of " + config_.task + " holds no documents", config_.file);

  const Columns columns = columns_of(*rows);
  auto compile = [&](YamlField& to, const TaskField& field, const char* name) -> Result<void> {
    auto made = YamlField::compile(field, name, config_.file, columns);
    if (!made) return fail(made.error());
    to = std::move(*made);
    return {};
  };
  const FewshotConfig& shot = config_.fewshot;
  if (auto r = compile(text_, config_.doc_to_text, "doc_to_text"); !r) return r;
  if (auto r = compile(target_, config_.doc_to_target, "doc_to_target"); !r) return r;
  if (auto r = compile(choice_, config_.doc_to_choice, "doc_to_choice"); !r) return r;
  if (auto r = compile(description_, config_.description, "description"); !r) return r;
  if (auto r = compile(gen_prefix_, config_.gen_prefix, "gen_prefix"); !r) return r;
  if (auto r = compile(shot_text_, either(shot.doc_to_text, config_.doc_to_text), "fewshot_config.doc_to_text"); !r) return r;
  if (auto r = compile(shot_target_, either(shot.doc_to_target, config_.doc_to_target), "fewshot_config.doc_to_target"); !r)
    return r;
  if (auto r = compile(shot_choice_, either(shot.doc_to_choice, config_.doc_to_choice), "fewshot_config.doc_to_choice"); !r)
    return r;
  if (auto r = compile(shot_gen_prefix_, either(shot.gen_prefix, config_.gen_prefix), "fewshot_config.gen_prefix"); !r) return r;

  std::vector<std::size_t> wanted;
  if (settings.samples) {
    for (std::size_t id : *settings.samples) {
      if (id >= in_split_)
        return fail(ErrorKind::usage, config_.task + " has no sample " + std::to_string(id), config_.file,
                    "rows are counted from 0; there are " + std::to_string(in_split_));
      wanted.push_back(id);
    }
    // Whatever their order, the split's is walked, and each document once.
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  } else {
    wanted.resize(settings.limit ? limited_documents(in_split_, *settings.limit) : in_split_);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
  }
  documents_.reserve(wanted.size());
  const bool has_choices = choice_.given();
  auto first = target_.target((*rows)[0].get_object(), has_choices, where(0));
  if (!first) return fail(first.error());
  const bool lists = first->kind == Kind::list && !first->items.empty();
  bool indices = false;
  if (text_.given()) {
    auto text = text_.text((*rows)[0].get_object(), has_choices, where(0));
    if (!text) return fail(text.error());
    indices = is_whole(*text);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    TaskDocument document;
    document.id = wanted[i];
    document.row = std::move((*rows)[wanted[i]]);
    const json::object& row = document.row.get_object();
    const std::string place = where(document.id);
    if (config_.output_type == OutputType::loglikelihood_rolling && !text_.given()) {
      document.text = PythonValue::of("");
    } else {
      auto text = text_.text(row, has_choices, place);
      if (!text) return fail(text.error());
      document.text = std::move(*text);
    }
    auto target = target_.target(row, has_choices, place);
    if (!target) return fail(target.error());
    document.target = std::move(*target);
    document.lists_of_targets = lists;
    document.texts_are_indices = indices;
    if (has_choices) {
      auto choices = choice_.choices(row, place);
      if (!choices) return fail(choices.error());
      document.choices = std::move(*choices);
    }
    auto description = description_.line(row, place);
    if (!description) return fail(description.error());
    add(descriptions_, i, std::move(*description));
    auto prefix = gen_prefix_.line(row, place);
    if (!prefix) return fail(prefix.error());
    add(prefixes_, i, std::move(*prefix));
    auto shot_prefix = shot_gen_prefix_.line(row, place);  // of the document asked, not of the example: the original's way
    if (!shot_prefix) return fail(shot_prefix.error());
    add(shot_prefixes_, i, std::move(*shot_prefix));
    documents_.push_back(std::move(document));
  }
  return {};
}

Result<QuestionAnswer> YamlPlan::example(const json::object& row, const std::string& where) const {
  const bool has_choices = config_.doc_to_choice.given();
  auto text = shot_text_.text(row, has_choices, where);
  if (!text) return fail(text.error());
  auto target = shot_target_.target(row, has_choices, where);
  if (!target) return fail(target.error());
  std::vector<std::string> choices;
  if (shot_choice_.given()) {
    auto made = shot_choice_.choices(row, where);
    if (!made) return fail(made.error());
    choices = std::move(*made);
  }
  auto out_of_range = [&](const char* field) {
    return fail(ErrorKind::data, std::string(field) + " is outside the " + std::to_string(choices.size()) + " choices",
                config_.file + ", " + where);
  };
  QuestionAnswer out;
  const bool several_inputs = is_whole(*text) && !choices.empty();
  if (several_inputs) {
    const std::string* question = element(choices, text->integer);
    if (!question) return out_of_range("doc_to_text");
    out.question = *question;
  } else {
    out.question = python_str(*text);
  }
  if (!several_inputs && is_whole(*target) && !choices.empty()) {
    const std::string* answer = element(choices, target->integer);
    if (!answer) return out_of_range("doc_to_target");
    out.answer = *answer;
  } else if (target->kind == Kind::list && !target->items.empty()) {
    out.answer = python_str(target->items.front());
  } else if (target->kind != Kind::none && !(target->kind == Kind::text && target->text.empty())) {  // an empty choice is an answer
    out.answer = python_str(*target);
  }
  return out;
}

Result<void> YamlPlan::draw_examples(RowSource& source, const YamlSettings& settings) {
  const FewshotConfig& shot = config_.fewshot;
  std::string split = shot.split.value_or(config_.fewshot_split);
  // Asked before the fallbacks: a task that names neither counts as one that takes its examples from what it asks.
  const bool same = split == config_.test_split;
  std::vector<json::value> pool;
  std::string from;
  if (split.empty() && shot.samples_given) {
    from = "fewshot_config.samples";
    pool = shot.samples;
  } else {
    if (split.empty())
      split = !config_.training_split.empty()     ? config_.training_split
              : !config_.validation_split.empty() ? config_.validation_split
                                                  : split_;
    from = "split " + split;
    auto rows = rows_of(
        source, split,
        shot.process_docs && !shot.split.value_or(config_.fewshot_split).empty() ? shot.process_docs : config_.process_docs);
    if (!rows) return fail(rows.error());
    pool = std::move(*rows);
  }
  const auto n = static_cast<std::size_t>(shots_);
  const bool first_n = shot.sampler == "first_n";
  const std::size_t drawn = n + (same && !first_n ? 1 : 0);
  if (pool.size() < drawn)
    return fail(ErrorKind::data,
                from + " has " + std::to_string(pool.size()) + " rows; " + config_.task + " needs " + std::to_string(drawn) +
                    " for " + std::to_string(n) + " examples",
                config_.file);
  examples_.resize(pool.size());
  drawn_.reserve(n * documents_.size());
  PythonRandom random(settings.fewshot_seed);
  for (const TaskDocument& document : documents_) {
    std::vector<std::size_t> picked;
    if (first_n) {
      for (std::size_t i = 0; i < pool.size() && picked.size() < n; ++i)
        if (!same || pool[i] != document.row) picked.push_back(i);
    } else {
      for (std::size_t i : random.sample(pool.size(), drawn))
        if (picked.size() < n && (!same || pool[i] != document.row)) picked.push_back(i);
    }
    if (picked.size() < n)
      return fail(ErrorKind::data,
                  from + " leaves " + std::to_string(picked.size()) + " examples where " + std::to_string(n) + " are needed",
                  config_.file + ", " + where(document.id));
    for (std::size_t i : picked) {
      drawn_.push_back(static_cast<std::uint32_t>(i));
      if (examples_[i]) continue;
      auto made = example(pool[i].get_object(), "row " + std::to_string(i) + " of " + from);
      if (!made) return fail(made.error());
      examples_[i] = std::move(*made);
    }
  }
  return {};
}

std::span<const std::uint32_t> YamlPlan::examples_of(std::size_t i) const {
  const auto n = static_cast<std::size_t>(shots_);
  return std::span(drawn_).subspan(i * n, n);
}

std::string YamlPlan::continuation_delimiter() const {
  if (!chat_) return config_.target_delimiter;
  const PythonValue& prefix = config_.gen_prefix.value;
  return prefix.kind == Kind::text && !prefix.text.empty() && !ends_in_space(prefix.text) ? config_.target_delimiter
                                                                                          : std::string();
}

Result<TaskRequest> YamlPlan::context(const Turns& turns) const {
  TaskRequest out;
  if (!chat_) {
    out.context = plain_text(turns);
    return out;
  }
  std::vector<Message> messages = chat_messages(turns, multiturn_);
  if (render_) {
    auto text = render_(messages, messages.back().role != "assistant");
    if (!text) return fail(text.error());
    out.context = std::move(*text);
  } else {
    out.context = messages_text(messages);
    out.messages = std::move(messages);
  }
  return out;
}

Result<TaskDocument> YamlPlan::document(std::size_t i) const {
  TaskDocument out = documents_[i];
  if (config_.output_type == OutputType::loglikelihood_rolling) {
    out.requests.push_back({"", python_str(out.target)});
    return out;
  }
  Turns turns;
  if (std::string system = joined(system_instruction_, of(descriptions_, i), config_.fewshot_delimiter); !system.empty())
    turns.push_back({"system", std::move(system), ""});
  if (shots_ > 0)
    for (std::uint32_t row : examples_of(i))
      add_turns(turns, *examples_[row], of(shot_prefixes_, i),
                config_.fewshot.target_delimiter.value_or(config_.target_delimiter),
                config_.fewshot.fewshot_delimiter.value_or(config_.fewshot_delimiter));
  if (!chat_)
    for (const Turn& turn : turns) out.shared += turn.content.size() + turn.delimiter.size();
  const std::string delimiter = continuation_delimiter();
  auto ask = [&](Turns all, const std::string& question, std::string_view target_delimiter,
                 std::string continuation) -> Result<void> {
    add_turns(all, {question, std::nullopt}, of(prefixes_, i), target_delimiter, "");
    auto made = context(all);
    if (!made) {
      Error error = made.error();
      error.where += (error.where.empty() ? "" : ", ") + where(out.id);
      return fail(std::move(error));
    }
    made->continuation = std::move(continuation);
    out.requests.push_back(std::move(*made));
    return {};
  };
  if (config_.output_type == OutputType::multiple_choice && out.several_inputs()) {
    for (const std::string& choice : out.choices)
      if (auto asked = ask(turns, choice, "", delimiter + python_str(out.target)); !asked) return fail(asked.error());
  } else {
    const bool choosing = config_.output_type == OutputType::multiple_choice;
    std::string first = choosing                                           ? delimiter + out.choices.front()
                        : config_.output_type == OutputType::loglikelihood ? python_str(out.target)
                                                                           : std::string();
    if (auto asked = ask(std::move(turns), python_str(out.text), config_.target_delimiter, std::move(first)); !asked)
      return fail(asked.error());
    if (choosing)
      for (std::size_t k = 1; k < out.choices.size(); ++k) {
        TaskRequest next = out.requests.front();
        next.continuation = delimiter + out.choices[k];
        out.requests.push_back(std::move(next));
      }
  }
  if (config_.output_type == OutputType::multiple_choice && config_.has_metric("acc_mutual_info"))
    for (const std::string& choice : out.choices) out.requests.push_back({"", delimiter + choice});
  return out;
}

}  // namespace assay::harness
