// Executes a RunPlan: a bounded window of unit coroutines, progress, interruption, assembly of the Report.
#pragma once

#include <functional>
#include <string>

#include "base/async/timer.h"
#include "base/random.h"
#include "journal/journal.h"
#include "run/run_plan.h"

namespace assay {

struct Progress {
  std::string benchmark, model;
  std::size_t total = 0, done = 0, in_flight = 0, window = 0;
  std::size_t earlier = 0;  // of `done`: finished by the run that this one continues; `seconds` knows nothing of them
  Counts counts;
  UsageTotals usage;
  double shared_tokens = 0;  // that requests had in common, so that an engine in this process computed them once
  double seconds = 0;
  std::string note;  // "waiting 12 s: rate limited"
  bool finished = false;
};

/// Shared by everybody who may stop a run. request() once = no new units, those in flight end (drain); twice = cancel them.
class StopSignal {
 public:
  void request() { ++level_; if (on_request) on_request(level_); }
  int level() const { return level_; }
  std::function<void(int)> on_request{};

 private:
  int level_ = 0;
};

struct RunnerSeams {
  Journal& journal;
  Timer& timer;
  Random& random;
  StopSignal& stop;
  std::string version;
  std::function<void(const Progress&)> progress{};  // called at most every 100 ms, and at the end
  json::object process{};  // which process this is, kept in the journal's plan for whoever wonders later whether it still runs
};

struct RunResult {
  Report report;
  std::optional<Error> stopped;  // the model's fatal error, or `cancelled`
  std::unique_ptr<UnitResults> results;
};

/// Never throws for foreign reasons. The report is published in the journal before this returns.
Async<RunResult> run(RunPlan plan, RunnerSeams seams);

}  // namespace assay
