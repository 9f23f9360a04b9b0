// calibration.html: a judge's calibration on one self-contained page - its numbers in words, win rates beside the official ones, offsets of each model.
#pragma once

#include <string>

#include "run/report.h"

namespace assay::alpaca_eval {

/// Pure; of a report that calibrate() has filled. Labels and names are foreign text and escaped here.
std::string calibration_page(const Report& report);

}  // namespace assay::alpaca_eval
