// `assay run`, killed again and again at random moments and started again each time: the score at the end is the undisturbed one,
// no committed answer is asked for twice, and the journal is sound whenever one looks.
//
// ASSAY_KILLS=N: so many kills in all (20 unless said); ASSAY_KILL_SEED=N: the same dice again. tests/kill/run N is the long test.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "cases/runner/process.h"
#include "journal/journal.h"
#include "support/simulator.h"
#include "support/temporary_folder.h"

namespace assay::test {
namespace {

using cases::Command;
using cases::Outcome;
using Time = std::chrono::steady_clock;

constexpr int kInFlight = 16;
constexpr int kGroup = 256;  // rows that may wait for a group commit

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atol(text) : otherwise;
}
int kills_wanted() { return static_cast<int>(setting("ASSAY_KILLS", 20)); }
/// The short test fits the ordinary test run on a busy machine too; the long one takes what it takes.
bool over_budget(Time::time_point start, double seconds) {
  return kills_wanted() <= 20 && std::chrono::duration<double>(Time::now() - start).count() > seconds;
}
unsigned seed() {
  static const unsigned value = [] {
    auto out = static_cast<unsigned>(setting("ASSAY_KILL_SEED", std::random_device{}() % 1'000'000));
    std::cout << "kill test: ASSAY_KILL_SEED=" << out << "\n";
    return out;
  }();
  return value;
}

/// What the last user message of a stored request says.
std::string prompt_of(std::string_view request) {
  auto value = parse_json(request);
  if (!value) return {};
  if (const json::value* messages = find(*value, "messages"); messages && messages->is_array() && !messages->as_array().empty())
    return get_string(messages->as_array().back(), "content").value_or("");
  return get_string(*value, "prompt").value_or("");
}

using Counts = std::map<std::string, int>;
int sum(const Counts& counts) {
  int out = 0;
  for (const auto& [prompt, n] : counts) out += n;
  return out;
}

/// A provider with latency and two failures in a hundred, which counts by content what it has answered.
class Provider {
 public:
  explicit Provider(unsigned seed) : random_(seed) {
    simulator_.otherwise([this](const SimulatedRequest& request) { return reply(request); });
  }
  std::string spec(const std::string& settings = {}) const { return simulator_.url() + settings + "#sim"; }
  /// Says something else each time, as models at a temperature do, and nothing at all before it was asked with two keys.
  void ramble_to_two() {
    std::lock_guard lock(mutex_);
    rambling_ = true;
  }
  void fail_percent(unsigned percent) {
    std::lock_guard lock(mutex_);
    fail_percent_ = percent;
  }
  /// Answered since the last call.
  Counts take() {
    std::lock_guard lock(mutex_);
    return std::exchange(answered_, {});
  }
  /// Nothing of a client that has ended is still on its way.
  void settle() const { simulator_.settle(); }
  int answered() {
    std::lock_guard lock(mutex_);
    return sum(answered_);
  }

 private:
  SimulatedReply reply(const SimulatedRequest& request) {
    std::lock_guard lock(mutex_);
    if (random_() % 100 < fail_percent_)
      return random_() % 2 ? SimulatedReply::fails(SimulatedReply::Fault::reset)
                           : SimulatedReply::answers(503, R"({"error":{"message":"overloaded"}})", {{"Retry-After", "0"}});
    ++answered_[request.prompt];
    std::string said = answer_emotions(request.prompt);
    if (rambling_)
      for (char& c : said)
        if (c >= '0' && c <= '9') c = static_cast<char>('1' + random_() % 9);
    SimulatedReply out = SimulatedReply::says(said);
    if (rambling_) {
      keys_.insert(request.header("authorization"));
      out.until = [this] {
        std::lock_guard again(mutex_);
        return keys_.size() > 1;
      };
    }
    out.delay = std::chrono::microseconds(1000 + random_() % 12'000);
    return out;
  }

  std::mutex mutex_;
  std::mt19937 random_;
  unsigned fail_percent_ = 0;
  bool rambling_ = false;
  std::set<std::string> keys_;
  Counts answered_;
  Simulator simulator_;
};

class KillTest : public ::testing::Test {
 protected:
  Command assay(std::vector<std::string> arguments) const {
    Command command;
    command.program = ASSAY_PROGRAM;
    command.arguments = std::move(arguments);
    command.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder_.path().string(), "ASSAY_DATA=" + (folder_ / "data").string(),
                           "LANG=C.UTF-8",       "TERM=dumb",                       "TZ=UTC"};
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"})
      if (const char* value = std::getenv(name)) command.environment.push_back(std::string(name) + "=" + value);
    command.directory = folder_.path();
    command.timeout = 120;
    return command;
  }
  Command run_command_line(const std::string& model, int iterations, const std::filesystem::path& store,
                           std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"run", "eq-bench", "--edition", "sample", "--model", model, "--iterations", std::to_string(iterations),
                                   "--concurrency", std::to_string(kInFlight), "--store", store.string(), "--json", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return assay(std::move(words));
  }
  static Outcome must(const Command& command) {
    auto outcome = cases::run_command(command);
    if (!outcome) throw std::runtime_error(to_string(outcome.error()));
    return *outcome;
  }

