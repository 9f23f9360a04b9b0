// Text from values and a pattern: Python's "..." % values and "...".format(), and int() with a base.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

constexpr int kMaxWidth = 10'000, kMaxPrecision = 300;

/// [[fill]align][sign][#][0][width][,][.precision][type], and what % has of it.
struct FormatSpec {
  std::string fill = " ";
  char align = 0, sign = '-', type = 0, group = 0;
  bool alternate = false;
  int width = 0, precision = -1;
};

bool one_of(char c, std::string_view set) {
  return c != '\0' && set.find(c) != std::string_view::npos;
}

std::optional<FormatSpec> parse_spec(std::string_view text) {
  FormatSpec out;
  auto is_align = [](std::string_view at) { return !at.empty() && one_of(at[0], "<>=^"); };
  bool filled = false;
  if (std::string_view rest = text; !rest.empty()) {
    next_code_point(rest);
    if (is_align(rest)) {
      out.fill = text.substr(0, text.size() - rest.size());
      filled = true;
      text = rest;
    }
  }
  auto take = [&](std::string_view set) {
    char c = text.empty() || !one_of(text[0], set) ? '\0' : text[0];
    if (c) text.remove_prefix(1);
    return c;
  };
  out.align = take("<>=^");
  if (char sign = take("+- ")) out.sign = sign;
  out.alternate = take("#") != '\0';
  if (!filled && take("0")) {
    out.fill = "0";
    if (!out.align) out.align = '0';  // "=" for numbers, nothing for text
  }
  auto number = [&](int& to) {
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), to);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return code == std::errc() && to <= kMaxWidth;
  };
  if (!text.empty() && text[0] >= '0' && text[0] <= '9' && !number(out.width)) return std::nullopt;
  out.group = take(",_");
  if (take(".") && (!number(out.precision) || out.precision > kMaxPrecision)) return std::nullopt;
  if (!text.empty()) {
    out.type = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return out;
}

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  while (times-- > 0) out += what;
  return out;
}

/// A separator before every `every` digits, counted from where the whole part ends.
std::string grouped(std::string digits, char separator, std::size_t every) {
  std::size_t end = digits.find_first_not_of("0123456789abcdefABCDEF");
  if (every == 3) end = digits.find_first_not_of("0123456789");
  if (end == std::string::npos) end = digits.size();
  for (std::size_t at = end; at > every; at -= every) digits.insert(at - every, 1, separator);
  return digits;
}

std::string padded(const std::string& sign, const std::string& body, const FormatSpec& spec, char usual) {
  char align = spec.align && spec.align != '0' ? spec.align : usual;
  std::size_t points = count_code_points(sign) + count_code_points(body), width = static_cast<std::size_t>(spec.width);
  std::size_t missing = width > points ? width - points : 0;
  if (align == '<') return sign + body + repeated(spec.fill, missing);
  if (align == '^') return repeated(spec.fill, missing / 2) + sign + body + repeated(spec.fill, missing - missing / 2);
  if (align == '=') return sign + repeated(spec.fill, missing) + body;
  return repeated(spec.fill, missing) + sign + body;
}

std::string upper_ascii(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

std::string digits_of(std::int64_t whole, int base) {
  auto size = whole < 0 ? ~static_cast<std::uint64_t>(whole) + 1 : static_cast<std::uint64_t>(whole);
  char buffer[80];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, size, base).ptr);
}

/// |number| as printf's `type` writes it.
std::string real_digits(double number, char type, int precision, bool alternate) {
  char buffer[800];
  const char plain[] = {'%', '.', '*', type, '\0'}, hash[] = {'%', '#', '.', '*', type, '\0'};
  std::snprintf(buffer, sizeof buffer, alternate ? hash : plain, precision, std::fabs(number));
  return buffer;
}

/// What float.__format__ makes of a precision without a type: as many digits, and always a dot or an exponent.
std::string general_digits(double number, int precision) {
  precision = std::max(precision, 1);
  std::string out = real_digits(number, 'g', precision, false);
  if (!std::isfinite(number) || out.find_first_of("e.") != std::string::npos) return out;
  if (static_cast<int>(out.size()) < precision) return out + ".0";
  out = real_digits(number, 'e', precision - 1, false);
  std::size_t e = out.find('e'), end = e;
  if (out.find('.') < e) {
    while (out[end - 1] == '0') --end;
    if (out[end - 1] == '.') --end;
  }
  return out.substr(0, end) + out.substr(e);
}

