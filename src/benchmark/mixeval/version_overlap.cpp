#include "benchmark/mixeval/version_overlap.h"

#include "base/text.h"
#include "benchmark/mixeval/lexical_embedding.h"

namespace assay::mixeval {
namespace {

constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

std::string key_of(Split split, const Entry& entry) { return std::string(short_name(split)) + identity(entry); }

void add_entries(const VersionFolder& version, bool hard, Split split, std::unordered_set<std::string>& out) {
  for (const Entry& entry : version.entries(hard, split)) out.insert(key_of(split, entry));
}

/// The words of what is asked, in order.
std::string words_key(const Entry& entry) {
  std::string text = entry.context.value_or("") + " " + entry.prompt;
  for (const std::string& option : entry.options) text += " " + option;
  const std::string low = lower(text);
  std::string out = entry.options.empty() ? "f" : "m";
  for (std::string_view word : words_of(low)) out.append(" ").append(word);
  return out;
}

std::string asked_and_answered(const Entry& entry) {
  std::string text = entry.prompt;
  for (const std::string& target : entry.targets) text += " " + target;
  if (entry.answer < entry.options.size()) text += " " + entry.options[entry.answer];
  return text;
}

}  // namespace

double Overlap::unique_ratio() const {
  const std::size_t all = distinct_a + distinct_b - common;
  return all ? 1 - static_cast<double>(common) / static_cast<double>(all) : 0;
}

Overlap overlap(const std::unordered_set<std::string>& a, const std::unordered_set<std::string>& b) {
  Overlap out{a.size(), b.size(), 0};
  for (const std::string& one : a) out.common += b.contains(one);
  return out;
}

Overlap split_overlap(const VersionFolder& a, const VersionFolder& b, bool hard, Split split) {
  std::unordered_set<std::string> x, y;
  add_entries(a, hard, split, x);
  add_entries(b, hard, split, y);
  return overlap(x, y);
}

Overlap version_overlap(const VersionFolder& a, const VersionFolder& b, bool hard) {
  std::unordered_set<std::string> x, y;
  for (Split split : kSplits) {
    add_entries(a, hard, split, x);
    add_entries(b, hard, split, y);
  }
  return overlap(x, y);
}

std::optional<Overlap> query_overlap(const VersionFolder& a, const VersionFolder& b) {
  if (a.queries.empty() || b.queries.empty()) return std::nullopt;
  return overlap({a.queries.begin(), a.queries.end()}, {b.queries.begin(), b.queries.end()});
}

void KnownEntries::add(Split split, const Entry& entry) {
  identities_.insert(key_of(split, entry));
  texts_.insert(words_key(entry));
  grams_.add(asked_and_answered(entry));
}

Kinship KnownEntries::of(Split split, const Entry& entry) const {
  if (identities_.contains(key_of(split, entry))) return Kinship::identical;
  if (texts_.contains(words_key(entry))) return Kinship::same_text;
  return grams_.shares_with(asked_and_answered(entry)) ? Kinship::long_run : Kinship::none;
}

KinshipCounts count_kin(const VersionFolder& version, const KnownEntries& known) {
  KinshipCounts out;
  std::unordered_set<std::string> seen;
  for (Split split : kSplits)
    for (const Entry& entry : version.entries(false, split)) {
      if (!seen.insert(key_of(split, entry)).second) continue;
      ++out.distinct;
      switch (known.of(split, entry)) {
        case Kinship::identical: ++out.identical; break;
        case Kinship::same_text: ++out.same_text; break;
        case Kinship::long_run: ++out.long_run; break;
        case Kinship::none: break;
      }
    }
  return out;
}

}  // namespace assay::mixeval
