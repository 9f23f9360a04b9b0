#include "benchmark/judgemark/reference_tables.h"

#include <array>
#include <limits>

namespace assay::judgemark {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Row {
  std::string_view model;
  double arena_elo, eq_bench, magi;
};

constexpr std::array kBenchmarks24{
    Row{"claude-3-opus-20240229", 1255, 82.19, 76.55},
    Row{"claude-3-sonnet-20240229", 1200, 80.45, 61.01},
    Row{"gpt-4-0125-preview", 1249, 83.87, 76.83},
    Row{"claude-3-haiku-20240307", 1177, 63.35, 47.71},
    Row{"mistral-large-2402", 1157, 85.17, 67.69},
    Row{"mistral-medium", 1146, 82.57, 62.15},
    Row{"goliath-120b", kNone, 76.09, 50.36},
    Row{"Yi-34B-Chat", 1100, 71.62, 57.1},
    Row{"Qwen1.5-14B-Chat", kNone, 74.99, 49.27},
    Row{"Mixtral-8x7B-Instruct-v0.1", 1114, 72.37, 45.74},
    Row{"mistral-small", kNone, 80.36, 51.9},
    Row{"Llama-2-13b-chat-hf", 1043, 49.12, 28.2},
    Row{"Platypus2-70B-instruct", kNone, kNone, kNone},
    Row{"openchat-3.5-1210", 1071, 72.52, 38.81},
    Row{"gpt-3.5-turbo-0301", 1101, 70.67, 46.66},
    Row{"Llama-2-7b-chat-hf", 1027, 36.32, 27.5},
    Row{"gemma-7b-it", 1029, 61.72, 24.85},
    Row{"gemma-2b-it", 985, 23.26, 24.16},
    Row{"Qwen1.5-4B-Chat", 974, 28.75, 32.66},
};

constexpr std::array kBenchmarks23{
    Row{"claude-3-opus-20240229", 1247, 82.19, 76.55},
    Row{"Midnight-Miqu-70B-v1.5", kNone, 75.9, 40.74},
    Row{"claude-3-sonnet-20240229", 1190, 80.45, 61.01},
    Row{"gpt-4-0125-preview", 1249, 83.87, 76.83},
    Row{"claude-3-haiku-20240307", kNone, 63.35, kNone},
    Row{"mistral-large-2402", 1155, 85.17, 67.69},
    Row{"mistral-medium", 1145, 82.57, 62.15},
    Row{"goliath-120b", kNone, 76.09, 50.36},
    Row{"Yi-34B-Chat", 1099, 71.62, 57.1},
    Row{"Qwen1.5-14B-Chat", kNone, 74.99, 49.27},
    Row{"Mixtral-8x7B-Instruct-v0.1", 1114, 72.37, 45.74},
    Row{"mistral-small", kNone, 80.36, 51.9},
    Row{"Llama-2-13b-chat-hf", 1043, 49.12, 28.2},
    Row{"Platypus2-70B-instruct", kNone, kNone, kNone},
    Row{"openchat-3.5-1210", 1071, 72.52, 38.81},
    Row{"gpt-3.5-turbo-0301", 1101, 70.67, 46.66},
    Row{"Llama-2-7b-chat-hf", 1027, 36.32, 27.5},
    Row{"gemma-7b-it", 1029, 61.72, 24.85},
    Row{"gemma-2b-it", 985, 23.26, 24.16},
    Row{"Qwen1.5-4B-Chat", 974, 28.75, 32.66},
};

/// What eight judges gave the test models.
constexpr std::array<std::string_view, 8> kJudges{"gpt-4-0125-preview", "gpt-3.5-turbo-0125", "claude-3-haiku-20240307", "claude-3-sonnet-20240229", "claude-3-opus-20240229", "mistral-large-2402", "mistral-small", "mistral-medium"};
struct Judged {
  std::string_view model;
  std::array<double, kJudges.size()> scores;
};
constexpr std::array kJudged{
    Judged{"gpt-4-0125-preview", {71.49, 63.98, 83.67, 80.09, 74.97, 76.14, 76.38, 76.88}},
    Judged{"claude-3-opus-20240229", {69.69, 65.57, 82.96, 77.1, 76.81, 77.87, 73.3, 74.3}},
    Judged{"claude-3-sonnet-20240229", {68.5, 63.56, 82.69, 77.21, 76.23, 77.71, 76.4, 72.77}},
    Judged{"claude-3-haiku-20240307", {67.13, 64.65, 82.86, 75.18, 73.91, 79.23, 73.67, 73.25}},
    Judged{"mistral-small", {62.79, 62.6, 81.32, 76.21, 63.99, 77.71, 67.89, 72.18}},
    Judged{"mistral-medium", {68.29, 63.39, 81.08, 74.69, 69.87, 77.75, 73.46, 75.33}},
    Judged{"mistral-large-2402", {69.12, 63.47, 82.6, 76.46, 70.48, 78.95, 72.85, 76.32}},
    Judged{"gpt-3.5-turbo-0301", {53.08, 59.53, 77.27, 63.97, 50.97, 70.69, 61.32, 63.77}},
    Judged{"01-ai/Yi-34B-Chat", {66.88, 66.71, 83.9, 77.37, 67.14, 74.64, 79.96, 72.99}},
    Judged{"openchat/openchat-3.5-1210", {63.66, 63.18, 81.22, 71.34, 56.08, 73.32, 66.56, 68.51}},
    Judged{"garage-bAInd/Platypus2-70B-instruct", {55.64, 59.15, 78.83, 71.29, 51.19, 69.71, 64.66, 65.84}},
    Judged{"mistralai/Mixtral-8x7B-Instruct-v0.1", {65.89, 63.87, 81.17, 75.34, 68.21, 76.99, 71.99, 72.46}},
    Judged{"Qwen/Qwen1.5-14B-Chat", {65.5, 65.6, 81.97, 74.33, 67.13, 75.83, 71.48, 75.9}},
    Judged{"Qwen/Qwen1.5-4B-Chat", {36.49, 55.33, 63.34, 48.78, 35.33, 48.32, 47.27, 39.93}},
    Judged{"google/gemma-2b-it", {51.98, 61.79, 79.03, 66.84, 37.78, 61.15, 61.26, 62.68}},
    Judged{"google/gemma-7b-it", {55.01, 60.45, 79.28, 70.78, 50.07, 71.06, 62.2, 61.88}},
    Judged{"meta-llama/Llama-2-7b-chat-hf", {53.79, 61.47, 78.48, 68.4, 48.27, 65.5, 58.09, 60.78}},
    Judged{"meta-llama/Llama-2-13b-chat-hf", {56.52, 60.64, 78.1, 68, 55.47, 70.49, 65.53, 66.55}},
    Judged{"sophosympatheia/Midnight-Miqu-70B-v1.5", {68.55, 66.01, 83.63, 77.25, 76.41, 79.55, 75.6, 77.03}},
};

constexpr std::string_view kIgnored = "gpt-3.5-turbo-0125";

struct Family {
  std::string_view model, family;
};
constexpr std::array kFamilies{
    Family{"mistralai/Mixtral-8x7B-Instruct-v0.1", "Mistral"},
    Family{"mistral-small", "Mistral"},
    Family{"mistral-medium", "Mistral"},
    Family{"mistral-large-2402", "Mistral"},
    Family{"gpt-4-0125-preview", "OpenAI"},
    Family{"gpt-3.5-turbo-0301", "OpenAI"},
    Family{"claude-3-opus-20240229", "Anthropic"},
    Family{"claude-3-sonnet-20240229", "Anthropic"},
    Family{"claude-3-haiku-20240307", "Anthropic"},
};

std::optional<double> number(double value) {
  return value == value ? std::optional(value) : std::nullopt;
}

template <class Rows>
std::vector<Reference> references(const Rows& rows) {
  std::vector<Reference> out;
  out.reserve(std::size(rows));
  for (const Row& row : rows) out.push_back({std::string(row.model), number(row.arena_elo), number(row.eq_bench), number(row.magi)});
  return out;
}

}  // namespace

const std::vector<Reference>& official_references(Formula formula) {
  static const std::vector<Reference> v24 = references(kBenchmarks24), v23 = references(kBenchmarks23);
  return formula == Formula::v2_3 ? v23 : v24;
}

const std::vector<JudgeScores>& other_judges() {
  static const std::vector<JudgeScores> all = [] {
    std::vector<JudgeScores> out;
    for (std::size_t j = 0; j < kJudges.size(); ++j) {
      JudgeScores one;
      one.judge = kJudges[j];
      for (const Judged& row : kJudged) one.models.emplace_back(std::string(row.model), row.scores[j]);
      out.push_back(std::move(one));
    }
    return out;
  }();
  return all;
}

bool ignored_for_bias(std::string_view model) {
  return model == kIgnored;
}

std::string_view family_of(std::string_view model) {
  for (const Family& one : kFamilies)
    if (one.model == model) return one.family;
  return {};
}

}  // namespace assay::judgemark
