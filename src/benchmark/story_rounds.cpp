#include "benchmark/story_rounds.h"

#include <algorithm>

#include "base/text.h"

namespace assay::story {

Result<Protocol> make_protocol(std::string_view program, std::string_view engine) {
  static const std::vector<std::string> engines{"openai", "transformers", "ooba", "llama.cpp", "anthropic", "mistralai", "gemini"};
  if (std::find(engines.begin(), engines.end(), engine) == engines.end()) {
    std::vector<std::string> near = did_you_mean(engine, engines);
    return fail(ErrorKind::usage, "option engine=" + shorten(engine, 40) + " is no engine of the original", {},
                near.empty() ? "there are: " + join(engines, ", ") : "did you mean " + near.front() + "?");
  }
  Protocol out;
  const bool local = engine == "transformers" || engine == "ooba";
  out.program = program;
  if (program == "2.4") {
    if (local) {
      out.writer_temperature = 1.0;
      out.writer_limit = 1.5;
      out.min_p = 0.1;
    }
  } else if (program == "2.3") {
    out.writer_temperature = 0.5;
    out.judge_temperature = 0;
    out.remove_marks = false;
    out.negatives = Negatives::v2_3;
  } else {
    return fail(ErrorKind::usage, "option program=" + shorten(program, 20) + " is not a release that is reproduced", {},
                "there are: 2.4, 2.3");
  }
  return out;
}

Rounds::Rounds(const Protocol& protocol, std::optional<std::string> given)
    : protocol_(protocol), given_(std::move(given)), judge_temperature_(protocol.judge_temperature) {
  begin_round();
}

void Rounds::begin_round() {
  tries_ = 0;
  if (!given_) {
    side_ = Side::writer;
    writer_temperature_ = protocol_.writer_temperature;
    story_.clear();
    return;
  }
  story_ = *given_;
  side_ = Side::judge;
  if (count_code_points(story_) < kShortest) end_ = End::no_story;
}

void Rounds::end_round() {
  if (round_ == kRounds) {
    end_ = End::no_judgement;
    return;
  }
  ++round_;
  begin_round();
}

const Ask& Rounds::give(std::optional<std::string_view> text) {
  Ask ask;
  ask.side = side_;
  ask.round = round_;
  ask.temperature = temperature();
  if (text) ask.text = strip(*text);
  ask.has_text = !ask.text.empty();
  ++tries_;
  if (side_ == Side::writer) {
    const std::size_t length = count_code_points(ask.text);
    if (length >= kShortest) {
      story_ = ask.text;
      story_ask_ = all_.size();
      side_ = Side::judge;
      tries_ = 0;
    } else {
      ask.why = ask.has_text ? std::to_string(length) + " characters are too few for a story (" + std::to_string(kShortest) + " are needed)"
                             : "no text came";
      writer_temperature_ = std::min(writer_temperature_ + 0.1, protocol_.writer_limit);
      if (tries_ == kStoryTries) end_ = End::no_story;
    }
    all_.push_back(std::move(ask));
    return all_.back();
  }
  bool round_over = false;
  if (ask.has_text) {
    Judgement judgement = read_judgement(ask.text, protocol_.remove_marks);
    ask.scores = std::move(judgement.scores);
    ask.spans = std::move(judgement.spans);
    ask.stored = std::move(judgement.text);
    if (!ask.scores.empty()) {
      ask.used = true;
      if (story_ask_) all_[*story_ask_].used = true;
      end_ = End::judged;
    } else {
      ask.why = "no score can be read from the judge's words";
      judge_temperature_ += 0.2;
      round_over = true;
    }
  } else {
    ask.why = "no text came";
    round_over = tries_ == kJudgeTries;
    if (round_over && text) judge_temperature_ += 0.2;  // the original looks for scores in the blank text, too
  }
  all_.push_back(std::move(ask));
  if (round_over) end_round();
  return all_.back();
}

}  // namespace assay::story
