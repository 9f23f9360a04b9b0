#include "benchmark/alpaca_eval/rescore.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/distinct_names.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_files.h"
#include "benchmark/alpaca_eval/calibration_plan.h"
#include "benchmark/alpaca_eval/summary.h"
#include "benchmark/alpaca_eval/table.h"
#include "benchmark/result_files.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kMayBeMissing = 5;  // comparisons: with more of them missing the original's board takes no file

/// What a recorded file should be: by whom it should be judged, and about what.
struct Official {
  std::vector<std::string> judges;      // of the evaluator configuration
  std::vector<std::string> references;  // generators
  std::unordered_map<std::string, std::size_t> places;  // of the instructions in the evaluation set
  bool known = false;                   // the evaluation set is here
};

Official official_of(const Settings& settings, DataSource& data) {
  Official out;
  if (auto evaluator = load_evaluator(data, settings.annotator, PythonValue()))
    for (const AnnotatorConfig& annotator : evaluator->annotators) out.judges.push_back(annotator.name);
  else
    out.judges.push_back(settings.annotator);
  auto file = data.file(settings.version == 2 ? kReferences2 : kReferences1);
  if (!file) return out;
  auto references = read_references(file->content, file->name);
  if (!references) return out;
  out.known = true;
  for (const Reference& one : *references) {
    out.places.emplace(one.instruction, one.index);
    if (std::find(out.references.begin(), out.references.end(), one.generator) == out.references.end()) out.references.push_back(one.generator);
  }
  return out;
}

/// "judged by X instead of Y"; nothing where all names are among the wanted ones.
void name_others(const std::vector<std::string>& names, const std::vector<std::string>& wanted, const std::string& what, std::vector<std::string>& out) {
  const bool same = std::all_of(names.begin(), names.end(), [&](const std::string& name) { return std::find(wanted.begin(), wanted.end(), name) != wanted.end(); });
  if (!same) out.push_back(what + " " + shorten(join(names, ", "), 200) + " instead of " + shorten(join(wanted, ", "), 200));
}

/// How the file's instructions lie in the evaluation set.
void compare_instructions(const AnnotationScores& scores, const Official& official, std::vector<std::string>& out) {
  if (!official.known) {
    out.emplace_back("the evaluation set is not here, so nothing says whether all of it was judged");
    return;
  }
  std::size_t foreign = 0, repeated = 0, displaced = 0, last = 0;
  std::vector<bool> seen(official.places.size());
  for (const std::string& instruction : scores.instructions) {
    auto place = official.places.find(instruction);
    if (place == official.places.end() || place->second >= seen.size()) {
      ++foreign;
      continue;
    }
    repeated += seen[place->second];
    displaced += place->second < last;
    last = place->second;
    seen[place->second] = true;
  }
  const auto missing = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), false));
  auto comparisons = [](std::size_t n, const char* one, const char* many) { return std::to_string(n) + (n == 1 ? std::string(" comparison ") + one : std::string(" comparisons ") + many); };
  if (missing > kMayBeMissing) out.emplace_back("a part of the samples only");
  if (foreign > 0) out.push_back(comparisons(foreign, "is not of the evaluation set", "are not of the evaluation set"));
  if (repeated > 0) out.push_back(comparisons(repeated, "repeats an instruction; it counts, as in the original", "repeat an instruction; each counts, as in the original"));
  if (displaced > 0 && repeated == 0 && scores.index.empty())
    out.push_back(comparisons(displaced, "stands", "stand") + " in another order than the evaluation set, by which difficulties go");
}

/// What keeps the figures from the official board.
std::vector<std::string> departures(const AnnotationScores& scores, const Settings& settings, const Official& official) {
  std::vector<std::string> out;
  if (!settings.official_annotator) out.push_back("the evaluator " + settings.annotator);
  if (settings.glm != Glm::v1) out.emplace_back(name(settings.glm));
  if (scores.annotators.empty()) out.emplace_back("the file does not say who judged");
  else name_others(scores.annotators, official.judges, "judged by", out);
  if (official.known) {
    if (scores.generators_1.empty()) out.emplace_back("the file does not say what the outputs were compared with");
    else name_others(scores.generators_1, official.references, "compared with", out);
  }
  compare_instructions(scores, official, out);
  return out;
}

bool counts(double preference) { return preference == 0 || (preference >= 1 && preference <= 2); }

Row row_of(const AnnotationScores& scores, std::size_t i) {
  Row row;
  row.index = scores.index.empty() ? i : scores.index[i];
  if (!std::isnan(scores.preference[i])) row.preference = scores.preference[i];
  if (!std::isnan(scores.length_1[i])) row.length_1 = scores.length_1[i];
  if (!std::isnan(scores.length_2[i])) row.length_2 = scores.length_2[i];
  row.outcome = row.preference && counts(*row.preference) ? Outcome::scored : Outcome::unparseable;
  return row;
}

