#include "benchmark/eq_bench/evidence.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <cmath>

#include "base/number.h"
#include "base/text.h"

namespace assay::eq_bench {
namespace {

constexpr std::size_t kMaxReasoning = 4000;  // code points shown; the journal keeps all of it

json::value number(const Score& score) {
  if (!score.value) return nullptr;
  if (score.whole) return static_cast<std::int64_t>(*score.value);  // upstream's integer: written "10", not "10.0"
  return *score.value;
}

json::object scores_json(const Scores& scores, const Protocol& protocol, json::storage_ptr memory) {
  json::object out(std::move(memory));
  out.reserve(6);
  out.emplace("first_pass_v1", number(scores.first_v1));
  out.emplace("revised_v1", number(scores.revised_v1));
  out.emplace("first_pass_v2", number(scores.first_v2));
  out.emplace("revised_v2", number(scores.revised_v2));
  if (protocol.version == 1) {
    out.emplace("first_pass_strict", number(scores.first_v1_strict));
    out.emplace("revised_strict", number(scores.revised_v1_strict));
  }
  return out;
}

json::object names_json(const Answers& answers, json::storage_ptr memory) {
  json::object out(std::move(memory));
  out.reserve(answers.size());
  for (const Answer& answer : answers) out[answer.name] = answer.digits;
  return out;
}

json::object ask_json(const Attempt& attempt, const AskRecord& record, const Protocol& protocol, bool stored, const json::storage_ptr& memory) {
  json::object out(memory);
  out.reserve(10);
  if (attempt.has_text) out["text"] = attempt.text;
  if (!record.reasoning.empty()) out["reasoning"] = shorten(record.reasoning, kMaxReasoning);
  out["temperature"] = attempt.temperature;
  if (record.error.empty()) {
    out["finish"] = json::string_view(name(record.finish).data(), name(record.finish).size());
  } else {
    out["error"] = record.error;
  }
  out["accepted"] = stored;
  if (!attempt.has_text) return out;
  std::vector<Span> spans;
  for (const Answers* answers : {&attempt.parsed.first_pass, &attempt.parsed.revised})
    for (const Answer& answer : *answers)
      if (answer.span.begin < answer.span.end) spans.push_back(answer.span);
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  json::array& list = out["spans"].emplace_array();
  list.reserve(spans.size());
  for (const Span& span : spans) {
    json::array& ends = list.emplace_back(json::array(memory)).get_array();
    ends.reserve(2);
    ends.emplace_back(span.begin);
    ends.emplace_back(span.end);
  }
  out["first_pass"] = names_json(attempt.parsed.first_pass, memory);
  if (protocol.revise) out["revised"] = names_json(attempt.parsed.revised, memory);
  out["scores"] = scores_json(attempt.scores, protocol, memory);
  if (!attempt.why.empty()) out["why"] = attempt.why;
  return out;
}

/// Up to four decimals, none that say nothing.
std::string plain(double value) {
  std::string text = fixed(value, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

void explain(json::object& formula, std::string& text, const char* pass, const Score& score, const Protocol& protocol) {
  if (score.terms.empty()) return;
  json::array& rows = formula["rows"].as_array();
  rows.reserve(rows.size() + score.terms.size());
  std::string sum;
  for (const Term& term : score.terms) {
    json::object row(rows.storage());
    row.reserve(6);
    if (protocol.revise) row["pass"] = pass;
    row["emotion"] = term.name;
    row["answer"] = term.answer;
    row["reference"] = term.reference;
    row["d"] = term.difference;
    row["s"] = term.penalty;
    rows.push_back(std::move(row));
    sum += (sum.empty() ? "" : " + ") + plain(term.penalty);
  }
  if (!text.empty()) text += "\n";
  if (protocol.revise) text += std::string(pass) + ": ";
  text += protocol.version == 2 ? "10 - 0.7477 * (" + sum + ")" : "10 - (" + sum + ")";
  text += score.value ? " = " + plain(*score.value) : std::string();
}

json::object formula_json(const Scores& scores, const Protocol& protocol, json::storage_ptr memory) {
  json::object out(std::move(memory));
  out.reserve(2);
  out["rows"].emplace_array();
  std::string text;
  const Score& first = protocol.version == 2 ? scores.first_v2 : protocol.strict ? scores.first_v1_strict : scores.first_v1;
  const Score& revised = protocol.version == 2 ? scores.revised_v2 : protocol.strict ? scores.revised_v1_strict : scores.revised_v1;
  explain(out, text, "first pass", first, protocol);
  if (protocol.revise) explain(out, text, "revised", revised, protocol);
  out["text"] = text;
  return out;
}

std::optional<double> get(const SampleResult& sample, std::string_view key) {
  const json::value* v = sample.values.if_contains(key);
  return v ? as_number(*v) : std::nullopt;
}

StoredNumber stored_number(const SampleResult& sample, std::string_view key) {
  const json::value* v = sample.values.if_contains(key);
  if (!v) return {};
  return {as_number(*v), v->is_int64() || v->is_uint64()};
}

Answers answers_of(const json::value& ask, std::string_view key) {
  Answers out;
  const json::value* map = find(ask, key);
  if (map && map->is_object())
    for (const auto& member : map->get_object())
      if (member.value().is_string()) out.push_back({std::string(member.key()), std::string(member.value().get_string()), {}});
  return out;
}

/// Places of stored answers in the text, where a new reading found the same; result files keep the answers in another order.
void mark(Answers& stored, const Answers& read) {
  for (Answer& answer : stored)
    for (const Answer& again : read)
      if (again.name == answer.name && again.digits == answer.digits) answer.span = again.span;
}

SampleResult result_of(const Question& question, const std::string* prompt, const Protocol& protocol, std::span<const Attempt> all,
                       std::optional<std::size_t> stored, std::span<const AskRecord> asks) {
  // Some sixty small values with one life: one piece of memory serves them all.
  json::storage_ptr memory = json::make_shared_resource<json::monotonic_resource>(std::size_t{4} << 10);
  SampleResult out{.sample = question.id, .evidence = json::object(memory)};
  json::object& evidence = out.evidence;
  evidence.reserve(5);
  if (prompt) evidence["prompt"] = *prompt;
  json::array& list = evidence["asks"].emplace_array();
  list.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) list.push_back(ask_json(all[i], asks[i], protocol, stored == i, memory));
  const Reference& reference = protocol.version == 2 && question.fullscale ? *question.fullscale : question.reference;
  json::object& shown = evidence["reference"].emplace_object();
  shown.reserve(4);
  for (std::size_t i = 0; i < 4; ++i) shown[reference.names[i]] = reference.scores[i];

  bool counted = false;
  if (stored) {
    const Attempt& attempt = all[*stored];
    const Scores& s = attempt.scores;
    const Score& first = protocol.version == 2 ? s.first_v2 : protocol.strict ? s.first_v1_strict : s.first_v1;
    const Score& revised = protocol.version == 2 ? s.revised_v2 : protocol.strict ? s.revised_v1_strict : s.revised_v1;
    counted = first.value || revised.value;
    if (counted) out.values["score"] = number(revised.value ? revised : first);
    out.values.reserve(7);
    for (const auto& member : scores_json(s, protocol, memory)) out.values[member.key()] = member.value();
    evidence["formula"] = formula_json(s, protocol, memory);
    out.cut = counted && asks[*stored].finish == Finish::length;
    if (!counted) out.reason = first.why;
  }
  if (counted) {
    out.outcome = Outcome::scored;
    return out;
  }
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].has_text) last = i;
  if (!last) {
    out.outcome = Outcome::failed;
    if (std::all_of(asks.begin(), asks.end(), [](const AskRecord& ask) { return ask.error.empty(); })) out.evidence["no_text"] = true;
    out.reason = asks.empty() || asks.back().error.empty() ? "the model returned no text" : asks.back().error;
    if (!asks.empty() && asks.back().error.empty() && asks.back().finish == Finish::length)
      out.reason += ": the limit of " + std::to_string(protocol.max_tokens) + " tokens was used up before the answer began";
    return out;
  }
  out.outcome = asks[*last].finish == Finish::length ? Outcome::truncated : Outcome::unparseable;
  if (out.reason.empty()) out.reason = all[*last].why;
  return out;
}

}  // namespace

