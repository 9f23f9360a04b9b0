// Dialogue files of the provider simulator (tests/support/simulator_dialogue): each is read into a simulator that nobody calls.
#include "fuzz.h"
#include "support/simulator.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  test::Simulator simulator;
  auto loaded = test::load_dialogue(simulator, input);
  if (!loaded) REQUIRE(loaded.error().kind == ErrorKind::data && !loaded.error().message.empty());
  REQUIRE(!test::answer_emotions(input).empty());
}

}  // namespace assay::fuzz
