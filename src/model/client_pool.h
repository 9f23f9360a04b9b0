// Several clients of one model - other keys, organisations, deployments - as one Model: each request goes by one that is drawn uniformly, and a
// rate limit sends it to another, as AlpacaEval's program does. Order of decorators: retrying(pool of limited(back end)).
#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "model/model.h"

namespace assay {

struct PooledClient {
  std::vector<std::unique_ptr<Model>> layers;  // the last one is asked; each may refer to those before it
};

/// The identity is the clients' common one; where they differ (another address, a deployment) it is all of theirs, so that the answers of one pool are
/// not taken for another's. A client whose key or quota fails, or that is put off for too long, is left out from then on, as long as others
/// are there. `random` outlives the model.
std::unique_ptr<Model> make_client_pool(std::vector<PooledClient> clients, Random& random);

}  // namespace assay
