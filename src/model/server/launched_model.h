// A model behind a server that we start ourselves, when it is first needed, and keep going.
//
// Place among the layers: the back end. Above it stand limits, retries and journal as above any endpoint, so a run that the journal
// answers starts nothing - provided that the identity is known without asking the server (LaunchOptions::identity_known).
//
// A request that times out, or loses its connection, or meets a server that has ended, comes back as a retryable error and marks
// the server; the next request stops it and starts it again with the same command, and all others wait for that. Other requests
// in flight at that moment fail the same way, once. An answer that makes no sense is no reason: who answers does not hang. Neither
// is a request whose deadline came when it had had less than half of the time that others have: near its end one is asked in vain.
// What a start takes does not count as a request's time.
// After `restarts` starts in a row without an answer between them, or ten times as many in all, the model has failed: the error is
// fatal and holds the server's last lines.
//
// The server ends with the model.
#pragma once

#include <memory>

#include "model/model.h"
#include "model/server/server_process.h"

namespace assay {

struct LaunchOptions {
  std::string label;    // of the identity: what people call the model
  json::object facts;   // of the identity: recipe, arguments, weights ... never the port
  /// The facts are all there is to know (weights are summed); else what the server says of itself is added, for which it is started.
  bool identity_known = false;
  int restarts = 6;  // in a row; one more than a request is tried, so that one poisonous prompt is not the end
  json::object shown;   // for the manifest, beside what is counted here
};

/// `inner` asks at the address where `server` will listen. The seams of `server` outlive the model.
std::unique_ptr<Model> make_launched_model(std::unique_ptr<Model> inner, std::unique_ptr<ServerProcess> server, Timer& timer, LaunchOptions options);

}  // namespace assay
