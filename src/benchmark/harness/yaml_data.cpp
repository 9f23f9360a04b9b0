#include "benchmark/harness/yaml_data.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/rows.h"
#include "benchmark/harness/yaml_loader.h"
#include "dataset/csv.h"
#include "dataset/parquet.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using Kind = PythonValue::Kind;

enum class CellType { whole, number, text };

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

CellType type_of(std::string_view cell) {
  if (whole(cell)) return CellType::whole;
  if (cell.empty() || cell.find_first_not_of("0123456789.eE+-") != std::string_view::npos || !python_float(cell))
    return CellType::text;
  return CellType::number;
}

Result<std::vector<json::value>> read_table(std::string_view content, const std::string& file, const TableOptions& options) {
  auto rows = parse_csv(content, {.delimiter = options.delimiter, .where = file});
  if (!rows) return fail(rows.error());
  std::vector<std::string> names = options.columns;
  std::size_t first = 0;
  if (options.header_row) {
    if (rows->empty()) return fail(ErrorKind::data, "the file holds no rows", file);
    if (names.empty()) names = (*rows)[0];
    first = 1;
  }
  if (names.empty() && !rows->empty())
    for (std::size_t i = 0; i < (*rows)[0].size(); ++i) names.push_back(std::to_string(i));
  std::vector<CellType> types(names.size(), options.text_only ? CellType::text : CellType::whole);
  for (std::size_t r = first; r < rows->size(); ++r) {
    if ((*rows)[r].size() != names.size())
      return fail(ErrorKind::data,
                  "row " + std::to_string(r + 1) + " has " + std::to_string((*rows)[r].size()) + " fields, not " +
                      std::to_string(names.size()),
                  file);
    for (std::size_t c = 0; c < names.size(); ++c) types[c] = std::max(types[c], type_of((*rows)[r][c]));
  }
  std::vector<json::value> out;
  for (std::size_t r = first; r < rows->size(); ++r) {
    json::object row;
    for (std::size_t c = 0; c < names.size(); ++c) {
      const std::string& cell = (*rows)[r][c];
      json::value& to = row[names[c]];
      if (types[c] == CellType::whole)
        to = *whole(cell);
      else if (types[c] == CellType::number)
        to = *python_float(cell);
      else
        to = json::string(cell);
    }
    out.emplace_back(std::move(row));
  }
  return out;
}

