// str.format() with Python's format mini-language, and int() with a base.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

/// [[fill]align][sign][#][0][width][,][.precision][type]
struct FormatSpec {
  std::string fill = " ";
  char align = 0, sign = '-', type = 0, group = 0;
  int width = 0, precision = -1;
};

std::optional<FormatSpec> parse_spec(std::string_view text) {
  FormatSpec out;
  auto is_align = [](std::string_view at) {
    return !at.empty() && std::string_view("<>=^").find(at[0]) != std::string_view::npos;
  };
  std::string_view rest = text;
  if (!rest.empty()) {
    next_code_point(rest);
    if (is_align(rest)) {
      out.fill = text.substr(0, text.size() - rest.size());
      text = rest;
    }
  }
  if (is_align(text)) {
    out.align = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && std::string_view("+- ").find(text[0]) != std::string_view::npos) {
    out.sign = text[0];
    text.remove_prefix(1);
  }
  if (text.starts_with('0')) {
    if (!out.align) out.fill = "0", out.align = '=';
    text.remove_prefix(1);
  }
  auto number = [&](int& to) {
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), to);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return code == std::errc() && to <= 10'000;
  };
  if (!text.empty() && text[0] >= '1' && text[0] <= '9' && !number(out.width)) return std::nullopt;
  if (text.starts_with(',') || text.starts_with('_')) {
    out.group = text[0];
    text.remove_prefix(1);
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!number(out.precision) || out.precision > 300) return std::nullopt;
  }
  if (!text.empty()) {
    out.type = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return out;
}

std::string grouped(std::string digits, char separator) {
  std::size_t end = digits.find_first_not_of("0123456789");
  if (end == std::string::npos) end = digits.size();
  for (std::size_t at = end; at > 3; at -= 3) digits.insert(at - 3, 1, separator);
  return digits;
}

std::string padded(const std::string& sign, const std::string& body, const FormatSpec& spec, char usual) {
  char align = spec.align ? spec.align : usual;
  std::size_t points = count_code_points(sign) + count_code_points(body);
  std::size_t missing = static_cast<std::size_t>(spec.width) > points ? static_cast<std::size_t>(spec.width) - points : 0;
  auto fill = [&](std::size_t times) {
    std::string out;
    while (times-- > 0) out += spec.fill;
    return out;
  };
  if (align == '<') return sign + body + fill(missing);
  if (align == '^') return fill(missing / 2) + sign + body + fill(missing - missing / 2);
  if (align == '=') return sign + fill(missing) + body;
  return fill(missing) + sign + body;
}

/// One replacement field.
JinjaValue formatted(JinjaRun& run, const JinjaValue& value, const std::string& text) {
  auto spec = parse_spec(text);
  auto unknown = [&] {
    return run.unsupported("the format {:" + shorten(text, 20) + "} of " + std::string(value.type_name()) + " is not supported");
  };
  if (!spec) return unknown();
  if (value.is_string() && (spec->type == 0 || spec->type == 's')) {
    std::string cut = value.text();
    if (spec->precision >= 0) cut.resize(offset_of_code_point(cut, static_cast<std::size_t>(spec->precision)));
    return JinjaValue::string(padded("", cut, *spec, '<'));
  }
  if (!value.is_number()) return unknown();
  auto sign_of = [&](bool negative) {
    return negative ? std::string("-") : spec->sign == '-' ? std::string() : std::string(1, spec->sign);
  };
  std::string body, sign;
  if (value.is_integer() && (spec->type == 0 || std::string_view("dxXob").find(spec->type) != std::string_view::npos)) {
    auto whole = value.whole();
    auto size = whole < 0 ? ~static_cast<std::uint64_t>(whole) + 1 : static_cast<std::uint64_t>(whole);
    char buffer[80];
    int base = spec->type == 'x' || spec->type == 'X' ? 16 : spec->type == 'o' ? 8 : spec->type == 'b' ? 2 : 10;
    body.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, size, base).ptr);
    if (spec->type == 'X')
      std::transform(body.begin(), body.end(), body.begin(),
                     [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    if (base != 10 && spec->group) return unknown();
    sign = sign_of(whole < 0);
  } else if (std::string_view("feEgG%").find(spec->type ? spec->type : '?') != std::string_view::npos) {
    double number = value.number();
    bool percent = spec->type == '%';
    if (percent) number *= 100;
    char buffer[700];
    const char format[] = {'%', '.', '*', percent ? 'f' : spec->type, '\0'};
    std::snprintf(buffer, sizeof buffer, format, spec->precision >= 0 ? spec->precision : 6, std::fabs(number));
    body = std::string(buffer) + (percent ? "%" : "");
    sign = sign_of(std::signbit(number) && !std::isnan(number));
  } else if (!value.is_integer() && spec->type == 0 && spec->precision < 0) {
    body = JinjaValue::real(std::fabs(value.number())).str();
    sign = sign_of(std::signbit(value.number()));
  } else {
    return unknown();
  }
  if (spec->group) body = grouped(std::move(body), spec->group);
  return JinjaValue::string(padded(sign, body, *spec, '>'));
}

}  // namespace

JinjaValue jinja_format(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const std::string& format = self.text();
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    if (c == '}') return run.fail("a single '}' in a format");
    if (c != '{') {
      out += c;
      continue;
    }
    std::size_t close = format.find('}', i);
    if (close == std::string::npos) return run.fail("a single '{' in a format");
    std::string field = format.substr(i + 1, close - i - 1), spec;
    if (std::size_t colon = field.find(':'); colon != std::string::npos) {
      spec = field.substr(colon + 1);
      field.resize(colon);
    }
    i = close;
    const JinjaValue* value = nullptr;
    if (field.empty()) {
      value = arguments.get(next++, "");
    } else if (field.size() < 4 && field.find_first_not_of("0123456789") == std::string::npos) {
      value = arguments.get(static_cast<std::size_t>(std::stoi(field)), "");
    } else if (field.find_first_of(".[!{") != std::string::npos) {
      return run.unsupported("the field {" + shorten(field, 20) + "} of a format is not supported");
    } else {
      value = arguments.get(static_cast<std::size_t>(-1), field);
    }
    if (!value) return run.fail("the format has no value for '{" + shorten(field, 40) + "}'");
    if (spec.empty()) {
      out += value->str();
    } else {
      JinjaValue text = formatted(run, *value, spec);
      if (run.failed()) return {};
      out += text.text();
    }
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

std::optional<std::int64_t> python_int(std::string_view text, std::int64_t base) {
  text = strip(text);
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t told = 0;
  if (text.size() > 2 && text[0] == '0') {
    char letter = static_cast<char>(text[1] | 0x20);
    told = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (told != 0 && (base == 0 || base == told)) {
      text.remove_prefix(2);
      base = told;
    }
  }
  if (base == 0) base = 10;
  if (base < 2 || base > 36 || text.empty()) return std::nullopt;
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(base));
  if (code != std::errc() || end != text.data() + text.size() || text[0] == '-') return std::nullopt;
  return negative ? -value : value;
}

}  // namespace assay
