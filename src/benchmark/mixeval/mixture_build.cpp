#include "benchmark/mixeval/mixture_build.h"

#include <map>
#include <set>
#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/mixeval/python_text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {

Result<void> add_to_pool(std::string_view text, const std::string& file, Pool& pool) {
  // Every entry is a free-form one as far as reading goes; options tell the others, which are then read as what they are.
  const bool choice = contains(text, "\"options\"");
  auto read = read_entries(text, choice ? Split::multiple_choice : Split::free_form, file);
  if (!read) return std::unexpected(read.error());
  std::unordered_set<std::string> known;
  for (const Entry& entry : pool.entries) known.insert(identity(entry));
  for (Entry& entry : *read) {
    if (!known.insert(identity(entry)).second) {
      ++pool.merged;
      continue;
    }
    pool.ids.push_back(file + ":" + entry.id);
    pool.splits.push_back(choice ? Split::multiple_choice : Split::free_form);
    pool.entries.push_back(std::move(entry));
  }
  return {};
}

Result<std::vector<std::string>> read_queries(std::string_view text, const std::string& where) {
  std::vector<std::string> out;
  std::unordered_set<std::string> seen;
  auto add = [&](std::string_view query) {
    std::string clean(strip(query));
    if (!clean.empty() && seen.insert(clean).second) out.push_back(std::move(clean));
  };
  const std::string valid = valid_utf8(text);
  if (std::string_view(valid).substr(0, valid.find('\n')).starts_with('{')) {
    auto lines = read_jsonl(valid, where);
    if (!lines) return std::unexpected(lines.error());
    for (const JsonlLine& line : lines->lines) {
      auto query = get_string(line.value, "query");
      if (!query) return fail(ErrorKind::data, "the line has no text \"query\"", where + ":" + std::to_string(line.line));
      add(*query);
    }
  } else {
    for (std::string_view line : split_lines(valid)) add(line);
  }
  if (out.empty()) return fail(ErrorKind::data, "the file holds no queries", where, "one a line, or JSON lines with \"query\"");
  return out;
}

std::vector<std::string> match_texts(const Pool& pool) {
  struct Prompts {
    std::set<std::string_view> distinct;
    std::size_t n = 0;
  };
  std::map<std::string_view, Prompts> of;
  for (const Entry& entry : pool.entries) {
    Prompts& prompts = of[entry.benchmark_name];
    prompts.distinct.insert(entry.prompt);
    ++prompts.n;
  }
  std::vector<std::string> out;
  for (const Entry& entry : pool.entries) {
    const Prompts& prompts = of[entry.benchmark_name];
    const bool generic = entry.benchmark_name == "SIQA" || prompts.distinct.size() == 1 || prompts.distinct.size() * 20 < prompts.n;
    out.push_back(generic && entry.context ? *entry.context + "\n" + entry.prompt : entry.prompt);
  }
  return out;
}

Mixture build_mixture(const Pool& pool, const std::vector<std::string>& queries, const MixtureWish& wish) {
  const std::vector<std::string> texts = match_texts(pool);
  std::vector<std::string_view> all(texts.begin(), texts.end());
  all.insert(all.end(), queries.begin(), queries.end());
  std::vector<SparseVector> vectors = lexical_embeddings(all);
  std::vector<SparseVector> query_vectors(std::make_move_iterator(vectors.begin() + static_cast<std::ptrdiff_t>(texts.size())), std::make_move_iterator(vectors.end()));
  vectors.resize(texts.size());
  std::vector<std::size_t> pool_words, query_words;
  for (const std::string& text : texts) pool_words.push_back(count_words(text));
  for (const std::string& text : queries) query_words.push_back(count_words(text));
  const std::vector<Match> matches = match_sparse(query_vectors, vectors, query_words, pool_words, wish.rules);
  Mixture out;
  for (const Match& match : matches) out.dropped += !match.entry;
  out.filled = fill(matches, pool.splits, wish.free_form, wish.multiple_choice, wish.seed, wish.dedupe);
  json::object record{{"format", "assay-mixture/1"},
                      {"seed", wish.seed},
                      {"embedding", "lexical"},
                      {"options", {{"max_length_ratio", wish.rules.max_length_ratio}, {"min_similarity", wish.rules.min_similarity}, {"dedupe", wish.dedupe},
                                   {"free_form", wish.free_form}, {"multiple_choice", wish.multiple_choice}}},
                      {"queries", queries.size()},
                      {"dropped", out.dropped},
                      {"pool", pool.entries.size()}};
  for (Split split : {Split::free_form, Split::multiple_choice}) {
    json::object entries;
    json::array lines;
    for (const auto& [query, entry] : split == Split::free_form ? out.filled.free_form : out.filled.multiple_choice) {
      json::object fields = pool.entries[entry].fields;
      fields.stable_erase("id");  // of its old file; the order of the others stays
      entries[std::to_string(entries.size())] = std::move(fields);
      lines.push_back({{"query_sha256", sha256_hex(queries[query])}, {"pool_id", pool.ids[entry]}, {"similarity", matches[query].similarity}});
    }
    (split == Split::free_form ? out.free_form : out.multiple_choice) = indented_json(entries) + "\n";
    record[name(split)] = std::move(lines);
  }
  out.record = indented_json(record) + "\n";
  return out;
}

}  // namespace assay::mixeval
