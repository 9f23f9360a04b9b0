#include "benchmark/harness/yaml_select.h"

#include <algorithm>
#include <filesystem>

#include "base/name_pattern.h"
#include "base/text.h"
#include "benchmark/harness/task.h"
#include "benchmark/harness/yaml_loader.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using Kind = PythonValue::Kind;

constexpr int kMostLevels = 32;

PythonValue entry(std::string_view key, PythonValue value) {
  PythonValue out = empty_dict();
  out.items = {PythonValue::of(std::string(key)), std::move(value)};
  return out;
}

/// The keys of a group's mapping that are not the group's own: they override its members.
PythonValue overrides_in(const PythonValue& mapping) {
  PythonValue out = empty_dict();
  for (std::size_t i = 0; i + 1 < mapping.items.size(); i += 2) {
    if (mapping.items[i].kind == Kind::text && is_group_key(mapping.items[i].text)) continue;
    out.items.push_back(mapping.items[i]);
    out.items.push_back(mapping.items[i + 1]);
  }
  return out;
}

}  // namespace

TaskSelector::TaskSelector(const TaskIndex& index, YamlFiles& files, PythonValue metadata)
    : index_(index), files_(files), metadata_(std::move(metadata)) {}

Result<TaskSelection> TaskSelector::select(const std::vector<std::string>& wanted) {
  out_ = {};
  owner_.clear();
  for (const std::string& one : wanted)
    if (auto added = add_wanted(one); !added) return fail(added.error());
  if (out_.tasks.empty()) return fail(ErrorKind::usage, "no task is named");
  return std::move(out_);
}

Result<void> TaskSelector::add_wanted(const std::string& wanted) {
  wanted_ = wanted;
  if (index_.find(wanted) || index_.is_tag(wanted)) return add_name(wanted);
  std::error_code problem;
  if (fs::is_regular_file(wanted, problem)) return add_file(wanted);
  if (fs::is_directory(wanted, problem)) {
    std::vector<std::string> files;
    for (const auto& one : fs::directory_iterator(wanted, problem))
      if (one.path().extension() == ".yaml") files.push_back(one.path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      auto mapping = files_.merged(file);
      if (!mapping) return fail(mapping.error());
      if (kind_of(*mapping) == YamlKind::none) continue;
      if (auto added = add_file(file); !added) return added;
    }
    if (files.empty()) return fail(ErrorKind::usage, "the folder holds no task files (*.yaml)", wanted);
    return {};
  }
  if (wanted.find_first_of("*?[") != std::string::npos) {
    bool any = false;
    for (const std::string& name : index_.names()) {
      if (!matches_pattern(name, wanted)) continue;
      any = true;
      if (auto added = add_name(name); !added) return added;
    }
    if (any) return {};
  }
  std::vector<std::string> near = did_you_mean(wanted, index_.names());
  return fail(ErrorKind::usage, "there is no task, group or tag \"" + shorten(wanted, 80) + "\"", "",
              near.empty() ? "assay list tasks DIR shows them all" : "did you mean " + join(near, ", ") + "?");
}

Result<void> TaskSelector::add_top(Result<std::string> name) {
  if (!name) return fail(name.error());
  out_.top.push_back(std::move(*name));
  return {};
}

Result<void> TaskSelector::add_name(const std::string& name) {
  const PythonValue none = empty_dict();
  const IndexedFile* file = index_.find(name);
  if (!file) {
    for (const std::string& one : index_.tagged(name))
      if (auto added = add_top(task_of(*index_.find(one), none)); !added) return added;
    return {};
  }
  if (file->kind != IndexedFile::Kind::group) return add_top(task_of(*file, none));
  auto mapping = files_.merged(file->path);
  if (!mapping) return fail(mapping.error());
  return add_top(group(*mapping, file->path, none, name, 0));
}

Result<void> TaskSelector::add_file(const std::string& path) {
  auto mapping = files_.merged(path);
  if (!mapping) return fail(mapping.error());
  const PythonValue none = empty_dict();
  switch (kind_of(*mapping)) {
    case YamlKind::group:
      return add_top(group(*mapping, path, none, python_str(*mapping->find("group")), 0));
    case YamlKind::task:
      return add_top(task(std::move(*mapping), path, none));
    case YamlKind::python_task:
      return fail(ErrorKind::unsupported, "the task is a Python class", path);
    case YamlKind::none:
      break;
  }
  return fail(ErrorKind::data, "the file describes neither a task nor a group", path, "a task file has a line \"task: NAME\"");
}

PythonValue TaskSelector::with_metadata(PythonValue mapping) const {
  if (metadata_.kind != Kind::dict || metadata_.items.empty()) return mapping;
  PythonValue metadata = empty_dict();
  if (const PythonValue* own = mapping.find("metadata"); own && own->kind != Kind::none)
    metadata = own->kind == Kind::dict ? *own : entry("_metadata", *own);
  update(metadata, metadata_);
  update(mapping, entry("metadata", std::move(metadata)));
  return mapping;
}

Result<std::string> TaskSelector::task_of(const IndexedFile& file, const PythonValue& overrides) {
  if (file.kind == IndexedFile::Kind::python_task)
    return fail(ErrorKind::unsupported, "the task " + file.name + " cannot be run here: " + join(file.refusals, "; "), file.path);
  auto mapping = files_.merged(file.path);
  if (!mapping) return fail(mapping.error());
  return task(std::move(*mapping), file.path, overrides);
}

