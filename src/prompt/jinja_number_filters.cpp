// Filters that make numbers, or go on with them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/number.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

JinjaValue to_integer(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  if (value.is_undefined()) return run.fail("'" + value.missing_name() + "' is undefined");
  const JinjaValue* other = arguments.get(0, "default");
  JinjaValue failed = other ? *other : JinjaValue::integer(0);
  if (value.is_integer()) return JinjaValue::integer(value.whole());
  if (const JinjaValue* base = arguments.get(1, "base"); base && value.is_string() && base->is_integer() && base->whole() != 10) {
    auto number = python_int(value.text(), base->whole());
    return number ? JinjaValue::integer(*number) : failed;
  }
  std::optional<double> number;
  if (value.kind() == JinjaValue::Kind::real) number = value.number();
  if (value.is_string()) {
    if (auto exact = python_int(value.text(), 10)) return JinjaValue::integer(*exact);
    number = python_float(value.text());
  }
  if (!number || !std::isfinite(*number)) return failed;
  if (std::fabs(*number) > 9.2e18) return run.fail("a number becomes larger than 64 bits");
  return JinjaValue::integer(static_cast<std::int64_t>(*number));
}

JinjaValue to_real(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  if (value.is_undefined()) return run.fail("'" + value.missing_name() + "' is undefined");
  const JinjaValue* other = arguments.get(0, "default");
  if (value.is_number()) return JinjaValue::real(value.number());
  if (value.is_string())
    if (auto number = python_float(value.text())) return JinjaValue::real(*number);
  return other ? *other : JinjaValue::real(0);
}

JinjaValue rounded(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *digits = arguments.get(0, "precision"), *method = arguments.get(1, "method");
  if (!value.is_number()) return run.fail("round needs a number");
  bool none = digits && digits->is_none();
  if (digits && !none && !digits->is_integer()) return run.fail("round needs a whole number of digits");
  auto precision = static_cast<int>(digits && !none ? std::clamp<std::int64_t>(digits->whole(), -300, 300) : 0);
  std::string how = method ? method->str() : "common";
  if (how != "common" && how != "ceil" && how != "floor") return run.fail("round knows common, ceil and floor");
  if (how != "common") {
    double scale = std::pow(10.0, precision), scaled = value.number() * scale;
    return JinjaValue::real(((how == "ceil" ? std::ceil(scaled) : std::floor(scaled)) + 0.0) / scale);  // a whole number in between: no negative zero
  }
  if (value.is_integer()) {  // stays whole; a half goes to the even neighbour
    if (precision >= 0) return JinjaValue::integer(value.whole());
    if (precision < -18) return JinjaValue::integer(0);
    std::int64_t unit = 1;
    for (int i = precision; i < 0; ++i) unit *= 10;
    std::int64_t rest = value.whole() % unit, down = value.whole() / unit;
    if (rest < 0) rest += unit, --down;
    if (rest * 2 > unit || (rest * 2 == unit && down % 2 != 0)) ++down;
    std::int64_t out = 0;
    if (__builtin_mul_overflow(down, unit, &out)) return run.fail("a number becomes larger than 64 bits");
    return JinjaValue::integer(out);
  }
  if (none) {
    double whole = python_round(value.number(), 0);
    if (!(std::fabs(whole) < 9.2e18)) return run.fail("a number becomes larger than 64 bits");
    return JinjaValue::integer(static_cast<std::int64_t>(whole));
  }
  if (precision < 0) {  // of the digits before the dot: printf rounds exactly, halves to even
    char digits_text[400];
    double unit = std::pow(10.0, -precision);
    if (std::fabs(value.number()) < unit / 10) return JinjaValue::real(std::copysign(0.0, value.number()));
    int significant = static_cast<int>(std::floor(std::log10(std::fabs(value.number())))) + precision;
    if (significant < 0) return JinjaValue::real(std::copysign(std::fabs(value.number()) > unit / 2 ? unit : 0.0, value.number()));
    std::snprintf(digits_text, sizeof digits_text, "%.*e", significant, value.number());
    return JinjaValue::real(python_float(digits_text).value_or(0));
  }
  return JinjaValue::real(python_round(value.number(), precision));
}

}  // namespace

const JinjaMethodTable& jinja_number_filters() {
  static const JinjaMethodTable table = {
      {"int", to_integer},
      {"float", to_real},
      {"round", rounded},
      {"abs",
       [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) {
         if (!v.is_number()) return run.fail("abs needs a number");
         if (!v.is_integer()) return JinjaValue::real(std::fabs(v.number()));
         if (v.whole() == std::numeric_limits<std::int64_t>::min()) return run.fail("a number becomes larger than 64 bits");
         return JinjaValue::integer(std::llabs(v.whole()));
       }},
  };
  return table;
}

}  // namespace assay
