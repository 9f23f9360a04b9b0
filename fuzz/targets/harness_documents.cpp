// Data files of the harness's tasks: whatever is read has choices, a gold answer among them, and requests that can be built.
#include "base/text.h"
#include "benchmark/harness/task_plan.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const auto& tasks = harness::all_tasks();
  constexpr std::size_t kKinds[] = {0, 1, 2, 59};  // ARC, HellaSwag, a subject of MMLU, TruthfulQA
  const harness::TaskInfo& task = tasks[kKinds[take_byte(input) % 4]];
  auto read = harness::read_documents(task, input, "fuzz");
  if (!read) {
    REQUIRE(read.error().kind == ErrorKind::data);
    return;
  }
  REQUIRE(!read->empty());
  for (const harness::Document& document : *read) {
    REQUIRE(is_valid_utf8(document.query));
    REQUIRE(document.gold < document.choices.size());
    REQUIRE(document.mc1 <= document.choices.size() && document.mc1 + document.truths <= document.choices.size());
  }
  const bool truthful = task.family == harness::TaskInfo::Family::truthfulqa;
  auto plan = harness::TaskPlan::make(task, {*read, truthful ? harness::Documents{} : *read, ""}, {.shots = truthful ? 0u : 1u});
  REQUIRE(plan.has_value());
  for (std::size_t i = 0; i < plan->size() && i < 8; ++i) REQUIRE(plan->request(i).items.size() == plan->document(i).choices.size());
}

}  // namespace assay::fuzz
