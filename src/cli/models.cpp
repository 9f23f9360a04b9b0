#include "cli/models.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/hosted_models.h"
#include "cli/hub.h"
#include "cli/launch.h"
#include "cli/made_model.h"
#include "cli/template_file.h"
#include "model/budget.h"
#include "model/client_pool.h"
#include "model/configured.h"
#include "model/embedding_batches.h"
#include "model/http/anthropic.h"
#include "model/http/gemini.h"
#include "model/http/llama_server.h"
#include "model/http/openai.h"
#include "model/limited.h"
#include "model/price_table.h"
#include "model/replay.h"
#include "model/retrying.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/llama_model.h"
#endif

namespace assay::cli {
namespace {

bool is_http(const ModelSpec& spec) { return spec.is_remote(); }

/// A provider's usual environment variable; "" for servers without one.
std::string usual_key(const ModelSpec& spec) {
  if (spec.backend == "openai") return "OPENAI_API_KEY";
  if (spec.backend == "anthropic") return "ANTHROPIC_API_KEY";
  if (spec.backend == "mistral") return "MISTRAL_API_KEY";
  if (spec.backend == "gemini") return "GEMINI_API_KEY";
  return hosted_key_variable(spec.backend);
}

std::optional<std::string> setting(const ModelSpec& spec, const std::string& key) {
  auto it = spec.settings.find(key);
  if (it == spec.settings.end()) return std::nullopt;
  return it->second;
}

/// A number >= least, or a usage error that names the setting.
Result<std::optional<double>> number_setting(const ModelSpec& spec, const std::string& key, double least) {
  auto text = setting(spec, key);
  if (!text) return std::optional<double>{};
  auto value = python_float(*text);
  if (!value || !(*value >= least)) return fail(ErrorKind::usage, key + " takes a number of at least " + fixed(least, 0) + ", not \"" + *text + "\"", spec.text);
  return value;
}

Duration seconds(double value) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value)); }

/// `reasoning=` in the words of each dialect (docs/model-specs.md).
json::object reasoning_members(const ModelSpec& spec) {
  auto level = setting(spec, "reasoning");
  if (!level) return {};
  int budget = *level == "off" ? 0 : *level == "low" ? 2048 : *level == "medium" ? 8192 : 24576;
  if (spec.backend == "gemini") {
    json::object thinking{{"thinkingBudget", budget}};
    if (budget > 0) thinking["includeThoughts"] = true;
    return {{"generationConfig", json::object{{"thinkingConfig", std::move(thinking)}}}};
  }
  if (spec.backend != "anthropic") return {{"reasoning_effort", *level == "off" ? "none" : *level}};
  if (*level == "off") return {{"thinking", json::object{{"type", "disabled"}}}};
  return {{"thinking", json::object{{"type", "enabled"}, {"budget_tokens", budget}}}};
}

Result<HttpModelOptions> http_options(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints) {
  HttpModelOptions out;
  out.base = spec.base;
  out.model = spec.name;
  out.label = spec.label();
  out.model_id = options.model_id;
  out.hints = std::move(hints);
  // A key goes to its own provider, or where the user says so: never to some other address by default.
  std::string source = setting(spec, "key_env").value_or("");
  if (source.empty() && spec.base.empty()) source = usual_key(spec);
  out.key_source = source.empty() ? "?key_env=NAME in the model spec" : source;
  if (!source.empty()) out.key = session.invocation().environment.secret(source);
  auto timeout = number_setting(spec, "timeout", 0);
  if (!timeout) return std::unexpected(timeout.error());
  if (spec.backend == "mistral") out.timeout = std::chrono::seconds(200);
  if (*timeout) out.timeout = seconds(**timeout);
  auto total = number_setting(spec, "total_timeout", 0);
  if (!total) return std::unexpected(total.error());
  if (*total) out.timeout = std::min(out.timeout, seconds(**total));  // of the probes, too
  out.extra = reasoning_members(spec);
  if (auto extra = setting(spec, "extra")) {
    auto members = parse_json(*extra, "extra");
    if (!members) return std::unexpected(members.error());
    if (members->is_object())
      for (const auto& member : members->get_object()) out.extra[member.key()] = member.value();
  }
  auto dimensions = number_setting(spec, "dimensions", 1);
  if (!dimensions) return std::unexpected(dimensions.error());
  if (*dimensions) out.extra["dimensions"] = static_cast<std::int64_t>(**dimensions);
  return out;
}

