#include "benchmark/mixeval/option_order.h"

#include <numeric>

#include "base/python_random.h"

namespace assay::mixeval {

void shuffle_options(Entry& entry, std::int64_t seed) {
  std::vector<std::size_t> order(entry.options.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  PythonRandom random(std::string_view(std::to_string(seed) + " " + identity(entry)));
  random.shuffle(order);
  json::array* fields = nullptr;
  if (json::value* value = entry.fields.if_contains("options"); value && value->is_array() && value->get_array().size() == order.size()) fields = &value->get_array();
  const json::array before = fields ? *fields : json::array();
  std::vector<std::string> options;
  std::size_t answer = entry.answer;
  for (std::size_t place = 0; place < order.size(); ++place) {
    options.push_back(entry.options[order[place]]);
    if (fields) (*fields)[place] = before[order[place]];
    if (order[place] == entry.answer) answer = place;
  }
  entry.options = std::move(options);
  entry.answer = answer;
  if (json::value* target = entry.fields.if_contains("target"); target && target->is_array() && !target->get_array().empty()) target->get_array()[0] = answer;
}

}  // namespace assay::mixeval
