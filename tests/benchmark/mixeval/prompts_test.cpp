// Prompts, judge messages and data files against the original's (golden/mixeval).
#include "benchmark/mixeval/prompts.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "base/hash.h"
#include "benchmark/mixeval/python_text.h"
#include "stats/cluster_bootstrap.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

using test::load_json;
using test::shared;

Split split_of(const json::value& item) { return *get_string(item, "split") == "free-form" ? Split::free_form : Split::multiple_choice; }

std::string data_path(const std::string& version, const std::string& benchmark, const std::string& split) {
  return "upstream/mixeval/data/mixeval-" + version + "/" + (benchmark == "mixeval_hard" ? "mixeval-hard" : benchmark) + "/" + split + ".json";
}

std::vector<Entry> load_entries(const std::string& version, const std::string& benchmark, const std::string& split) {
  auto text = read_file(shared(data_path(version, benchmark, split)));
  if (!text) {
    ADD_FAILURE() << to_string(text.error());
    return {};
  }
  auto entries = read_entries(*text, split == "free-form" ? Split::free_form : Split::multiple_choice, split);
  if (!entries) {
    ADD_FAILURE() << to_string(entries.error());
    return {};
  }
  return std::move(*entries);
}

const Entry* by_id(const std::vector<Entry>& entries, const std::string& id) {
  for (const Entry& entry : entries)
    if (entry.id == id) return &entry;
  return nullptr;
}

PromptTexts texts() {
  const json::value document = load_json(shared("upstream/mixeval/prompts.json"));
  auto text = [&](std::initializer_list<std::string_view> path) { return std::string(find_path(document, path)->as_string()); };
  auto judge = [&](Split split, const char* key) {
    return judge_template(split, std::string(document.at("judge").at(key).as_array()[1].at("content").as_string()), "prompts.json").value();
  };
  return {text({"evaluation", "five_shot_prefix_free_form"}), text({"evaluation", "five_shot_prefix_multiple_choice"}), judge(Split::free_form, "free_form"),
          judge(Split::multiple_choice, "multiple_choice")};
}

TEST(MixevalPrompts, EveryVectorOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/prompts.json");
  const PromptTexts prompts = texts();
  const json::value golden = load_json(shared("golden/mixeval/prompts.json"));
  std::map<std::string, std::vector<Entry>> files;
  std::size_t seen = 0;
  for (const json::value& item : golden.at("items").as_array()) {
    const std::string version = *get_string(item, "version"), benchmark = *get_string(item, "benchmark"), split = *get_string(item, "split");
    auto& entries = files[version + benchmark + split];
    if (entries.empty()) entries = load_entries(version, benchmark, split);
    const Entry* entry = by_id(entries, *get_string(item, "id"));
    ASSERT_TRUE(entry);
    auto made = formatted_input(split_of(item), *entry);
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, *get_string(item, "prompt"));
    const std::string base = base_input(prompts, split_of(item), *made);
    EXPECT_EQ(sha256_hex(base), *get_string(item, "base_prompt_sha256"));
    EXPECT_EQ(static_cast<std::int64_t>(base.size()), *get_integer(item, "base_prompt_utf8_bytes"));
    ++seen;
  }
  EXPECT_EQ(seen, 213u);
}

TEST(MixevalPrompts, DigestOverEveryEntryOfEveryFile) {
  ASSAY_NEED_SHARED("golden/mixeval/prompts_digest.json");
  const PromptTexts prompts = texts();
  const json::value golden = load_json(shared("golden/mixeval/prompts_digest.json"));
  std::size_t files = 0;
  for (const json::value& item : golden.at("files").as_array()) {
    const std::vector<Entry> entries = load_entries(*get_string(item, "version"), *get_string(item, "benchmark"), *get_string(item, "split"));
    std::string chat, base;
    for (const Entry& entry : entries) {
      const std::string made = formatted_input(split_of(item), entry).value();
      for (std::string* out : {&chat, &base}) {
        *out += entry.id;
        *out += '\0';
        *out += out == &chat ? made : base_input(prompts, split_of(item), made);
        *out += '\0';
      }
    }
    EXPECT_EQ(static_cast<std::int64_t>(entries.size()), *get_integer(item, "n"));
    EXPECT_EQ(sha256_hex(chat), *get_string(item, "sha256_chat"));
    EXPECT_EQ(sha256_hex(base), *get_string(item, "sha256_base"));
    ++files;
  }
  EXPECT_EQ(files, 8u);
}

TEST(MixevalPrompts, OddEntries) {
  ASSAY_NEED_SHARED("golden/mixeval/prompts_synthetic.json");
  const json::value golden = load_json(shared("golden/mixeval/prompts_synthetic.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    auto entry = make_entry(split_of(item), "7", item.at("entry").as_object(), "golden");
    ASSERT_TRUE(entry) << to_string(entry.error());
    auto made = formatted_input(split_of(item), *entry);
    if (find(item, "error")) {
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().kind, ErrorKind::unsupported);
    } else {
      ASSERT_TRUE(made);
      EXPECT_EQ(*made, *get_string(item, "prompt"));
    }
  }
}

