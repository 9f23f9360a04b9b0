// Response, status, judged and score files, byte for byte as the original writes them (golden/mixeval), and what foreign ones get told.
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/completeness.h"
#include "benchmark/mixeval/judged_file.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/response_file.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/score_file.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

using test::load_json;
using test::shared;

constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

std::map<std::string, std::string> files_of(const json::value& flow) {
  std::map<std::string, std::string> out;
  if (const json::value* files = find(flow, "files"))
    for (const auto& member : files->as_object()) out[std::string(member.key())] = std::string(member.value().as_string());
  return out;
}

TEST(MixevalFiles, ResponseAndStatusFilesOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/run_files.json");
  const json::value golden = load_json(shared("golden/mixeval/run_files.json"));
  const json::value prompts = load_json(shared("upstream/mixeval/prompts.json"));
  std::size_t responses = 0, statuses = 0;
  for (const json::value& flow : golden.at("flows").as_array()) {
    const bool hard = *is_hard(*get_string(flow, "benchmark"));
    for (const auto& [file, text] : files_of(flow)) {
      for (Split split : kSplits) {
        if (file == status_file_name(split, hard)) {
          const json::value document = parse_json(text).value();
          EXPECT_EQ(status_text(document.at("args").as_object(), static_cast<std::size_t>(*get_integer(document.at("status"), "batch_id")), document.at("status").at("time_elapsed"),
                                *get_string(document.at("status"), "status") == "complete"),
                    text);
          ++statuses;
        }
        if (file != response_file_name(*get_string(flow, "model"), split, hard)) continue;
        const json::object& data = golden.at("data").at((hard ? "mixeval-hard/" : "mixeval/") + std::string(name(split))).as_object();
        std::string made;
        auto read = read_responses(text, split, file, nullptr);
        ASSERT_TRUE(read) << to_string(read.error());
        for (const StoredResponse& line : read->lines) {
          const Entry entry = make_entry(split, line.entry.id, data.at(line.entry.id).as_object(), "data").value();
          std::string input = formatted_input(split, entry).value();
          if (*get_string(flow, "kind") == "base")
            input = std::string(prompts.at("evaluation").at(split == Split::free_form ? "five_shot_prefix_free_form" : "five_shot_prefix_multiple_choice").as_string()) + input + "\n";
          made += response_line(entry.fields, input, entry.id, line.response);
        }
        EXPECT_EQ(made, text) << file;
        ++responses;
      }
    }
  }
  EXPECT_GE(responses, 12u);
  EXPECT_GE(statuses, 12u);
}

TEST(MixevalFiles, JudgedAndScoreFilesOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/run_files.json");
  const json::value golden = load_json(shared("golden/mixeval/run_files.json"));
  std::map<std::string, std::string> responses;
  std::size_t compared = 0;
  for (const json::value& flow : golden.at("flows").as_array()) {
    const std::map<std::string, std::string> files = files_of(flow);
    const std::string model = *get_string(flow, "model"), step = *get_string(flow, "step");
    const bool hard = *is_hard(*get_string(flow, "benchmark"));
    if (!step.starts_with("judge stage")) {
      if (step == "fresh run" || step == "resumed afterwards")
        for (const auto& [file, text] : files) responses[file] = text;
      continue;
    }
    const bool cut = contains(step, "extract_base_model_response=True") && *get_string(flow, "kind") == "base";
    PythonRandom random(42);
    std::vector<SideScores> sides;
    for (Split split : kSplits) {
      auto read = read_responses(responses.at(response_file_name(model, split, hard)), split, "responses", nullptr);
      ASSERT_TRUE(read);
      const std::string name = judged_file_name(split, "gpt-3.5-turbo-0125"), wanted = files.at(name);
      std::map<std::string, std::string> words;  // the judge says the same in every round
      for (std::string_view line : split_lines(wanted)) {
        const json::value value = parse_json(line).value();
        words[*get_string(value, "id")] = *get_string(value, "judge_response");
      }
      std::vector<JudgeOutcome> outcomes;
      std::vector<std::size_t> options;
      for (const StoredResponse& one : read->lines) {
        JudgeOutcome outcome;
        while (!outcome.accepted && outcome.rounds < kJudgeRounds) take_reply(split, words.at(one.entry.id), outcome);
        outcomes.push_back(std::move(outcome));
        options.push_back(one.entry.options.size());
      }
      std::string made;
      for (const Verdict& verdict : settle(split, outcomes, options, random)) {
        const StoredResponse& response = read->lines[verdict.entry];
        std::optional<std::string> part;
        if (cut) part = std::string(cut_base_output(split, response.response));
        made += judged_line(split, response, part, verdict);
      }
      EXPECT_EQ(made, wanted);
      auto back = read_judged(made, split, false, name);
      ASSERT_TRUE(back) << to_string(back.error());
      sides.push_back(score_side(judged_of(*back)));
      ++compared;
    }
    std::map<std::string, double> made, wanted;
    for (const auto& [key, score] : combine(sides[0], sides[1])) made[key] = score;
    const json::value document = parse_json(files.at("score.json")).value();
    for (const auto& member : document.as_object()) wanted[std::string(member.key())] = *as_number(member.value());
    EXPECT_EQ(made, wanted);
  }
  EXPECT_GE(compared, 10u);
}

