// Runs and their units: names on the command line, the newest with the same plan, results in plan order.
#include "journal_fixture.h"

namespace assay::test {
namespace {

class RunsTest : public JournalTest {
 protected:
  static RunRow row(const std::string& id, std::int64_t created, const std::string& plan_hash = "h") {
    return RunRow{id, created, plan_hash, R"({"benchmark":"eq-bench@2"})", "running", ""};
  }
};

TEST_F(RunsTest, NewestFirstAndByEveryName) {
  auto journal = open();
  ASSAY_OK(journal->create_run(row("01J0000000000000000000000A", 1000)));
  ASSAY_OK(journal->create_run(row("01J0000000000000000000000B", 2000)));
  ASSAY_OK(journal->create_run(row("01K0000000000000000000000C", 3000, "other")));
  auto runs = journal->runs();
  ASSAY_OK(runs);
  ASSERT_EQ(runs->size(), 3u);
  EXPECT_EQ((*runs)[0].id, "01K0000000000000000000000C");
  EXPECT_EQ((*runs)[2].id, "01J0000000000000000000000A");
  runs = journal->runs(1);
  ASSAY_OK(runs);
  EXPECT_EQ(runs->size(), 1u);

  auto id = [&](std::string_view name) {
    auto found = journal->run(name);
    return found ? found->id : std::string(assay::name(found.error().kind)) + ": " + to_string(found.error());
  };
  EXPECT_EQ(id("@last"), "01K0000000000000000000000C");
  EXPECT_EQ(id("@-1"), "01K0000000000000000000000C");
  EXPECT_EQ(id("@-2"), "01J0000000000000000000000B");
  EXPECT_EQ(id("@-3"), "01J0000000000000000000000A");
  EXPECT_EQ(id("01K"), "01K0000000000000000000000C");
  EXPECT_EQ(id("01k00"), "01K0000000000000000000000C");
  EXPECT_EQ(id("01J0000000000000000000000A"), "01J0000000000000000000000A");

  auto kind = [&](std::string_view name) { return journal->run(name).error().kind; };
  EXPECT_EQ(kind("01J"), ErrorKind::usage);
  EXPECT_NE(id("01J").find("01J0000000000000000000000B"), std::string::npos);
  EXPECT_EQ(kind("@-4"), ErrorKind::not_found);
  EXPECT_EQ(kind("@first"), ErrorKind::usage);
  EXPECT_EQ(kind("@-0"), ErrorKind::usage);
  EXPECT_EQ(kind("@-99999999999999999999"), ErrorKind::usage);
  EXPECT_EQ(kind(""), ErrorKind::not_found);
  EXPECT_EQ(kind("%"), ErrorKind::not_found);
  auto typo = journal->run("01J0000000000000000000000X");
  ASSERT_FALSE(typo);
  EXPECT_EQ(typo.error().kind, ErrorKind::not_found);
  EXPECT_NE(typo.error().hint.find("01J0000000000000000000000"), std::string::npos) << typo.error().hint;
}

TEST_F(RunsTest, TheNewestIsTheOneBegunLastWhateverTheClockSaid) {
  auto journal = open();
  ASSAY_OK(journal->create_run(row("01Z", 9000, "plan")));  // the clock was ahead
  ASSAY_OK(journal->create_run(row("01A", 1000, "plan")));
  ASSAY_OK(journal->create_run(row("01B", 1000, "plan")));
  EXPECT_EQ(journal->runs().value()[0].id, "01B");
  EXPECT_EQ(journal->run("@last")->id, "01B");
  EXPECT_EQ(journal->run("@-3")->id, "01Z");
  EXPECT_EQ((*journal->latest_run("plan", ""))->id, "01B");
}

TEST_F(RunsTest, AnEmptyJournalSaysSo) {
  auto journal = open();
  auto none = journal->run("@last");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().hint.find("no runs yet"), std::string::npos);
  auto runs = journal->runs();
  ASSAY_OK(runs);
  EXPECT_TRUE(runs->empty());
}

TEST_F(RunsTest, TheNewestRunOfThePlanAndThoseBefore) {
  auto journal = open();
  ASSAY_OK(journal->create_run(row("01A", 1000, "plan")));
  ASSAY_OK(journal->create_run(row("01B", 2000, "plan")));
  ASSAY_OK(journal->create_run(row("01C", 3000, "other")));
  auto found = journal->latest_run("plan", "01B");
  ASSAY_OK(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->id, "01A");
  found = journal->latest_run("plan", "01A");
  ASSAY_OK(found);
  EXPECT_FALSE(*found);
  found = journal->latest_run("plan", "");
  ASSAY_OK(found);
  EXPECT_EQ((*found)->id, "01B");
  found = journal->latest_run("other", "01C");
  ASSAY_OK(found);
  EXPECT_FALSE(*found);
}

TEST_F(RunsTest, UnitsInPlanOrderTheLastWordCounts) {
  auto journal = open();
  ASSAY_OK(journal->create_run(row("01A", 1000)));
  ASSAY_OK(journal->create_run(row("01B", 2000)));
  for (int n : {3, 0, 2, 1}) {
    UnitRow unit{"01A", n, "unit " + std::to_string(n), 1, 0, {make_answer(n).key, make_answer(n + 100).key}, "scored", "{}"};
    journal->put_unit(unit);
    unit.run = "01B";
    unit.keys.clear();
    journal->put_unit(unit);
  }
  UnitRow again{"01A", 2, "unit 2", 1, 1, {make_answer(9).key}, "failed", R"({"samples":[]})"};
  journal->put_unit(again);
  std::vector<UnitRow> got;
  ASSAY_OK(journal->for_each_unit("01A", [&](const UnitRow& unit) {
    got.push_back(unit);
    return true;
  }));
  ASSERT_EQ(got.size(), 4u);
  for (int n = 0; n < 4; ++n) {
    EXPECT_EQ(got[n].ordinal, n);
    EXPECT_EQ(got[n].run, "01A");
    EXPECT_EQ(got[n].unit, "unit " + std::to_string(n));
  }
  EXPECT_EQ(got[1].keys, (std::vector<Key>{make_answer(1).key, make_answer(101).key}));
  EXPECT_EQ(got[2].keys, again.keys);
  EXPECT_EQ(got[2].epoch, 1);
  EXPECT_EQ(got[2].outcome, "failed");
  EXPECT_EQ(got[2].result, again.result);
  std::size_t place = 0;
  ASSAY_OK(journal->for_each_outcome("01A", [&](const UnitRow& unit) {
    EXPECT_EQ(unit.ordinal, got[place].ordinal);
    EXPECT_EQ(unit.unit, got[place].unit);
    EXPECT_EQ(unit.epoch, got[place].epoch);
    EXPECT_EQ(unit.outcome, got[place].outcome);
    EXPECT_TRUE(unit.keys.empty() && unit.result.empty());
    ++place;
    return true;
  }));
  EXPECT_EQ(place, 4u);
  int seen = 0;
  ASSAY_OK(journal->for_each_unit("01B", [&](const UnitRow& unit) {
    EXPECT_TRUE(unit.keys.empty());
    return ++seen < 2;
  }));
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(number("SELECT count(*) FROM run_unit"), 8);
}

TEST_F(RunsTest, FinishingFlushesAndPublishes) {
  JournalOptions options;
  options.group_rows = 1'000'000;
  options.group_delay = std::chrono::hours(1);
  auto journal = open(options);
  ASSAY_OK(journal->create_run(row("01A", 1000)));
  journal->put_answer(make_answer(1));
  ASSAY_OK(journal->finish_run("01A", "complete", R"({"run":"01A"})"));
  EXPECT_EQ(number("SELECT count(*) FROM answer"), 1);
  auto run = journal->run("01A");
  ASSAY_OK(run);
  EXPECT_EQ(run->status, "complete");
  EXPECT_EQ(run->report, R"({"run":"01A"})");
  EXPECT_EQ(run->plan, R"({"benchmark":"eq-bench@2"})");
  EXPECT_EQ(run->created, 1000);
  auto unknown = journal->finish_run("01Z", "complete", "{}");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
  auto twice = journal->create_run(row("01A", 1000));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::usage);
}

