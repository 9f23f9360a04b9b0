#include "benchmark/harness/yaml_filters.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ranges>

#include "base/python_case.h"
#include "base/text.h"
#include "benchmark/harness/yaml_patterns.h"

namespace assay::harness {

using Values = std::vector<PythonValue>;

/// One filter: from the values of a document to others.
struct FilterChain::Step {
  virtual ~Step() = default;
  virtual Result<Values> apply(Values values, const json::value& row) const = 0;
  virtual bool needs_text() const { return true; }
};

namespace {

bool is_text(const PythonValue& value) {
  return value.kind == PythonValue::Kind::text;
}

struct TakeFirst final : FilterChain::Step {  // what comes out is one value, which apply() sees to
  Result<Values> apply(Values values, const json::value&) const override {
    values.resize(1);
    return values;
  }
  bool needs_text() const override { return false; }
};

struct TakeFirstK final : FilterChain::Step {
  explicit TakeFirstK(std::size_t most) : k(most) {}
  std::size_t k;
  Result<Values> apply(Values values, const json::value&) const override {
    if (values.size() < k)
      return fail(
          ErrorKind::data,
          "take_first_k needs " + std::to_string(k) + " answers a document, and there are " + std::to_string(values.size()), "",
          "raise the task's repeats");
    values.resize(k);
    return values;
  }
};

struct MajorityVote final : FilterChain::Step {
  Result<Values> apply(Values values, const json::value&) const override {
    std::size_t best = 0, votes = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto n = static_cast<std::size_t>(std::count(values.begin(), values.end(), values[i]));
      if (n > votes) best = i, votes = n;  // of equals the one seen first
    }
    return Values{std::move(values[best])};
  }
};

/// strip, lower, upper: a function of the text.
struct Each final : FilterChain::Step {
  explicit Each(std::string (*with)(std::string_view)) : function(with) {}
  std::string (*function)(std::string_view);
  Result<Values> apply(Values values, const json::value&) const override {
    for (PythonValue& value : values) {
      if (!is_text(value)) return fail(ErrorKind::data, "a filter for texts got a value that is none");
      value.text = function(value.text);
    }
    return values;
  }
};

struct Mapping final : FilterChain::Step {
  PythonValue dict, otherwise;
  Result<Values> apply(Values values, const json::value&) const override {
    for (PythonValue& value : values) {
      const PythonValue* found = nullptr;
      for (std::size_t i = 0; i + 1 < dict.items.size() && !found; i += 2)
        if (dict.items[i] == value) found = &dict.items[i + 1];
      value = found ? *found : otherwise;
    }
    return values;
  }
};

struct Regex : FilterChain::Step {
  std::optional<PythonRegex> pattern;
  std::int64_t select = 0;
  PythonValue fallback;
  Result<Values> apply(Values values, const json::value&) const override {
    for (PythonValue& value : values) {
      const std::string text = is_text(value) ? std::move(value.text) : std::string();
      auto found = selected_match(*pattern, text, select);
      if (!found) return fail(found.error());
      if (*found) {
        value = PythonValue::of(std::move(**found));
        continue;
      }
      value = fallback;
      // Where the pattern matched and its groups are empty, the fallback is stripped as a match is.
      if (!is_text(fallback) || strip(fallback.text).size() == fallback.text.size()) continue;
      auto matches = pattern->find_all(text);
      if (!matches) return fail(matches.error());
      if (!matches->empty()) value = PythonValue::of(std::string(strip(fallback.text)));
    }
    return values;
  }
};

/// The pattern; else a choice's text in the answer; else a letter behind a colon.
struct MultiChoice final : Regex {
  bool ignore_case = false, ignore_punctuation = false;
  std::vector<PythonRegex> ignored;

  Result<std::string> normalised(std::string text) const {
    for (const PythonRegex& one : ignored) {
      auto rest = deleted(one, text);
      if (!rest) return rest;
      text = std::move(*rest);
    }
    if (ignore_case) text = lower(text);
    return ignore_punctuation ? without_punctuation(text) : text;
  }

