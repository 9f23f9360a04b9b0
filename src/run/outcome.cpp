#include "run/outcome.h"

#include <array>
#include <utility>

namespace assay {
namespace {
constexpr std::array<std::pair<Outcome, std::string_view>, 5> kNames{{
    {Outcome::failed, "failed"},
    {Outcome::scored, "scored"},
    {Outcome::truncated, "truncated"},
    {Outcome::unparseable, "unparseable"},
    {Outcome::missing, "missing"},
}};
}  // namespace

std::string_view name(Outcome outcome) {
  for (const auto& [value, text] : kNames)
    if (value == outcome) return text;
  return "failed";
}

Outcome outcome_from(std::string_view name) {
  for (const auto& [value, known] : kNames)
    if (known == name) return value;
  return Outcome::failed;
}

void Counts::add(Outcome outcome, bool cut) {
  switch (outcome) {
    case Outcome::failed:
      ++failed;
      break;
    case Outcome::scored:
      ++scored;
      if (cut) ++scored_cut;
      break;
    case Outcome::truncated:
      ++truncated;
      break;
    case Outcome::unparseable:
      ++unparseable;
      break;
    case Outcome::missing:
      ++missing;
      break;
  }
}

}  // namespace assay
