#include "model/model.h"

namespace assay {

ModelIdentity make_identity(json::object facts, std::string label) {
  ModelIdentity out;
  out.text = write_json(facts, JsonStyle::canonical);
  out.facts = std::move(facts);
  out.label = std::move(label);
  return out;
}

}  // namespace assay
