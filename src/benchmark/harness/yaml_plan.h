// One YAML task of one run: which documents, with which examples before them, and the requests that follow. Everything that is
// drawn is drawn here, with one generator a task, as the harness draws it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_field.h"
#include "benchmark/harness/yaml_prompt.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// Where a task's rows come from: local files, a cache of downloads, or a test.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// The rows of a split as objects, in file order. `data` error when it is not there, with what to do as hint.
  virtual Result<std::vector<json::value>> rows(const TaskConfig& task, const std::string& split) = 0;
};

/// Messages to the text that a model reads, by its own chat template.
using ChatRenderer = std::function<Result<std::string>(const std::vector<Message>& messages, bool add_generation_prompt)>;

struct YamlSettings {
  std::optional<std::int64_t> num_fewshot{};          // of the command line; a task that says 0 keeps 0
  std::optional<double> limit{};                      // below 1 a share (rounded up), else a number
  std::optional<std::vector<std::size_t>> samples{};  // rows instead of a limit
  std::int64_t fewshot_seed = 1234;
  std::string system_instruction{};
  bool apply_chat_template = false;
  std::optional<bool> fewshot_as_multiturn{};  // default: with a chat
  /// With apply_chat_template: who renders. Null: requests carry the messages, and the model renders them.
  ChatRenderer render{};
  PythonValue gen_kwargs{};  // a dict that updates generation_kwargs, or None
};

/// Immutable after make(); any thread.
class YamlPlan {
 public:
  /// Reads the data, evaluates every field of every document, draws the examples. Errors: `unsupported` (what needs Python, by
  /// name), `data` (a split that is not there, a template that fails, with file, line and document; too few examples), `usage` (a
  /// sample that does not exist).
  static Result<YamlPlan> make(TaskConfig config, RowSource& source, const YamlSettings& settings);

  const TaskConfig& task() const { return config_; }
  std::int64_t shots() const { return shots_; }
  std::size_t size() const { return documents_.size(); }
  std::size_t in_split() const { return in_split_; }  // documents before limit and samples
  std::size_t id(std::size_t i) const { return documents_[i].id; }
  /// Without requests.
  const TaskDocument& bare(std::size_t i) const { return documents_[i]; }
  /// With its requests. Errors: the chat template's.
  Result<TaskDocument> document(std::size_t i) const;
  /// Rows of the examples' pool before document i.
  std::span<const std::uint32_t> examples_of(std::size_t i) const;

 private:
  Result<void> read_documents(RowSource& source, const YamlSettings& settings);
  Result<void> draw_examples(RowSource& source, const YamlSettings& settings);
  Result<std::vector<json::value>> rows_of(RowSource& source, const std::string& split,
                                           const std::optional<PythonFunction>& process) const;
  Result<QuestionAnswer> example(const json::object& row, const std::string& where) const;
  Result<TaskRequest> context(const Turns& turns) const;
  std::string continuation_delimiter() const;
  std::string where(std::size_t id) const;

  TaskConfig config_;
  YamlField text_, target_, choice_, description_, gen_prefix_;
  YamlField shot_text_, shot_target_, shot_choice_, shot_gen_prefix_;
  std::string split_;  // the evaluated one
  std::int64_t shots_ = 0;
  std::size_t in_split_ = 0;
  std::vector<TaskDocument> documents_;
  std::vector<std::string> descriptions_, prefixes_, shot_prefixes_;  // one a document, or one for all, or none
  std::vector<std::uint32_t> drawn_;                                  // shots_ a document
  std::vector<std::optional<QuestionAnswer>> examples_;               // the pool; only what was drawn
  std::string system_instruction_;
  bool chat_ = false, multiturn_ = false;
  ChatRenderer render_;
};

/// How many documents a limit leaves: ceil(n * limit) below 1, else int(limit), at most n.
std::size_t limited_documents(std::size_t n, double limit);

}  // namespace assay::harness
