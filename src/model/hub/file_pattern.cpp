#include "model/hub/file_pattern.h"

#include <algorithm>

#include "base/name_pattern.h"

namespace assay {

bool wanted_file(std::string_view path, const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
  auto any = [&](const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return matches_pattern(path, pattern.ends_with('/') ? pattern + "*" : pattern); });
  };
  return (include.empty() || any(include)) && !any(exclude);
}

}  // namespace assay
