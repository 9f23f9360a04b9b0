#include "cli/compat/fire.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/number.h"
#include "base/python_literal.h"
#include "base/text.h"

namespace assay::compat {
namespace {

using Kind = PythonValue::Kind;

bool contains_name(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "-1" is a value, "-f" and "--flag" are none.
bool is_flag(std::string_view word) { return word.starts_with("--") ? word.size() > 2 : word.size() > 1 && word[0] == '-' && is_letter(word[1]); }

/// Quotes what stands bare between brackets, commas and colons.
std::string with_quotes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '\'' || c == '"') {
      std::size_t end = text.find(c, i + 1);
      end = end == std::string_view::npos ? text.size() : end + 1;
      out += text.substr(i, end - i);
      i = end;
    } else if (std::string_view("[](){},: ").find(c) != std::string_view::npos) {
      out += c;
      ++i;
    } else {
      std::size_t end = text.find_first_of("[](){},:", i);
      std::string_view word = strip(text.substr(i, end == std::string_view::npos ? end : end - i));
      const bool literal = read_python_literal(word).has_value();
      out += literal ? std::string(word) : "\"" + replace_all(replace_all(word, "\\", "\\\\"), "\"", "\\\"") + "\"";
      i = end == std::string_view::npos ? text.size() : end;
    }
  }
  return out;
}

bool all_texts(const PythonValue& list) {
  return std::all_of(list.items.begin(), list.items.end(), [](const PythonValue& item) { return item.kind == Kind::text; });
}

std::vector<std::string> texts_of(const PythonValue& list) {
  std::vector<std::string> out;
  out.reserve(list.items.size());
  for (const PythonValue& item : list.items) out.push_back(item.text);
  return out;
}

std::unexpected<Error> wrong(std::string_view name, std::string_view want) {
  return fail(ErrorKind::usage, "--" + std::string(name) + " takes " + std::string(want));
}

}  // namespace

std::vector<std::string> fire_words(const std::vector<std::string>& words, const FireFlags& known) {
  const std::vector<std::string>& letters = known.letters.empty() ? known.flags : known.letters;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    // Behind a bare "--" stand fire's own flags; of these there is help alone.
    if (word == "--" && i + 1 < words.size() && (words[i + 1] == "--help" || words[i + 1] == "-h")) continue;
    std::string bare = word.substr(0, word.find('='));
    if (!is_flag(word) || word == "-h" || contains_name(known.switches, word)) {
      out.push_back(word);
      continue;
    }
    if (contains_name(known.valued, bare)) {
      out.push_back(word);
      if (bare == word && i + 1 < words.size()) out.push_back(words[++i]);
      continue;
    }
    std::string name = replace_all(bare.substr(bare.starts_with("--") ? 2 : 1), "-", "_");
    if (!word.starts_with("--") && name.size() == 1) {
      std::vector<std::string> fitting;
      for (const std::string& flag : letters)
        if (flag.starts_with(name)) fitting.push_back(flag);
      if (fitting.size() == 1) name = fitting.front();
    }
    if (bare != word) {
      out.push_back("--" + name + word.substr(bare.size()));
    } else if (i + 1 < words.size() && !is_flag(words[i + 1])) {
      out.push_back("--" + name + "=" + words[++i]);
    } else if (!contains_name(known.flags, name) && name.starts_with("no") && contains_name(known.flags, name.substr(2))) {
      out.push_back("--" + name.substr(2) + "=False");
    } else {
      out.push_back("--" + name + "=True");
    }
  }
  return out;
}

PythonValue fire_value(std::string_view text) {
  if (auto value = read_python_literal(text)) return *value;
  std::string_view inner = strip(text);
  if (!inner.empty() && (inner[0] == '[' || inner[0] == '{' || inner[0] == '('))
    if (auto value = read_python_literal(with_quotes(inner))) return *value;
  return PythonValue::of(std::string(text));
}

const PythonValue* FireValues::get(std::string_view name) const {
  auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

Result<bool> FireValues::flag(std::string_view name, bool standard) const {
  const PythonValue* value = get(name);
  if (!value) return standard;
  if (value->kind == Kind::none) return false;
  if (!value->is_real()) return wrong(name, "True or False");
  return value->kind == Kind::floating ? value->real != 0 : value->integer != 0;
}

Result<std::optional<std::int64_t>> FireValues::whole_or_none(std::string_view name) const {
  const PythonValue* value = get(name);
  if (!value || value->kind == Kind::none) return std::optional<std::int64_t>();
  if (value->kind != Kind::integer || !value->text.empty()) return wrong(name, "a whole number");
  return std::optional(value->integer);
}

Result<std::int64_t> FireValues::whole(std::string_view name, std::int64_t standard) const {
  auto value = whole_or_none(name);
  if (!value) return std::unexpected(value.error());
  return value->value_or(standard);
}

Result<double> FireValues::number(std::string_view name, double standard) const {
  const PythonValue* value = get(name);
  if (!value || value->kind == Kind::none) return standard;
  if (value->kind == Kind::integer) return static_cast<double>(value->integer);
  if (value->kind != Kind::floating || !std::isfinite(value->real)) return wrong(name, "a number");
  return value->real;
}

Result<std::optional<std::string>> FireValues::text_or_none(std::string_view name) const {
  const PythonValue* value = get(name);
  if (!value || value->kind == Kind::none) return std::optional<std::string>();
  if (value->kind == Kind::text) return std::optional(value->text);
  if (value->kind == Kind::integer) return std::optional(value->text.empty() ? std::to_string(value->integer) : value->text);
  if (value->kind == Kind::floating) return std::optional(python_repr(value->real));
  return wrong(name, "a text");
}

Result<std::string> FireValues::text(std::string_view name, std::string standard) const {
  auto value = text_or_none(name);
  if (!value) return std::unexpected(value.error());
  return value->value_or(std::move(standard));
}

Result<std::vector<std::string>> FireValues::texts(std::string_view name, std::vector<std::string> standard) const {
  const PythonValue* value = get(name);
  if (!value || value->kind == Kind::none) return standard;
  if (value->kind == Kind::text) {
    // `--keys a,b`: fire takes names with commas between them for a tuple.
    if (contains(value->text, ","))
      if (auto names = read_python_literal(with_quotes(value->text)); names && names->is_sequence() && all_texts(*names)) return texts_of(*names);
    return std::vector<std::string>{value->text};
  }
  if (!value->is_sequence()) return wrong(name, "a list of texts");
  if (!all_texts(*value)) return wrong(name, "a list of texts");
  return texts_of(*value);
}

}  // namespace assay::compat
