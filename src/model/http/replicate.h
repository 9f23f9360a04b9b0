// Replicate as a Model: a prediction is created, then asked for until it has ended. Waiting goes by the timer that is passed in.
#pragma once

#include <memory>

#include "base/async/timer.h"
#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

struct ReplicateOptions : HttpModelOptions {
  Duration first_wait = std::chrono::milliseconds(500);  // before the first look; then half as much again each time
  Duration longest_wait = std::chrono::seconds(5);
};

/// `options.model` is OWNER/NAME[:VERSION]; an empty base is kReplicateBase. The time-out of one attempt bounds a prediction with all its looks;
/// what is not there by then, or by the query's deadline, fails with `timeout`. A look that fails for a reason that may pass (5xx, network) is
/// repeated, five times in a row, since the prediction goes on meanwhile and has to be paid. Whatever is given up, also because the coroutine was
/// cancelled, is cancelled at the provider. Latency is the time from creation to the last look. `timer` outlives the model.
std::unique_ptr<Model> make_replicate_model(ReplicateOptions options, Transport& transport, Timer& timer);

}  // namespace assay
