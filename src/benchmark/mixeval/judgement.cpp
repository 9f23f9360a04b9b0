#include "benchmark/mixeval/judgement.h"

#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/verdict.h"

namespace assay::mixeval {
namespace {

json::string text(std::string_view t) { return json::string(t.data(), t.size()); }

void add_reference(Split split, const Entry& entry, SampleResult& out) {
  if (split == Split::multiple_choice) {
    out.evidence["reference"] = std::string(1, option_letter(entry.answer)) + (entry.answer < entry.options.size() ? ". " + entry.options[entry.answer] : "");
  } else {
    out.evidence["reference"] = join(entry.targets, "; ");
  }
  out.evidence["benchmark_name"] = entry.benchmark_name;
}

json::object ask_of(const Answer& answer) {
  json::object ask{{"text", answer.text}};
  if (answer.held)
    ask["held"] = true;
  else
    ask["finish"] = text(name(answer.finish));
  if (!answer.reasoning.empty()) ask["reasoning"] = answer.reasoning;
  return ask;
}

json::object ask_of(Split split, const Reply& reply) {
  json::object ask{{"role", text(judge_role(split))}};
  if (!reply.error.empty()) ask["error"] = reply.error;
  if (!reply.text) return ask;
  ask["text"] = *reply.text;
  ask["finish"] = text(name(reply.finish));
  std::optional<VerdictSpan> span;
  if (split == Split::free_form) {
    auto score = parse_score(*reply.text);
    if (score) span = score->span, ask["score"] = score->value;
    ask["accepted"] = score && score->accepted();
  } else {
    auto option = parse_option(*reply.text);
    if (option) span = option->span, ask["option"] = std::string(1, option->letter);
    ask["accepted"] = option.has_value();
  }
  if (span) ask["spans"] = json::array{json::array{span->begin, span->end}};
  return ask;
}

void parse_by_rule(Split split, const Entry& entry, std::string_view judged, SampleResult& out) {
  if (split == Split::multiple_choice) {
    if (auto option = find_option(judged, entry.options)) {
      out.outcome = Outcome::scored;
      out.values["score"] = *option == entry.answer ? 1.0 : 0.0;
      out.values["option"] = *option;
      out.evidence["parsed"] = std::string(1, option_letter(*option));
    } else {
      out.reason = "no option can be read from the answer";
    }
    return;
  }
  const std::vector<Normal> parsed = parse_answer(judged);
  json::array& list = out.evidence["parsed"].emplace_array();
  for (const Normal& one : parsed) {
    if (const double* number = std::get_if<double>(&one))
      list.emplace_back(*number);
    else
      list.emplace_back(std::get<std::string>(one));
  }
  out.outcome = Outcome::scored;
  out.values["score"] = answer_matches(parsed, entry.targets) ? 1.0 : 0.0;
}

std::optional<double> number(const SampleResult& sample, std::string_view key) {
  const json::value* value = sample.values.if_contains(key);
  return value ? as_number(*value) : std::nullopt;
}

}  // namespace

std::string sample_id(Split split, std::string_view id) { return std::string(short_name(split)) + ":" + std::string(id); }

SampleResult sample_result(Split split, const Entry& entry, const Settings& settings, const Answer& answer, const std::vector<Reply>& replies,
                           const std::optional<JudgeOutcome>& outcome) {
  SampleResult out;
  out.sample = sample_id(split, entry.id);
  out.outcome = answer.finish == Finish::length ? Outcome::truncated : Outcome::unparseable;
  out.cut = answer.finish == Finish::length;
  json::array asks;
  asks.emplace_back(ask_of(answer));
  for (const Reply& reply : replies) asks.emplace_back(ask_of(split, reply));
  out.evidence["asks"] = std::move(asks);
  add_reference(split, entry, out);
  std::string_view judged = answer.text;
  if (settings.extract && settings.kind == Kind::base) {
    judged = cut_base_output(split, answer.text);
    if (judged.size() != answer.text.size()) out.evidence["judged_part"] = text(judged);
  }
  if (settings.inference_only) {
    out.outcome = Outcome::scored;
    out.values["answered"] = 1;
    return out;
  }
  if (!outcome) {
    parse_by_rule(split, entry, judged, out);
  } else {
    out.values["judge_calls"] = outcome->rounds;
    if (outcome->blocked) {
      out.values["blocked"] = 1;
      out.reason = "the judge refused to judge the answer";
    } else if (outcome->accepted) {
      out.outcome = Outcome::scored;
      if (split == Split::free_form) {
        out.values["score"] = outcome->score;
      } else {
        out.values["score"] = outcome->option == option_letter(entry.answer) ? 1.0 : 0.0;
        out.values["option"] = outcome->option - 'A';
      }
    } else {
      out.reason = "none of the judge's " + std::to_string(outcome->rounds) + " replies holds a verdict";
    }
  }
  if (out.outcome != Outcome::scored) out.cut = false;
  return out;
}

SampleResult no_answer(Split split, const Entry& entry, const Error& error) {
  SampleResult out;
  out.sample = sample_id(split, entry.id);
  out.outcome = Outcome::failed;
  out.reason = to_string(error);
  add_reference(split, entry, out);
  return out;
}

Row row_of(const SampleResult& sample, std::size_t entry) {
  Row out;
  out.entry = entry;
  out.outcome = sample.outcome;
  out.cut = sample.cut;
  out.answered = sample.outcome != Outcome::failed && sample.outcome != Outcome::missing;
  if (sample.outcome == Outcome::scored) out.value = number(sample, "score");
  if (auto option = number(sample, "option"); option && *option >= 0 && *option < 64) out.option = static_cast<std::size_t>(*option);
  out.judge_calls = static_cast<int>(std::min(1000.0, std::max(0.0, number(sample, "judge_calls").value_or(0))));
  out.blocked = number(sample, "blocked").value_or(0) > 0;
  return out;
}

std::optional<StoredAnswer> stored_of(Split split, const SampleResult& sample) {
  if (const json::value* lost = sample.evidence.if_contains("answer"); lost && lost->is_string()) {
    StoredAnswer out;
    out.text = std::string(lost->get_string());
    out.lost = true;
    return out;
  }
  const json::value* asks = sample.evidence.if_contains("asks");
  if (!asks || !asks->is_array() || asks->get_array().empty()) return std::nullopt;
  auto answer = get_string(asks->get_array()[0], "text");
  if (!answer || get_string(asks->get_array()[0], "role")) return std::nullopt;
  StoredAnswer out;
  out.text = std::move(*answer);
  out.judged.blocked = number(sample, "blocked").value_or(0) > 0;
  for (std::size_t i = 1; i < asks->get_array().size(); ++i) {
    const json::value& ask = asks->get_array()[i];
    if (get_string(ask, "role") != judge_role(split)) continue;
    take_reply(split, get_string(ask, "text"), out.judged);
  }
  return out;
}

}  // namespace assay::mixeval
