#include "benchmark/harness/yaml_index.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/harness/yaml_field.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_scoring.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using Stamp = IndexedFile::Stamp;

constexpr int kCacheVersion = 3;  // raise it when what is kept, or what can be run, changes

/// Size and time; zeros for what is not there.
Stamp stamp_of(const std::string& path) {
  Stamp out{path};
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return out;
  out.size = static_cast<std::uint64_t>(status.st_size);
  out.time = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return out;
}

/// Most tasks share what they include: each file is looked at once.
class Stamps {
 public:
  const Stamp& of(const std::string& path) {
    auto it = known_.find(path);
    if (it == known_.end()) it = known_.emplace(path, stamp_of(path)).first;
    return it->second;
  }

 private:
  std::unordered_map<std::string, Stamp> known_;
};

/// Templates that many files share are parsed once.
class TemplateCheck {
 public:
  void add_refusals(TaskConfig& config) {
    const FewshotConfig& shot = config.fewshot;
    check(config.doc_to_text, "doc_to_text", config.refusals);
    check(config.doc_to_target, "doc_to_target", config.refusals);
    check(config.doc_to_choice, "doc_to_choice", config.refusals);
    check(config.description, "description", config.refusals);
    check(config.gen_prefix, "gen_prefix", config.refusals);
    check(shot.doc_to_text, "fewshot_config.doc_to_text", config.refusals);
    check(shot.doc_to_target, "fewshot_config.doc_to_target", config.refusals);
    check(shot.doc_to_choice, "fewshot_config.doc_to_choice", config.refusals);
  }

 private:
  void check(const TaskField& field, const char* name, std::vector<std::string>& refusals) {
    if (field.function || field.value.kind != PythonValue::Kind::text || field.value.text.find('{') == std::string::npos) return;
    auto [it, fresh] = known_.try_emplace(field.value.text);
    if (fresh)
      if (auto parsed = JinjaTemplate::parse(field.value.text, harness_jinja()); !parsed) it->second = parsed.error().message;
    if (!it->second.empty()) refusals.push_back(std::string(name) + ": " + it->second);
  }
  std::unordered_map<std::string, std::string> known_;  // to what is wrong with it
};

IndexedFile read_one(const fs::path& path, YamlFiles& files, TemplateCheck& templates, Stamps& stamps) {
  IndexedFile out;
  out.path = path.string();
  std::vector<fs::path> used;
  auto merged = files.merged(path, &used);
  if (used.empty()) used.push_back(path);
  for (const fs::path& one : used)
    if (std::none_of(out.used.begin(), out.used.end(), [&](const Stamp& s) { return s.path == one.native(); }))
      out.used.push_back(out.used.empty() ? stamp_of(one.native()) : stamps.of(one.native()));
  if (!merged) {
    out.kind = IndexedFile::Kind::broken;
    out.refusals.push_back(merged.error().message + (merged.error().where.empty() ? "" : " (" + merged.error().where + ")"));
    return out;
  }
  auto named = [&](std::string_view key) {
    const PythonValue* value = merged->find(key);
    return value ? python_str(*value) : std::string();
  };
  switch (kind_of(*merged)) {
    case YamlKind::none:
      return out;
    case YamlKind::group:
      out.kind = IndexedFile::Kind::group;
      out.name = named("group");
      return out;
    case YamlKind::python_task:
      out.kind = IndexedFile::Kind::python_task;
      out.name = named("task");
      out.tags = tags_of(*merged);
      out.refusals.push_back("the task is the Python class " + [&] {
        const PythonValue* value = merged->find("class");
        auto function = value ? function_of(*value) : std::nullopt;
        return function ? function->name : value ? python_str(*value) : std::string();
      }());
      return out;
    case YamlKind::task:
      break;
  }
  out.kind = IndexedFile::Kind::task;
  out.name = named("task");
  out.tags = tags_of(*merged);
  auto config = read_task_config(*merged, out.path);
  if (!config) {
    out.refusals.push_back(config.error().message);
    return out;
  }
  templates.add_refusals(*config);
  out.output_type = name(config->output_type);
  out.refusals = std::move(config->refusals);
  if (out.refusals.empty())
    if (auto scorer = TaskScorer::make(*config); !scorer) out.refusals.push_back(scorer.error().message);
  return out;
}

