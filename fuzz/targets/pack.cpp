// Descriptions of packs (dataset/pack): whatever is accepted stays below its folder.
#include "dataset/pack.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const EmbeddedFile own[] = {{"small", "sample/a.json", "{}"}};
  REQUIRE(!is_safe_path(input) || (!input.empty() && input.front() != '/' && input.find('\\') == std::string_view::npos));
  auto pack = parse_pack(input, own, "pack.json");
  if (!pack) {
    REQUIRE(pack.error().kind == ErrorKind::data);
    return;
  }
  for (const PackFile& file : pack->files) {
    REQUIRE(is_safe_path(file.path) && file.sha256.size() == 64 && file.url.starts_with("https://"));
    REQUIRE(pack->file(file.name) == &file);
    for (const std::string& path : file.import_from) REQUIRE(is_safe_path(path));
  }
  how_to_get(*pack);
}

}  // namespace assay::fuzz
