#include "benchmark/eq_bench/questions.h"

#include <cmath>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"

namespace assay::eq_bench {
namespace {

constexpr std::size_t kMaxQuestions = 1'000'000;
constexpr std::size_t kMaxPrompt = std::size_t{1} << 20;
constexpr std::size_t kMaxName = 200;

/// Where the question's value begins, for people: the parser keeps no positions, so the key is looked for in the text.
std::string position_of(std::string_view text, std::string_view id) {
  std::string quoted = "\"" + std::string(id) + "\"";
  for (std::size_t at = text.find(quoted); at != std::string_view::npos; at = text.find(quoted, at + 1)) {
    std::size_t next = text.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next == std::string_view::npos || text[next] != ':') continue;
    next = text.find_first_not_of(" \t\r\n", next + 1);
    if (next == std::string_view::npos || text[next] == '"') continue;  // an inner member of that name
    std::string_view before = text.substr(0, at);
    std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    std::size_t start = before.rfind('\n');
    std::size_t column = at - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  return {};
}

/// The first thing wrong with a reference, or "".
std::string read_reference(const json::value& value, const std::string& key, Reference& out) {
  if (!value.is_object()) return key + " is not an object";
  for (std::size_t i = 0; i < 4; ++i) {
    std::string emotion = "emotion" + std::to_string(i + 1);
    auto name = get_string(value, emotion);
    if (!name || name->empty()) return key + "." + emotion + " is missing or not a text";
    if (name->size() > kMaxName) return key + "." + emotion + " is longer than " + std::to_string(kMaxName) + " bytes";
    out.names[i] = *name;
    out.lowered[i] = lower(*name);
    for (std::size_t k = 0; k < i; ++k)
      if (out.lowered[k] == out.lowered[i]) return key + "." + emotion + " repeats the name of emotion" + std::to_string(k + 1);
    const json::value* score = find(value, emotion + "_score");
    if (!score) return key + "." + emotion + "_score is missing";
    std::optional<double> number = as_number(*score);
    if (!number && score->is_string()) number = python_float(std::string_view(score->get_string()));
    if (!number || !std::isfinite(*number)) return key + "." + emotion + "_score is not a number";
    out.scores[i] = *number;
  }
  return {};
}

std::string read_question(const json::value& value, Question& out) {
  if (!value.is_object()) return "is not an object";
  auto prompt = get_string(value, "prompt");
  if (!prompt || prompt->empty()) return "prompt is missing or not a text";
  if (prompt->size() > kMaxPrompt) return "prompt is longer than 1 MiB";
  out.prompt = std::move(*prompt);
  const json::value* reference = find(value, "reference_answer");
  if (!reference) return "reference_answer is missing";
  if (std::string wrong = read_reference(*reference, "reference_answer", out.reference); !wrong.empty()) return wrong;
  if (const json::value* fullscale = find(value, "reference_answer_fullscale"); fullscale && !fullscale->is_null()) {
    Reference read;
    if (std::string wrong = read_reference(*fullscale, "reference_answer_fullscale", read); !wrong.empty()) return wrong;
    out.fullscale = std::move(read);
  }
  return {};
}

}  // namespace

Result<std::vector<Question>> read_questions(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  const json::object* object = root->if_object();
  const std::string hint =
      "expected {\"ID\": {\"prompt\", \"reference_answer\", \"reference_answer_fullscale\"}, ...}; see docs/formats/eq-bench.md";
  if (!object) return fail(ErrorKind::data, "the question file is not a JSON object", std::string(where), hint);
  if (object->empty()) return fail(ErrorKind::data, "the question file holds no question", std::string(where), hint);
  if (object->size() > kMaxQuestions)
    return fail(ErrorKind::data, "the question file holds more than a million questions", std::string(where));
  std::vector<Question> questions;
  questions.reserve(object->size());
  for (const auto& member : *object) {
    Question question;
    question.id = std::string(member.key());
    std::string wrong = question.id.empty() ? "the id is empty" : read_question(member.value(), question);
    if (!wrong.empty())
      return fail(ErrorKind::data, "question \"" + shorten(question.id, 40) + "\": " + wrong,
                  std::string(where) + position_of(text, question.id), hint);
    questions.push_back(std::move(question));
  }
  return questions;
}

std::string version_by_count(std::size_t questions) {
  return questions == 60 ? "1" : "2";
}

}  // namespace assay::eq_bench
