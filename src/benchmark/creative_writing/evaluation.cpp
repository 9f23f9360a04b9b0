#include "benchmark/creative_writing/evaluation.h"

#include <charconv>
#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/creative_writing/baselines.h"
#include "benchmark/creative_writing/summary.h"
#include "benchmark/story_dialogue.h"
#include "benchmark/story_judging.h"

namespace assay::creative_writing {
namespace {

using story::StoryPrompt;

class CreativeWritingEvaluation final : public Evaluation {
 public:
  explicit CreativeWritingEvaluation(Prepared prepared) : p_(std::move(prepared)) {}

  std::size_t unit_count() const override { return prompts().size() * static_cast<std::size_t>(p_.iterations); }
  Unit unit(std::size_t ordinal) const override { return {prompt(ordinal).id, iteration(ordinal)}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {prompt(ordinal).id}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    UnitResult result;
    if (const StoredItem* held = held_for(ordinal); held && held->finished()) {
      result.samples.push_back(story::recorded_result(held->id, *held, criteria(ordinal), p_.settings.protocol, false));
      result.samples.back().evidence["held"] = true;
      co_return result;
    }
    auto sample = co_await story::talk(dialogue(ordinal), context);
    if (!sample) co_return std::unexpected(sample.error());
    result.samples.push_back(std::move(*sample));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<Rows> rows(static_cast<std::size_t>(p_.iterations));
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      std::size_t i = ordinal / prompts().size();
      if (i >= rows.size()) return true;
      story::Row row;
      row.item = ordinal % prompts().size();
      if (!result.samples.empty()) row = story::row_of(result.samples.front(), row.item);
      rows[i].push_back(std::move(row));
      return true;
    });
    if (!read) return read;
    if (report.total.name.empty()) report.total.name = p_.benchmark;
    Items items;
    for (const StoryPrompt& one : prompts()) items.ids.push_back(one.id);
    items.criteria = p_.criteria;
    summarize(p_.settings.protocol, items, rows.size(), rows, report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    if (const StoredItem* held = held_for(ordinal); held && held->finished()) return {};
    std::vector<KnownRequest> out;
    out.push_back(story::first_request(dialogue(ordinal), pending));
    return out;
  }

  json::object manifest() const override { return p_.manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    StoredRun run;
    run.metadata.run_id = report.run;
    run.metadata.total_iterations = p_.iterations;
    run.metadata.inference_engine = "assay";
    auto label = [&](const char* role) {
      auto it = report.roles.find(role);
      return it == report.roles.end() ? std::string() : it->second;
    };
    run.metadata.model_path = label("model");
    run.metadata.judge_model = label("judge");
    for (int i = 1; i <= p_.iterations; ++i) run.iterations.emplace_back().name = std::to_string(i);
    auto read = results.for_each([&](std::size_t, const Unit& unit, const UnitResult& result) {
      auto i = static_cast<std::size_t>(unit.iteration - 1);
      if (i >= run.iterations.size()) return true;
      for (const SampleResult& sample : result.samples)
        if (auto stored = story::stored_of(sample, sample.sample)) run.iterations[i].items.push_back(std::move(*stored));
      return true;
    });
    if (!read) return std::unexpected(read.error());
    std::vector<OutputFile> out;
    out.push_back({"raw_results.json", write_raw_results(std::span(&run, 1))});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override {
    return make_baselines(p_.selected, p_.criteria, p_.settings.protocol.negatives);
  }

 private:
  const std::vector<StoryPrompt>& prompts() const { return *p_.selected; }
  const StoryPrompt& prompt(std::size_t ordinal) const { return prompts()[ordinal % prompts().size()]; }
  int iteration(std::size_t ordinal) const { return static_cast<int>(ordinal / prompts().size()) + 1; }
  const std::vector<std::string>& criteria(std::size_t ordinal) const { return p_.criteria[ordinal % prompts().size()]; }

  const StoredItem* held_for(std::size_t ordinal) const {
    if (!p_.held) return nullptr;
    auto it = p_.held->find({iteration(ordinal), prompt(ordinal).id});
    return it == p_.held->end() ? nullptr : &it->second;
  }

  story::Dialogue dialogue(std::size_t ordinal) const {
    story::Dialogue out;
    out.sample = prompt(ordinal).id;
    out.writer_role = "model";
    out.judge_role = "judge";
    out.writing_prompt = story::writing_prompt(prompt(ordinal), iteration(ordinal));
    out.criteria = criteria(ordinal);
    out.prompt = &prompt(ordinal);
    out.judge = &p_.judge;
    out.protocol = &p_.settings.protocol;
    if (const StoredItem* held = held_for(ordinal))
      if (held->response && count_code_points(*held->response) > story::Rounds::kHeldShortest) out.given = held->response;
    return out;
  }

  const Prepared p_;
};

Result<std::shared_ptr<const Held>> held_items(const json::value& entry, const Prepared& prepared) {
  auto run = run_from_json("", entry, "the results held");
  if (!run) return std::unexpected(run.error());
  auto out = std::make_shared<Held>();
  for (StoredIteration& iteration : run->iterations) {
    int number = 0;
    const char* end = iteration.name.data() + iteration.name.size();
    auto parsed = std::from_chars(iteration.name.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number < 1 || number > prepared.iterations) continue;
    for (StoredItem& item : iteration.items) {
      std::string id = item.id;
      out->emplace(std::pair(number, std::move(id)), std::move(item));
    }
  }
  return out;
}

}  // namespace

Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options) {
  Settings out;
  if (version == "1")
    out.version = 1;
  else if (version != "2")
    return fail(ErrorKind::usage, "creative-writing has versions 2 and 1, not \"" + std::string(version) + "\"");
  std::string program = "2.4";
  for (const auto& [key, value] : options) {
    if (key == "engine") {
      out.engine = value;
    } else if (key == "program") {
      program = value;
    } else {
      std::vector<std::string> near = did_you_mean(key, {"engine", "program"});
      return fail(ErrorKind::usage, "creative-writing has no option \"" + key + "\"", {},
                  near.empty() ? "there are: engine, program" : "did you mean " + near.front() + "?");
    }
  }
  auto protocol = story::make_protocol(program, out.engine);
  if (!protocol) return std::unexpected(protocol.error());
  if (program == "2.3" && out.version == 2)
    return fail(ErrorKind::usage, "release 2.3 had the prompts of version 1 only", {}, "use creative-writing@1 with program=2.3");
  out.protocol = std::move(*protocol);
  return out;
}

