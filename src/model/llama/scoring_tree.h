// What many continuations read, as the leaves of one tree of tokens in which nothing is computed twice. The tree is never built:
// sorted paths and what each has in common with its neighbour are all that is needed.
#pragma once

#include <span>
#include <vector>

#include "model/llama/scoring_item.h"

namespace assay {

/// A path from the root and the items that end there (one-token choices of one question all read the same).
struct ScoringLeaf {
  std::vector<ScoringItem*> items;
  std::size_t first_target = 0;  // depth of the first node whose logits an item needs
  std::size_t shared = 0;        // nodes in common with the leaf before; 0 of the first

  const Tokens& path() const { return items.front()->input; }
};

/// Depth-first: sorted by path. Items without targets have no leaf.
std::vector<ScoringLeaf> make_leaves(std::span<ScoringItem* const> items);

/// Turns the order so that it begins near the leaf that has most in common with `trunk`; neighbours stay neighbours.
void start_near(std::vector<ScoringLeaf>& leaves, const Tokens& trunk);

/// How many of the leaves from `first` on go into one wave: new nodes <= `most_new`, cells (with the `trunk` nodes that are there
/// already) <= `most_cells`, leaves <= `most_leaves`; and none whose first needed node the trunk holds. At least one.
struct WaveLimits {
  std::size_t most_new, most_cells, most_leaves;
};
std::size_t wave_length(std::span<const ScoringLeaf> leaves, std::size_t trunk, const WaveLimits& limits);

/// Nodes of the leaves' tree beyond `trunk`.
std::size_t count_nodes(std::span<const ScoringLeaf> leaves, std::size_t trunk);

}  // namespace assay
