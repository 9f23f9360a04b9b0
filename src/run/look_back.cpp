#include "run/look_back.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "run/outcome.h"

namespace assay {
namespace {

bool never_ended(const RunRow& run) { return run.status == "running" || run.status == "interrupted"; }

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
  std::string hash = plan_hash(plan);
  std::optional<RunRow> run;
  if (plan.scores.empty()) {
    auto newest = journal.latest_run(hash, "");
    if (!newest) return std::unexpected(newest.error());
    run = std::move(*newest);
  } else {
    auto scored = journal.run(plan.scores);
    if (!scored) return std::unexpected(scored.error());
    hash = scored->plan_hash;
    run = std::move(*scored);
  }

  const std::size_t total = plan.evaluation->unit_count();
  LookBack out;
  Places places(*plan.evaluation);
  std::vector<bool> seen(total), done(total);
  std::size_t unseen = total;
  bool first = true, resuming = false;
  bool anew = plan.retry == RetryWhat::everything;
  int highest = 0;
  while (run && (anew || unseen > 0)) {
    const json::value described = parse_json(run->plan).value_or(json::object{});
    if (find(described, "scores") == nullptr) {
      const int base = static_cast<int>(std::clamp<std::int64_t>(get_integer(described, "epoch").value_or(0), 0, 1'000'000));
      std::int64_t rows = 0;
      auto read = journal.for_each_outcome(run->id, [&](const UnitRow& row) {
        ++rows;
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
      if (std::exchange(first, false) && plan.scores.empty()) {
        resuming = never_ended(*run) || run->status == "incomplete";
        // The same wish again goes on where it was cut short: else each interruption would cost everything that was paid before. One
        // that came to all of its units has been fulfilled, whatever became of them.
        const bool cut_short = never_ended(*run) || (resuming && rows < get_integer(described, "units").value_or(0));
        if (anew) resuming = cut_short && get_string(described, "retry") == "everything";
        anew = anew && !resuming;
        if (resuming) out.continues = run->id;
      }
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