TEST(MixevalFiles, StrictResumeIsAsStrictAsTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/run_files.json");
  const json::value golden = load_json(shared("golden/mixeval/run_files.json"));
  std::map<std::string, std::string> last;
  std::size_t refused = 0, taken = 0;
  for (const json::value& flow : golden.at("flows").as_array()) {
    const std::string step = *get_string(flow, "step");
    const bool hard = *is_hard(*get_string(flow, "benchmark"));
    if (step == "fresh run") {
      last = files_of(flow);
      continue;
    }
    if (step.starts_with("judge") || step.starts_with("interrupted") || step.starts_with("resumed")) continue;
    const std::string name = status_file_name(Split::free_form, hard);
    const json::value document = parse_json(last.at(name)).value();
    json::object args = document.at("args").as_object();
    if (auto batch = get_integer(flow, "batch_size")) args["batch_size"] = *batch;
    if (contains(step, "api_parallel_num")) args["api_parallel_num"] = 7;
    if (contains(step, "ignored keys")) args["inference_only"] = false, args["compute_score_from_judged_file"] = true;
    std::optional<std::string> status = last.at(name);
    if (contains(step, "status forced")) status = replace_all(*status, "\"complete\"", "\"in progress\"");
    if (contains(step, "status file removed")) status.reset();
    const std::string& responses = last.at(response_file_name(*get_string(flow, "model"), Split::free_form, hard));
    auto resume = strict_resume(status, args, read_responses(responses, Split::free_form, "r", nullptr)->raw_lines, static_cast<std::size_t>(*get_integer(flow, "batch_size")), "status");
    const json::value* error = find(flow, "error");
    EXPECT_EQ(resume.has_value(), !error || error->is_null()) << step << (resume ? "" : to_string(resume.error()));
    (resume ? taken : refused)++;
    if (!resume) {
      EXPECT_EQ(resume.error().kind, contains(step, "removed") ? ErrorKind::not_found : ErrorKind::usage);
    }
  }
  EXPECT_GE(refused, 6u);
  EXPECT_GE(taken, 4u);
}

