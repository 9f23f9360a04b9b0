#include "benchmark/alpaca_eval/annotation_files.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "base/file.h"

namespace assay::alpaca_eval {
namespace {

/// Reads one file after another into the same memory: asking the system for fresh pages costs a file of megabytes as much as reading it does.
class Worker {
 public:
  explicit Worker(bool with_instructions) : with_instructions_(with_instructions) {}

  Result<AnnotationScores> read(const std::filesystem::path& path) {
    std::error_code code;
    const auto size = std::filesystem::is_regular_file(path, code) ? std::filesystem::file_size(path, code) : 0;
    if (code || size == 0 || size > kMost) return otherwise(path);
    if (memory_.size() < size + kAnnotationPadding) memory_.resize(size + kAnnotationPadding);
    std::ifstream file(path, std::ios::binary);
    // One byte more than there should be: a file that grows meanwhile is read anew.
    file.read(memory_.data(), static_cast<std::streamsize>(size + 1));
    if (!file.eof() || file.bad() || static_cast<std::uintmax_t>(file.gcount()) != size) return otherwise(path);
    return read_annotation_scores_in_place({memory_.data(), static_cast<std::size_t>(size)}, memory_.size(), path.string(), with_instructions_);
  }

 private:
  static constexpr std::uintmax_t kMost = std::uintmax_t{1} << 28;  // what is kept between files

  Result<AnnotationScores> otherwise(const std::filesystem::path& path) const {
    auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    return read_annotation_scores(std::move(*text), path.string(), with_instructions_);
  }

  bool with_instructions_;
  std::string memory_;
};

}  // namespace

Result<std::vector<AnnotationScores>> read_annotation_files(std::span<const std::filesystem::path> files, unsigned threads, bool with_instructions) {
  std::vector<std::optional<Result<AnnotationScores>>> read(files.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  auto work = [&] {
    Worker worker(with_instructions);
    // Files are taken in order: when one fails, all before it are under way already.
    for (std::size_t i; !failed && (i = next++) < files.size();) {
      read[i] = worker.read(files[i]);
      if (!*read[i]) failed = true;
    }
  };
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> helpers;
  for (std::size_t t = 1; t < std::min<std::size_t>(threads, files.size()); ++t) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  std::vector<AnnotationScores> out;
  out.reserve(files.size());
  for (auto& one : read) {
    if (!*one) return std::unexpected(one->error());
    out.push_back(std::move(**one));
  }
  return out;
}

}  // namespace assay::alpaca_eval
