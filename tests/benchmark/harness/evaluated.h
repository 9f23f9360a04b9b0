// What the tests of whole harness evaluations share: no pack, every unit asked in turn, results kept in plan order.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "run/evaluation.h"
#include "support/loop.h"

namespace assay::harness::test {

class NoPack final : public DataSource {
 public:
  Result<DataFile> file(std::string_view name) override { return fail(ErrorKind::data, "the pack is not here: " + std::string(name)); }
};

class Kept final : public UnitResults {
 public:
  explicit Kept(const Evaluation& evaluation) : evaluation_(evaluation) {}
  std::vector<UnitResult> units;
  std::size_t size() const override { return units.size(); }
  Result<void> for_each(const std::function<bool(std::size_t, const Unit&, const UnitResult&)>& visit) const override {
    for (std::size_t i = 0; i < units.size(); ++i)
      if (!visit(i, evaluation_.unit(i), units[i])) break;
    return {};
  }

 private:
  const Evaluation& evaluation_;
};

/// Every unit in turn, each result through the journal's form as in a run. A unit that fails is a failure of the test, or with `may_fail` a failed
/// sample with the error as its reason.
inline Task<void> evaluate_all(Evaluation& evaluation, UnitContext& context, std::vector<UnitResult>& out, bool may_fail = false) {
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    Result<UnitResult> result = co_await evaluation.evaluate(i, context);
    if (!result) {
      if (!may_fail) ADD_FAILURE() << to_string(result.error());
      UnitResult failed;
      SampleResult sample;
      sample.sample = evaluation.samples_of(i).front();
      sample.reason = to_string(result.error());
      failed.samples.push_back(std::move(sample));
      result = std::move(failed);
    }
    auto stored = parse_json(write_json(to_json(*result)));
    out.push_back(*unit_result_from_json(*stored));
  }
}

}  // namespace assay::harness::test