std::filesystem::path hash_cache(Session& session) {
  auto home = session.invocation().data_home();
  return home ? *home / "weights.json" : std::filesystem::path();
}

}  // namespace

Result<std::unique_ptr<Model>> make_http_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints) {
  auto http = http_options(session, spec, options, std::move(hints));
  if (!http) return std::unexpected(http.error());
  Clock& clock = session.timer().clock();
  if (is_hosted_backend(spec.backend)) return make_hosted_backend(session, spec, std::move(*http));
  if (spec.backend == "anthropic") return make_anthropic_model(std::move(*http), session.transport(), clock);
  if (spec.backend == "gemini") {
    if (spec.name.empty()) return fail(ErrorKind::usage, "the model has no name", spec.text, "write http://HOST?api=gemini#NAME");
    return make_gemini_model(std::move(*http), session.transport(), clock);
  }
  if (spec.backend == "llama.cpp") {
    LlamaServerOptions server;
    static_cast<HttpModelOptions&>(server) = std::move(*http);
    if (auto name = setting(spec, "template")) {
      auto read = read_template(session.invocation(), *name);
      if (!read) return std::unexpected(read.error());
      server.prompt_template = std::move(*read);
    }
    return make_llama_server_model(std::move(server), session.transport(), clock);
  }
  OpenAiOptions openai;
  static_cast<HttpModelOptions&>(openai) = std::move(*http);
  openai.backend = spec.backend;
  if (spec.backend == "mistral") openai.always = {{"stream", false}};
  if (spec.backend == "ooba") {
    openai.api = OpenAiApi::instruct;
    openai.instruction_template = setting(spec, "template").value_or("");
  }
  if (auto api = setting(spec, "api")) openai.api = *api == "completions" ? OpenAiApi::completions : OpenAiApi::chat;
  if (auto check = setting(spec, "echo_check")) openai.echo_check = *check == "on";
  if (auto bos = setting(spec, "bos")) openai.bos = *bos == "on";
  return make_openai_model(std::move(openai), session.transport(), clock);
}

namespace {

/// Each client has limits of its own: providers count by key and organisation.
Result<std::unique_ptr<Model>> make_clients_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, const LimitOptions* limits) {
  auto clients = read_clients(session, spec);
  if (!clients) return std::unexpected(clients.error());
  std::vector<PooledClient> pooled;
  for (const ClientConfig& client : *clients) {
    auto hints = std::make_shared<RateHints>();
    auto http = http_options(session, spec, options, hints);
    if (!http) return std::unexpected(http.error());
    auto backend = make_client_backend(session, spec, std::move(*http), client);
    if (!backend) return std::unexpected(backend.error());
    PooledClient& one = pooled.emplace_back();
    one.layers.push_back(std::move(*backend));
    if (!limits) continue;
    LimitOptions own = *limits;
    own.hints = hints;
    // "At most N in flight" is said of the model, not of each of its clients.
    if (options.concurrency || setting(spec, "concurrency")) own.max_in_flight = std::max<std::size_t>(1, limits->max_in_flight / clients->size());
    one.layers.push_back(make_limited(*one.layers.back(), session.timer(), own));
  }
  return make_client_pool(std::move(pooled), session.random());
}

/// `limits`: those of each client, where a spec names several.
Result<std::unique_ptr<Model>> make_asked_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints, const LimitOptions* limits = nullptr) {
  // Recorded: nobody is asked, and the keys' file need not be there any more.
  if (setting(spec, "clients") && options.policy != JournalPolicy::recorded) return make_clients_backend(session, spec, options, limits);
  if (spec.backend == "launch") return make_launched_backend(session, spec, options, std::move(hints));
  return make_http_backend(session, spec, options, std::move(hints));
}

}  // namespace

