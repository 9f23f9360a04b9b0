#include "benchmark/alpaca_eval/weights_file.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/pandas_csv.h"
#include "dataset/csv.h"

namespace assay::alpaca_eval {

const ModelWeights* WeightsFile::find(std::string_view model) const {
  auto found = std::find_if(models.rbegin(), models.rend(), [&](const ModelWeights& entry) { return entry.model == model; });
  return found == models.rend() ? nullptr : &*found;
}

void WeightsFile::put(ModelWeights entry) {
  std::erase_if(models, [&](const ModelWeights& old) { return old.model == entry.model; });
  models.push_back(std::move(entry));
}

std::string WeightsFile::write() const {
  CsvRow row{""};
  row.insert(row.end(), columns.begin(), columns.end());
  std::string text = write_csv_row(row, {}, "\n");
  const bool whole = std::all_of(models.begin(), models.end(), [](const ModelWeights& entry) { return entry.whole; });
  for (const ModelWeights& entry : models) {
    row.assign(1, entry.model);
    for (double weight : entry.weights) row.push_back(fixed(weight, whole ? 0 : 16));
    text += write_csv_row(row, {}, "\n");
  }
  return text;
}

Result<WeightsFile> read_weights_file(std::string_view csv, std::string_view where) {
  CsvOptions options;
  options.max_field = 1 << 16;
  options.max_columns = 64;
  options.where = std::string(where);
  CsvReader reader(csv, options);
  WeightsFile file;
  CsvRow row;
  auto place = [&] { return std::string(where) + ":" + std::to_string(reader.line()); };
  while (true) {
    auto more = reader.next(row);
    if (!more) return fail(more.error());
    if (!*more) break;
    if (row.empty()) continue;
    if (file.columns.empty()) {
      if (row.size() < 2 || !row[0].empty())
        return fail(ErrorKind::data, "no file of weights: the first column should have no name", place());
      file.columns.assign(row.begin() + 1, row.end());
      continue;
    }
    if (row.size() != file.columns.size() + 1)
      return fail(ErrorKind::data, std::to_string(row.size()) + " fields instead of " + std::to_string(file.columns.size() + 1),
                  place());
    ModelWeights entry{row[0], {}, true};
    for (std::size_t i = 1; i < row.size(); ++i) {
      const auto value = read_pandas_csv_float(row[i]);
      if (!value || !std::isfinite(*value))
        return fail(ErrorKind::data, "not a number: \"" + shorten(valid_utf8(row[i]), 40) + "\"", place());
      entry.weights.push_back(*value);
      entry.whole = entry.whole && read_pandas_csv_whole(row[i]);
    }
    file.models.push_back(std::move(entry));
  }
  if (file.columns.empty()) return fail(ErrorKind::data, "the file is empty", std::string(where));
  return file;
}

Result<double> predicted_win_rate(const WeightsFile& file, std::span<const double> difficulties, std::string_view model,
                                  std::string_view baseline) {
  std::vector<std::string> wanted = glm_columns(Glm::v1), names;
  if (file.columns != wanted) return fail(ErrorKind::data, "the weights are not those of length_controlled_v1");
  for (const ModelWeights& entry : file.models) names.push_back(entry.model);
  for (std::string_view name : {model, baseline}) {
    if (file.find(name)) continue;
    std::vector<std::string> nearest = did_you_mean(name, names);
    return fail(ErrorKind::usage, "there are no weights of \"" + shorten(name, 80) + "\"", {},
                nearest.empty() ? "evaluate that model first: its weights are kept then" : "did you mean " + nearest[0] + "?");
  }
  const std::vector<double>&a = file.find(model)->weights, &b = file.find(baseline)->weights;
  double sum = 0;
  for (double difficulty : difficulties) sum += 1 / (1 + std::exp(-((a[2] - b[2]) + (a[1] - b[1]) * difficulty)));
  return sum / static_cast<double>(difficulties.size());
}

}  // namespace assay::alpaca_eval
