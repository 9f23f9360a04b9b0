#include "base/python_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/python_yaml_scalar.h"
#include "base/python_yaml_simple.h"
#include "base/python_yaml_text.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMostValues = 1'000'000, kMostText = std::size_t{64} << 20;
constexpr int kMostLevels = 64;

/// What a reader throws: the position is the library's, the sentence ours.
struct Refusal {
  std::string what;
  YAML::Mark mark;
};

YAML::Mark mark_of(std::string_view source, std::size_t at) {
  YAML::Mark mark;
  mark.pos = static_cast<int>(at);
  mark.line = static_cast<int>(std::ranges::count(source.substr(0, at), '\n'));
  mark.column = static_cast<int>(at - (source.substr(0, at).rfind('\n') + 1));
  return mark;
}

/// The same but for blanks.
bool same_words(std::string_view one, std::string_view other) {
  constexpr std::string_view kBlank = " \t\n";
  auto next = [&](std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(kBlank));
    text.remove_prefix(word.size());
    return word;
  };
  while (!one.empty() || !other.empty())
    if (next(one) != next(other)) return false;
  return true;
}

int depth_of(const PythonValue& value) {
  int deepest = 0;
  for (const PythonValue& item : value.items) deepest = std::max(deepest, depth_of(item) + 1);
  return deepest;
}

/// Builds the value while the library reads, without its own tree in between.
class Builder final : public YAML::EventHandler {
 public:
  /// `source` as the library reads it: marks count its bytes.
  Builder(std::string_view source, std::string_view function_tag) : source_(source), function_tag_(function_tag) {}

