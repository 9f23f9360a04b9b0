#include "cli/mixeval_run.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/judged_file.h"
#include "benchmark/mixeval/judgement.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/python_text.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/score_file.h"
#include "cli/compat/mixeval_models.h"
#include "cli/run_job.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using mixeval::Judged;
using mixeval::Parser;
using mixeval::Split;
using mixeval::StoredResponse;
constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

/// One model on its way to its scores.
struct ModelWork {
  std::string name;
  mixeval::Kind kind = mixeval::Kind::api;
  std::vector<StoredResponse> responses[2];
  std::map<std::string, mixeval::JudgeOutcome> outcomes;  // by sample, of the judge
  std::optional<mixeval::SideScores> sides[2];
  std::size_t random = 0;
};

std::size_t index(Split split) { return split == Split::free_form ? 0 : 1; }

/// The part of a response that is looked at.
std::string seen(const MixevalFlags& flags, const ModelWork& model, Split split, const std::string& response) {
  if (!flags.extract_base_model_response || model.kind != mixeval::Kind::base) return response;
  return std::string(mixeval::cut_base_output(split, response));
}

Result<void> read_responses(MixevalWork& work, ModelWork& model) {
  for (Split split : kSplits) {
    const fs::path file = work.response_file(model.name, split);
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    // Lines of other tools may hold ids and responses alone: then the data say the rest.
    std::optional<std::vector<mixeval::Entry>> data;
    if (auto version = version_data(work, split); version)
      if (auto entries = mixeval::read_entries(*version, split, "data"); entries) data = std::move(*entries);
    auto read = mixeval::read_responses(*text, split, file.string(), nullptr);
    const bool whole_lines = read.has_value();
    if (!read && data) read = mixeval::read_responses(*text, split, file.string(), &*data);
    if (!read) return std::unexpected(read.error());
    if (read->torn_at) work.note(file.string() + ": the last line is half-written and left out");
    if (!read->doubled.empty()) work.note(file.string() + ": " + std::to_string(read->doubled.size()) + " lines repeat an id; " + (whole_lines ? "each counts, as in the original" : "the first line of each counts"));
    if (data) {
      std::set<std::string> ids;
      std::set<std::string_view> known;
      for (const StoredResponse& one : read->lines) ids.insert(mixeval::line_id(one.entry));
      std::size_t missing = 0, foreign = 0;
      for (const mixeval::Entry& entry : *data) known.insert(entry.id), missing += !ids.contains(entry.id);
      for (std::string_view id : ids) foreign += !known.contains(id);
      if (missing) work.note(file.string() + ": " + std::to_string(missing) + " of " + std::to_string(data->size()) + " entries have no response");
      if (foreign) work.note(file.string() + ": " + std::to_string(foreign) + " ids are not in the data");
    }
    model.responses[index(split)] = std::move(read->lines);
  }
  return {};
}

/// Asks the judges about all responses of a model that are parsed by one.
Result<void> judge(MixevalWork& work, cli::Session& session, ModelWork& model) {
  const MixevalFlags& flags = work.flags;
  json::object lines;
  cli::RunJob job;
  for (Split split : kSplits) {
    if (flags.parser(split) == Parser::rule) continue;
    json::array& list = lines[mixeval::name(split)].emplace_array();
    for (const StoredResponse& one : model.responses[index(split)]) list.emplace_back(one.entry.fields);
    auto spec = judge_spec(flags, flags.judge_name(split), work.variables());
    if (!spec) return std::unexpected(spec.error());
    const std::string role(mixeval::judge_role(split));
    job.specs[role] = *spec;
    job.labels[role] = flags.judge_name(split);
  }
  auto found = cli::benchmark_registry().find(flags.hard() ? "mixeval-hard" : "mixeval");
  job.benchmark = found->first;
  job.selection.settings.ref = {found->second.name, flags.version, ""};
  auto& options = job.selection.settings.options;
  options["kind"] = std::string(mixeval::name(model.kind));
  options["extract"] = flags.extract_base_model_response ? "true" : "false";
  options["free_form_parser"] = std::string(mixeval::name(flags.free_form_parser));
  options["multi_choice_parser"] = std::string(mixeval::name(flags.multi_choice_parser));
  if (flags.judge_model_id) options["judge_max_tokens"] = "1024";
  job.selection.settings.held = std::make_shared<const json::value>(json::object{{"lines", std::move(lines)}});
  job.selection.edition = flags.edition.value_or("auto");
  job.concurrency = static_cast<std::size_t>(flags.judge_model_id ? flags.batch_size_judge : flags.api_parallel_num);
  if (auto taken = cli::take_model_ids(session.invocation().arguments, {"model", "freeform", "multichoice"}, job); !taken) return std::unexpected(taken.error());
  auto done = session.complete(run_job(session, std::move(job)));
  if (!done) return std::unexpected(done.error());
  auto read = done->result.results->for_each_answer([&](std::size_t, const Unit& unit, const UnitResult& result) {
    const Split split = unit.id.starts_with("ff:") ? Split::free_form : Split::multiple_choice;
    if (result.samples.empty()) return true;
    auto stored = mixeval::stored_of(split, result.samples.front());
    if (stored && !stored->lost) model.outcomes[unit.id] = std::move(stored->judged);
    return true;
  });
  if (!read) return read;
  work.document["judged " + model.name] = to_json(done->result.report);
  if (done->result.stopped) return std::unexpected(*done->result.stopped);
  if (done->result.report.status == "incomplete")
    return fail(ErrorKind::timeout, "the judgements of " + model.name + " are not whole: " + done->result.report.reason, "", "the verdicts so far are kept; the same command asks for the others");
  return {};
}