SampleResult sample_result(const Question& question, const Protocol& protocol, const Attempts& attempts,
                           std::span<const AskRecord> asks) {
  return result_of(question, nullptr, protocol, attempts.all(), attempts.stored(), asks);
}

SampleResult recorded_result(const StoredQuestion& stored, const Question& question, const std::string& prompt, const Protocol& protocol) {
  Attempt attempt;
  attempt.has_text = stored.raw.has_value();
  if (stored.raw) attempt.text = strip(*stored.raw);
  if (stored.answers) {
    attempt.parsed = *stored.answers;
    const ParsedAnswer again = parse_answer(attempt.text, protocol);
    mark(attempt.parsed.first_pass, again.first_pass);
    mark(attempt.parsed.revised, again.revised);
    attempt.scores = score_answer(attempt.parsed, question, protocol);
  }
  const AskRecord unknown;
  return result_of(question, &prompt, protocol, {&attempt, 1}, 0, {&unknown, 1});
}

SampleRow row_of(const SampleResult& sample, std::size_t question, const Protocol& protocol) {
  SampleRow row;
  row.question = static_cast<std::uint32_t>(question);
  row.outcome = sample.outcome;
  row.cut = sample.cut;
  row.silent = sample.outcome == Outcome::failed && sample.evidence.contains("no_text");
  row.first_v1 = get(sample, "first_pass_v1");
  row.revised_v1 = get(sample, "revised_v1");
  row.first_other = get(sample, protocol.version == 2 ? "first_pass_v2" : "first_pass_strict");
  row.revised_other = get(sample, protocol.version == 2 ? "revised_v2" : "revised_strict");
  return row;
}

std::optional<StoredQuestion> stored_of(const SampleResult& sample) {
  const json::value* asks = sample.evidence.if_contains("asks");
  if (!asks || !asks->is_array()) return std::nullopt;
  for (const json::value& ask : asks->get_array()) {
    if (!get_bool(ask, "accepted").value_or(false)) continue;
    StoredQuestion out;
    out.id = sample.sample;
    out.answers = ParsedAnswer{answers_of(ask, "first_pass"), answers_of(ask, "revised")};
    out.raw = get_string(ask, "text").value_or("");
    out.first_v1 = stored_number(sample, "first_pass_v1");
    out.revised_v1 = stored_number(sample, "revised_v1");
    out.first_v2 = stored_number(sample, "first_pass_v2");
    out.revised_v2 = stored_number(sample, "revised_v2");
    return out;
  }
  return std::nullopt;
}

}  // namespace assay::eq_bench
