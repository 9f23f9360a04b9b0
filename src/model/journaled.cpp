#include "model/journaled.h"

#include <boost/asio/this_coro.hpp>
#include <set>
#include <unordered_map>

#include "base/async/event.h"

namespace assay {
namespace {

std::string identity_name(const ModelIdentity& identity) { return identity.label.empty() ? identity.text : identity.label; }

class Journaled final : public Model {
 public:
  Journaled(Model& inner, Journal& journal, const Clock& clock, JournaledOptions options)
      : inner_(inner), journal_(journal), clock_(clock), options_(std::move(options)) {
    if (options_.known_identity) identity_ = options_.known_identity;
  }

  Async<ModelIdentity> identify() override {
    if (!options_.known_identity) {
      Result<ModelIdentity> identity = co_await inner_.identify();
      if (!identity) co_return std::unexpected(identity.error());
      identity_ = std::move(*identity);
    }
    co_return *identity_;
  }

  Async<Response> answer(Query query) override {
    if (inner_.capabilities().recorded_by_origin) {
      Result<Response> recorded = co_await inner_.answer(std::move(query));
      if (recorded) note(*recorded);
      co_return recorded;
    }
    if (!identity_) co_return fail(ErrorKind::internal, "the model was asked before it was identified");
    std::string request = canonical_json(query.request);
    const Draw draw = query.draw;
    Key key = request_key(identity_->text, request, canonical_json(draw));

    std::shared_ptr<InFlight> mine;
    for (;;) {
      if (auto recorded = look_up(key, query.origin)) co_return std::move(*recorded);
      auto flying = in_flight_->find(key);
      if (flying == in_flight_->end()) break;
      // The same question is being asked: its answer is ours. When it was cancelled, the question is still open.
      std::shared_ptr<InFlight> theirs = flying->second;
      theirs->shared = true;
      co_await theirs->done.wait();
      if (theirs->result) co_return shared_answer(*theirs->result);
      auto state = co_await asio::this_coro::cancellation_state;  // ours has been told once, and ends nothing that we would begin now
      if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted while waiting for the same request");
    }
    mine = std::make_shared<InFlight>(co_await asio::this_coro::executor);
    in_flight_->emplace(key, mine);
    Landing landing{in_flight_, key, mine};  // whatever happens, nobody waits for ever

    Origin origin = query.origin;
    Result<Response> response = co_await inner_.answer(std::move(query));
    if (response) {
      response->key = key;
      response->from_journal = false;
    }
    bool about_the_model = response || (response.error().kind != ErrorKind::cancelled && response.error().kind != ErrorKind::missing);
    if (about_the_model) {
      store(key, std::move(request), draw, origin, response);
      if (mine->shared) mine->result = response;  // nobody can come any more: from here to the end nothing waits
    }
    co_return response;
  }

  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<Rendering> render(const Generate& request) const override { return inner_.render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return inner_.longest_answer(request); }
  /// Those of the answers that were replayed, too: a score that comes from the journal departs from what is official as it did when it was paid for.
  std::vector<std::string> deviations() const override {
    std::set<std::string> all = replayed_deviations_;
    for (std::string& one : inner_.deviations()) all.insert(std::move(one));
    return {all.begin(), all.end()};
  }
  json::object facts() const override { return inner_.facts(); }

 private:
  struct InFlight {
    explicit InFlight(asio::any_io_executor executor) : done(std::move(executor)) {}
    Event done;
    bool shared = false;                     // somebody waits for `result`
    std::optional<Result<Response>> result;  // empty when it was cancelled
  };
  using InFlightMap = std::unordered_map<Key, std::shared_ptr<InFlight>, KeyHash>;
  struct Landing {
    std::shared_ptr<InFlightMap> map;  // a coroutine that is dropped with its loop may outlive the model
    Key key;
    std::shared_ptr<InFlight> flight;
    ~Landing() {
      map->erase(key);
      flight->done.set();
    }
  };

  // What the journal says about the key, if that settles it.
  std::optional<Result<Response>> look_up(const Key& key, const Origin& origin) {
    Result<std::optional<Answer>> found = journal_.find(key);
    if (!found) return std::unexpected(found.error());
    if (!*found) {
      if (options_.policy == JournalPolicy::live) return std::nullopt;
      return fail(ErrorKind::missing, "the journal has no answer of " + identity_name(*identity_) + " for this request", "sample " + origin.sample,
                  "run the benchmark to ask for it; recorded answers are only replayed");
    }
    const Answer& answer = **found;
    if (answer.status == AnswerStatus::failed && options_.policy == JournalPolicy::live && options_.retry_failed) return std::nullopt;
    Result<json::value> value = parse_json(answer.response, "journal, answer " + key.hex());
    if (!value) return std::unexpected(value.error());
    if (answer.status == AnswerStatus::failed) return std::unexpected(error_from_json(*value));
    Result<Response> response = response_from_json(*value);
    if (!response) {
      Error error = response.error();
      error.where = "journal, answer " + key.hex();
      return std::unexpected(std::move(error));
    }
    note(*response);
    response->key = key;
    response->from_journal = true;
    return response;
  }

  void note(const Response& recorded) { replayed_deviations_.insert(recorded.deviations.begin(), recorded.deviations.end()); }

  // Somebody else paid for it, so for the usage of this unit it comes from the journal.
  static Result<Response> shared_answer(Result<Response> answer) {
    if (answer) answer->from_journal = true;
    return answer;
  }

  void store(const Key& key, std::string request, const Draw& draw, const Origin& origin, const Result<Response>& response) {
    Answer row;
    row.key = key;
    row.identity = identity_->text;
    row.request = std::move(request);
    row.draw = canonical_json(draw);
    row.origin = canonical_json(origin);
    row.status = response ? AnswerStatus::answered : AnswerStatus::failed;
    row.response = response ? compact_json(*response) : write_json(to_json(response.error()));
    row.created = clock_.unix_micros();
    journal_.put_answer(std::move(row));
  }

  Model& inner_;
  Journal& journal_;
  const Clock& clock_;
  JournaledOptions options_;
  std::optional<ModelIdentity> identity_;
  std::set<std::string> replayed_deviations_;
  std::shared_ptr<InFlightMap> in_flight_ = std::make_shared<InFlightMap>();
};

}  // namespace

std::unique_ptr<Model> make_journaled(Model& inner, Journal& journal, const Clock& clock, JournaledOptions options) {
  return std::make_unique<Journaled>(inner, journal, clock, std::move(options));
}

}  // namespace assay
