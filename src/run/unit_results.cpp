#include "run/unit_results.h"

#include <algorithm>

#include "base/json_arena.h"

namespace assay {
namespace {

/// The one text that the first request of `sample` sends (of log-likelihoods, what stands before the first continuation), or null when
/// it is a dialogue of several messages. `kept` may hold it.
const std::string* only_text(const KnownRequest& known, std::string& kept) {
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&known.request)) {
    if (group->items.empty()) return nullptr;
    kept = group->shared_prefix + group->items.front().context;
    return &kept;
  }
  if (const auto* rolling = std::get_if<Rolling>(&known.request)) return &rolling->text;
  const Generate* generate = std::get_if<Generate>(&known.request);
  if (!generate) return nullptr;
  if (generate->messages.empty()) return &generate->prompt;
  return generate->messages.size() == 1 ? &generate->messages[0].content : nullptr;
}

template <class Use>
void with_known_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal, Use use) {
  std::vector<std::string> pending;
  std::vector<KnownRequest> known = evaluation.known_requests(ordinal, pending);
  for (SampleResult& sample : result.samples)
    for (const KnownRequest& request : known)
      if (request.sample == sample.sample) {
        std::string kept;
        if (const std::string* text = only_text(request, kept)) use(sample, *text);
        break;
      }
}

/// unit_result_from_json() of a value that nobody needs afterwards: the evidence, nearly all of it, is moved and not copied.
Result<UnitResult> take_unit_result(json::value value) {
  std::vector<json::object> evidence;
  json::object* unit = value.if_object();
  json::value* samples = unit ? unit->if_contains("samples") : nullptr;
  if (samples && samples->is_array())
    for (json::value& sample : samples->get_array()) {
      json::object* members = sample.if_object();
      json::value* found = members ? members->if_contains("evidence") : nullptr;
      json::object& kept = evidence.emplace_back();
      if (found && found->is_object()) kept.swap(found->get_object());
    }
  Result<UnitResult> out = unit_result_from_json(value);
  for (std::size_t i = 0; out && i < out->samples.size() && i < evidence.size(); ++i) out->samples[i].evidence.swap(evidence[i]);
  return out;
}

/// Into `out`: a unit's row without its evidence, which stored_json() puts last and which is most of it; reading it to pass over it
/// would take five times as long. False where the row may not be of that form, or has more than one sample. A cut in the wrong place
/// leaves brackets open, so that what it makes is not read as something else.
bool cut_evidence(std::string_view row, std::string& out) {
  constexpr std::string_view kBegin = "{\"samples\":[{\"sample\":\"", kEnd = "}}]}";
  // With their quotes, such bytes are never part of a text.
  const std::size_t values = row.find(",\"values\":{"), evidence = row.find(",\"evidence\":{");
  if (!row.starts_with(kBegin) || !row.ends_with(kEnd) || evidence == std::string_view::npos || values > evidence) return false;
  if (row.find("{\"sample\":\"", evidence) != std::string_view::npos) return false;
  out.assign(row.substr(0, evidence)).append("}]}");
  return true;
}

class JournalResults final : public UnitResults {
 public:
  JournalResults(Journal& journal, std::string run, std::shared_ptr<const Evaluation> evaluation)
      : journal_(journal), run_(std::move(run)), evaluation_(std::move(evaluation)) {}

  std::size_t size() const override { return evaluation_->unit_count(); }

  using Visit = std::function<bool(std::size_t, const Unit&, const UnitResult&)>;
  Result<void> for_each(const Visit& visit) const override { return walk(visit, Part::everything); }
  Result<void> for_each_score(const Visit& visit) const override { return walk(visit, Part::scores); }
  Result<void> for_each_answer(const Visit& visit) const override { return walk(visit, Part::answers); }

 private:
  enum class Part { everything, answers, scores };

