// The hub as the environment describes it (HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE, HF_HOME, ...), downloads with a progress line, and model
// files named `gguf:hf:ORG/NAME:FILE`.
#pragma once

#include <optional>

#include "cli/session.h"
#include "model/hub/hub.h"
#include "model/model_spec.h"

namespace assay::cli {

/// HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub: the first that is set.
Result<std::filesystem::path> hub_cache_folder(const Invocation& invocation);

/// Endpoint, token (HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file that the hub's own tools keep it in) and cache; transport and timer are the
/// session's. Errors: usage (an endpoint that is no address).
Result<HubOptions> hub_options(Session& session);

/// Pulls with a progress line on standard error (none when quiet); Ctrl-C stops it, and what came is kept.
Result<HubPull> pull_shown(Session& session, HubRequest request, HubOptions options);
/// The same inside a coroutine; `stop` must be turned by somebody else.
std::function<void(const HubProgress&)> hub_display(const Invocation& invocation);

/// The address in a spec `gguf:hf:ADDRESS`; nullopt for other specs. Errors: usage (no such address, or it names no file).
Result<std::optional<HubAddress>> hub_model(const ModelSpec& spec);
/// Puts the path of the file in the cache into `spec.name`; other specs stay as they are. Errors: data (not downloaded yet; says how).
Result<void> find_hub_model(const Invocation& invocation, ModelSpec& spec);
/// The same, and downloads it where it lacks.
Async<bool> fetch_hub_model(Session& session, ModelSpec& spec);

}  // namespace assay::cli
