// libFuzzer's entry: the engine brings main().
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::fuzz::fuzz_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
