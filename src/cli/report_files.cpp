#include "cli/report_files.h"

#include <algorithm>
#include <filesystem>

namespace assay::cli {
namespace fs = std::filesystem;

bool looks_like_path(std::string_view word) {
  return word.find('/') != std::string_view::npos || word.ends_with(".json");
}

Result<std::vector<std::string>> report_files(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return std::vector<std::string>{path};
  std::vector<std::string> out;
  auto add = [&out](const fs::path& folder) {
    std::error_code ignored;
    if (fs::path file = folder / "report.json"; fs::is_regular_file(file, ignored)) out.push_back(file.string());
  };
  for (fs::directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code)) add(entry->path());
  if (code) return fail(ErrorKind::io, "cannot read the folder: " + code.message(), path);
  std::sort(out.begin(), out.end());
  add(path);
  if (out.empty()) return fail(ErrorKind::not_found, "neither the folder nor the folders in it hold a report.json", path, "name the folder that --out wrote");
  return out;
}

}  // namespace assay::cli
