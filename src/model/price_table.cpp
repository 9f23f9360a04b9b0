#include "model/price_table.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

struct Entry {
  std::string_view model;
  double in, out;
};

constexpr std::string_view kDate = "2025-06";
constexpr Entry kBuiltIn[] = {
    {"openai:gpt-4o", 2.5, 10},
    {"openai:gpt-4o-2024-05-13", 5, 15},
    {"openai:gpt-4o-mini", 0.15, 0.6},
    {"openai:gpt-4.1", 2, 8},
    {"openai:gpt-4.1-mini", 0.4, 1.6},
    {"openai:gpt-4.1-nano", 0.1, 0.4},
    {"openai:gpt-4-turbo", 10, 30},
    {"openai:gpt-4-1106-preview", 10, 30},
    {"openai:gpt-4-0125-preview", 10, 30},
    {"openai:gpt-4", 30, 60},
    {"openai:gpt-3.5-turbo", 0.5, 1.5},
    {"openai:gpt-3.5-turbo-instruct", 1.5, 2},
    {"openai:o1", 15, 60},
    {"openai:o3-mini", 1.1, 4.4},
    {"openai:o4-mini", 1.1, 4.4},
    {"anthropic:claude-3-opus", 15, 75},
    {"anthropic:claude-3-haiku", 0.25, 1.25},
    {"anthropic:claude-3-5-haiku", 0.8, 4},
    {"anthropic:claude-3-5-sonnet", 3, 15},
    {"anthropic:claude-3-7-sonnet", 3, 15},
    {"anthropic:claude-sonnet-4", 3, 15},
    {"anthropic:claude-opus-4", 15, 75},
    {"mistral:mistral-large", 2, 6},
    {"gemini:gemini-2.0-flash", 0.1, 0.4},
};

/// What may stand behind a model's name and leave it the same model: a date, or "latest".
bool is_edition(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest == "-latest") return true;
  if (rest.size() < 5 || rest[0] != '-') return false;
  return rest.find_first_not_of("-0123456789") == std::string_view::npos;
}

}  // namespace

PriceTable PriceTable::built_in() {
  PriceTable out;
  for (const Entry& entry : kBuiltIn) out.prices_.push_back({std::string(entry.model), entry.in, entry.out, std::string(kDate)});
  return out;
}

Result<void> PriceTable::add(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  const json::object* entries = root->if_object();
  if (!entries) return fail(ErrorKind::data, "a price file is an object: model to {\"in\", \"out\", \"date\"}", std::string(where));
  std::vector<Price> added;
  for (const auto& member : *entries) {
    const std::string model = shorten(valid_utf8(std::string_view(member.key())), 200);
    auto in = get_number(member.value(), "in"), out = get_number(member.value(), "out");
    auto fine = [](const std::optional<double>& price) { return price && std::isfinite(*price) && *price >= 0 && *price <= 1e6; };
    if (!fine(in) || !fine(out))
      return fail(ErrorKind::data, "the price of \"" + model + "\" needs \"in\" and \"out\", USD for a million tokens", std::string(where));
    added.push_back({model, *in, *out, get_string(member.value(), "date").value_or("")});
  }
  for (Price& price : added) {
    std::erase_if(prices_, [&](const Price& old) { return old.model == price.model; });
    prices_.push_back(std::move(price));
  }
  return {};
}

std::optional<Price> PriceTable::find(const ModelSpec& spec) const {
  // An address that speaks OpenAI's dialect is not OpenAI: only a key without a back end may mean it.
  const std::string full = spec.base.empty() ? spec.backend + ":" + spec.name : std::string();
  const Price* best = nullptr;
  for (const Price& price : prices_)
    for (const std::string* wanted : {&full, &spec.name})
      if (!wanted->empty() && wanted->starts_with(price.model) && is_edition(std::string_view(*wanted).substr(price.model.size())) &&
          (!best || price.model.size() > best->model.size()))
        best = &price;
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace assay
