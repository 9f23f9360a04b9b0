#include "run/runner.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <exception>
#include <list>
#include <unordered_set>

#include "base/async/event.h"
#include "run/judge_fingerprint.h"
#include "run/look_back.h"
#include "run/stored_report.h"
#include "run/unit_results.h"

namespace assay {
namespace {

constexpr std::size_t kDefaultWindow = 64;
constexpr std::size_t kHeldSample = 6 << 10;  // about what a sample's values and evidence take in memory

/// Everything the coroutines of one run share. Lives on the frame of run(); single-threaded.
struct RunState {
  RunPlan plan;
  RunnerSeams seams;
  std::string id;
  std::size_t total = 0;
  std::size_t next = 0;
  bool replaying = false;           // `next` is in the second round
  LookBack before;
  std::vector<std::size_t> outrun;  // units to be evaluated once more, from the journal
  bool revising = false;            // those alone
  std::size_t since_turn = 0;       // units ended since the loop last had its turn
  std::size_t done = 0;
  std::size_t earlier = 0, replayed = 0;  // units that an earlier run finished, and those of `done` among them
  std::size_t in_flight = 0;
  std::size_t window = 0;
  Counts counts;
  UsageTotals usage;
  bool priced = false;
  std::optional<Error> stopped;
  Instant started{};
  Instant shown{};

  bool stopping() const { return stopped || seams.stop.level() > 0; }

  /// The next unit: first those that no earlier run has finished, so that new requests leave at once; then the others, which the
  /// journal answers. Results are read in plan order, so the order of evaluation changes no number. A run that stops still takes the
  /// others, which cost nothing: its report is of everything that there is.
  std::optional<std::size_t> take() {
    if (revising) {
      if (outrun.empty()) return std::nullopt;
      const std::size_t ordinal = outrun.back();
      outrun.pop_back();
      return ordinal;
    }
    if (seams.stop.level() > 1) return std::nullopt;
    if (stopping() && !replaying) next = total;
    for (;;) {
      for (; next < total; ++next)
        if (before.has_finished(next) == replaying) return next++;
      if (replaying || before.finished.empty()) return std::nullopt;
      replaying = true;
      next = 0;
    }
  }

  void count_usage(const Role& role, const Response& response) {
    if (revising && response.from_journal) return;  // it was counted when it was asked
    ++usage.requests;
    if (response.from_journal) ++usage.from_journal;
    auto in = static_cast<std::uint64_t>(response.usage.input_tokens.value_or(0));
    auto out = static_cast<std::uint64_t>(response.usage.output_tokens.value_or(0));
    usage.input_tokens += in;
    usage.output_tokens += out;
    usage.reasoning_tokens += static_cast<std::uint64_t>(response.usage.reasoning_tokens.value_or(0));
    if (!response.from_journal && role.price_in && role.price_out) {
      priced = true;
      usage.usd = usage.usd.value_or(0) + (static_cast<double>(in) * *role.price_in + static_cast<double>(out) * *role.price_out) / 1e6;
    }
  }

  double shared_tokens() const {
    auto it = plan.roles.find("model");
    if (it == plan.roles.end() || !it->second.model->capabilities().loglikelihood) return 0;
    const json::object facts = it->second.model->facts();
    const json::value* scoring = facts.if_contains("loglikelihood");
    return scoring ? get_number(*scoring, "tokens_saved").value_or(0) : 0;
  }

  void show(bool finished) {
    if (!seams.progress) return;
    Instant now = seams.timer.clock().now();
    if (!finished && now - shown < std::chrono::milliseconds(100)) return;
    shown = now;
    Progress p;
    p.benchmark = plan.benchmark;
    if (auto it = plan.roles.find("model"); it != plan.roles.end()) p.model = it->second.label;
    p.total = total;
    p.done = done - replayed + earlier;
    p.earlier = earlier;
    p.in_flight = in_flight;
    p.window = window;
    p.counts = counts;
    p.shared_tokens = shared_tokens();
    p.usage = usage;
    p.seconds = std::chrono::duration<double>(now - started).count();
    p.finished = finished;
    if (seams.stop.level() > 0) p.note = "stopping: waiting for the answers in flight (Ctrl-C again to drop them)";
    seams.progress(p);
  }
};

class Context final : public UnitContext {
 public:
  Context(RunState& state, const Unit& unit, int epoch) : state_(state), unit_(unit), epoch_(epoch) {}

