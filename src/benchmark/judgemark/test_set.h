// The stories that a judge has to tell apart: a JSON object, test model -> {prompt id: story}, in file order. An edition of our own
// may bring what is known of its writers: [{"model", "arena_elo", "eq_bench", "magi"}].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/judgemark/reference_tables.h"

namespace assay::judgemark {

struct TestStory {
  std::string prompt;  // id
  std::string text;
};
struct TestModel {
  std::string name;
  std::vector<TestStory> stories;
};

/// `data` error naming model and prompt where something does not fit.
Result<std::vector<TestModel>> read_test_set(std::string_view text, std::string_view where);
Result<std::vector<Reference>> read_references(std::string_view text, std::string_view where);

}  // namespace assay::judgemark