TEST(MixevalFiles, GemmasPublishedResponsesByRule) {
  ASSAY_NEED_SHARED("golden/mixeval/rule_e2e_gemma.json");
  const json::value document = load_json(shared("golden/mixeval/rule_e2e_gemma.json"));
  const json::value& golden = document.at("plain");
  PythonRandom random(42);
  std::vector<SideScores> sides;
  for (Split split : kSplits) {
    auto text = read_file(shared("upstream/mixeval/responses/gemma_11_7b_instruct/mixeval_hard/2024-06-01/" + response_file_name("gemma_11_7b_instruct", split, true)));
    ASSERT_TRUE(text);
    auto read = read_responses(*text, split, "gemma", nullptr);
    ASSERT_TRUE(read) << to_string(read.error());
    const json::array& rows = golden.at(split == Split::free_form ? "free_form" : "multiple_choice").as_array();
    ASSERT_EQ(rows.size(), read->lines.size());
    std::string made;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const StoredResponse& one = read->lines[i];
      const json::array& row = rows[i].as_array();
      EXPECT_EQ(one.entry.id, std::string(row[0].as_string()));
      bool right;
      if (split == Split::free_form) {
        const std::vector<Normal> parsed = parse_answer(one.response);
        right = answer_matches(parsed, one.entry.targets);
        made += rule_line(one, parsed, right);
      } else {
        const char letter = parse_choice(one.response, one.entry.options, random).letter;
        if (!row[2].is_null()) {
          EXPECT_EQ(std::string(1, letter), std::string(row[2].as_string())) << one.entry.id;
        }
        right = letter == option_letter(one.entry.answer);
        made += rule_line(one, letter, right);
      }
      EXPECT_EQ(right, row[3].as_bool()) << one.entry.id;
    }
    auto back = read_judged(made, split, true, "judged");
    ASSERT_TRUE(back) << to_string(back.error());
    sides.push_back(score_side(judged_of(*back)));
  }
  EXPECT_EQ(random.random(), *get_number(golden, "next_random"));
  std::map<std::string, double> made, wanted;
  for (const auto& [key, score] : combine(sides[0], sides[1])) made[key] = score;
  for (const auto& member : golden.at("score_after_judged_file").as_object()) wanted[std::string(member.key())] = *as_number(member.value());
  EXPECT_EQ(made, wanted);
}

TEST(MixevalFiles, CompletenessLogsOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/check_complete.json");
  const json::value golden = load_json(shared("golden/mixeval/check_complete.json"));
  for (const json::value& item : golden.at("cases").as_array()) {
    CompletenessWish wish;
    wish.benchmark = *get_string(item, "benchmark");
    wish.version = *get_string(item, "version");
    for (const json::value& one : item.at("base_models_to_check").as_array()) wish.base_models.emplace_back(one.as_string());
    for (const json::value& one : item.at("chat_models_to_check").as_array()) wish.chat_models.emplace_back(one.as_string());
    wish.free_form = static_cast<std::size_t>(*get_integer(item, "n_freeform"));
    wish.multiple_choice = static_cast<std::size_t>(*get_integer(item, "n_multichoice"));
    wish.response_dir = *get_string(item, "model_response_dir");
    const bool hard = *is_hard(wish.benchmark);
    auto look = [&](const std::string&, const std::string& model, Split split) {
      FolderState out;
      for (const json::value& folder : item.at("tree").as_array()) {
        if (*get_string(folder, "model") != model) continue;
        out.exists = *get_bool(folder, "dir");
        const json::value* state = find(folder.at("files"), split_name(split, hard));
        if (!state) continue;
        out.complete = get_string(*state, "status") == "complete";
        if (auto lines = get_integer(*state, "lines")) out.lines = static_cast<std::size_t>(*lines);
      }
      return out;
    };
    EXPECT_EQ(completeness_log(wish, look), *get_string(item, "log"));
  }
}

