#include "benchmark/mixeval/prompts.h"

#include <algorithm>

#include "base/text.h"

namespace assay::mixeval {
namespace {

constexpr std::string_view kChoose = "Answer with the option letter from the given choices directly.";
constexpr std::string_view kShort = "Answer the question shortly.";
constexpr std::string_view kSteps = "Answer the question. \nLet's think step by step.";

std::string_view instruction(const std::string& benchmark) {
  return benchmark == "BBH" || benchmark == "GSM8k" || benchmark == "MATH" ? kSteps : kShort;
}

}  // namespace

Result<JudgeTemplate> JudgeTemplate::parse(std::string system, std::string_view text, const std::vector<std::string>& holes, const std::string& where) {
  JudgeTemplate out;
  out.system_ = std::move(system);
  std::vector<bool> used(holes.size());
  std::size_t at = 0, from = 0;
  while (true) {
    const std::size_t begin = text.find("@@", from);
    const std::size_t end = begin == std::string_view::npos ? begin : text.find("@@", begin + 2);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    auto hole = std::find(holes.begin(), holes.end(), name);
    if (hole == holes.end()) {  // some text between two marks of other things
      from = begin + 1;
      continue;
    }
    const auto index = static_cast<std::size_t>(hole - holes.begin());
    used[index] = true;
    out.pieces_.push_back({std::string(text.substr(at, begin - at)), index});
    at = from = end + 2;
  }
  out.pieces_.push_back({std::string(text.substr(at)), kNone});
  for (std::size_t i = 0; i < holes.size(); ++i)
    if (!used[i]) return fail(ErrorKind::data, "the judge's prompt has no mark @@" + holes[i] + "@@", where);
  return out;
}

std::vector<Message> JudgeTemplate::fill(const std::vector<std::string>& values) const {
  std::string user;
  for (const Piece& piece : pieces_) {
    user += piece.text;
    if (piece.hole != kNone) user += values[piece.hole];
  }
  std::vector<Message> out(2);
  out[0].role = "system";
  out[0].content = system_;
  out[1].role = "user";
  out[1].content = std::move(user);
  return out;
}

Result<JudgeTemplate> judge_template(Split split, std::string_view text, const std::string& where) {
  if (split == Split::free_form) return JudgeTemplate::parse("In this task, I want you to act as a judge.", text, {"prompt", "gold_answers", "response"}, where);
  return JudgeTemplate::parse("In this task, I want you to act as an option extractor.", text, {"prompt", "options", "response"}, where);
}

Result<std::string> formatted_input(Split split, const Entry& entry) {
  std::string out;
  if (split == Split::free_form) {
    if (entry.benchmark_name == "QuAc")
      return fail(ErrorKind::unsupported, "the source benchmark QuAc has no prompt: the original refuses it too", "id " + shorten(entry.id, 40));
    const std::string_view how = instruction(entry.benchmark_name);
    out.reserve(entry.prompt.size() + (entry.context ? entry.context->size() : 0) + how.size() + 16);
    out += "Question: ";
    if (entry.context) {
      out += *entry.context;
      out += '\n';
    }
    out += entry.prompt;
    out += '\n';
    out += how;
    return out;
  }
  if (entry.context) {
    out += *entry.context;
    out += '\n';
  }
  out += entry.prompt;
  out += '\n';
  out += option_lines(entry.options);
  out += '\n';
  out += kChoose;
  return out;
}

std::string base_input(const PromptTexts& texts, Split split, std::string_view formatted) {
  std::string out;
  const std::string& prefix = texts.prefix(split);
  out.reserve(prefix.size() + formatted.size() + 1);
  out += prefix;
  out += formatted;
  out += '\n';
  return out;
}

std::vector<Message> judge_messages(const PromptTexts& texts, Split split, const Entry& entry, std::string_view response) {
  if (split == Split::multiple_choice) return texts.judge_multiple_choice.fill({entry.prompt, option_lines(entry.options), std::string(response)});
  std::string gold;
  for (std::size_t i = 0; i < entry.targets.size(); ++i) {
    if (i) gold += "; ";
    gold += "<answer " + std::to_string(i + 1) + "> " + entry.targets[i];
  }
  return texts.judge_free_form.fill({entry.prompt, std::move(gold), std::string(response)});
}

}  // namespace assay::mixeval
