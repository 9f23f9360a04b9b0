#include "cli/task_abilities.h"

#include <algorithm>

#include "base/text.h"
#include "model/http/echo_logprobs.h"
#include "run/display.h"

namespace assay::cli {
namespace {

constexpr std::size_t kNamed = 6;  // tasks in one sentence
constexpr std::string_view kCure =
    "give a model that scores given texts: gguf:FILE, or a server whose /completions endpoint echoes log-probabilities (http://HOST/v1#NAME; vLLM does)";

bool is_endpoint(const json::object& facts) {
  const json::value* backend = facts.if_contains("backend");
  return facts.contains("base") || (backend && *backend == json::value("launch"));
}

std::string named(const std::vector<TaskNeed>& needs, const std::vector<std::size_t>& places) {
  std::string out;
  for (std::size_t i = 0; i < places.size() && i < kNamed; ++i) out += (i ? ", " : "") + visible_line(needs[places[i]].task);
  if (places.size() > kNamed) out += " and " + std::to_string(places.size() - kNamed) + " more";
  return out;
}

/// What would be true of any such request is no verdict on this one.
bool says_cannot(ErrorKind kind) {
  return kind == ErrorKind::unsupported || kind == ErrorKind::bad_request || kind == ErrorKind::bad_response || kind == ErrorKind::refused;
}

LoglikelihoodGroup sky() {
  return {"The grass is green and the sky is", {{"", " blue"}, {"", " seventeen"}}};
}

Query question() {
  Query out;
  out.request = sky();
  out.origin.benchmark = out.origin.sample = "self-check";
  out.origin.role = "model";
  return out;
}

}  // namespace

std::string_view need_name(Need need) {
  switch (need) {
    case Need::text: return "answers in text";
    case Need::loglikelihood: return "log-likelihoods of given texts";
    case Need::rolling: return "log-likelihoods of whole texts";
  }
  return "";
}

std::vector<Ability> task_abilities(const std::vector<TaskNeed>& needs, const Capabilities& can, bool endpoint) {
  std::vector<Ability> out;
  for (const TaskNeed& one : needs) {
    bool able = one.need == Need::text ? can.chat || can.completion : one.need == Need::loglikelihood ? can.loglikelihood : can.rolling;
    out.push_back(!able ? Ability::no : endpoint && one.need != Need::text ? Ability::maybe : Ability::yes);
  }
  return out;
}

Result<void> examine_template(const Evaluation& evaluation, const Role& model) {
  const Capabilities can = model.model->capabilities();
  if (can.chat || !can.completion || can.recorded_by_origin || evaluation.unit_count() == 0) return {};
  std::vector<std::string> pending;
  for (const KnownRequest& known : evaluation.known_requests(0, pending)) {
    const Generate* request = std::get_if<Generate>(&known.request);
    if (known.role != "model" || !request || request->messages.empty()) continue;
    auto rendering = model.model->render(*request);
    if (rendering) continue;
    return fail(ErrorKind::refused, visible_line(model.label) + ": " + rendering.error().message, model.spec, rendering.error().hint);
  }
  return {};
}

Async<AbilityReport> examine_tasks(const Evaluation& evaluation, const Role& model) {
  AbilityReport out;
  const std::vector<TaskNeed> needs = evaluation.needs();
  const Capabilities can = model.model->capabilities();
  if (needs.empty() || can.recorded_by_origin) co_return out;
  const bool endpoint = is_endpoint(model.identity.facts);
  const std::vector<Ability> abilities = task_abilities(needs, can, endpoint);
  std::vector<std::size_t> units(needs.size());
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) ++units[evaluation.task_of(i)];

  for (std::size_t i = 0; i < needs.size(); ++i)
    if (needs[i].blocked && units[i] > 0 && abilities[i] != Ability::no) co_return std::unexpected(*needs[i].blocked);

  std::optional<Error> verdict;
  bool asked = false, fresh = false;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    if (abilities[i] != Ability::maybe || units[i] == 0 || asked) continue;
    asked = true;
    auto answer = co_await model.model->answer(question());
    if (!answer && !says_cannot(answer.error().kind)) co_return std::unexpected(answer.error());
    if (!answer) {
      verdict = answer.error();
      continue;
    }
    fresh = !answer->from_journal;
    if (tokens_before(answer->raw, sky()) > 0) out.deviates.emplace_back(kEchoedBos);
  }
  // One sentence for each kind of need: why, and which tasks.
  std::vector<std::size_t> able;
  std::vector<std::string> sentences;
  std::string cure;
  for (Need need : {Need::text, Need::loglikelihood, Need::rolling}) {
    std::vector<std::size_t> places;
    std::optional<Error> why;
    for (std::size_t i = 0; i < needs.size(); ++i) {
      if (needs[i].need != need || units[i] == 0) continue;
      if (abilities[i] == Ability::yes || (abilities[i] == Ability::maybe && !verdict)) {
        able.push_back(i);
        continue;
      }
      places.push_back(i);
      if (abilities[i] == Ability::maybe) why = verdict;
    }
    if (places.empty()) continue;
    std::string sentence = visible_line(model.label) + " cannot do " + named(needs, places) + ", which " + (places.size() == 1 ? "needs " : "need ") +
                           std::string(need_name(need)) + (why ? ": " + why->message : "");
    Error refusal{ErrorKind::refused, std::move(sentence), why ? why->where : "", why && !why->hint.empty() ? why->hint : std::string(kCure)};
    if (!why && need == Need::rolling) refusal.hint = "give the file itself: gguf:FILE. A server does not say where its tokens' windows end";
    sentences.push_back(refusal.message);
    if (cure.empty() || why) cure = refusal.hint;
    for (std::size_t place : places) out.refused.emplace(place, refusal);
  }
  if (able.empty() && !sentences.empty()) {
    std::string where;
    if (verdict) where = verdict->where;
    co_return fail(ErrorKind::refused, join(sentences, "; "), where, cure);
  }
  for (const std::string& sentence : sentences) out.notice += "assay: " + sentence + "\n";
  if (!sentences.empty()) out.notice += "  " + cure + "\n  the others are run: " + named(needs, able) + "\n";
  if (fresh) {
    out.notice += "log-likelihoods of " + visible_line(model.label) + ": checked, " +
                  (out.deviates.empty() ? "no BOS before a text" : "a BOS before a text, where the harness puts none") + "; it can do " + named(needs, able) + "\n";
  }
  co_return out;
}

}  // namespace assay::cli
