#include "benchmark/judgemark/evaluation.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/judgemark/baselines.h"
#include "benchmark/judgemark/summary.h"
#include "benchmark/story_dialogue.h"
#include "benchmark/story_judging.h"

namespace assay::judgemark {
namespace {

using story::StoryPrompt;

class JudgemarkEvaluation final : public Evaluation {
 public:
  explicit JudgemarkEvaluation(Prepared prepared) : p_(std::move(prepared)) {}

  std::size_t unit_count() const override { return p_.items.size(); }
  Unit unit(std::size_t ordinal) const override { return {p_.items[ordinal].sample, 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {p_.items[ordinal].sample}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    UnitResult result;
    if (const StoredItem* held = held_for(ordinal)) {
      const Item& item = p_.items[ordinal];
      result.samples.push_back(story::recorded_result(item.sample, *held, p_.criteria[item.prompt], p_.settings.protocol, false));
      result.samples.back().evidence["held"] = true;
      co_return result;
    }
    auto sample = co_await story::talk(dialogue(ordinal), context);
    if (!sample) co_return std::unexpected(sample.error());
    result.samples.push_back(std::move(*sample));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<std::optional<story::Row>> rows(p_.items.size());
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= p_.items.size()) return true;
      const Item& item = p_.items[ordinal];
      story::Row row;
      row.item = item.prompt;
      if (!result.samples.empty()) row = story::row_of(result.samples.front(), item.prompt);
      rows[ordinal] = std::move(row);
      return true;
    });
    if (!read) return read;
    const std::vector<ModelRows> models = by_model(std::move(rows));
    if (report.total.name.empty()) report.total.name = p_.benchmark;
    auto judge = report.roles.find("model");
    summarize(p_.settings, judge == report.roles.end() ? "" : judge->second, models, p_.references, p_.items.size() == p_.in_file, report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    if (held_for(ordinal)) return {};
    std::vector<KnownRequest> out;
    out.push_back(story::first_request(dialogue(ordinal), pending));
    return out;
  }

  json::object manifest() const override { return p_.manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    StoredRun run;
    run.metadata.run_id = report.run;
    run.metadata.inference_engine = "assay";
    if (auto judge = report.roles.find("model"); judge != report.roles.end()) run.metadata.judge_model = judge->second;
    StoredIteration iteration;
    iteration.name = "1";
    for (const std::string& name : p_.models) iteration.models.push_back({name, {}});
    std::vector<std::optional<story::Row>> rows(p_.items.size());
    std::vector<std::optional<StoredItem>> items(p_.items.size());
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= p_.items.size() || result.samples.empty()) return true;
      const Item& item = p_.items[ordinal];
      rows[ordinal] = story::row_of(result.samples.front(), item.prompt);
      items[ordinal] = story::stored_of(result.samples.front(), (*p_.prompts)[item.prompt].id);
      if (items[ordinal]) items[ordinal]->response = item.story;
      return true;
    });
    if (!read) return std::unexpected(read.error());
    for (std::size_t i : order_)
      if (items[i]) iteration.models[p_.items[i].model].items.push_back(std::move(*items[i]));
    const std::vector<ModelRows> models = by_model(std::move(rows));
    run.iterations.push_back(std::move(iteration));
    run.results = stored_results(compute_metrics(items_of(models, p_.settings.protocol.negatives), p_.references, p_.settings.formula));
    std::vector<OutputFile> out;
    out.push_back({"raw_results.json", write_raw_results(std::span(&run, 1))});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return make_baselines(p_); }

  const Prepared& prepared() const { return p_; }

 private:
  std::vector<std::size_t> order() const {
    std::vector<std::optional<std::size_t>> places(p_.items.size());
    for (std::size_t i = 0; i < places.size(); ++i)
      if (held_for(i)) places[i] = p_.held->find(p_.items[i].sample)->second.place;
    return stored_order(places);
  }

  /// `rows`: one an item; empty where there is none.
  std::vector<ModelRows> by_model(std::vector<std::optional<story::Row>> rows) const {
    std::vector<ModelRows> out;
    out.reserve(p_.models.size());
    for (const std::string& name : p_.models) out.push_back({name, {}});
    for (std::size_t i : order_)
      if (rows[i]) out[p_.items[i].model].rows.push_back(std::move(*rows[i]));
    return out;
  }

  const StoredItem* held_for(std::size_t ordinal) const {
    if (!p_.held) return nullptr;
    auto it = p_.held->find(p_.items[ordinal].sample);
    return it == p_.held->end() || !it->second.finished() ? nullptr : &it->second;
  }

  story::Dialogue dialogue(std::size_t ordinal) const {
    const Item& item = p_.items[ordinal];
    story::Dialogue out;
    out.sample = item.sample;
    out.judge_role = "model";
    out.writing_prompt = story::writing_prompt((*p_.prompts)[item.prompt], 1);
    out.criteria = p_.criteria[item.prompt];
    out.given = item.story;
    out.prompt = &(*p_.prompts)[item.prompt];
    out.judge = &p_.judge;
    out.protocol = &p_.settings.protocol;
    return out;
  }

  const Prepared p_;
  const std::vector<std::size_t> order_ = order();
};

