// Client configurations (keys, organisations, deployments): clients that can be asked, or a reason.
#include "base/text.h"
#include "fuzz.h"
#include "model/http/client_configs.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  for (std::string_view model : {"gpt-4", "default"}) {
    auto clients = read_client_configs(input, "clients.yaml", model);
    if (!clients) {
      const std::string shown = to_string(clients.error());
      REQUIRE(is_valid_utf8(shown) && shown.size() < 4096);
      continue;
    }
    REQUIRE(!clients->empty());
    for (const ClientConfig& client : *clients) REQUIRE(!client.azure || !client.endpoint.empty() || !client.base.empty());
  }
  for (const ClientConfig& client : client_product(Secret(std::string(input)), valid_utf8(input), "KEYS")) REQUIRE(!client.key.empty());
}

}  // namespace assay::fuzz
