#include "benchmark/mixeval/rule_freeform.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace assay::mixeval {
namespace {

constexpr std::array<std::string_view, 9> kIndicators{"could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ", "="};

bool only_a_sign(std::string_view text) {
  return text.size() == 1 && std::string_view(":,.!?;'").find(text.front()) != std::string_view::npos;
}

/// Behind the last occurrence of each indicator, the shortest such text. The last line knows "=" as well.
std::string_view key_text(std::string_view line, bool last) {
  std::string_view kept;
  std::size_t kept_length = 0;
  bool any = false;
  for (std::size_t i = 0; i < kIndicators.size() - (last ? 0 : 1); ++i) {
    const std::size_t at = line.rfind(kIndicators[i]);
    if (at == std::string_view::npos) continue;
    // Python splits at non-overlapping occurrences from the left; none of these texts overlaps itself, so the last one is the same.
    const std::string_view behind = strip(line.substr(at + kIndicators[i].size()));
    const std::size_t length = count_code_points(behind);
    if (!any || kept.empty() || length < kept_length) {
      kept = behind;
      kept_length = length;
    }
    any = true;
  }
  return kept;
}

bool before(const Normal& a, const Normal& b) {
  if (a.index() != b.index()) return a.index() < b.index();
  if (const double* x = std::get_if<double>(&a)) {
    const double y = std::get<double>(b);
    if (std::isnan(*x) || std::isnan(y)) return !std::isnan(*x) && std::isnan(y);
    return *x < y;
  }
  return std::get<std::string>(a) < std::get<std::string>(b);
}

}  // namespace

std::vector<Normal> parse_answer(std::string_view response) {
  std::string_view stripped = strip(response);
  while (!stripped.empty() && stripped.front() == '.') stripped.remove_prefix(1);
  while (!stripped.empty() && stripped.back() == '.') stripped.remove_suffix(1);
  const std::string text = lower(stripped);

  std::vector<std::string_view> keys;
  std::string_view rest = text;
  while (true) {
    const std::size_t end = rest.find('\n');
    const bool last = end == std::string_view::npos;
    const std::string_view key = key_text(rest.substr(0, end), last);
    if (!key.empty() && !only_a_sign(key)) keys.push_back(key);
    if (last) break;
    rest.remove_prefix(end + 1);
  }
  if (keys.empty()) keys.push_back(text);

  std::vector<Normal> out;
  auto add = [&](std::string_view part) {
    for (Normal& one : normalize(part)) out.push_back(std::move(one));
  };
  // Texts first, then the numbers in them: of 0.0 and -0.0, which are one, a set keeps the first.
  for (std::string_view key : keys) add(key);
  for (std::string_view key : keys)
    for (const std::string& number : extract_numbers(key)) add(number);
  std::stable_sort(out.begin(), out.end(), before);
  auto same = [](const Normal& a, const Normal& b) { return a == b; };  // nan is never the same
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

bool answer_matches(const std::vector<Normal>& parsed, const std::vector<std::string>& targets) {
  std::vector<Normal> right;
  for (const std::string& target : targets)
    for (Normal& one : normalize(target)) right.push_back(std::move(one));
  for (const Normal& said : parsed)
    for (const Normal& wanted : right) {
      if (said.index() != wanted.index()) continue;
      if (const std::string* text = std::get_if<std::string>(&said)) {
        if (contains(*text, std::get<std::string>(wanted))) return true;
      } else if (said == wanted) {
        return true;
      }
    }
  return false;
}

}  // namespace assay::mixeval
