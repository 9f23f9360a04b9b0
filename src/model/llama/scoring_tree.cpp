#include "model/llama/scoring_tree.h"

#include <algorithm>

namespace assay {

std::vector<ScoringLeaf> make_leaves(std::span<ScoringItem* const> items) {
  std::vector<ScoringItem*> order;
  for (ScoringItem* item : items)
    if (!item->targets.empty()) order.push_back(item);
  std::stable_sort(order.begin(), order.end(), [](const ScoringItem* a, const ScoringItem* b) { return a->input < b->input; });
  std::vector<ScoringLeaf> out;
  for (ScoringItem* item : order) {
    std::size_t shared = out.empty() ? 0 : common_prefix(out.back().path(), item->input);
    if (!out.empty() && shared == item->input.size() && shared == out.back().path().size()) {
      out.back().items.push_back(item);
      out.back().first_target = std::min(out.back().first_target, item->first_target());
    } else {
      out.push_back({{item}, item->first_target(), shared});
    }
  }
  return out;
}

void start_near(std::vector<ScoringLeaf>& leaves, const Tokens& trunk) {
  std::size_t best = 0, most = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (std::size_t common = common_prefix(leaves[i].path(), trunk); common > most) {
      most = common;
      best = i;
    }
  // A few nodes of the trunk are less than what is lost by tearing a cluster of documents apart.
  constexpr std::size_t kLittle = 32;
  while (best > 0 && leaves[best].shared > 0 && leaves[best].shared + kLittle >= most) --best;
  if (best == 0) return;
  std::size_t wrapped = leaves.size() - best;  // where the old first leaf comes to stand
  std::rotate(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(best), leaves.end());
  leaves.front().shared = 0;
  leaves[wrapped].shared = common_prefix(leaves[wrapped - 1].path(), leaves[wrapped].path());
}

std::size_t wave_length(std::span<const ScoringLeaf> leaves, std::size_t trunk, const WaveLimits& limits) {
  std::size_t fresh = leaves.front().path().size() - trunk, held = trunk;  // of the trunk, what the leaf holds
  std::size_t n = 1;
  for (; n < leaves.size() && n < limits.most_leaves; ++n) {
    const ScoringLeaf& leaf = leaves[n];
    held = std::min(held, leaf.shared);
    if (leaf.first_target < held) break;  // a needed node must be computed with its leaf
    std::size_t more = leaf.path().size() - leaf.shared;
    if (fresh + more > limits.most_new || trunk + fresh + more > limits.most_cells) break;
    fresh += more;
  }
  return n;
}

std::size_t count_nodes(std::span<const ScoringLeaf> leaves, std::size_t trunk) {
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) nodes += leaves[i].path().size() - (i == 0 ? trunk : leaves[i].shared);
  return nodes;
}

}  // namespace assay
