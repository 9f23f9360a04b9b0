#include "benchmark/harness/task.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/name_pattern.h"
#include "base/text.h"
#include "benchmark/harness/arc.h"
#include "benchmark/harness/hellaswag.h"
#include "benchmark/harness/mmlu.h"
#include "benchmark/harness/text_task.h"
#include "benchmark/harness/truthfulqa.h"

namespace assay::harness {
namespace {

/// Tasks that a command line makes up; kept for as long as the program runs, as those of the table are.
const TaskInfo* find_text_task(std::string_view name) {
  auto parsed = parse_text_task(name);
  if (!parsed) return nullptr;
  static std::mutex mutex;
  static std::map<std::string, TaskInfo, std::less<>> known;
  std::lock_guard lock(mutex);
  if (auto it = known.find(name); it != known.end()) return &it->second;
  TaskInfo task{std::string(name), TaskInfo::Family::text, parsed->key, 0, 0, {"word_perplexity", "byte_perplexity", "bits_per_byte"},
                "word_perplexity", parsed->file, ""};
  return &known.emplace(std::string(name), std::move(task)).first->second;
}

}  // namespace

const std::vector<TaskInfo>& all_tasks() {
  static const std::vector<TaskInfo> tasks = [] {
    using Family = TaskInfo::Family;
    const std::vector<std::string> choice{"acc", "acc_norm"};
    std::vector<TaskInfo> out;
    out.push_back({"arc_challenge", Family::arc, "", 0, 25, choice, "acc_norm", "arc-challenge/test", "arc-challenge/train"});
    out.push_back({"hellaswag", Family::hellaswag, "", 0, 10, choice, "acc_norm", "hellaswag/validation", "hellaswag/train"});
    for (std::string_view subject : kMmluSubjects) {
      std::string s(subject);
      out.push_back({"hendrycksTest-" + s, Family::mmlu, s, 1, 5, choice, "acc", "mmlu/test/" + s, "mmlu/dev/" + s});
    }
    out.push_back({"truthfulqa_mc", Family::truthfulqa, "", 1, 0, {"mc1", "mc2"}, "mc2", "truthfulqa/mc", ""});
    out.push_back({"arc_easy", Family::arc, "", 0, 0, choice, "acc_norm", "arc-easy/test", "arc-easy/train"});
    return out;
  }();
  return tasks;
}

const TaskInfo* find_task(std::string_view name) {
  if (name.starts_with("json=")) return find_text_task(name);
  if (name.starts_with("harness|")) {
    name.remove_prefix(8);
    name = name.substr(0, name.find('|'));
  }
  auto folded = [](std::string_view text) {
    std::string out(text);
    for (char& c : out)
      if (c == '-' || c == ':') c = '_';
    return out;
  };
  const std::string wanted = folded(name);
  for (const TaskInfo& task : all_tasks())
    if (folded(task.name) == wanted) return &task;
  return nullptr;
}

std::vector<std::string> match_tasks(std::string_view patterns, const std::vector<std::string>& names, std::vector<std::string>* unmatched) {
  std::set<std::string> out;
  for (const std::string& pattern : split(patterns, ',')) {
    bool any = pattern.starts_with("json=");
    if (any) out.insert(pattern);
    for (const std::string& name : names)
      if (matches_pattern(name, pattern)) {
        any = true;
        out.insert(name);
      }
    if (!any && unmatched) unmatched->push_back(pattern);
  }
  return {out.begin(), out.end()};
}

Result<Documents> read_documents(const TaskInfo& task, std::string_view text, std::string_view where) {
  switch (task.family) {
    case TaskInfo::Family::arc:
      return read_arc(text, where);
    case TaskInfo::Family::hellaswag:
      return read_hellaswag(text, where);
    case TaskInfo::Family::mmlu:
      return read_mmlu(text, where);
    case TaskInfo::Family::text:
      return read_texts(text, task.subject, where);
    case TaskInfo::Family::truthfulqa:
      break;
  }
  return read_truthfulqa(text, where);
}

}  // namespace assay::harness
