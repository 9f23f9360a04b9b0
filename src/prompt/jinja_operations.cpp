// Operators, attributes, elements: Python's rules for what an expression does.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "prompt/jinja_run.h"

namespace assay {
namespace {

std::string refused(std::string_view op, const JinjaValue& left, const JinjaValue& right) {
  return "'" + std::string(op) + "' does not work between " + std::string(left.type_name()) + " and " +
         std::string(right.type_name());
}

JinjaValue whole_arithmetic(JinjaRun& run, std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool overflow = false;
  if (op == "+") {
    overflow = __builtin_add_overflow(a, b, &out);
  } else if (op == "-") {
    overflow = __builtin_sub_overflow(a, b, &out);
  } else if (op == "*") {
    overflow = __builtin_mul_overflow(a, b, &out);
  } else if (op == "**") {
    if (b < 0 && a == 0) return run.fail("0 cannot be raised to a negative power");
    if (b < 0) return JinjaValue::real(std::pow(static_cast<double>(a), static_cast<double>(b)));
    if (a == 0 || a == 1) return JinjaValue::integer(b == 0 ? 1 : a);
    if (a == -1) return JinjaValue::integer(b % 2 == 0 ? 1 : -1);
    out = 1;
    for (std::int64_t i = 0; i < b && !overflow && run.spend(); ++i) overflow = __builtin_mul_overflow(out, a, &out);
  } else {
    if (b == 0) return run.fail("division by zero");
    if (op == "/") return JinjaValue::real(static_cast<double>(a) / static_cast<double>(b));
    if (b == -1) {  // the one quotient that does not fit
      overflow = op == "//" && __builtin_sub_overflow(std::int64_t{0}, a, &out);
      if (op == "%") out = 0;
    } else {
      std::int64_t quotient = a / b, rest = a % b;
      if (rest != 0 && (rest < 0) != (b < 0)) {  // towards minus infinity
        --quotient;
        rest += b;
      }
      out = op == "//" ? quotient : rest;
    }
  }
  if (overflow) return run.fail("a number becomes larger than 64 bits");
  return JinjaValue::integer(out);
}

JinjaValue real_arithmetic(JinjaRun& run, std::string_view op, double a, double b) {
  if (op == "+") return JinjaValue::real(a + b);
  if (op == "-") return JinjaValue::real(a - b);
  if (op == "*") return JinjaValue::real(a * b);
  if (op == "**") {
    double out = std::pow(a, b);
    if (a == 0 && b < 0) return run.fail("0 cannot be raised to a negative power");
    if (std::isnan(out) && a < 0 && !std::isnan(b)) return run.unsupported("a root of a negative number is not supported");
    if (std::isinf(out) && std::isfinite(a) && std::isfinite(b)) return run.fail("a power becomes too large");
    return JinjaValue::real(out);
  }
  if (b == 0) return run.fail("division by zero");
  if (op == "/") return JinjaValue::real(a / b);
  // The quotient is that of what is left without the rest: 1.0 // 0.1 is 9.0. A rest of zero has the divisor's sign.
  double rest = std::fmod(a, b), quotient = (a - rest) / b;
  if (rest == 0) {
    rest = std::copysign(0.0, b);
  } else if ((rest < 0) != (b < 0)) {
    rest += b;
    quotient -= 1;
  }
  if (op == "%") return JinjaValue::real(rest);
  if (quotient == 0) return JinjaValue::real(std::copysign(0.0, a / b));
  double whole = std::floor(quotient);
  if (quotient - whole > 0.5) whole += 1;
  return JinjaValue::real(whole);
}

JinjaValue repeat(JinjaRun& run, const JinjaValue& value, std::int64_t times) {
  auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  std::size_t size = value.is_string() ? value.text().size() : value.items().items.size();
  if (size > 0 && count > run.options().max_output / size)
    return run.fail("the template makes a value that is too large", ErrorKind::data);
  if (!run.spend(count + size * count / 64)) return {};
  if (value.is_string()) {
    std::string out;
    out.reserve(size * count);
    for (std::size_t i = 0; i < count; ++i) out += value.text();
    return JinjaValue::string(std::move(out));
  }
  if (!run.spend(size * count)) return {};
  JinjaValues out;
  for (std::size_t i = 0; i < count; ++i) out.insert(out.end(), value.items().items.begin(), value.items().items.end());
  return JinjaValue::list(std::move(out), value.items().tuple);
}

}  // namespace

JinjaValue jinja_arithmetic(JinjaRun& run, std::string_view op, const JinjaValue& left, const JinjaValue& right) {
  if (run.failed()) return {};
  if (op == "~") {
    std::string text = left.str(run.options().max_output) + right.str(run.options().max_output);
    if (!run.fits(text.size()) || !run.spend(text.size() / 64)) return {};
    return JinjaValue::string(std::move(text));
  }
  if (op == "%" && left.is_string() && right.is_undefined() && !run.refuses(right)) return jinja_percent(run, left.text(), right);
  if (left.is_undefined() || right.is_undefined())
    return run.fail("'" + (left.is_undefined() ? left : right).missing_name() + "' is undefined");
  if (left.is_number() && right.is_number()) {
    if (left.is_integer() && right.is_integer()) return whole_arithmetic(run, op, left.whole(), right.whole());
    return real_arithmetic(run, op, left.number(), right.number());
  }
  if (op == "+" && left.is_string() && right.is_string()) {
    if (!run.fits(left.text().size() + right.text().size()) || !run.spend((left.text().size() + right.text().size()) / 64))
      return {};
    return JinjaValue::string(left.text() + right.text());
  }
  if (op == "+" && left.is_plain_list() && right.is_plain_list() && left.items().tuple == right.items().tuple) {
    JinjaValues items = left.items().items;
    items.insert(items.end(), right.items().items.begin(), right.items().items.end());
    if (!run.spend(items.size())) return {};
    return JinjaValue::list(std::move(items), left.items().tuple);
  }
  if (op == "*" && (left.is_string() || left.is_plain_list()) && right.is_integer()) return repeat(run, left, right.whole());
  if (op == "*" && left.is_integer() && (right.is_string() || right.is_plain_list())) return repeat(run, right, left.whole());
  if (op == "%" && left.is_string()) return jinja_percent(run, left.text(), right);
  return run.fail(refused(op, left, right));
}

bool jinja_contains(JinjaRun& run, const JinjaValue& container, const JinjaValue& element) {
  if (container.is_string()) {
    if (element.is_string()) return container.text().find(element.text()) != std::string::npos;
    run.fail(refused("in", element, container));
    return false;
  }
  if (container.is_list()) {
    run.spend(container.items().items.size());
    for (const JinjaValue& item : container.items().items)
      if (item.equals(element)) return true;
    return false;
  }
  if (container.is_dict() && !container.entries().is_namespace) {
    if (!element.hashable()) run.fail(std::string(element.type_name()) + " cannot be a key");
    return container.entries().find(element) != nullptr;
  }
  if (container.is_undefined() && !run.options().strict_undefined) return false;
  run.fail(container.is_undefined() ? "'" + container.missing_name() + "' is undefined"
                                    : "'in' does not work on " + std::string(container.type_name()));
  return false;
}

namespace {

/// What groupby makes: a pair whose parts have names.
const JinjaValue* of_group(const JinjaValue& value, std::string_view name) {
  if (!value.is_list() || !value.items().group || (name != "grouper" && name != "list")) return nullptr;
  return &value.items().items[name == "list" ? 1 : 0];
}

}  // namespace

JinjaValue jinja_attribute(JinjaRun& run, const JinjaValue& value, const std::string& name) {
  if (value.is_undefined()) return run.fail("'" + value.missing_name() + "' is undefined, so it has no '" + name + "'");
  bool plain_dict = value.is_dict() && !value.entries().is_namespace;
  if (plain_dict || value.is_string() || value.is_list())
    if (JinjaValue method = jinja_method(value, name); !method.is_undefined()) return method;
  if (value.is_dict())
    if (const JinjaValue* found = value.entries().find(name)) return *found;
  if (const JinjaValue* part = of_group(value, name)) return *part;
  return JinjaValue::undefined(name);
}

JinjaValue jinja_item(JinjaRun& run, const JinjaValue& value, const JinjaValue& key) {
  if (value.is_undefined()) return run.fail("'" + value.missing_name() + "' is undefined, so it has no element " + key.repr());
  if (value.is_dict()) {
    if (const JinjaValue* found = value.entries().find(key)) return *found;
  } else if (key.is_integer() && value.is_sequence()) {
    auto size = static_cast<std::int64_t>(value.items().items.size());
    std::int64_t at = key.whole() < 0 ? key.whole() + size : key.whole();
    if (at >= 0 && at < size) return value.items().items[static_cast<std::size_t>(at)];
  } else if (key.is_integer() && value.is_string()) {
    const std::string& text = value.text();
    auto size = static_cast<std::int64_t>(count_code_points(text));
    std::int64_t at = key.whole() < 0 ? key.whole() + size : key.whole();
    if (!run.spend(text.size() / 64) || at < 0 || at >= size) return JinjaValue::undefined(key.repr());
    std::size_t begin = offset_of_code_point(text, static_cast<std::size_t>(at));
    return JinjaValue::string(text.substr(begin, offset_of_code_point(text, static_cast<std::size_t>(at) + 1) - begin));
  }
  if (key.is_string())
    if (const JinjaValue* part = of_group(value, key.text())) return *part;
  if (key.is_string() && !value.is_none())
    if (JinjaValue method = jinja_method(value, key.text()); !method.is_undefined()) return method;
  return JinjaValue::undefined(key.is_string() ? key.text() : key.repr());
}

JinjaValues jinja_elements(JinjaRun& run, const JinjaValue& value) {
  JinjaValues out;
  if (value.is_list()) {
    if (!run.spend(value.items().items.size())) return out;
    if (value.is_iterator()) {  // there is one walk through it
      out.swap(value.items().items);
    } else {
      out = value.items().items;
    }
  } else if (value.is_dict() && !value.entries().is_namespace) {
    for (const auto& [key, unused] : value.entries().entries) out.push_back(key);
  } else if (value.is_string()) {
    std::string_view text = value.text();
    if (!run.spend(text.size())) return out;
    while (!text.empty()) {
      std::string character;
      append_utf8(character, next_code_point(text));
      out.push_back(JinjaValue::string(std::move(character)));
    }
  } else if (!value.is_undefined() || run.refuses(value)) {
    run.fail(value.is_undefined() ? "'" + value.missing_name() + "' is undefined"
                                  : std::string(value.type_name()) + " cannot be walked through");
  }
  return out;
}

}  // namespace assay
