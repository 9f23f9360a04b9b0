// The two readers of YAML (base/python_yaml, base/python_yaml_simple): what the quick one takes, the general one takes for the same.
#include "base/python_yaml.h"
#include "base/python_yaml_simple.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto simple = read_simple_yaml(input, "!function");
  if (!simple) return;
  auto any = read_any_yaml(input, "input", "!function");
  REQUIRE(any.has_value());
  REQUIRE(write_json(to_json(*simple)) == write_json(to_json(*any)));
}

}  // namespace assay::fuzz
