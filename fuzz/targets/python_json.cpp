// JSON as Python takes it (base/python_json): any bytes end in a value or a data error.
#include "base/python_json.h"

#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::string text = valid_utf8(input);
  auto value = read_python_json(text);
  if (!value) {
    REQUIRE(value.error().kind == ErrorKind::data && !value.error().where.empty());
    return;
  }
  REQUIRE(value->kind != PythonValue::Kind::tuple && value->kind != PythonValue::Kind::set);
  if (value->kind == PythonValue::Kind::text) REQUIRE(is_valid_utf8(value->text));
}

}  // namespace assay::fuzz
