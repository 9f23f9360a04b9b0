#include "run/engine_note.h"

#include <cmath>
#include <cstdint>

#include "base/number.h"
#include "run/display.h"

namespace assay {
namespace {

/// A count, or 0.
std::uint64_t count_of(const json::object& facts, const char* key) {
  const double value = get_number(facts, key).value_or(0);
  return value >= 1 && value < 1e15 ? static_cast<std::uint64_t>(value) : 0;
}

std::string note(const json::object& facts) {
  const std::uint64_t documents = count_of(facts, "documents"), computed = count_of(facts, "tokens_evaluated"),
                      apart = count_of(facts, "tokens_one_by_one"), cut = count_of(facts, "truncated");
  if (documents == 0 || computed == 0) return {};
  std::string out = display_count(documents) + (documents == 1 ? " document" : " documents");
  if (const double rate = get_number(facts, "documents_per_second").value_or(0); rate > 0 && rate < 1e9)
    out += " at " + fixed(rate, rate < 10 ? 2 : 0) + "/s";
  out += ", " + display_count(computed);
  if (apart > computed)
    out += " of " + display_count(apart) + " tokens computed (" +
           fixed(100 * (1 - static_cast<double>(computed) / static_cast<double>(apart)), 0) + " % were shared)";
  else
    out += " tokens computed";
  if (cut > 0) out += ", " + display_count(cut) + (cut == 1 ? " text" : " texts") + " cut at the context's length";
  return out;
}

}  // namespace

std::string engine_note(const json::object& manifest) {
  const json::value* models = manifest.if_contains("models");
  const json::object* roles = models ? models->if_object() : nullptr;
  if (!roles) return {};
  for (const auto& role : *roles)
    if (const json::object* facts = role.value().if_object())
      if (const json::value* scoring = facts->if_contains("loglikelihood"); scoring && scoring->is_object())
        if (std::string text = note(scoring->as_object()); !text.empty()) return text;
  return {};
}

}  // namespace assay