Result<std::string> TaskSelector::task(PythonValue mapping, const std::string& file, const PythonValue& overrides) {
  update(mapping, overrides);
  auto config = read_task_config(with_metadata(std::move(mapping)), file);
  if (!config) return fail(config.error());
  std::string name = config->task;
  auto [owner, fresh] = owner_.try_emplace(name, wanted_);
  if (!fresh) {
    if (owner->second != wanted_)
      return fail(ErrorKind::usage, "the task " + name + " is in " + owner->second + " and in " + wanted_, file,
                  "ask for one of them");
    if (!(out_.task(name)->raw == config->raw))
      return fail(ErrorKind::data, wanted_ + " holds the task " + name + " twice, with different settings", file);
    return name;
  }
  out_.tasks.push_back(std::move(*config));
  return name;
}

Result<std::string> TaskSelector::group(const PythonValue& mapping, const std::string& file, const PythonValue& overrides,
                                        const std::string& name, int level) {
  if (level > kMostLevels) return fail(ErrorKind::data, "groups hold each other", file);
  auto config = read_task_group(with_metadata(mapping), file);
  if (!config) return fail(config.error());
  config->group = name;
  if (!mapping.find("group_alias")) config->alias = name.substr(name.rfind("::") == std::string::npos ? 0 : name.rfind("::") + 2);
  const std::size_t place = out_.groups.size();
  const bool known = out_.group(name) != nullptr;
  if (!known) out_.groups.push_back(std::move(*config));  // before its members
  Parent parent{name, file, overrides_in(mapping)};
  update(parent.overrides, overrides_in(overrides));
  std::vector<std::string> members;
  const PythonValue* list = mapping.find("task");
  if (!list || list->kind == Kind::none) return fail(ErrorKind::data, "the group " + name + " names no tasks", file);
  if (list->is_sequence()) {
    for (const PythonValue& one : list->items)
      if (auto added = member(one, parent, members, level); !added) return fail(added.error());
  } else if (auto added = member(*list, parent, members, level); !added) {
    return fail(added.error());
  }
  if (!known) out_.groups[place].members = std::move(members);
  return name;
}

Result<void> TaskSelector::member(const PythonValue& one, const Parent& parent, std::vector<std::string>& members, int level) {
  if (one.kind == Kind::text) return named_member(one.text, parent.overrides, parent, members, level);
  if (one.kind != Kind::dict)
    return fail(ErrorKind::data, "a member of the group " + parent.name + " is neither a name nor a mapping", parent.file);
  if (const PythonValue* named = one.find("group")) {
    const std::string name = python_str(*named);
    if (const IndexedFile* file = index_.find(name); file && file->kind == IndexedFile::Kind::group) {
      PythonValue overrides = parent.overrides;
      update(overrides, overrides_in(one));
      auto mapping = files_.merged(file->path);
      if (!mapping) return fail(mapping.error());
      auto made = group(*mapping, file->path, overrides, name, level + 1);
      if (!made) return fail(made.error());
      members.push_back(std::move(*made));
      return {};
    }
    auto made = group(one, parent.file, parent.overrides, parent.name + "::" + name, level + 1);
    if (!made) return fail(made.error());
    members.push_back(std::move(*made));
    return {};
  }
  const PythonValue* named = one.find("task");
  if (!named || named->kind != Kind::text)
    return fail(ErrorKind::data, "a member of the group " + parent.name + " has neither \"task\" nor \"group\"", parent.file);
  PythonValue overrides = parent.overrides;
  update(overrides, one);
  return named_member(named->text, overrides, parent, members, level);
}

Result<void> TaskSelector::named_member(const std::string& name, const PythonValue& overrides, const Parent& parent,
                                        std::vector<std::string>& members, int level) {
  auto add = [&](Result<std::string> made) -> Result<void> {
    if (!made) return fail(made.error());
    members.push_back(std::move(*made));
    return {};
  };
  PythonValue changes = overrides;
  erase_key(changes, "task");
  if (const IndexedFile* file = index_.find(name)) {
    if (file->kind != IndexedFile::Kind::group) return add(task_of(*file, changes));
    auto mapping = files_.merged(file->path);
    if (!mapping) return fail(mapping.error());
    return add(group(*mapping, file->path, changes, name, level + 1));
  }
  if (index_.is_tag(name)) {
    for (const std::string& one : index_.tagged(name))
      if (auto added = add(task_of(*index_.find(one), changes)); !added) return added;
    return {};
  }
  // Not registered: the entry itself must describe the task.
  if (!changes.find("dataset_path") && !changes.find("doc_to_text") && !changes.find("doc_to_target")) {
    std::vector<std::string> near = did_you_mean(name, index_.names());
    return fail(ErrorKind::data, "the group " + parent.name + " names " + shorten(name, 80) + ", which does not exist",
                parent.file, near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
  }
  PythonValue mapping = empty_dict();
  update(mapping, changes);
  update(mapping, entry("task", PythonValue::of(parent.name + "::" + name)));
  if (!mapping.find("task_alias")) update(mapping, entry("task_alias", PythonValue::of(name)));
  return add(task(std::move(mapping), parent.file, empty_dict()));
}

}  // namespace assay::harness
