#include "run/run_plan.h"

#include "base/hash.h"

namespace assay {

std::string plan_hash(const RunPlan& plan) {
  json::object roles;
  for (const auto& [name, role] : plan.roles) roles[name] = role.identity.text;
  json::object manifest = plan.evaluation->manifest();
  manifest.erase("selection");
  manifest.erase("judging");  // said by other members already; who judges is in the roles
  json::object all{{"benchmark", plan.benchmark}, {"edition", plan.edition}, {"roles", roles}, {"manifest", manifest}, {"settings", plan.settings}};
  return key_of(write_json(all, JsonStyle::canonical)).hex();
}

}  // namespace assay
