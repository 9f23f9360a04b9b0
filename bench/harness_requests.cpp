// How long it takes to read the Open LLM Leaderboard's data, shuffle, draw the examples and build every request of the suite:
//   bench-harness-requests FOLDER     a folder as `assay data import open-llm-leaderboard --from` takes it
// HellaSwag's 39,905 + 10,042 rows are made up from hellaswag_val_sample.jsonl where the official files are not in it.
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "benchmark/harness/open_llm_leaderboard.h"

namespace {

using namespace assay;
namespace fs = std::filesystem;

class Folder final : public DataSource {
 public:
  explicit Folder(fs::path root) : root_(std::move(root)) {
    if (fs::exists(root_ / "hellaswag/hellaswag_train.jsonl")) return;
    auto sample = read_file(root_ / "hellaswag/hellaswag_val_sample.jsonl");
    if (!sample) return;
    for (auto [text, rows] : {std::pair{&train_, 39905}, std::pair{&validation_, 10042}}) {
      std::size_t at = 0;
      for (int i = 0; i < rows; ++i) {
        if (at >= sample->size()) at = 0;
        std::size_t end = std::min(sample->find('\n', at), sample->size() - 1) + 1;
        text->append(*sample, at, end - at);
        at = end;
      }
    }
  }
  Result<DataFile> file(std::string_view name) override {
    const std::string n(name);
    if (!train_.empty() && n == "hellaswag/train") return made(n, train_);
    if (!validation_.empty() && n == "hellaswag/validation") return made(n, validation_);
    std::string path = n == "arc-challenge/test"       ? "arc/ARC-Challenge-Test.jsonl"
                       : n == "arc-challenge/train"    ? "arc/ARC-Challenge-Train.jsonl"
                       : n == "hellaswag/train"        ? "hellaswag/hellaswag_train.jsonl"
                       : n == "hellaswag/validation"   ? "hellaswag/hellaswag_val.jsonl"
                       : n == "truthfulqa/mc"          ? "truthfulqa/mc_task_v0.json"
                       : n == "truthfulqa/prompt"      ? "texts/truthfulqa_qa_prompt.txt"
                       : n.starts_with("mmlu/test/")   ? n + "_test.csv"
                                                       : n + "_dev.csv";
    auto text = read_file(root_ / path);
    if (!text) return fail(text.error());
    return made(n, std::move(*text));
  }

 private:
  static DataFile made(std::string name, std::string text) {
    return {.name = std::move(name), .content = std::move(text), .sha256 = std::string(64, '0'), .edition = "official"};
  }
  fs::path root_;
  std::string train_, validation_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench-harness-requests FOLDER\n");
    return 2;
  }
  Folder data(argv[1]);
  const auto start = std::chrono::steady_clock::now();
  PrepareSettings settings;
  settings.ref = {"open-llm-leaderboard", "1", ""};
  auto evaluation = OpenLlmLeaderboard().prepare(settings, data);
  if (!evaluation) {
    std::fprintf(stderr, "%s\n", to_string(evaluation.error()).c_str());
    return 1;
  }
  const auto prepared = std::chrono::steady_clock::now();
  std::size_t requests = 0, bytes = 0;
  std::vector<std::string> pending;
  for (std::size_t i = 0; i < (*evaluation)->unit_count(); ++i)
    for (const KnownRequest& known : (*evaluation)->known_requests(i, pending)) {
      const auto& group = std::get<LoglikelihoodGroup>(known.request);
      requests += group.items.size();
      bytes += group.items.size() * (group.shared_prefix.size() + group.items.front().context.size());
    }
  const auto end = std::chrono::steady_clock::now();
  auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
  std::printf("%zu documents, %zu requests with %.0f MB of contexts: read and drawn %.2f s, built %.2f s, together %.2f s\n",
              (*evaluation)->unit_count(), requests, static_cast<double>(bytes) / 1e6, seconds(start, prepared), seconds(prepared, end),
              seconds(start, end));
}