/// One replacement field.
JinjaValue formatted(JinjaRun& run, const JinjaValue& value, const std::string& text) {
  auto spec = parse_spec(text);
  auto refuse = [&] { return run.fail("the format {:" + shorten(text, 20) + "} does not suit " + std::string(value.type_name())); };
  if (!spec) return refuse();
  if (value.is_string()) {
    if ((spec->type && spec->type != 's') || spec->sign != '-' || spec->alternate || spec->group || spec->align == '=')
      return refuse();
    std::string cut = value.text();
    if (spec->precision >= 0) cut.resize(offset_of_code_point(cut, static_cast<std::size_t>(spec->precision)));
    return JinjaValue::string(padded("", cut, *spec, '<'));
  }
  if (!value.is_number()) return refuse();
  if (spec->align == '0') spec->align = '=';
  std::string body, prefix;
  bool negative = false;
  if (value.is_integer() && (spec->type == 0 || one_of(spec->type, "dxXobcn"))) {
    if (spec->precision >= 0) return refuse();
    std::int64_t whole = value.whole();
    if (spec->type == 'c') {
      if (whole < 0 || whole > 0x10FFFF || spec->sign != '-') return refuse();
      append_utf8(body, static_cast<char32_t>(whole));
      return JinjaValue::string(padded("", body, *spec, '<'));
    }
    int base = spec->type == 'x' || spec->type == 'X' ? 16 : spec->type == 'o' ? 8 : spec->type == 'b' ? 2 : 10;
    if (spec->group && (spec->type == 'n' || (base != 10 && spec->group == ','))) return refuse();
    body = digits_of(whole, base);
    if (spec->type == 'X') body = upper_ascii(std::move(body));
    if (spec->alternate && base != 10) prefix = std::string("0") + spec->type;
    negative = whole < 0;
  } else if (spec->type == 0 || one_of(spec->type, "feEFgGn%")) {
    double number = value.number();
    negative = std::signbit(number) && !std::isnan(number);
    char type = spec->type == '%' ? 'f' : spec->type == 'n' ? 'g' : spec->type;
    int precision = spec->precision >= 0 ? spec->precision : 6;
    if (spec->type == '%') number *= 100;
    if (type) {
      body = real_digits(number, type, precision, spec->alternate);
    } else {
      body = spec->precision >= 0 ? general_digits(number, spec->precision) : JinjaValue::real(std::fabs(number)).str();
    }
    if (spec->type == '%') body += '%';
  } else {
    return refuse();
  }
  std::string sign = (negative ? std::string("-") : spec->sign == '-' ? std::string() : std::string(1, spec->sign)) + prefix;
  if (spec->group && std::isfinite(value.number())) {
    std::size_t every = !value.is_integer() || spec->type == 0 || !one_of(spec->type, "xXob") ? 3 : 4;
    std::string digits = body;
    body = grouped(digits, spec->group, every);
    while (spec->align == '=' && spec->fill == "0" && sign.size() + body.size() < static_cast<std::size_t>(spec->width)) {
      digits.insert(0, 1, '0');
      body = grouped(digits, spec->group, every);
    }
  }
  return JinjaValue::string(padded(sign, body, *spec, '>'));
}

/// ascii() of a value whose repr() is `text`.
std::string ascii_only(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    char buffer[16];
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else {
      std::snprintf(buffer, sizeof buffer, c <= 0xFF ? "\\x%02x" : c <= 0xFFFF ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(c));
      out += buffer;
    }
  }
  return out;
}

/// "...".format(): reads the pattern from left to right.
class Formatter {
 public:
  Formatter(JinjaRun& run, JinjaArguments& arguments) : run_(run), arguments_(arguments) {}

