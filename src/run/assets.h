// Files of web/report, compiled in by cmake/EmbedText.cmake.
#pragma once

#include <string_view>

namespace assay::assets {

extern const std::string_view report_css;
extern const std::string_view report_js;

}  // namespace assay::assets
