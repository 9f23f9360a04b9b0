#include "benchmark/harness/truthfulqa.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

#include "benchmark/harness/rows.h"

namespace assay::harness {
namespace {

struct Targets {
  std::vector<std::string> choices;
  std::vector<std::int64_t> labels;
};

Result<Targets> targets_of(const json::value& row, std::string_view key, const std::string& where) {
  const json::value* value = find(row, key);
  if (!value || !value->is_object()) return fail(ErrorKind::data, "\"" + std::string(key) + "\" must be there and an object", where);
  Targets out;
  auto label = [&](const json::value& v) -> Result<void> {
    auto number = as_number(v);
    if (!number || (*number != 0 && *number != 1)) return fail(ErrorKind::data, "labels in \"" + std::string(key) + "\" must be 0 or 1", where);
    out.labels.push_back(static_cast<std::int64_t>(*number));
    return {};
  };
  const json::value* listed = find(*value, "choices");
  if (listed && listed->is_array()) {
    auto texts = texts_of(listed, std::string(key) + ".choices", where);
    if (!texts) return fail(texts.error());
    out.choices = std::move(*texts);
    const json::value* labels = find(*value, "labels");
    if (!labels || !labels->is_array() || labels->get_array().size() != out.choices.size())
      return fail(ErrorKind::data, "\"" + std::string(key) + ".labels\" must have one label a choice", where);
    for (const json::value& one : labels->get_array())
      if (auto taken = label(one); !taken) return fail(taken.error());
  } else {
    for (const auto& [choice, one] : value->get_object()) {
      out.choices.emplace_back(choice);
      if (auto taken = label(one); !taken) return fail(taken.error());
    }
  }
  if (out.choices.empty()) return fail(ErrorKind::data, "\"" + std::string(key) + "\" holds no choices", where);
  return out;
}

}  // namespace

Result<Documents> read_truthfulqa(std::string_view text, std::string_view where) {
  Documents out;
  auto read = for_each_row(text, where, [&](const json::value& row, std::size_t number, const std::string& place) -> Result<void> {
    auto question = text_member(row, "question", place);
    if (!question) return fail(question.error());
    auto mc1 = targets_of(row, "mc1_targets", place);
    if (!mc1) return fail(mc1.error());
    auto mc2 = targets_of(row, "mc2_targets", place);
    if (!mc2) return fail(mc2.error());
    auto first_false = std::find(mc2->labels.begin(), mc2->labels.end(), 0);
    if (first_false == mc2->labels.end()) return fail(ErrorKind::data, "\"mc2_targets\" has no false answer", place);
    Document document{.row = number, .query = "Q: " + *question + "\nA:", .choices = std::move(mc1->choices), .gold = 0};
    document.mc1 = document.choices.size();
    document.truths = static_cast<std::size_t>(first_false - mc2->labels.begin());
    for (std::string& choice : mc2->choices) document.choices.push_back(std::move(choice));
    out.push_back(std::move(document));
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

}  // namespace assay::harness
