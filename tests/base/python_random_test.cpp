#include "base/python_random.h"

#include <limits>
#include <string>

#include "base/hash.h"
#include "base/number.h"
#include "support/shared_data.h"

namespace assay {
namespace {

// A decimal number (a leading '-' does not count) as 32-bit words, least significant first.
std::vector<std::uint32_t> words_of(std::string_view decimal) {
  std::vector<std::uint32_t> words{0};
  for (char c : decimal) {
    if (c == '-') continue;
    std::uint64_t carry = static_cast<std::uint64_t>(c - '0');
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * 10;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  return words;
}

PythonRandom generator(const json::value& seed) {
  if (seed.is_int64()) return PythonRandom(seed.as_int64());
  return PythonRandom::from_words(words_of(std::string_view(seed.as_string())));
}

std::int64_t whole(const json::value& value) {
  return value.to_number<std::int64_t>();
}

std::vector<std::int64_t> whole_list(const json::value& list) {
  std::vector<std::int64_t> result;
  for (const json::value& item : list.as_array()) result.push_back(whole(item));
  return result;
}

std::vector<std::int64_t> shuffled(PythonRandom& random, std::size_t n) {
  std::vector<std::int64_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::int64_t>(i);
  random.shuffle(order);
  return order;
}

std::vector<std::int64_t> sampled(PythonRandom& random, std::size_t n, std::size_t k) {
  std::vector<std::int64_t> result;
  for (std::size_t i : random.sample(n, k)) result.push_back(static_cast<std::int64_t>(i));
  return result;
}

TEST(PythonRandom, SignOfTheSeedDoesNotCount) {
  EXPECT_EQ(PythonRandom(std::int64_t{-7}).random(), PythonRandom(std::int64_t{7}).random());
  EXPECT_NE(PythonRandom(std::int64_t{0}).random(), PythonRandom(std::int64_t{1}).random());
}

TEST(PythonRandom, KnownFirstNumbers) {
  EXPECT_EQ(PythonRandom(std::int64_t{0}).random(), 0.8444218515250481);
  EXPECT_EQ(PythonRandom("a").random(), 0.2720295377534757);
}

TEST(PythonRandom, WeightsDecide) {
  double weights[] = {0, 1, 0};
  PythonRandom random(std::int64_t{5});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(random.choices(weights), 1u);
}

TEST(PythonRandomGolden, MixEval) {
  ASSAY_NEED_SHARED("golden/mixeval/python_random.json");
  json::value file = test::load_json(test::shared("golden/mixeval/python_random.json"));
  std::size_t seeds = 0;
  for (const json::value& c : find(file, "items")->as_array()) {
    const json::value& seed = *find(c, "seed");
    SCOPED_TRACE(write_json(seed));
    PythonRandom numbers = generator(seed), picks = generator(seed), rounded = generator(seed), order = generator(seed),
                 some = generator(seed);
    for (const json::value& value : find(c, "random")->as_array()) EXPECT_EQ(numbers.random(), as_number(value).value());
    for (const json::value& pair : find(c, "choice_index")->as_array())
      EXPECT_EQ(picks.choice(static_cast<std::size_t>(whole(pair.at(0)))), static_cast<std::size_t>(whole(pair.at(1))));
    for (const json::value& value : find(c, "round_random_1")->as_array())
      EXPECT_EQ(python_round(rounded.random(), 1), as_number(value).value());
    EXPECT_EQ(shuffled(order, 10), whole_list(*find(c, "shuffle10")));
    EXPECT_EQ(sampled(some, 20, 5), whole_list(*find(c, "sample_5_of_20")));
    ++seeds;
  }
  EXPECT_GE(seeds, 9u);
}

TEST(PythonRandomGolden, Harness) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/python_random.json");
  json::value file = test::load_json(test::shared("golden/open-llm-leaderboard/python_random.json"));
  std::size_t seeds = 0;
  for (const json::value& c : find(file, "vectors")->as_array()) {
    const json::value& seed = *find(c, "seed");
    SCOPED_TRACE(write_json(seed));
    PythonRandom words = generator(seed);
    for (const json::value& value : find(c, "getrandbits32")->as_array())
      EXPECT_EQ(words.getrandbits(32), static_cast<std::uint64_t>(whole(value)));
    PythonRandom bits = generator(seed), bits_again = generator(seed);
    for (const json::value& pair : find(c, "getrandbits")->as_array()) {
      int k = static_cast<int>(whole(pair.at(0)));
      std::vector<std::uint32_t> want = words_of(std::string_view(pair.at(1).as_string()));
      want.resize(static_cast<std::size_t>((k + 31) / 32));
      EXPECT_EQ(bits.getrandbits_words(k), want) << k;
      if (k <= 64) {
        EXPECT_EQ(bits_again.getrandbits(k), want.size() > 1 ? std::uint64_t{want[1]} << 32 | want[0] : want[0]) << k;
      }
    }
    PythonRandom numbers = generator(seed);
    for (const json::value& value : find(c, "random")->as_array()) EXPECT_EQ(numbers.random(), as_number(value).value());
    PythonRandom ranges = generator(seed);
    for (const json::value& pair : find(c, "randrange")->as_array())
      EXPECT_EQ(ranges.randrange(0, whole(pair.at(0))), whole(pair.at(1)));
    PythonRandom twenty = generator(seed);
    EXPECT_EQ(shuffled(twenty, 20), whole_list(*find(c, "shuffle20")));
    PythonRandom many = generator(seed);
    std::vector<std::int64_t> order = shuffled(many, 1172), head = whole_list(*find(c, "shuffle1172_head"));
    EXPECT_TRUE(std::equal(head.begin(), head.end(), order.begin()));
    EXPECT_EQ(many.random(), get_number(c, "next_random_after_shuffle").value());
    for (const json::value& s : find(c, "sample")->as_array()) {
      auto n = static_cast<std::size_t>(whole(*find(s, "n"))), k = static_cast<std::size_t>(whole(*find(s, "k")));
      PythonRandom random = generator(seed);
      EXPECT_EQ(sampled(random, n, k), whole_list(*find(s, "result"))) << n << " " << k;
      EXPECT_EQ(sampled(random, n, k), whole_list(*find(s, "again"))) << n << " " << k;
      EXPECT_EQ(random.random(), get_number(s, "next_random").value()) << n << " " << k;
    }
    PythonRandom several = generator(seed);
    for (const json::value& s : find(c, "choices")->as_array()) {
      for (std::int64_t want : whole_list(*find(s, "result")))
        EXPECT_EQ(several.choices(static_cast<std::size_t>(whole(*find(s, "n")))), static_cast<std::size_t>(want));
    }
    PythonRandom uniform = generator(seed);
    for (const json::value& value : find(c, "uniform_-2_3")->as_array())
      EXPECT_EQ(uniform.uniform(-2, 3), as_number(value).value());
    PythonRandom sevens = generator(seed);
    for (std::int64_t want : whole_list(*find(c, "choice_of_7"))) EXPECT_EQ(sevens.choice(7), static_cast<std::size_t>(want));
    PythonRandom dice = generator(seed);
    for (std::int64_t want : whole_list(*find(c, "randint_1_100"))) EXPECT_EQ(dice.randint(1, 100), want);
    ++seeds;
  }
  EXPECT_GE(seeds, 7u);
}

TEST(PythonRandom, AnyWholeNumber) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kMost = std::numeric_limits<std::int64_t>::max();
  PythonRandom random(5);
  for (std::int64_t want : {6278314744523580143, 8178487946830493815, -7135090535216748403, 6796619034484074658})
    EXPECT_EQ(random.randint(kLeast, kMost), want);
  EXPECT_EQ(random.random(), 0.38075791704476514);
}

}  // namespace
}  // namespace assay
