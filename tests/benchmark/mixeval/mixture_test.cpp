// Matching, filling and the hard subset against the reference values (golden/mixeval/mix_reference.json), and the inverted index
// against the plain sums.
#include "benchmark/mixeval/mixture.h"

#include <gtest/gtest.h>

#include "base/python_random.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

std::vector<std::vector<double>> vectors(const json::value& list) {
  std::vector<std::vector<double>> out;
  for (const json::value& row : list.as_array()) {
    out.emplace_back();
    for (const json::value& v : row.as_array()) out.back().push_back(*as_number(v));
  }
  return out;
}
std::vector<std::size_t> numbers(const json::value& list) {
  std::vector<std::size_t> out;
  for (const json::value& v : list.as_array()) out.push_back(static_cast<std::size_t>(v.as_int64()));
  return out;
}

TEST(Mixture, MatchingAndFillingReference) {
  ASSAY_NEED_SHARED("golden/mixeval/mix_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/mix_reference.json"));
  for (const json::value& item : golden.at("matching").as_array()) {
    auto queries = vectors(item.at("queries")), pool = vectors(item.at("pool"));
    for (auto* list : {&queries, &pool})
      for (auto& vector : *list) normalize_length(vector);
    MatchRules rules;
    rules.max_length_ratio = *get_number(item, "max_length_ratio");
    rules.min_similarity = *get_number(item, "min_similarity");
    const std::vector<Match> made = match_dense(queries, pool, numbers(item.at("query_words")), numbers(item.at("pool_words")), rules);
    const json::array& wanted = item.at("match").as_array();
    ASSERT_EQ(made.size(), wanted.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (wanted[i].is_null()) {
        EXPECT_FALSE(made[i].entry) << i;
        continue;
      }
      ASSERT_TRUE(made[i].entry) << i;
      EXPECT_EQ(static_cast<std::int64_t>(*made[i].entry), wanted[i].as_array()[0].as_int64());
      EXPECT_NEAR(made[i].similarity, *as_number(wanted[i].as_array()[1]), 1e-12);
    }
    std::vector<Split> splits;
    for (const json::value& split : item.at("pool_split").as_array()) splits.push_back(split == "free-form" ? Split::free_form : Split::multiple_choice);
    const Filled filled = fill(made, splits, static_cast<std::size_t>(*get_integer(item.at("quota"), "free-form")), static_cast<std::size_t>(*get_integer(item.at("quota"), "multiple-choice")), *get_integer(item, "seed"));
    for (bool choice : {false, true}) {
      const auto& side = choice ? filled.multiple_choice : filled.free_form;
      const json::array& lines = item.at("filled").at(choice ? "multiple-choice" : "free-form").as_array();
      ASSERT_EQ(side.size(), lines.size());
      for (std::size_t i = 0; i < side.size(); ++i) EXPECT_EQ((std::vector<std::size_t>{side[i].first, side[i].second}), numbers(lines[i]));
    }
  }
}

TEST(Mixture, HardSubsetReference) {
  ASSAY_NEED_SHARED("golden/mixeval/mix_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/mix_reference.json"));
  for (const json::value& item : golden.at("hard").as_array()) {
    HardRules rules;
    rules.weigh_models = *get_string(item, "weights") == "accuracy";
    rules.lambda = *get_number(item, "lambda_");
    rules.n = static_cast<std::size_t>(*get_integer(item, "n"));
    rules.seed = *get_integer(item, "seed");
    rules.max_shift = *get_number(item, "max_distance");
    rules.tries = static_cast<std::size_t>(*get_integer(item, "max_tries"));
    std::vector<double> reference;
    for (const json::value& v : item.at("reference").as_array()) reference.push_back(*as_number(v));
    const HardSubset made = hard_subset(vectors(item.at("scores")), numbers(item.at("clusters")), reference, rules);
    for (std::size_t i = 0; i < made.model_weights.size(); ++i) EXPECT_NEAR(made.model_weights[i], *as_number(item.at("model_weights").as_array()[i]), 1e-12);
    for (std::size_t i = 0; i < made.difficulty.size(); ++i) EXPECT_NEAR(made.difficulty[i], *as_number(item.at("difficulty").as_array()[i]), 1e-12);
    const json::value& result = item.at("result");
    EXPECT_EQ(made.entries, numbers(result.at("sample")));
    EXPECT_NEAR(made.shift, *get_number(result, "distance"), 1e-12);
    EXPECT_EQ(static_cast<std::int64_t>(made.tries), *get_integer(result, "tries"));
    EXPECT_EQ(made.accepted, *get_bool(result, "accepted"));
  }
}

TEST(Mixture, TheInvertedIndexGivesThePlainSums) {
  PythonRandom random(7);
  const char* words[] = {"river", "stone", "how many", "capital", "of", "the", "Planet", "seven", "is", "best"};
  std::vector<std::string> texts;
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (int k = 0; k < 8; ++k) text += std::string(words[random.choice(10)]) + (k == 3 ? ", " : " ");
    texts.push_back(std::move(text));
  }
  const std::vector<SparseVector> all = lexical_embeddings(std::vector<std::string_view>(texts.begin(), texts.end()));
  const std::vector<SparseVector> queries(all.begin(), all.begin() + 20), pool(all.begin() + 20, all.end());
  auto dense = [](const std::vector<SparseVector>& list) {
    std::vector<std::vector<double>> out;
    for (const SparseVector& one : list) {
      out.emplace_back(std::size_t{1} << 18);
      for (std::size_t i = 0; i < one.indices.size(); ++i) out.back()[one.indices[i]] = one.weights[i];
    }
    return out;
  };
  std::vector<std::size_t> query_words(20, 8), pool_words(40, 9);
  pool_words[3] = 100;
  MatchRules rules;
  rules.max_length_ratio = 2;
  const std::vector<Match> a = match_sparse(queries, pool, query_words, pool_words, rules), b = match_dense(dense(queries), dense(pool), query_words, pool_words, rules);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].entry, b[i].entry);
    EXPECT_EQ(a[i].similarity, b[i].similarity);
    EXPECT_NE(a[i].entry, std::optional<std::size_t>(3));
  }
  const std::vector<SparseVector> none = lexical_embeddings({"", "...", "Same words", "same WORDS!"});
  EXPECT_TRUE(none[0].indices.empty() && none[1].indices.empty());
  EXPECT_EQ(none[2].indices, none[3].indices);
  EXPECT_EQ(none[2].indices.size(), 3u);
  EXPECT_EQ(count_words(" a  b\u00a0c "), 3u);
}

}  // namespace
}  // namespace assay::mixeval
