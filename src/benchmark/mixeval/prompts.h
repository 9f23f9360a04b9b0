// What models and judges are asked. The longer texts are the user's data (the pack's files "prompts/..."), never part of the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/entry.h"
#include "model/request.h"

namespace assay::mixeval {

/// A judge's messages with the holes they have, as literal pieces between substitutions.
class JudgeTemplate {
 public:
  /// `text` holds @@name@@ marks; `data` error for a name that is not among `holes`, and for a hole that does not occur.
  static Result<JudgeTemplate> parse(std::string system, std::string_view text, const std::vector<std::string>& holes, const std::string& where);
  /// `values`: one a hole, in the order given to parse(). Inserted text is never scanned again.
  std::vector<Message> fill(const std::vector<std::string>& values) const;

 private:
  struct Piece {
    std::string text;       // literal in front of
    std::size_t hole = 0;   // index of the value; kNone at the end
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string system_;
  std::vector<Piece> pieces_;
};

struct PromptTexts {
  std::string prefix_free_form, prefix_multiple_choice;  // five examples, in front of what base models are asked
  JudgeTemplate judge_free_form, judge_multiple_choice;
  const std::string& prefix(Split split) const { return split == Split::free_form ? prefix_free_form : prefix_multiple_choice; }
};
/// A judge's template from the pack's text for the split, with the original's system message.
Result<JudgeTemplate> judge_template(Split split, std::string_view text, const std::string& where);

/// What the original calls `formated_input`. `unsupported` for the source benchmark QuAc, as in the original.
Result<std::string> formatted_input(Split split, const Entry& entry);
/// Raw text for base models: five examples, the question, a line end.
std::string base_input(const PromptTexts& texts, Split split, std::string_view formatted);

/// The judge sees neither context nor instruction; of a multiple-choice question it extracts the letter, without knowing the right one.
std::vector<Message> judge_messages(const PromptTexts& texts, Split split, const Entry& entry, std::string_view response);

}  // namespace assay::mixeval
