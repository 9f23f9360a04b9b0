#include "base/python_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMostValues = 1'000'000, kMostText = std::size_t{64} << 20;
constexpr int kMostLevels = 64;

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789", kDigitsAndMarks = "0123456789_";

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
}

std::string without_marks(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != '_') out += c;
  return out;
}

/// Hours, minutes, seconds as PyYAML has them: the first part without, the others of at most two digits below 60.
bool is_sexagesimal(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !all_of(text.substr(0, colon), kDigitsAndMarks) || text[0] == '_' || text[0] == '0') return false;
  while (colon != std::string_view::npos) {
    text.remove_prefix(colon + 1);
    colon = text.find(':');
    std::string_view part = text.substr(0, colon);
    if (part.empty() || part.size() > 2 || !all_of(part, kDigits) || (part.size() == 2 && part[0] > '5')) return false;
  }
  return true;
}

PythonValue integer_of(std::string_view digits, int base, bool negative) {
  std::string text = without_marks(digits);
  std::int64_t value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return PythonValue::of(negative ? -value : value);
  PythonValue out;
  out.kind = PythonValue::Kind::integer;
  out.text = (negative ? "-" : "") + text;
  out.real = base == 10 ? python_float(out.text).value_or(0) : std::numeric_limits<double>::infinity();
  return out;
}

std::optional<PythonValue> as_integer(std::string_view text) {
  std::string_view body = without_sign(text);
  const bool negative = text.starts_with("-");
  if (body.empty()) return std::nullopt;
  if (body.starts_with("0b") && body.size() > 2 && all_of(body.substr(2), "01_")) return integer_of(body.substr(2), 2, negative);
  if (body.starts_with("0x") && body.size() > 2 && all_of(body.substr(2), "0123456789abcdefABCDEF_")) return integer_of(body.substr(2), 16, negative);
  if (body == "0") return PythonValue::of(std::int64_t{0});
  if (body[0] == '0') return all_of(body, "01234567_") ? std::optional(integer_of(body, 8, negative)) : std::nullopt;
  if (body[0] != '_' && all_of(body, kDigitsAndMarks)) return integer_of(body, 10, negative);
  if (is_sexagesimal(body)) {
    std::int64_t value = 0;
    for (const std::string& part : split(without_marks(body), ':')) value = value * 60 + static_cast<std::int64_t>(python_float(part).value_or(0));
    return PythonValue::of(negative ? -value : value);
  }
  return std::nullopt;
}

std::optional<PythonValue> as_float(std::string_view text) {
  std::string_view body = without_sign(text);
  const double sign = text.starts_with("-") ? -1 : 1;
  if (body == ".inf" || body == ".Inf" || body == ".INF") return PythonValue::of(sign * std::numeric_limits<double>::infinity());
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return PythonValue::of(std::numeric_limits<double>::quiet_NaN());
  std::size_t dot = body.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view whole = body.substr(0, dot), rest = body.substr(dot + 1);
  if (!all_of(whole, kDigitsAndMarks) || (!whole.empty() && whole[0] == '_')) return std::nullopt;
  if (whole.empty() && body.size() != text.size()) return std::nullopt;  // PyYAML: no sign before ".5"
  std::size_t e = rest.find_first_of("eE");
  std::string_view decimals = rest.substr(0, e);
  if (!all_of(decimals, kDigitsAndMarks)) return std::nullopt;
  if (whole.empty() && (decimals.empty() || decimals[0] == '_')) return std::nullopt;
  if (e != std::string_view::npos) {
    std::string_view exponent = rest.substr(e + 1);
    if (exponent.size() < 2 || (exponent[0] != '-' && exponent[0] != '+') || !all_of(exponent.substr(1), kDigits)) return std::nullopt;
  }
  auto value = python_float(without_marks(body));
  if (!value) return std::nullopt;
  return PythonValue::of(sign * *value);
}

