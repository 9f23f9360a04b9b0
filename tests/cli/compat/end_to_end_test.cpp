// `assay eq-bench` itself, against the golden invocations of the original: results file byte for byte, csv and console but for the time.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "benchmark/eq_bench/prompts.h"
#include "cases/runner/process.h"
#include "support/shared_data.h"
#include "support/simulator.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

using cases::Command;
using cases::Outcome;

/// The six questions as a file of their own.
std::string questions(const json::value& ids) {
  const json::value all = test::load_json(test::shared("upstream/eq-bench/data/eq_bench_v2_questions_171.json"));
  json::object out;
  for (const json::value& id : ids.as_array()) out[id.as_string()] = all.at(id.as_string());
  return write_json(out);
}

void script(test::Simulator& simulator, const json::value& golden) {
  eq_bench::Protocol protocol;
  protocol.revise = golden.at("revise").as_bool();
  const json::value all = test::load_json(test::shared("upstream/eq-bench/data/eq_bench_v2_questions_171.json"));
  for (const auto& [id, texts] : golden.at("replies").as_object()) {
    std::vector<test::SimulatedReply> replies;
    for (const json::value& text : texts.as_array()) replies.push_back(test::SimulatedReply::says(std::string(text.as_string())));
    simulator.on(eq_bench::prompt_to_send(std::string(all.at(id).at("prompt").as_string()), protocol), std::move(replies));
  }
}

std::string config(const std::string& url, const json::value& golden, std::int64_t iterations) {
  auto text = [&](const char* key) { return std::string(golden.at(key).as_string()); };
  return "[OpenAI]\napi_key = sk-0815\nopenai_compatible_url = " + url +
         "\n[Huggingface]\n[Results upload]\n[Creative Writing Benchmark]\n[Options]\n[Oobabooga config]\n[Benchmarks to run]\n" + text("run_id") + ", " +
         text("template") + ", " + text("model") + ", , None, " + std::to_string(iterations) + ", openai, ,\n";
}

Outcome eq_bench(const std::filesystem::path& folder, std::vector<std::string> words) {
  Command command;
  command.program = ASSAY_PROGRAM;
  command.arguments = {"eq-bench"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.string(), "ASSAY_DATA=" + (folder / "data-home").string(), "TZ=UTC", "LANG=C.UTF-8"};
  command.directory = folder;
  command.timeout = 60;
  auto outcome = cases::run_command(command);
  EXPECT_TRUE(outcome) << to_string(outcome.error());
  return outcome ? *outcome : Outcome{};
}

/// Every time becomes the golden one.
std::string with_golden_time(const std::string& text) {
  static const PythonRegex time = PythonRegex::compile(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)").value();
  std::string out;
  std::size_t from = 0;
  const std::vector<Match> matches = time.find_all(text).value();
  for (const Match& match : matches) {
    out += text.substr(from, match.groups[0].begin - from) + "2024-01-02 03:04:05";
    from = match.groups[0].end;
  }
  return out + text.substr(from);
}

/// Without the heading of the row, the end of the batch and how long it took: the golden console has the run alone.
std::vector<std::string> run_lines(const std::string& out) {
  std::vector<std::string> lines;
  for (std::string_view line : split_lines(out)) lines.emplace_back(line);
  const auto heading = std::find(lines.begin() + 1, lines.end(), "--------------");
  lines.erase(lines.begin(), heading == lines.end() ? heading : heading + 1);
  const auto end = std::find(lines.begin(), lines.end(), "---------------");
  lines.erase(end, lines.end());
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("Time taken: "); });
  lines.emplace_back();
  return lines;
}