  Async<Response> ask(std::string_view role_name, std::string_view sample, Request request) override {
    auto role = state_.plan.roles.find(std::string(role_name));
    if (role == state_.plan.roles.end())
      co_return fail(ErrorKind::internal, "the benchmark asked for a role that the run does not have: " + std::string(role_name));
    if (state_.seams.stop.level() > 1) co_return fail(ErrorKind::cancelled, "interrupted");
    int ask = count(role->second);
    Query query;
    query.request = std::move(request);
    query.draw = {unit_.iteration, ask, epoch_};
    query.origin = {state_.plan.benchmark, "", std::string(sample), role->first, unit_.iteration, ask};
    Result<Response> response = co_await role->second.model->answer(std::move(query));
    if (response) {
      keys_.push_back(response->key);
      state_.count_usage(role->second, *response);
    } else if (response.error().kind != ErrorKind::missing && response.error().kind != ErrorKind::cancelled) {
      ++state_.usage.requests;
    }
    co_return response;
  }

  std::vector<Key> take_keys() { return std::move(keys_); }
  int epoch() const { return epoch_; }

 private:
  /// How many requests went to that role before this one.
  int count(const Role& role) {
    for (auto& [known, asked] : asks_)
      if (known == &role) return asked++;
    asks_.emplace_back(&role, 1);
    return 0;
  }

  RunState& state_;
  const Unit& unit_;
  int epoch_;
  std::vector<std::pair<const Role*, int>> asks_;
  std::vector<Key> keys_;
};

UnitResult without_answer(const RunState& state, std::size_t ordinal, Outcome outcome, const Error& error) {
  UnitResult result;
  for (std::string& sample : state.plan.evaluation->samples_of(ordinal)) {
    SampleResult r;
    r.sample = std::move(sample);
    r.outcome = outcome;
    r.reason = to_string(error);
    result.samples.push_back(std::move(r));
  }
  return result;
}

Task<void> evaluate_unit(RunState& state, std::size_t ordinal) {
  Unit unit = state.plan.evaluation->unit(ordinal);
  Context context(state, unit, state.before.epoch_of(ordinal));
  Result<UnitResult> result;
  const auto refused = state.plan.refused.empty() ? state.plan.refused.end() : state.plan.refused.find(state.plan.evaluation->task_of(ordinal));
  if (refused != state.plan.refused.end()) {
    result = without_answer(state, ordinal, Outcome::failed, refused->second);
  } else {
    result = co_await state.plan.evaluation->evaluate(ordinal, context);
  }
  if (!result) {
    const Error error = result.error();
    // What the caller or the program got wrong will not come right with the next unit either.
    bool hopeless = error.kind == ErrorKind::usage || error.kind == ErrorKind::unsupported || error.kind == ErrorKind::internal;
    bool fatal = hopeless || fatal_for_model(error.kind);
    if (fatal && !state.stopped) state.stopped = error;
    bool ended = fatal || error.kind == ErrorKind::cancelled;
    if (ended && !state.revising) co_return;  // no row: it is asked again next time
    result = without_answer(state, ordinal, ended || error.kind == ErrorKind::missing ? Outcome::missing : Outcome::failed, error);
  }
  Outcome worst = Outcome::scored;
  for (const SampleResult& sample : result->samples) {
    if (!state.revising) state.counts.add(sample.outcome, sample.cut);
    if (sample.outcome != Outcome::scored) worst = sample.outcome;
  }
  UnitRow row;
  row.run = state.id;
  row.ordinal = static_cast<std::int64_t>(ordinal);
  row.unit = unit.id;
  row.iteration = unit.iteration;
  row.epoch = context.epoch();
  row.keys = context.take_keys();
  row.outcome = std::string(name(worst));
  // Written out by the journal's thread: this one has the next answer to read.
  take_prompts(*result, *state.plan.evaluation, ordinal);
  row.held = sizeof(UnitResult) + result->samples.size() * kHeldSample;
  row.make_result = [kept = std::make_shared<const UnitResult>(std::move(*result))] { return stored_json(*kept); };
  state.seams.journal.put_unit(std::move(row));
  if (state.revising) co_return;
  ++state.done;
  if (state.before.has_finished(ordinal)) ++state.replayed;
}

/// "a, b and 55 more cannot be run with this model".
std::string refused_text(const RunPlan& plan) {
  constexpr std::size_t kNamed = 3;
  const std::vector<TaskNeed> needs = plan.evaluation->needs();
  std::string out;
  std::size_t named = 0;
  for (const auto& [task, error] : plan.refused)
    if (task < needs.size() && named++ < kNamed) out += (out.empty() ? "" : ", ") + needs[task].task;
  if (named > kNamed) out += " and " + std::to_string(named - kNamed) + " more";
  return out + " cannot be run with this model";
}

/// Takes the next unit until there is none. The window is the number of workers: never all requests at once.
Task<void> worker(RunState& state) {
  constexpr std::size_t kTurn = 64;
  co_await asio::this_coro::throw_if_cancelled(false);
  while (std::optional<std::size_t> ordinal = state.take()) {
    ++state.in_flight;
    co_await evaluate_unit(state, *ordinal);
    --state.in_flight;
    state.show(false);
    // What the journal answers never waits: let sockets, timers and Ctrl-C have their turn.
    if (++state.since_turn < kTurn) continue;
    state.since_turn = 0;
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
  }
}

Task<void> ticker(RunState& state, Event& over) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!over.is_set()) {
    co_await state.seams.timer.sleep(std::chrono::milliseconds(250));
    if (!over.is_set()) state.show(false);
  }
}