  /// What must not depend on kills: everything that the report says of the model.
  static std::string score(const Outcome& outcome) {
    auto report = parse_json(outcome.out);
    if (!report) return "no report: " + outcome.err;
    json::object kept;
    for (const char* name : {"benchmark", "edition", "status", "metrics", "counts", "parts", "deviates"})
      if (const json::value* value = find(*report, name)) kept[name] = *value;
    return write_json(kept, JsonStyle::canonical);
  }
  static std::int64_t usage(const Outcome& outcome, const char* what) {
    auto report = parse_json(outcome.out);
    const json::value* usage = report ? find(*report, "usage") : nullptr;
    return usage ? get_integer(*usage, what).value_or(-1) : -1;
  }

  /// Committed answers by the question's content.
  static Counts committed(const std::filesystem::path& store) {
    Counts out;
    if (!std::filesystem::exists(store)) return out;
    auto journal = Journal::open(store, Journal::Mode::read_only, system_clock());
    // Killed before the file was made: nothing is in it yet.
    if (!journal) return out;
    auto walked = (*journal)->for_each_answer([&](const Answer& answer) {
      if (answer.status == AnswerStatus::answered) ++out[prompt_of(answer.request)];
      return true;
    });
    EXPECT_TRUE(walked) << to_string(walked.error());
    return out;
  }
  void expect_sound(const std::filesystem::path& store) {
    if (!std::filesystem::exists(store) || std::filesystem::file_size(store) == 0) return;
    Outcome verified = must(assay({"journal", "verify", "--store", store.string()}));
    EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
  }

  TemporaryFolder folder_;
};

/// Lets a command run until a moment thrown with dice, then kills it.
class Killer {
 public:
  explicit Killer(unsigned seed) : random_(seed) {}
  /// `answered`: how many answers the command has got so far; `left`: how many it still needs.
  std::function<int()> moment(std::function<int()> answered, int left, double seconds) {
    killed_ = false;
    auto end = Time::now() + std::chrono::microseconds(static_cast<long>(random_() % 1'000'000 * seconds));
    int after = 1 + static_cast<int>(random_() % static_cast<unsigned>(std::max(left, 1)));
    bool by_count = answered && random_() % 2 == 0;
    return [=, this]() -> int {
      if (killed_ || (by_count ? answered() < after : Time::now() < end)) return 0;
      killed_ = true;
      return SIGKILL;
    };
  }
  unsigned dice() { return random_(); }

