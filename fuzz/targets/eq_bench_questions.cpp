// Question files of EQ-Bench (benchmark/eq_bench/questions), official or a user's own.
#include <cmath>

#include "benchmark/eq_bench/questions.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto questions = eq_bench::read_questions(input, "questions.json");
  if (!questions) {
    REQUIRE(questions.error().kind == ErrorKind::data && questions.error().where.starts_with("questions.json"));
    return;
  }
  for (const eq_bench::Question& question : *questions)
    for (double score : question.reference.scores) REQUIRE(std::isfinite(score));
  eq_bench::version_by_count(questions->size());
}

}  // namespace assay::fuzz
