// The names that every template sees: range, dict, namespace, raise_exception, strftime_now.
#include "base/text.h"
#include "prompt/jinja_interpreter.h"

namespace assay {

JinjaValue jinja_function(std::string name, std::function<JinjaValue(JinjaRun&, JinjaArguments&)> call) {
  return JinjaValue::callable(std::make_shared<JinjaCallable>(JinjaCallable{std::move(name), std::move(call)}));
}

namespace jinja {
namespace {

constexpr std::int64_t kMaxRange = 1'000'000;

JinjaValue range(JinjaRun& run, JinjaArguments& a) {
  std::int64_t bounds[3] = {0, 0, 1};
  for (const JinjaValue& value : a.positional)
    if (!value.is_integer()) return run.fail("range needs whole numbers");
  if (a.positional.empty() || a.positional.size() > 3) return run.fail("range needs one to three numbers");
  if (a.positional.size() == 1) bounds[1] = a.positional[0].whole();
  for (std::size_t i = 0; a.positional.size() > 1 && i < a.positional.size(); ++i) bounds[i] = a.positional[i].whole();
  if (bounds[2] == 0) return run.fail("range's step is 0");
  JinjaValues out;
  for (std::int64_t i = bounds[0]; bounds[2] > 0 ? i < bounds[1] : i > bounds[1];) {
    if (static_cast<std::int64_t>(out.size()) >= kMaxRange) return run.fail("range is longer than a million", ErrorKind::data);
    if (!run.spend()) return {};
    out.push_back(JinjaValue::integer(i));
    if (__builtin_add_overflow(i, bounds[2], &i)) break;
  }
  std::string shown = "range(" + std::to_string(bounds[0]) + ", " + std::to_string(bounds[1]);
  return JinjaValue::view(std::move(out), JinjaForm::range, shown + (bounds[2] == 1 ? ")" : ", " + std::to_string(bounds[2]) + ")"));
}

JinjaValue make_dict(JinjaRun& run, JinjaArguments& a, bool is_namespace) {
  JinjaValue out = JinjaValue::dict();
  out.entries().is_namespace = is_namespace;
  for (const JinjaValue& value : a.positional) {
    if (value.is_undefined()) return run.fail("'" + value.missing_name() + "' is undefined");
    if (value.is_dict() && !value.entries().is_namespace) {
      for (const auto& [key, item] : value.entries().entries) out.entries().set(key, item);
      continue;
    }
    for (const JinjaValue& pair : jinja_elements(run, value)) {
      JinjaValues two = jinja_elements(run, pair);
      if (run.failed() || two.size() != 2) return run.fail("dict and namespace are made from dicts, pairs and names");
      if (!two[0].hashable()) return run.fail(std::string(two[0].type_name()) + " cannot be a key");
      out.entries().set(two[0], two[1]);
    }
  }
  for (const auto& [key, value] : a.named) out.entries().set(JinjaValue::string(key), value);
  return out;
}

}  // namespace

void Interpreter::add_globals(std::map<std::string, JinjaValue, std::less<>>& globals) {
  globals["range"] = jinja_function("range", range);
  globals["dict"] = jinja_function("dict", [](JinjaRun& run, JinjaArguments& a) { return make_dict(run, a, false); });
  globals["namespace"] = jinja_function("namespace", [](JinjaRun& run, JinjaArguments& a) { return make_dict(run, a, true); });
  for (const char* name : {"dict", "namespace"}) globals[name].function().takes_missing = true;
  globals["raise_exception"] = jinja_function("raise_exception", [](JinjaRun& run, JinjaArguments& a) {
    return run.fail("the template refuses: " +
                    (a.positional.empty() ? std::string("no reason given") : shorten(valid_utf8(a.positional[0].str()), 300)));
  });
  if (run_.options().strftime_now)
    globals["strftime_now"] = jinja_function("strftime_now", [](JinjaRun& run, JinjaArguments& a) {
      return a.positional.empty() || !a.positional[0].is_string()
                 ? run.fail("strftime_now needs a format")
                 : JinjaValue::string(run.options().strftime_now(a.positional[0].text()));
    });
}

}  // namespace jinja
}  // namespace assay