Result<std::vector<json::value>> read_json_rows(std::string_view content, const std::string& file, const std::string& field) {
  std::vector<json::value> out;
  if (!field.empty()) {
    auto document = parse_json(content, file);
    if (!document) return fail(document.error());
    const json::value* rows = find(*document, field);
    if (!rows || !rows->is_array()) return fail(ErrorKind::data, "the file has no list \"" + shorten(field, 40) + "\"", file);
    for (const json::value& row : rows->get_array()) out.push_back(row);
    return out;
  }
  auto read = for_each_row(content, file, [&](const json::value& row, std::size_t, const std::string&) -> Result<void> {
    out.push_back(row);
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

/// {"stem": ..., "choices": [{"text", "label"}...]} -> the stem under `key`, and the choices by columns.
json::value flat_question(const json::object& row, const char* key) {
  const json::value* question = row.if_contains("question");
  if (!question || !question->is_object()) return row;
  const json::value* stem = find(*question, "stem");
  const json::value* choices = find(*question, "choices");
  if (!stem || !choices || !choices->is_array()) return row;
  json::array texts, labels;
  for (const json::value& choice : choices->get_array()) {
    const json::value *text = find(choice, "text"), *label = find(choice, "label");
    if (!text || !label) return row;
    texts.push_back(*text);
    labels.push_back(*label);
  }
  json::object out;
  if (const json::value* id = row.if_contains("id")) out["id"] = *id;
  out[key] = *stem;
  out["choices"] = json::object{{"text", std::move(texts)}, {"label", std::move(labels)}};
  if (const json::value* answer = row.if_contains("answerKey")) out["answerKey"] = *answer;
  return out;
}

json::value truthful_row(json::object row) {
  for (const char* key : {"mc1_targets", "mc2_targets"}) {
    json::value* targets = row.if_contains(key);
    if (!targets || !targets->is_object() || targets->get_object().contains("choices")) continue;
    json::array choices, labels;
    for (const auto& member : targets->get_object()) {
      choices.push_back(json::string(member.key()));
      labels.push_back(member.value());
    }
    *targets = json::object{{"choices", std::move(choices)}, {"labels", std::move(labels)}};
  }
  return row;
}

json::value mmlu_row(json::object row, std::string_view subject) {
  if (row.contains("choices") || !row.contains("choice0")) return row;
  json::array choices;
  for (int i = 0; const json::value* choice = row.if_contains("choice" + std::to_string(i)); ++i) choices.push_back(*choice);
  json::object out;
  if (const json::value* question = row.if_contains("question")) out["question"] = *question;
  out["choices"] = std::move(choices);
  if (const json::value* answer = row.if_contains("answer")) {
    auto index = answer->is_string() ? whole(std::string_view(answer->get_string())) : std::nullopt;
    out["answer"] = index ? json::value(*index) : *answer;
  }
  out["subject"] = json::string(subject);
  return out;
}

json::value hellaswag_lines(json::object row) {
  // The hub's data set has the label as text, and no member is missing.
  json::value* label = row.if_contains("label");
  if (!label || !label->is_int64()) return row;
  *label = json::string(std::to_string(label->get_int64()));
  json::object out;
  for (const char* key : {"ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "label"})
    if (const json::value* member = row.if_contains(key))
      out[key] = *member;
    else if (std::string_view(key) == "ctx_b")
      out[key] = json::string();
  return out;
}

std::string_view base_name(std::string_view data_set) {
  const std::size_t slash = data_set.rfind('/');
  return slash == std::string_view::npos ? data_set : data_set.substr(slash + 1);
}

std::string extension(const fs::path& file) {
  return lower(file.extension().string());
}

bool is_readable_ending(std::string_view ending) {
  constexpr std::string_view kEndings[] = {".jsonl", ".json", ".csv", ".tsv", ".txt", ".parquet"};
  return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

/// SPLIT.EXT, else SPLIT-*.EXT in the order of their names, else SPLIT/*.EXT, as the hub's own conversions lie.
std::vector<fs::path> files_of(const fs::path& folder, const std::string& split) {
  std::vector<fs::path> whole, parts, inside;
  std::error_code problem;
  if (fs::is_directory(folder / split, problem))
    for (const auto& entry : fs::directory_iterator(folder / split, problem))
      if (entry.is_regular_file(problem) && is_readable_ending(extension(entry.path()))) inside.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string ending = extension(entry.path()), stem = entry.path().stem().string();
    if (!entry.is_regular_file(problem) || !is_readable_ending(ending)) continue;
    if (stem == split) whole.push_back(entry.path());
    if (stem.starts_with(split + "-")) parts.push_back(entry.path());
  }
  // What can be read without further ado goes first.
  auto rank = [](const fs::path& p) { return std::pair(extension(p) == ".parquet", p.string()); };
  std::sort(whole.begin(), whole.end(), [&](const fs::path& a, const fs::path& b) { return rank(a) < rank(b); });
  std::sort(parts.begin(), parts.end());
  if (!whole.empty()) return {whole.front()};
  if (!parts.empty()) return parts;
  std::sort(inside.begin(), inside.end());
  return inside;
}

/// Where a hub's cache in `folder` has the data set: the commit of its main branch first, then the hub's own conversion, then others.
std::vector<fs::path> snapshots(const fs::path& folder, const std::string& data_set) {
  std::vector<fs::path> out;
  std::error_code problem;
  const fs::path home = folder / ("datasets--" + replace_all(data_set, "/", "--"));
  if (!fs::is_directory(home / "snapshots", problem)) return out;
  for (const auto& entry : fs::directory_iterator(home / "snapshots", problem)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  for (const char* name : {"refs/convert/parquet", "main"}) {  // the last one moved is the first one
    auto commit = read_file(home / "refs" / name, 4096);
    if (!commit) continue;
    auto place = std::find(out.begin(), out.end(), home / "snapshots" / std::string(strip(*commit)));
    if (place != out.end()) std::rotate(out.begin(), place, place + 1);
  }
  return out;
}

TableOptions table_options(const TaskConfig& task, const fs::path& file) {
  TableOptions out;
  if (extension(file) == ".tsv") out.delimiter = '\t';
  const PythonValue& kwargs = task.dataset_kwargs;
  for (const char* key : {"sep", "delimiter"})
    if (const PythonValue* sep = kwargs.find(key); sep && sep->kind == Kind::text && sep->text.size() == 1)
      out.delimiter = sep->text[0];
  if (const PythonValue* names = kwargs.find("column_names"); names && names->is_sequence()) {
    for (const PythonValue& name : names->items) out.columns.push_back(python_str(name));
    out.header_row = false;
  }
  if (const PythonValue* header = kwargs.find("header")) out.header_row = header->kind == Kind::integer && header->integer == 0;
  out.text_only = base_name(task.dataset_path) == "mmlu";  // choices such as "007" are texts
  if (const PythonValue* field = kwargs.find("field"); field && field->kind == Kind::text) out.field = field->text;
  return out;
}

}  // namespace

Result<std::vector<json::value>> read_rows(std::string_view content, const std::string& file, const TableOptions& options) {
  auto clean = readable(content, file);
  if (!clean) return fail(clean.error());
  const std::string ending = extension(file);
  if (ending == ".jsonl" || ending == ".json") return read_json_rows(*clean, file, options.field);
  if (ending == ".csv" || ending == ".tsv") return read_table(*clean, file, options);
  if (ending == ".txt") {
    std::vector<json::value> out;
    for (std::string_view line : split_lines(*clean)) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      out.emplace_back(json::object{{"text", json::string(line)}});
    }
    return out;
  }
  return fail(ErrorKind::unsupported, "files that end in \"" + shorten(ending, 20) + "\" are not read here", file,
              "use .jsonl, .json, .csv, .tsv or .txt");
}

json::value hub_row(std::string_view data_set, std::string_view configuration, json::value row) {
  if (!row.is_object()) return row;
  json::object& object = row.get_object();
  const std::string_view name = base_name(data_set);
  if (name == "ai2_arc") return flat_question(object, "question");
  if (name == "openbookqa") return flat_question(object, "question_stem");
  if (name == "truthful_qa") return truthful_row(std::move(object));
  if (name == "mmlu") return mmlu_row(std::move(object), configuration);
  if (name == "hellaswag") return hellaswag_lines(std::move(object));
  return row;
}

Result<std::vector<fs::path>> LocalRows::find(const TaskConfig& task, const std::string& split) const {
  std::vector<std::string> looked;
  std::error_code problem;
  if (const PythonValue* files = task.dataset_kwargs.find("data_files")) {
    const PythonValue* of_split = files->kind == Kind::dict ? files->find(split) : split == "train" ? files : nullptr;
    if (!of_split)
      return fail(ErrorKind::data, "dataset_kwargs.data_files names no file for split " + split, task.file,
                  files->kind == Kind::dict ? "" : "files without a split's name are split train");
    std::vector<std::string> names;
    if (of_split->kind == Kind::text) names.push_back(of_split->text);
    for (const PythonValue& name : of_split->is_sequence() ? of_split->items : std::vector<PythonValue>{})
      names.push_back(python_str(name));
    std::vector<fs::path> out;
    for (const std::string& name : names) {
      std::vector<fs::path> places{name, fs::path(task.file).parent_path() / name};
      for (const fs::path& folder : folders_) {
        places.push_back(folder / task.dataset_path / name);
        places.push_back(folder / name);
      }
      auto found = std::find_if(places.begin(), places.end(), [&](const fs::path& p) { return fs::is_regular_file(p, problem); });
      if (found == places.end())
        return fail(ErrorKind::data, "the data file " + shorten(name, 120) + " of " + task.task + " is not there", task.file,
                    name.find("://") != std::string::npos ? "fetch it, and write its place on this machine into data_files" : "");
      out.push_back(*found);
    }
    return out;
  }
  std::vector<fs::path> roots;
  if (!task.dataset_path.empty()) {
    if (fs::is_directory(task.dataset_path, problem)) roots.emplace_back(task.dataset_path);
    for (const fs::path& folder : folders_) roots.push_back(folder / task.dataset_path);
    for (const fs::path& folder : folders_)
      for (fs::path& snapshot : snapshots(folder, task.dataset_path)) roots.push_back(std::move(snapshot));
  }
  for (const fs::path& root : roots) {
    std::vector<fs::path> places;
    if (!task.dataset_name.empty()) {
      places.push_back(root / task.dataset_name);
      places.push_back(root / task.dataset_name / "data");
    }
    places.push_back(root);
    places.push_back(root / "data");
    if (task.dataset_name.empty()) places.push_back(root / "default");  // what the hub calls a set's only configuration
    for (const fs::path& place : places) {
      if (!fs::is_directory(place, problem)) continue;
      if (std::vector<fs::path> files = files_of(place, split); !files.empty()) return files;
    }
    looked.push_back(root.string());
  }
  const std::string set = task.dataset_path + (task.dataset_name.empty() ? "" : " (" + task.dataset_name + ")");
  const std::string name = task.dataset_path.empty() ? std::string("NAME") : task.dataset_path;
  // The command can be typed as it is: a name that a shell would take apart is no name of a data set.
  const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == std::string::npos;
  return fail(ErrorKind::data, "split " + split + " of the data set " + set + " of " + task.task + " is not on this machine",
              looked.empty() ? task.file : "looked in " + join(looked, ", "),
              (plain ? "fetch it: assay models pull datasets/" + name + "@refs/convert/parquet" +
                           (task.dataset_name.empty() ? std::string() : " --include '" + replace_all(task.dataset_name, "'", "'\\''") + "/*'") +
                           "; or "
                     : std::string()) +
                  "put it into FOLDER/" + name + "/" + (task.dataset_name.empty() ? std::string() : task.dataset_name + "/") + split +
                  ".jsonl and name FOLDER with --option rows=FOLDER (assay harness: --rows FOLDER)");
}

Result<std::vector<json::value>> LocalRows::rows(const TaskConfig& task, const std::string& split) {
  auto files = find(task, split);
  if (!files) return fail(files.error());
  read_.clear();
  std::vector<json::value> out;
  for (const fs::path& file : *files) {
    auto text = read_file(file);
    if (!text) return fail(text.error());
    read_[file.string()] = sha256_hex(*text);
    if (extension(file) == ".parquet") {
      auto read = read_parquet(file, {}, [&](json::object row) -> Result<void> {
        out.push_back(hub_row(task.dataset_path, task.dataset_name, std::move(row)));
        return {};
      });
      if (!read) return fail(read.error());
      continue;
    }
    auto part = read_rows(*text, file.string(), table_options(task, file));
    if (!part) return fail(part.error());
    for (json::value& row : *part) out.push_back(hub_row(task.dataset_path, task.dataset_name, std::move(row)));
  }
  return out;
}

}  // namespace assay::harness