TEST(EndToEnd, EveryGoldenInvocation) {
  ASSAY_NEED_SHARED("golden/eq-bench/end_to_end.json");
  const json::value golden = test::load_json(test::shared("golden/eq-bench/end_to_end.json"));
  std::size_t invocations = 0;
  for (const json::value& item : golden.at("cases").as_array()) {
    SCOPED_TRACE(std::string(item.at("name").as_string()));
    test::TemporaryFolder folder;
    test::Simulator simulator;
    script(simulator, item);
    ASSERT_TRUE(write_file(folder.path() / "questions.json", questions(item.at("question_ids"))));
    for (const json::value& run : item.at("runs").as_array()) {
      ++invocations;
      ASSERT_TRUE(write_file(folder.path() / "config.cfg", config(simulator.url(), item, get_integer(run, "n_iterations").value())));
      // One after another, since the replies of a question are handed out in the order of asking.
      std::vector<std::string> words{"--edition", "questions.json", "--concurrency", "1"};
      if (item.at("revise").as_bool()) words.push_back("-revise");
      if (!get_bool(run, "resume").value_or(true)) words.push_back("-w");
      const Outcome outcome = eq_bench(folder.path(), words);
      EXPECT_FALSE(outcome.timed_out);
      const std::string csv(run.at("csv_after").as_string());
      const bool failed = contains(std::string_view(csv).substr(csv.rfind('\n', csv.size() - 2) + 1), "FAILED");
      EXPECT_EQ(outcome.code, failed ? 1 : 0) << outcome.err;
      EXPECT_EQ(with_golden_time(read_file(folder.path() / "benchmark_results.csv").value_or("")), csv);
      EXPECT_EQ(read_file(folder.path() / "raw_results.json").value_or(""), write_json(run.at("raw_results_after"), JsonStyle::python));
      std::vector<std::string> console;
      for (const json::value& line : run.at("stdout").as_array()) console.emplace_back(line.as_string());
      EXPECT_EQ(run_lines(with_golden_time(outcome.out)), console);
      EXPECT_FALSE(contains(outcome.out + outcome.err + read_file(folder.path() / "data-home/assay.db").value_or(""), "sk-0815"));
    }
    if (std::string_view(item.at("name").as_string()) == "too_few_parseable") continue;
    // Nothing is left to do: what the last invocation stored is not asked again, and no server has to be there.
    const std::size_t before = simulator.requests();
    const std::string raw = read_file(folder.path() / "raw_results.json").value_or("");
    EXPECT_EQ(eq_bench(folder.path(), {"--edition", "questions.json", item.at("revise").as_bool() ? "-revise" : "--quiet"}).code, 0);
    EXPECT_EQ(simulator.requests(), before);
    EXPECT_EQ(read_file(folder.path() / "raw_results.json").value_or(""), raw);
  }
  EXPECT_EQ(invocations, 12u);
}

TEST(EndToEnd, AnswersOfTheOriginalsFileAreNotAskedAgain) {
  ASSAY_NEED_SHARED("golden/eq-bench/end_to_end.json");
  const json::value golden = test::load_json(test::shared("golden/eq-bench/end_to_end.json"));
  for (const json::value& item : golden.at("cases").as_array()) {
    if (std::string_view(item.at("name").as_string()) != "failed_then_resumed") continue;
    test::TemporaryFolder folder;
    test::Simulator simulator;
    ASSERT_TRUE(write_file(folder.path() / "questions.json", questions(item.at("question_ids"))));
    ASSERT_TRUE(write_file(folder.path() / "config.cfg", config(simulator.url(), item, 1)));
    // What the original wrote, beside somebody else's run; this machine has asked nothing yet.
    json::object theirs = item.at("runs").at(0).at("raw_results_after").as_object();
    theirs["another"] = {{"run_metadata", {{"run_id", "kept"}}}};
    ASSERT_TRUE(write_file(folder.path() / "raw_results.json", write_json(theirs, JsonStyle::python)));
    ASSERT_TRUE(write_file(folder.path() / "benchmark_results.csv", std::string(item.at("runs").at(0).at("csv_after").as_string())));
    for (const auto& [id, texts] : item.at("replies").as_object()) {
      const json::value all = test::load_json(test::shared("upstream/eq-bench/data/eq_bench_v2_questions_171.json"));
      simulator.on(eq_bench::prompt_to_send(std::string(all.at(id).at("prompt").as_string()), {}),
                   {test::SimulatedReply::says(std::string(texts.as_array()[std::string_view(id) == "1" || std::string_view(id) == "7" ? 3 : 0].as_string()))});
    }
    const Outcome outcome = eq_bench(folder.path(), {"--edition", "questions.json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(simulator.requests(), 2u);
    json::object expected = item.at("runs").at(1).at("raw_results_after").as_object();
    expected["another"] = theirs["another"];
    EXPECT_EQ(read_file(folder.path() / "raw_results.json").value_or(""), write_json(expected, JsonStyle::python));
    EXPECT_EQ(with_golden_time(read_file(folder.path() / "benchmark_results.csv").value_or("")), std::string(item.at("runs").at(1).at("csv_after").as_string()));

    // -w drops this run alone.
    EXPECT_EQ(eq_bench(folder.path(), {"--edition", "questions.json", "-w"}).code, 0);
    EXPECT_EQ(simulator.requests(), 8u);
    EXPECT_TRUE(contains(read_file(folder.path() / "raw_results.json").value_or(""), "\"another\": {\"run_metadata\": {\"run_id\": \"kept\"}}"));
    return;
  }
  FAIL() << "the golden case is gone";
}

}  // namespace
}  // namespace assay::compat