  PythonValue take() { return std::move(result_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // At a comma that no bracket holds the library gives empty documents without end.
    if (started_ && start_.pos == mark.pos) throw Refusal{"nothing can begin like this", mark};
    if (started_) throw Refusal{"there are several documents", mark};
    started_ = true;
    start_ = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (!open_.empty()) {
      // To the library these are None, too. A key that stands alone is often the rest of a text that was meant to go on.
      const Open& top = open_.back();
      const bool list = top.value.kind == PythonValue::Kind::list;
      if (!list && !top.flow && top.key && top.key_mark.pos == mark.pos) throw Refusal{"no colon follows this key", mark};
      if (list && top.flow && source_.substr(offset(mark)).starts_with(',')) throw Refusal{"nothing stands before this comma", mark};
    }
    count(mark, 0, 1, 0);
    keep(anchor, PythonValue(), values_ - 1, text_);
    add(PythonValue(), mark, false);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto it = anchored_.find(anchor);
    if (it == anchored_.end()) throw Refusal{"a value cannot hold itself", mark};
    count(mark, it->second.depth, it->second.values, it->second.text);
    add(it->second.value, mark, it->second.quoted);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
    const std::optional<std::string> own = own_text(mark, text);
    const std::string& found = own ? *own : text;
    count(mark, 0, 1, found.size());
    PythonValue value = scalar(mark, tag, found);
    keep(anchor, value, values_ - 1, text_ - found.size(), tag == "!");
    add(std::move(value), mark, tag == "!");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, PythonValue::Kind::list, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, PythonValue::Kind::dict, style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    PythonValue value;
    std::size_t values_before = 0, text_before = 0;
    bool flow = false;  // in brackets or braces
    int column = 0;     // of its keys or dashes, where it is not
    // Of a mapping:
    std::optional<PythonValue> key{};
    YAML::Mark key_mark{};
    bool key_quoted = false;
    std::vector<PythonValue> merged{};
  };
  struct Anchored {
    PythonValue value;
    std::size_t values = 0, text = 0;
    int depth = 0;
    bool quoted = false;
  };

  void count(const YAML::Mark& mark, int depth, std::size_t values, std::size_t text) {
    if (static_cast<int>(open_.size()) + depth > kMostLevels) throw Refusal{"nested too deep", mark};
    values_ += values;
    text_ += text;
    if (values_ > kMostValues) throw Refusal{"too many values", mark};
    if (text_ > kMostText) throw Refusal{"too much text", mark};
  }

  /// An alias counts as much as what it stands for, so that a few lines cannot become a flood.
  void keep(YAML::anchor_t anchor, const PythonValue& value, std::size_t values_before, std::size_t text_before, bool quoted = false) {
    if (anchor == 0) return;
    kept_ += values_ - values_before;  // anchors in anchors each keep a copy
    if (kept_ > kMostValues) throw Refusal{"too many values", YAML::Mark::null_mark()};
    anchored_.insert_or_assign(anchor, Anchored{value, values_ - values_before, text_ - text_before, depth_of(value), quoted});
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, PythonValue::Kind kind, bool flow) {
    const std::string own_tag = std::string(kStandard) + (kind == PythonValue::Kind::list ? "seq" : "map");
    if (!tag.empty() && tag != "?" && tag != "!" && tag != own_tag) not_understood(tag, mark);
    count(mark, 0, 1, 0);
    Open one;
    one.mark = mark;
    one.anchor = anchor;
    one.flow = flow;
    if (!flow) one.column = column_of_first(mark);
    one.value.kind = kind;
    one.values_before = values_ - 1;
    one.text_before = text_;
    open_.push_back(std::move(one));
  }

  void close() {
    Open one = std::move(open_.back());
    open_.pop_back();
    if (!one.merged.empty()) {
      // What is merged in comes first, and what the mapping says itself wins.
      one.merged.push_back(std::exchange(one.value, PythonValue()));
      one.value.kind = PythonValue::Kind::dict;
      for (PythonValue& part : one.merged)
        for (std::size_t i = 0; i + 1 < part.items.size(); i += 2) put(one.value, std::move(part.items[i]), std::move(part.items[i + 1]));
    }
    keep(one.anchor, one.value, one.values_before, one.text_before);
    add(std::move(one.value), one.mark, false);
  }

  void add(PythonValue value, const YAML::Mark& mark, bool quoted) {
    if (open_.empty()) {
      result_ = std::move(value);
      return;
    }
    Open& top = open_.back();
    if (top.value.kind == PythonValue::Kind::list) {
      top.value.items.push_back(std::move(value));
      return;
    }
    if (!top.key) {
      top.key = std::move(value);
      top.key_mark = mark;
      top.key_quoted = quoted;
      return;
    }
    PythonValue key = std::move(*top.key);
    top.key.reset();
    if (key.kind == PythonValue::Kind::text && key.text == "<<" && !top.key_quoted) {
      merge(top, std::move(value), mark);
      return;
    }
    if (!is_hashable(key)) throw Refusal{"a list or a mapping cannot be a key", top.key_mark};
    put(top.value, std::move(key), std::move(value));
  }

  static void merge(Open& into, PythonValue content, const YAML::Mark& mark) {
    if (content.kind == PythonValue::Kind::dict) {
      into.merged.push_back(std::move(content));
      return;
    }
    if (content.kind != PythonValue::Kind::list) throw Refusal{"<< takes a mapping", mark};
    for (const PythonValue& item : content.items)
      if (item.kind != PythonValue::Kind::dict) throw Refusal{"<< takes mappings", mark};
    // Of a list the first wins, of several << the last.
    into.merged.insert(into.merged.end(), std::make_move_iterator(content.items.rbegin()), std::make_move_iterator(content.items.rend()));
  }

  PythonValue scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) const {
    if (tag == "?" || tag.empty()) return plain_yaml_scalar(text);
    const bool standard = tag.starts_with(kStandard);
    const std::string_view type = standard ? std::string_view(tag).substr(kStandard.size()) : std::string_view();
    if (tag == "!" || type == "str") return PythonValue::of(valid_utf8(text));
    if (type == "null") return {};
    if (!function_tag_.empty() && tag == function_tag_) {
      PythonValue named;
      named.kind = PythonValue::Kind::dict;
      named.items = {PythonValue::of(std::string(function_tag_)), PythonValue::of(valid_utf8(text))};
      return named;
    }
    PythonValue out = plain_yaml_scalar(text);
    if ((type == "int" && out.kind == PythonValue::Kind::integer) || (type == "bool" && out.kind == PythonValue::Kind::boolean) ||
        (type == "float" && out.kind == PythonValue::Kind::floating))
      return out;
    if (type == "float")
      if (auto number = python_float(text)) return PythonValue::of(*number);
    not_understood(tag, mark);
  }
  [[noreturn]] static void not_understood(const std::string& tag, const YAML::Mark& mark) {
    throw Refusal{"the tag \"" + shorten(valid_utf8(tag), 60) + "\" is not understood", mark};
  }

