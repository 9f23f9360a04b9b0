// Python literals (base/python_literal): any bytes end in a value or a data error; values become JSON that can be read again.
#include "base/python_literal.h"

#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::string text = valid_utf8(input);
  auto value = read_python_literal(text);
  if (!value) {
    REQUIRE(value.error().kind == ErrorKind::data && !value.error().where.empty());
    return;
  }
  REQUIRE(identity(*value) == identity(*value));
  if (value->kind == PythonValue::Kind::text) REQUIRE(is_valid_utf8(value->text));
  REQUIRE(python_value(to_json(*value)).kind != PythonValue::Kind::tuple);
}

}  // namespace assay::fuzz
