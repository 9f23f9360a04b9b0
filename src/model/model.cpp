#include "model/model.h"

namespace assay {

ModelIdentity make_identity(json::object facts, std::string label) {
  ModelIdentity out;
  out.text = write_json(facts, JsonStyle::canonical);
  out.facts = std::move(facts);
  out.label = std::move(label);
  return out;
}

std::optional<std::int64_t> Model::longest_answer(const Request& request) const {
  if (const auto* generate = std::get_if<Generate>(&request)) return generate->sampling.max_tokens;
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) return static_cast<std::int64_t>(group->items.size());
  return 0;
}

}  // namespace assay