/// Parses one split of one model and writes its judged file.
Result<void> parse_side(MixevalWork& work, ModelWork& model, Split split, PythonRandom& random) {
  const MixevalFlags& flags = work.flags;
  const std::vector<StoredResponse>& responses = model.responses[index(split)];
  std::string text;
  std::vector<Judged> judged;
  if (flags.parser(split) == Parser::rule) {
    for (const StoredResponse& one : responses) {
      bool right = false;
      const std::string part = seen(flags, model, split, one.response);
      if (split == Split::free_form) {
        const std::vector<mixeval::Normal> parsed = mixeval::parse_answer(part);
        right = mixeval::answer_matches(parsed, one.entry.targets);
        text += mixeval::rule_line(one, parsed, right);
      } else {
        const mixeval::RuleChoice choice = mixeval::parse_choice(part, one.entry.options, random);
        model.random += choice.guessed;
        right = choice.letter == mixeval::option_letter(one.entry.answer);
        text += mixeval::rule_line(one, choice.letter, right);
      }
      judged.push_back({one.entry.benchmark_name, right ? 1.0 : 0.0});
    }
  } else {
    std::vector<mixeval::JudgeOutcome> outcomes;
    std::vector<std::size_t> options;
    for (const StoredResponse& one : responses) {
      auto outcome = model.outcomes.find(mixeval::sample_id(split, one.entry.id));
      outcomes.push_back(outcome == model.outcomes.end() ? mixeval::JudgeOutcome{} : outcome->second);
      options.push_back(one.entry.options.size());
    }
    const bool cut = flags.extract_base_model_response && model.kind == mixeval::Kind::base;
    for (const mixeval::Verdict& verdict : mixeval::settle(split, outcomes, options, random)) {
      const StoredResponse& one = responses[verdict.entry];
      model.random += verdict.random;
      text += mixeval::judged_line(split, one, cut ? std::optional(seen(flags, model, split, one.response)) : std::nullopt, verdict);
      judged.push_back({one.entry.benchmark_name, split == Split::free_form ? verdict.score : verdict.option == mixeval::option_letter(one.entry.answer) ? 1.0 : 0.0});
    }
  }
  if (auto wrote = write_file(work.folder(model.name) / mixeval::judged_file_name(split, flags.judge_name(split)), text); !wrote) return wrote;
  model.sides[index(split)] = mixeval::score_side(judged);
  return {};
}

Result<void> read_judged(MixevalWork& work, ModelWork& model, Split split) {
  const fs::path file = work.folder(model.name) / mixeval::judged_file_name(split, work.flags.judge_name(split));
  auto text = read_file(file);
  if (!text && text.error().kind == ErrorKind::not_found) {
    work.say("Judge file not found: " + file.string() + "\n");
    return {};
  }
  if (!text) return std::unexpected(text.error());
  auto lines = mixeval::read_judged(*text, split, work.flags.parser(split) == Parser::rule, file.string());
  if (!lines) return std::unexpected(lines.error());
  model.sides[index(split)] = mixeval::score_side(mixeval::judged_of(*lines));
  return {};
}

std::string side_text(const mixeval::SideScores& side) {
  json::object scores, numbers;
  for (const mixeval::SideScores::Key& key : side.keys) {
    scores[key.name] = key.score;
    numbers[key.name] = key.n;
  }
  scores["number_samples"] = std::move(numbers);
  return mixeval::indented_json(scores);
}

void show_side(const MixevalWork& work, const std::vector<ModelWork>& models, Split split) {
  if (!work.flags.verbose) return;
  work.say(std::string("[Close-ended ") + (split == Split::free_form ? "Free-form " : "Multiple-choice ") + (work.flags.parser(split) == Parser::rule ? "Rule" : "Model") + " Parser]\n");
  for (const ModelWork& model : models)
    if (const auto& side = model.sides[index(split)]) work.say(model.name + ": " + side_text(*side) + "\n");
}

