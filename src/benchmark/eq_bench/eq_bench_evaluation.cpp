#include "benchmark/eq_bench/eq_bench_evaluation.h"

#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/eq_bench/attempts.h"
#include "benchmark/eq_bench/baselines.h"
#include "benchmark/eq_bench/evidence.h"
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/prompts.h"
#include "benchmark/eq_bench/summary.h"
#include "benchmark/unit_errors.h"

namespace assay::eq_bench {
namespace {

class EqBenchEvaluation final : public Evaluation {
 public:
  explicit EqBenchEvaluation(Prepared prepared) : p_(std::move(prepared)) {}

  std::size_t unit_count() const override { return questions().size() * static_cast<std::size_t>(p_.iterations); }
  Unit unit(std::size_t ordinal) const override {
    return {question(ordinal).id, static_cast<int>(ordinal / questions().size()) + 1};
  }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {question(ordinal).id}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const Question& q = question(ordinal);
    if (const StoredQuestion* held = held_for(ordinal)) {
      UnitResult result;
      result.samples.push_back(recorded_result(*held, q, prompt(ordinal), p_.protocol));
      result.samples.back().evidence["held"] = true;
      co_return result;
    }
    Attempts attempts(q, p_.protocol);
    std::vector<AskRecord> asks;
    while (!attempts.done()) {
      Request request = make_request(ordinal, attempts.temperature());
      Result<Response> response = co_await context.ask("model", q.id, std::move(request));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      AskRecord record;
      if (response) {
        record.finish = response->finish;
        record.reasoning = std::move(response->reasoning);
        attempts.give(response->text);
      } else {
        record.finish = Finish::error;
        record.error = to_string(response.error());
        attempts.give(std::nullopt);
      }
      asks.push_back(std::move(record));
    }
    UnitResult result;
    result.samples.push_back(sample_result(q, p_.protocol, attempts, asks));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    auto iterations = rows(results);
    if (!iterations) return std::unexpected(iterations.error());
    if (report.total.name.empty()) report.total.name = p_.benchmark;
    summarize(p_.protocol, questions().size(), iterations->size(), *iterations, report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    const std::string& id = question(ordinal).id;
    for (int attempt = 2; attempt <= p_.protocol.attempts; ++attempt)
      pending.push_back("attempt " + std::to_string(attempt) + " of sample " + id + ", only if no earlier answer is accepted");
    KnownRequest first;
    first.sample = id;
    first.role = "model";
    first.request = make_request(ordinal, Attempts(question(ordinal), p_.protocol).temperature());
    std::vector<KnownRequest> out;
    out.push_back(std::move(first));
    return out;
  }

  json::object manifest() const override { return p_.manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    const RunMetadata run = metadata(report);
    RawResultsWriter raw(run);
    std::vector<IterationScore> scored;  // of the iterations that are written
    StoredIteration iteration;
    std::vector<QuestionScore> v1, v2;
    auto finish_until = [&](std::size_t end) {
      while (scored.size() < end) {
        scored.push_back(score_iteration(p_.protocol.version == 2 ? v2 : v1));
        iteration.name = std::to_string(scored.size());
        (p_.protocol.version == 2 ? iteration.v2 : iteration.v1) = scored.back();
        raw.add(iteration);
        iteration = {};
        v1.clear();
        v2.clear();
      }
    };
    const auto iterations = static_cast<std::size_t>(p_.iterations);
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      std::size_t i = ordinal / questions().size();  // they come in plan order
      if (i >= iterations) return true;
      finish_until(i);
      for (const SampleResult& sample : result.samples)
        if (auto stored = stored_of(sample)) {
          v1.push_back({stored->first_v1.value, stored->revised_v1.value});
          v2.push_back({stored->first_v2.value, stored->revised_v2.value});
          iteration.questions.push_back(std::move(*stored));
        }
      return true;
    });
    if (!read) return std::unexpected(read.error());
    finish_until(iterations);
    RunScore score = score_run(scored, iterations);
    std::string completed = completed_text(report);
    // As upstream decides: questions without an answer are simply not parseable ones.
    std::string row = too_few_parseable(score.parseable, questions().size()) ? csv_failed_row(run, completed, too_few_text(score.parseable))
                                                                             : csv_row(run, completed, score);
    std::vector<OutputFile> out;
    out.push_back({"raw_results.json", raw.finish()});
    out.push_back({"benchmark_results.csv", csv_header() + row});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return make_baselines(p_.selected, p_.protocol); }

