// Dialogue files of the provider simulator (tests/support/simulator_dialogue). The simulator here takes everything and serves nobody.
#include "fuzz.h"
#include "support/simulator.h"

namespace assay::test {

struct Simulator::State {};
Simulator::Simulator() = default;
Simulator::~Simulator() = default;
void Simulator::on(std::string, std::vector<SimulatedReply> replies) { REQUIRE(!replies.empty()); }
void Simulator::otherwise(SimulatedReply) {}
void Simulator::serve(std::string, SimulatedReply reply) { REQUIRE(reply.status >= 200 && reply.status <= 999); }
SimulatedReply SimulatedReply::says(std::string text) {
  SimulatedReply reply;
  reply.text = std::move(text);
  return reply;
}

}  // namespace assay::test

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  test::Simulator simulator;
  auto loaded = test::load_dialogue(simulator, input);
  if (!loaded) REQUIRE(loaded.error().kind == ErrorKind::data);
  REQUIRE(!test::answer_emotions(input).empty());
}

}  // namespace assay::fuzz