/// Takes units, as many at a time as the window has places, until there are none. Rethrows what a bug threw.
Task<void> evaluate_units(RunState& state) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto executor = co_await asio::this_coro::executor;
  Event over(executor), ticked(executor);
  std::size_t alive = state.window;
  std::exception_ptr bug;
  std::list<asio::cancellation_signal> signals;
  auto previous = state.seams.stop.on_request;
  state.seams.stop.on_request = [&](int level) {
    if (level > 1)
      for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
    state.show(false);
    if (previous) previous(level);
  };
  for (std::size_t i = 0; i < state.window; ++i) {
    signals.emplace_back();
    asio::co_spawn(executor, worker(state), asio::bind_cancellation_slot(signals.back().slot(), [&](const std::exception_ptr& error) {
                     if (error && !bug) {
                       bug = error;
                       state.stopped = Error{ErrorKind::internal, "a bug ended the run"};
                     }
                     if (--alive == 0) over.set();
                   }));
  }
  asio::cancellation_signal stop_ticker;
  asio::co_spawn(executor, ticker(state, over), asio::bind_cancellation_slot(stop_ticker.slot(), [&](const std::exception_ptr&) { ticked.set(); }));
  co_await over.wait();
  stop_ticker.emit(asio::cancellation_type::terminal);
  co_await ticked.wait();
  state.seams.stop.on_request = previous;
  if (bug) std::rethrow_exception(bug);
}

/// Fills `outrun`: the units that rest on answers which the journal did not keep, since another process with the same plan was faster.
Result<void> find_outrun(RunState& state) {
  if (auto flushed = state.seams.journal.flush(); !flushed) return flushed;
  const std::vector<Key> keys = state.seams.journal.take_outrun();
  if (keys.empty()) return {};
  const std::unordered_set<Key, KeyHash> lost(keys.begin(), keys.end());
  return state.seams.journal.for_each_unit(state.id, [&](const UnitRow& row) {
    if (std::any_of(row.keys.begin(), row.keys.end(), [&](const Key& key) { return lost.contains(key); }))
      state.outrun.push_back(static_cast<std::size_t>(row.ordinal));
    return true;
  });
}

std::size_t choose_window(const RunPlan& plan) {
  if (plan.window > 0) return plan.window;
  std::size_t wish = 0;
  for (const auto& [name, role] : plan.roles) wish = std::max(wish, role.model->capabilities().max_in_flight);
  return wish > 0 ? wish : kDefaultWindow;
}