json::object Prepared::manifest() const {
  const story::Protocol& protocol = settings.protocol;
  // "selection" is not part of the plan's hash, so that more samples or iterations continue a run.
  json::object selection{{"iterations", iterations}, {"samples", selected->size()}};
  if (held) selection["held"] = held->size();
  if (selected->size() != all->size()) {
    json::array& ids = selection["ids"].emplace_array();
    for (const StoryPrompt& prompt : *selected) ids.emplace_back(prompt.id);
  }
  json::object out{{"benchmark", benchmark},
                   {"version", settings.version},
                   {"program", protocol.program},
                   {"engine", settings.engine},
                   {"writer_temperature", protocol.writer_temperature},
                   {"min_p", protocol.min_p ? json::value(*protocol.min_p) : json::value(nullptr)},
                   {"judge_temperature", protocol.judge_temperature},
                   {"max_tokens", protocol.max_tokens},
                   {"prompts", {{"file", file}, {"sha256", sha256}, {"edition", edition}, {"in_file", all->size()}}},
                   {"judge_prompt", {{"file", judge_file}, {"sha256", judge_sha256}}},
                   {"judging", {{"judge", story::judging_facts(protocol, judge_sha256)}}},
                   {"selection", std::move(selection)}};
  return out;
}

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data) {
  auto made = make_settings(settings.ref.version, settings.options);
  if (!made) return std::unexpected(made.error());
  if (settings.iterations < 1) return fail(ErrorKind::usage, "the number of iterations must be at least 1");
  Prepared out;
  out.settings = std::move(*made);
  out.iterations = settings.iterations;
  out.benchmark = settings.ref.text();
  const bool first_set = out.settings.version == 1;
  out.file = first_set ? "creative-writing/prompts/v1" : "creative-writing/prompts/v2";
  out.judge_file = !first_set                               ? "creative-writing/judge-prompt/v2"
                   : out.settings.protocol.program == "2.3" ? "creative-writing/judge-prompt/v1-2.3"
                                                            : "creative-writing/judge-prompt/v1";
  auto file = data.file(out.file);
  if (!file) return std::unexpected(file.error());
  auto judge = data.file(out.judge_file);
  if (!judge) return std::unexpected(judge.error());
  auto where = [](const DataFile& one, const std::string& role) { return !one.path.empty() ? one.path : one.name.empty() ? role : one.name; };
  out.sha256 = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
  out.judge_sha256 = judge->sha256.empty() ? sha256_hex(judge->content) : judge->sha256;
  out.edition = file->edition;
  auto read = story::read_prompt_set(file->content, where(*file, out.file));
  if (!read) return std::unexpected(read.error());
  auto parsed = story::JudgeTemplate::parse(judge->content, where(*judge, out.judge_file));
  if (!parsed) return std::unexpected(parsed.error());
  out.judge = std::move(*parsed);
  out.all = std::make_shared<const std::vector<StoryPrompt>>(std::move(*read));

  out.selected = out.all;
  if (settings.limit || !settings.samples.empty()) {
    std::unordered_set<std::string> wanted(settings.samples.begin(), settings.samples.end());
    std::vector<StoryPrompt> chosen;
    std::vector<std::string> ids;
    for (const StoryPrompt& prompt : *out.all) {
      ids.push_back(prompt.id);
      bool take = settings.samples.empty() || wanted.erase(prompt.id) > 0;
      if (take && (!settings.limit || chosen.size() < *settings.limit)) chosen.push_back(prompt);
    }
    if (!wanted.empty()) {
      std::vector<std::string> near = did_you_mean(*wanted.begin(), ids);
      return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 40) + "\"", where(*file, out.file),
                  near.empty() ? "samples are the keys of the prompt file" : "did you mean " + join(near, ", ") + "?");
    }
    if (chosen.empty()) return fail(ErrorKind::usage, "the selection leaves no prompt");
    out.selected = std::make_shared<const std::vector<StoryPrompt>>(std::move(chosen));
  }
  for (const StoryPrompt& prompt : *out.selected) out.criteria.push_back(story::asked_criteria(prompt, first_set));
  if (settings.held) {
    auto held = held_items(*settings.held, out);
    if (!held) return std::unexpected(held.error());
    out.held = std::move(*held);
  }
  return out;
}

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) {
  return std::make_shared<CreativeWritingEvaluation>(std::move(prepared));
}

}  // namespace assay::creative_writing
