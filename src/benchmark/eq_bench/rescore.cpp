#include "benchmark/eq_bench/rescore.h"

#include <filesystem>
#include <unordered_map>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/eq_bench/evidence.h"
#include "benchmark/eq_bench/summary.h"
#include "benchmark/result_files.h"

namespace assay::eq_bench {
namespace {

using Index = std::unordered_map<std::string_view, std::size_t>;
Index index_of(const std::vector<Question>& questions) {
  Index out;
  for (std::size_t i = 0; i < questions.size(); ++i) out.emplace(questions[i].id, i);
  return out;
}

StoredNumber number(const Score& score) {
  return {score.value, score.whole};
}

/// 2.3 wrote the kind of benchmark where the version belongs; the index says it all the same.
std::string version_of(const StoredRun& run) {
  if (run.metadata.version == "v1" || run.metadata.version == "v2") return run.metadata.version;
  return contains(run.index, "--v1--") ? "v1" : "v2";
}

/// Documents before 2.4 name no language; the index does since 2.1.
std::string language_of(const StoredRun& run) {
  std::string_view rest = run.index;
  for (int field = 0; field < 2; ++field) {
    std::size_t at = rest.find("--");
    if (at == std::string_view::npos) return run.metadata.language;
    rest = rest.substr(at + 2);
  }
  std::string_view third = rest.substr(0, rest.find("--"));
  for (Language language : {Language::de, Language::ja, Language::jahalf})
    if (third == name(language)) return std::string(third);
  return run.metadata.language;
}

struct FoundRun {
  std::string path;
  StoredRun run;
};

Result<std::vector<FoundRun>> read_path(const std::string& path) {
  auto files = result_files(path);
  if (!files) return std::unexpected(files.error());
  std::vector<FoundRun> out;
  for (const std::filesystem::path& file : *files) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto runs = read_results(*text, file.string());
    if (!runs) return std::unexpected(runs.error());
    for (StoredRun& run : *runs) out.push_back({file.string(), std::move(run)});
  }
  return out;
}

SampleRow row_of_stored(const StoredQuestion& q, std::size_t question, const Protocol& protocol) {
  SampleRow row;
  row.question = static_cast<std::uint32_t>(question);
  row.first_v1 = q.first_v1.value;
  row.revised_v1 = q.revised_v1.value;
  if (protocol.version == 2) {
    row.first_other = q.first_v2.value;
    row.revised_other = q.revised_v2.value;
  }
  bool counted = protocol.version == 2 ? row.first_other || row.revised_other : row.first_v1 || row.revised_v1;
  row.outcome = counted ? Outcome::scored : Outcome::unparseable;
  return row;
}

/// What a report says of one sample; the outcome is the row's, by which the numbers were made.
ScoredSample shown(const Prepared& prepared, const SampleRow& row, const StoredQuestion* stored, int iteration) {
  const Question& question = (*prepared.selected)[row.question];
  ScoredSample out{{question.id, iteration}, {}};
  if (stored) out.result = recorded_result(*stored, question, prepared.prompts[row.question], prepared.protocol);
  out.result.sample = question.id;
  out.result.outcome = row.outcome;
  if (row.outcome != Outcome::scored && (!stored || out.result.reason.empty()))
    out.result.reason = stored ? "no score can be made of what is stored" : "the file holds no answer to it";
  return out;
}

Result<Report> report_of(const FoundRun& found, Prepared prepared, const Benchmark::ScoreRequest& request, std::vector<ScoredSample>* samples) {
  const StoredRun& run = found.run;
  Protocol& protocol = prepared.protocol;
  json::array notes;
  const bool revised = holds_revised(run);
  if (!request.settings.options.contains("revise")) {
    protocol.revise = revised;
  } else if (protocol.revise != revised) {
    notes.emplace_back(revised ? "the file holds revised scores, but revise=false was asked for"
                               : "the file holds no revised scores, but revise=true was asked for");
  }
  auto scored = rescore(run, *prepared.all, protocol, request.reparse);
  if (!scored) {
    Error error = scored.error();
    error.where = found.path;
    return std::unexpected(std::move(error));
  }

  const Index selected = index_of(*prepared.selected);
  const std::size_t declared = static_cast<std::size_t>(std::max(1, run.metadata.total_iterations));
  std::vector<IterationRows> iterations;
  for (const StoredIteration& iteration : scored->iterations) {
    if (iterations.size() == declared) break;
    if (!run.document && !iteration.scored && iteration.questions.empty()) continue;  // not counted in the original either
    IterationRows rows;
    std::vector<bool> seen(prepared.selected->size());
    for (const StoredQuestion& q : iteration.questions)
      if (auto it = selected.find(q.id); it != selected.end()) {
        seen[it->second] = true;
        SampleRow row = row_of_stored(q, it->second, protocol);
        if (protocol.version == 1 && q.answers) {
          const Names names = protocol.fold_case ? Names::fold_case : Names::exact;
          const Reference& reference = (*prepared.selected)[it->second].reference;
          row.first_other = score_v1(q.answers->first_pass, reference, names, true).value;
          if (protocol.revise) row.revised_other = score_v1(q.answers->revised, reference, names, true).value;
        }
        rows.push_back(row);
        if (samples) samples->push_back(shown(prepared, row, &q, static_cast<int>(iterations.size()) + 1));
      }
    // A finished run asked everything; what it did not store was never accepted. An unfinished one may not have asked yet.
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (!seen[i]) {
        SampleRow row;
        row.question = static_cast<std::uint32_t>(i);
        row.outcome = iteration.finished ? Outcome::unparseable : Outcome::missing;
        rows.push_back(row);
        if (samples) samples->push_back(shown(prepared, row, nullptr, static_cast<int>(iterations.size()) + 1));
      }
    iterations.push_back(std::move(rows));
  }
  while (iterations.size() < declared && declared <= 1000) {  // declared but not there: counted as missing, and divided by
    IterationRows rows;
    for (std::size_t i = 0; i < prepared.selected->size(); ++i) rows.emplace_back().question = static_cast<std::uint32_t>(i);
    iterations.push_back(std::move(rows));
  }

  Report report;
  report.benchmark = prepared.benchmark;
  report.edition = prepared.edition;
  report.roles["model"] =
      run.metadata.model_path.empty() ? std::filesystem::path(found.path).stem().string() : run.metadata.model_path;
  if (run.completed && *run.completed > 0 && *run.completed < 253'402'300'800)
    report.created = utc_text(*run.completed * 1'000'000);
  report.total.name = prepared.benchmark;
  if (!protocol.divide_by_declared) {
    std::size_t present = std::min(declared, scored->iterations.size());
    iterations.resize(present);
    summarize(protocol, prepared.selected->size(), present, iterations, report);
  } else {
    summarize(protocol, prepared.selected->size(), declared, iterations, report);
  }
  if (prepared.selected->size() != prepared.all->size()) report.deviates.emplace_back("a part of the samples only");

  prepared.iterations = static_cast<int>(declared);
  report.manifest = prepared.manifest();
  json::object source{{"file", found.path},
                      {"run", run.index},
                      {"route", request.reparse ? "raw text parsed again" : "stored parsed answers"},
                      {"made_with_revise", revised}};
  if (run.published_score) source["published_score"] = *run.published_score;
  if (run.published_parseable) source["published_parseable"] = *run.published_parseable;
  std::string text = std::string(request.reparse ? "raw text parsed again" : "stored parsed answers") +
                     (revised ? ", made with -revise" : ", made without -revise");
  if (run.published_score) text += "; published as " + python_repr(*run.published_score);
  for (const json::value& note : notes)
    if (note.is_string()) text += "; " + std::string(note.get_string());
  source["text"] = text;
  if (!notes.empty()) source["notes"] = std::move(notes);
  report.manifest["source"] = std::move(source);
  return report;
}

}  // namespace

bool holds_revised(const StoredRun& run) {
  for (const StoredIteration& iteration : run.iterations)
    for (const StoredQuestion& q : iteration.questions)
      if ((q.answers && !q.answers->revised.empty()) || q.revised_v1.value || q.revised_v2.value) return true;
  return false;
}

Result<StoredRun> rescore(const StoredRun& run, const std::vector<Question>& questions, const Protocol& protocol, bool reparse) {
  const Index index = index_of(questions);
  StoredRun out = run;
  for (StoredIteration& iteration : out.iterations) {
    std::vector<QuestionScore> v1, v2;
    for (StoredQuestion& q : iteration.questions) {
      auto it = index.find(q.id);
      if (it == index.end())
        return fail(ErrorKind::data,
                    "the file answers a question \"" + shorten(q.id, 40) + "\" that the question set does not have", run.index,
                    "name the version and language it was made with: eq-bench@1, eq-bench@2:de, ...");
      if (reparse) q.answers = q.raw ? std::optional(parse_answer(strip(*q.raw), protocol)) : std::nullopt;
      Scores scores;
      if (q.answers) scores = score_answer(*q.answers, questions[it->second], protocol);
      q.first_v1 = number(scores.first_v1);
      q.revised_v1 = number(scores.revised_v1);
      q.first_v2 = number(scores.first_v2);
      q.revised_v2 = number(scores.revised_v2);
      v1.push_back({q.first_v1.value, q.revised_v1.value});
      v2.push_back({q.first_v2.value, q.revised_v2.value});
    }
    iteration.v1 = score_iteration(v1);
    iteration.v2 = score_iteration(v2);
  }
  return out;
}

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data) {
  auto found = read_path(request.path);
  if (!found) return std::unexpected(found.error());
  auto prepared = prepare(request.settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  std::vector<Report> out;
  std::vector<std::string> others;
  for (const FoundRun& one : *found) {
    std::string version = version_of(one.run), language = language_of(one.run);
    if (version != prepared->protocol.version_text() || language != name(prepared->protocol.language)) {
      others.push_back("eq-bench@" + version.substr(1) + (language == "en" ? "" : ":" + language));
      continue;
    }
    if (request.samples) request.samples->emplace_back();
    auto report = report_of(one, *prepared, request, request.samples ? &request.samples->back() : nullptr);
    if (!report) return std::unexpected(report.error());
    out.push_back(std::move(*report));
  }
  if (out.empty()) {
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    return fail(
        ErrorKind::data, "no run of " + prepared->benchmark + " is recorded there", request.path,
        others.empty() ? "it holds runs of other benchmarks, or none" : "it holds runs of " + shorten(join(others, ", "), 200));
  }
  return out;
}

}  // namespace assay::eq_bench
