// Filters that lay text out, count in it, replace in it or encode it.
#include <algorithm>

#include "base/python_case.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

std::int64_t whole(JinjaArguments& arguments, std::size_t index, const char* name, std::int64_t fallback) {
  const JinjaValue* value = arguments.get(index, name);
  return value && value->is_integer() ? std::clamp<std::int64_t>(value->whole(), 0, 1'000'000) : fallback;
}

std::string text_or(JinjaArguments& arguments, std::size_t index, const char* name, const char* fallback) {
  const JinjaValue* value = arguments.get(index, name);
  return value && value->is_string() ? value->text() : fallback;
}

std::string first_points(const std::string& text, std::int64_t points) {
  return text.substr(0, offset_of_code_point(text, static_cast<std::size_t>(std::max<std::int64_t>(points, 0))));
}

bool yes(JinjaArguments& arguments, std::size_t index, const char* name) {
  const JinjaValue* value = arguments.get(index, name);
  return value && value->truthy();
}

JinjaValue truncate(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  std::int64_t length = whole(arguments, 0, "length", 255), leeway = whole(arguments, 3, "leeway", 5);
  const JinjaValue* kill = arguments.get(1, "killwords");
  if (value.is_undefined()) return JinjaValue::string("");
  if (!value.is_string()) return run.fail("truncate needs a text, not " + std::string(value.type_name()));
  std::string end = text_or(arguments, 2, "end", "..."), text = value.text();
  if (!run.spend(text.size() / 16)) return {};
  if (static_cast<std::int64_t>(count_code_points(text)) <= length + leeway) return JinjaValue::string(std::move(text));
  auto tail = static_cast<std::int64_t>(count_code_points(end));
  if (length < tail) return run.fail("truncate: the length is less than that of the end");
  std::string kept = first_points(text, length - tail);
  if (!kill || !kill->truthy())
    if (std::size_t blank = kept.rfind(' '); blank != std::string::npos) kept.resize(blank);
  return JinjaValue::string(kept + end);
}

JinjaValue center(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  JinjaArguments width;
  width.positional.push_back(JinjaValue::integer(whole(arguments, 0, "width", 80)));
  return jinja_method(JinjaValue::string(value.str()), "center").function().call(run, width);
}