  std::string expand(std::string_view format, int depth) {
    std::string out;
    if (depth > 2) run_.fail("the fields of a format are nested too deeply");
    for (std::size_t i = 0; i < format.size() && run_.fits(out.size()); ++i) {
      char c = format[i];
      if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
        out += c;
        ++i;
      } else if (c == '}') {
        run_.fail("a single '}' in a format");
      } else if (c != '{') {
        out += c;
      } else {
        std::size_t end = i + 1;
        for (int open = 1; end < format.size() && open > 0; ++end) open += format[end] == '{' ? 1 : format[end] == '}' ? -1 : 0;
        if (format[end - 1] != '}' || end == i + 1) {
          run_.fail("a single '{' in a format");
          break;
        }
        out += field(format.substr(i + 1, end - i - 2), depth);
        i = end - 1;
      }
    }
    return out;
  }

 private:
  std::string field(std::string_view field, int depth) {
    std::size_t end = field.find_first_of(":!");
    // A subscript may hold either character.
    if (std::size_t open = field.find('['); open < end)
      if (std::size_t close = field.find(']', open); close != std::string_view::npos) end = field.find_first_of(":!", close);
    std::string_view name = field.substr(0, end), rest = end == std::string_view::npos ? "" : field.substr(end);
    char conversion = 0;
    if (rest.starts_with('!')) {
      conversion = rest.size() > 1 ? rest[1] : '?';
      rest.remove_prefix(std::min<std::size_t>(2, rest.size()));
      if (!one_of(conversion, "rsa") || (!rest.empty() && rest[0] != ':')) {
        run_.fail("a format has no conversion like that in {" + shorten(field, 40) + "}");
        return {};
      }
    }
    JinjaValue value = look_up(name);
    std::string spec = expand(rest.substr(rest.empty() ? 0 : 1), depth + 1);
    if (run_.failed()) return {};
    if (conversion == 's') value = JinjaValue::string(value.str());
    if (conversion == 'r') value = JinjaValue::string(value.repr());
    if (conversion == 'a') value = JinjaValue::string(ascii_only(value.repr()));
    if (run_.refuses(value)) run_.fail("'" + value.missing_name() + "' is undefined");
    if (spec.empty()) return value.str();
    JinjaValue text = formatted(run_, value, spec);
    return run_.failed() ? std::string() : text.text();
  }

  JinjaValue look_up(std::string_view name) {
    std::size_t end = std::min(name.find_first_of(".["), name.size());
    std::string first(name.substr(0, end));
    bool number = !first.empty() && first.size() < 4 && first.find_first_not_of("0123456789") == std::string::npos;
    if (first.empty() || number) {
      bool counts = first.empty();
      if (counts ? told_ : counted_) return run_.fail("a format numbers its fields either everywhere or nowhere");
      (counts ? counted_ : told_) = true;
    }
    const JinjaValue* found = first.empty() ? arguments_.get(next_++, "")
                              : number      ? arguments_.get(static_cast<std::size_t>(std::stoi(first)), "")
                                            : arguments_.get(static_cast<std::size_t>(-1), first);
    if (!found) return run_.fail("the format has no value for '{" + shorten(name, 40) + "}'");
    JinjaValue value = *found;
    for (name.remove_prefix(end); !name.empty() && !run_.failed();) {
      if (name[0] == '.') return run_.unsupported("an attribute in a format's field is not supported");
      std::size_t close = name.find(']');
      if (name[0] != '[' || close == std::string_view::npos || close == 1) return run_.fail("a format's field cannot be read");
      std::string key(name.substr(1, close - 1));
      bool index = key.size() < 9 && key.find_first_not_of("0123456789") == std::string::npos;
      value = jinja_item(run_, value, index ? JinjaValue::integer(std::stoll(key)) : JinjaValue::string(key));
      if (value.is_undefined()) return run_.fail("the format has no value for [" + shorten(key, 40) + "]");
      name.remove_prefix(close + 1);
    }
    return value;
  }

  JinjaRun& run_;
  JinjaArguments& arguments_;
  std::size_t next_ = 0;
  bool counted_ = false, told_ = false;  // {} and {0} in one format are an error
};

/// One conversion of "..." % values.
JinjaValue converted(JinjaRun& run, const JinjaValue& value, const FormatSpec& given) {
  FormatSpec spec = given;
  auto refuse = [&] {
    return run.fail(std::string("the format %") + spec.type + " does not suit " + std::string(value.type_name()));
  };
  if (run.refuses(value)) return run.fail("'" + value.missing_name() + "' is undefined");
  bool zero = spec.align == '0';
  if (one_of(spec.type, "srac")) {
    spec.fill = " ";
    std::string text;
    if (spec.type == 'c') {
      if (value.is_integer() && value.whole() >= 0 && value.whole() <= 0x10FFFF) {
        append_utf8(text, static_cast<char32_t>(value.whole()));
      } else if (value.is_string() && count_code_points(value.text()) == 1) {
        text = value.text();
      } else {
        return refuse();
      }
    } else {
      text = spec.type == 's' ? value.str() : spec.type == 'r' ? value.repr() : ascii_only(value.repr());
      if (spec.precision >= 0) text.resize(offset_of_code_point(text, static_cast<std::size_t>(spec.precision)));
    }
    return JinjaValue::string(padded("", text, spec, '>'));
  }
  if (!value.is_number()) return refuse();
  std::string body, sign;
  bool negative = false;
  if (one_of(spec.type, "diuxXo")) {
    bool decimal = one_of(spec.type, "diu");
    if (!value.is_integer() && !decimal) return refuse();
    if (!value.is_integer() && !(std::fabs(value.number()) < 9.2e18)) return run.fail("a number becomes larger than 64 bits");
    std::int64_t whole = value.is_integer() ? value.whole() : static_cast<std::int64_t>(value.number());
    negative = whole < 0;
    body = digits_of(whole, decimal ? 10 : spec.type == 'o' ? 8 : 16);
    if (static_cast<int>(body.size()) < spec.precision)
      body.insert(0, static_cast<std::size_t>(spec.precision) - body.size(), '0');
    if (spec.type == 'X') body = upper_ascii(std::move(body));
    if (spec.alternate && !decimal) sign = std::string("0") + spec.type;
  } else {
    double number = value.number();
    negative = std::signbit(number) && !std::isnan(number);
    body = real_digits(number, spec.type, spec.precision >= 0 ? spec.precision : 6, spec.alternate);
  }
  sign = (negative ? std::string("-") : spec.sign == '-' ? std::string() : std::string(1, spec.sign)) + sign;
  return JinjaValue::string(padded(sign, body, spec, zero ? '=' : '>'));
}

}  // namespace

