// `.env` files (cli/dot_env).
#include "cli/dot_env.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  for (const auto& [name, value] : cli::read_dot_env(input)) {
    REQUIRE(name.find('=') == std::string::npos && name.find('\n') == std::string::npos);
    REQUIRE(value.find('\n') == std::string::npos);
  }
}

}  // namespace assay::fuzz
