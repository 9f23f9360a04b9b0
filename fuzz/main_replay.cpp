// Runs a target over files and folders of inputs, without libFuzzer: the corpora as an ordinary test, with any compiler, and the way
// to look at one crash in a debugger. A copy of exactly the input's size makes reads behind its end visible to AddressSanitizer.
//
//   fuzz_NAME FILE|FOLDER...            run each input, its first half, and itself twice
//   fuzz_NAME --grow FILE|FOLDER...     make long inputs of them, and print those whose time grows faster than they do (tools/find-growth)
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
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

/// An input that grows: what stands before, what is repeated, what stands behind.
struct Growing {
  std::string head, piece, tail;
  std::string at(std::size_t size) const {
    std::string out = head;
    while (out.size() < size) out += piece;
    return out + tail;
  }
};

double seconds_for(const std::string& input) {
  const std::clock_t begin = std::clock();  // of the processor: other work does not count
  run(input);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// What repeats: a character or a few of the languages that are read here, and a piece of each input.
std::vector<Growing> growing(const std::vector<std::string>& inputs) {
  std::vector<Growing> out;
  for (const char* piece : {"1",    "a",  " ",  "\n",   "\t",   "(",     "[",   "{",   "\"",   "'",        "\\",  "<",   "*",   "#",           "-",
                            ".",    ",",  ":",  "|",    "&",    "%",     "{{",  "{%",  "[[",   "\",",      "\\n", "a ",  "a\n", "1,",          "1.",
                            "1e",   "a:", "- ", "a: 1\n", "- a\n", "a,b\n", "[]",  "{}",  "()",   "$",        "=",    "\r\n", "~",   "/",           "?",
                            "!",    "_",  "@",  "`",    "```\n", "A) ",   "(A",  "{\"a\":", "[1,", "Score: 1\n", "\xC3\xA9", "\xCE\xA3", "\xE2\x80\x83", "\xF0\x9F\x98\x80", "\xFF"})
    out.push_back({{}, piece, {}});
  std::mt19937 random(1);
  for (const std::string& input : inputs) {
    if (input.size() < 2 || input.size() > 8192) continue;
    for (std::size_t length : {1, 3, 12, 100}) {
      const std::size_t from = random() % input.size(), to = std::min(input.size(), from + length);
      out.push_back({input.substr(0, from), input.substr(from, to - from), input.substr(to)});
    }
  }
  return out;
}

/// Sixteen times the time for four times the input is what a quadratic reader takes; up to eight may be a cache that is too small.
bool grows_too_fast(double shorter, double longer) { return longer > 0.1 && longer > 8 * std::max(shorter, 0.002); }

int grow(const std::vector<fs::path>& files) {
  std::vector<std::string> inputs;
  for (const fs::path& file : files) inputs.push_back(read(file));
  int found = 0;
  for (const Growing& one : growing(inputs)) {
    constexpr std::size_t kShort = 16 << 10;
    const double shorter = seconds_for(one.at(kShort)), longer = seconds_for(one.at(4 * kShort));
    if (!grows_too_fast(shorter, longer)) continue;
    if (longer < 3 && !grows_too_fast(longer, seconds_for(one.at(16 * kShort)))) continue;  // it ends somewhere
    ++found;
    std::printf("%.3f s of 16 KB, %.3f s of 64 KB: ", shorter, longer);
    for (const char c : one.head.substr(0, 30) + " >>" + one.piece.substr(0, 30) + "<< " + one.tail.substr(0, 30)) {
      const auto byte = static_cast<unsigned char>(c);
      byte < 0x20 || byte > 0x7E ? std::printf("\\x%02X", byte) : std::printf("%c", c);
    }
    std::printf("\n");
  }
  return found == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  const bool growth = argc > 1 && std::string_view(argv[1]) == "--grow";
  for (int i = growth ? 2 : 1; i < argc; ++i) {
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
  if (growth) return grow(files);
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
