// Vectors that were made elsewhere: what embedder.h declares of them.
#include <cmath>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/mixeval/embedder.h"
#include "dataset/jsonl.h"
#include "model/embedding.h"

namespace assay::mixeval {
namespace {

class VectorFile final : public Embedder {
 public:
  VectorFile(std::unordered_map<std::string, Vector> vectors, std::string where, std::string sum, DenseOptions table)
      : vectors_(std::move(vectors)), where_(std::move(where)), sum_(std::move(sum)), table_(std::move(table)) {}

  json::object facts() const override { return {{"kind", "file"}, {"file", where_}, {"sha256", sum_}, {"dimension", vectors_.begin()->second.size()}}; }

  Async<std::unique_ptr<EmbeddingTable>> embed(const std::vector<std::string_view>& texts, BuildProgress progress) override {
    auto table = DenseTable::create(texts.size(), vectors_.begin()->second.size(), table_);
    if (!table) co_return std::unexpected(table.error());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (progress && i % 1024 == 0) progress("reading vectors", i, texts.size());
      if (texts[i].empty()) continue;
      auto found = vectors_.find(sha256_hex(texts[i]));
      if (found == vectors_.end())
        co_return fail(ErrorKind::data, "the file holds no vector of \"" + shorten(texts[i], 60) + "\"", where_, "every match text and every query needs one; --match-text says what is matched");
      (*table)->set(i, found->second);
    }
    if (auto sound = (*table)->trouble(); !sound) co_return std::unexpected(sound.error());
    co_return std::unique_ptr<EmbeddingTable>(std::move(*table));
  }

 private:
  const std::unordered_map<std::string, Vector> vectors_;  // by the text's SHA-256
  const std::string where_, sum_;
  const DenseOptions table_;
};

}  // namespace

Result<std::unique_ptr<Embedder>> read_vector_file(std::string_view text, const std::string& where, DenseOptions table) {
  auto lines = read_jsonl(text, where);
  if (!lines) return std::unexpected(lines.error());
  if (lines->half_written) return std::unexpected(lines->half_written->error);
  std::unordered_map<std::string, Vector> vectors;
  std::size_t dimension = 0;
  for (const JsonlLine& line : lines->lines) {
    const std::string at = where + ":" + std::to_string(line.line);
    auto of = get_string(line.value, "text"), sum = get_string(line.value, "sha256");
    const json::value* list = find(line.value, "vector");
    if ((!of && !sum) || !list || !list->is_array() || list->get_array().empty() || list->get_array().size() > kMostDimensions)
      return fail(ErrorKind::data, "the line is not {\"text\": ..., \"vector\": [...]}", at, "in place of the text its SHA-256 will do: {\"sha256\": ..., \"vector\": [...]}");
    Vector vector;
    for (const json::value& one : list->get_array()) {
      auto number = as_number(one);
      if (!number || !std::isfinite(*number)) return fail(ErrorKind::data, "the vector holds something that is no finite number", at);
      vector.push_back(*number);
    }
    if (!dimension) dimension = vector.size();
    if (vector.size() != dimension)
      return fail(ErrorKind::data, "the vector has " + std::to_string(vector.size()) + " numbers, those before it have " + std::to_string(dimension), at);
    vectors.try_emplace(of ? sha256_hex(*of) : lower(*sum), std::move(vector));
  }
  if (vectors.empty()) return fail(ErrorKind::data, "the file holds no vectors", where);
  return std::unique_ptr<Embedder>(std::make_unique<VectorFile>(std::move(vectors), where, sha256_hex(text), std::move(table)));
}

}  // namespace assay::mixeval
