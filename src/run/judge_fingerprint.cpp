#include "run/judge_fingerprint.h"

#include <boost/json/object.hpp>

#include "base/hash.h"
#include "model/model_spec.h"

namespace assay {

std::string judge_fingerprint(const Role& role, const json::object& judging) {
  json::object overrides;
  if (auto spec = parse_model_spec(role.spec))
    for (const char* key : {"temperature", "top_p", "min_p", "top_k", "max_tokens", "seed", "stop", "system"})
      if (auto it = spec->settings.find(key); it != spec->settings.end()) overrides[key] = it->second;
  json::object how = judging;
  how.erase("fingerprint");
  const json::object all{{"model", role.identity.facts}, {"overrides", std::move(overrides)}, {"judging", std::move(how)}};
  return key_of(write_json(all, JsonStyle::canonical)).hex();
}

void add_judge_fingerprints(json::object& manifest, const std::map<std::string, Role>& roles) {
  json::value* judging = manifest.if_contains("judging");
  if (!judging || !judging->is_object()) return;
  for (auto& member : judging->get_object()) {
    auto role = roles.find(std::string(member.key()));
    if (role == roles.end() || !member.value().is_object()) continue;
    json::object& how = member.value().get_object();
    std::string fingerprint = judge_fingerprint(role->second, how);
    how["fingerprint"] = fingerprint;
  }
}

}  // namespace assay
