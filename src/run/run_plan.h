// What is to be run: the command line (or a drop-in front end) fills it, the runner executes it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/model.h"
#include "run/evaluation.h"

namespace assay {

/// Live: the journal is replayed, what is missing is asked. Recorded: nothing is ever asked.
enum class Policy { live, recorded };
/// What a run asks again although an earlier one of the same plan asked it. `everything`: nothing of the earlier ones counts.
enum class RetryWhat { none, failed, unparseable, everything };

struct Role {
  std::string label;              // for people
  std::string spec;               // as written
  Model* model = nullptr;         // decorated, ready to answer; outlives the run
  ModelIdentity identity;
  std::optional<double> price_in, price_out;  // USD for a million tokens
};

struct RunPlan {
  std::string benchmark;  // "eq-bench@2"
  std::string edition;
  std::shared_ptr<Evaluation> evaluation;
  std::map<std::string, Role> roles;  // "model", "judge", ...
  Policy policy = Policy::live;
  RetryWhat retry = RetryWhat::failed;
  std::string scores;                 // recorded: the run whose own answers are scored again; later ones of its plan do not count
  std::size_t window = 0;             // units in flight; 0 = the runner's choice from the models' wishes
  json::object settings;              // what changes numbers and is neither in the manifest nor in an identity
  json::object invocation;            // how to prepare this run again: edition, iterations, limit, samples, options
  std::vector<std::string> deviates;  // known beforehand
  std::map<std::size_t, Error> refused;  // places in the evaluation's needs(): tasks that the model cannot do. Nothing of them is asked
};

/// Equal for runs that ask the same questions of the same models. What the manifest calls "selection" (limit, samples, iterations)
/// is left out: a run over more samples continues one over fewer.
std::string plan_hash(const RunPlan& plan);

}  // namespace assay