TEST(MixevalPrompts, CountsOfTheDataFiles) {
  ASSAY_NEED_SHARED("golden/mixeval/data_stats.json");
  const json::value golden = load_json(shared("golden/mixeval/data_stats.json"));
  for (const json::value& item : golden.at("files").as_array()) {
    const std::vector<Entry> entries = load_entries(*get_string(item, "version"), *get_string(item, "benchmark"), *get_string(item, "split"));
    const std::vector<std::size_t> clusters = clusters_of(entries);
    EXPECT_EQ(static_cast<std::int64_t>(entries.size()), *get_integer(item, "n"));
    EXPECT_EQ(static_cast<std::int64_t>(*std::max_element(clusters.begin(), clusters.end()) + 1), *get_integer(item, "distinct"));
    std::int64_t contexts = 0;
    for (const Entry& entry : entries) contexts += entry.context ? 1 : 0;
    EXPECT_EQ(contexts, *get_integer(item, "with_context"));
    std::map<std::size_t, std::size_t> copies;
    for (std::size_t cluster : clusters) ++copies[cluster];
    std::map<std::string, std::int64_t> multiplicities, benchmarks, options;
    std::size_t most = 0;
    for (const auto& [cluster, n] : copies) {
      ++multiplicities[std::to_string(n)];
      most = std::max(most, n);
    }
    for (const Entry& entry : entries) {
      ++benchmarks[entry.benchmark_name];
      if (!entry.options.empty()) ++options[std::to_string(entry.options.size())];
    }
    EXPECT_EQ(static_cast<std::int64_t>(most), *get_integer(item, "max_multiplicity"));
    auto expect_counts = [&](const std::map<std::string, std::int64_t>& mine, std::string_view name) {
      const json::value* want = find(item, name);
      EXPECT_EQ(mine.size(), want ? want->as_object().size() : 0) << name;
      for (const auto& [key, n] : mine) EXPECT_EQ(n, get_integer(*want, key).value_or(-1)) << name << " " << key;
    };
    expect_counts(multiplicities, "multiplicities");
    expect_counts(benchmarks, "by_benchmark");
    expect_counts(options, "options");
  }
}

/// What the copies leave of each split: n^2 over the sum of squared multiplicities, as the specification tells them.
TEST(MixevalPrompts, EffectiveSizesOfTheDataFiles) {
  ASSAY_NEED_SHARED("golden/mixeval/data_stats.json");
  const std::map<std::string, std::array<double, 4>> known{{"2024-06-01", {898.5, 1498.1, 155.3, 224.8}}, {"2024-08-11", {881.8, 1492.3, 261.0, 378.8}}};
  for (const auto& [version, sizes] : known) {
    std::size_t at = 0;
    for (const char* benchmark : {"mixeval", "mixeval-hard"})
      for (const char* split : {"free-form", "multiple-choice"}) EXPECT_NEAR(effective_size(clusters_of(load_entries(version, benchmark, split))), sizes[at++], 0.05) << version << benchmark << split;
  }
}

std::string gold_sha(const std::vector<Message>& messages) { return sha256_hex(messages.at(1).content); }

TEST(MixevalJudge, EveryMessageOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/judge_prompts.json");
  const PromptTexts prompts = texts();
  const json::value golden = load_json(shared("golden/mixeval/judge_prompts.json"));
  std::map<std::string, std::vector<Entry>> files;
  std::map<std::string, json::object> gemma;
  for (const char* split : {"close_freeform_hard", "close_multichoice_hard"}) {
    auto text = read_file(shared("upstream/mixeval/responses/gemma_11_7b_instruct/mixeval_hard/2024-06-01/gemma_11_7b_instruct_" + std::string(split) + ".jsonl"));
    ASSERT_TRUE(text);
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      auto line = parse_json(rest.substr(0, end));
      ASSERT_TRUE(line);
      const std::string kind = split == std::string("close_freeform_hard") ? "free-form" : "multiple-choice";
      gemma[kind + *get_string(*line, "id")] = line->as_object();
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  std::size_t full = 0;
  for (const json::value& item : golden.at("items").as_array()) {
    const Split split = split_of(item);
    Entry entry;
    std::string response;
    if (find(item, "gemma_response_of")) {
      const json::object& line = gemma.at(*get_string(item, "split") + *get_string(item, "id"));
      auto made = make_entry(split, *get_string(item, "id"), line, "gemma");
      ASSERT_TRUE(made);
      entry = std::move(*made);
      response = *get_string(line, "response");
    } else if (auto version = get_string(item, "version")) {
      auto& entries = files[*version + *get_string(item, "benchmark") + *get_string(item, "split")];
      if (entries.empty()) entries = load_entries(*version, *get_string(item, "benchmark"), *get_string(item, "split"));
      entry = *by_id(entries, *get_string(item, "id"));
      response = *get_string(item, "response");
    } else {
      entry.prompt = *get_string(item, "prompt");
      if (const json::value* target = find(item, "target"))
        for (const json::value& one : target->as_array()) entry.targets.push_back(python_text(one));
      if (const json::value* options = find(item, "options"))
        for (const json::value& one : options->as_array()) entry.options.push_back(python_text(one));
      response = *get_string(item, "response");
    }
    const std::vector<Message> messages = judge_messages(prompts, split, entry, response);
    EXPECT_EQ(gold_sha(messages), *get_string(item, "user_sha256"));
    EXPECT_EQ(static_cast<std::int64_t>(messages[1].content.size()), *get_integer(item, "user_utf8_bytes"));
    if (const json::value* whole = find(item, "messages")) {
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(messages[i].role, *get_string(whole->as_array()[i], "role"));
        EXPECT_EQ(messages[i].content, *get_string(whole->as_array()[i], "content"));
      }
      ++full;
    }
  }
  EXPECT_GT(full, 3u);
}

