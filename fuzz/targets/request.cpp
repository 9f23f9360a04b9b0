// Requests, answers, origins and errors as the journal keeps them (model/request): what is accepted is written and read back the same.
#include "base/text.h"
#include "fuzz.h"
#include "model/request.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto value = parse_json(input);
  if (!value) return;
  if (auto request = request_from_json(*value)) {
    std::string canonical = canonical_json(*request);
    REQUIRE(canonical == write_json(to_json(*request), JsonStyle::canonical));
    auto again = request_from_json(*parse_json(canonical));
    REQUIRE(again.has_value() && canonical_json(*again) == canonical);
  }
  if (auto response = response_from_json(*value)) {
    std::string text = write_json(to_json(*response));
    auto again = response_from_json(*parse_json(text));
    REQUIRE(again.has_value() && write_json(to_json(*again)) == text);
    REQUIRE(compact_json(*response) == text);
  }
  if (auto draw = draw_from_json(*value)) {
    auto again = draw_from_json(*parse_json(canonical_json(*draw)));
    REQUIRE(again.has_value() && *again == *draw);
  }
  std::string origin = write_json(to_json(origin_from_json(*value)));
  REQUIRE(write_json(to_json(origin_from_json(*parse_json(origin)))) == origin);
  REQUIRE(canonical_json(origin_from_json(*value)) == write_json(to_json(origin_from_json(*value)), JsonStyle::canonical));
  std::string error = write_json(to_json(error_from_json(*value)));
  REQUIRE(write_json(to_json(error_from_json(*parse_json(error)))) == error);
}

}  // namespace assay::fuzz
