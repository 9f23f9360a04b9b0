#include "cli/compat/eq_bench_console.h"

#include <set>

#include "base/number.h"
#include "base/text.h"
#include "prompt/jinja_value.h"

namespace assay::compat {
namespace {

std::string minutes(double seconds) { return python_repr(python_round(seconds / 60, 1)); }

/// What the two formulas print of an answer's passes, in the original's order: v1 of each pass, then v2 of each.
class Complaints {
 public:
  explicit Complaints(const json::value* reference) {
    if (reference && reference->is_object())
      for (const auto& member : reference->get_object()) wanted_.insert(lower(std::string_view(member.key())));
  }
  std::string of(const json::value& ask) {
    std::vector<const json::value*> passes{find(ask, "first_pass")};
    if (const json::value* revised = find(ask, "revised")) passes.push_back(revised);
    for (bool v2 : {false, true})
      for (const json::value* pass : passes)
        if (raises(pass, v2)) return out_;
    return out_ + (failed_ ? "Failed to parse scores\n" : "");
  }

 private:
  /// True when a text is no number: the original's exception, which ends the attempt.
  bool raises(const json::value* answers, bool v2) {
    static const json::object none;
    const json::object& all = answers && answers->is_object() ? answers->get_object() : none;
    if (all.size() != 4) return v2 ? false : fails("! Error: 4 emotions were not returned\n" + python_dict(answers));
    std::set<std::string> found;  // v1 tells names apart by their case, v2 does not
    for (const auto& member : all)
      if (std::string name = lower(std::string_view(member.key())); wanted_.contains(name)) found.insert(v2 ? std::move(name) : std::string(member.key()));
    if (found.size() != 4) return fails("! Error: emotions did not match reference\n" + python_dict(answers), v2);
    double total = 0;
    for (const auto& member : all) {
      const std::string_view digits = member.value().is_string() ? std::string_view(member.value().get_string()) : std::string_view();
      const std::optional<double> number = python_float(digits);
      if (!number) {
        out_ += "could not convert string to float: " + python_quoted(digits) + "\n";
        return true;
      }
      total += *number;
    }
    return total <= 0 && !v2 ? fails("Error: total of scores must be > 0\n" + python_dict(answers)) : false;
  }
  bool fails(const std::string& line, bool v2 = false) {
    out_ += line + "\n";
    failed_ = failed_ || !v2;
    return false;
  }

  std::set<std::string> wanted_;
  std::string out_;
  bool failed_ = false;
};

std::string score_lines(const SampleResult& sample, const std::string& version) {
  std::string out;
  for (const auto& [key, label] : {std::pair{"first_pass_", "first pass: "}, std::pair{"revised_", "revised: "}})
    if (const json::value* score = sample.values.if_contains(key + version))
      if (auto value = as_number(*score))
        out += label + (score->is_double() ? python_repr(python_round(*value, 1)) : write_json(*score)) + "\n";
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
      out += python_quoted(member.key()) + ": " + python_quoted(member.value().get_string());
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
      out += Complaints(reference).of(ask);  // v2 may refuse what v1 has accepted
      if (verbose) out += score_lines(sample, version);
      continue;
    }
    if (!text) {
      out += get_string(ask, "error").value_or("no text was returned") + "\n";
    } else {
      const std::string said = Complaints(reference).of(ask);
      out += said.empty() ? why + "\n" : said;
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
    return out + "Creative Writing Score: " + (figures.whole ? "0" : python_repr(figures.score.value_or(0))) + "\n" + line("Judge: ", wish.judge_model);
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