 private:
  std::mt19937 random_;
  bool killed_ = false;
};

TEST_F(KillTest, AgainstAProvider) {
  constexpr int kIterations = 25;
  Provider provider(seed());
  Outcome undisturbed = must(run_command_line(provider.spec(), kIterations, folder_ / "undisturbed.db"));
  ASSERT_EQ(undisturbed.code, 0) << undisturbed.err;
  const Counts total = provider.take();
  ASSERT_GE(sum(total), 400);
  ASSERT_EQ(committed(folder_ / "undisturbed.db"), total) << "the provider and the journal count alike";
  const std::string want = score(undisturbed);
  ASSERT_NE(want.find("\"score\""), std::string::npos) << want;
  provider.fail_percent(2);

  Killer killer(seed());
  const auto start = Time::now();
  const int wanted = kills_wanted() * 4 / 5;
  int kills = 0, ended = 0, heavy_losses = 0, worst = 0, resumed_with = 0;
  for (int sitting = 0; (kills < wanted || ended == 0) && !(over_budget(start, 25) && ended > 0 && kills > 0); ++sitting) {
    const auto store = folder_ / ("store" + std::to_string(sitting) + ".db");
    for (int attempt = 0;; ++attempt) {
      const Counts before = committed(store);
      Command command = run_command_line(provider.spec(), kIterations, store);
      const bool spared = kills >= wanted || attempt > 12 || (attempt > 1 && killer.dice() % 4 == 0);
      if (!spared) command.watch = killer.moment([&] { return provider.answered(); }, sum(total) - sum(before), 0.6);
      Outcome outcome = must(command);
      provider.settle();
      const Counts asked = provider.take(), after = committed(store);
      for (const auto& [prompt, n] : asked) {
        auto had = before.find(prompt);
        ASSERT_LE(n + (had == before.end() ? 0 : had->second), total.at(prompt)) << "a committed answer was asked for again: " << prompt;
      }
      for (const auto& [prompt, n] : before) ASSERT_GE(after.at(prompt), n) << "a committed answer is gone";
      const int lost = sum(asked) + sum(before) - sum(after);
      ASSERT_GE(lost, 0) << "an answer that nobody gave";
      if (outcome.signal == SIGKILL) {
        ASSERT_FALSE(outcome.timed_out);
        ++kills;
        worst = std::max(worst, lost);
        heavy_losses += lost > kGroup + kInFlight;
        resumed_with = std::max(resumed_with, sum(after));
        expect_sound(store);
        if (HasFailure()) return;
        continue;
      }
      ASSERT_EQ(outcome.code, 0) << outcome.err;
      ++ended;
      EXPECT_EQ(score(outcome), want);
      EXPECT_EQ(lost, 0) << "what a run that ended has asked for is stored";
      EXPECT_EQ(after, total);
      EXPECT_EQ(usage(outcome, "from_journal"), sum(before));
      expect_sound(store);
      break;
    }
    std::error_code ignored;
    std::filesystem::remove(store, ignored);
    if (HasFailure()) return;
  }
  std::cout << kills << " kills, " << ended << " runs to the end, at most " << worst << " answers lost at once\n";
  EXPECT_GT(resumed_with, 0) << "no kill came late enough to prove anything";
  // A disk that stalls at the wrong moment may lose more than a group; it must be the exception.
  EXPECT_LE(heavy_losses, kills / 10);
}

TEST_F(KillTest, AgainstAGguf) {
  // It writes its models first; what it then does with them is not needed here.
  auto written = [&](std::string_view beginning) -> std::filesystem::path {
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "data/quickstart", absent))
      if (entry.path().extension() == ".gguf" && entry.path().filename().string().starts_with(beginning)) return entry.path();
    return {};
  };
  Command quickstart = assay({"quickstart", "--quiet"});
  quickstart.watch = [&, sent = false]() mutable -> int {
    if (sent || written("assay-random").empty()) return 0;
    sent = true;
    return SIGKILL;
  };
  Outcome made = must(quickstart);
  const auto model = written("assay-format");
  if (model.empty()) {
    ASSERT_NE(made.err.find("no GGUF engine"), std::string::npos) << "quickstart wrote no model: " << made.err;
    GTEST_SKIP() << "this build has no GGUF engine, so there is nothing to kill";
  }
  constexpr int kIterations = 3;
  const std::vector<std::string> few{"--limit", "8"};
  const std::string spec = "gguf:" + model.string();
  const auto began = Time::now();
  Outcome undisturbed = must(run_command_line(spec, kIterations, folder_ / "undisturbed.db", few));
  const double seconds = std::chrono::duration<double>(Time::now() - began).count();
  const std::string want = score(undisturbed);
  ASSERT_NE(want.find("\"score\""), std::string::npos) << undisturbed.err;
  const int total = sum(committed(folder_ / "undisturbed.db"));
  ASSERT_GE(total, 20);

  Killer killer(seed() + 1);
  const auto start = Time::now();
  const int wanted = kills_wanted() / 5;
  int kills = 0, ended = 0;
  for (int sitting = 0; (kills < wanted || ended == 0) && !(over_budget(start, 15) && ended > 0 && kills > 0); ++sitting) {
    const auto store = folder_ / ("store" + std::to_string(sitting) + ".db");
    for (int attempt = 0;; ++attempt) {
      const int before = sum(committed(store));
      Command command = run_command_line(spec, kIterations, store, few);
      const bool spared = kills >= wanted || attempt > 6 || (attempt > 1 && killer.dice() % 4 == 0);
      if (!spared) command.watch = killer.moment({}, 0, seconds);
      Outcome outcome = must(command);
      const int after = sum(committed(store));
      ASSERT_GE(after, before);
      expect_sound(store);
      if (outcome.signal == SIGKILL) {
        ++kills;
        continue;
      }
      ++ended;
      EXPECT_EQ(outcome.code, undisturbed.code) << outcome.err;
      EXPECT_EQ(score(outcome), want);
      EXPECT_EQ(after, total);
      EXPECT_EQ(usage(outcome, "from_journal"), before) << "each committed answer is used, none is generated again";
      break;
    }
    if (HasFailure()) return;
  }
  std::cout << kills << " kills, " << ended << " runs to the end\n";
}

