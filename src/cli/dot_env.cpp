#include "cli/dot_env.h"

#include "base/text.h"

namespace assay::cli {

std::map<std::string, std::string, std::less<>> read_dot_env(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  for (std::string_view line : split_lines(text)) {
    line = strip(line);
    if (line.starts_with("export ")) line = strip(line.substr(7));
    std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string_view::npos) continue;
    std::string_view name = strip(line.substr(0, equals)), value = strip(line.substr(equals + 1));
    if (name.empty()) continue;
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    out.emplace(name, value);
  }
  return out;
}

}  // namespace assay::cli
