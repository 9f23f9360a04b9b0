#include "model/price_table.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

struct Entry {
  std::string_view model;
  double in, out;
};

/// Rows that were looked up together.
struct Source {
  std::string_view address, date;
  std::span<const Entry> rows;
};

// Where one name has had several prices, the row is the dearest of them unless a dated name says which: the table guards a limit.
constexpr Entry kOpenAi[] = {
    {"openai:gpt-5", 1.25, 10},
    {"openai:gpt-5-mini", 0.25, 2},
    {"openai:gpt-5-nano", 0.05, 0.4},
    {"openai:gpt-4.1", 2, 8},
    {"openai:gpt-4.1-mini", 0.4, 1.6},
    {"openai:gpt-4.1-nano", 0.1, 0.4},
    {"openai:gpt-4o", 2.5, 10},
    {"openai:gpt-4o-2024-05-13", 5, 15},
    {"openai:gpt-4o-mini", 0.15, 0.6},
    {"openai:gpt-4-turbo", 10, 30},
    {"openai:gpt-4-turbo-preview", 10, 30},
    {"openai:gpt-4-1106-preview", 10, 30},
    {"openai:gpt-4-0125-preview", 10, 30},
    {"openai:gpt-4", 30, 60},
    {"openai:gpt-4-32k", 60, 120},
    {"openai:gpt-3.5-turbo", 0.5, 1.5},
    {"openai:gpt-3.5-turbo-0613", 1.5, 2},
    {"openai:gpt-3.5-turbo-1106", 1, 2},
    {"openai:gpt-3.5-turbo-16k", 3, 4},
    {"openai:gpt-3.5-turbo-instruct", 1.5, 2},
    {"openai:o1", 15, 60},
    {"openai:o3", 2, 8},
    {"openai:o3-mini", 1.1, 4.4},
    {"openai:o4-mini", 1.1, 4.4},
};
constexpr Entry kAnthropic[] = {
    {"anthropic:claude-2", 8, 24},
    {"anthropic:claude-2.1", 8, 24},
    {"anthropic:claude-instant-1.2", 0.8, 2.4},
    {"anthropic:claude-3-opus", 15, 75},
    {"anthropic:claude-3-sonnet", 3, 15},
    {"anthropic:claude-3-haiku", 0.25, 1.25},
    {"anthropic:claude-3-5-haiku", 0.8, 4},
    {"anthropic:claude-3-5-sonnet", 3, 15},
    {"anthropic:claude-3-7-sonnet", 3, 15},
    {"anthropic:claude-haiku-4-5", 1, 5},
    {"anthropic:claude-sonnet-4", 3, 15},
    {"anthropic:claude-sonnet-4-5", 3, 15},
    {"anthropic:claude-sonnet-4-6", 3, 15},
    {"anthropic:claude-opus-4", 15, 75},
    {"anthropic:claude-opus-4-1", 15, 75},
    {"anthropic:claude-opus-4-5", 5, 25},
    {"anthropic:claude-opus-4-6", 5, 25},
};
constexpr Entry kBedrock[] = {
    {"bedrock:anthropic.claude-v2", 8, 24},
    {"bedrock:anthropic.claude-instant-v1", 0.8, 2.4},
    {"bedrock:anthropic.claude-3-opus", 15, 75},
    {"bedrock:anthropic.claude-3-sonnet", 3, 15},
    {"bedrock:anthropic.claude-3-haiku", 0.25, 1.25},
    {"bedrock:anthropic.claude-3-5-sonnet", 3, 15},
    {"bedrock:anthropic.claude-3-5-haiku", 0.8, 4},
    {"bedrock:anthropic.claude-3-7-sonnet", 3, 15},
    {"bedrock:anthropic.claude-sonnet-4", 3, 15},
    {"bedrock:anthropic.claude-opus-4", 15, 75},
    {"bedrock:meta.llama3-1-8b-instruct", 0.22, 0.22},
    {"bedrock:meta.llama3-1-70b-instruct", 0.99, 0.99},
    {"bedrock:meta.llama3-1-405b-instruct", 5.32, 16},
    {"bedrock:mistral.mixtral-8x7b-instruct", 0.45, 0.7},
    {"bedrock:mistral.mistral-large-2407", 4, 12},
    {"bedrock:cohere.command-r-plus", 3, 15},
};
constexpr Entry kMistral[] = {
    {"mistral:mistral-large", 4, 12},
    {"mistral:mistral-large-2407", 3, 9},
    {"mistral:mistral-large-2411", 2, 6},
    {"mistral:mistral-large-2512", 0.5, 1.5},
    {"mistral:mistral-medium", 2.75, 8.1},
    {"mistral:mistral-medium-2505", 0.4, 2},
    {"mistral:mistral-medium-2508", 0.4, 2},
    {"mistral:mistral-small", 1, 3},
    {"mistral:mistral-small-2501", 0.1, 0.3},
    {"mistral:mistral-small-2503", 0.1, 0.3},
    {"mistral:mistral-small-2506", 0.1, 0.3},
    {"mistral:codestral", 0.3, 0.9},
};
constexpr Entry kGemini[] = {
    {"gemini:gemini-2.5-pro", 2.5, 15},  // of long prompts; up to 200,000 tokens it is half of that, and 10
    {"gemini:gemini-2.5-flash", 0.3, 2.5},
    {"gemini:gemini-2.5-flash-lite", 0.1, 0.4},
    {"gemini:gemini-2.0-flash", 0.1, 0.4},
};

