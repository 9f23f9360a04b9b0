#include "benchmark/story_evidence.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"

namespace assay::story {
namespace {

constexpr std::size_t kMaxReasoning = 4000;  // code points shown; the journal keeps all of it
constexpr std::size_t kMaxRows = 300;        // of a table; a judge may write anything
constexpr std::size_t kMaxTerms = 60;        // of a sum written out

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// Up to four decimals, none that say nothing.
std::string plain(double value) {
  std::string text = fixed(value, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

json::object ask_json(const Ask& ask, const AskRecord& record) {
  json::object out;
  if (ask.side == Side::judge) out["role"] = "judge";
  if (ask.has_text) out["text"] = ask.text;
  if (!record.reasoning.empty()) out["reasoning"] = shorten(record.reasoning, kMaxReasoning);
  out["temperature"] = ask.temperature;
  if (record.error.empty())
    out["finish"] = view(name(record.finish));
  else
    out["error"] = record.error;
  out["accepted"] = ask.used;
  out["round"] = ask.round;
  if (!ask.spans.empty()) {
    json::array& list = out["spans"].emplace_array();
    for (const auto& [begin, end] : ask.spans) list.push_back(json::array{begin, end});
  }
  if (!ask.scores.empty()) {
    json::object& scores = out["scores"].emplace_object();
    for (const auto& [metric, value] : ask.scores) scores[metric] = value;
  }
  if (!ask.why.empty()) out["why"] = ask.why;
  return out;
}

void explain(const Scores& scores, const std::vector<std::string>& criteria, Negatives negatives, SampleResult& out) {
  json::object& formula = out.evidence["formula"].emplace_object();
  json::array& rows = formula["rows"].emplace_array();
  std::string sum;
  std::vector<bool> answered(criteria.size());
  json::array strangers;
  std::size_t strange = 0;
  const CriterionNames names(criteria);
  for (const auto& [metric, value] : scores) {
    const double counts = counted_value(metric, value, negatives);
    auto asked = names.find(metric);
    if (asked) {
      answered[*asked] = true;
    } else {
      ++strange;
      if (strangers.size() < kMaxTerms) strangers.emplace_back(shorten(metric, 200));
    }
    if (rows.size() < kMaxRows) rows.push_back(json::object{{"metric", shorten(metric, 300)}, {"judge", value}, {"counts", counts}});
    if (rows.size() <= kMaxTerms)
      sum += (sum.empty() ? "" : " + ") + (is_negative(metric, negatives) ? "(10 - " + plain(value) + ")" : plain(value));
    else if (rows.size() == kMaxTerms + 1)
      sum += " + ...";
  }
  const double score = 10 * item_score(scores, negatives).value_or(0);
  formula["text"] = "10 * (" + sum + ") / " + std::to_string(scores.size()) + " = " + plain(score);
  json::array silent;
  for (std::size_t i = 0; i < criteria.size(); ++i)
    if (!answered[i]) silent.emplace_back(criteria[i]);
  out.values["score"] = score;
  out.values["metrics"] = scores.size();
  out.values["not_answered"] = criteria.empty() ? json::value(nullptr) : json::value(silent.size());
  out.values["not_asked"] = criteria.empty() ? json::value(nullptr) : json::value(strange);
  if (!criteria.empty() && !silent.empty()) out.evidence["not_answered"] = std::move(silent);
  if (!criteria.empty() && !strangers.empty()) out.evidence["not_asked"] = std::move(strangers);
}

/// Why nothing was scored, from the asks of the side that failed.
void refuse(const Rounds& rounds, std::span<const AskRecord> asks, SampleResult& out) {
  const Side side = rounds.no_story() ? Side::writer : Side::judge;
  const std::string who = side == Side::writer ? "the model" : "the judge";
  const std::vector<Ask>& all = rounds.all();
  std::optional<std::size_t> last, last_text;
  bool errors = false;
  std::size_t texts = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].side != side) continue;
    last = i;
    errors = errors || !asks[i].error.empty();
    if (all[i].has_text) {
      last_text = i;
      ++texts;
    }
  }
  if (!last) {
    out.outcome = Outcome::unparseable;
    out.reason = "the story is shorter than " + std::to_string(Rounds::kShortest) + " characters";
    return;
  }
  if (!last_text) {
    out.outcome = Outcome::failed;
    if (!errors) out.evidence["no_text"] = true;
    out.reason = asks[*last].error.empty() ? who + " returned no text" : who + ": " + asks[*last].error;
    return;
  }
  out.outcome = asks[*last_text].finish == Finish::length ? Outcome::truncated : Outcome::unparseable;
  out.reason = all[*last_text].why + " (" + std::to_string(texts) + (texts == 1 ? " answer)" : " answers)");
}

std::size_t count(const SampleResult& sample, std::string_view key) {
  const json::value* v = sample.values.if_contains(key);
  auto number = v ? as_number(*v) : std::nullopt;
  return number && *number > 0 ? static_cast<std::size_t>(*number) : 0;
}

const json::object* used_ask(const SampleResult& sample, bool judge) {
  const json::value* asks = sample.evidence.if_contains("asks");
  if (!asks || !asks->is_array()) return nullptr;
  for (const json::value& ask : asks->get_array())
    if (get_bool(ask, "accepted").value_or(false) && (get_string(ask, "role") == "judge") == judge) return ask.if_object();
  return nullptr;
}

}  // namespace

