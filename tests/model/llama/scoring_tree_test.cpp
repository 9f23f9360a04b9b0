// The tree of tokens behind the log-likelihood engine, without a model.
#include "model/llama/scoring_tree.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace assay::test {
namespace {

std::vector<ScoringItem> random_items(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<ScoringItem> items(count);
  for (ScoringItem& item : items) {
    std::size_t length = 1 + random.below(12);
    for (std::size_t i = 0; i < length; ++i) item.input.push_back(static_cast<Token>(random.below(2)));
    item.targets.resize(1 + random.below(std::min<std::size_t>(length, 3)));
  }
  return items;
}

std::vector<ScoringItem*> pointers(std::vector<ScoringItem>& items) {
  std::vector<ScoringItem*> out;
  for (ScoringItem& item : items) out.push_back(&item);
  return out;
}

std::size_t different_prefixes(const std::vector<ScoringItem>& items) {
  std::set<Tokens> nodes;
  for (const ScoringItem& item : items)
    for (std::size_t n = 1; n <= item.input.size(); ++n)
      nodes.insert(Tokens(item.input.begin(), item.input.begin() + static_cast<std::ptrdiff_t>(n)));
  return nodes.size();
}

TEST(ScoringTree, HasOneNodeForEachDifferentBeginning) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    auto items = random_items(seed, 40);
    auto leaves = make_leaves(pointers(items));
    EXPECT_EQ(count_nodes(leaves, 0), different_prefixes(items)) << seed;
    std::size_t held = 0;
    for (const ScoringLeaf& leaf : leaves) {
      held += leaf.items.size();
      for (const ScoringItem* item : leaf.items) {
        EXPECT_EQ(item->input, leaf.path());
        EXPECT_GE(item->first_target(), leaf.first_target);
      }
    }
    EXPECT_EQ(held, items.size());
  }
}

TEST(ScoringTree, OneTokenChoicesShareALeafAndEmptyItemsHaveNone) {
  std::vector<ScoringItem> items(5);
  for (std::size_t i = 0; i < 4; ++i) {
    items[i].input = {1, 2, 3};
    items[i].targets = {static_cast<Token>(i)};
  }
  auto leaves = make_leaves(pointers(items));
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].items.size(), 4u);
  EXPECT_EQ(leaves[0].first_target, 2u);
}

TEST(ScoringTree, TurningTheOrderKeepsEveryLeafAndWhatNeighboursShare) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    auto items = random_items(seed, 30);
    auto leaves = make_leaves(pointers(items));
    std::size_t count = leaves.size();
    start_near(leaves, random_items(seed + 1000, 1)[0].input);
    ASSERT_EQ(leaves.size(), count);
    std::set<Tokens> paths;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      paths.insert(leaves[i].path());
      EXPECT_EQ(leaves[i].shared, i == 0 ? 0 : common_prefix(leaves[i - 1].path(), leaves[i].path()));
    }
    EXPECT_EQ(paths.size(), count);
  }
}

TEST(ScoringTree, AWaveKeepsItsLimitsAndNeverHidesANeededNode) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto items = random_items(seed, 30);
    auto leaves = make_leaves(pointers(items));
    const Tokens trunk = random_items(seed + 5000, 1)[0].input;
    start_near(leaves, trunk);
    const WaveLimits limits{6, 14, 4};
    std::span<ScoringLeaf> rest(leaves);
    while (!rest.empty()) {
      std::size_t held = std::min(common_prefix(trunk, rest.front().path()), rest.front().first_target);
      std::size_t n = wave_length(rest, held, limits);
      ASSERT_GE(n, 1u);
      ASSERT_LE(n, limits.most_leaves);
      if (n > 1) {
        EXPECT_LE(count_nodes(rest.first(n), held), limits.most_new);
        EXPECT_LE(held + count_nodes(rest.first(n), held), limits.most_cells);
      }
      std::size_t follows = held;
      for (std::size_t i = 0; i < n; ++i) {
        if (i > 0) follows = std::min(follows, rest[i].shared);
        EXPECT_GE(rest[i].first_target, follows);
      }
      rest = rest.subspan(n);
    }
  }
}

}  // namespace
}  // namespace assay::test
