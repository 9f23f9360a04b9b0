// The prompt that is sent: the stored one, or in v2 without revision the stored one with its revision instructions cut out.
#pragma once

#include <string>
#include <string_view>

#include "benchmark/eq_bench/protocol.h"

namespace assay::eq_bench {

/// Pure. A marker that is not there behaves as in the original (position -1 of a Python slice), over code points.
std::string prompt_to_send(std::string_view stored, const Protocol& protocol);

}  // namespace assay::eq_bench
