// Agreement of labels, as scikit-learn's functions of the same names compute it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace assay {

/// What is right, and what was said.
using LabelPair = std::pair<std::int64_t, std::int64_t>;
/// Pairs with how often each comes, so that a bootstrap need not count labels again; those that come 0 times are not there.
using LabelCounts = std::vector<std::pair<LabelPair, std::uint64_t>>;
/// Sorted, each pair once.
LabelCounts count_labels(std::span<const LabelPair> pairs);

enum class F1Average { binary, micro, macro, weighted };
/// The names above. `usage` error for another.
Result<F1Average> f1_average(std::string_view name);

/// 0 where nothing is to be divided. binary: of label 1. Errors (data): binary with more than two labels, or with two of which none is 1;
/// no pairs.
Result<double> f1_score(const LabelCounts& pairs, F1Average average = F1Average::binary);
/// Matthews's coefficient for any number of labels; 0 where one side is constant.
double matthews_correlation(const LabelCounts& pairs);

}  // namespace assay