SampleResult sample_of(const Row& row, std::string id) {
  SampleResult out;
  out.sample = std::move(id);
  out.outcome = row.outcome;
  if (row.outcome == Outcome::scored) out.values["preference"] = *row.preference == 0 ? 1.5 : *row.preference;
  else out.reason = row.preference ? "the preference " + python_repr(*row.preference) + " is not from 1 to 2" : "the file holds no preference";
  if (row.length_1) out.values["length_1"] = *row.length_1;
  if (row.length_2) out.values["length_2"] = *row.length_2;
  return out;
}

/// Length control needs every output and place; the plain win rate does not, and is given all the same.
LengthData length_of(const AnnotationScores& scores, const LengthData& here) {
  if (!here.gamed) return here;
  auto comparisons = scores.comparisons();
  if (comparisons) return here;
  LengthData out = here;
  out.gamed = nullptr;
  out.why = comparisons.error().message;
  return out;
}

Result<Report> report_of(const AnnotationScores& scores, const std::string& path, const Settings& settings, const Official& official, const LengthData& length,
                         const Benchmark::ScoreRequest& request, std::vector<ScoredSample>* samples) {
  if (auto one = scores.one_model(); !one) {
    Error error = one.error();
    if (error.where.empty()) error.where = path;
    return std::unexpected(error);
  }
  Report report;
  report.benchmark = request.settings.ref.text();
  report.roles["model"] = scores.generators_2.empty() ? "model" : scores.generators_2.front();
  if (!scores.annotators.empty()) report.roles["judge"] = join(scores.annotators, ", ");
  report.total.name = report.benchmark;
  std::vector<Row> rows;
  DistinctNames ids;
  for (std::size_t i = 0; i < scores.rows(); ++i) {
    rows.push_back(row_of(scores, i));
    if (!samples) continue;
    const std::string id = ids.name(std::to_string(rows.back().index));
    samples->push_back({{id, 1}, sample_of(rows.back(), id)});
  }
  SummarySettings how{settings.version, settings.glm, !scores.generators_1.empty() && scores.generators_1 == scores.generators_2};
  how.by_place = scores.index.empty();
  summarize(how, length_of(scores, length), {rows}, report);
  report.deviates = departures(scores, settings, official);
  note_missing_headline(settings.version, report);
  report.manifest["benchmark"] = report.benchmark;
  report.manifest["version"] = settings.version;
  report.manifest["source"] = {{"file", path}, {"text", how.by_place ? "stored preferences; difficulties by place in the file, as the original does"
                                                                     : "stored preferences; difficulties by the column index"}};
  return report;
}

/// A file, a pattern, or a folder: its annotations.json, else those of the folders below, as the original lays results out; else what it holds.
Result<std::vector<std::filesystem::path>> files_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (fs::path whole = fs::path(path) / "annotations.json"; fs::is_regular_file(whole, code)) return std::vector<fs::path>{whole};
  const bool folder = fs::is_directory(path, code);
  if (folder)
    if (auto below = annotation_files({path})) return std::vector<fs::path>(below->begin(), below->end());
  if (!folder && path.find('*') != std::string::npos && !fs::exists(path, code)) {
    auto matches = matches_of(path);
    if (!matches) return std::unexpected(matches.error());
    return std::vector<fs::path>(matches->begin(), matches->end());
  }
  return result_files(path);
}

}  // namespace

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data) {
  auto settings = make_settings(request.settings.ref.version, request.settings.options);
  if (!settings) return std::unexpected(settings.error());
  if (request.settings.limit || !request.settings.samples.empty())
    return fail(ErrorKind::usage, "recorded annotations are scored as a whole", request.path, "leave --limit and --samples out");
  if (request.reparse)
    return fail(ErrorKind::usage, "an annotations file is not parsed again here", request.path, "assay alpaca-eval evaluate --is_reapply_parsing True does that");
  auto files_found = files_of(request.path);
  if (!files_found) return std::unexpected(files_found.error());
  const std::vector<std::filesystem::path>& files = *files_found;
  auto scores = read_annotation_files(files, 0, true);
  if (!scores) return std::unexpected(scores.error());
  const LengthData length = length_data(data);
  const Official official = official_of(*settings, data);
  std::vector<Report> out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (request.samples) request.samples->emplace_back();
    auto report = report_of((*scores)[i], files[i].string(), *settings, official, length, request, request.samples ? &request.samples->back() : nullptr);
    if (!report) return std::unexpected(report.error());
    out.push_back(std::move(*report));
  }
  return out;
}

}  // namespace assay::alpaca_eval
