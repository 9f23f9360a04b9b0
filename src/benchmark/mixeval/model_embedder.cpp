// Vectors from words and from models: what embedder.h declares of them.
#include <unordered_map>

#include "base/text.h"
#include "benchmark/mixeval/ask_window.h"
#include "benchmark/mixeval/embedder.h"
#include "model/embedding.h"

namespace assay::mixeval {
namespace {

class LexicalEmbedder final : public Embedder {
 public:
  json::object facts() const override { return {{"kind", "lexical"}}; }
  Async<std::unique_ptr<EmbeddingTable>> embed(const std::vector<std::string_view>& texts, BuildProgress progress) override {
    if (progress) progress("counting words", 0, texts.size());
    std::unique_ptr<EmbeddingTable> table = make_sparse_table(lexical_embeddings(texts));
    if (progress) progress("counting words", texts.size(), texts.size());
    co_return table;
  }
};

class ModelEmbedder final : public Embedder {
 public:
  ModelEmbedder(Model& model, ModelEmbedderOptions options) : model_(model), options_(std::move(options)) {}

  json::object facts() const override {
    json::object out{{"kind", "model"}, {"model", options_.label}, {"identity", options_.identity.facts}};
    if (dimension_) out["dimension"] = static_cast<std::int64_t>(dimension_);
    if (options_.most_characters) out["most_characters"] = static_cast<std::int64_t>(options_.most_characters);
    if (cut_) out["texts_cut"] = static_cast<std::int64_t>(cut_);
    return out;
  }

  Async<std::unique_ptr<EmbeddingTable>> embed(const std::vector<std::string_view>& texts, BuildProgress progress) override {
    // Equal texts are asked for once, even of a model without a journal.
    std::unordered_map<std::string_view, std::size_t> first;
    std::vector<std::string_view> asked;
    std::vector<std::vector<std::uint32_t>> rows;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string_view text = options_.most_characters ? texts[i].substr(0, offset_of_code_point(texts[i], options_.most_characters)) : texts[i];
      if (text.empty()) continue;
      auto [it, fresh] = first.try_emplace(text, asked.size());
      if (fresh) {
        asked.push_back(text);
        rows.emplace_back();
      }
      rows[it->second].push_back(static_cast<std::uint32_t>(i));
    }
    if (asked.empty()) co_return fail(ErrorKind::data, "there is no text to embed");
    if (options_.recorded && options_.on_dimension)
      for (std::string_view text : asked)
        if (auto answer = options_.recorded(embedding_request({std::string(text)})))
          if (auto vector = vector_of(*answer)) {
            options_.on_dimension(vector->size());
            break;
          }
    std::unique_ptr<DenseTable> table;
    std::optional<Error> first_error;
    std::size_t errors = 0, done = 0;
    cut_ = 0;
    const std::function<Query(std::size_t)> make = [&](std::size_t i) {
      Query query;
      query.request = embedding_request({std::string(asked[i])});
      query.origin.benchmark = "mix";
      query.origin.sample = std::to_string(i);
      query.origin.role = "embedding";
      return query;
    };
    const std::function<bool(std::size_t, Result<Response>)> take = [&](std::size_t i, Result<Response> answer) {
      auto blame = [&](Error error) {
        ++errors;
        const bool ends = fatal_for_model(error.kind) || error.kind == ErrorKind::cancelled || error.kind == ErrorKind::unsupported;
        if (!first_error || (ends && !fatal_for_model(first_error->kind))) first_error = std::move(error);
        return !ends;
      };
      if (!answer) return blame(answer.error());
      auto vector = vector_of(answer->text);
      if (!vector) return blame(Error{ErrorKind::bad_response, options_.label + " gave no vector: " + vector.error().message, {}, "is it an embedding model?"});
      if (!table) {
        auto made = DenseTable::create(texts.size(), vector->size(), options_.table);
        if (!made) return blame(made.error());
        table = std::move(*made);
        dimension_ = vector->size();
        if (options_.on_dimension) options_.on_dimension(dimension_);
      }
      if (vector->size() != dimension_)
        return blame(Error{ErrorKind::identity, options_.label + " gave vectors of " + std::to_string(dimension_) + " and of " + std::to_string(vector->size()) + " numbers", {},
                           "another model stood behind this name for a while: name one of them apart with --model-id LABEL. Nothing was lost"});
      for (std::uint32_t row : rows[i]) table->set(row, *vector);
      cut_ += answer->finish == Finish::length;
      if (progress) progress("embedding", ++done, asked.size());
      return true;
    };
    AskWindow window{options_.window, options_.stopping};
    const std::size_t count = co_await ask_window(model_, asked.size(), window, make, take);
    if (first_error) {
      if (errors > 1) first_error->message += " (and " + std::to_string(errors - 1) + " more texts failed)";
      co_return fail(std::move(*first_error));
    }
    if (count < asked.size())
      co_return fail(ErrorKind::cancelled, "interrupted after " + std::to_string(done) + " of " + std::to_string(asked.size()) + " vectors", {}, "the same command goes on where it ended");
    if (auto sound = table->trouble(); !sound) co_return std::unexpected(sound.error());
    co_return std::unique_ptr<EmbeddingTable>(std::move(table));
  }

 private:
  Model& model_;
  const ModelEmbedderOptions options_;
  std::size_t dimension_ = 0, cut_ = 0;
};

}  // namespace

std::unique_ptr<Embedder> make_lexical_embedder() { return std::make_unique<LexicalEmbedder>(); }

std::unique_ptr<Embedder> make_model_embedder(Model& model, ModelEmbedderOptions options) { return std::make_unique<ModelEmbedder>(model, std::move(options)); }

}  // namespace assay::mixeval
