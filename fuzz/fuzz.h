// What the fuzz targets share. A target is one file in targets/: it defines fuzz_one(), which does with any bytes what the program
// would do with them, and REQUIREs what must hold for every input. The same file is linked twice: with libFuzzer (preset `fuzz`),
// and with main_replay.cpp, which runs the corpus as an ordinary test. How to run them: fuzz/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace assay::fuzz {

/// The target. Must return for every input; may not keep state that changes what a later input does.
void fuzz_one(std::string_view input);

/// A property that holds for every input; the fuzzer reports a breach as a crash, with this line.
#define REQUIRE(condition)                                                                    \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);     \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)

/// Takes parameters off the front of an input, so that one target covers all settings of a function.
inline std::uint8_t take_byte(std::string_view& input) {
  if (input.empty()) return 0;
  auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

/// Up to the next '\n', which goes too.
inline std::string_view take_line(std::string_view& input) {
  std::string_view line = input.substr(0, input.find('\n'));
  input.remove_prefix(line.size() < input.size() ? line.size() + 1 : line.size());
  return line;
}

/// A file in memory with these bytes, for readers that take a path. One at a time.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace assay::fuzz