  static Result<std::vector<std::string>> choices_of(const json::value& row) {
    const json::value* choices = row.is_object() ? row.get_object().if_contains("choices") : nullptr;
    std::vector<std::string> out;
    if (choices && choices->is_array()) {
      for (const json::value& choice : choices->get_array()) {
        if (!choice.is_string()) return fail(ErrorKind::data, "multi_choice_regex: a choice is no text");
        out.emplace_back(choice.get_string());
      }
    } else if (choices && choices->is_object()) {  // Python walks over a dict's keys
      for (const auto& [key, value] : choices->get_object()) out.emplace_back(key);
    } else {
      return fail(ErrorKind::data, "multi_choice_regex: the document has no list \"choices\"");
    }
    return out;
  }

  Result<Values> apply(Values values, const json::value& row) const override {
    auto choices = choices_of(row);
    if (!choices) return fail(choices.error());
    std::string texts, letters;
    std::vector<std::pair<std::string, std::string>> letter_of_text, letter_of_letter;
    char32_t next = U'A';
    for (const std::string& choice : *choices) {
      auto text = normalised(std::string(strip(choice)));
      if (!text) return fail(text.error());
      std::string letter;
      append_utf8(letter, next++);
      if (!letters.empty()) texts += '|', letters += '|';
      texts += escaped(*text);
      letters += letter;
      letter_of_text.emplace_back(std::move(*text), "(" + letter + ")");
      letter_of_letter.emplace_back(letter, "(" + letter + ")");
    }
    auto by_text = PythonRegex::compile(texts), by_letter = PythonRegex::compile(":[\\s]*(" + escaped_letters(letters) + ")");
    if (!by_text) return fail(by_text.error());
    if (!by_letter) return fail(by_letter.error());
    for (PythonValue& value : values) {
      const std::string answer = is_text(value) ? value.text : std::string();
      auto found = selected_match(*pattern, answer, select);
      if (found && (!*found || (*found)->empty())) {
        auto plain = normalised(answer);
        if (!plain) return fail(plain.error());
        found = looked_up(selected_match(*by_text, *plain, select), letter_of_text);
      }
      if (found && (!*found || (*found)->empty()))
        found = looked_up(selected_match(*by_letter, answer, select), letter_of_letter);
      if (!found) return fail(found.error());
      value = *found && !(*found)->empty() ? PythonValue::of(std::move(**found)) : fallback;
    }
    return values;
  }

 private:
  /// Beyond Z the letters are whatever characters follow, as the original has them.
  static std::string escaped_letters(const std::string& letters) {
    std::string out;
    for (char c : letters) out += c == '[' || c == '\\' || c == ']' || c == '^' ? std::string{'\\', c} : std::string(1, c);
    return out;
  }
  static Result<std::optional<std::string>> looked_up(Result<std::optional<std::string>> found,
                                                      const std::vector<std::pair<std::string, std::string>>& letters) {
    if (!found || !*found || (*found)->empty()) return found;
    for (const auto& [choice, letter] : std::views::reverse(letters))  // of choices alike the last one counts
      if (choice == **found) return std::optional<std::string>(letter);
    return found;
  }
};

std::string stripped(std::string_view text) {
  return std::string(strip(text));
}

Result<void> read_regex(Regex& step, Options& options) {
  auto pattern = options.text("regex_pattern", "#### (\\-?[0-9\\.\\,]+)");
  if (!pattern) return fail(pattern.error());
  auto compiled = options.pattern(*pattern);
  if (!compiled) return fail(compiled.error());
  step.pattern = std::move(*compiled);
  auto select = options.whole("group_select", 0);
  if (!select) return fail(select.error());
  step.select = *select;
  const PythonValue* fallback = options.value("fallback");
  step.fallback = fallback ? *fallback : PythonValue::of("[invalid]");
  return {};
}

Result<std::unique_ptr<const FilterChain::Step>> make_step(const FilterStep& config, const std::string& what) {
  if (config.python)
    return fail(ErrorKind::unsupported,
                what + " needs the Python function " + config.python->name + " of " + config.python->file);
  Options options(config.options, what);
  std::unique_ptr<FilterChain::Step> out;
  if (config.function == "take_first") {
    out = std::make_unique<TakeFirst>();
  } else if (config.function == "take_first_k") {
    auto k = options.whole("k", 0);
    if (!k) return fail(k.error());
    if (*k < 1) return fail(ErrorKind::usage, what + ": k must be at least 1");
    out = std::make_unique<TakeFirstK>(static_cast<std::size_t>(*k));
  } else if (config.function == "majority_vote") {
    out = std::make_unique<MajorityVote>();
  } else if (config.function == "remove_whitespace") {
    out = std::make_unique<Each>(stripped);
  } else if (config.function == "lowercase") {
    out = std::make_unique<Each>(lower);
  } else if (config.function == "uppercase") {
    out = std::make_unique<Each>(upper);
  } else if (config.function == "map") {
    auto mapping = std::make_unique<Mapping>();
    const PythonValue* dict = options.value("mapping_dict");
    if (dict && dict->kind != PythonValue::Kind::dict) return fail(ErrorKind::usage, what + ": mapping_dict must be a mapping");
    if (dict) mapping->dict = *dict;
    if (const PythonValue* otherwise = options.value("default_value")) mapping->otherwise = *otherwise;
    out = std::move(mapping);
  } else if (config.function == "regex") {
    auto regex = std::make_unique<Regex>();
    if (auto read = read_regex(*regex, options); !read) return fail(read.error());
    out = std::move(regex);
  } else if (config.function == "multi_choice_regex") {
    auto regex = std::make_unique<MultiChoice>();
    if (auto read = read_regex(*regex, options); !read) return fail(read.error());
    auto letter_case = options.flag("ignore_case"), punctuation = options.flag("ignore_punctuation");
    if (!letter_case) return fail(letter_case.error());
    if (!punctuation) return fail(punctuation.error());
    auto ignored = options.patterns("regexes_to_ignore");
    if (!ignored) return fail(ignored.error());
    regex->ignore_case = *letter_case;
    regex->ignore_punctuation = *punctuation;
    regex->ignored = std::move(*ignored);
    out = std::move(regex);
  } else {
    return fail(
        ErrorKind::unsupported, what + ": there is no filter of that name here", "",
        "regex, multi_choice_regex, take_first, take_first_k, majority_vote, map, lowercase, uppercase or remove_whitespace");
  }
  if (auto done = options.done(); !done) return fail(done.error());
  return std::unique_ptr<const FilterChain::Step>(std::move(out));
}

}  // namespace