TEST(MixevalFiles, ForeignResponseFilesAreCountedAndNothingIsLost) {
  const std::string entry = R"("prompt":"P","target":["x"],"benchmark_name":"B")";
  std::vector<Entry> data;
  for (const char* id : {"1", "2", "3"}) data.push_back(make_entry(Split::free_form, id, parse_json("{" + entry + "}")->as_object(), "data").value());
  const std::string text = "{\"id\":\"2\",\"response\":\"two\"}\n{\"id\":9,\"response\":\"nine\"," + entry + "}\n{\"id\":2,\"response\":\"again\"," + entry + "}\n{\"id\":\"1\",\"respo";
  auto read = read_responses(text, Split::free_form, "r.jsonl", &data);
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->lines.size(), 1u);
  EXPECT_EQ(read->lines[0].response, "two");
  EXPECT_EQ(read->lines[0].entry.prompt, "P");
  EXPECT_EQ(read->foreign, std::vector<std::string>{"9"});
  EXPECT_EQ(read->doubled, std::vector<std::string>{"2"});
  EXPECT_EQ(read->missing, (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(text.substr(*read->torn_at), "{\"id\":\"1\",\"respo");
  EXPECT_EQ(read->raw_lines, 4u);

  auto array = read_responses("[{\"id\": 3, \"response\": \"three\"}]", Split::free_form, "r.json", &data);
  ASSERT_TRUE(array);
  EXPECT_EQ(array->lines[0].entry.id, "3");
  auto broken = read_responses("{\"id\":1,\"response\":\"a\"}\n{nonsense\n{\"id\":2,\"response\":\"b\"}\n", Split::free_form, "r.jsonl", &data);
  ASSERT_FALSE(broken);
  EXPECT_NE(to_string(broken.error()).find("r.jsonl:2"), std::string::npos);
  auto lacking = read_responses("{\"id\":1,\"response\":null,\"prompt\":\"p\"}\n", Split::free_form, "r.jsonl", nullptr);
  ASSERT_FALSE(lacking);
  EXPECT_NE(to_string(lacking.error()).find("id 1"), std::string::npos);
}

TEST(MixevalFiles, WithoutDataEveryLineOfAnIdCounts) {
  const std::string rest = R"(,"prompt":"P","target":["x"],"benchmark_name":"B","response":"r"})";
  auto read = read_responses("{\"id\":2" + rest + "\n{\"id\":\"2\"" + rest + "\n{\"id\":\"2#2\"" + rest + "\n{\"id\":2" + rest + "\n", Split::free_form, "r.jsonl", nullptr);
  ASSERT_TRUE(read) << to_string(read.error());
  std::vector<std::string> names, ids;
  for (const StoredResponse& one : read->lines) names.push_back(one.entry.id), ids.push_back(line_id(one.entry));
  EXPECT_EQ(names, (std::vector<std::string>{"2", "2#2", "2#2#2", "2#3"}));
  EXPECT_EQ(ids, (std::vector<std::string>{"2", "2", "2#2", "2"}));
  EXPECT_EQ(read->doubled, (std::vector<std::string>{"2", "2#2", "2"}));
}

TEST(MixevalFiles, JudgedLinesCountAsPythonCountsThem) {
  auto value = [](Split split, bool rule, const std::string& member) {
    auto read = read_judged(R"({"id":1,"benchmark_name":"B","target":[0],)" + member + "}\n", split, rule, "j");
    return read ? std::optional(read->front().value) : std::nullopt;
  };
  EXPECT_EQ(value(Split::free_form, true, R"("eval_result":1)"), 1);
  EXPECT_EQ(value(Split::free_form, true, R"("eval_result":0)"), 0);
  EXPECT_EQ(value(Split::multiple_choice, true, R"("eval_result":null)"), 0);
  EXPECT_EQ(value(Split::multiple_choice, true, R"("eval_result":"yes")"), std::nullopt);
  EXPECT_EQ(value(Split::free_form, false, R"("judge_score":true)"), 1);
  EXPECT_EQ(value(Split::free_form, false, R"("judge_score":null)"), std::nullopt);
  EXPECT_EQ(value(Split::multiple_choice, false, R"("judge_option":null)"), 0);
  EXPECT_EQ(value(Split::multiple_choice, false, R"("judge_option":3)"), 0);
  EXPECT_EQ(value(Split::multiple_choice, false, R"("judge_option":"A")"), 1);
  EXPECT_EQ(value(Split::multiple_choice, false, R"("other":"A")"), std::nullopt);
}

TEST(MixevalFiles, AnArrayBecomesLines) {
  auto lines = array_as_lines(" [{\"id\": 1, \"x\": NaN}, {\"id\": 2}]\n", "r.json");
  ASSERT_TRUE(lines && *lines);
  EXPECT_EQ(**lines, "{\"id\": 1, \"x\": NaN}\n{\"id\": 2}\n");
  EXPECT_EQ(array_as_lines("{\"id\": 1}\n", "r.jsonl").value(), std::nullopt);
  EXPECT_EQ(array_as_lines("", "r.jsonl").value(), std::nullopt);
  EXPECT_FALSE(array_as_lines("[{\"id\": 1}]\n{\"id\": 2}\n", "r.json"));
}

TEST(MixevalFiles, LinesMayLackIdsAndHoldWhatOnlyPythonWrites) {
  const std::string text =
      "{\"prompt\": \"p\", \"context\": NaN, \"target\": [\"5\"], \"benchmark_name\": \"B\", \"response\": \"5 \\ud83d\"}\n\n"
      "{\"prompt\": \"p\", \"context\": null, \"target\": [\"5\"], \"benchmark_name\": \"B\", \"response\": \"6\", \"id\": 7}\n"
      "{\"prompt\": \"p\", \"target\": [\"5\"], \"benchmark_name\": \"B\", \"response\": \"5\"}\n";
  auto read = read_responses(text, Split::free_form, "r.jsonl", nullptr);
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->lines.size(), 3u);
  EXPECT_EQ(read->lines[0].entry.id, "#1");
  EXPECT_EQ(read->lines[0].entry.context, "nan");
  EXPECT_EQ(read->lines[0].response, "5 \uFFFD");
  EXPECT_EQ(read->lines[1].entry.id, "7");
  EXPECT_EQ(read->lines[2].entry.id, "#3");
  // What is kept of a line has no id that the line did not have.
  EXPECT_EQ(rule_line(read->lines[2], std::vector<Normal>{}, true),
            "{\"prompt\": \"p\", \"target\": [\"5\"], \"benchmark_name\": \"B\", \"response\": \"5\", \"parsed_result\": [], \"eval_result\": true}\n");
  EXPECT_NE(rule_line(read->lines[0], std::vector<Normal>{}, true).find("\"context\": NaN,"), std::string::npos);

  std::vector<Entry> data = read_entries("{\"7\": {\"prompt\": \"p\", \"context\": NaN, \"target\": [\"5\"], \"benchmark_name\": \"B\"}}", Split::free_form, "d.json").value();
  EXPECT_EQ(data[0].context, "nan");
  EXPECT_FALSE(read_responses(text, Split::free_form, "r.jsonl", &data));  // an id is needed to find the data's entry

  auto judged = read_judged("{\"benchmark_name\": \"B\", \"eval_result\": true, \"parsed_result\": [NaN, -Infinity]}\n{\"benchmark_name\": \"B\", \"eval_result\": false}\n",
                            Split::free_form, true, "j.jsonl");
  ASSERT_TRUE(judged) << to_string(judged.error());
  EXPECT_EQ((*judged)[1].id, "#2");
  EXPECT_EQ(score_side(judged_of(*judged)).overall().score, 0.5);
}

