#include "benchmark/harness/evidence.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>
#include <limits>

#include "base/text.h"
#include "benchmark/harness/metrics.h"
#include "benchmark/harness/stored_number.h"
#include "benchmark/harness/text_task.h"

namespace assay::harness {
namespace {

json::value number(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

/// What the model would have answered: by the metric that the leaderboard shows, of TruthfulQA by MC1.
std::size_t chosen(const Document& document, std::span<const double> sums, bool per_character) {
  if (document.mc1 > 0) return argmax(sums.first(document.mc1));
  if (!per_character) return argmax(sums);
  std::vector<double> shares;
  shares.reserve(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) shares.push_back(sums[i] / static_cast<double>(count_code_points(document.choices[i])));
  return argmax(shares);
}

/// A text counts by its log-likelihood and what that is spread over; perplexities are made of all of them together.
SampleResult text_result(std::string sample, const Document& document, const Loglikelihood& answer) {
  SampleResult out;
  out.sample = std::move(sample);
  out.outcome = Outcome::scored;
  out.values["loglikelihood"] = number(answer.sum);
  out.values["words"] = count_words(document.query);
  out.values["bytes"] = document.query.size();
  out.evidence["chosen"] = json::object{{"loglikelihood", stored_number(answer.sum)}};
  out.evidence["tokens"] = answer.tokens;
  return out;
}

}  // namespace

SampleResult sample_result(std::string sample, const TaskInfo& task, const Document& document, std::span<const Loglikelihood> answers) {
  if (task.family == TaskInfo::Family::text) return text_result(std::move(sample), document, answers.front());
  std::vector<double> sums;
  std::size_t truncated = 0;
  json::array rows;
  rows.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Loglikelihood& answer = answers[i];
    const std::string& choice = document.choices[i];
    sums.push_back(answer.sum);
    if (answer.truncated) ++truncated;
    json::object row{{"choice", choice}, {"loglikelihood", stored_number(answer.sum)}};
    if (document.mc1 > 0) {
      const bool first = i < document.mc1;
      row["of"] = first ? "mc1" : "mc2";
      row["right"] = first ? i == 0 : i - document.mc1 < document.truths;
    } else {
      row["per_character"] = stored_number(answer.sum / static_cast<double>(count_code_points(choice)));
      row["right"] = i == document.gold;
    }
    row["greedy"] = answer.greedy;
    row["tokens"] = answer.tokens;
    if (answer.truncated) row["truncated"] = true;
    rows.push_back(std::move(row));
  }
  const DocumentScore score = score_document(document, sums);
  const bool per_character = document.mc1 == 0 && task.leaderboard_metric == "acc_norm";
  const std::size_t best = chosen(document, sums, per_character);
  SampleResult out;
  out.sample = std::move(sample);
  out.outcome = Outcome::scored;
  // The leaderboard's metric first: it is what charts and lists show.
  const bool second_first = task.leaderboard_metric == task.metrics[1];
  for (bool second : {second_first, !second_first}) out.values[task.metrics[second ? 1 : 0]] = number(second ? score.second : score.first);
  if (truncated) out.values["truncated"] = truncated;
  out.evidence["chosen"] = json::object{
      {"choice", document.choices[best]}, {"loglikelihood", stored_number(sums[best])}, {"by", document.mc1 > 0 ? "mc1" : per_character ? "acc_norm" : "acc"}};
  if (document.mc1 == 0) out.evidence["reference"] = document.choices[document.gold];
  out.evidence["formula"] = json::object{{"rows", std::move(rows)}};
  return out;
}

std::vector<double> loglikelihoods_of(const SampleResult& sample) {
  std::vector<double> out;
  if (sample.values.if_contains("loglikelihood")) {  // of a whole text
    const json::value* chosen = sample.evidence.if_contains("chosen");
    out.push_back(chosen ? stored_loglikelihood(*chosen) : std::numeric_limits<double>::quiet_NaN());
  }
  const json::value* formula = sample.evidence.if_contains("formula");
  const json::value* rows = formula ? find(*formula, "rows") : nullptr;
  if (!rows || !rows->is_array()) return out;
  for (const json::value& row : rows->get_array()) out.push_back(stored_loglikelihood(row));
  return out;
}

}  // namespace assay::harness
