// Runs a target over files and folders of inputs, without libFuzzer: the corpora as an ordinary test, with any compiler, and the way
// to look at one crash in a debugger. A copy of exactly the input's size makes reads behind its end visible to AddressSanitizer.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "fuzz.h"

namespace {

namespace fs = std::filesystem;

void run(std::string_view input) {
  auto copy = std::make_unique<char[]>(input.size());
  input.copy(copy.get(), input.size());
  assay::fuzz::fuzz_one({copy.get(), input.size()});
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    fs::path given = argv[i];
    if (!fs::is_directory(given)) {
      files.push_back(given);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(given))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "no inputs: give files or folders\n");
    return 2;
  }
  std::size_t runs = 0;
  for (const fs::path& file : files) {
    std::fprintf(stderr, "%s\n", file.c_str());  // the last line names the input when this one crashes
    std::string input = read(file);
    run(input);
    run(std::string_view(input).substr(0, input.size() / 2));  // what a killed writer leaves
    run(input + input);
    runs += 3;
  }
  run({});
  std::printf("%zu runs of %zu inputs\n", runs + 1, files.size());
}
