// Official data and golden vectors lie outside the repository; a test that needs them is skipped, with the reason, where they are absent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/json.h"

namespace assay::test {

inline std::filesystem::path shared_data() { return ASSAY_SHARED_DATA; }

/// Path under the shared folder, e.g. "golden/eq-bench/prompts.json".
inline std::filesystem::path shared(const std::string& relative) { return shared_data() / relative; }

/// Skips the running test when `relative` is absent.
#define ASSAY_NEED_SHARED(relative)                                                                          \
  if (!std::filesystem::exists(assay::test::shared(relative)))                                               \
  GTEST_SKIP() << "the shared data are not here: " << assay::test::shared(relative).string()

/// The parsed JSON file; a test failure and null when it cannot be read.
inline json::value load_json(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) {
    ADD_FAILURE() << to_string(text.error());
    return nullptr;
  }
  auto value = parse_json(*text, path.string());
  if (!value) {
    ADD_FAILURE() << to_string(value.error());
    return nullptr;
  }
  return *value;
}

}  // namespace assay::test