JinjaValue jinja_format(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::string out = Formatter(run, arguments).expand(self.text(), 0);
  return run.failed() ? JinjaValue() : JinjaValue::string(std::move(out));
}

JinjaValue jinja_percent(JinjaRun& run, const std::string& format, const JinjaValue& values) {
  bool tuple = values.is_list() && values.items().tuple;
  // What Python takes for a mapping need not be used up.
  bool mapping = values.is_dict() || values.is_undefined() || (values.is_sequence() && !tuple);
  std::size_t next = 0;
  auto take = [&]() -> JinjaValue {
    if (tuple ? next < values.items().items.size() : next == 0) return tuple ? values.items().items[next++] : (++next, values);
    return run.fail("not enough values for the format '" + shorten(format, 60) + "'");
  };
  std::string out;
  for (std::size_t i = 0; i < format.size() && !run.failed(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    auto at = [&](std::size_t p) { return p < format.size() ? format[p] : '\0'; };
    ++i;
    if (at(i) == '%') {
      out += '%';
      continue;
    }
    std::optional<JinjaValue> named;
    if (at(i) == '(') {
      std::size_t close = ++i;
      for (int open = 1; close < format.size(); ++close) {
        open += format[close] == '(' ? 1 : format[close] == ')' ? -1 : 0;
        if (open == 0) break;
      }
      if (close >= format.size()) return run.fail("a key of the format '" + shorten(format, 60) + "' does not end");
      const JinjaValue* found = values.is_dict() ? values.entries().find(std::string_view(format).substr(i, close - i)) : nullptr;
      if (!found) return run.fail("the format has no value for '" + shorten(format.substr(i, close - i), 40) + "'");
      named = *found;
      i = close + 1;
    }
    FormatSpec spec;
    for (; one_of(at(i), "-+ #0"); ++i) {
      if (at(i) == '-') spec.align = '<';
      if (at(i) == '+' || (at(i) == ' ' && spec.sign != '+')) spec.sign = at(i);
      if (at(i) == '#') spec.alternate = true;
      if (at(i) == '0') spec.fill = "0";
    }
    if (spec.align == '<') {
      spec.fill = " ";
    } else if (spec.fill == "0") {
      spec.align = '0';
    }
    bool too_large = false;
    auto number = [&](int most) {
      int value = 0;
      if (at(i) == '*') {
        ++i;
        JinjaValue told = take();
        if (run.failed()) return 0;
        if (!told.is_integer()) run.fail("* in a format needs a whole number");
        std::int64_t whole = run.failed() ? 0 : told.whole();
        if (whole < 0) spec.align = '<', spec.fill = " ";
        too_large = too_large || whole > most || whole < -most;
        return static_cast<int>(too_large ? 0 : std::llabs(whole));
      }
      for (; at(i) >= '0' && at(i) <= '9'; ++i) value = std::min(value * 10 + (at(i) - '0'), most + 1);
      too_large = too_large || value > most;
      return value;
    };
    spec.width = number(kMaxWidth);
    if (at(i) == '.') {
      ++i;
      spec.precision = number(kMaxPrecision);
    }
    if (one_of(at(i), "hlL")) ++i;
    spec.type = at(i);
    if (too_large) return run.unsupported("a width or precision that large is not supported");
    if (!spec.type) return run.fail("the format '" + shorten(format, 60) + "' ends too early");
    JinjaValue value = named ? *named : take();
    if (run.failed()) return {};
    if (!one_of(spec.type, "sracdiuxXoeEfFgG"))
      return run.fail("a format has no conversion '%" + shorten(std::string_view(format).substr(i), 1) + "'");
    JinjaValue text = converted(run, value, spec);
    if (run.failed() || !run.fits(out.size() + text.text().size())) return {};
    out += text.text();
  }
  if (!run.failed() && !mapping && next < (tuple ? values.items().items.size() : 1))
    return run.fail("more values than the format '" + shorten(format, 60) + "' takes");
  return run.failed() ? JinjaValue() : JinjaValue::string(std::move(out));
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