SampleResult sample_result(std::string sample, const std::vector<std::string>& criteria, const Protocol& protocol, const Rounds& rounds,
                           std::span<const AskRecord> asks) {
  SampleResult out;
  out.sample = std::move(sample);
  json::array& list = out.evidence["asks"].emplace_array();
  std::size_t short_stories = 0, unread = 0, silent = 0;
  for (std::size_t i = 0; i < rounds.all().size(); ++i) {
    const Ask& ask = rounds.all()[i];
    list.push_back(ask_json(ask, asks[i]));
    if (ask.used && asks[i].finish == Finish::length) out.cut = true;
    if (ask.side == Side::writer)
      short_stories += ask.why.empty() ? 0 : 1;
    else if (!ask.has_text)
      ++silent;
    else if (ask.scores.empty())
      ++unread;
  }
  if (const Ask* judgement = rounds.judgement()) {
    out.outcome = Outcome::scored;
    explain(judgement->scores, criteria, protocol.negatives, out);
    out.values["story_length"] = count_code_points(rounds.story());
    if (judgement->stored != judgement->text) out.evidence["judge_text"] = judgement->stored;
  } else {
    refuse(rounds, asks, out);
  }
  out.values["rounds"] = rounds.all().empty() ? 0 : rounds.all().back().round;
  if (short_stories) out.values["short_stories"] = short_stories;
  if (unread) out.values["unread_judgements"] = unread;
  if (silent) out.values["silent_judgements"] = silent;
  return out;
}

SampleResult recorded_result(std::string sample, const StoredItem& item, const std::vector<std::string>& criteria, const Protocol& protocol,
                             bool reparse) {
  SampleResult out;
  out.sample = std::move(sample);
  json::array& list = out.evidence["asks"].emplace_array();
  if (item.response) list.push_back(json::object{{"text", *item.response}, {"accepted", true}});
  Scores scores = reparse ? Scores{} : item.scores.value_or(Scores{});
  for (const std::string& text : item.judge) {
    const Judgement again = read_judgement(text, protocol.remove_marks);
    if (reparse)
      for (const auto& [metric, value] : again.scores) {
        auto it = std::find_if(scores.begin(), scores.end(), [&](const auto& one) { return one.first == metric; });
        if (it == scores.end())
          scores.emplace_back(metric, value);
        else
          it->second = value;
      }
    json::object ask{{"role", "judge"}, {"text", text}, {"accepted", true}};
    json::array& spans = ask["spans"].emplace_array();
    for (const auto& [begin, end] : again.spans) spans.push_back(json::array{begin, end});
    list.push_back(std::move(ask));
  }
  if (scores.empty()) {
    out.outcome = item.scores || !item.judge.empty() ? Outcome::unparseable : Outcome::missing;
    out.reason = out.outcome == Outcome::missing ? "the file holds no judgement of it" : "no score can be made of what is stored";
    return out;
  }
  json::object& kept = out.evidence["scores"].emplace_object();
  for (const auto& [metric, value] : scores) kept[metric] = value;
  out.outcome = Outcome::scored;
  explain(scores, criteria, protocol.negatives, out);
  if (item.response) out.values["story_length"] = count_code_points(*item.response);
  return out;
}

Row row_of(const SampleResult& sample, std::size_t item) {
  Row row;
  row.item = item;
  row.outcome = sample.outcome;
  row.cut = sample.cut;
  row.silent = sample.outcome == Outcome::failed && sample.evidence.contains("no_text");
  row.short_stories = count(sample, "short_stories");
  row.unread_judgements = count(sample, "unread_judgements");
  row.silent_judgements = count(sample, "silent_judgements");
  row.length = count(sample, "story_length");
  if (sample.outcome != Outcome::scored) return row;
  const json::value* scores = sample.evidence.if_contains("scores");
  if (!scores)
    if (const json::object* ask = used_ask(sample, true)) scores = ask->if_contains("scores");
  if (scores && scores->is_object())
    for (const auto& member : scores->get_object())
      if (auto value = as_number(member.value())) row.scores.emplace_back(std::string(member.key()), *value);
  return row;
}

std::optional<StoredItem> stored_of(const SampleResult& sample, std::string id) {
  Row row = row_of(sample, 0);
  if (row.scores.empty()) return std::nullopt;
  StoredItem out;
  out.id = std::move(id);
  out.scores = std::move(row.scores);
  if (const json::object* story = used_ask(sample, false))
    if (const json::value* text = story->if_contains("text"); text && text->is_string()) out.response = std::string(text->get_string());
  if (const json::value* held = sample.evidence.if_contains("story"); held && held->is_string()) out.response = std::string(held->get_string());
  if (const json::value* stored = sample.evidence.if_contains("judge_text"); stored && stored->is_string()) {
    out.judge.emplace_back(stored->get_string());
    return out;
  }
  if (const json::value* asks = sample.evidence.if_contains("asks"); asks && asks->is_array())
    for (const json::value& ask : asks->get_array())
      if (get_bool(ask, "accepted").value_or(false) && get_string(ask, "role") == "judge") out.judge.push_back(get_string(ask, "text").value_or(""));
  return out;
}

CriterionNames::CriterionNames(const std::vector<std::string>& criteria) {
  for (std::size_t i = 0; i < criteria.size(); ++i) {
    std::string whole = lower(strip(criteria[i]));
    if (std::size_t colon = whole.find(':'); colon != std::string::npos)
      before_colon_.try_emplace(std::string(strip(std::string_view(whole).substr(0, colon))), i);
    whole_.try_emplace(std::move(whole), i);
  }
}

std::optional<std::size_t> CriterionNames::find(std::string_view metric) const {
  const std::string name = lower(strip(metric));
  if (auto it = whole_.find(name); it != whole_.end()) return it->second;
  if (auto it = before_colon_.find(name); it != before_colon_.end()) return it->second;
  return std::nullopt;
}

}  // namespace assay::story
