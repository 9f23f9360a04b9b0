// Reading the golden vectors of shared/golden/eq-bench, and a small question of our own for tests that need none of them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "benchmark/eq_bench/attempts.h"
#include "benchmark/eq_bench/protocol.h"
#include "benchmark/eq_bench/questions.h"
#include "support/shared_data.h"

namespace assay::eq_bench::test {

inline std::string question_path(const std::string& set, const std::string& lang) {
  if (set == "v1") return "upstream/eq-bench/data/eq_bench_v1_questions_60.json";
  return "upstream/eq-bench/data/eq_bench_v2_questions_171" + (lang == "en" ? std::string() : "_" + lang) + ".json";
}

/// The questions of an official set, read once; empty (and a test failure) when they cannot be read.
inline const std::vector<Question>& official(const std::string& set, const std::string& lang) {
  static std::map<std::string, std::vector<Question>> cache;
  auto [it, fresh] = cache.try_emplace(set + lang);
  if (fresh) {
    auto text = read_file(assay::test::shared(question_path(set, lang)));
    auto read = text ? read_questions(*text, "questions") : Result<std::vector<Question>>(std::unexpected(text.error()));
    if (read) {
      it->second = std::move(*read);
    } else {
      ADD_FAILURE() << to_string(read.error());
    }
  }
  return it->second;
}

inline const Question& question(const std::vector<Question>& all, std::string_view id) {
  for (const Question& q : all)
    if (q.id == id) return q;
  ADD_FAILURE() << "no question " << id;
  static const Question none;
  return none;
}

inline Protocol protocol(const std::string& version, const std::string& lang, bool revise) {
  std::map<std::string, std::string> options;
  if (revise) options["revise"] = "true";
  auto made = make_protocol(version, lang == "en" ? "" : lang, options);
  if (!made) ADD_FAILURE() << to_string(made.error());
  return made ? *made : Protocol{};
}

inline std::string text_of(const json::value& object, std::string_view key) {
  return get_string(object, key).value_or("<absent>");
}
inline bool bool_of(const json::value& object, std::string_view key) {
  return get_bool(object, key).value_or(false);
}

/// `expected`: number, null, or {"exception"} as the golden files write a score.
inline void expect_score(const Score& score, const json::value& expected, const std::string& what) {
  if (expected.is_object()) {
    EXPECT_TRUE(score.error) << what;
    return;
  }
  EXPECT_FALSE(score.error) << what << " " << score.why;
  if (expected.is_null()) {
    EXPECT_FALSE(score.value) << what;
    EXPECT_FALSE(score.why.empty()) << what;
    return;
  }
  ASSERT_TRUE(score.value) << what << " " << score.why;
  EXPECT_NEAR(*score.value, as_number(expected).value(), 1e-9) << what;
}

/// Our own question, with other names than any official one.
inline Question small_question() {
  Question q;
  q.id = "a1";
  q.prompt = "\nHow does the gardener feel?\n";
  q.reference = {{"Calm", "Proud", "Jealous", "Bored"}, {"calm", "proud", "jealous", "bored"}, {4, 5, 1, 0}};
  q.fullscale = Reference{{"Calm", "Proud", "Jealous", "Bored"}, {"calm", "proud", "jealous", "bored"}, {7, 8, 2, 0}};
  return q;
}

}  // namespace assay::eq_bench::test
