#include "cli/run_files.h"

#include "base/atomic_file.h"
#include "base/file.h"
#include "cli/local_time.h"
#include "cli/run_job.h"
#include "run/jsonl.h"
#include "run/report_html.h"

namespace assay::cli {
namespace {

Result<void> write_json_file(const std::filesystem::path& folder, const Report& report) {
  return write_file(folder / "report.json", write_json(to_json(report), JsonStyle::pretty) + "\n");
}

Result<void> write_scores(const std::filesystem::path& file, const UnitResults& results) {
  auto out = AtomicFile::open(file);
  if (!out) return std::unexpected(out.error());
  Result<void> wrote;
  auto read = results.for_each([&](std::size_t, const Unit& unit, const UnitResult& result) {
    for (const SampleResult& sample : result.samples)
      if (wrote) wrote = out->write(score_line(unit, sample, result.keys));
    return wrote.has_value();
  });
  if (!read) return read;
  return wrote ? out->commit() : wrote;
}

/// Samples of a file, one to a unit.
class Recorded final : public UnitResults {
 public:
  explicit Recorded(const std::vector<ScoredSample>& samples) : samples_(samples) {}
  std::size_t size() const override { return samples_.size(); }
  Result<void> for_each(const std::function<bool(std::size_t ordinal, const Unit&, const UnitResult&)>& visit) const override {
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      UnitResult result;
      result.samples.push_back(samples_[i].result);
      if (!visit(i, samples_[i].unit, result)) break;
    }
    return {};
  }

 private:
  const std::vector<ScoredSample>& samples_;
};

}  // namespace

Result<void> write_run_files(const std::filesystem::path& folder, const RunPlan& plan, const RunResult& result) {
  if (auto written = write_json_file(folder, result.report); !written) return written;
  if (auto written = write_scores(folder / "scores.jsonl", *result.results); !written) return written;
  HtmlRun run{&result.report, result.results.get()};
  if (auto written = write_report_html(std::span(&run, 1), {}, folder / "report.html"); !written) return written;
  Report report = result.report;
  report.created_local = local_text(report.created);
  auto files = plan.evaluation->original_files(*result.results, report);
  if (!files) return std::unexpected(files.error());
  for (const Evaluation::OutputFile& file : *files)
    if (auto written = write_file(folder / file.name, file.content); !written) return written;
  return {};
}

Result<void> write_html(const std::filesystem::path& file, const std::vector<RunJobResult>& runs) {
  std::vector<HtmlRun> all;
  all.reserve(runs.size());
  for (const RunJobResult& run : runs) all.push_back({&run.result.report, run.result.results.get()});
  return write_report_html(all, {}, file);
}

Result<void> write_report_files(const std::filesystem::path& folder, const Report& report, const std::vector<ScoredSample>& samples) {
  if (auto written = write_json_file(folder, report); !written) return written;
  Recorded results(samples);
  if (auto written = write_scores(folder / "scores.jsonl", results); !written) return written;
  HtmlRun run{&report, &results};
  return write_report_html(std::span(&run, 1), {}, folder / "report.html");
}

}  // namespace assay::cli