TEST_F(RunsTest, AUnitOfNoRunIsReportedNotSwallowed) {
  auto journal = open();
  journal->put_answer(make_answer(1));
  journal->put_unit({"01A", 0, "u", 1, 0, {}, "scored", "{}"});
  auto flushed = journal->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::internal);
  EXPECT_EQ(number("SELECT count(*) FROM answer"), 1);
}

TEST(Ulid, SortsByTimeAndEncodesEveryBit) {
  EXPECT_EQ(make_ulid(0, 0, 0), "00000000000000000000000000");
  EXPECT_EQ(make_ulid(0, 0, 31), "0000000000000000000000000Z");
  EXPECT_EQ(make_ulid(0, 0, 32), "00000000000000000000000010");
  EXPECT_EQ(make_ulid(((std::int64_t{1} << 48) - 1) * 1000, 0, 0), "7ZZZZZZZZZ0000000000000000");
  EXPECT_EQ(make_ulid(0, ~0ull, ~0ull), "0000000000ZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(make_ulid(1'469'918'176'385'000, 0, 0).substr(0, 10), "01ARYZ6S41");  // the example of the ULID specification
  EXPECT_LT(make_ulid(1'000'000, ~0ull, ~0ull), make_ulid(1'001'000, 0, 0));
}

}  // namespace
}  // namespace assay::test
