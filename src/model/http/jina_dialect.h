// Jina's chat service: OpenAI's answers to bodies that hold little more than messages. AlpacaEval's program asks it so.
#pragma once

#include "model/http/hosted.h"

namespace assay {

inline constexpr std::string_view kJinaBase = "https://api.chat.jina.ai/v1";
inline constexpr std::string_view kJinaChat = "jina-chat";  // the service's only model once; its requests name none

HostedDialect jina_dialect();
Result<HostedBody> jina_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);

}  // namespace assay
