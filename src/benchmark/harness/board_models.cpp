#include "benchmark/harness/board_models.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <tuple>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"

namespace assay::harness {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// The first match of (\d\.)?\d+(b|m), as Python's search finds it.
std::optional<double> size_in_name(std::string_view name) {
  auto digits_then_unit = [&](std::size_t from) -> std::size_t {
    std::size_t end = from;
    while (end < name.size() && digit(name[end])) ++end;
    return end > from && end < name.size() && (name[end] == 'b' || name[end] == 'm') ? end : std::string_view::npos;
  };
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (!digit(name[at])) continue;
    std::size_t end = std::string_view::npos;
    if (at + 1 < name.size() && name[at + 1] == '.') end = digits_then_unit(at + 2);
    // Where a digit stands before, its whole run of digits has no unit.
    if (end == std::string_view::npos && (at == 0 || !digit(name[at - 1]))) end = digits_then_unit(at);
    if (end == std::string_view::npos) continue;
    auto value = python_float(name.substr(at, end - at));
    if (!value) return std::nullopt;
    return python_round(name[end] == 'b' ? *value : *value / 1e3, 3);
  }
  return std::nullopt;
}

struct Size {
  std::string_view name;
  double low, high;
};
constexpr Size kSizes[] = {{"?", -1, 0},    {"~1.5", 0, 2},   {"~3", 2, 4},    {"~7", 4, 9},
                           {"~13", 9, 20}, {"~35", 20, 45}, {"~60", 45, 70}, {"70+", 70, 10000}};

constexpr Size kAugustSizes[] = {{"< 1B", 0, 1}, {"~3B", 1, 5}, {"~7B", 6, 11}, {"~13B", 12, 15}, {"~35B", 16, 55}, {"60B+", 55, 1000}};

std::string_view bare_precision(std::string_view precision) {
  return precision.starts_with("torch.") ? precision.substr(6) : precision;
}

std::string_view first_symbol(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty()) next_code_point(rest);
  return text.substr(0, text.size() - rest.size());
}

}  // namespace

std::optional<double> parameters_of(std::string_view model, std::optional<double> safetensors_total) {
  if (safetensors_total) return python_round(*safetensors_total / 1e9, 3);
  return size_in_name(lower(model));
}

double parameters_with_precision(std::string_view model, std::optional<double> safetensors_total, std::string_view precision) {
  const bool packed = precision == "GPTQ" || contains(lower(model), "gptq");
  return (packed ? 8 : 1) * parameters_of(model, safetensors_total).value_or(0);
}

ModelType model_type(std::string_view text) {
  struct Known {
    std::string_view word;
    ModelType type;
  };
  constexpr Known kKnown[] = {{"fine-tuned", {"FT", "🔶"}}, {"pretrained", {"PT", "🟢"}}, {"RL-tuned", {"RL", "🟦"}}, {"instruction-tuned", {"IFT", "⭕"}}};
  for (const Known& known : kKnown)
    if (contains(text, known.word) || contains(text, known.type.symbol)) return known.type;
  return {"Unknown", "?"};
}

std::vector<std::size_t> filter_board(const std::vector<BoardEntry>& rows, const BoardFilter& filter) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const BoardEntry& row = rows[i];
    const bool type = std::any_of(filter.types.begin(), filter.types.end(), [&](const std::string& t) { return first_symbol(t) == row.symbol; });
    const bool precision = row.precision == "None" ||
                           std::find(filter.precisions.begin(), filter.precisions.end(), row.precision) != filter.precisions.end();
    const bool size = std::any_of(filter.sizes.begin(), filter.sizes.end(), [&](const std::string& wanted) {
      const Size* known = std::find_if(std::begin(kSizes), std::end(kSizes), [&](const Size& s) { return s.name == wanted; });
      return known != std::end(kSizes) && row.parameters > known->low && row.parameters <= known->high;
    });
    if (type && precision && size && (filter.show_deleted || row.on_hub)) kept.push_back(i);
  }
  std::vector<std::size_t> found;
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> seen;
  for (const std::string& part : split(filter.query, ';')) {
    const std::string wanted = lower(strip(part));
    if (wanted.empty()) continue;
    for (std::size_t i : kept) {
      const BoardEntry& row = rows[i];
      if (contains(lower(row.model), wanted) && seen.emplace(row.model, row.precision, row.sha).second) found.push_back(i);
    }
  }
  return found.empty() ? kept : found;
}

std::string_view type_word(std::string_view symbol) {
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"🟢", "pretrained"}, {"🔶", "fine-tuned"}, {"⭕", "instruction-tuned"}, {"🟦", "RL-tuned"}};
  for (const auto& [known, word] : words)
    if (known == symbol) return word;
  return {};
}

std::vector<std::size_t> filter_board(const std::vector<BoardEntry>& rows, const AugustFilter& filter) {
  const std::string wanted = lower(filter.query);
  const auto* size = std::find_if(std::begin(kAugustSizes), std::end(kAugustSizes), [&](const Size& s) { return s.name == filter.size; });
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const BoardEntry& row = rows[i];
    const bool by_type = filter.type_shown && contains(lower(type_word(row.symbol)), wanted);
    if (!by_type && !contains(lower(row.model), wanted)) continue;
    if (!filter.type.empty() && first_symbol(filter.type) != row.symbol) continue;
    if (!filter.size.empty() && (size == std::end(kAugustSizes) || row.parameters <= 0 || row.parameters < size->low || row.parameters > size->high)) continue;
    out.push_back(i);
  }
  return out;
}

std::vector<std::string> board_sizes(bool august) {
  std::vector<std::string> out;
  if (august)
    for (const Size& size : kAugustSizes) out.emplace_back(size.name);
  else
    for (const Size& size : kSizes) out.emplace_back(size.name);
  return out;
}

void BoardRequests::add(std::string_view text) {
  auto value = parse_json(text, "request");
  if (!value || !value->is_object()) return;
  auto model = get_string(*value, "model"), precision = get_string(*value, "precision"), status = get_string(*value, "status");
  if (!model || !precision || !status || !(status->starts_with("FINISHED") || *status == "PENDING_NEW_EVAL")) return;
  std::pair<std::string, std::string> found{get_string(*value, "submitted_time").value_or(""), get_string(*value, "model_type").value_or("")};
  auto [place, fresh] = newest_.try_emplace({std::string(*model), std::string(bare_precision(*precision))}, found);
  if (!fresh && found.first >= place->second.first) place->second = std::move(found);
}

ModelType BoardRequests::type(std::string_view model, std::string_view precision) const {
  auto it = newest_.find({std::string(model), std::string(bare_precision(precision))});
  return it == newest_.end() ? ModelType{"Unknown", "?"} : model_type(it->second.second);
}

std::string submission_refusal(std::string_view model, const std::vector<double>& submitted_days_ago, double days, std::size_t quota) {
  const std::size_t slash = model.find('/');
  const std::string_view owner = model.substr(0, slash);
  if (owner == "TheBloke") quota *= 2;  // known for packing other people's models
  const auto recent = static_cast<std::size_t>(
      std::count_if(submitted_days_ago.begin(), submitted_days_ago.end(), [&](double ago) { return ago < days; }));
  if (recent <= quota) return {};
  std::string period = python_repr(days);
  if (period.ends_with(".0")) period.resize(period.size() - 2);
  return "Organisation or user `" + std::string(owner) + "`already has " + std::to_string(recent) +
         " model requests submitted to the leaderboard in the last " + period +
         " days.\nPlease wait a couple of days before resubmitting, so that everybody can enjoy using the leaderboard 🤗";
}

}  // namespace assay::harness