TEST(MixevalPrompts, ATemplateMustHaveItsMarksAndInsertedOnesStay) {
  auto made = JudgeTemplate::parse("s", "a @@prompt@@ b @@other@@ @@response@@", {"prompt", "response"}, "t");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->fill({"@@response@@", "R"})[1].content, "a @@response@@ b @@other@@ R");
  auto lacking = JudgeTemplate::parse("s", "a @@prompt@@", {"prompt", "response"}, "t");
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().message.find("@@response@@"), std::string::npos);
}

TEST(MixevalEntries, JsonLinesAndArraysWithIds) {
  const std::string one = R"({"id":"4","prompt":"P","target":["x"],"benchmark_name":"B"})", two = R"({"id":5,"prompt":"Q","target":[2],"benchmark_name":"B"})";
  auto lines = read_entries(one + "\n" + two + "\n", Split::free_form, "f");
  ASSERT_TRUE(lines) << to_string(lines.error());
  EXPECT_EQ((*lines)[1].id, "5");
  EXPECT_EQ((*lines)[1].targets[0], "2");
  auto array = read_entries("[" + one + "," + two + "]", Split::free_form, "f");
  ASSERT_TRUE(array);
  EXPECT_EQ(array->size(), 2u);
  auto single = read_entries(one, Split::free_form, "f");
  ASSERT_TRUE(single) << to_string(single.error());
  EXPECT_EQ(single->size(), 1u);
}

TEST(MixevalEntries, WhatDoesNotFitIsNamed) {
  auto message = [](std::string_view text, Split split) {
    auto read = read_entries(text, split, "data.json");
    return read ? std::string("read") : to_string(read.error());
  };
  EXPECT_NE(message(R"({"3": {"target": ["x"], "benchmark_name": "B"}})", Split::free_form).find("no \"prompt\""), std::string::npos);
  EXPECT_NE(message(R"({"3": {"prompt": "p", "target": "x", "benchmark_name": "B"}})", Split::free_form).find("no list (data.json, id 3"), std::string::npos);
  EXPECT_NE(message(R"({"3": {"prompt": "p", "target": [2], "options": ["a","b"], "benchmark_name": "B"}})", Split::multiple_choice).find("option 2"), std::string::npos);
  EXPECT_NE(message(R"([{"id": 1, "prompt": "p", "target": ["x"], "benchmark_name": "B"}, {"id": "1", "prompt": "p", "target": ["x"], "benchmark_name": "B"}])", Split::free_form).find("twice"), std::string::npos);
  EXPECT_NE(message("{}", Split::free_form).find("no entries"), std::string::npos);
  std::string many = R"({"3": {"prompt": "p", "target": [0], "benchmark_name": "B", "options": ["o")";
  for (int i = 0; i < 62; ++i) many += ",\"o\"";
  EXPECT_NE(message(many + "]}}", Split::multiple_choice).find("63 options"), std::string::npos);
  EXPECT_EQ(message(R"({"3": {"prompt": "p", "target": [0], "options": ["only"], "benchmark_name": "B"}})", Split::multiple_choice), "read");
}

TEST(MixevalPythonText, AsStrDoes) {
  auto text = [](const char* value) { return python_text(parse_json(value).value()); };
  EXPECT_EQ(text("null"), "None");
  EXPECT_EQ(text("2.0"), "2.0");
  EXPECT_EQ(text("\"it's\""), "it's");
  EXPECT_EQ(text("[1, \"it's\", {\"a\": null}]"), "[1, \"it's\", {'a': None}]");
  EXPECT_EQ(text(R"(["\u180e", "\u0378\u00e9\u3000", {"\ud82b\udf30": "\u007f\ud83d\ude00"}])"), "['\\u180e', '\\u0378\u00e9\\u3000', {'\\U0001af30': '\\x7f\U0001F600'}]");
}

}  // namespace
}  // namespace assay::mixeval
