// The vectors of shared/golden/open-llm-leaderboard: the hash model that they were made with, and the data files.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "benchmark/harness/task_plan.h"
#include "support/shared_data.h"

namespace assay::harness::test {

using assay::test::load_json;
using assay::test::shared;

/// Read once and kept, so that a loop may run over a part of it.
inline const json::value& golden(const std::string& name) {
  static std::map<std::string, json::value> kept;
  auto [it, fresh] = kept.try_emplace(name);
  if (fresh) it->second = load_json(shared("golden/open-llm-leaderboard/" + name));
  return it->second;
}

/// SHA-256 of utf8(a), a zero byte, utf8(b): hex digits.
inline std::string sha_pair(const std::string& a, const std::string& b) { return sha256_hex(a + '\0' + b); }

/// What the hash model answers to a request of which this is the hash.
inline double hash_logprob(const std::string& hex) {
  return -(static_cast<double>(std::stoul(hex.substr(0, 8), nullptr, 16)) / 134217728.0);
}
inline bool hash_greedy(const std::string& hex) { return std::stoul(hex.substr(8, 2), nullptr, 16) % 2 == 1; }

inline std::string bytes_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(std::stoul(hex.substr(i, 2), nullptr, 16));
  return out;
}

inline std::string file_text(const std::string& path) {
  auto text = read_file(shared("upstream/open-llm-leaderboard/" + path));
  if (!text) ADD_FAILURE() << to_string(text.error());
  return text ? *text : std::string();
}

inline Documents documents(const TaskInfo& task, const std::string& path) {
  auto read = read_documents(task, file_text(path), path);
  if (!read) ADD_FAILURE() << to_string(read.error());
  return read ? *read : Documents{};
}

/// The data that the vectors were made from.
inline TaskData task_data(const std::string& name) {
  const TaskInfo* task = find_task(name);
  TaskData out;
  if (!task) {
    ADD_FAILURE() << name;
    return out;
  }
  switch (task->family) {
    case TaskInfo::Family::text: break;  // its file is given by name
    case TaskInfo::Family::arc: {
      const std::string set = name == "arc_easy" ? "arc/ARC-Easy-" : "arc/ARC-Challenge-";
      out.evaluated = documents(*task, set + "Test.jsonl");
      out.pool = documents(*task, set + "Train.jsonl");
      break;
    }
    case TaskInfo::Family::hellaswag: {
      Documents all = documents(*task, "hellaswag/hellaswag_val_sample.jsonl");
      out.evaluated.assign(all.begin(), all.begin() + 600);
      out.pool.assign(all.begin() + 600, all.end());
      break;
    }
    case TaskInfo::Family::mmlu:
      out.evaluated = documents(*task, "mmlu/test/" + task->subject + "_test.csv");
      out.pool = documents(*task, "mmlu/dev/" + task->subject + "_dev.csv");
      break;
    case TaskInfo::Family::truthfulqa:
      out.evaluated = documents(*task, "truthfulqa/mc_task_v0.json");
      out.preamble = file_text("texts/truthfulqa_qa_prompt.txt") + "\n\n";
      break;
  }
  return out;
}

}  // namespace assay::harness::test
