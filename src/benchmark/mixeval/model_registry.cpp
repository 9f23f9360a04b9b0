#include "benchmark/mixeval/model_registry.h"

#include <algorithm>

#include "base/text.h"

namespace assay::mixeval {

Result<void> ModelRegistry::add(std::string_view text, const std::string& where, bool known) {
  auto document = parse_json(text, where);
  if (!document) return std::unexpected(document.error());
  if (get_string(*document, "format") != "assay-mixeval-models/1")
    return fail(ErrorKind::data, "this is no list of models: \"format\" is not \"assay-mixeval-models/1\"", where);
  const json::value* models = assay::find(*document, "models");
  if (!models || !models->is_array()) return fail(ErrorKind::data, "the list of models has no array \"models\"", where);
  for (const json::value& row : models->get_array()) {
    auto name = get_string(row, "name");
    if (!name || name->empty() || name->size() > 200 || name->find_first_of("/\\\n") != std::string::npos || *name == "." || *name == "..")
      return fail(ErrorKind::data, "a model has no \"name\" that can be a folder's name", where);
    const std::string at = where + ", " + *name;
    RegisteredModel model;
    model.name = *name;
    model.known = known;
    if (find(*name)) return fail(ErrorKind::data, "the name is registered twice", at);
    for (const auto& member : row.get_object()) {
      const std::string_view key(member.key().data(), member.key().size());
      const json::value& value = member.value();
      auto wrong = [&](const char* what) { return fail(ErrorKind::data, "\"" + std::string(key) + "\" " + what, at); };
      if (key == "name" || key == "note") continue;
      if (key == "kind") {
        const std::string kind = value.is_string() ? std::string(value.get_string()) : "";
        if (kind != "api" && kind != "chat" && kind != "base") return wrong("is not api, chat or base");
        model.kind = kind == "api" ? Kind::api : kind == "chat" ? Kind::chat : Kind::base;
      } else if (key == "model" || key == "spec" || key == "system" || key == "system_text") {
        if (value.is_null()) continue;
        if (!value.is_string()) return wrong("is no text");
        std::string content(value.get_string());
        if (key == "model") model.model = std::move(content);
        else if (key == "spec") model.spec = std::move(content);
        else if (key == "system_text") model.system_text = std::move(content);
        else model.system = std::move(content);
      } else if (key == "max_tokens") {
        const bool none = value.is_string() && value.get_string() == "none";
        if (!none && (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 1'000'000)) return wrong("is no number from 1 to 1000000, nor \"none\"");
        model.max_tokens = none ? "none" : std::to_string(value.get_int64());
      } else if (key == "sampling") {
        if (!value.is_object()) return wrong("is no object");
        for (const auto& one : value.get_object())
          if (!one.value().is_number() || (one.key() != "temperature" && one.key() != "top_p" && one.key() != "top_k")) return wrong("holds something else than numbers temperature, top_p, top_k");
        model.sampling = value.get_object();
      } else if (key == "turns") {
        auto turns = read_turn_template(value, at);
        if (!turns) return std::unexpected(turns.error());
        model.turns = std::move(*turns);
      } else if (key == "listed") {
        if (!value.is_bool()) return wrong("is neither true nor false");
        model.listed = value.get_bool();
      } else {
        return wrong("is not known here");
      }
    }
    models_.push_back(std::move(model));
  }
  return {};
}

const RegisteredModel* ModelRegistry::find(std::string_view name) const {
  auto it = std::find_if(models_.begin(), models_.end(), [&](const RegisteredModel& model) { return model.name == name; });
  return it == models_.end() ? nullptr : &*it;
}

std::vector<std::string> ModelRegistry::near(std::string_view name) const {
  std::vector<std::string> names;
  names.reserve(models_.size());
  for (const RegisteredModel& model : models_) names.push_back(model.name);
  return did_you_mean(name, names);
}

}  // namespace assay::mixeval
