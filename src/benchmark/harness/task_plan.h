// One task of one run: which documents in which order, with which examples before them, and the requests that follow. Everything
// that is drawn is drawn here, with one generator a task, as the harness draws it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/harness/task.h"
#include "model/request.h"

namespace assay::harness {

struct TaskSettings {
  std::size_t shots = 0;
  std::optional<double> limit{};  // below 1 a share of the documents, else their number
  std::string description{};      // before everything; MMLU keeps its own
};

/// What a task reads.
struct TaskData {
  Documents evaluated;
  Documents pool;        // that examples are drawn from; MMLU takes the first of it
  std::string preamble;  // truthfulqa_mc: the six examples that stand before every question
};

/// Immutable; share it freely.
class TaskPlan {
 public:
  /// Shuffles with Random(42), takes the limit, draws the examples of each document in turn. Errors (usage): truthfulqa_mc with
  /// examples, a task without a pool; (data): fewer documents in the pool than examples.
  static Result<TaskPlan> make(const TaskInfo& task, TaskData data, const TaskSettings& settings);

  const TaskInfo& task() const { return *task_; }
  std::size_t shots() const { return shots_; }  // examples that really stand before a question
  std::size_t size() const { return documents_.size(); }
  std::size_t in_file() const { return in_file_; }
  const Document& document(std::size_t i) const { return documents_[i]; }
  /// Rows of the pool.
  std::span<const std::uint32_t> examples_of(std::size_t i) const;
  /// Description and examples: what documents can share. May be empty.
  std::string prefix(std::size_t i) const;
  std::string context(std::size_t i) const { return prefix(i) + documents_[i].query; }
  /// One item a choice; shared_prefix + context is the same for all.
  LoglikelihoodGroup request(std::size_t i) const;
  /// What is asked: that group, or of a text its log-likelihood as a whole.
  Request asked(std::size_t i) const;

 private:
  const TaskInfo* task_ = nullptr;
  std::size_t shots_ = 0, in_file_ = 0;
  Documents documents_;
  std::vector<std::string> examples_;   // the pool, rendered
  std::vector<std::uint32_t> drawn_;    // shots_ a document, or once for all
  bool same_for_all_ = false;
  std::string before_;                  // description or preamble
};

/// How many documents a limit leaves: int(n * limit) below 1, else int(limit), at most n.
std::size_t limited_count(std::size_t n, double limit);
/// What is left of a limit for the next task, as the harness goes on with it: a fraction has become the number of the `n` documents that it meant,
/// a number stays as it is, however few documents this task had.
double limit_for_next_task(std::size_t n, double limit);

/// SHA-256 of json.dumps([[context, continuation], ...]) over all requests: with no examples, what the harness's own regression files
/// publish.
std::string requests_sha256(const TaskPlan& plan);
/// The published value of a task's zero-shot requests over its whole data; "" where none is known.
std::string_view published_requests_sha256(std::string_view task);

}  // namespace assay::harness
