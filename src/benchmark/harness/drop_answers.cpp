#include "benchmark/harness/drop_answers.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "base/words.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_row_functions.h"

namespace assay::harness {
namespace {

using row_functions::lacks;
using Bag = std::set<std::string, std::less<>>;

bool punctuation(char c) {
  return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

/// "a", "an" and "the" as whole words (\b of word characters) become a blank.
std::string without_articles(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view rest = text;
    std::size_t length = 0;
    while (!rest.empty()) {
      const std::size_t before = rest.size();
      if (!is_word(next_code_point(rest))) break;
      length += before - rest.size();
    }
    if (length == 0) {
      std::string_view next = text;
      next_code_point(next);
      length = text.size() - next.size();
      out += text.substr(0, length);
    } else {
      const std::string_view word = text.substr(0, length);
      if (word == "a" || word == "an" || word == "the")
        out += ' ';
      else
        out += word;
    }
    text.remove_prefix(length);
  }
  return out;
}

Bag bag_of(std::string_view normalised) {
  Bag out;
  for (std::string& word : split_words(normalised)) out.insert(std::move(word));
  return out;
}

double f1_of(const Bag& said, const Bag& wanted) {
  // Where the answer has numbers, one of them must be there.
  bool numbers = false, met = false;
  std::size_t common = 0;
  for (const std::string& word : wanted) {
    const bool there = said.contains(word);
    common += there;
    if (!python_float(word)) continue;
    numbers = true;
    met = met || there;
  }
  if (numbers && !met) return 0;
  const double precision = said.empty() ? 1.0 : static_cast<double>(common) / static_cast<double>(said.size());
  const double recall = wanted.empty() ? 1.0 : static_cast<double>(common) / static_cast<double>(wanted.size());
  return precision == 0 && recall == 0 ? 0.0 : 2 * precision * recall / (precision + recall);
}

Result<std::vector<std::string>> answer_of(const json::value* number, const json::value* spans, const json::value* date) {
  if (!number) return lacks("number", "text");
  if (!number->is_string() || !number->get_string().empty()) return std::vector<std::string>{python_str(python_value(*number))};
  if (!spans || !spans->is_array()) return lacks("spans", "list");
  std::vector<std::string> out;
  for (const json::value& span : spans->get_array()) out.push_back(python_str(python_value(span)));
  if (!out.empty()) return out;
  std::string text;
  for (const char* part : {"day", "month", "year"}) {
    auto value = date ? get_string(*date, part) : std::nullopt;
    if (!value) return lacks(part, "text");
    text += (text.empty() && part == std::string_view("day") ? "" : " ") + *value;
  }
  return std::vector<std::string>{std::string(strip(text))};
}

}  // namespace

Result<std::vector<std::vector<std::string>>> drop_answers(const json::object& row) {
  const json::value* own = row.if_contains("answer");
  if (!own || !own->is_object()) return lacks("answer", "mapping");
  const json::value* others = row.if_contains("validated_answers");
  if (!others || !others->is_object()) return lacks("validated_answers", "mapping");
  std::vector<std::vector<std::string>> out;
  auto add = [&](Result<std::vector<std::string>> answer) -> Result<void> {
    if (!answer) return fail(answer.error());
    if (std::find(out.begin(), out.end(), *answer) == out.end()) out.push_back(std::move(*answer));
    return {};
  };
  if (auto added = add(answer_of(find(*own, "number"), find(*own, "spans"), find(*own, "date"))); !added) return fail(added.error());
  const json::value *numbers = find(*others, "number"), *spans = find(*others, "spans"), *dates = find(*others, "date");
  if (!numbers || !numbers->is_array()) return lacks("validated_answers.number", "list");
  const std::size_t n = numbers->get_array().size();
  for (const json::value* list : {spans, dates})
    if (!list || !list->is_array() || list->get_array().size() < n) return lacks("validated_answers", "list of as many spans and dates as numbers in");
  for (std::size_t i = 0; i < n; ++i)
    if (auto added = add(answer_of(&numbers->get_array()[i], &spans->get_array()[i], &dates->get_array()[i])); !added) return fail(added.error());
  return out;
}

std::string drop_normalised(std::string_view text) {
  std::vector<std::string> kept;
  for (const std::string& part : split(replace_all(text, "-", " "), ' ')) {
    std::string token = lower(part);
    if (!python_float(token)) std::erase_if(token, punctuation);
    if (auto number = python_float(token)) token = python_repr(*number);
    token = join(split_words(without_articles(token)), " ");
    if (!token.empty()) kept.push_back(std::move(token));
  }
  return std::string(strip(join(kept, " ")));
}

DropScores drop_scores(std::string_view prediction, std::span<const std::vector<std::string>> answers) {
  const std::string said = drop_normalised(prediction);
  const Bag said_bag = bag_of(said);
  DropScores out;
  for (const std::vector<std::string>& answer : answers) {
    double best = 0;
    bool same = answer.size() == 1;
    for (const std::string& span : answer) {
      const std::string wanted = drop_normalised(span);
      same = same && wanted == said;
      best = std::max(best, f1_of(said_bag, bag_of(wanted)));
    }
    if (answer.empty() || strip(answer.front()).empty()) continue;
    // The mean over the spans, of which one was met; numpy rounds by scaling.
    const double f1 = std::nearbyint(best / static_cast<double>(answer.size()) * 100.0) / 100.0;
    out.em = std::max(out.em, same ? 1.0 : 0.0);
    out.f1 = std::max(out.f1, f1);
  }
  return out;
}

}  // namespace assay::harness