Result<std::unique_ptr<Model>> make_backend(Session& session, const ModelSpec& spec, const ModelOptions& options) {
  if (is_http(spec)) return make_asked_backend(session, spec, options, nullptr);
  if (spec.backend == "replay") return open_replay(spec);
  if (spec.backend == "baseline") return make_baseline(spec, options.baselines);
  if (spec.backend == "gguf") {
#ifdef ASSAY_WITH_LLAMA
    ModelSpec local = spec;
    if (auto made = make_named_model(session.invocation(), local); !made) return std::unexpected(made.error());
    if (auto found = find_hub_model(session.invocation(), local); !found) return std::unexpected(found.error());
    if (auto name = setting(spec, "template"); name && *name != "chatml" && *name != "raw") {
      auto path = find_template(session.invocation(), *name);
      if (!path) return std::unexpected(path.error());
      local.settings["template"] = path->string();
    }
    auto settings = llama_settings(local);
    if (!settings) return std::unexpected(settings.error());
    settings->hash_cache = hash_cache(session);
    return make_llama_model(*settings, session.timer().clock());
#else
    return fail(ErrorKind::unsupported, "this build has no GGUF engine", spec.text, "build with libllama (-DASSAY_LLAMA=ON), or serve the file and give http://...");
#endif
  }
  return fail(ErrorKind::usage, "no such back end: " + spec.backend, spec.text, "assay list providers");
}

std::filesystem::path price_file(Session& session) {
  auto home = session.invocation().data_home();
  return (home ? *home : std::filesystem::path()) / "prices.json";
}

namespace {

/// What the spec and the command line say of limits. Of several clients, each gets all of it: it is their provider's to refuse.
Result<void> add_limits(const ModelSpec& spec, const ModelOptions& options, LimitOptions& limits) {
  auto rpm = number_setting(spec, "rpm", 1), tpm = number_setting(spec, "tpm", 1);
  auto concurrency = number_setting(spec, "concurrency", 1), total = number_setting(spec, "total_timeout", 0);
  for (const auto* parsed : {&rpm, &tpm, &concurrency, &total})
    if (!*parsed) return std::unexpected(parsed->error());
  if (*rpm) limits.requests_per_minute = *rpm;
  if (*tpm) limits.tokens_per_minute = *tpm;
  if (*concurrency) limits.max_in_flight = static_cast<std::size_t>(**concurrency);
  if (options.concurrency) limits.max_in_flight = *options.concurrency;
  limits.max_is_chosen = *concurrency || options.concurrency;
  if (*total) limits.patience = seconds(**total);
  return {};
}

}  // namespace

Result<std::optional<TokenPrices>> prices_of(Session& session, const ModelSpec& spec) {
  if (!is_http(spec) || spec.backend == "launch") return std::optional(TokenPrices{});  // nobody sends a bill
  auto in = number_setting(spec, "price_in", 0), out = number_setting(spec, "price_out", 0);
  if (!in) return std::unexpected(in.error());
  if (!out) return std::unexpected(out.error());
  if (*in && *out) return std::optional(TokenPrices{**in, **out});
  PriceTable table = PriceTable::built_in();
  std::error_code code;
  if (const std::filesystem::path file = price_file(session); std::filesystem::exists(file, code)) {
    auto text = read_file(file, 1 << 20);
    if (!text) return std::unexpected(text.error());
    if (auto added = table.add(*text, file.string()); !added) return std::unexpected(added.error());
  }
  auto price = table.find(spec);
  if (!price) return std::optional<TokenPrices>();
  return std::optional(TokenPrices{in->value_or(price->in), out->value_or(price->out)});
}

