#include "model/embedding_batches.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/event.h"
#include "model/embedding.h"

namespace assay {
namespace {

struct Batch {
  explicit Batch(asio::any_io_executor executor) : done(std::move(executor)) {}
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  bool closed = false;  // nobody joins any more
  std::vector<Result<Response>> answers;
  Event done;
};

// The shares add up to the whole: the first ones get what division leaves over.
std::optional<std::int64_t> share(const std::optional<std::int64_t>& whole, std::size_t i, std::size_t n) {
  if (!whole) return std::nullopt;
  const auto count = static_cast<std::int64_t>(n);
  return *whole / count + (static_cast<std::int64_t>(i) < *whole % count ? 1 : 0);
}

class Batched final : public EmbeddingBatches {
 public:
  Batched(Model& inner, BatchOptions options) : inner_(inner), options_(options) {}

  Async<ModelIdentity> identify() override { return inner_.identify(); }
  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<Rendering> render(const Generate& request) const override { return inner_.render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return inner_.longest_answer(request); }
  std::vector<std::string> deviations() const override { return inner_.deviations(); }
  json::object facts() const override {
    json::object out = inner_.facts();
    if (batches_) out["embedding_batches"] = json::object{{"requests", batches_}, {"texts", texts_}};
    return out;
  }
  void expect_dimension(std::size_t dimension) override { dimension_ = dimension; }

  Async<Response> answer(Query query) override {
    Generate* generate = std::get_if<Generate>(&query.request);
    if (!generate || !is_embedding_request(*generate) || generate->messages.size() != 1) return inner_.answer(std::move(query));
    return join(std::move(query));
  }

 private:
  struct Landing {
    std::shared_ptr<Batch>& open;
    std::shared_ptr<Batch> batch;
    ~Landing() {
      batch->closed = true;
      if (open == batch) open.reset();
      batch->done.set();
    }
  };

  Async<Response> join(Query query) {
    std::string& text = std::get<Generate>(query.request).messages.front().content;
    auto executor = co_await asio::this_coro::executor;
    if (open_ && open_->bytes + text.size() > options_.bytes) open_->closed = true;
    if (open_ && open_->closed) open_.reset();
    const bool leads = !open_;
    if (leads) open_ = std::make_shared<Batch>(executor);
    std::shared_ptr<Batch> batch = open_;
    const std::size_t place = batch->texts.size();
    batch->bytes += text.size();
    batch->texts.push_back(std::move(text));
    if (batch->texts.size() >= options_.texts) {
      batch->closed = true;
      open_.reset();
    }
    if (leads) {
      Landing landing{open_, batch};
      // Whoever is about to ask in this turn of the loop joins; twice, as some are woken by others.
      for (int turn = 0; turn < 2 && !batch->closed; ++turn) co_await asio::post(executor, asio::use_awaitable);
      batch->closed = true;
      if (open_ == batch) open_.reset();
      batch->answers.assign(batch->texts.size(), fail(ErrorKind::cancelled, "the request was cancelled"));
      co_await ask(*batch, 0, batch->texts.size(), query);
    } else {
      co_await batch->done.wait();
    }
    if (place >= batch->answers.size()) co_return fail(ErrorKind::cancelled, "the request was cancelled");
    co_return batch->answers[place];
  }

  Task<void> ask(Batch& batch, std::size_t from, std::size_t to, const Query& like) {
    Query query;
    query.draw = like.draw;
    query.origin = like.origin;
    query.deadline = like.deadline;
    query.request = embedding_request({batch.texts.begin() + static_cast<std::ptrdiff_t>(from), batch.texts.begin() + static_cast<std::ptrdiff_t>(to)});
    ++batches_;
    texts_ += static_cast<std::int64_t>(to - from);
    Result<Response> whole = co_await inner_.answer(std::move(query));
    if (!whole && whole.error().kind == ErrorKind::bad_request && to - from > 1) {
      const std::size_t middle = from + (to - from) / 2;
      co_await ask(batch, from, middle, like);
      co_await ask(batch, middle, to, like);
      co_return;
    }
    auto all = [&](const Error& error) {
      for (std::size_t i = from; i < to; ++i) batch.answers[i] = fail(error);
    };
    if (!whole) {
      all(whole.error());
      co_return;
    }
    auto vectors = vectors_of(whole->text, to - from);
    if (!vectors) {
      all(Error{ErrorKind::bad_response, vectors.error().message});
      co_return;
    }
    const std::size_t dimension = vectors->front().size();
    if (!dimension_) dimension_ = dimension;
    if (dimension != dimension_) {
      all(Error{ErrorKind::identity, "the embedding model answers with vectors of " + std::to_string(dimension) + " numbers, and those that are here already have " + std::to_string(dimension_),
                {}, "another model stands behind this name: start the one that began, or name the new one apart with --model-id LABEL. No vector was lost"});
      co_return;
    }
    for (std::size_t i = from; i < to; ++i) {
      Response one;
      one.text = vector_text((*vectors)[i - from]);
      one.finish = Finish::stop;
      one.finish_raw = whole->finish_raw;
      one.latency = whole->latency;
      one.model_reported = whole->model_reported;
      one.usage.input_tokens = share(whole->usage.input_tokens, i - from, to - from);
      one.usage.output_tokens = share(whole->usage.output_tokens, i - from, to - from);
      batch.answers[i] = std::move(one);
    }
  }

  Model& inner_;
  const BatchOptions options_;
  std::size_t dimension_ = 0;
  std::shared_ptr<Batch> open_;
  std::int64_t batches_ = 0, texts_ = 0;
};

}  // namespace

std::unique_ptr<EmbeddingBatches> make_embedding_batches(Model& inner, BatchOptions options) { return std::make_unique<Batched>(inner, options); }

}  // namespace assay
