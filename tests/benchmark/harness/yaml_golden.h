// What the tests of today's YAML tasks share: the task files and data of shared/upstream, laid out as the vectors were made.
#pragma once

#include "base/python_dump.h"
#include "benchmark/harness/golden.h"
#include "benchmark/harness/yaml_data.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_plan.h"

namespace assay::harness::test {

inline std::string tasks_folder() {
  return shared("upstream/open-llm-leaderboard/tasks_head").string();
}

/// A task of shared/upstream by its file, e.g. "arc/arc_challenge.yaml".
inline TaskConfig head_task(const std::string& file) {
  YamlFiles files;
  const std::string path = tasks_folder() + "/" + file;
  auto merged = files.merged(path);
  if (!merged) {
    ADD_FAILURE() << to_string(merged.error());
    return {};
  }
  auto config = read_task_config(*merged, path);
  if (!config) {
    ADD_FAILURE() << to_string(config.error());
    return {};
  }
  return *config;
}

/// The splits as the vectors had them (README of the golden files).
class HeadRows : public RowSource {
 public:
  Result<std::vector<json::value>> rows(const TaskConfig& task, const std::string& split) override {
    const std::string base = "upstream/open-llm-leaderboard/";
    const std::string& set = task.dataset_path;
    if (set == "allenai/ai2_arc") {
      const std::string part = split == "train" ? "Train" : split == "test" ? "Test" : "Dev";
      return read(set, base + "arc/" + task.dataset_name + "-" + part + ".jsonl");
    }
    if (set == "cais/mmlu")
      return read(set, base + "mmlu/" + split + "/" + task.dataset_name + "_" + split + ".csv", task.dataset_name);
    if (set == "truthfulqa/truthful_qa") return read(set, base + "truthfulqa/mc_task_v0.json");
    if (set == "allenai/openbookqa") return read(set, base + "openbookqa/" + (split == "validation" ? "dev" : split) + ".jsonl");
    if (set == "openai/gsm8k") return read(set, base + "gsm8k/" + split + ".jsonl");
    if (set == "nyu-mll/blimp") return read(set, base + "blimp/adjunct_island.jsonl");
    if (set == "Rowan/hellaswag") {
      auto all = read(set, base + "hellaswag/hellaswag_val_sample.jsonl");
      if (!all) return all;
      const auto cut = all->begin() + 600;
      return split == "train" ? std::vector<json::value>(cut, all->end()) : std::vector<json::value>(all->begin(), cut);
    }
    if (set == "EleutherAI/lambada_openai" || set == "NeelNanda/pile-10k") {
      auto all = read("openai/gsm8k", base + "gsm8k/test.jsonl");
      if (!all) return all;
      all->resize(200);
      for (json::value& row : *all) {
        std::string text(row.at("question").get_string());
        if (set == "NeelNanda/pile-10k") text += "\n\n" + std::string(row.at("answer").get_string());
        row = json::object{{"text", text}};
      }
      return all;
    }
    return fail(ErrorKind::data, "no such data here: " + set);
  }

 private:
  static Result<std::vector<json::value>> read(const std::string& set, const std::string& file,
                                               const std::string& configuration = "") {
    auto text = read_file(shared(file));
    if (!text) return fail(text.error());
    TableOptions options;
    options.text_only = set == "cais/mmlu";
    auto rows = read_rows(*text, file, options);
    if (rows)
      for (json::value& row : *rows) row = hub_row(set, configuration, std::move(row));
    return rows;
  }
};

/// Rows given one by one.
class GivenRows : public RowSource {
 public:
  std::map<std::string, std::vector<json::value>> splits;
  Result<std::vector<json::value>> rows(const TaskConfig&, const std::string& split) override {
    auto it = splits.find(split);
    if (it == splits.end()) return fail(ErrorKind::data, "there is no split " + split);
    return it->second;
  }
};

/// The chat template of the vectors.
inline Result<std::string> hash_chat(const std::vector<Message>& messages, bool add_generation_prompt) {
  std::string out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    out += "<|" + messages[i].role + "|>\n" + messages[i].content;
    if (i + 1 < messages.size() || add_generation_prompt) out += "<|end|>\n";
  }
  if (add_generation_prompt) out += "<|assistant|>\n";
  return out;
}

inline YamlSettings settings_of(const json::value& golden_case, const char* shots) {
  YamlSettings out;
  if (const json::value* n = find(golden_case, shots); n && n->is_int64()) out.num_fewshot = n->get_int64();
  if (auto limit = get_number(golden_case, "limit")) out.limit = *limit;
  if (const json::value* options = find(golden_case, "options")) {
    out.apply_chat_template = get_bool(*options, "apply_chat_template").value_or(false);
    out.fewshot_as_multiturn = get_bool(*options, "fewshot_as_multiturn");
    out.system_instruction = get_string(*options, "system_instruction").value_or("");
  }
  out.render = hash_chat;
  return out;
}

/// SHA of the README: what a request of a task is hashed from.
inline std::string request_hash(const TaskConfig& task, const TaskRequest& request) {
  if (task.output_type == OutputType::loglikelihood_rolling) return sha256_hex(request.continuation);
  if (task.output_type != OutputType::generate_until) return sha_pair(request.context, request.continuation);
  std::map<std::string, json::value> sorted;
  const json::value kwargs = to_json(task.generation_kwargs);
  for (const auto& member : kwargs.get_object()) sorted[std::string(member.key())] = member.value();
  json::object object;
  for (auto& [key, value] : sorted) object[key] = value;
  return sha_pair(request.context, write_json(object, JsonStyle::python));
}

}  // namespace assay::harness::test
