#include "benchmark/eq_bench/attempts.h"

#include "base/text.h"

namespace assay::eq_bench {

Scores score_answer(const ParsedAnswer& answer, const Question& question, const Protocol& protocol) {
  const Names names = protocol.fold_case ? Names::fold_case : Names::exact;
  // The formula that counts is shown term by term.
  const bool terms_v1 = protocol.version == 1 && !protocol.strict, terms_v2 = protocol.version == 2;
  Scores out;
  out.first_v1 = score_v1(answer.first_pass, question.reference, names, false, terms_v1);
  if (protocol.revise) out.revised_v1 = score_v1(answer.revised, question.reference, names, false, terms_v1);
  if (question.fullscale) {
    out.first_v2 = score_v2(answer.first_pass, *question.fullscale, names, terms_v2);
    if (protocol.revise) out.revised_v2 = score_v2(answer.revised, *question.fullscale, names, terms_v2);
  }
  if (protocol.version == 1) {
    out.first_v1_strict = score_v1(answer.first_pass, question.reference, names, true, protocol.strict);
    if (protocol.revise) out.revised_v1_strict = score_v1(answer.revised, question.reference, names, true, protocol.strict);
  }
  return out;
}

const Attempt& Attempts::give(std::optional<std::string_view> text) {
  Attempt attempt;
  attempt.temperature = temperature_;
  if (text) attempt.text = std::string(strip(*text));
  attempt.has_text = !attempt.text.empty();
  if (!attempt.has_text) {
    attempt.why = "no text came";
  } else {
    attempt.parsed = parse_answer(attempt.text, protocol_);
    attempt.scores = score_answer(attempt.parsed, question_, protocol_);
    const Scores& s = attempt.scores;
    const bool first = s.first_v1.value.has_value(), revised = s.revised_v1.value.has_value();
    if (s.error()) {
      for (const Score* score : {&s.first_v1, &s.revised_v1, &s.first_v2, &s.revised_v2})
        if (score->error && attempt.why.empty()) attempt.why = score->why;
    } else if (first && (revised || !protocol_.revise)) {
      attempt.accepted = true;
    } else {
      attempt.partial = protocol_.revise && (first || revised);
      attempt.why = first ? "revised scores: " + s.revised_v1.why : (protocol_.revise ? "first pass: " : "") + s.first_v1.why;
    }
  }
  accepted_ = attempt.accepted;
  temperature_ += 0.15;
  all_.push_back(std::move(attempt));
  return all_.back();
}

std::optional<std::size_t> Attempts::stored() const {
  if (accepted_) return all_.size() - 1;
  if (!done()) return std::nullopt;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (all_[i].partial) return i;
  return std::nullopt;
}

}  // namespace assay::eq_bench
