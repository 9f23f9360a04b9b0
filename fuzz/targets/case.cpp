// Behaviour tests as text (tests/cases/runner): the reader of .case files and what compares outputs with them.
#include "cases/runner/case.h"
#include "cases/runner/match.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  if (input.size() > 1 << 14) return;
  cases::split_words(input);
  std::string_view rest = input;
  std::string_view pattern = take_line(rest);
  cases::match_line(pattern, rest.substr(0, 512));
  cases::match_lines({std::string(pattern), "..."}, rest.substr(0, 512));
  auto document = cases::read_json(R"({"a": {"b": [1, "two", null]}, "c d": {}})");
  REQUIRE(document.has_value());
  auto found = cases::at_path(*document, pattern);
  if (!found) REQUIRE(found.error().kind == ErrorKind::usage);
  auto parsed = cases::parse_case(input, "input.case");
  if (!parsed) REQUIRE(parsed.error().kind == ErrorKind::usage && parsed.error().where.starts_with("input.case"));
}

}  // namespace assay::fuzz