TEST(MixevalFiles, ScoreFilesKeepOtherModels) {
  const Scores one{{"overall", 0.5}}, two{{"overall", 0.25}};
  EXPECT_EQ(score_text(one), "{\n    \"overall\": 0.5\n}\n");
  const std::string first = scores_text({{"a", one}}).value();
  EXPECT_EQ(scores_text({{"b", two}}, first).value(), "{\n    \"a\": {\n        \"overall\": 0.5\n    },\n    \"b\": {\n        \"overall\": 0.25\n    }\n}\n");
  EXPECT_EQ(scores_text({{"b", two}}, "{\"a\": {\"overall\": NaN}}").value(), "{\n    \"a\": {\n        \"overall\": NaN\n    },\n    \"b\": {\n        \"overall\": 0.25\n    }\n}\n");
  for (const char* lost : {"no json", "{\"a\": {\"overall\": 0.5},}", "[]"}) EXPECT_EQ(scores_text({{"b", two}}, lost).error().kind, ErrorKind::data) << lost;
  EXPECT_EQ(score_table({{"overall", 0.45199999999999996}, {"MMLU", 0.5}}),
            "+---------+---------------------+\n"
            "|  Split  |        Score        |\n"
            "+---------+---------------------+\n"
            "| overall | 0.45199999999999996 |\n"
            "|   MMLU  |         0.5         |\n"
            "+---------+---------------------+\n");
}

}  // namespace
}  // namespace assay::mixeval