  Result<void> walk(const Visit& visit, Part part) const {
    std::size_t next = 0;
    bool going = true;
    std::optional<Error> broken;
    std::string numbers;
    auto missing_until = [&](std::size_t end) {
      for (; going && next < end; ++next) {
        UnitResult result;
        for (std::string& sample : evaluation_->samples_of(next)) {
          SampleResult missing;
          missing.sample = std::move(sample);
          missing.outcome = Outcome::missing;
          missing.reason = "not run";
          result.samples.push_back(std::move(missing));
        }
        going = visit(next, evaluation_->unit(next), result);
      }
    };
    auto read = journal_.for_each_unit(run_, [&](const UnitRow& row) {
      auto ordinal = static_cast<std::size_t>(row.ordinal);
      if (row.ordinal < 0 || ordinal >= size() || ordinal < next) {
        broken = Error{ErrorKind::data, "a unit row does not fit the run's plan", "run " + run_ + ", unit " + std::to_string(row.ordinal)};
        return false;
      }
      missing_until(ordinal);
      if (!going) return false;
      bool whole = part != Part::scores || row.outcome != name(Outcome::scored);
      JsonArena arena;  // for a walk over numbers; evidence is moved out of its document
      auto read_row = [&]() -> Result<json::value> {
        if (!whole && cut_evidence(row.result, numbers))
          if (auto value = parse_json_into(arena.memory(), {}, numbers)) return value;
        return parse_json_into(whole ? json::storage_ptr() : arena.memory(), whole ? "" : "evidence", row.result);
      };
      Result<json::value> value = read_row();  // built in place: assigned, it would be copied out of its memory
      if (!value) value.error().where = "run_unit " + run_ + "/" + row.unit + (value.error().where.empty() ? "" : ":" + value.error().where);
      Result<UnitResult> result = !value  ? Result<UnitResult>(std::unexpected(value.error()))
                                  : whole ? take_unit_result(std::move(*value))
                                          : unit_result_from_json(*value);
      if (!result) {
        broken = result.error();
        return false;
      }
      if (whole) {
        result->keys = row.keys;
        if (part != Part::answers) put_prompts(*result, *evaluation_, ordinal);
      }
      ++next;
      return going = visit(ordinal, evaluation_->unit(ordinal), *result);
    });
    if (!read) return read;
    if (broken) return fail(*broken);
    missing_until(size());
    return {};
  }

  Journal& journal_;
  std::string run_;
  std::shared_ptr<const Evaluation> evaluation_;
};

}  // namespace

void put_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal) {
  with_known_prompts(result, evaluation, ordinal, [](SampleResult& sample, const std::string& text) {
    if (sample.evidence.contains("prompt")) return;
    json::object with;
    with["prompt"] = text;
    for (auto& member : sample.evidence) with[member.key()] = std::move(member.value());
    sample.evidence = std::move(with);
  });
}

void take_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal) {
  auto has_prompt = [](const SampleResult& sample) { return sample.evidence.contains("prompt"); };
  if (std::none_of(result.samples.begin(), result.samples.end(), has_prompt)) return;
  with_known_prompts(result, evaluation, ordinal, [](SampleResult& sample, const std::string& text) {
    const json::value* prompt = sample.evidence.if_contains("prompt");
    if (prompt && prompt->is_string() && std::string_view(prompt->get_string()) == text) sample.evidence.stable_erase("prompt");
  });
}

std::string stored_json(const UnitResult& result) {
  std::string out;
  out.reserve(3072);
  out += "{\"samples\":[";
  for (const SampleResult& sample : result.samples) {
    if (out.back() == '}') out += ',';
    out += "{\"sample\":";
    append_json_string(out, sample.sample);
    out += ",\"outcome\":";
    append_json_string(out, name(sample.outcome));
    if (sample.cut) out += ",\"cut\":true";
    if (!sample.reason.empty()) append_json_string(out += ",\"reason\":", sample.reason);
    if (!sample.values.empty()) append_json(out += ",\"values\":", sample.values);
    if (!sample.evidence.empty()) append_json(out += ",\"evidence\":", sample.evidence);
    out += '}';
  }
  out += "]}";
  return out;
}

std::unique_ptr<UnitResults> journal_results(Journal& journal, std::string run, std::shared_ptr<const Evaluation> evaluation) {
  return std::make_unique<JournalResults>(journal, std::move(run), std::move(evaluation));
}

}  // namespace assay