Result<std::shared_ptr<const Held>> held_items(const json::value& entry) {
  auto run = run_from_json("", entry, "the results held");
  if (!run) return std::unexpected(run.error());
  auto out = std::make_shared<Held>();
  for (StoredIteration& iteration : run->iterations) {
    if (iteration.name != "1") continue;
    for (StoredModel& model : iteration.models)
      for (StoredItem& item : model.items) {
        std::string sample = sample_name(model.name, item.id);
        out->emplace(std::move(sample), HeldItem{std::move(item), out->size()});
      }
  }
  return out;
}

}  // namespace

const Prepared* prepared_of(const Evaluation& evaluation) {
  const auto* ours = dynamic_cast<const JudgemarkEvaluation*>(&evaluation);
  return ours ? &ours->prepared() : nullptr;
}

std::vector<std::size_t> stored_order(std::span<const std::optional<std::size_t>> places) {
  std::vector<std::size_t> out(places.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  constexpr std::size_t kLast = std::numeric_limits<std::size_t>::max();
  std::ranges::stable_sort(out, {}, [&](std::size_t i) { return places[i].value_or(kLast); });
  return out;
}

std::string sample_name(std::string_view model, std::string_view prompt) {
  return std::string(model) + "#" + std::string(prompt);
}

Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options) {
  Settings out;
  if (version == "2.3")
    out.formula = Formula::v2_3;
  else if (version != "2.4")
    return fail(ErrorKind::usage, "judgemark has versions 2.4 and 2.3, not \"" + std::string(version) + "\"");
  std::string program(version);
  for (const auto& [key, value] : options) {
    if (key != "program") return fail(ErrorKind::usage, "judgemark has no option \"" + shorten(key, 40) + "\"", {}, "there is: program");
    program = value;
  }
  auto protocol = story::make_protocol(program, "openai");  // no engine writes here
  if (!protocol) return std::unexpected(protocol.error());
  out.protocol = std::move(*protocol);
  return out;
}