TEST_F(KillTest, TwoProcessesWithOneJournalAndOnePlan) {
  constexpr int kIterations = 10;
  Provider provider(seed());
  Outcome alone = must(run_command_line(provider.spec(), kIterations, folder_ / "alone.db"));
  ASSERT_EQ(alone.code, 0) << alone.err;
  const Counts total = provider.take();
  const auto store = folder_ / "shared.db";
  auto both = [&](std::function<int()> kills_the_first) {
    Command first = run_command_line(provider.spec(), kIterations, store), second = first;
    first.watch = std::move(kills_the_first);
    auto other = std::async(std::launch::async, [&] { return must(second); });
    Outcome one = must(first);
    return std::pair(one, other.get());
  };
  // The first is killed in the middle, the second does not notice.
  auto [killed, survivor] = both([&, sent = false]() mutable -> int {
    if (sent || provider.answered() < 60) return 0;
    sent = true;
    return SIGKILL;
  });
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_EQ(survivor.code, 0) << survivor.err;
  EXPECT_EQ(score(survivor), score(alone));
  EXPECT_EQ(committed(store), total) << "each answer once, whoever asked";
  expect_sound(store);
  EXPECT_LE(sum(provider.take()), 2 * sum(total));
  // And with nobody killed, on a new journal.
  std::filesystem::remove(store);
  auto [one, two] = both({});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(two.code, 0) << two.err;
  EXPECT_EQ(score(one), score(alone));
  EXPECT_EQ(score(two), score(alone));
  EXPECT_EQ(committed(store), total);
  expect_sound(store);
}

TEST_F(KillTest, TwoProcessesReportTheSameAnswersOfAModelThatSaysSomethingElseEachTime) {
  Provider provider(seed());
  provider.ramble_to_two();
  const auto store = folder_ / "shared.db";
  auto with_key = [&](const char* key) {
    Command command = run_command_line(provider.spec("?key_env=KEY"), 10, store);
    command.environment.push_back(std::string("KEY=") + key);
    return command;
  };
  auto other = std::async(std::launch::async, [&] { return must(with_key("a-key-of-one-process")); });
  const Outcome one = must(with_key("a-key-of-the-other")), two = other.get();
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(two.code, 0) << two.err;
  const Counts stored = committed(store), asked = provider.take();
  EXPECT_GT(sum(asked), sum(stored)) << "both have asked the first questions";
  EXPECT_EQ(score(one), score(two)) << "both reports rest on the same answers";
  const Outcome replayed = must(with_key("a-key-of-one-process"));
  EXPECT_EQ(sum(provider.take()), 0);
  EXPECT_EQ(score(one), score(replayed)) << "and those are in the journal";
  expect_sound(store);
}

TEST_F(KillTest, AReaderThatGoesAwayEndsNothing) {
  Provider provider(seed());
  const auto store = folder_ / "store.db";
  Command command = run_command_line(provider.spec(), 2, store);
  std::string line = "{ " + std::string(ASSAY_PROGRAM);
  for (const std::string& argument : command.arguments) line += " '" + argument + "'";
  command.program = "/bin/sh";
  command.arguments = {"-c", line + "; echo $? >code; } | true; cat code"};
  Outcome outcome = must(command);
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(committed(store), provider.take()) << "everything that was paid for is stored";
  Outcome exported = must([&] {
    Command other = assay({});
    other.program = "/bin/sh";
    other.arguments = {"-c", "{ " + std::string(ASSAY_PROGRAM) + " journal export --store " + store.string() + "; echo $? >code; } | head -c 10; cat code"};
    return other;
  }());
  EXPECT_EQ(exported.out.substr(0, 10), "{\"key\":\"" + exported.out.substr(8, 2));
  EXPECT_TRUE(exported.out.ends_with("0\n")) << exported.out;
}

}  // namespace
}  // namespace assay::test
