// What a benchmark is, and the list of those there are. Four phases: prepare -> evaluate -> finish -> formats (interfaces).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "run/evaluation.h"

namespace assay {

struct BenchmarkOption {
  std::string key, values, meaning;
};

struct BenchmarkInfo {
  std::string name;                   // "eq-bench"
  std::string title;                  // one line
  std::vector<std::string> versions;  // newest first: the default is [0]
  std::vector<std::string> variants;  // "" (default), "de", ...
  std::vector<std::string> roles;     // "model", "judge"
  std::vector<BenchmarkOption> options;
  std::string pack;
  bool free_variant = false;          // any variant: the benchmark looks it up itself
};

/// `name[@version][:variant]`
struct BenchmarkRef {
  std::string name, version, variant;
  std::string text() const;  // canonical: "eq-bench@2", "eq-bench@2:de"
};

struct PrepareSettings {
  BenchmarkRef ref;
  int iterations = 1;
  std::optional<std::size_t> limit;
  std::vector<std::string> samples;            // empty = all
  std::map<std::string, std::string> options;  // --option KEY=VALUE
  /// This run's member of the original tool's own result file (raw_results.json): what it holds is taken as it is and not asked
  /// again. Each benchmark reads its own layout and passes over what it does not know. Null: nothing is held.
  std::shared_ptr<const json::value> held{};
};

/// How a benchmark gets its data: a role name of the pack ("questions") to the file's content. Implemented over packs, or by tests.
struct DataFile {
  std::string name, content, sha256, edition;
  std::string path{};  // where a file of the user's own came from, for messages; "" otherwise
};
class DataSource {
 public:
  virtual ~DataSource() = default;
  /// `data` error when it is not there, with the command that gets it as hint.
  virtual Result<DataFile> file(std::string_view name) = 0;
};

class Benchmark {
 public:
  virtual ~Benchmark() = default;
  virtual const BenchmarkInfo& info() const = 0;
  /// The roles that a run with these settings asks; others of info().roles may be left out.
  virtual std::vector<std::string> roles_needed(const PrepareSettings&) const { return info().roles; }
  virtual Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const = 0;
  /// `assay score NAME --from PATH`: scores recorded results in the original tool's formats, without a model.
  struct ScoreRequest {
    PrepareSettings settings;
    std::string path;
    bool reparse = false;
    std::vector<std::vector<ScoredSample>>* samples = nullptr;  // when set: every report's samples, in the order of the reports
  };
  virtual Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const = 0;
};

/// The registry, filled by register_all_benchmarks() in cli/ (no static initialisers).
class BenchmarkRegistry {
 public:
  void add(std::unique_ptr<Benchmark> benchmark);
  const std::vector<std::unique_ptr<Benchmark>>& all() const { return all_; }
  /// Resolves name, default version and variant; usage error with the nearest names.
  Result<std::pair<const Benchmark*, BenchmarkRef>> find(std::string_view text) const;

 private:
  std::vector<std::unique_ptr<Benchmark>> all_;
};

}  // namespace assay