constexpr std::string_view kKinds[] = {"none", "task", "python_task", "group", "broken"};

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

std::vector<std::string> texts(const json::value* list) {
  std::vector<std::string> out;
  if (list && list->is_array())
    for (const json::value& one : list->get_array())
      if (one.is_string()) out.emplace_back(one.get_string());
  return out;
}

std::optional<IndexedFile> kept_file(const json::value& value) {
  IndexedFile out;
  auto kind = get_string(value, "kind");
  auto found = kind ? std::find(std::begin(kKinds), std::end(kKinds), *kind) : std::end(kKinds);
  if (found == std::end(kKinds)) return std::nullopt;
  out.kind = static_cast<IndexedFile::Kind>(found - std::begin(kKinds));
  out.path = get_string(value, "path").value_or("");
  out.name = get_string(value, "name").value_or("");
  out.output_type = get_string(value, "output_type").value_or("");
  out.tags = texts(find(value, "tags"));
  out.refusals = texts(find(value, "refusals"));
  const json::value* used = find(value, "used");
  if (!used || !used->is_array()) return std::nullopt;
  for (const json::value& one : used->get_array()) {
    if (!one.is_array() || one.get_array().size() != 3 || !one.get_array()[0].is_string()) return std::nullopt;
    const json::array& parts = one.get_array();
    auto size = as_number(parts[1]);
    if (!size || !parts[2].is_int64()) return std::nullopt;
    out.used.push_back({std::string(parts[0].get_string()), static_cast<std::uint64_t>(*size), parts[2].get_int64()});
  }
  return out;
}

std::unordered_map<std::string, IndexedFile> read_cache(const fs::path& cache) {
  std::unordered_map<std::string, IndexedFile> out;
  if (cache.empty()) return out;
  auto text = read_file(cache, std::size_t{256} << 20);
  if (!text) return out;
  auto document = parse_json(*text, cache.string());
  if (!document || get_integer(*document, "version") != kCacheVersion) return out;
  const json::value* files = find(*document, "files");
  if (!files || !files->is_array()) return out;
  for (const json::value& one : files->get_array())
    if (auto file = kept_file(one)) out.emplace(file->path, std::move(*file));
  return out;
}

void write_cache(const fs::path& cache, const std::vector<IndexedFile>& files) {
  json::array list;
  for (const IndexedFile& file : files) {
    json::object one = to_json(file);
    json::array& used = one["used"].emplace_array();
    for (const Stamp& stamp : file.used) used.push_back(json::array{json::string(stamp.path), stamp.size, stamp.time});
    list.push_back(std::move(one));
  }
  // Without it the next start is slower; nothing else depends on it.
  (void)write_file(cache, write_json(json::object{{"version", kCacheVersion}, {"files", std::move(list)}}));
}

Result<void> collect(const fs::path& folder, std::vector<fs::path>& out) {
  std::error_code problem;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, problem), end;
  if (problem) return fail(ErrorKind::not_found, "the folder of tasks cannot be read: " + problem.message(), folder.string());
  std::vector<fs::path> found;
  for (; it != end; it.increment(problem)) {
    if (problem) return fail(ErrorKind::io, "the folder of tasks cannot be read: " + problem.message(), folder.string());
    const fs::path& path = it->path();
    const fs::path name = path.filename();
    if (it->is_directory(problem)) {
      if (name == "__pycache__" || name == ".ipynb_checkpoints") it.disable_recursion_pending();
    } else if (path.extension() == ".yaml") {
      found.push_back(path.lexically_normal());
    }
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  out.insert(out.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return {};
}

}  // namespace

