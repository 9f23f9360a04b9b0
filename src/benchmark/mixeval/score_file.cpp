#include "benchmark/mixeval/score_file.h"

#include "base/number.h"
#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/mixeval/python_text.h"

namespace assay::mixeval {

json::object to_json(const Scores& scores) {
  json::object out;
  for (const auto& [name, score] : scores) out[name] = score;
  return out;
}

std::string score_text(const Scores& scores) { return indented_json(to_json(scores)) + "\n"; }

Result<std::string> scores_text(const std::vector<std::pair<std::string, Scores>>& models, const std::string& existing) {
  json::object all;
  if (!existing.empty()) {
    auto old = is_valid_utf8(existing) ? read_python_json(existing) : Result<PythonValue>(PythonValue());
    json::value document = old ? to_json(*old) : json::value();
    if (!document.is_object()) return fail(ErrorKind::data, "the file should hold the scores of other models, and cannot be read", "", "mend it or move it away: it would be replaced");
    all = std::move(document.get_object());
  }
  for (const auto& [model, scores] : models) all[model] = to_json(scores);
  return indented_json(all) + "\n";
}

std::string score_table(const Scores& scores) {
  std::vector<std::pair<std::string, std::string>> rows{{"Split", "Score"}};
  for (const auto& [name, score] : scores) rows.emplace_back(name, python_repr(score));
  std::size_t left = 0, right = 0;
  for (const auto& [name, score] : rows) {
    left = std::max(left, display_width(name));
    right = std::max(right, display_width(score));
  }
  const std::string rule = "+" + std::string(left + 2, '-') + "+" + std::string(right + 2, '-') + "+\n";
  auto centred = [](const std::string& text, std::size_t width) {
    // As the table library of the original does: a spare blank goes to the right of texts of odd length, else to the left.
    const std::size_t spare = width - display_width(text), before = spare / 2 + (spare % 2 && display_width(text) % 2 == 0 ? 1 : 0);
    return " " + std::string(before, ' ') + text + std::string(spare - before, ' ') + " ";
  };
  std::string out = rule;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += "|" + centred(rows[i].first, left) + "|" + centred(rows[i].second, right) + "|\n";
    if (i == 0) out += rule;
  }
  return out + rule;
}

}  // namespace assay::mixeval