 private:
  const std::vector<Question>& questions() const { return *p_.selected; }
  const Question& question(std::size_t ordinal) const { return questions()[ordinal % questions().size()]; }
  const std::string& prompt(std::size_t ordinal) const { return p_.prompts[ordinal % questions().size()]; }

  const StoredQuestion* held_for(std::size_t ordinal) const {
    if (!p_.held) return nullptr;
    auto it = p_.held->find({static_cast<int>(ordinal / questions().size()) + 1, question(ordinal).id});
    return it == p_.held->end() ? nullptr : &it->second;
  }

  Request make_request(std::size_t ordinal, double temperature) const {
    Generate generate;
    Message message;
    message.role = "user";
    message.content = prompt(ordinal);
    generate.messages.push_back(std::move(message));
    generate.sampling.temperature = temperature;
    generate.sampling.max_tokens = p_.protocol.max_tokens;
    return generate;
  }

  Result<std::vector<IterationRows>> rows(const UnitResults& results) const {
    std::vector<IterationRows> out(static_cast<std::size_t>(p_.iterations));
    auto read = results.for_each_score([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      std::size_t iteration = ordinal / questions().size();
      if (iteration >= out.size()) return true;
      SampleRow row;
      row.question = static_cast<std::uint32_t>(ordinal % questions().size());
      if (!result.samples.empty()) row = row_of(result.samples.front(), row.question, p_.protocol);
      if (out[iteration].empty()) out[iteration].reserve(questions().size());
      out[iteration].push_back(row);
      return true;
    });
    if (!read) return std::unexpected(read.error());
    return out;
  }

  RunMetadata metadata(const Report& report) const {
    RunMetadata m;
    m.run_id = report.run;
    m.total_iterations = p_.iterations;
    m.version = p_.protocol.version_text();
    m.language = std::string(name(p_.protocol.language));
    m.inference_engine = "assay";
    if (auto it = report.roles.find("model"); it != report.roles.end()) m.model_path = it->second;
    return m;
  }

  Prepared p_;
};

}  // namespace

json::object Prepared::manifest() const {
  std::string prompts_text;
  for (const std::string& prompt : prompts) {
    prompts_text += prompt;
    prompts_text += '\0';
  }
  json::object questions{{"file", file}, {"sha256", sha256}, {"edition", edition}, {"in_file", all->size()}};
  // What a run took of it; "selection" is not part of the plan's hash, so that more samples or iterations continue a run.
  json::object selection{{"iterations", iterations}, {"samples", selected->size()}, {"prompts_sha256", sha256_hex(prompts_text)}};
  if (held) selection["held"] = held->size();
  if (selected->size() != all->size()) {
    json::array& ids = selection["ids"].emplace_array();
    for (const Question& question : *selected) ids.emplace_back(question.id);
  }
  json::object out{{"benchmark", benchmark},
                   {"version", protocol.version_text()},
                   {"language", json::string_view(name(protocol.language).data(), name(protocol.language).size())},
                   {"revise", protocol.revise},
                   {"strict", protocol.strict},
                   {"program", protocol.program},
                   {"attempts", protocol.attempts},
                   {"first_temperature", 0.01},
                   {"temperature_step", 0.15},
                   {"max_tokens", protocol.max_tokens},
                   {"questions", std::move(questions)},
                   {"selection", std::move(selection)}};
  return out;
}

