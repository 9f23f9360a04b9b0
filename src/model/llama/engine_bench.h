// Measures the log-likelihood engine: the same requests one at a time and with everything shared, and the speed at which the
// library by itself reads a prompt. Behind `assay bench engine`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/llama/llama_settings.h"
#include "model/request.h"

namespace assay {

/// Lengths in words of bench_model.h: one token each there, more in other vocabularies.
struct EngineWorkload {
  std::string name, like;
  int documents, prefix, question, endings, ending;
};
/// A: five examples and endings of twelve tokens; B: four one-token answers, as MMLU; C: a shorter prefix, longer endings.
const std::vector<EngineWorkload>& engine_workloads();
std::vector<LoglikelihoodGroup> make_requests(const EngineWorkload& workload, std::uint64_t seed);

struct EngineMeasurement {
  std::int64_t requests = 0;
  double seconds = 0;
  std::int64_t evaluated = 0;  // tokens really computed
  std::int64_t naive = 0;      // that these requests one at a time compute
  double requests_per_second() const { return seconds > 0 ? static_cast<double>(requests) / seconds : 0; }
  double tokens_per_second() const { return seconds > 0 ? static_cast<double>(evaluated) / seconds : 0; }
};

/// One thread at a time. Runs on the caller's thread, for as long as it takes.
class EngineBench {
 public:
  /// Loads the model. `clock` must outlive the bench.
  static Result<std::unique_ptr<EngineBench>> create(const LlamaSettings& settings, const Clock& clock);
  ~EngineBench();

  const LlamaSettings& settings() const;
  /// Whether some products are computed by our kernel (own_products.h) rather than the library's.
  bool own_kernels() const;
  /// Tokens per second of a prompt of `tokens` behind `depth` others, in one sequence, without logits, by the library alone.
  Result<double> prompt_speed(int depth, int tokens);
  /// Everything computed anew for each of the first `most` requests; with `plain` by the library's kernels alone.
  Result<EngineMeasurement> one_by_one(const std::vector<LoglikelihoodGroup>& groups, int most, bool plain = false);
  /// Group after group (reproducible), or in lots of 64 as the engine takes them (fast).
  Result<EngineMeasurement> shared(const std::vector<LoglikelihoodGroup>& groups, bool fast);
  /// Different beginnings among all requests: the fewest tokens that can be computed.
  Result<std::int64_t> unique_tokens(const std::vector<LoglikelihoodGroup>& groups) const;

 private:
  struct Parts;
  explicit EngineBench(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace assay