// Python's textwrap.wrap of each line, without expanding tabs or touching white space inside.
JinjaValue wordwrap(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  auto width = static_cast<std::size_t>(std::max<std::int64_t>(whole(arguments, 0, "width", 79), 1));
  const JinjaValue* breaks = arguments.get(1, "break_long_words");
  bool break_long = !breaks || breaks->truthy();
  std::string between = text_or(arguments, 2, "wrapstring", "\n"), text = value.str(), out;
  if (!run.spend(text.size())) return {};
  if (text.find('-') != std::string::npos || text.find('\t') != std::string::npos)
    return run.unsupported("wordwrap of text with hyphens or tabs is not supported");
  bool first_line = true;
  for (std::string_view line : split_lines(text)) {
    if (!first_line) out += between;
    first_line = false;
    std::vector<std::string> chunks;  // words, and the blanks between them
    while (!line.empty()) {
      bool blank = line[0] == ' ';
      std::size_t end = 0;
      while (end < line.size() && (line[end] == ' ') == blank) ++end;
      chunks.emplace_back(line.substr(0, end));
      line.remove_prefix(end);
    }
    bool first_row = true;
    for (std::size_t at = 0; at < chunks.size();) {
      if (!first_row && chunks[at][0] == ' ') ++at;
      if (at == chunks.size()) break;
      std::string row;
      std::size_t used = 0;
      for (; at < chunks.size(); ++at) {
        std::size_t points = count_code_points(chunks[at]);
        if (used + points > width) break;
        row += chunks[at];
        used += points;
      }
      if (at < chunks.size() && count_code_points(chunks[at]) > width) {
        std::size_t space = width - used;
        if (break_long && space > 0) {
          std::size_t cut = offset_of_code_point(chunks[at], space);
          row += chunks[at].substr(0, cut);
          chunks[at].erase(0, cut);
        } else if (row.empty()) {
          row = chunks[at++];
        }
      }
      while (row.ends_with(' ')) row.pop_back();
      if (row.empty()) continue;
      if (!first_row) out += between;
      first_row = false;
      out += row;
      if (!run.fits(out.size())) return {};
    }
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue striptags(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  std::string text = value.str(), plain;
  if (!run.spend(text.size() / 16)) return {};
  for (std::size_t at = 0; at < text.size();) {
    std::size_t open = text.find('<', at);
    bool comment = open != std::string::npos && text.compare(open, 4, "<!--") == 0;
    std::size_t close = open == std::string::npos ? open : comment ? text.find("-->", open) : text.find('>', open);
    plain += text.substr(at, (close == std::string::npos ? text.size() : open) - at);
    at = close == std::string::npos ? text.size() : close + (comment ? 3 : 1);
  }
  std::string out;
  bool gap = false;
  for (std::string_view rest = plain; !rest.empty();) {
    char32_t c = next_code_point(rest);
    if (is_space(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    append_utf8(out, c);
  }
  for (auto [entity, character] : {std::pair("&lt;", "<"), std::pair("&gt;", ">"), std::pair("&#34;", "\""),
                                   std::pair("&quot;", "\""), std::pair("&#39;", "'"), std::pair("&amp;", "&")})
    out = replace_all(out, entity, character);
  return JinjaValue::string(std::move(out));
}

std::string percent_encoded(std::string_view text, bool query) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("_.-~").find(c) != std::string_view::npos;
    if (plain || (!query && c == '/')) {
      out += c;
    } else if (query && c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

JinjaValue urlencode(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  if (!value.is_dict() && !value.is_list()) return JinjaValue::string(percent_encoded(value.str(), false));
  std::string out;
  auto add = [&](const JinjaValue& key, const JinjaValue& item) {
    out += (out.empty() ? "" : "&") + percent_encoded(key.str(), true) + "=" + percent_encoded(item.str(), true);
  };
  if (value.is_dict()) {
    for (const auto& [key, item] : value.entries().entries) add(key, item);
  } else {
    for (const JinjaValue& pair : value.items().items) {
      if (!pair.is_list() || pair.items().items.size() != 2) return run.fail("urlencode needs pairs");
      add(pair.items().items[0], pair.items().items[1]);
    }
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue indented(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue* width = arguments.get(0, "width");
  std::string prefix =
      width && width->is_string()
          ? width->text()
          : std::string(
                static_cast<std::size_t>(width && width->is_integer() ? std::clamp<std::int64_t>(width->whole(), 0, 1000) : 4),
                ' ');
  bool first = yes(arguments, 1, "first"), blank = yes(arguments, 2, "blank");
  if (!value.is_string()) return run.fail("indent needs a text, not " + std::string(value.type_name()));
  if (width && !width->is_string() && !width->is_integer()) return run.fail("indent needs a whole number or a text");
  std::string out;
  std::vector<std::string> lines = python_lines(value.text() + "\n", false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    if ((i > 0 || first) && (blank || !lines[i].empty() || (i == 0 && first))) out += prefix;
    out += lines[i];
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

// Not str.title(): a word begins behind white space, a hyphen or an opening bracket, and nowhere else.
JinjaValue titled(JinjaRun&, const JinjaValue& value, JinjaArguments&) {
  std::string out, word, text = value.str();
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view before = rest;
    char32_t c = next_code_point(rest);
    std::string_view character = before.substr(0, before.size() - rest.size());
    bool separates = is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    if (!separates) word += character;
    if (separates || rest.empty()) {
      std::string_view tail = word;
      if (!tail.empty()) {
        next_code_point(tail);
        out += upper(std::string_view(word).substr(0, word.size() - tail.size())) + lower(tail);
      }
      word.clear();
    }
    if (separates) out += character;
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue wordcount(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  std::string text = value.str();
  std::int64_t words = 0;
  bool inside = false;
  if (!run.spend(text.size() / 16)) return {};
  for (std::string_view rest = text; !rest.empty();) {
    bool word = is_word(next_code_point(rest));
    if (word && !inside) ++words;
    inside = word;
  }
  return JinjaValue::integer(words);
}

// What re.sub puts in a match's place: \1 and \g<1> are groups. Groups by their name are not known here.
void append_replacement(JinjaRun& run, std::string& out, std::string_view by, const Match& match, std::string_view text) {
  for (std::size_t i = 0; i < by.size() && !run.failed(); ++i) {
    if (by[i] != '\\') {
      out += by[i];
      continue;
    }
    char c = ++i < by.size() ? by[i] : '\0';
    auto digit = [&](std::size_t at) { return at < by.size() && by[at] >= '0' && by[at] <= '9'; };
    static constexpr std::string_view kLetters = "abfnrtv\\", kMeant = "\a\b\f\n\r\t\v\\";
    if (std::size_t letter = kLetters.find(c); c != '\0' && letter != std::string_view::npos) {
      out += kMeant[letter];
    } else if (digit(i) || c == 'g') {
      std::size_t group = 0, end = i;
      if (c == 'g') {
        end = by.find('>', i);
        std::string name(by.substr(std::min(i + 2, by.size()), end == std::string_view::npos ? 0 : end - std::min(i + 2, end)));
        if (name.empty() || name.size() > 3 || name.find_first_not_of("0123456789") != std::string::npos) {
          run.unsupported("a group by its name in regex_replace's replacement is not supported");
          return;
        }
        group = static_cast<std::size_t>(std::stoi(name));
      } else if (c == '0' || (digit(i + 1) && digit(i + 2))) {
        run.unsupported("a character by its number in regex_replace's replacement is not supported");
      } else {
        if (digit(i + 1)) ++end;
        group = static_cast<std::size_t>(std::stoi(std::string(by.substr(i, end - i + 1))));
      }
      i = end;
      if (group >= match.groups.size()) {
        run.fail("regex_replace's replacement names a group that the pattern does not have");
      } else {
        out += match.text(text, group);
      }
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\0') {
      run.fail("regex_replace's replacement holds an escape that Python does not know");
    } else {
      out += '\\';
      out += c;
    }
  }
}

// The harness's own filter: Python's re.sub.
JinjaValue regex_replace(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *pattern = arguments.get(0, "pattern"), *by = arguments.get(1, "repl"), *count = arguments.get(2, "count");
  if (!pattern || !pattern->is_string() || !by || !by->is_string() || !value.is_string())
    return run.fail("regex_replace needs a text, a pattern and what comes in its place");
  auto regex = PythonRegex::compile(pattern->text());
  if (!regex) return run.fail(regex.error().message);
  const std::string& text = value.text();
  auto matches = regex->find_all(text);
  if (!matches) return run.fail(matches.error().message);
  std::int64_t left = count && count->is_integer() && count->whole() > 0 ? count->whole() : -1;
  std::string out;
  std::size_t at = 0;
  for (const Match& match : *matches) {
    if (left-- == 0) break;
    out += text.substr(at, match.groups[0].begin - at);
    append_replacement(run, out, by->text(), match, text);
    at = match.groups[0].end;
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(out + text.substr(at));
}

}  // namespace

const JinjaMethodTable& jinja_text_filters() {
  static const JinjaMethodTable table = {
      {"truncate", truncate}, {"center", center}, {"wordwrap", wordwrap}, {"striptags", striptags}, {"urlencode", urlencode},
      {"indent", indented},     {"title", titled},   {"wordcount", wordcount}, {"regex_replace", regex_replace}};
  return table;
}

}  // namespace assay
