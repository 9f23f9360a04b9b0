#include "benchmark/mixeval/judge_order.h"

#include "base/number.h"
#include "benchmark/mixeval/verdict.h"

namespace assay::mixeval {

void take_reply(Split split, std::optional<std::string> words, JudgeOutcome& outcome) {
  ++outcome.rounds;
  outcome.words = std::move(words);
  if (!outcome.words) return;
  if (split == Split::free_form) {
    auto score = parse_score(*outcome.words);
    outcome.accepted = score && score->accepted();
    if (outcome.accepted) outcome.score = score->value;
  } else if (auto option = parse_option(*outcome.words)) {
    outcome.accepted = true;
    outcome.option = option->letter;
  }
}

std::vector<Verdict> settle(Split split, const std::vector<JudgeOutcome>& outcomes, const std::vector<std::size_t>& options, PythonRandom& random) {
  const bool choice = split == Split::multiple_choice;
  auto draw = [&](std::size_t entry) { return option_letter(random.choice(options[entry])); };
  std::vector<Verdict> out;
  out.reserve(outcomes.size());
  for (int round = 1; round <= kJudgeRounds; ++round) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const JudgeOutcome& one = outcomes[i];
      if (one.rounds != round || !(one.accepted || one.blocked)) continue;
      Verdict verdict{.entry = i, .words = one.words, .blocked = one.blocked};
      if (one.blocked) {
        if (choice) {
          verdict.option = draw(i);
          verdict.words = "[[" + std::string(1, verdict.option) + "]]";
        } else {
          verdict.words = "[[0.0]]";
        }
      } else {
        verdict.option = one.option;
        verdict.score = one.score;
      }
      out.push_back(std::move(verdict));
    }
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const JudgeOutcome& one = outcomes[i];
    if (one.accepted || one.blocked) continue;
    Verdict verdict{.entry = i, .words = one.words, .random = true};
    if (choice)
      verdict.option = draw(i);
    else
      verdict.score = python_round(random.random(), 1);
    out.push_back(std::move(verdict));
  }
  return out;
}

}  // namespace assay::mixeval
