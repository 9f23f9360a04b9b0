// What AlpacaEval's statistics cost, for bench/p7 and bench/p12: bench-alpaca-eval SHARED_FOLDER
//
// One line "name value unit" a measurement. The data lie in SHARED_FOLDER/upstream/alpaca-eval. Tables are loaded before the fits
// are timed; the board is loaded and fitted; annotation files are read from the page cache, parsed and scored (win rate and
// length-controlled win rate; many of them: win rate and what it says beside, and the lengths that length control wants).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/json.h"
#include "benchmark/alpaca_eval/annotation_files.h"
#include "benchmark/alpaca_eval/length_control.h"
#include "benchmark/alpaca_eval/win_rate.h"

namespace {
using namespace assay;
using namespace assay::alpaca_eval;
namespace fs = std::filesystem;

constexpr std::size_t kBoard = 223;               // models on the published board
constexpr std::size_t kAnnotations = 60'000'000;  // bytes of annotation files to read

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "bench-alpaca-eval: %s\n", to_string(result.error()).c_str());
  std::exit(1);
}

double milliseconds(const std::function<void()>& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

Comparisons load(const fs::path& path) {
  json::value file = must(parse_json(must(read_file(path)), path.string()));
  auto numbers = [&](const char* key) {
    std::vector<double> result;
    for (const json::value& v : find(file, key)->as_array()) result.push_back(as_number(v).value_or(std::nan("")));
    return result;
  };
  return {numbers("preference"),
          numbers("len_output_1"),
          numbers("len_output_2"),
          {},
          *find(file, "generator_1") == *find(file, "generator_2")};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  fs::path data = fs::path(arguments[1]) / "upstream/alpaca-eval";
  GamedRows gamed = must(read_gamed_rows(must(read_file(data / "lc-reference/df_gamed_standin.csv")), "df_gamed"));
  std::vector<fs::path> compact, annotations;
  for (const auto& entry : fs::directory_iterator(data / "compact")) compact.push_back(entry.path());
  for (const auto& entry : fs::recursive_directory_iterator(data / "annotations")) {
    if (entry.path().filename() == "annotations.json") annotations.push_back(entry.path());
  }
  std::sort(compact.begin(), compact.end());

  std::vector<double> fits;
  for (int round = 0; round < 3; ++round) {
    for (const fs::path& path : compact) {
      Comparisons table = load(path);
      fits.push_back(milliseconds([&] { must(length_control(table, gamed)); }));
    }
  }
  std::printf("fit_median %.3f ms\nfit_slowest %.3f ms\n", median(fits), *std::max_element(fits.begin(), fits.end()));

  std::vector<double> boards;
  for (int round = 0; round < 3; ++round) {
    boards.push_back(milliseconds([&] {
      for (std::size_t i = 0; i < kBoard; ++i) {
        Comparisons table = load(compact[i % compact.size()]);
        must(win_rate(table.preference));
        must(length_control(table, gamed));
      }
    }));
  }
  std::printf("board_%zu %.1f ms\n", kBoard, median(boards));

  for (const fs::path& path : annotations) {
    std::vector<double> times;
    for (int round = 0; round < 5; ++round) {
      times.push_back(milliseconds([&] {
        AnnotationScores scores = must(read_annotation_scores(must(read_file(path)), path.string()));
        must(win_rate(scores.preference));
        must(length_control(must(scores.comparisons()), gamed));
      }));
    }
    std::printf("file_of_%.1f_MB %.2f ms\n", static_cast<double>(fs::file_size(path)) / 1e6, median(times));
  }
  std::vector<fs::path> many;
  std::size_t bytes = 0;
  for (std::size_t i = 0; bytes < kAnnotations; ++i) {
    many.push_back(annotations[i % annotations.size()]);
    bytes += static_cast<std::size_t>(fs::file_size(many.back()));
  }
  auto load_and_score = [&](unsigned threads) {
    for (const AnnotationScores& scores : must(read_annotation_files(many, threads))) must(win_rate(scores.preference));
  };
  std::vector<double> processor, wall;  // a second of one processor's, and of the clock on the wall with all of them
  for (int round = 0; round < 7; ++round) {
    const std::clock_t begin = std::clock();
    load_and_score(1);
    processor.push_back(static_cast<double>(bytes) / 1e6 / (static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC));
    wall.push_back(static_cast<double>(bytes) / 1e3 / milliseconds([&] { load_and_score(0); }));
  }
  std::printf("load_and_score_cpu %.0f MB/s\nload_and_score %.0f MB/s\n", median(processor), median(wall));
}
