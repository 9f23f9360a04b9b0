// What is sent: the writing prompt to the writer, the judging prompt to the judge. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/story_prompt_set.h"

namespace assay::story {

/// For iteration 1, 2, ...: the seed modifiers take turns.
std::string writing_prompt(const StoryPrompt& prompt, int iteration);

/// The criteria a judge is asked for: those of all sets, last one first. `first_set`: without the seven that the original leaves
/// out with the prompts of version 1.
std::vector<std::string> asked_criteria(const StoryPrompt& prompt, bool first_set);

/// A judge's prompt with five holes: {writing_prompt} {reference_output} {test_model_response} {prefix_text} {criteria}.
class JudgeTemplate {
 public:
  /// `data` error naming the hole that is missing (writing_prompt, test_model_response or criteria).
  static Result<JudgeTemplate> parse(std::string text, std::string_view where);
  /// Filled in one pass: what is put in is not looked at again, whatever braces it has.
  std::string fill(std::string_view writing_prompt, std::string_view reference, std::string_view story,
                   const std::vector<std::string>& criteria) const;
  const std::string& text() const { return text_; }

 private:
  enum class Hole { writing_prompt, reference, story, prefix, criteria };
  struct Piece {
    std::size_t begin = 0, end = 0;  // text before the hole
    Hole hole = Hole::story;
  };
  std::string text_;
  std::vector<Piece> pieces_;
  std::size_t rest_ = 0;
};

}  // namespace assay::story
