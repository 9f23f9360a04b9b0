// Task files of today's harness: whatever is read becomes a configuration with its defaults, and documents whose requests can be
// built.
#include "base/text.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_plan.h"
#include "benchmark/harness/yaml_requests.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

class Rows final : public harness::RowSource {
 public:
  Result<std::vector<json::value>> rows(const harness::TaskConfig&, const std::string&) override {
    std::vector<json::value> out;
    for (int i = 0; i < 4; ++i)
      out.emplace_back(json::object{{"question", "Is it " + std::to_string(i) + "?"},
                                    {"choices", json::array{"yes", "no"}},
                                    {"answer", i % 2},
                                    {"text", " a b "}});
    return out;
  }
};

}  // namespace

void fuzz_one(std::string_view input) {
  const auto shots = static_cast<std::int64_t>(take_byte(input) % 4);
  auto mapping = harness::read_task_yaml(input, "dir/fuzz.yaml");
  if (!mapping) {
    REQUIRE(mapping.error().kind == ErrorKind::data);
    return;
  }
  (void)harness::read_task_group(*mapping, "dir/fuzz.yaml");
  auto config = harness::read_task_config(*mapping, "dir/fuzz.yaml");
  if (!config) {
    REQUIRE(config.error().kind == ErrorKind::data);
    return;
  }
  REQUIRE(!config->task.empty());
  REQUIRE(config->repeats >= 1);
  if (config->output_type == harness::OutputType::generate_until) REQUIRE(config->generation_kwargs.find("until") != nullptr);
  if (config->num_fewshot.value_or(0) > 3) config->num_fewshot = 3;
  Rows rows;
  harness::YamlSettings settings;
  settings.num_fewshot = shots;
  auto plan = harness::YamlPlan::make(*config, rows, settings);
  if (!plan) return;
  for (std::size_t i = 0; i < plan->size(); ++i) {
    auto document = plan->document(i);
    REQUIRE(document.has_value());
    REQUIRE(!document->requests.empty());
    for (const harness::TaskRequest& request : document->requests)
      REQUIRE(is_valid_utf8(request.context) && is_valid_utf8(request.continuation));
    for (const Request& request : harness::requests_of(plan->task(), *document))
      if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) REQUIRE(!group->items.empty());
  }
}

}  // namespace assay::fuzz
