// Files that `replay:` reads (model/replay): exports of the journal and upstream's EQ-Bench results.
#include "fuzz.h"
#include "model/replay.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::uint8_t run = take_byte(input);
  MemoryFile file(input);
  ModelSpec spec;
  spec.text = "replay:input";
  spec.backend = "replay";
  spec.name = file.path();
  if (run & 1) spec.settings["run"] = std::to_string(run / 2);
  auto model = open_replay(spec);
  if (!model) {
    REQUIRE(model.error().kind == ErrorKind::data || model.error().kind == ErrorKind::usage);
    return;
  }
  REQUIRE((*model)->capabilities().recorded_by_origin);
}

}  // namespace assay::fuzz
