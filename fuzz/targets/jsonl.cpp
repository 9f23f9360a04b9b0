// JSON lines (dataset/jsonl): half-written last lines are told apart from broken ones.
#include "base/text.h"
#include "dataset/jsonl.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  JsonlReader reader(input, "input", 256);
  std::size_t last = 0, lines = split_lines(input).size();
  bool done = false;
  while (!done) {
    auto next = reader.next();
    std::size_t line = 0;
    if (!next) {
      line = next.error().line;
      if (next.error().half_written) REQUIRE(line == lines && !input.ends_with('\n'));
    } else if (*next) {
      line = (*next)->line;
    } else {
      done = true;
      continue;
    }
    REQUIRE(line > last && line <= lines);
    last = line;
  }
  auto all = read_jsonl(input, "input");
  if (!all) REQUIRE(all.error().kind == ErrorKind::data);
}

}  // namespace assay::fuzz
