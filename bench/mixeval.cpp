// bench-mixeval FREE-FORM.json MULTIPLE-CHOICE.json FREE-FORM.jsonl MULTIPLE-CHOICE.jsonl: what building the prompts of a version's entries and
// scoring its responses by rule costs, as one line of JSON (bench/judged). Files are read before the clock starts.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/response_file.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"

int main(int count, char** words) {
  using namespace assay;
  using namespace assay::mixeval;
  if (count != 5) return 2;
  const Split splits[] = {Split::free_form, Split::multiple_choice};
  std::vector<Entry> entries[2];
  std::vector<StoredResponse> responses[2];
  for (int s = 0; s < 2; ++s) {
    auto data = read_file(words[1 + s]), lines = read_file(words[3 + s]);
    if (!data || !lines) return 1;
    auto read = read_entries(*data, splits[s], words[1 + s]);
    auto held = read_responses(*lines, splits[s], words[3 + s], nullptr);
    if (!read || !held) {
      std::fprintf(stderr, "%s\n", to_string(!read ? read.error() : held.error()).c_str());
      return 1;
    }
    entries[s] = std::move(*read);
    responses[s] = std::move(held->lines);
  }
  using Clock = std::chrono::steady_clock;
  auto ms = [](Clock::time_point from) { return std::chrono::duration<double, std::milli>(Clock::now() - from).count(); };
  double prompts = 1e9, rules = 1e9;
  std::size_t bytes = 0, right = 0;
  for (int round = 0; round < 5; ++round) {
    bytes = right = 0;
    auto start = Clock::now();
    for (int s = 0; s < 2; ++s)
      for (const Entry& entry : entries[s]) bytes += formatted_input(splits[s], entry)->size();
    prompts = std::min(prompts, ms(start));
    start = Clock::now();
    PythonRandom random(42);
    for (const StoredResponse& one : responses[0]) right += answer_matches(parse_answer(one.response), one.entry.targets);
    for (const StoredResponse& one : responses[1]) right += parse_choice(one.response, one.entry.options, random).letter == option_letter(one.entry.answer);
    rules = std::min(rules, ms(start));
  }
  std::printf("{\"row\":\"p10\",\"name\":\"mixeval in memory\",\"entries\":%zu,\"prompts_ms\":%.2f,\"prompt_bytes\":%zu,\"responses\":%zu,\"rules_ms\":%.2f,\"right\":%zu}\n",
              entries[0].size() + entries[1].size(), prompts, bytes, responses[0].size() + responses[1].size(), rules, right);
  return 0;
}
