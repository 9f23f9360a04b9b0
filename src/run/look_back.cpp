#include "run/look_back.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "run/outcome.h"

namespace assay {
namespace {

/// Where the plan has a unit. Another selection of samples may have had it elsewhere.
class Places {
 public:
  explicit Places(const Evaluation& evaluation) : evaluation_(evaluation), total_(evaluation.unit_count()) {}

  std::optional<std::size_t> of(const UnitRow& row) {
    if (row.ordinal >= 0 && static_cast<std::size_t>(row.ordinal) < total_) {
      const auto ordinal = static_cast<std::size_t>(row.ordinal);
      const Unit unit = evaluation_.unit(ordinal);
      if (unit.id == row.unit && unit.iteration == row.iteration) return ordinal;
    }
    if (by_name_.empty())
      for (std::size_t i = 0; i < total_; ++i) {
        const Unit unit = evaluation_.unit(i);
        by_name_.emplace(name(unit.id, unit.iteration), i);
      }
    const auto found = by_name_.find(name(row.unit, row.iteration));
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static std::string name(const std::string& unit, int iteration) { return unit + "\n" + std::to_string(iteration); }

  const Evaluation& evaluation_;
  std::size_t total_;
  std::unordered_map<std::string, std::size_t> by_name_;  // made when first needed
};

}  // namespace

Result<LookBack> look_back(const RunPlan& plan, Journal& journal) {
  const std::string hash = plan_hash(plan);
  auto newest = journal.latest_run(hash, "");
  if (!newest) return std::unexpected(newest.error());
  std::optional<RunRow> run = std::move(*newest);

  const std::size_t total = plan.evaluation->unit_count();
  LookBack out;
  Places places(*plan.evaluation);
  std::vector<bool> seen(total), done(total);
  std::size_t unseen = total;
  bool first = true, resuming = false;
  const bool anew = plan.retry == RetryWhat::everything;
  int highest = 0;
  while (run && (anew || unseen > 0)) {
    const json::value described = parse_json(run->plan).value_or(json::object{});
    const int base = static_cast<int>(std::clamp<std::int64_t>(get_integer(described, "epoch").value_or(0), 0, 1'000'000));
    auto read = journal.for_each_outcome(run->id, [&](const UnitRow& row) {
      highest = std::max(highest, row.epoch);
      const auto place = places.of(row);
      if (!place || seen[*place]) return true;
      seen[*place] = true;
      --unseen;
      const bool unread = row.outcome == name(Outcome::unparseable) || row.outcome == name(Outcome::truncated);
      const bool again = plan.retry == RetryWhat::unparseable && unread;
      done[*place] = !again && (unread || row.outcome == name(Outcome::scored));
      const int epoch = row.epoch + (again ? 1 : 0);
      if (epoch == 0) return true;
      if (out.epochs.empty()) out.epochs.resize(total);
      out.epochs[*place] = epoch;
      return true;
    });
    if (!read) return std::unexpected(read.error());
    out.base_epoch = std::max(out.base_epoch, base);
    if (std::exchange(first, false)) {
      resuming = !anew && (run->status == "running" || run->status == "interrupted" || run->status == "incomplete");
      if (resuming) out.continues = run->id;
    }
    auto before = journal.latest_run(hash, run->id);
    if (!before) return std::unexpected(before.error());
    run = std::move(*before);
  }
  if (anew) {  // above all that was ever asked, also of units that this run does not come to
    out.base_epoch = std::max(out.base_epoch, highest) + 1;
    out.epochs.clear();
    return out;
  }
  if (resuming) out.finished.resize(total);
  for (std::size_t i = 0; i < total; ++i) {
    const int epoch = out.epochs.empty() ? 0 : out.epochs[i];
    if (resuming) out.finished[i] = done[i] && epoch >= out.base_epoch;
    if (!out.epochs.empty()) out.epochs[i] = std::max(epoch, out.base_epoch);
  }
  return out;
}

}  // namespace assay
