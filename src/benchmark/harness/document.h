// A question of the harness's multiple-choice tasks, whatever file it came from.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace assay::harness {

struct Document {
  std::size_t row = 0;               // place in the file, from 0
  std::string query;                 // what the original calls doc_to_text
  std::vector<std::string> choices{};  // each is asked for with a blank before it
  std::size_t gold = 0;              // the right one
  /// truthfulqa_mc: `choices` holds those of MC1 and then those of MC2. 0 = an ordinary document.
  std::size_t mc1 = 0;
  std::size_t truths = 0;  // of MC2's: so many at the front count as true

  /// What follows the query in a few-shot example.
  std::string target() const { return " " + choices[gold]; }
};
using Documents = std::vector<Document>;

}  // namespace assay::harness
