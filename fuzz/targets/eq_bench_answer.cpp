// A model's answer to an EQ-Bench question (benchmark/eq_bench): parsed in every language, scored by both formulas, accepted or not.
#include "base/text.h"
#include "benchmark/eq_bench/attempts.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  using namespace eq_bench;
  static const Question kQuestion = [] {
    Question question;
    question.id = "1";
    question.prompt = "?";
    Reference reference;
    reference.names = {"Relief", "Zorn", "\xE6\x80\x92\xE3\x82\x8A", "Calm"};
    for (std::size_t i = 0; i < 4; ++i) reference.lowered[i] = lower(reference.names[i]);
    reference.scores = {4, 3, 2, 1};
    question.reference = reference;
    reference.scores = {9, 5, 0, 2};
    question.fullscale = reference;
    return question;
  }();
  std::uint8_t bits = take_byte(input);
  Protocol protocol;
  protocol.version = bits & 1 ? 1 : 2;
  protocol.language = static_cast<Language>(bits >> 1 & 3);
  protocol.revise = bits & 8;
  protocol.strict = bits & 16;
  protocol.remove_marks = !(bits & 32);
  protocol.fold_case = !(bits & 64);
  ParsedAnswer parsed = parse_answer(input, protocol);
  for (const Answers* answers : {&parsed.first_pass, &parsed.revised}) {
    for (const Answer& answer : *answers) {
      REQUIRE(answer.span.begin <= answer.span.end && answer.span.end <= input.size());
      REQUIRE(!answer.digits.empty());
    }
  }
  Attempts attempts(kQuestion, protocol);
  while (!attempts.done()) attempts.give(input);
  for (const Attempt& attempt : attempts.all())
    for (const Score* score : {&attempt.scores.first_v1, &attempt.scores.first_v2})
      if (score->value) REQUIRE(*score->value <= 10.0 + 1e-9);
}

}  // namespace assay::fuzz
