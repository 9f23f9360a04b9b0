// A Journal in memory for tests of what stands above it: answers, tries and their order; runs are not kept.
#pragma once

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "journal/journal.h"

namespace assay::test {

class MemoryJournal final : public Journal {
 public:
  std::vector<Answer> answers;  // in the order of put_answer(), replaced ones included
  std::vector<Try> attempts;
  std::optional<Error> broken;  // what every look-up reports

  Result<std::optional<Answer>> find(const Key& key) override {
    if (broken) return fail(*broken);
    auto it = places_.find(key);
    if (it == places_.end()) return std::optional<Answer>{};
    return std::optional<Answer>(answers[it->second]);
  }
  void put_answer(Answer answer) override {
    auto it = places_.find(answer.key);
    if (it != places_.end() && answers[it->second].status == AnswerStatus::answered) return;
    places_[answer.key] = answers.size();
    answers.push_back(std::move(answer));
  }
  std::vector<Key> take_outrun() override { return {}; }
  void put_try(Try attempt) override { attempts.push_back(std::move(attempt)); }
  Result<std::vector<Try>> tries(const Key& key) override {
    std::vector<Try> out;
    std::copy_if(attempts.begin(), attempts.end(), std::back_inserter(out), [&](const Try& attempt) { return attempt.key == key; });
    return out;
  }
  Result<void> create_run(const RunRow&) override { return {}; }
  void put_unit(UnitRow) override {}
  Result<void> finish_run(std::string_view, std::string_view, std::string_view) override { return {}; }
  Result<std::vector<RunRow>> runs(std::size_t) override { return std::vector<RunRow>{}; }
  Result<RunRow> run(std::string_view id) override { return fail(ErrorKind::not_found, "no run " + std::string(id)); }
  Result<std::optional<RunRow>> latest_run(std::string_view, std::string_view) override { return std::optional<RunRow>{}; }
  Result<void> for_each_unit(std::string_view, const std::function<bool(const UnitRow&)>&) override { return {}; }
  Result<void> for_each_outcome(std::string_view, const std::function<bool(const UnitRow&)>&) override { return {}; }
  Result<void> flush() override { return {}; }
  Result<JournalStats> stats() override { return JournalStats{}; }
  Result<std::vector<std::string>> verify(const Rekey&) override { return std::vector<std::string>{}; }
  Result<void> for_each_answer(const std::function<bool(const Answer&)>& visit) override {
    for (const Answer& answer : answers)
      if (!visit(answer)) break;
    return {};
  }

 private:
  std::unordered_map<Key, std::size_t, KeyHash> places_;
};

}  // namespace assay::test
