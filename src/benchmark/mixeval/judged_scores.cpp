#include "benchmark/mixeval/judged_scores.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/judged_file.h"

namespace assay::mixeval {
namespace {

namespace fs = std::filesystem;

std::optional<Split> judged_split(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.ends_with(".jsonl")) return std::nullopt;
  if (name.starts_with("judge_results_ff_")) return Split::free_form;
  if (name.starts_with("judge_results_mp_")) return Split::multiple_choice;
  return std::nullopt;
}

Result<void> add_file(const fs::path& file, Split split, JudgedScores& out) {
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto lines = read_judged(*text, split, file.filename().string().ends_with("_rule.jsonl"), file.string());
  if (!lines) return std::unexpected(lines.error());
  std::unordered_map<std::string, std::pair<double, std::size_t>> sums;
  for (JudgedLine& line : *lines) {
    if (line.value < 0 || line.value > 1) return fail(ErrorKind::data, "a score is not between 0 and 1", file.string() + ", id " + shorten(line.id, 40));
    auto entry = make_entry(split, line.id, std::move(line.fields), file.string());
    if (!entry) return std::unexpected(entry.error());
    auto& [sum, n] = sums[identity(*entry)];
    sum += line.value;
    ++n;
  }
  for (const auto& [key, sum] : sums) out.scores[split == Split::multiple_choice][key] = sum.first / static_cast<double>(sum.second);
  return {};
}

}  // namespace

Result<JudgedScores> read_judged_scores(const std::string& place) {
  JudgedScores out;
  fs::path path = place;
  std::error_code code;
  if (const std::size_t equals = place.find('='); equals != std::string::npos && !fs::exists(path, code)) {
    out.model = place.substr(0, equals);
    path = place.substr(equals + 1);
  }
  if (!fs::exists(path, code)) return fail(ErrorKind::not_found, "there are no judged files", path.string());
  if (out.model.empty()) out.model = path.filename().empty() ? path.parent_path().filename().string() : path.filename().string();
  std::vector<fs::path> files[2];
  auto look = [&](const fs::path& file) {
    if (auto split = judged_split(file)) files[*split == Split::multiple_choice].push_back(file);
  };
  if (fs::is_regular_file(path, code)) {
    look(path);
  } else {
    for (auto it = fs::recursive_directory_iterator(path, code); !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
      if (it.depth() >= 2) it.disable_recursion_pending();
      if (it->is_regular_file(code)) look(it->path());
    }
  }
  if (files[0].empty() && files[1].empty())
    return fail(ErrorKind::not_found, "there are no judged files", path.string(), "they are named judge_results_ff_....jsonl and judge_results_mp_....jsonl; assay run --out and assay mixeval write them");
  for (std::size_t s = 0; s < 2; ++s) {
    std::sort(files[s].begin(), files[s].end());
    if (files[s].size() > 1)
      return fail(ErrorKind::usage, "there are several judged files of one split: " + files[s][0].string() + " and " + files[s][1].string(), path.string(), "give the folder of one judge and version");
    if (!files[s].empty())
      if (auto added = add_file(files[s].front(), s ? Split::multiple_choice : Split::free_form, out); !added) return std::unexpected(added.error());
  }
  return out;
}

Result<std::vector<JudgedScores>> read_judged_models(const std::vector<std::string>& places) {
  std::vector<JudgedScores> out;
  for (const std::string& place : places) {
    auto read = read_judged_scores(place);
    if (!read) return std::unexpected(read.error());
    auto same = std::find_if(out.begin(), out.end(), [&](const JudgedScores& one) { return one.model == read->model; });
    if (same == out.end()) {
      out.push_back(std::move(*read));
      continue;
    }
    for (std::size_t s = 0; s < 2; ++s)
      for (const auto& [key, score] : read->scores[s]) {
        auto [it, fresh] = same->scores[s].try_emplace(key, score);
        if (!fresh) it->second = (it->second + score) / 2;
      }
  }
  return out;
}

Result<std::vector<std::vector<double>>> scores_of(const std::vector<JudgedScores>& models, Split split, const std::vector<const Entry*>& entries) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const Entry* entry : entries) keys.push_back(identity(*entry));
  std::vector<std::vector<double>> out;
  for (const JudgedScores& model : models) {
    const auto& known = model.scores[split == Split::multiple_choice];
    std::vector<double>& row = out.emplace_back();
    std::size_t lacking = 0;
    for (const std::string& key : keys) {
      auto found = known.find(key);
      lacking += found == known.end();
      row.push_back(found == known.end() ? 0 : found->second);
    }
    if (lacking)
      return fail(ErrorKind::data, "the judged files of " + model.model + " lack " + std::to_string(lacking) + " of " + std::to_string(keys.size()) + " " + std::string(name(split)) + " entries of the mixture", {},
                  "run the model on this mixture first: assay run mixeval --edition DIR --out DIR");
  }
  return out;
}

}  // namespace assay::mixeval