Result<void> write_all(const fs::path& path, const std::vector<std::pair<std::string, mixeval::Scores>>& scores) {
  auto existing = read_file(path);
  if (!existing && existing.error().kind != ErrorKind::not_found) return std::unexpected(existing.error());
  auto text = mixeval::scores_text(scores, existing ? *existing : std::string());
  if (!text) {
    text.error().where = path.string();
    return std::unexpected(text.error());
  }
  return write_file(path, *text);
}

int publish(MixevalWork& work, std::vector<ModelWork>& models) {
  const MixevalFlags& flags = work.flags;
  std::vector<std::pair<std::string, mixeval::Scores>> all;
  json::object documents;
  const fs::path place = fs::path(flags.response_dir) / "score.json";
  for (ModelWork& model : models) {
    if (!model.sides[0] || !model.sides[1]) {
      for (Split split : kSplits)
        if (!model.sides[index(split)]) work.say("Model " + model.name + " has no " + std::string(mixeval::name(split)) + " scores and is skipped.\n");
      continue;
    }
    mixeval::Scores scores = mixeval::combine(*model.sides[0], *model.sides[1], flags.score);
    if (scores.empty()) {
      work.say("Model " + model.name + " has nothing that was judged and is skipped.\n");
      continue;
    }
    if (auto wrote = write_file(work.folder(model.name) / "score.json", mixeval::score_text(scores)); !wrote) return work.invocation.report(wrote.error());
    work.say(mixeval::score_table(scores));
    if (model.random) work.note(std::to_string(model.random) + " verdicts of " + model.name + " are random, as none could be read: assay score shows the score without them");
    json::object document{{"scores", mixeval::to_json(scores)}, {"random_verdicts", model.random}, {"overall_exact", mixeval::exact_overall(*model.sides[0], *model.sides[1], flags.score).value_or(0)}};
    documents[model.name] = std::move(document);
    all.emplace_back(model.name, std::move(scores));
  }
  work.document["models"] = std::move(documents);
  if (all.empty()) return work.invocation.report(Error{ErrorKind::data, "no model has scores of both splits", flags.response_dir, "see what was skipped above"}, work.document);
  work.say("Saving the model scores to " + (flags.response_dir.ends_with('/') ? flags.response_dir : flags.response_dir + "/") + "score.json ...\n");
  if (auto wrote = write_all(place, all); !wrote) return work.invocation.report(wrote.error());
  // The original's one file is overwritten by whatever is scored next: each benchmark and version has one of its own beside it.
  if (auto wrote = write_all(fs::path(flags.response_dir) / ("score_" + flags.benchmark + "_" + flags.version + ".json"), all); !wrote) return work.invocation.report(wrote.error());
  return cli::kDone;
}

}  // namespace

int compute_metrics(MixevalWork& work, const std::vector<std::string>& names) {
  const MixevalFlags& flags = work.flags;
  std::vector<ModelWork> models;
  for (const std::string& name : names) {
    const mixeval::RegisteredModel* registered = work.registry.find(name);
    if (!registered) {
      work.say("Model " + name + " is not available in the registry.\n");
      continue;
    }
    models.emplace_back();
    models.back().name = name;
    models.back().kind = registered->kind;
  }
  if (models.empty()) return work.invocation.report(Error{ErrorKind::data, "there is no model to score", flags.response_dir, "models of your own are named in a file: --models_file FILE"});
  if (flags.compute_score_from_judged_file) {
    for (Split split : kSplits) {
      for (ModelWork& model : models)
        if (auto read = read_judged(work, model, split); !read) return work.invocation.report(read.error());
      show_side(work, models, split);
    }
    return publish(work, models);
  }
  int code = cli::kDone;
  std::vector<ModelWork> whole;
  for (ModelWork& model : models) {
    Result<void> done = read_responses(work, model);
    if (done && (flags.free_form_parser == Parser::model || flags.multi_choice_parser == Parser::model)) {
      auto session = work.session();
      if (!session) return work.invocation.report(session.error());
      done = judge(work, **session, model);
    }
    if (!done) {
      if (done.error().kind == ErrorKind::cancelled) {
        work.invocation.err("interrupted: the same command goes on where this one ended\n");
        return cli::kInterrupted;
      }
      code = std::max(code, work.invocation.report(done.error(), work.document));
      if (models.size() == 1) return code;
      continue;
    }
    whole.push_back(std::move(model));
  }
  // The original's order, on which its random verdicts depend: a split over all models, then the other.
  PythonRandom random(42);
  for (Split split : kSplits) {
    for (ModelWork& model : whole)
      if (auto done = parse_side(work, model, split, random); !done) return work.invocation.report(done.error());
    show_side(work, whole, split);
  }
  return std::max(code, publish(work, whole));
}

}  // namespace assay::compat
