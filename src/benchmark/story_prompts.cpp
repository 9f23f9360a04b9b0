#include "benchmark/story_prompts.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/text.h"

namespace assay::story {
namespace {

constexpr std::string_view kWriterPrefix = "You are a talented creative writer of compelling, original prose.\n\n";
constexpr std::string_view kJudgePrefix = "Now, rate the supplied model output on the following criteria:";

/// Left out with the prompts of version 1, compared as whole texts.
constexpr std::array<std::string_view, 7> kIgnored{
    "Appropriate Length",
    "Unearned Resolution: Characters' disagreements or tensions are too quickly or easily resolved, without exploring the depth or "
    "implications of the conflict.",
    "Melodramatic",
    "Clever / Witty",
    "Gripping",
    "Effective Use of Tropes: If applicable, common narrative tropes are employed thoughtfully and subverted, deconstructed, or used "
    "in service of the story's themes and character",
    "Correct Spelling & Grammar"};

constexpr std::array<std::string_view, 5> kHoles{"{writing_prompt}", "{reference_output}", "{test_model_response}", "{prefix_text}",
                                                 "{criteria}"};

}  // namespace

std::string writing_prompt(const StoryPrompt& prompt, int iteration) {
  const std::string& seed = prompt.seeds[static_cast<std::size_t>(std::max(iteration, 1) - 1) % prompt.seeds.size()];
  return replace_all(std::string(kWriterPrefix) + prompt.writing_prompt, "<SEED>", seed);
}

std::vector<std::string> asked_criteria(const StoryPrompt& prompt, bool first_set) {
  std::vector<std::string> out;
  for (const std::string& criterion : std::views::reverse(prompt.criteria))
    if (!first_set || std::find(kIgnored.begin(), kIgnored.end(), criterion) == kIgnored.end()) out.push_back(criterion);
  return out;
}

Result<JudgeTemplate> JudgeTemplate::parse(std::string text, std::string_view where) {
  JudgeTemplate out;
  out.text_ = std::move(text);
  std::array<bool, kHoles.size()> seen{};
  for (std::size_t at = 0; (at = out.text_.find('{', at)) != std::string::npos;) {
    std::size_t h = 0;
    while (h < kHoles.size() && std::string_view(out.text_).substr(at, kHoles[h].size()) != kHoles[h]) ++h;
    if (h == kHoles.size()) {
      ++at;
      continue;
    }
    seen[h] = true;
    out.pieces_.push_back({out.rest_, at, static_cast<Hole>(h)});
    out.rest_ = at += kHoles[h].size();
  }
  for (Hole needed : {Hole::writing_prompt, Hole::story, Hole::criteria})
    if (!seen[static_cast<std::size_t>(needed)])
      return fail(ErrorKind::data, "the judge's prompt has no " + std::string(kHoles[static_cast<std::size_t>(needed)]), std::string(where),
                  "see docs/formats/creative-writing.md");
  return out;
}

std::string JudgeTemplate::fill(std::string_view writing_prompt, std::string_view reference, std::string_view story,
                                const std::vector<std::string>& criteria) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out.append(text_, piece.begin, piece.end - piece.begin);
    switch (piece.hole) {
      case Hole::writing_prompt:
        out += writing_prompt;
        break;
      case Hole::reference:
        out += reference;
        break;
      case Hole::story:
        out += story;
        break;
      case Hole::prefix:
        out += kJudgePrefix;
        break;
      case Hole::criteria:
        out += join(criteria, "\n");
        break;
    }
  }
  return out.append(text_, rest_);
}

}  // namespace assay::story