json::object Prepared::manifest() const {
  const story::Protocol& protocol = settings.protocol;
  json::object selection{{"samples", items.size()}};
  if (held) selection["held"] = held->size();
  if (items.size() != in_file) {
    json::array& ids = selection["ids"].emplace_array();
    for (const Item& item : items) ids.emplace_back(item.sample);
  }
  return {{"benchmark", benchmark},
          {"formula", settings.formula == Formula::v2_3 ? "2.3" : "2.4"},
          {"program", protocol.program},
          {"judge_temperature", protocol.judge_temperature},
          {"max_tokens", protocol.max_tokens},
          {"test_set", {{"file", "judgemark/test-set"}, {"sha256", sha256}, {"edition", edition}, {"models", models.size()}, {"in_file", in_file}}},
          {"prompts", {{"file", prompts_file}, {"sha256", prompts_sha256}}},
          {"judge_prompt", {{"file", judge_file}, {"sha256", judge_sha256}}},
          {"judging", {{"model", story::judging_facts(protocol, judge_sha256)}}},
          {"selection", std::move(selection)}};
}

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data) {
  auto made = make_settings(settings.ref.version, settings.options);
  if (!made) return std::unexpected(made.error());
  if (settings.iterations != 1)
    return fail(ErrorKind::usage, "judgemark has one iteration: each story is judged once", {}, "leave --iterations out");
  Prepared out;
  out.settings = std::move(*made);
  out.benchmark = settings.ref.text();
  out.prompts_file = "creative-writing/prompts/v1";
  out.judge_file = out.settings.protocol.program == "2.3" ? "creative-writing/judge-prompt/v1-2.3" : "creative-writing/judge-prompt/v1";
  auto where = [](const DataFile& one, const std::string& role) { return !one.path.empty() ? one.path : one.name.empty() ? role : one.name; };
  auto sum = [](const DataFile& one) { return one.sha256.empty() ? sha256_hex(one.content) : one.sha256; };

  auto set = data.file("judgemark/test-set");
  if (!set) return std::unexpected(set.error());
  auto prompts = data.file(out.prompts_file);
  if (!prompts) return std::unexpected(prompts.error());
  auto judge = data.file(out.judge_file);
  if (!judge) return std::unexpected(judge.error());
  out.edition = set->edition;
  out.sha256 = sum(*set);
  out.prompts_sha256 = sum(*prompts);
  out.judge_sha256 = sum(*judge);
  auto models = read_test_set(set->content, where(*set, "judgemark/test-set"));
  if (!models) return std::unexpected(models.error());
  auto read = story::read_prompt_set(prompts->content, where(*prompts, out.prompts_file));
  if (!read) return std::unexpected(read.error());
  auto parsed = story::JudgeTemplate::parse(judge->content, where(*judge, out.judge_file));
  if (!parsed) return std::unexpected(parsed.error());
  out.judge = std::move(*parsed);
  out.prompts = std::make_shared<const std::vector<StoryPrompt>>(std::move(*read));
  if (out.edition == "official") {
    out.references = official_references(out.settings.formula);
  } else {
    // Writers of our own have numbers of our own beside them; a user's set may do without, or use names of the official table.
    auto table = data.file("judgemark/benchmarks");
    if (table) {
      auto references = read_references(table->content, where(*table, "judgemark/benchmarks"));
      if (!references) return std::unexpected(references.error());
      out.references = std::move(*references);
    } else {
      out.references = official_references(out.settings.formula);
    }
  }

  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < out.prompts->size(); ++i) {
    index.emplace((*out.prompts)[i].id, i);
    out.criteria.push_back(story::asked_criteria((*out.prompts)[i], true));
  }
  std::unordered_set<std::string> wanted(settings.samples.begin(), settings.samples.end());
  std::vector<std::string> names;
  for (TestModel& model : *models) {
    for (TestStory& one : model.stories) {
      auto it = index.find(one.prompt);
      if (it == index.end())
        return fail(ErrorKind::data, "\"" + shorten(model.name, 60) + "\" has a story for prompt \"" + shorten(one.prompt, 40) + "\", which the prompt file does not have",
                    where(*set, "judgemark/test-set"));
      Item item;
      item.model = out.models.size();
      item.prompt = it->second;
      item.sample = sample_name(model.name, one.prompt);
      item.story = std::move(one.text);
      ++out.in_file;
      names.push_back(item.sample);
      bool take = settings.samples.empty() || wanted.erase(item.sample) > 0;
      if (take && (!settings.limit || out.items.size() < *settings.limit)) out.items.push_back(std::move(item));
    }
    out.models.push_back(std::move(model.name));
  }
  if (!wanted.empty()) {
    std::vector<std::string> near = did_you_mean(*wanted.begin(), names);
    return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 60) + "\"", where(*set, "judgemark/test-set"),
                near.empty() ? "samples are TEST-MODEL#PROMPT" : "did you mean " + join(near, ", ") + "?");
  }
  if (out.items.empty()) return fail(ErrorKind::usage, "the selection leaves no story");
  if (settings.held) {
    auto held = held_items(*settings.held);
    if (!held) return std::unexpected(held.error());
    out.held = std::move(*held);
  }
  return out;
}

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) {
  return std::make_shared<JudgemarkEvaluation>(std::move(prepared));
}

}  // namespace assay::judgemark
