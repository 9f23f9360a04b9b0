#include "benchmark/alpaca_eval/seeded_draws.h"

#include <cmath>
#include <string>

#include "base/hash.h"
#include "base/numpy_random.h"
#include "base/python_random.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

std::vector<std::size_t> order_of(const json::value& c) {
  std::vector<std::size_t> order;
  for (const json::value& i : find(c, "order")->as_array()) order.push_back(i.to_number<std::size_t>());
  return order;
}

TEST(AlpacaEvalDraws, DerangementsHaveNoFixedPoint) {
  for (std::size_t n = 2; n < 12; ++n) {
    std::vector<std::size_t> order = derangement(n, 3);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NE(order[i], i);
  }
}

TEST(AlpacaEvalDraws, AllSeedColumnsCount) {
  std::string_view one[] = {"a"}, two[] = {"a", "b"};
  EXPECT_EQ(is_switched(one, 0), is_switched("a", 0));
  EXPECT_EQ(is_switched(two, 0), is_switched("ab", 0));
}

class AlpacaEvalSeeds : public testing::Test {
 protected:
  void SetUp() override {
    ASSAY_NEED_SHARED("golden/alpaca-eval/seeds.json");
    file_ = test::load_json(test::shared("golden/alpaca-eval/seeds.json"));
  }
  json::value file_;
};

TEST_F(AlpacaEvalSeeds, Instructions) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/example/outputs.json");
  json::value examples = test::load_json(test::shared("upstream/alpaca-eval/example/outputs.json"));
  std::size_t annotators = find(file_, "alpaca_farm_annotators")->as_array().size(), seen = 0;
  for (const json::value& c : find(file_, "instructions")->as_array()) {
    std::string instruction;
    if (auto index = get_integer(c, "example_index")) {
      instruction = get_string(examples.as_array()[static_cast<std::size_t>(*index)], "instruction").value();
      ASSERT_EQ(sha256_hex(instruction).substr(0, 16), get_string(c, "sha256_16").value());
    } else {
      instruction = get_string(c, "instruction").value();
    }
    for (int seed = 0; seed < 4; ++seed) {
      auto at = static_cast<std::size_t>(seed);
      EXPECT_EQ(is_switched(instruction, seed), find(c, "is_switched")->as_array()[at].as_bool());
      EXPECT_EQ(pool_choice(instruction, seed, annotators),
                find(c, "annotator_alpaca_farm")->as_array()[at].to_number<std::size_t>());
      for (auto [key, p] : {std::pair{"noise_p0.25", 0.25}, {"noise_p0.1", 0.1}}) {
        const json::value& want = find(c, key)->as_array()[at];
        std::optional<int> label = noisy_label(instruction, seed, p);
        EXPECT_EQ(label.has_value(), !want.is_null());
        if (label && !want.is_null()) {
          EXPECT_EQ(*label, as_number(want).value());
        }
      }
    }
    ++seen;
  }
  EXPECT_GE(seen, 207u);
  std::printf("          %zu instructions with 4 seeds each: output order, pool, noise\n", seen);
}

TEST_F(AlpacaEvalSeeds, Orders) {
  for (const char* key : {"shuffles", "subsamples"}) {
    for (const json::value& c : find(file_, key)->as_array()) {
      std::vector<std::size_t> want = order_of(c);
      auto n = static_cast<std::size_t>((get_integer(c, "n_total") ? get_integer(c, "n_total") : get_integer(c, "n")).value());
      std::vector<std::size_t> order = shuffled_order(n, static_cast<std::uint32_t>(get_integer(c, "seed").value()));
      order.resize(want.size());
      EXPECT_EQ(order, want) << key << " " << n;
    }
  }
}

TEST_F(AlpacaEvalSeeds, RawGenerators) {
  for (const json::value& c : find(file_, "python_random")->as_array()) {
    PythonRandom numbers(std::string_view(find(c, "seed")->as_string())), bits = numbers;
    for (const json::value& value : find(c, "first_random")->as_array()) EXPECT_EQ(numbers.random(), as_number(value).value());
    for (const json::value& value : find(c, "getrandbits32")->as_array())
      EXPECT_EQ(bits.getrandbits(32), value.to_number<std::uint64_t>());
  }
  NumpyRandom random(kSampleSeed);
  for (const json::value& value : find(file_, "liblinear_seeds_randomstate123")->as_array())
    EXPECT_EQ(random.randint(0, 2147483647), value.to_number<std::int64_t>());
}

TEST_F(AlpacaEvalSeeds, Derangements) {
  for (const json::value& c : find(file_, "derangements")->as_array())
    EXPECT_EQ(derangement(static_cast<std::size_t>(get_integer(c, "n").value()), get_integer(c, "seed").value()), order_of(c))
        << write_json(c);
}

TEST_F(AlpacaEvalSeeds, RandomMode) {
  for (const json::value& c : find(file_, "random_mode")->as_array()) {
    std::vector<double> values;
    for (const json::value& v : find(c, "values")->as_array())
      values.push_back(v.is_null() ? std::nan("") : as_number(v).value());
    std::optional<double> want;
    if (!find(c, "mode")->is_null()) want = as_number(*find(c, "mode"));
    EXPECT_EQ(random_mode(values), want) << write_json(c);
  }
}

}  // namespace
}  // namespace assay::alpaca_eval
