#include "cli/list_tasks.h"

#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/harness/yaml_index.h"
#include "run/display.h"

namespace assay::cli {
namespace {

using harness::IndexedFile;
using harness::TaskIndex;

bool counts(const TaskIndex& index, const IndexedFile& file) {
  // A name that another file took is that file's.
  return (file.kind == IndexedFile::Kind::task || file.kind == IndexedFile::Kind::python_task ||
          file.kind == IndexedFile::Kind::group) &&
         index.find(file.name) == &file;
}

struct Sorted {
  std::vector<const IndexedFile*> tasks, refused, groups, broken;
};

Sorted sort(const TaskIndex& index) {
  Sorted out;
  for (const IndexedFile& file : index.files()) {
    if (file.kind == IndexedFile::Kind::broken) out.broken.push_back(&file);
    if (!counts(index, file)) continue;
    if (file.kind == IndexedFile::Kind::group)
      out.groups.push_back(&file);
    else
      (file.refusals.empty() ? out.tasks : out.refused).push_back(&file);
  }
  auto by_name = [](const IndexedFile* a, const IndexedFile* b) { return a->name < b->name; };
  for (auto* list : {&out.tasks, &out.refused, &out.groups}) std::sort(list->begin(), list->end(), by_name);
  return out;
}

std::string line(const IndexedFile& file, const std::string& more) {
  return "  " + visible_line(file.name) + (more.empty() ? "" : "  " + visible_line(more)) + "\n";
}

}  // namespace

std::filesystem::path task_index_file(const std::filesystem::path& data_home, const std::vector<std::string>& folders) {
  std::string all;
  for (const std::string& folder : folders) {
    std::error_code problem;
    all += std::filesystem::weakly_canonical(folder, problem).string() + "\n" + folder + "\n";
  }
  return data_home / "index" / ("tasks-" + sha256_hex(all).substr(0, 16) + ".json");
}

int list_tasks(Invocation& invocation) {
  const std::vector<std::string> folders(invocation.arguments.positional.begin() + 1, invocation.arguments.positional.end());
  if (folders.empty())
    return invocation.report(
        Error{ErrorKind::usage, "which folder of task files?", "", "assay list tasks DIR, e.g. the harness's lm_eval/tasks"});
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  auto index = TaskIndex::build({folders.begin(), folders.end()}, task_index_file(*home, folders));
  if (!index) return invocation.report(index.error());
  const Sorted all = sort(*index);
  const bool why_not = invocation.arguments.has("why-not");
  const std::size_t every = all.tasks.size() + all.refused.size();
  if (invocation.json()) {
    json::object document{{"tasks", every}, {"runnable", all.tasks.size()}};
    json::array tasks, groups, tags, broken, warnings;
    for (const auto* list : {&all.tasks, &all.refused})
      for (const IndexedFile* file : *list)
        if (!why_not || !file->refusals.empty()) tasks.push_back(to_json(*file));
    for (const IndexedFile* file : all.groups) groups.push_back(to_json(*file));
    for (const std::string& tag : index->tags()) {
      const std::vector<std::string> tagged = index->tagged(tag);
      tags.push_back(json::object{{"name", tag}, {"tasks", json::array(tagged.begin(), tagged.end())}});
    }
    for (const IndexedFile* file : all.broken) broken.push_back(to_json(*file));
    for (const std::string& warning : index->warnings()) warnings.push_back(json::string(warning));
    document["list"] = std::move(tasks);
    document["groups"] = std::move(groups);
    document["tags"] = std::move(tags);
    document["broken"] = std::move(broken);
    document["warnings"] = std::move(warnings);
    invocation.out(write_json(document, JsonStyle::pretty) + "\n");
    return kDone;
  }
  std::string text;
  if (why_not) {
    for (const IndexedFile* file : all.refused) text += line(*file, join(file->refusals, "; "));
    for (const IndexedFile* file : all.broken)
      text += "  " + visible_line(file->path) + "  " + visible_line(join(file->refusals, "; ")) + "\n";
  } else {
    text += "Tasks\n";
    for (const IndexedFile* file : all.tasks) text += line(*file, file->output_type);
    text += "\nGroups\n";
    for (const IndexedFile* file : all.groups) text += line(*file, "");
    text += "\nTags\n";
    for (const std::string& tag : index->tags())
      text += "  " + visible_line(tag) + "  " + std::to_string(index->tagged(tag).size()) + " tasks\n";
  }
  text += "\n" + std::to_string(all.tasks.size()) + " of " + std::to_string(every) + " tasks can be run here";
  if (!all.refused.empty() && !why_not) text += "; assay list tasks DIR --why-not says what keeps the others";
  text += "\n";
  if (!all.broken.empty()) text += std::to_string(all.broken.size()) + " files cannot be read\n";
  invocation.out(text);
  for (const std::string& warning : index->warnings()) invocation.err("note: " + visible_line(warning) + "\n");
  return kDone;
}

}  // namespace assay::cli
