#include "benchmark/eq_bench/aggregate.h"

#include "base/number.h"

namespace assay::eq_bench {

IterationScore score_iteration(std::span<const QuestionScore> questions) {
  IterationScore out;
  double first = 0, revised = 0;
  for (const QuestionScore& question : questions) {
    if (question.first_pass) {
      first += *question.first_pass;
      ++out.first_pass_parseable;
    }
    if (question.revised) {
      revised += *question.revised;
      ++out.revised_parseable;
    }
  }
  if (out.first_pass_parseable) out.first_pass = 100 * (first / static_cast<double>(out.first_pass_parseable) / 10);
  if (out.revised_parseable) out.revised = 100 * (revised / static_cast<double>(out.revised_parseable) / 10);
  out.final_is_revised = out.revised >= out.first_pass &&
                         static_cast<double>(out.revised_parseable) >= 0.95 * static_cast<double>(out.first_pass_parseable);
  return out;
}

RunScore score_run(std::span<const IterationScore> iterations, std::size_t divisor) {
  RunScore out;
  if (divisor == 0) return out;
  double score = 0, parseable = 0;
  for (std::size_t i = 0; i < iterations.size() && i < divisor; ++i) {
    score += iterations[i].final_score();
    parseable += static_cast<double>(iterations[i].final_parseable());
  }
  out.raw = score / static_cast<double>(divisor);
  out.score = round2(out.raw);
  out.parseable_raw = parseable / static_cast<double>(divisor);
  out.parseable = round2(out.parseable_raw);
  return out;
}

bool too_few_parseable(double parseable, std::size_t questions) {
  return questions > 0 && parseable / static_cast<double>(questions) < 0.8333;
}

std::string too_few_text(double parseable) {
  return python_repr(parseable) + " questions were parseable (min is 83%)";
}

}  // namespace assay::eq_bench
