// What a hub says: listings, addresses and patterns; and the record of what was fetched, in a cache that other programs share. Whatever is accepted stays below its folder.
#include "base/name_pattern.h"
#include "base/text.h"
#include "fuzz.h"
#include "model/hub/hub_listing.h"
#include "model/hub/hub_address.h"
#include "model/hub/hub_cache.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  if (auto listing = read_hub_listing(input, "hub")) {
    REQUIRE(is_commit(listing->commit));
    for (const HubFile& file : listing->files) {
      REQUIRE(is_safe_hub_path(file.path) && file.path.front() != '/');
      REQUIRE(("/" + file.path + "/").find("/../") == std::string::npos);
      REQUIRE(!file.sum || file.sum->hex.size() == (file.sum->kind == FileSum::Kind::sha256 ? 64u : 40u));
    }
  } else {
    REQUIRE(listing.error().kind == ErrorKind::bad_response && is_valid_utf8(to_string(listing.error())));
  }
  if (auto address = parse_hub_address(input)) {
    auto again = parse_hub_address(to_string(*address));
    REQUIRE(again && again->repository == address->repository && again->revision == address->revision && again->file == address->file);
    REQUIRE(repository_of_cache_name(cache_name(address->repository)) == address->repository);
  }
  const HubRecord record = read_hub_record(input);
  for (const auto* names : {&record.blobs, &record.links, &record.refs})
    for (const std::string& name : *names) REQUIRE(is_safe_hub_path(name) && ("/" + name + "/").find("/../") == std::string::npos);
  REQUIRE(read_hub_record(hub_record_text(record)) == record);
  std::string joined = join_url("https://hub.example/a/b?c", input);
  REQUIRE(joined.empty() || joined.starts_with("http") || joined.starts_with("HTTP") || !url_origin(joined).empty());
  std::size_t half = input.size() / 2;
  matches_pattern(input.substr(0, half), input.substr(half));
}

}  // namespace assay::fuzz
