// Matching, filling and the hard subset against the reference values (golden/mixeval/mix_reference.json), and the fast ways to match
// against the plain sums.
#include "benchmark/mixeval/mixture.h"

#include <gtest/gtest.h>

#include "base/python_random.h"
#include "benchmark/mixeval/dense_table.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

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

std::unique_ptr<DenseTable> table_of(const std::vector<std::vector<double>>& pool, const std::vector<std::vector<double>>& queries, const DenseOptions& options = {}) {
  auto table = DenseTable::create(pool.size() + queries.size(), pool.front().size(), options);
  EXPECT_TRUE(table);
  for (std::size_t i = 0; i < pool.size(); ++i) (*table)->set(i, pool[i]);
  for (std::size_t i = 0; i < queries.size(); ++i) (*table)->set(pool.size() + i, queries[i]);
  return std::move(*table);
}

/// The definition, as plainly as it can be written.
std::vector<Match> plain_match(std::vector<std::vector<double>> pool, std::vector<std::vector<double>> queries, const MatchTask& task) {
  for (auto* list : {&pool, &queries})
    for (auto& vector : *list) normalize_length(vector);
  std::vector<Match> out;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    Match best;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (!task.excluded.empty() && task.excluded[i]) continue;
      if (!task.rules.fits(task.query_words[q], task.pool_words[i])) continue;
      double sum = 0;
      for (std::size_t k = 0; k < pool[i].size(); ++k) sum += pool[i][k] * queries[q][k];
      if (!best.entry || sum > best.similarity) best = {i, sum};
    }
    if (best.entry && best.similarity < task.rules.min_similarity) best.entry.reset();
    out.push_back(best);
  }
  return out;
}

TEST(Mixture, MatchingAndFillingReference) {
  ASSAY_NEED_SHARED("golden/mixeval/mix_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/mix_reference.json"));
  for (const json::value& item : golden.at("matching").as_array()) {
    MatchRules rules;
    rules.max_length_ratio = *get_number(item, "max_length_ratio");
    rules.min_similarity = *get_number(item, "min_similarity");
    const auto pool_words = numbers(item.at("pool_words")), query_words = numbers(item.at("query_words"));
    const std::vector<Match> made = table_of(vectors(item.at("pool")), vectors(item.at("queries")))->match({pool_words, query_words, {}, rules}, {});
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

TEST(Mixture, BlocksInSinglePrecisionGiveThePlainSums) {
  // Nearly parallel vectors, copies among them: single precision alone cannot tell them apart.
  PythonRandom random(11);
  const std::size_t dimension = 37;
  std::vector<double> base(dimension);
  for (double& v : base) v = random.random() - 0.5;
  auto near = [&](double spread) {
    std::vector<double> out = base;
    for (double& v : out) v += spread * (random.random() - 0.5);
    return out;
  };
  std::vector<std::vector<double>> pool, queries;
  for (int i = 0; i < 700; ++i) pool.push_back(i % 7 == 3 && i > 50 ? pool[static_cast<std::size_t>(i) - 50] : near(i % 2 ? 1e-7 : 1e-3));
  for (int i = 0; i < 131; ++i) queries.push_back(i == 5 ? std::vector<double>(dimension) : near(i % 3 ? 1e-6 : 1));
  std::vector<std::size_t> pool_words, query_words;
  for (std::size_t i = 0; i < pool.size(); ++i) pool_words.push_back(3 + i % 17);
  for (std::size_t i = 0; i < queries.size(); ++i) query_words.push_back(4 + i % 11);
  std::vector<char> excluded(pool.size());
  for (std::size_t i = 0; i < excluded.size(); i += 13) excluded[i] = 1;
  MatchTask task{pool_words, query_words, excluded, {}};
  task.rules.max_length_ratio = 2;
  const std::vector<Match> plain = plain_match(pool, queries, task);
  test::TemporaryFolder folder;
  for (std::size_t memory : {std::size_t{1} << 20, std::size_t{0}}) {  // in memory, and in a file
    const auto table = table_of(pool, queries, {folder.path(), memory});
    const std::vector<Match> made = table->match(task, {});
    EXPECT_TRUE(table->trouble());
    ASSERT_EQ(made.size(), plain.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      EXPECT_EQ(made[i].entry, plain[i].entry) << i;
      EXPECT_EQ(made[i].similarity, plain[i].similarity) << i;
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Mixture, OtherStrategiesDeal) {
  const std::vector<Split> splits{Split::free_form, Split::free_form, Split::multiple_choice, Split::free_form, Split::multiple_choice};
  const std::vector<char> excluded{0, 0, 0, 1, 0};
  const Filled uniform = fill_uniform(splits, excluded, 5, 1, 7);
  ASSERT_EQ(uniform.free_form.size(), 5u);  // two entries, dealt again and again
  ASSERT_EQ(uniform.multiple_choice.size(), 1u);
  for (std::size_t k = 0; k < 4; k += 2) EXPECT_NE(uniform.free_form[k].second, uniform.free_form[k + 1].second);
  for (const auto& [query, entry] : uniform.free_form) EXPECT_TRUE(query == kNoQuery && (entry == 0 || entry == 1));
  EXPECT_EQ(fill_uniform(splits, excluded, 5, 5, 7, true).free_form.size(), 2u);
  EXPECT_EQ(fill_uniform(splits, excluded, 5, 1, 7).free_form, uniform.free_form);
  Filled matched;
  matched.free_form = {{0, 1}, {1, 1}, {2, 1}};
  matched.multiple_choice = {{3, 2}};
  const Filled level = fill_by_benchmark(matched, splits, {"A", "B", "C", "B", "D"}, {}, 7);
  ASSERT_EQ(level.free_form.size(), 3u);
  for (const auto& [query, entry] : level.free_form) EXPECT_TRUE(entry == 1 || entry == 3);
  EXPECT_EQ(level.multiple_choice, (std::vector<std::pair<std::size_t, std::size_t>>{{kNoQuery, 2}}));
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
  std::vector<std::vector<double>> wide;
  for (const SparseVector& one : all) {
    wide.emplace_back(kLexicalDimension);
    for (std::size_t i = 0; i < one.indices.size(); ++i) wide.back()[one.indices[i]] = one.weights[i];
  }
  std::vector<std::size_t> pool_words(40, 9), query_words(20, 8);
  pool_words[3] = 100;
  MatchTask task{pool_words, query_words, {}, {}};
  task.rules.max_length_ratio = 2;
  const std::vector<Match> a = make_sparse_table(all)->match(task, {});
  for (std::size_t q = 0; q < 20; ++q) {
    Match best;
    for (std::size_t i = 0; i < 40; ++i) {
      if (i == 3) continue;
      double sum = 0;
      for (std::size_t k = 0; k < kLexicalDimension; ++k) sum += wide[40 + q][k] * wide[i][k];
      if (!best.entry || sum > best.similarity) best = {i, sum};
    }
    EXPECT_EQ(a[q].entry, best.entry);
    EXPECT_EQ(a[q].similarity, best.similarity);
  }
  const std::vector<SparseVector> none = lexical_embeddings({"", "...", "Same words", "same WORDS!"});
  EXPECT_TRUE(none[0].indices.empty() && none[1].indices.empty());
  EXPECT_EQ(none[2].indices, none[3].indices);
  EXPECT_EQ(none[2].indices.size(), 3u);
}

}  // namespace
}  // namespace assay::mixeval
