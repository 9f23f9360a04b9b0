#include "model/http/jina_dialect.h"

#include "model/http/openai_dialect.h"

namespace assay {

Result<HostedBody> jina_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  if (!(request.tools.is_null() && request.response_format.is_null()))
    return fail(ErrorKind::unsupported, "Jina's chat has no tools and no response_format");
  ParameterQuirks quirks;
  quirks.refused = refused;
  OpenAiBody chat = openai_chat_body(request, model == kJinaChat ? std::string_view() : model, quirks);
  return HostedBody{std::move(chat.json), std::move(chat.sent), std::move(chat.left_out), {}};
}

HostedDialect jina_dialect() {
  HostedDialect out;
  out.backend = "jina";
  out.base = kJinaBase;
  out.key_source = "JINA_CHAT_API_KEY";
  out.key_header = {"Authorization", "Bearer "};
  out.can.chat = true;
  out.path = [](const Generate&, std::string_view) -> std::string { return "/chat/completions"; };
  out.body = jina_body;
  out.response = openai_chat_response;
  return out;
}

}  // namespace assay