Async<BuiltModel> build_model(Session& session, std::string spec_text, ModelOptions options) {
  auto spec = parse_model_spec(spec_text);
  if (!spec) co_return std::unexpected(spec.error());
  Result<bool> fetched = co_await fetch_hub_model(session, *spec);
  if (!fetched) co_return std::unexpected(fetched.error());
  BuiltModel built;
  bool recorded = options.policy == JournalPolicy::recorded;
  auto hints = std::make_shared<RateHints>();
  LimitOptions limits;
  limits.hints = hints;
  limits.stopping = [&stop = session.stop()] { return stop.level() > 0; };
  if (auto given = add_limits(*spec, options, limits); !given) co_return std::unexpected(given.error());
  auto backend = is_http(*spec) ? make_asked_backend(session, *spec, options, hints, &limits) : make_backend(session, *spec, options);
  if (!backend) co_return std::unexpected(backend.error());
  built.layers.push_back(std::move(*backend));
  bool by_origin = built.top().capabilities().recorded_by_origin;

  auto prices = prices_of(session, *spec);
  if (!prices) co_return std::unexpected(prices.error());
  Budget* budget = recorded || by_origin ? nullptr : session.budget();
  if (budget && !*prices)
    co_return fail(ErrorKind::usage, "--max-cost needs the price of " + spec->label(), spec->text,
                   "give ?price_in=USD&price_out=USD (for a million tokens), or a price in " + price_file(session).string());
  auto add_budget = [&] {
    if (budget) built.layers.push_back(make_budgeted(built.top(), *budget, **prices, session.timer().clock()));
  };

  std::function<void(const Attempt&)>* tries = nullptr;
  if (is_http(*spec)) {
    auto retries = number_setting(*spec, "retries", 0), total = number_setting(*spec, "total_timeout", 0);
    if (!retries) co_return std::unexpected(retries.error());
    if (!total) co_return std::unexpected(total.error());
    if (!setting(*spec, "clients") || recorded) built.layers.push_back(make_limited(built.top(), session.timer(), limits));
    add_budget();
    RetryOptions retry;
    if (*retries) retry.attempts = 1 + static_cast<int>(**retries);
    if (*total) retry.total = seconds(**total);
    // The identity is known only after the layers stand; attempts come later still.
    auto record = std::make_shared<std::function<void(const Attempt&)>>();
    tries = record.get();
    retry.stopping = limits.stopping;
    retry.on_attempt = [record](const Attempt& attempt) {
      if (*record) (*record)(attempt);
    };
    built.layers.push_back(make_retrying(built.top(), session.timer(), session.random(), std::move(retry)));
  } else if (auto total = number_setting(*spec, "total_timeout", 0); !total) {
    co_return std::unexpected(total.error());
  } else if (*total) {  // nothing to try again, but a deadline to keep
    built.layers.push_back(make_retrying(built.top(), session.timer(), session.random(), {.attempts = 1, .total = seconds(**total)}));
  }
  if (options.embedding_batches && is_http(*spec)) {
    auto batches = make_embedding_batches(built.top(), *options.embedding_batches);
    built.batches = batches.get();
    built.layers.push_back(std::move(batches));
  }
  JournaledOptions journaled;
  journaled.policy = options.policy;
  journaled.retry_failed = options.retry_failed;
  if (!by_origin) journaled.known_identity = options.known_identity;
  built.layers.push_back(make_journaled(built.top(), session.journal(), session.timer().clock(), std::move(journaled)));
  auto configured = make_configured(built.top(), *spec);
  if (!configured) co_return std::unexpected(configured.error());
  built.layers.push_back(std::move(*configured));

  // A live back end learns from the probe what to ask for, even where its identity is known already.
  if (options.known_identity && !recorded)
    if (auto probed = co_await built.layers[0]->identify(); !probed) co_return std::unexpected(probed.error());
  auto identity = co_await built.top().identify();
  if (!identity) co_return std::unexpected(identity.error());
  if (tries) *tries = journal_tries(session.journal(), identity->text);
  built.role.label = !options.model_id.empty() && is_http(*spec) ? options.model_id : identity->label.empty() ? spec->label() : identity->label;
  built.role.spec = spec->text;
  built.role.model = &built.top();
  built.role.identity = *identity;
  if (*prices) {
    built.role.price_in = (*prices)->in;
    built.role.price_out = (*prices)->out;
  }
  co_return built;
}

}  // namespace assay::cli
