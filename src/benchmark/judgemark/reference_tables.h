// Numbers that Judgemark compares a judge with: what other benchmarks say of the test models, and what other judges gave them.
// Source: EQ-Bench releases 2.4 and 2.3 (facts; the texts are in the pack).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::judgemark {

/// Which release's formula makes the official figure.
enum class Formula { v2_3, v2_4 };

/// A test model, by the part of its name after the last '/', in other benchmarks. What is not known is null.
struct Reference {
  std::string model;
  std::optional<double> arena_elo, eq_bench, magi;
};
const std::vector<Reference>& official_references(Formula formula);

/// What a judge gave each test model (full names), 0 to 100.
struct JudgeScores {
  std::string judge;
  std::vector<std::pair<std::string, double>> models;
};
/// All with the same models in the same order.
const std::vector<JudgeScores>& other_judges();

/// Left out, as judge and as test model, where biases are measured.
bool ignored_for_bias(std::string_view model);
/// "Mistral", "OpenAI", "Anthropic"; "" where none is known.
std::string_view family_of(std::string_view model);

}  // namespace assay::judgemark