PythonValue plain(const std::string& text) {
  auto one_of = [&](std::initializer_list<std::string_view> words) { return std::find(words.begin(), words.end(), text) != words.end(); };
  if (one_of({"", "~", "null", "Null", "NULL"})) return {};
  if (one_of({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return PythonValue::of(true);
  if (one_of({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return PythonValue::of(false);
  if (auto value = as_integer(text)) return *value;
  if (auto value = as_float(text)) return *value;
  return PythonValue::of(valid_utf8(text));
}

/// What a reader throws: the position is the library's, the sentence ours.
struct Refusal {
  std::string what;
  YAML::Mark mark;
};

class Reader {
 public:
  explicit Reader(std::string_view function_tag) : function_tag_(function_tag) {}

  PythonValue value(const YAML::Node& node, int level) {
    if (level > kMostLevels) throw Refusal{"nested too deep", node.Mark()};
    if (++values_ > kMostValues) throw Refusal{"too many values", node.Mark()};
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        std::vector<PythonValue> items;
        for (const YAML::Node& item : node) items.push_back(value(item, level + 1));
        return PythonValue::list_of(std::move(items));
      }
      case YAML::NodeType::Map:
        return mapping(node, level);
      default:
        return {};
    }
  }

 private:
  PythonValue scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    text_ += text.size();
    if (text_ > kMostText) throw Refusal{"too much text", node.Mark()};
    const std::string& tag = node.Tag();
    constexpr std::string_view kStandard = "tag:yaml.org,2002:";
    if (tag == "?" || tag.empty()) return plain(text);
    if (tag == "!" || tag == std::string(kStandard) + "str") return PythonValue::of(valid_utf8(text));
    if (tag == std::string(kStandard) + "null") return {};
    if (!function_tag_.empty() && tag == function_tag_) {
      PythonValue named;
      named.kind = PythonValue::Kind::dict;
      named.items = {PythonValue::of(std::string(function_tag_)), PythonValue::of(valid_utf8(text))};
      return named;
    }
    PythonValue out = plain(text);
    auto is = [&](std::string_view name, PythonValue::Kind kind) { return tag == std::string(kStandard) + std::string(name) && out.kind == kind; };
    if (is("int", PythonValue::Kind::integer) || is("bool", PythonValue::Kind::boolean) || is("float", PythonValue::Kind::floating)) return out;
    if (tag == std::string(kStandard) + "float")
      if (auto number = python_float(text)) return PythonValue::of(*number);
    throw Refusal{"the tag \"" + shorten(valid_utf8(tag), 60) + "\" is not understood", node.Mark()};
  }

  PythonValue mapping(const YAML::Node& node, int level) {
    PythonValue out;
    out.kind = PythonValue::Kind::dict;
    std::vector<PythonValue> merged;
    for (const auto& entry : node) {
      PythonValue key = value(entry.first, level + 1), content = value(entry.second, level + 1);
      if (key.kind == PythonValue::Kind::text && key.text == "<<" && entry.first.Tag() != "!") {
        if (content.kind == PythonValue::Kind::dict) {
          merged.push_back(std::move(content));
        } else if (content.kind == PythonValue::Kind::list) {
          for (PythonValue& item : content.items) {
            if (item.kind != PythonValue::Kind::dict) throw Refusal{"<< takes mappings", entry.second.Mark()};
            merged.push_back(std::move(item));
          }
        } else {
          throw Refusal{"<< takes a mapping", entry.second.Mark()};
        }
        continue;
      }
      if (!is_hashable(key)) throw Refusal{"a list or a mapping cannot be a key", entry.first.Mark()};
      put(out, std::move(key), std::move(content), true);
    }
    // What a mapping says itself wins over what is merged into it; of several merged ones the first.
    for (PythonValue& other : merged)
      for (std::size_t i = 0; i + 1 < other.items.size(); i += 2) put(out, std::move(other.items[i]), std::move(other.items[i + 1]), false);
    return out;
  }

  static void put(PythonValue& dict, PythonValue key, PythonValue content, bool replace) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
      if (dict.items[i] == key) {
        if (replace) dict.items[i + 1] = std::move(content);
        return;
      }
    dict.items.push_back(std::move(key));
    dict.items.push_back(std::move(content));
  }

  std::string_view function_tag_;
  std::size_t values_ = 0, text_ = 0;
};

/// Notes where documents begin and nothing else.
class Starts final : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> marks;
  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// Where the first two documents begin. Not YAML::LoadAll: at a comma that no bracket holds the library gives empty documents without end.
std::vector<YAML::Mark> first_documents(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Starts starts;
  while (starts.marks.size() < 2 && parser.HandleNextDocument(starts)) {
  }
  return std::move(starts.marks);
}

}  // namespace

Result<PythonValue> read_python_yaml(std::string_view text, std::string_view where, std::string_view function_tag) {
  auto wrong = [&](std::string what, const YAML::Mark& mark) {
    std::string place(where);
    if (!mark.is_null()) place += (place.empty() ? "" : ":") + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    return fail(ErrorKind::data, "not YAML as Python reads it: " + std::move(what), std::move(place));
  };
  // The library recurses as deep as flow brackets go; its own limit came later than the version that distributions carry.
  int open = 0, deepest = 0;
  for (char c : text) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++open);
    if (c == ']' || c == '}') open = std::max(0, open - 1);
  }
  if (text.size() > kMostText || deepest > 10'000) return wrong("too large", YAML::Mark::null_mark());
  try {
    std::string copy(text);
    std::vector<YAML::Mark> documents = first_documents(copy);
    if (documents.empty()) return PythonValue();
    if (documents.size() > 1) {
      bool stuck = documents[1].pos == documents[0].pos;
      return wrong(stuck ? "nothing can begin like this" : "there are several documents", documents[1]);
    }
    return Reader(function_tag).value(YAML::Load(copy), 0);
  } catch (const Refusal& refusal) {
    return wrong(refusal.what, refusal.mark);
  } catch (const YAML::Exception& problem) {
    return wrong(shorten(valid_utf8(problem.msg), 200), problem.mark);
  } catch (const std::exception& problem) {  // what the library itself did not foresee
    return wrong(shorten(valid_utf8(problem.what()), 200), YAML::Mark::null_mark());
  }
}

}  // namespace assay
