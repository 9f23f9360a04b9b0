// Jinja's tests: `value is name(argument)`.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/python_case.h"
#include "base/text.h"
#include "prompt/jinja_run.h"

namespace assay {
namespace {

using Test = bool (*)(JinjaRun&, const JinjaValue& value, JinjaArguments&);
using Kind = JinjaValue::Kind;

const JinjaValue& argument(JinjaRun& run, JinjaArguments& arguments) {
  static const JinjaValue nothing;
  if (arguments.positional.empty()) run.fail("this test needs an argument");
  return arguments.positional.empty() ? nothing : arguments.positional[0];
}

// value < other, or an error where Python refuses.
bool ordered(JinjaRun& run, const JinjaValue& a, const JinjaValue& b) {
  auto less = a.less(b);
  if (!less) run.fail("'<' does not work between " + std::string(a.type_name()) + " and " + std::string(b.type_name()));
  return less.value_or(false);
}

bool leaves(JinjaRun& run, const JinjaValue& value, const JinjaValue& by, double wanted) {
  JinjaValue rest = jinja_arithmetic(run, "%", value, by);
  return rest.is_number() && rest.number() == wanted;
}

template <Kind K>
bool of_kind(JinjaRun&, const JinjaValue& value, JinjaArguments&) {
  return value.kind() == K;
}
bool equal(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return value.equals(argument(run, a));
}
bool unequal(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return !value.equals(argument(run, a));
}
bool less(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return ordered(run, value, argument(run, a));
}
bool greater(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return ordered(run, argument(run, a), value);
}
bool at_most(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return !ordered(run, argument(run, a), value);
}
bool at_least(JinjaRun& run, const JinjaValue& value, JinjaArguments& a) {
  return !ordered(run, value, argument(run, a));
}

const std::unordered_map<std::string_view, Test>& tests() {
  static const std::unordered_map<std::string_view, Test> table = {
      {"defined", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return !v.is_undefined(); }},
      {"undefined", of_kind<Kind::undefined>},
      {"none", of_kind<Kind::none>},
      {"string", of_kind<Kind::string>},
      {"boolean", of_kind<Kind::boolean>},
      {"integer", of_kind<Kind::integer>},
      {"float", of_kind<Kind::real>},
      {"mapping", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return v.is_dict() && !v.entries().is_namespace; }},
      {"number", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return v.is_number(); }},
      {"sequence",
       [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) {
         return v.is_sequence() || v.is_string() || (v.is_dict() && !v.entries().is_namespace) || (v.is_undefined() && !run.refuses(v));
       }},
      {"iterable", [](JinjaRun&, const JinjaValue& v,
                      JinjaArguments&) { return v.is_list() || v.is_string() || v.is_dict() || v.is_undefined(); }},
      {"callable", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return v.is_callable() || v.is_undefined(); }},
      {"true", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return v.kind() == Kind::boolean && v.flag(); }},
      {"false", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return v.kind() == Kind::boolean && !v.flag(); }},
      {"sameas", [](JinjaRun& run, const JinjaValue& v, JinjaArguments& a) { return v.same_object(argument(run, a)); }},
      {"odd", [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) { return leaves(run, v, JinjaValue::integer(2), 1); }},
      {"even", [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) { return leaves(run, v, JinjaValue::integer(2), 0); }},
      {"divisibleby", [](JinjaRun& run, const JinjaValue& v, JinjaArguments& a) { return leaves(run, v, argument(run, a), 0); }},
      {"in", [](JinjaRun& run, const JinjaValue& v, JinjaArguments& a) { return jinja_contains(run, argument(run, a), v); }},
      {"lower", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return is_lower(v.str()); }},
      {"upper", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return is_upper(v.str()); }},
      {"filter", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return is_jinja_filter(v.str()); }},
      {"test", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return is_jinja_test(v.str()); }},
      {"eq", equal},
      {"==", equal},
      {"equalto", equal},
      {"ne", unequal},
      {"!=", unequal},
      {"lt", less},
      {"lessthan", less},
      {"<", less},
      {"gt", greater},
      {"greaterthan", greater},
      {">", greater},
      {"le", at_most},
      {"<=", at_most},
      {"ge", at_least},
      {">=", at_least},
  };
  return table;
}

}  // namespace

bool jinja_test_takes_missing(std::string_view name) {
  static constexpr std::string_view kNames[] = {"defined", "undefined", "none",    "string",   "boolean",  "integer", "float",
                                                "number",  "mapping",   "sequence", "callable", "sameas",   "true",    "false"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool is_jinja_test(std::string_view name) {
  return tests().contains(name);
}

bool jinja_test(JinjaRun& run, std::string_view name, const JinjaValue& value, JinjaArguments& arguments) {
  if (!run.spend()) return false;
  auto it = tests().find(name);
  if (it == tests().end()) {
    run.unsupported("there is no test '" + shorten(name, 40) + "'");
    return false;
  }
  return it->second(run, value, arguments);
}

}  // namespace assay
