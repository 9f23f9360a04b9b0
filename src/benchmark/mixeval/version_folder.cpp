#include "benchmark/mixeval/version_folder.h"

#include "base/file.h"
#include "benchmark/mixeval/mixture_record.h"

namespace assay::mixeval {

namespace fs = std::filesystem;

Result<json::object> read_mixture_record(const fs::path& folder) {
  const fs::path file = folder / "mixture.json";
  auto text = read_file(file, std::size_t{256} << 20);
  if (!text) return std::unexpected(text.error());
  return parse_mixture_record(*text, file.string());
}

Result<VersionFolder> read_version(const fs::path& folder) {
  VersionFolder out;
  out.name = folder.filename().empty() ? folder.parent_path().filename().string() : folder.filename().string();
  if (out.name.starts_with("mixeval-")) out.name.erase(0, 8);
  bool any = false;
  std::error_code code;
  for (bool hard : {false, true})
    for (Split split : {Split::free_form, Split::multiple_choice}) {
      const fs::path file = folder / (hard ? "mixeval-hard" : "mixeval") / (std::string(name(split)) + ".json");
      if (!fs::exists(file, code)) continue;
      auto text = read_file(file);
      if (!text) return std::unexpected(text.error());
      if (text->starts_with("{}")) continue;  // a mixture may have nothing of one kind
      auto entries = read_entries(*text, split, file.string());
      if (!entries) return std::unexpected(entries.error());
      (hard ? out.hard : out.mixeval)[split == Split::multiple_choice] = std::move(*entries);
      any = true;
    }
  if (!any) return fail(ErrorKind::not_found, "the folder holds no version of a mixture", folder.string(), "it has mixeval/free-form.json or mixeval/multiple-choice.json in it");
  if (fs::exists(folder / "mixture.json", code)) {
    auto record = read_mixture_record(folder);
    if (!record) return std::unexpected(record.error());
    out.record = std::move(*record);
    out.queries = queries_of(out.record);
  }
  return out;
}

}  // namespace assay::mixeval