Report assemble(const RunState& state) {
  Report report;
  report.assay = state.seams.version;
  report.run = state.id;
  report.benchmark = state.plan.benchmark;
  report.edition = state.plan.edition;
  report.created = utc_text(state.seams.timer.clock().unix_micros());
  report.total.name = state.plan.benchmark;
  report.usage = state.usage;
  report.usage.seconds = std::chrono::duration<double>(state.seams.timer.clock().now() - state.started).count();
  report.deviates = state.plan.deviates;
  json::object roles, models;
  for (const auto& [name, role] : state.plan.roles) {
    report.roles[name] = role.label;
    roles[name] = {{"spec", role.spec}, {"label", role.label}, {"identity", role.identity.facts}};
    if (json::object facts = role.model->facts(); !facts.empty()) models[name] = std::move(facts);
    for (const std::string& deviation : role.model->deviations())
      if (std::find(report.deviates.begin(), report.deviates.end(), deviation) == report.deviates.end()) report.deviates.push_back(deviation);
  }
  report.manifest = state.plan.evaluation->manifest();
  report.manifest["assay"] = state.seams.version;
  report.manifest["roles"] = std::move(roles);
  report.manifest["settings"] = state.plan.settings;
  if (!models.empty()) report.manifest["models"] = std::move(models);
  add_judge_fingerprints(report.manifest, state.plan.roles);
  return report;
}

}  // namespace

Async<RunResult> run(RunPlan plan, RunnerSeams seams) {
  co_await asio::this_coro::throw_if_cancelled(false);
  RunState state{.plan = std::move(plan), .seams = std::move(seams)};
  state.id = make_ulid(state.seams.timer.clock().unix_micros(), state.seams.random.next(), state.seams.random.next());
  state.total = state.plan.evaluation->unit_count();
  state.started = state.seams.timer.clock().now();
  state.window = std::max<std::size_t>(1, std::min(choose_window(state.plan), state.total));

  RunRow row;
  row.id = state.id;
  row.created = state.seams.timer.clock().unix_micros();
  row.plan_hash = plan_hash(state.plan);
  row.status = "running";
  json::object described{{"benchmark", state.plan.benchmark}, {"edition", state.plan.edition}, {"settings", state.plan.settings}, {"invocation", state.plan.invocation}, {"units", state.total}};
  json::object& roles = described["roles"].emplace_object();
  for (const auto& [name, role] : state.plan.roles) roles[name] = {{"spec", role.spec}, {"label", role.label}, {"identity", role.identity.facts}};
  if (!state.seams.process.empty()) described["process"] = state.seams.process;
  if (!state.plan.scores.empty()) described["scores"] = state.plan.scores;
  if (state.plan.retry == RetryWhat::everything) described["retry"] = "everything";
  auto before = look_back(state.plan, state.seams.journal);
  if (!before) co_return std::unexpected(before.error());
  state.before = std::move(*before);
  state.earlier = static_cast<std::size_t>(std::count(state.before.finished.begin(), state.before.finished.end(), true));
  if (!state.before.continues.empty()) described["continues"] = state.before.continues;
  if (state.before.base_epoch > 0) described["epoch"] = state.before.base_epoch;
  row.plan = write_json(described);
  if (auto created = state.seams.journal.create_run(row); !created) co_return std::unexpected(created.error());

  co_await evaluate_units(state);
  for (state.revising = true;;) {
    if (auto found = find_outrun(state); !found) co_return std::unexpected(found.error());
    if (state.outrun.empty()) break;
    co_await evaluate_units(state);
  }

  RunResult out;
  if (state.seams.stop.level() > 0 && state.done < state.total && !state.stopped) state.stopped = Error{ErrorKind::cancelled, "interrupted"};
  out.stopped = state.stopped;
  out.report = assemble(state);
  out.results = journal_results(state.seams.journal, state.id, state.plan.evaluation);
  if (auto finished = state.plan.evaluation->finish(*out.results, out.report); !finished) co_return std::unexpected(finished.error());
  if (!state.plan.refused.empty() && out.report.status != "complete") out.report.reason += (out.report.reason.empty() ? "" : "; ") + refused_text(state.plan);
  if (state.stopped) {
    out.report.status = "incomplete";
    out.report.reason = state.stopped->message;
  }
  std::string status = out.report.status;
  if (state.stopped && state.stopped->kind == ErrorKind::cancelled) status = "interrupted";
  if (auto published = state.seams.journal.finish_run(state.id, status, stored_json(out.report)); !published)
    co_return std::unexpected(published.error());
  state.show(true);
  co_return out;
}

}  // namespace assay