namespace {

/// As upstream decides on resuming: a question is answered when the iteration's individual_scores name it.
Result<decltype(Prepared::held)> held_answers(const json::value& entry, const Prepared& prepared) {
  std::map<std::pair<int, std::string>, StoredQuestion> out;
  auto run = run_from_json("", entry, "the results held");
  if (!run) return std::unexpected(run.error());
  std::unordered_set<std::string_view> selected;
  for (const Question& question : *prepared.selected) selected.insert(question.id);
  for (StoredIteration& iteration : run->iterations) {
    const json::value* iterations = find(entry, "iterations");
    const json::value* stored = iterations ? find(*iterations, iteration.name) : nullptr;
    const json::value* scores = stored ? find(*stored, "individual_scores") : nullptr;
    const int number = std::atoi(iteration.name.c_str());
    if (!scores || number < 1 || number > prepared.iterations || std::to_string(number) != iteration.name) continue;
    for (StoredQuestion& question : iteration.questions) {
      if (!selected.contains(question.id) || !find(*scores, question.id)) continue;
      std::string id = question.id;
      out.emplace(std::pair(number, std::move(id)), std::move(question));
    }
  }
  if (out.empty()) return nullptr;
  return std::make_shared<const std::map<std::pair<int, std::string>, StoredQuestion>>(std::move(out));
}

}  // namespace

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data) {
  auto protocol = make_protocol(settings.ref.version, settings.ref.variant, settings.options);
  if (!protocol) return std::unexpected(protocol.error());
  if (settings.iterations < 1) return fail(ErrorKind::usage, "the number of iterations must be at least 1");
  Prepared out;
  out.protocol = std::move(*protocol);
  out.iterations = settings.iterations;
  out.benchmark = settings.ref.text();
  out.file = out.protocol.version_text() + "/questions/" + std::string(name(out.protocol.language));
  auto file = data.file(out.file);
  if (!file) return std::unexpected(file.error());
  const std::string where = !file->path.empty() ? file->path : file->name.empty() ? out.file : file->name;
  out.sha256 = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
  out.edition = file->edition;
  auto read = read_questions(file->content, where);
  if (!read) return std::unexpected(read.error());
  if (out.protocol.version == 2)
    for (const Question& question : *read)
      if (!question.fullscale)
        return fail(
            ErrorKind::data,
            "question \"" + shorten(question.id, 40) + "\" has no reference_answer_fullscale, which eq-bench@2 scores against",
            where, "use eq-bench@1, or add the member");
  out.all = std::make_shared<const std::vector<Question>>(std::move(*read));

  out.selected = out.all;
  if (settings.limit || !settings.samples.empty()) {
    std::unordered_set<std::string> wanted(settings.samples.begin(), settings.samples.end());
    std::vector<Question> chosen;
    std::vector<std::string> ids;
    for (const Question& question : *out.all) {
      ids.push_back(question.id);
      bool take = settings.samples.empty() || wanted.erase(question.id) > 0;
      if (take && (!settings.limit || chosen.size() < *settings.limit)) chosen.push_back(question);
    }
    if (!wanted.empty()) {
      std::vector<std::string> near = did_you_mean(*wanted.begin(), ids);
      return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 40) + "\"", where,
                  near.empty() ? "samples are the keys of the question file" : "did you mean " + join(near, ", ") + "?");
    }
    if (chosen.empty()) return fail(ErrorKind::usage, "the selection leaves no question");
    out.selected = std::make_shared<const std::vector<Question>>(std::move(chosen));
  }
  if (settings.held) {
    auto held = held_answers(*settings.held, out);
    if (!held) return std::unexpected(held.error());
    out.held = std::move(*held);
  }
  out.prompts.reserve(out.selected->size());
  for (const Question& question : *out.selected) out.prompts.push_back(prompt_to_send(question.prompt, out.protocol));
  return out;
}

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) {
  return std::make_shared<EqBenchEvaluation>(std::move(prepared));
}

}  // namespace assay::eq_bench
