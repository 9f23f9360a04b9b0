// Which tasks, groups and tags the YAML files below some folders make, without loading a task: names answer in milliseconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::harness {

/// What one file says, with its includes.
struct IndexedFile {
  enum class Kind { none, task, python_task, group, broken };
  Kind kind = Kind::none;
  std::string path, name;
  std::string output_type;  // of a task
  std::vector<std::string> tags;
  std::vector<std::string> refusals;  // why it cannot be run here; of a broken file what is wrong
  struct Stamp {
    std::string path;
    std::uint64_t size = 0;
    std::int64_t time = 0;  // of the last change, in the file system's ticks
    bool operator==(const Stamp&) const = default;
  };
  std::vector<Stamp> used;  // the file itself, then what it includes
};

class TaskIndex {
 public:
  /// Every *.yaml below the folders, in the order of their paths, but for __pycache__ and .ipynb_checkpoints. Within a folder the
  /// first file of a name counts, a later folder replaces an earlier one's names. `cache`, where given, is a file of this
  /// program: what it says of files that did not change is taken, and it is written anew when something did; a cache that cannot
  /// be read or written is no error. Files are read on `threads` threads (0 = as many as there are). `not_found` for a folder
  /// that is not there.
  static Result<TaskIndex> build(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& cache = {},
                                 unsigned threads = 0);

  const std::vector<IndexedFile>& files() const { return files_; }
  /// Null where there is none. A task, Python task or group.
  const IndexedFile* find(std::string_view name) const;
  /// The tag's tasks, sorted; empty where there is no such tag.
  std::vector<std::string> tagged(std::string_view tag) const;
  bool is_tag(std::string_view name) const { return tags_.find(name) != tags_.end(); }
  /// Names of tasks (Python ones too), groups and tags, sorted.
  std::vector<std::string> names() const;
  std::vector<std::string> tags() const;
  /// A name that two files claim, a folder that replaces another's.
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::size_t files_read() const { return read_; }  // that the cache did not know

 private:
  void enter(const std::vector<std::size_t>& folder_ends);
  std::vector<IndexedFile> files_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, std::vector<std::string>, std::less<>> tags_;
  std::vector<std::string> warnings_;
  std::size_t read_ = 0;
};

json::object to_json(const IndexedFile& file);

}  // namespace assay::harness
