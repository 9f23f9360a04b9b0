// Markdown tables as pytablewriter lays them out, with which the harness prints its results.
#pragma once

#include <string>
#include <vector>

namespace assay::harness {

/// Every row has as many cells as `header`. Which columns hold numbers is seen from their cells: those are right-aligned and
/// shown with as many decimals as the one that needs most (a column of 0.9300 and 0.9100 becomes 0.93 and 0.91); a text among
/// them makes all of them texts. Ends with a line end.
std::string markdown_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

}  // namespace assay::harness
