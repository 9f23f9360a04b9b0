// A benchmark made ready for one run: units to evaluate in any order, and a pure `finish`. floor 5 builds it, the runner drives it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/async.h"
#include "model/model.h"
#include "run/outcome.h"
#include "run/report.h"

namespace assay {

class BaselineAnswers;  // model/baseline.h

/// 1..n samples that must travel together.
struct Unit {
  std::string id;  // of its first sample, unless the benchmark has a better name
  int iteration = 1;
};

struct SampleResult {
  std::string sample;
  Outcome outcome = Outcome::failed;
  bool cut = false;      // some accepted answer ended by the token limit
  std::string reason;    // why it is not scored
  json::object values;   // named numbers: "score", ...
  json::object evidence;  // what was parsed from which response; what report.html and `show` display (docs/formats/report.md)
};

/// A sample of a recorded run, with the unit it belonged to.
struct ScoredSample {
  Unit unit;
  SampleResult result;
};

struct UnitResult {
  std::vector<SampleResult> samples;
  std::vector<Key> keys;  // the answers it rests on, in the order asked; the runner's, not part of the JSON
};
json::object to_json(const SampleResult& sample);
Result<SampleResult> sample_result_from_json(const json::value& value);
json::value to_json(const UnitResult& result);
Result<UnitResult> unit_result_from_json(const json::value& value);

/// What evaluate() talks to: asks models in the unit's name. Fills Origin and Draw, remembers the keys, counts usage.
/// A failure that ends the model (auth, quota, ...), `cancelled` and `missing` come back as errors like any other; evaluate()
/// returns them with co_return and the runner does the rest.
class UnitContext {
 public:
  virtual ~UnitContext() = default;
  /// `role`: "model", "judge", ... One call = the next `ask` of this unit to that role.
  virtual Async<Response> ask(std::string_view role, std::string_view sample, Request request) = 0;
};

/// Results in plan order, readable more than once, not necessarily in memory.
class UnitResults {
 public:
  virtual ~UnitResults() = default;
  virtual std::size_t size() const = 0;
  /// Stops when the callback returns false. Units that never ran come with outcome `missing`.
  virtual Result<void> for_each(const std::function<bool(std::size_t ordinal, const Unit&, const UnitResult&)>& visit) const = 0;
  /// For sums over everything: `evidence` of units whose samples were all scored, and `keys`, may be left out, which spares most
  /// of the reading.
  virtual Result<void> for_each_score(const std::function<bool(std::size_t ordinal, const Unit&, const UnitResult&)>& visit) const {
    return for_each(visit);
  }
  /// For readers of answers: prompts may be left out of `evidence` where the evaluation knows them.
  virtual Result<void> for_each_answer(const std::function<bool(std::size_t ordinal, const Unit&, const UnitResult&)>& visit) const {
    return for_each(visit);
  }
};

/// One request known beforehand, for --dry-run.
struct KnownRequest {
  std::string task, sample, role;
  Request request;
};

/// What a task needs of the role "model": a text, log-likelihoods of given texts behind others, or of whole texts.
enum class Need { text, loglikelihood, rolling };
struct TaskNeed {
  std::string task;
  Need need = Need::text;
  std::optional<Error> blocked{};  // why it cannot be asked as the run is set up, with the cure
};

class Evaluation {
 public:
  virtual ~Evaluation() = default;
  virtual std::size_t unit_count() const = 0;  // over all iterations
  virtual Unit unit(std::size_t ordinal) const = 0;
  virtual std::vector<std::string> samples_of(std::size_t ordinal) const = 0;
  /// Any number at once, on the loop's thread. `context` outlives the coroutine.
  virtual Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) = 0;
  /// Pure and sequential, sums from left to right in plan order. Fills metrics, counts, parts, status and reason of a Report.
  virtual Result<void> finish(const UnitResults& results, Report& report) const = 0;
  /// The requests of a unit that are known beforehand; `pending` describes those that depend on an answer.
  virtual std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const = 0;
  /// Settings, hashes of data and prompts: everything of this benchmark that belongs in the manifest and in the plan hash.
  virtual json::object manifest() const = 0;
  /// Extra files in the original tool's layout, written under --out.
  struct OutputFile {
    std::string name, content;
  };
  virtual Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const = 0;
  /// Its tasks, where a model may be able to do some and not others; empty where there is no such choice.
  virtual std::vector<TaskNeed> needs() const { return {}; }
  /// The place in needs() of a unit's task.
  virtual std::size_t task_of(std::size_t ordinal) const { return static_cast<void>(ordinal), 0; }
  /// The texts of `baseline:` models; null where the benchmark has none.
  virtual std::shared_ptr<BaselineAnswers> baselines() const { return nullptr; }
};

}  // namespace assay
