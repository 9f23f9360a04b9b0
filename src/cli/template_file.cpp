#include "cli/template_file.h"

#include "base/file.h"
#include "base/text.h"
#include "dataset/pack.h"

namespace assay::cli {

Result<std::filesystem::path> find_template(const Invocation& invocation, const std::string& name) {
  auto is_file = [](const std::filesystem::path& path) {
    std::error_code code;
    return std::filesystem::is_regular_file(path, code);
  };
  if (is_file(name)) return std::filesystem::path(name);
  std::vector<std::string> looked{name};
  if (is_safe_path(name + ".yaml")) {
    std::vector<std::filesystem::path> folders{"instruction-templates"};
    if (auto home = invocation.data_home())
      folders.insert(folders.begin(), pack_folder(*home, "eq-bench") / "instruction-templates");
    for (const std::filesystem::path& folder : folders) {
      std::filesystem::path file = folder / (name + ".yaml");
      if (is_file(file)) return file;
      looked.push_back(file.string());
    }
  }
  return fail(
      ErrorKind::usage, "no template \"" + shorten(name, 100) + "\"; looked for " + join(looked, ", "), {},
      "name a file, or get EQ-Bench's instruction templates: assay data import eq-bench --from DIR (assay data pull eq-bench)");
}

Result<PromptTemplate> read_template(const Invocation& invocation, const std::string& name) {
  auto path = find_template(invocation, name);
  if (!path) return std::unexpected(path.error());
  auto text = read_file(*path, std::size_t{64} << 20);
  if (!text) return std::unexpected(text.error());
  return PromptTemplate::parse(*text, path->string());
}

}  // namespace assay::cli
