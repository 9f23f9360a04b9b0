// numpy's str() of a one-dimensional array of floats, as it stands in sample files of today's harness.
#pragma once

#include <span>
#include <string>

namespace assay::harness {

/// "[0.04132582 0.94943399 0.00924018]": eight digits at most, as few as are needed; all with exponents where the sizes differ by
/// more than a thousand; lines of 75 columns. For up to 1,000 values.
std::string numpy_text(std::span<const double> values);

}  // namespace assay::harness
