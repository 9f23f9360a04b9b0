#include "benchmark/mixeval/rescore.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>

#include "base/distinct_names.h"
#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/evaluation.h"
#include "benchmark/mixeval/judged_file.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/verdict.h"

namespace assay::mixeval {
namespace {

namespace fs = std::filesystem;
constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

/// The files of one judge (or of a rule parser, or responses), at most one a split.
struct Source {
  std::string judge;  // "" = rule
  bool judged = true;
  std::map<Split, fs::path> files;
};

struct Folder {
  fs::path path;
  std::string model;
  std::vector<Source> sources;
};

/// "judge_results_ff_model_judge_NAME.jsonl" -> NAME; "" of a rule's; null for another file.
std::optional<std::string> judge_of(std::string_view file, Split split) {
  const std::string side = split == Split::free_form ? "judge_results_ff_" : "judge_results_mp_";
  if (!file.starts_with(side) || !file.ends_with(".jsonl")) return std::nullopt;
  file.remove_prefix(side.size());
  file.remove_suffix(6);
  if (file == "rule") return "";
  if (!file.starts_with("model_judge_")) return std::nullopt;
  return std::string(file.substr(12));
}

bool add_file(const fs::path& path, bool hard, std::map<std::string, Source>& judged, Source& responses, std::string& model) {
  const std::string file = path.filename().string();
  for (Split split : kSplits) {
    if (auto judge = judge_of(file, split)) {
      Source& source = judged[*judge];
      source.judge = *judge;
      source.files[split] = path;
      return true;
    }
    const std::string tail = "_" + split_name(split, hard) + ".jsonl";
    if (file.ends_with(tail) && file.size() > tail.size()) {
      responses.judged = false;
      responses.files[split] = path;
      model = file.substr(0, file.size() - tail.size());
      return true;
    }
  }
  return false;
}

Result<Folder> look(const Benchmark::ScoreRequest& request, bool hard) {
  Folder out;
  out.path = request.path;
  std::error_code code;
  std::map<std::string, Source> judged;
  Source responses;
  if (!fs::is_directory(out.path, code)) {
    if (!add_file(out.path, hard, judged, responses, out.model))
      return fail(fs::exists(out.path, code) ? ErrorKind::data : ErrorKind::not_found, "this is neither a judged file nor a response file", request.path,
                  "their names are judge_results_ff_..., judge_results_mp_... and MODEL_" + split_name(Split::free_form, hard) + ".jsonl");
    out.path = out.path.parent_path();
  } else {
    // A model's folder holds <benchmark>/<version>/.
    if (fs::path deeper = out.path / result_benchmark(hard) / request.settings.ref.version; fs::is_directory(deeper, code)) out.path = deeper;
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(out.path, code))
      if (entry.is_regular_file(code)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) add_file(file, hard, judged, responses, out.model);
  }
  for (auto& [judge, source] : judged) out.sources.push_back(std::move(source));
  if (out.sources.empty() && !responses.files.empty()) out.sources.push_back(std::move(responses));
  if (out.sources.empty())
    return fail(ErrorKind::not_found, "the folder holds no judged files and no responses of " + request.settings.ref.text(), out.path.string(),
                "they are named judge_results_ff_..., judge_results_mp_... and MODEL_" + split_name(Split::free_form, hard) + ".jsonl");
  if (out.model.empty() && out.path.has_parent_path()) out.model = out.path.parent_path().parent_path().filename().string();
  return out;
}

struct Side {
  std::vector<Entry> entries;
  std::vector<Row> rows;
  std::vector<SampleResult> samples;
  std::size_t repeated = 0;  // lines whose id an earlier one has
};

/// A judged line as a sample: what the words say, or the verdict that was drawn for it.
Result<void> take_judged(Split split, const fs::path& file, bool rule, bool reparse, Side& side) {
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto lines = read_judged(*text, split, rule, file.string());
  if (!lines) return std::unexpected(lines.error());
  DistinctNames names;
  for (JudgedLine& line : *lines) {
    if (!names.add(line.id)) {  // the original counts every line
      ++side.repeated;
      line.id = names.further(line.id);
    }
    json::object fields = std::move(line.fields);
    auto entry = make_entry(split, line.id, std::move(fields), file.string());
    if (!entry) return std::unexpected(entry.error());
    if (auto fits = check_target(split, *entry, file.string()); !fits) return fits;
    Row row;
    row.entry = side.entries.size();
    row.answered = true;
    SampleResult sample;
    sample.sample = sample_id(split, entry->id);
    if (const json::value* response = entry->fields.if_contains("response"); response && response->is_string())
      sample.evidence["asks"] = json::array{json::object{{"text", *response}, {"held", true}}};
    if (rule) {
      row.value = line.value;
    } else {
      JudgeOutcome outcome;
      take_reply(split, line.words, outcome);
      row.judge_calls = 1;
      if (outcome.accepted && outcome.option) row.option = static_cast<std::size_t>(outcome.option - 'A');
      // The stored verdict counts unless the words are to be read again.
      if (outcome.accepted) row.value = reparse ? (split == Split::free_form ? outcome.score : outcome.option == option_letter(entry->answer) ? 1.0 : 0.0) : line.value;
      if (!outcome.accepted) row.drawn = line.value;
      if (line.words) sample.evidence["judge_response"] = *line.words;
    }
    row.outcome = sample.outcome = row.value ? Outcome::scored : Outcome::unparseable;
    if (row.value) sample.values["score"] = *row.value;
    if (row.option) sample.values["option"] = *row.option;
    if (!row.value) {
      sample.reason = "the judge's words hold no verdict";
      if (row.drawn) sample.evidence["drawn"] = *row.drawn;
    }
    side.entries.push_back(std::move(*entry));
    side.rows.push_back(row);
    side.samples.push_back(std::move(sample));
  }
  return {};
}

Result<void> take_responses(Split split, const fs::path& file, const Settings& settings, Side& side) {
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto read = read_responses(*text, split, file.string(), nullptr);
  if (!read) return std::unexpected(read.error());
  side.repeated = read->doubled.size();
  for (StoredResponse& one : read->lines) {
    Answer answer;
    answer.text = std::move(one.response);
    answer.held = true;
    side.samples.push_back(sample_result(split, one.entry, settings, answer, {}, std::nullopt));
    side.rows.push_back(row_of(side.samples.back(), side.entries.size()));
    side.entries.push_back(std::move(one.entry));
  }
  return {};
}

}  // namespace

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data) {
  auto settings = make_settings(request.settings.ref.name, request.settings.ref.version, request.settings.options);
  if (!settings) return std::unexpected(settings.error());
  if (request.settings.limit || !request.settings.samples.empty())
    return fail(ErrorKind::usage, "recorded results are scored whole: leave --limit and --samples out");
  auto folder = look(request, settings->hard);
  if (!folder) return std::unexpected(folder.error());

  // The data files are not needed; where they are here, they say what is missing.
  PrepareSettings wish = request.settings;
  wish.held = nullptr;
  wish.options = {{"inference_only", "true"}};
  auto prepared = prepare(wish, data);

  std::vector<Report> out;
  for (const Source& source : folder->sources) {
    Settings own = *settings;
    const bool rule = source.judge.empty();
    own.free_form = own.multiple_choice = rule ? Parser::rule : Parser::model;
    Side sides[2];
    for (std::size_t s = 0; s < 2; ++s) {
      auto file = source.files.find(kSplits[s]);
      if (file == source.files.end()) continue;
      auto taken = source.judged ? take_judged(kSplits[s], file->second, rule, request.reparse, sides[s]) : take_responses(kSplits[s], file->second, own, sides[s]);
      if (!taken) return std::unexpected(taken.error());
    }
    std::size_t foreign = 0, changed = 0, repeated = 0;
    for (const Side& side : sides) repeated += side.repeated;
    for (std::size_t s = 0; s < 2 && prepared; ++s) {
      std::unordered_map<std::string_view, const Entry*> known;
      for (const Entry& entry : prepared->side(kSplits[s]).entries) known.emplace(entry.id, &entry);
      std::set<std::string> seen;
      for (const Entry& entry : sides[s].entries) {
        std::string id = line_id(entry);
        auto it = known.find(id);
        foreign += it == known.end();
        changed += it != known.end() && identity(*it->second) != identity(entry);
        seen.insert(std::move(id));
      }
      for (const Entry& entry : prepared->side(kSplits[s]).entries) {
        if (seen.contains(entry.id)) continue;
        Row row;
        row.entry = sides[s].entries.size();
        SampleResult sample;
        sample.sample = sample_id(kSplits[s], entry.id);
        sample.outcome = Outcome::missing;
        sample.reason = "the files hold no judgement of it";
        sides[s].entries.push_back(entry);
        sides[s].rows.push_back(row);
        sides[s].samples.push_back(std::move(sample));
      }
    }

    Report report;
    report.benchmark = request.settings.ref.text();
    report.roles["model"] = folder->model.empty() ? folder->path.filename().string() : folder->model;
    if (!rule)
      for (Split split : kSplits) report.roles[std::string(judge_role(split))] = source.judge;
    report.total.name = report.benchmark;
    IterationRows rows;
    rows.as_stored = source.judged && !request.reparse;
    rows.free_form = sides[0].rows;
    rows.multiple_choice = sides[1].rows;
    summarize(own, items_of(sides[0].entries), items_of(sides[1].entries), std::span(&rows, 1), report);
    for (const auto& split : kSplits) {
      if (source.files.contains(split)) continue;
      report.status = "incomplete";
      report.reason = "there is no " + std::string(source.judged ? "judged" : "response") + " file of the " + std::string(name(split)) + " entries" +
                      (report.reason.empty() ? "" : "; " + report.reason);
    }
    if (!rule && !contains(source.judge, "gpt-3.5-turbo-0125")) report.deviates.push_back("judged by " + source.judge + " instead of gpt-3.5-turbo-0125");
    if (foreign) report.deviates.push_back(std::to_string(foreign) + " entries have ids that the data do not have");
    if (repeated) report.deviates.push_back(std::to_string(repeated) + " lines repeat an id; each counts, as in the original");
    if (changed) report.deviates.push_back(std::to_string(changed) + " entries are not those of the data");
    if (!prepared) report.deviates.emplace_back("the data files are not here, so nothing says whether all entries were judged");
    report.manifest = own.manifest();
    report.manifest["benchmark"] = report.benchmark;
    json::object files;
    for (const auto& [split, file] : source.files) files[name(split)] = file.string();
    report.manifest["source"] = json::object{{"files", std::move(files)},
                                             {"text", !source.judged ? "answers parsed by rule" : request.reparse ? "the judge's words parsed again" : "stored verdicts"}};
    if (request.samples) {
      request.samples->emplace_back();
      for (Side& side : sides)
        for (SampleResult& sample : side.samples) {
          std::string id = sample.sample;
          request.samples->back().push_back({{std::move(id), 1}, std::move(sample)});
        }
    }
    out.push_back(std::move(report));
  }
  return out;
}

}  // namespace assay::mixeval
