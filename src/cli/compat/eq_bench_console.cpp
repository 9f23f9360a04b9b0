#include "cli/compat/eq_bench_console.h"

#include <set>

#include "base/number.h"
#include "base/text.h"

namespace assay::compat {
namespace {

/// repr() of a Python text, as far as names and numbers need it.
std::string python_text(std::string_view text) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (char c : text) {
    if (c == '\\' || c == quote) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\x";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out + quote;
}

std::string minutes(double seconds) { return python_repr(python_round(seconds / 60, 1)); }

/// What the scoring of one pass says about the names and numbers that were found.
std::string complaint(const json::value* answers, const json::value* reference, bool v2) {
  const std::size_t n = answers && answers->is_object() ? answers->get_object().size() : 0;
  if (n != 4) return "! Error: 4 emotions were not returned\n" + python_dict(answers) + "\n";
  std::set<std::string> wanted, found;
  if (reference && reference->is_object())
    for (const auto& member : reference->get_object()) wanted.insert(lower(std::string_view(member.key())));
  for (const auto& member : answers->get_object())
    if (std::string name = lower(std::string_view(member.key())); wanted.contains(name)) found.insert(std::move(name));
  if (found.size() != 4) {
    std::string once = "! Error: emotions did not match reference\n" + python_dict(answers) + "\n";
    return v2 ? once + once : once;  // both formulas look
  }
  double total = 0;
  for (const auto& member : answers->get_object())
    total += member.value().is_string() ? python_float(std::string_view(member.value().get_string())).value_or(0) : 0;
  if (total <= 0) return "Error: total of scores must be > 0\n" + python_dict(answers) + "\n";
  return "";
}

std::string score_lines(const SampleResult& sample, const std::string& version) {
  std::string out;
  for (const auto& [key, label] : {std::pair{"first_pass_", "first pass: "}, std::pair{"revised_", "revised: "}})
    if (const json::value* score = sample.values.if_contains(key + version))
      if (auto value = as_number(*score)) out += label + python_repr(python_round(*value, 1)) + "\n";
  return out;
}

std::string line(std::string_view label, std::string_view value) { return std::string(label) + std::string(value) + "\n"; }

}  // namespace

std::string python_dict(const json::value* object) {
  std::string out = "{";
  if (object && object->is_object())
    for (const auto& member : object->get_object()) {
      if (!member.value().is_string()) continue;
      if (out.size() > 1) out += ", ";
      out += python_text(member.key()) + ": " + python_text(member.value().get_string());
    }
  return out + "}";
}

std::string row_heading(const BenchmarkRow& row, std::size_t number, std::size_t of) {
  std::string out = "--------------\nRunning benchmark " + std::to_string(number) + " of " + std::to_string(of) + "\n\n" + row.model_path + "\n";
  if (!row.lora_path.empty()) out += row.lora_path + "\n";
  return out + "--------------\n";
}

std::string iteration_line(int iteration, int of) { return "Iteration " + std::to_string(iteration) + " of " + std::to_string(of) + "\n"; }

std::string question_lines(const SampleResult& sample, const std::string& version, bool verbose) {
  if (sample.evidence.contains("held")) return verbose ? "Question " + sample.sample + " already complete\n" : "";
  const json::value* asks = sample.evidence.if_contains("asks");
  if (!asks || !asks->is_array()) return "";
  const json::value* reference = sample.evidence.if_contains("reference");
  const json::array& list = asks->get_array();
  std::string out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const json::value& ask = list[i];
    const std::optional<std::string> text = get_string(ask, "text");
    if (verbose && text) out += "\n" + *text + "\n________________\n";
    const std::string why = get_string(ask, "why").value_or("");
    if (why.empty() && text) {
      if (verbose) out += score_lines(sample, version);
      continue;
    }
    if (!text) {
      out += get_string(ask, "error").value_or("no text was returned") + "\n";
    } else {
      std::string said = complaint(find(ask, "first_pass"), reference, version == "v2");
      if (const json::value* revised = find(ask, "revised")) said += complaint(revised, reference, version == "v2");
      // A number that is none: the original's exception takes the place of its usual sentence.
      out += said + (said.empty() ? why + "\n" : "Failed to parse scores\n");
    }
    // A stored partial answer is the last thing said; the original retries only while attempts are left.
    if (i + 1 < list.size()) out += "Retrying...\n";
  }
  return out;
}

std::string complete_lines(const RunWish& wish, std::string_view completed, double seconds, const RunFigures& figures, const json::value* judgemark) {
  const BenchmarkRow& row = wish.row;
  std::string out = "----" + std::string(name(wish.type)) + " Benchmark Complete----\n" + std::string(completed) + "\nTime taken: " + minutes(seconds) + " mins\n";
  if (wish.type != BenchmarkType::judgemark) {
    out += line("Prompt Format: ", row.instruction_template) + line("Model: ", row.model_path);
    if (!row.lora_path.empty()) out += line("Lora: ", row.lora_path);
  }
  if (wish.type == BenchmarkType::eq_bench) {
    out += wish.version + "\nScore (" + wish.version + wish.language_suffix() + "): " + python_repr(figures.score.value_or(0)) + "\n";
    return out + "Parseable: " + python_repr(figures.parseable.value_or(0)) + "\n";
  }
  if (wish.type == BenchmarkType::creative_writing)
    return out + "Creative Writing Score: " + python_repr(figures.score.value_or(0)) + "\n" + line("Judge: ", wish.judge_model);
  out += line("Judge: ", wish.judge_model) + "Final Judgemark Benchmark Results:\n";
  auto number = [&](std::string_view label, const json::value* value) {
    if (auto n = value ? as_number(*value) : std::nullopt) out += line(label, python_repr(round2(*n)));
  };
  if (judgemark) {
    number("Mean Score: ", find(*judgemark, "mean_score"));
    number("Std. Dev.: ", find(*judgemark, "std_dev"));
    number("Judgemark Score: ", find_path(*judgemark, {"extended_metrics", "Judgemark"}));
  }
  return out;
}

std::string failed_lines(const RunWish& wish, std::string_view completed) {
  std::string out = "! " + std::string(name(wish.type)) + " Benchmark Failed\n" + std::string(completed) + "\n";
  if (wish.type == BenchmarkType::judgemark) return out;
  out += line("Prompt Format: ", wish.row.instruction_template) + line("Model: ", wish.row.model_path);
  if (!wish.row.lora_path.empty()) out += line("Lora: ", wish.row.lora_path);
  return out;
}

std::string batch_lines(double seconds) {
  return "---------------\nBatch completed\nTime taken: " + minutes(seconds) + " mins\n---------------\n";
}

}  // namespace assay::compat
