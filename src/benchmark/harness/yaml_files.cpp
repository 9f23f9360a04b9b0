#include "benchmark/harness/yaml_files.h"

#include <algorithm>

#include "base/file.h"
#include "base/python_yaml.h"
#include "base/text.h"

namespace assay::harness {
namespace {

using Kind = PythonValue::Kind;

/// Notes in every function where it was named: a module is looked for beside that file, wherever the mapping ends up.
void sign(PythonValue& value, const std::string& file) {
  if (value.kind == Kind::dict && value.items.size() == 2 && value.items[0].kind == Kind::text &&
      value.items[0].text == kFunctionTag) {
    value.items.push_back(PythonValue::of(std::string(kFunctionFile)));
    value.items.push_back(PythonValue::of(file));
    return;
  }
  for (PythonValue& item : value.items) sign(item, file);
}

}  // namespace

std::optional<PythonFunction> function_of(const PythonValue& value) {
  if (value.kind != Kind::dict || value.items.size() != 4 || value.items[0].text != kFunctionTag) return std::nullopt;
  return PythonFunction{value.items[1].text, value.items[3].text};
}

PythonValue shown(const PythonValue& value) {
  PythonValue out = value;
  if (function_of(value)) {
    out.items.resize(2);
    return out;
  }
  for (PythonValue& item : out.items) item = shown(item);
  return out;
}

PythonValue empty_dict() {
  PythonValue out;
  out.kind = Kind::dict;
  return out;
}

void update(PythonValue& to, const PythonValue& add) {
  for (std::size_t i = 0; i + 1 < add.items.size(); i += 2) {
    bool found = false;
    for (std::size_t k = 0; k + 1 < to.items.size() && !found; k += 2)
      if (to.items[k] == add.items[i]) {
        to.items[k + 1] = add.items[i + 1];
        found = true;
      }
    if (found) continue;
    to.items.push_back(add.items[i]);
    to.items.push_back(add.items[i + 1]);
  }
}

void erase_key(PythonValue& dict, std::string_view key) {
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (dict.items[i].kind == Kind::text && dict.items[i].text == key) {
      dict.items.erase(dict.items.begin() + static_cast<std::ptrdiff_t>(i),
                       dict.items.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      return;
    }
}

Result<PythonValue> read_task_yaml(std::string_view text, const std::string& file) {
  auto value = read_python_yaml(text, file, kFunctionTag);
  if (!value) return fail(value.error());
  if (value->kind != Kind::dict) return fail(ErrorKind::data, "a task file must be a mapping (KEY: VALUE lines)", file);
  sign(*value, file);
  return value;
}

YamlFiles::YamlFiles() : reader_([](const std::filesystem::path& path) { return read_file(path, std::size_t{8} << 20); }) {}

Result<PythonValue> YamlFiles::read(const std::filesystem::path& path) const {
  auto text = reader_(path);
  if (!text) return fail(text.error());
  return read_task_yaml(*text, path.string());
}

Result<std::shared_ptr<const PythonValue>> YamlFiles::included(const std::filesystem::path& path) {
  auto known = kept_.find(path.native());
  if (known != kept_.end()) return known->second;
  auto value = read(path);
  if (!value) return fail(value.error());
  auto kept = std::make_shared<const PythonValue>(std::move(*value));
  kept_.emplace(path.native(), kept);
  return kept;
}

Result<PythonValue> YamlFiles::merged(const std::filesystem::path& path, std::vector<std::filesystem::path>* used) {
  std::vector<std::filesystem::path> open;
  return merged(path.lexically_normal(), open, used);
}

Result<PythonValue> YamlFiles::merged(const std::filesystem::path& path, std::vector<std::filesystem::path>& open,
                                      std::vector<std::filesystem::path>* used) {
  if (std::find(open.begin(), open.end(), path) != open.end() || open.size() >= 64)
    return fail(ErrorKind::data, "the file includes itself", path.string(), "by way of " + open.back().string());
  PythonValue own;
  if (open.empty()) {
    auto value = read(path);
    if (!value) return fail(value.error());
    own = std::move(*value);
  } else {
    auto value = included(path);
    if (!value) {
      Error error = value.error();
      if (error.hint.empty()) error.hint = "included by " + open.back().string();
      return fail(std::move(error));
    }
    own = **value;
  }
  if (used) used->push_back(path);
  const PythonValue* include = own.find("include");
  if (!include || include->kind == Kind::none) return own;
  std::vector<std::string> names;
  if (include->kind == Kind::text) names.push_back(include->text);
  if (include->is_sequence())
    for (const PythonValue& name : include->items)
      if (name.kind == Kind::text) names.push_back(name.text);
  if (names.empty() || (include->is_sequence() && names.size() != include->items.size()))
    return fail(ErrorKind::data, "include must be a file's name or a list of them", path.string());
  open.push_back(path);
  std::optional<PythonValue> out;
  for (const std::string& name : names) {
    auto other = merged((path.parent_path() / name).lexically_normal(), open, used);
    if (!other) return fail(other.error());
    erase_key(*other, "task_list");
    if (out)
      update(*out, *other);
    else
      out = std::move(*other);
  }
  open.pop_back();
  erase_key(own, "include");
  update(*out, own);
  return std::move(*out);
}

}  // namespace assay::harness
