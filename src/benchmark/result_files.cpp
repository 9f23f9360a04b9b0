#include "benchmark/result_files.h"

#include <algorithm>
#include <system_error>

namespace assay {

Result<std::vector<std::filesystem::path>> result_files(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code code;
  if (fs::is_directory(path, code)) {
    if (fs::path raw = fs::path(path) / "raw_results.json"; fs::exists(raw, code)) {
      files.push_back(raw);
    } else {
      for (const fs::directory_entry& entry : fs::directory_iterator(path, code))
        if (entry.path().extension() == ".json" && entry.is_regular_file(code)) files.push_back(entry.path());
      std::sort(files.begin(), files.end());
    }
    if (files.empty())
      return fail(ErrorKind::not_found, "the folder holds no raw_results.json and no other .json file", path,
                  "give the file itself with --from");
  } else {
    files.emplace_back(path);
  }
  for (const fs::path& file : files)
    if (file.extension() == ".csv")
      return fail(ErrorKind::data, "a results table holds no answers to score", file.string(),
                  "give raw_results.json or a published result document");
  return files;
}

}  // namespace assay
