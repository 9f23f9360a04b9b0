// JSON in and out (base/json): what was read is written in every style, and read back the same.
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  Result<json::value> value = parse_json(input, "input");
  if (!value) {
    REQUIRE(value.error().kind == ErrorKind::data && !value.error().message.empty());
    return;
  }
  REQUIRE(is_valid_utf8(input));
  std::string canonical = write_json(*value, JsonStyle::canonical);
  for (JsonStyle style : {JsonStyle::compact, JsonStyle::pretty, JsonStyle::python, JsonStyle::canonical}) {
    Result<json::value> again = parse_json(write_json(*value, style));
    REQUIRE(again.has_value());
    REQUIRE(write_json(*again, JsonStyle::canonical) == canonical);
  }
  get_string(*value, "a");
  get_number(*value, "a");
  get_integer(*value, "a");
  get_bool(*value, "a");
  find_path(*value, {"a", "b"});
}

}  // namespace assay::fuzz
