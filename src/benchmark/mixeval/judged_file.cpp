#include "benchmark/mixeval/judged_file.h"

#include <cmath>

#include "base/text.h"
#include "benchmark/mixeval/python_text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {
namespace {

std::string line_of(const json::object& line) {
  std::string out;
  append_json(out, line, JsonStyle::python);
  out += '\n';
  return out;
}

/// A number, or true for 1 and false for 0.
std::optional<double> number_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool() ? 1 : 0;
  return as_number(value);
}

}  // namespace

std::string judged_line(Split split, const StoredResponse& response, const std::optional<std::string>& cut, const Verdict& verdict) {
  json::object line = response.entry.fields;
  if (cut) line["response_extracted"] = *cut;
  line["judge_response"] = verdict.words ? json::value(*verdict.words) : json::value(nullptr);
  if (split == Split::free_form)
    line["judge_score"] = verdict.score;
  else
    line["judge_option"] = std::string(1, verdict.option);
  return line_of(line);
}

std::string rule_line(const StoredResponse& response, const std::vector<Normal>& parsed, bool right) {
  json::object line = response.entry.fields;
  json::array& list = line["parsed_result"].emplace_array();
  for (const Normal& one : parsed) {
    if (const double* number = std::get_if<double>(&one))
      list.emplace_back(*number);
    else
      list.emplace_back(std::get<std::string>(one));
  }
  line["eval_result"] = right;
  return line_of(line);
}

std::string rule_line(const StoredResponse& response, char parsed, bool right) {
  json::object line = response.entry.fields;
  line["parsed_result"] = std::string(1, parsed);
  line["eval_result"] = right;
  return line_of(line);
}

Result<std::vector<JudgedLine>> read_judged(std::string_view text, Split split, bool rule, const std::string& where) {
  // The rule parser of free-form answers may have found nan or inf, which Python writes and JSON lacks.
  auto lines = read_jsonl(text, where, JsonlRules::python);
  if (!lines) return std::unexpected(lines.error());
  if (lines->half_written) return std::unexpected(lines->half_written->error);
  std::vector<JudgedLine> out;
  out.reserve(lines->lines.size());
  for (JsonlLine& line : lines->lines) {
    std::string at = where + ":" + std::to_string(line.line);
    if (!line.value.is_object()) return fail(ErrorKind::data, "the line is no JSON object", at);
    JudgedLine one;
    one.fields = std::move(line.value.get_object());
    if (const json::value* id = one.fields.if_contains("id")) {
      one.id = python_text(*id);
      at += ", id " + shorten(one.id, 40);
    } else {
      one.id = "#" + std::to_string(out.size() + 1);
    }
    auto lacks = [&](const char* key) { return fail(ErrorKind::data, "the line has no \"" + std::string(key) + "\" that can be used", at); };
    const json::value* benchmark = one.fields.if_contains("benchmark_name");
    if (!benchmark) return lacks("benchmark_name");
    one.benchmark = python_text(*benchmark);
    if (const json::value* words = one.fields.if_contains("judge_response"); words && words->is_string()) one.words = std::string(words->get_string());
    if (rule) {
      const json::value* right = one.fields.if_contains("eval_result");
      if (!right || right->is_string() || right->is_structured()) return lacks("eval_result");
      one.value = number_of(*right).value_or(0) != 0 ? 1 : 0;  // as Python takes it for true
    } else if (split == Split::free_form) {
      const json::value* score = one.fields.if_contains("judge_score");
      auto number = score ? number_of(*score) : std::nullopt;
      if (!number || !std::isfinite(*number)) return lacks("judge_score");
      one.value = *number;
    } else {
      const json::value* option = one.fields.if_contains("judge_option");
      const json::value* target = one.fields.if_contains("target");
      if (!option) return lacks("judge_option");
      if (!target || !target->is_array() || target->get_array().empty() || !target->get_array()[0].is_int64()) return lacks("target");
      const std::int64_t right = target->get_array()[0].get_int64();
      if (right < 0 || right >= static_cast<std::int64_t>(kMostOptions)) return lacks("target");
      one.value = option->is_string() && std::string_view(option->get_string()) == std::string_view(std::string(1, option_letter(static_cast<std::size_t>(right)))) ? 1 : 0;
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Judged> judged_of(const std::vector<JudgedLine>& lines) {
  std::vector<Judged> out;
  out.reserve(lines.size());
  for (const JudgedLine& line : lines) out.push_back({line.benchmark, line.value});
  return out;
}

}  // namespace assay::mixeval