json::object to_json(const IndexedFile& file) {
  json::object out{{"name", file.name}, {"kind", json::string(kKinds[static_cast<std::size_t>(file.kind)])}, {"path", file.path}};
  if (!file.output_type.empty()) out["output_type"] = file.output_type;
  if (!file.tags.empty()) out["tags"] = texts(file.tags);
  if (!file.refusals.empty()) out["refusals"] = texts(file.refusals);
  return out;
}

Result<TaskIndex> TaskIndex::build(const std::vector<fs::path>& folders, const fs::path& cache, unsigned threads) {
  TaskIndex out;
  std::vector<fs::path> paths;
  std::vector<std::size_t> folder_ends;
  for (const fs::path& folder : folders) {
    if (auto collected = collect(folder, paths); !collected) return fail(collected.error());
    folder_ends.push_back(paths.size());
  }
  std::unordered_map<std::string, IndexedFile> known = read_cache(cache);
  const std::size_t cached = known.size();
  Stamps stamps;
  auto unchanged = [&](const IndexedFile& file) {
    return std::all_of(file.used.begin(), file.used.end(), [&](const Stamp& stamp) { return stamps.of(stamp.path) == stamp; });
  };
  out.files_.resize(paths.size());
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto it = known.find(paths[i].string());
    if (it != known.end() && unchanged(it->second))
      out.files_[i] = std::move(it->second);
    else
      fresh.push_back(i);
  }
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = static_cast<unsigned>(std::min<std::size_t>(threads, fresh.size() / 64 + 1));
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    YamlFiles files;
    TemplateCheck templates;
    Stamps seen;
    // In pieces of one folder or so: neighbours include the same files.
    for (;;) {
      const std::size_t begin = next.fetch_add(64);
      if (begin >= fresh.size()) return;
      for (std::size_t k = begin; k < std::min(begin + 64, fresh.size()); ++k)
        out.files_[fresh[k]] = read_one(paths[fresh[k]], files, templates, seen);
    }
  };
  std::vector<std::jthread> others;
  for (unsigned t = 1; t < threads; ++t) others.emplace_back(work);
  work();
  others.clear();
  out.read_ = fresh.size();
  if (!cache.empty() && (!fresh.empty() || cached != paths.size())) write_cache(cache, out.files_);
  out.enter(folder_ends);
  return out;
}

void TaskIndex::enter(const std::vector<std::size_t>& folder_ends) {
  std::size_t folder = 0;
  std::unordered_set<std::string> own;  // names of this folder
  for (std::size_t i = 0; i < files_.size(); ++i) {
    while (folder < folder_ends.size() && i >= folder_ends[folder]) {
      ++folder;
      own.clear();
    }
    const IndexedFile& file = files_[i];
    if (file.kind == IndexedFile::Kind::none || file.kind == IndexedFile::Kind::broken || file.name.empty()) continue;
    if (!own.insert(file.name).second) {
      warnings_.push_back(file.name + " is named twice: " + files_[by_name_[file.name]].path + " counts, not " + file.path);
      continue;
    }
    auto [it, added] = by_name_.try_emplace(file.name, i);
    if (!added) {
      warnings_.push_back(file.name + " of " + file.path + " takes the place of that of " + files_[it->second].path);
      it->second = i;
    }
  }
  for (const auto& [name, i] : by_name_)
    for (const std::string& tag : files_[i].tags)
      if (!by_name_.contains(tag)) tags_[tag].push_back(name);
}

const IndexedFile* TaskIndex::find(std::string_view name) const {
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &files_[it->second];
}

std::vector<std::string> TaskIndex::tagged(std::string_view tag) const {
  auto it = tags_.find(tag);
  return it == tags_.end() ? std::vector<std::string>{} : it->second;
}

std::vector<std::string> TaskIndex::names() const {
  std::vector<std::string> out;
  out.reserve(by_name_.size() + tags_.size());
  for (const auto& [name, i] : by_name_) out.push_back(name);
  for (const auto& [tag, tasks] : tags_) out.push_back(tag);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> TaskIndex::tags() const {
  std::vector<std::string> out;
  out.reserve(tags_.size());
  for (const auto& [tag, tasks] : tags_) out.push_back(tag);
  return out;
}

}  // namespace assay::harness