FilterChain::FilterChain() = default;
FilterChain::~FilterChain() = default;
FilterChain::FilterChain(FilterChain&&) noexcept = default;
FilterChain& FilterChain::operator=(FilterChain&&) noexcept = default;

FilterChain FilterChain::plain() {
  FilterChain out;
  out.name_ = "none";
  out.steps_.push_back(std::make_unique<TakeFirst>());
  return out;
}

Result<FilterChain> FilterChain::make(const FilterConfig& config, std::string_view file) {
  FilterChain out;
  out.name_ = config.name;
  for (const FilterStep& step : config.steps) {
    const std::string what = "filter " + step.function + " in \"" + config.name + "\" of " + std::string(file);
    if (out.takes_one()) return fail(ErrorKind::unsupported, what + " stands behind take_first, which leaves nothing to filter");
    auto made = make_step(step, what);
    if (!made) return fail(made.error());
    out.steps_.push_back(std::move(*made));
  }
  return out;
}

bool FilterChain::takes_one() const {
  return !steps_.empty() && dynamic_cast<const TakeFirst*>(steps_.back().get()) != nullptr;
}

bool FilterChain::needs_text() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const auto& step) { return step->needs_text(); });
}

Result<PythonValue> FilterChain::apply(std::span<const std::string> answers, const json::value& row) const {
  Values values;
  for (const std::string& answer : answers) values.push_back(PythonValue::of(answer));
  if (values.empty()) return fail(ErrorKind::data, "there is no answer to filter");
  for (const auto& step : steps_) {
    auto next = step->apply(std::move(values), row);
    if (!next) return fail(next.error());
    values = std::move(*next);
  }
  if (takes_one()) return std::move(values.front());
  return PythonValue::list_of(std::move(values));
}

Result<std::vector<FilterChain>> filter_chains(const TaskConfig& task) {
  std::vector<FilterChain> out;
  for (const FilterConfig& config : task.filters) {
    auto chain = FilterChain::make(config, task.file.empty() ? task.task : task.file);
    if (!chain) return fail(chain.error());
    // Of two chains of one name the later counts, at the place of the first.
    auto known = std::find_if(out.begin(), out.end(), [&](const FilterChain& c) { return c.name() == chain->name(); });
    if (known != out.end())
      *known = std::move(*chain);
    else
      out.push_back(std::move(*chain));
  }
  if (out.empty()) out.push_back(FilterChain::plain());
  return out;
}

}  // namespace assay::harness
