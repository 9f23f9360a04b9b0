// bench-mix-match ENTRIES QUERIES DIMENSION FOLDER: what matching dense vectors costs, as one line of JSON (bench/mix).
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/random.h"
#include "benchmark/mixeval/dense_table.h"

int main(int count, char** words) {
  using namespace assay::mixeval;
  if (count != 5) return 2;
  const auto entries = static_cast<std::size_t>(std::atol(words[1])), queries = static_cast<std::size_t>(std::atol(words[2])), dimension = static_cast<std::size_t>(std::atol(words[3]));
  DenseOptions options;
  options.folder = words[4];
  auto table = DenseTable::create(entries + queries, dimension, options);
  if (!table) {
    std::fprintf(stderr, "%s\n", assay::to_string(table.error()).c_str());
    return 1;
  }
  assay::Random random(7);
  std::vector<double> row(dimension);
  for (std::size_t i = 0; i < entries + queries; ++i) {
    for (double& v : row) v = random.unit() + random.unit() + random.unit() - 1.5;
    (*table)->set(i, row);
  }
  const std::vector<std::size_t> pool_words(entries, 9), query_words(queries, 9);
  const auto start = std::chrono::steady_clock::now();
  const auto matches = (*table)->match({pool_words, query_words, {}, {}}, {});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (auto sound = (*table)->trouble(); !sound || matches.size() != queries) return 1;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"row\":\"mix\",\"name\":\"dense\",\"entries\":%zu,\"queries\":%zu,\"dimension\":%zu,\"seconds\":%.2f,\"gigaflops\":%.1f,\"megabytes\":%ld}\n", entries, queries, dimension, seconds,
              2e-9 * static_cast<double>(entries) * static_cast<double>(queries) * static_cast<double>(dimension) / seconds, usage.ru_maxrss / 1024);
  return 0;
}
