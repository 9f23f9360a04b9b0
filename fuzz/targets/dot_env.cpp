// `.env` files (cli/dot_env).
#include "cli/dot_env.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  for (const auto& [name, value] : cli::read_dot_env(input)) {
    REQUIRE(!name.empty());
    REQUIRE(name.size() + value.size() < input.size());  // nothing is expanded, and '=' stood between them
  }
}

}  // namespace assay::fuzz
