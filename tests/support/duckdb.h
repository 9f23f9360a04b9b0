// DuckDB's library for tests: where ./test's set-up puts it. Tests that need it are skipped where it is not.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "dataset/duckdb_library.h"

namespace assay::test {

/// $ASSAY_DUCKDB, else what tools/fetch-duckdb left in the cache.
inline std::filesystem::path duckdb_file() {
  if (const char* file = std::getenv("ASSAY_DUCKDB"); file && *file) return file;
  const char *cache = std::getenv("ASSAY_CACHE"), *home = std::getenv("HOME");
  return std::filesystem::path(cache && *cache ? cache : std::string(home ? home : "") + "/.cache/assay") / "duckdb-1.5.6" / "libduckdb.so";
}

}  // namespace assay::test

/// Skips the test, with the reason, where there is no DuckDB.
#define ASSAY_NEED_DUCKDB()                                                                                                      \
  do {                                                                                                                           \
    ::assay::set_duckdb_places({::assay::test::duckdb_file()});                                           \
    if (auto library_of_duckdb = ::assay::duckdb_library(); !library_of_duckdb) GTEST_SKIP() << to_string(library_of_duckdb.error()); \
  } while (false)
