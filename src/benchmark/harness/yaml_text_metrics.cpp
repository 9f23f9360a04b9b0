#include "benchmark/harness/yaml_text_metrics.h"

#include <algorithm>
#include <numeric>

#include "base/python_case.h"
#include "base/text.h"
#include "benchmark/harness/yaml_patterns.h"

namespace assay::harness {
namespace {

/// string.punctuation.
bool punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

void drop_zeros(std::string& text) {
  while (text.ends_with('\0')) text.pop_back();
}

/// " ".join(text.split()), lower-cased.
std::vector<char32_t> compared(std::string_view text) {
  const std::string lowered = lower(strip(text));
  std::vector<char32_t> out;
  for (std::string_view rest = lowered; !rest.empty();) {
    const char32_t c = next_code_point(rest);
    if (!is_space(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != U' ') {
      out.push_back(U' ');
    }
  }
  return out;
}

}  // namespace

Result<ExactMatch> ExactMatch::make(const PythonValue& dict, std::string what) {
  ExactMatch out;
  Options options(dict, std::move(what));
  auto ignored = options.patterns("regexes_to_ignore");
  if (!ignored) return fail(ignored.error());
  out.ignored_ = std::move(*ignored);
  for (auto [key, flag] : {std::pair{"ignore_case", &out.ignore_case_},
                           {"ignore_punctuation", &out.ignore_punctuation_},
                           {"ignore_numbers", &out.ignore_numbers_}}) {
    auto value = options.flag(key);
    if (!value) return fail(value.error());
    *flag = *value;
  }
  options.value("hf_evaluate");  // the same comparison by another road
  if (auto done = options.done(); !done) return fail(done.error());
  return out;
}

Result<std::string> ExactMatch::normalised(std::string text) const {
  for (std::size_t i = 0; i < ignored_.size(); ++i) {
    if (i > 0) drop_zeros(text);
    auto rest = deleted(ignored_[i], text);
    if (!rest) return rest;
    text = std::move(*rest);
  }
  // numpy's texts keep their length, zeros at the end included, and lower() makes two code points of U+0130.
  const std::size_t length = std::max<std::size_t>(1, count_code_points(text));
  drop_zeros(text);
  if (ignore_case_) {
    text = lower(text);
    text.resize(std::min(text.size(), offset_of_code_point(text, length)));
  }
  if (ignore_punctuation_) std::erase_if(text, punctuation);
  if (ignore_numbers_) std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  drop_zeros(text);
  return text;
}

Result<bool> ExactMatch::operator()(std::string_view prediction, std::string_view reference) const {
  auto said = normalised(std::string(prediction)), wanted = normalised(std::string(reference));
  if (!said) return fail(said.error());
  if (!wanted) return fail(wanted.error());
  return *said == *wanted;
}

Result<double> ExactMatch::operator()(std::span<const std::string> predictions, std::span<const std::string> references) const {
  std::size_t right = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    auto same = (*this)(predictions[i], references[i]);
    if (!same) return fail(same.error());
    right += *same;
  }
  return static_cast<double>(right) / static_cast<double>(predictions.size());
}

Result<double> anls(std::string_view prediction, std::string_view reference, double threshold) {
  constexpr std::size_t kMost = 20'000;
  const std::vector<char32_t> said = compared(prediction), wanted = compared(reference);
  if (said.size() > kMost || wanted.size() > kMost)
    return fail(ErrorKind::data, "anls: the text is longer than 20,000 characters");
  std::vector<std::size_t> row(wanted.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= said.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= wanted.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = said[i - 1] == wanted[j - 1] ? diagonal : 1 + std::min({diagonal, above, row[j - 1]});
      diagonal = above;
    }
  }
  // The length is that of the texts in capitals, of which a letter can be two.
  const std::size_t length = std::max(count_code_points(upper(reference)), count_code_points(upper(prediction)));
  const double similarity = 1 - (length == 0 ? 0.0 : static_cast<double>(row.back()) / static_cast<double>(length));
  return similarity < threshold ? 0 : similarity;
}

}  // namespace assay::harness