  /// What PyYAML takes a quoted text or a block for; none for plain words.
  std::optional<std::string> own_text(const YAML::Mark& mark, const std::string& text) const {
    const bool flow = !open_.empty() && open_.back().flow;
    std::size_t at = offset(mark);
    while (stands(at, "&!")) at = find_not(" \t", find(flow ? " \t\n,[]{}" : " \t\n", at));
    const bool quoted = stands(at, "\"'"), block = !flow && stands(at, "|>");
    if (!quoted && !block) return plain_without_line_ends(mark, text);
    YamlText own = quoted ? quoted_yaml_text(source_, at) : block_yaml_text(source_, at, open_.empty() ? -1 : open_.back().column);
    if (!own.wrong.empty()) throw Refusal{own.wrong, mark_of(source_, own.place)};
    if (block && !same_words(own.text, text)) throw Refusal{"it is not clear where this block ends", mark_of(source_, at)};
    return std::move(own.text);
  }

  /// U+2028 and U+2029 end lines, too: at the end of a word they are gone.
  static std::optional<std::string> plain_without_line_ends(const YAML::Mark& mark, const std::string& text) {
    if (!contains(text, "\xE2\x80\xA8") && !contains(text, "\xE2\x80\xA9")) return std::nullopt;
    std::string_view rest = text;
    while (rest.ends_with("\xE2\x80\xA8") || rest.ends_with("\xE2\x80\xA9")) {
      rest.remove_suffix(3);
      rest = rest.substr(0, rest.find_last_not_of(" \t") + 1);
    }
    if (contains(rest, "\xE2\x80\xA8") || contains(rest, "\xE2\x80\xA9")) throw Refusal{"a word with the end of a line (U+2028 or U+2029) in it wants quotes", mark};
    return std::string(rest);
  }

  /// Where the first key or dash of a mapping or a list stands.
  int column_of_first(const YAML::Mark& mark) const {
    // What it bears as a whole, an anchor say, stands in a line before; in the same line it is the first key's.
    std::size_t begin = offset(mark);
    for (std::size_t at = begin; stands(at, "&!#");) {
      const std::size_t behind = find(source_[at] == '#' ? "\n" : " \t\n", at);
      at = find_not(" \t\n", behind);
      if (contains(source_.substr(behind, at - behind), "\n")) begin = at;
    }
    return static_cast<int>(begin - (source_.substr(0, begin).rfind('\n') + 1));
  }

  std::size_t offset(const YAML::Mark& mark) const { return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), source_.size()); }
  bool stands(std::size_t at, std::string_view characters) const { return at < source_.size() && characters.find(source_[at]) != std::string_view::npos; }
  std::size_t find(std::string_view characters, std::size_t at) const { return std::min(source_.find_first_of(characters, at), source_.size()); }
  std::size_t find_not(std::string_view characters, std::size_t at) const { return std::min(source_.find_first_not_of(characters, at), source_.size()); }

  static void put(PythonValue& dict, PythonValue key, PythonValue content) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
      if (dict.items[i] == key) {
        dict.items[i + 1] = std::move(content);
        return;
      }
    dict.items.push_back(std::move(key));
    dict.items.push_back(std::move(content));
  }

  static constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  std::string_view source_, function_tag_;
  bool started_ = false;
  YAML::Mark start_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  PythonValue result_;
  std::size_t values_ = 0, text_ = 0, kept_ = 0;
};

}  // namespace

Result<PythonValue> read_python_yaml(std::string_view text, std::string_view where, std::string_view function_tag) {
  if (auto simple = read_simple_yaml(text, function_tag)) return std::move(*simple);
  return read_any_yaml(text, where, function_tag);
}

Result<PythonValue> read_any_yaml(std::string_view text, std::string_view where, std::string_view function_tag) {
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
  const std::string source = yaml_source(text);
  if (const std::size_t at = forbidden_in_yaml(source); at != std::string::npos) return wrong("a character that YAML does not allow", mark_of(source, at));
  try {
    std::istringstream stream{source};
    YAML::Parser parser(stream);
    Builder builder(source, function_tag);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refusal& refusal) {
    return wrong(refusal.what, refusal.mark);
  } catch (const YAML::Exception& problem) {
    return wrong(shorten(valid_utf8(problem.msg), 200), problem.mark);
  } catch (const std::exception& problem) {  // what the library itself did not foresee
    return wrong(shorten(valid_utf8(problem.what()), 200), YAML::Mark::null_mark());
  }
}

}  // namespace assay