constexpr Source kBuiltIn[] = {
    {"https://platform.openai.com/docs/pricing", "2026-05", kOpenAi},
    {"https://platform.claude.com/docs/en/about-claude/pricing", "2026-10", kAnthropic},
    {"https://aws.amazon.com/bedrock/pricing/ (us-west-2)", "2025-12", kBedrock},
    {"https://mistral.ai/pricing", "2026-06", kMistral},
    {"https://ai.google.dev/gemini-api/docs/pricing", "2026-03", kGemini},
};

/// What may stand behind a model's name and leave it the same model: a date (at least three digits first: claude-opus-4-5 is another model than
/// claude-opus-4), "latest", and Bedrock's "-v1:0".
bool is_edition(std::string_view rest) {
  if (std::size_t version = rest.rfind("-v"); version != std::string_view::npos && rest.find_first_not_of("0123456789:", version + 2) == std::string_view::npos)
    rest = rest.substr(0, version);
  if (rest.size() > 1 && rest[0] == ':' && rest.find_first_not_of("0123456789", 1) == std::string_view::npos) return true;  // claude-v2:1
  if (rest.empty() || rest == "-latest") return true;
  if (rest.size() < 4 || rest[0] != '-' || rest.find_first_of('-', 1) < 4) return false;
  return rest.find_first_not_of("-0123456789") == std::string_view::npos;
}

/// Without the region's word before a model of Bedrock ("us.anthropic.claude-...").
std::string_view without_region(std::string_view name) {
  for (std::string_view region : {"us.", "eu.", "apac.", "jp.", "au.", "us-gov.", "global."})
    if (name.starts_with(region)) return name.substr(region.size());
  return name;
}

}  // namespace

PriceTable PriceTable::built_in() {
  PriceTable out;
  for (const Source& source : kBuiltIn)
    for (const Entry& entry : source.rows)
      out.prices_.push_back({std::string(entry.model), entry.in, entry.out, std::string(source.date), std::string(source.address)});
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
    added.push_back({model, *in, *out, get_string(member.value(), "date").value_or(""), get_string(member.value(), "source").value_or(std::string(where))});
  }
  for (Price& price : added) {
    std::erase_if(prices_, [&](const Price& old) { return old.model == price.model; });
    prices_.push_back(std::move(price));
  }
  return {};
}

std::optional<Price> PriceTable::find(const ModelSpec& spec) const {
  // An address that speaks OpenAI's dialect is not OpenAI: only a key without a back end may mean it.
  const std::string full = spec.base.empty() ? spec.backend + ":" + std::string(spec.backend == "bedrock" ? without_region(spec.name) : spec.name) : std::string();
  const Price* best = nullptr;
  for (const Price& price : prices_)
    for (const std::string* wanted : {&full, &spec.name})
      if (!wanted->empty() && wanted->starts_with(price.model) && is_edition(std::string_view(*wanted).substr(price.model.size())) &&
          (!best || price.model.size() > best->model.size()))
        best = &price;
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace assay
