#include "model/hub/hub_listing.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "model/hub/hub_address.h"

namespace assay {
namespace {

constexpr std::size_t kMostFiles = 100'000;

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string printable(std::string_view text) {
  std::string out = shorten(valid_utf8(text), 100);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

std::optional<std::uint64_t> size_in(const json::value& object) {
  auto size = get_integer(object, "size");
  if (!size || *size < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*size);
}

}  // namespace

std::optional<FileSum> sum_of_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  if (is_hex(etag, 64)) return FileSum{FileSum::Kind::sha256, std::string(etag)};
  if (is_hex(etag, 40)) return FileSum{FileSum::Kind::git_blob, std::string(etag)};
  return std::nullopt;
}

Result<HubListing> read_hub_listing(std::string_view json_text, std::string_view where) {
  auto refuse = [&](const std::string& what) { return fail(ErrorKind::bad_response, "the hub's description of the repository cannot be used: " + what, std::string(where)); };
  auto document = parse_json(json_text);
  if (!document) return refuse("it is no JSON");
  HubListing out;
  out.commit = get_string(*document, "sha").value_or("");
  if (!is_commit(out.commit)) return refuse("it names no commit");
  const json::value* siblings = find(*document, "siblings");
  if (!siblings || !siblings->is_array()) return refuse("it lists no files");
  if (siblings->get_array().size() > kMostFiles) return refuse("it lists more than " + std::to_string(kMostFiles) + " files");
  std::set<std::string> seen;
  for (const json::value& sibling : siblings->get_array()) {
    HubFile file;
    file.path = get_string(sibling, "rfilename").value_or("");
    if (!is_safe_hub_path(file.path)) return refuse("it lists a file that cannot be stored safely: \"" + printable(file.path) + "\"");
    if (!seen.insert(file.path).second) return refuse("it lists " + file.path + " twice");
    file.size = size_in(sibling);
    const json::value* lfs = find(sibling, "lfs");
    if (lfs && lfs->is_object()) {
      // `size` beside it may be the pointer's in old answers; this one is the content's.
      if (auto size = size_in(*lfs)) file.size = size;
      if (auto sum = get_string(*lfs, "sha256"); sum && is_hex(*sum, 64)) file.sum = FileSum{FileSum::Kind::sha256, *sum};
    } else if (auto blob = get_string(sibling, "blobId"); blob && is_hex(*blob, 40)) {
      file.sum = FileSum{FileSum::Kind::git_blob, *blob};
    }
    out.files.push_back(std::move(file));
  }
  return out;
}

}  // namespace assay
