#include "benchmark/mixeval/given_clusters.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/hash.h"
#include "base/text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {
namespace {

constexpr std::size_t kMostClusters = 10'000;

std::optional<std::string> name_of(const json::value& line) {
  const json::value* name = find(line, "cluster");
  if (!name) return std::nullopt;
  if (auto number = get_integer(line, "cluster")) return std::to_string(*number);
  if (!name->is_string() || name->get_string().empty() || name->get_string().size() > 200) return std::nullopt;
  return std::string(name->get_string());
}

}  // namespace

Result<std::vector<std::size_t>> GivenClusters::of(std::span<const std::string_view> texts) const {
  std::vector<std::size_t> out;
  std::size_t lacking = 0;
  std::string_view first;
  for (std::string_view text : texts) {
    auto found = by_text.find(sha256_hex(text));
    if (found == by_text.end() && lacking++ == 0) first = text;
    out.push_back(found == by_text.end() ? 0 : found->second);
  }
  if (lacking)
    return fail(ErrorKind::data, "the file gives no cluster to " + std::to_string(lacking) + " texts, the first is \"" + shorten(first, 60) + "\"", where,
                "every match text of the mixture needs one, and every query, unless the file says the clusters' shares");
  return out;
}

Result<GivenClusters> read_given_clusters(std::string_view text, const std::string& where) {
  auto lines = read_jsonl(text, where);
  if (!lines) return std::unexpected(lines.error());
  if (lines->half_written) return std::unexpected(lines->half_written->error);
  GivenClusters out;
  out.where = where;
  std::unordered_map<std::string, std::size_t> places;
  constexpr double kUnsaid = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> shares;
  bool any_share = false;
  for (const JsonlLine& line : lines->lines) {
    const std::string at = where + ":" + std::to_string(line.line);
    auto name = name_of(line.value);
    auto of = get_string(line.value, "text"), sum = get_string(line.value, "sha256");
    auto share = get_number(line.value, "share");
    if (!name || (of || sum) == share.has_value())
      return fail(ErrorKind::data, "the line is neither {\"text\": ..., \"cluster\": ...} nor {\"cluster\": ..., \"share\": ...}", at, "in place of the text its SHA-256 will do: {\"sha256\": ..., \"cluster\": ...}");
    auto [place, fresh] = places.try_emplace(*name, out.names.size());
    if (fresh) {
      if (out.names.size() == kMostClusters) return fail(ErrorKind::data, "there are more than " + std::to_string(kMostClusters) + " clusters", at);
      out.names.push_back(*name);
      shares.push_back(kUnsaid);
    }
    const std::size_t cluster = place->second;
    if (share) {
      if (!(*share >= 0 && *share <= 1)) return fail(ErrorKind::data, "a share is no number from 0 to 1", at);
      if (!std::isnan(shares[cluster])) return fail(ErrorKind::data, "the share of " + shorten(*name, 60) + " is said twice", at);
      shares[cluster] = *share;
      any_share = true;
      continue;
    }
    auto [known, added] = out.by_text.try_emplace(of ? sha256_hex(*of) : lower(*sum), cluster);
    if (!added && known->second != cluster) return fail(ErrorKind::data, "the text is in two clusters: " + shorten(out.names[known->second], 60) + " and " + shorten(*name, 60), at);
  }
  if (out.by_text.empty()) return fail(ErrorKind::data, "the file gives no text a cluster", where);
  if (any_share) {
    double sum = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      if (std::isnan(shares[i])) return fail(ErrorKind::data, "the cluster " + shorten(out.names[i], 60) + " has no share, others have", where);
      sum += shares[i];
    }
    if (std::abs(sum - 1) > 1e-6) return fail(ErrorKind::data, "the shares do not add up to 1", where);
    out.shares = std::move(shares);
  }
  return out;
}

}  // namespace assay::mixeval
