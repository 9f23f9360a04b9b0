#include "benchmark/mixeval/turn_template.h"

namespace assay::mixeval {
namespace {

constexpr std::string_view kPlace = "{}";

std::string filled(const std::string& part, const std::string& text) {
  const std::size_t at = part.find(kPlace);
  return at == std::string::npos ? part : part.substr(0, at) + text + part.substr(at + kPlace.size());
}

}  // namespace

Result<TurnTemplate> read_turn_template(const json::value& value, const std::string& where) {
  if (!value.is_object()) return fail(ErrorKind::data, "\"turns\" is no object", where);
  TurnTemplate out;
  for (const auto& member : value.get_object()) {
    const std::string key(member.key());
    std::string* place = key == "system" ? &out.system : key == "user" ? &out.user : key == "assistant" ? &out.assistant : key == "answer" ? &out.answer : nullptr;
    if (!place || !member.value().is_string() || member.value().get_string().size() > 10'000)
      return fail(ErrorKind::data, "\"turns\" holds \"" + key + "\", which is no short text of system, user, assistant or answer", where);
    *place = std::string(member.value().get_string());
    const std::size_t at = place->find(kPlace);
    const bool once = at != std::string::npos && place->find(kPlace, at + 1) == std::string::npos;
    if (key == "answer" ? at != std::string::npos : !once && !place->empty())
      return fail(ErrorKind::data, "\"turns\": the text of \"" + key + "\" stands where {} is, " + (key == "answer" ? "and an answer has none" : "which must be there once"), where);
  }
  if (out.user.empty()) return fail(ErrorKind::data, "\"turns\" has no \"user\"", where);
  return out;
}

json::object to_json(const TurnTemplate& format) {
  return {{"system", format.system}, {"user", format.user}, {"assistant", format.assistant}, {"answer", format.answer}};
}

std::string turns_text(const TurnTemplate& format, std::span<const Message> messages) {
  std::string out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (message.role == "system") {
      if (i == 0 && !format.system.empty()) out += filled(format.system, message.content);
    } else {
      out += filled(message.role == "assistant" ? format.assistant : format.user, message.content);
    }
  }
  return out + format.answer;
}

}  // namespace assay::mixeval
