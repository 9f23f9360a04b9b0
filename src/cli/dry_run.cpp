#include "cli/dry_run.h"

#include <fmt/core.h>

#include <cmath>

#include "base/text.h"
#include "cli/models.h"
#include "cli/task_abilities.h"
#include "run/display.h"
#include "run/jsonl.h"

namespace assay::cli {
namespace {

/// Bounds of what a text costs without its tokenizer: English runs at about four characters a token, CJK at about one.
struct Tokens {
  double least = 0, likely = 0, most = 0;
  void add_text(std::string_view text) {
    auto points = static_cast<double>(count_code_points(text));
    auto bytes = static_cast<double>(text.size());
    least += points / 6;
    likely += points / 4 + (bytes - points) / 3;
    most += std::max(points / 2, bytes / 2);
  }
  void add_exact(double n) {
    least += n;
    likely += n;
    most += n;
  }
};

std::string prompt_text(const Generate& request) {
  std::string out = request.prompt;
  for (const Message& message : request.messages) out += message.content;
  return out;
}

/// Tasks by what they need and whether the model can do it, as far as that is known without asking anybody.
struct DryTasks {
  json::array rows;
  std::string text;
};
DryTasks dry_tasks(const Evaluation& evaluation, const Model& model, bool endpoint) {
  DryTasks out;
  const std::vector<TaskNeed> needs = evaluation.needs();
  const std::vector<Ability> abilities = task_abilities(needs, model.capabilities(), endpoint);
  std::vector<std::string> cannot, maybe;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    const Ability able = abilities[i];
    out.rows.push_back(json::object{{"task", needs[i].task}, {"needs", json::string(need_name(needs[i].need))},
                                    {"can", able == Ability::maybe ? json::value(nullptr) : json::value(able == Ability::yes)}});
    if (able == Ability::no) cannot.push_back(visible_line(needs[i].task));
    if (able == Ability::maybe) maybe.push_back(visible_line(needs[i].task));
  }
  auto line = [&](const char* title, const std::vector<std::string>& tasks, const char* why) {
    if (tasks.empty()) return;
    std::vector<std::string> shown(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(tasks.size(), 6)));
    out.text += fmt::format("  {:<10} {}{} ({})\n", title, join(shown, ", "), tasks.size() > shown.size() ? fmt::format(" and {} more", tasks.size() - shown.size()) : "", why);
  };
  line("cannot do", cannot, "this model gives no such log-likelihoods");
  line("to check", maybe, "before the run starts, the server is asked whether its log-likelihoods mean anything");
  return out;
}

/// A model that a run would ask: what can be said of it without asking.
struct DryModel {
  std::string role, spec;
  std::optional<TokenPrices> prices;  // nothing: unknown
  std::unique_ptr<Model> backend;
  bool remote = false, counts_tokens = false;
  bool costs() const { return !prices || prices->in > 0 || prices->out > 0; }
};

Result<DryModel> dry_model(Session& session, const std::string& role, const std::string& text, const Evaluation& evaluation) {
  auto spec = parse_model_spec(text);
  if (!spec) return std::unexpected(spec.error());
  auto prices = prices_of(session, *spec);
  if (!prices) return std::unexpected(prices.error());
  ModelOptions options;
  options.baselines = evaluation.baselines();
  auto backend = make_backend(session, *spec, options);
  if (!backend) return std::unexpected(backend.error());
  // Only back ends that live in this process may be asked who they are: nothing leaves the machine in a dry run.
  if (spec->backend == "gguf" || spec->backend == "replay" || spec->backend == "baseline") {
    auto identity = session.complete((*backend)->identify());
    if (!identity) return std::unexpected(identity.error());
  }
  return DryModel{role, text, *prices, std::move(*backend), spec->is_remote() || spec->backend == "launch", spec->backend == "gguf"};
}

/// How many requests there would be, by what benchmarks say of those that depend on an answer: "judge of ..." is the judge's first, and "... again, ..." may
/// come any number of times.
struct DryRequests {
  std::size_t model = 0, model_more = 0;  // known beforehand; possible besides
  std::size_t judge = 0;                  // one for each answer
  bool model_bounded = true, bounded = true;
  void add_pending(const std::string& what, bool has_judge) {
    const bool again = contains(what, " again, "), judges = has_judge && what.starts_with("judge of");
    if (again) bounded = false;
    if (judges && !again) ++judge;
    if (!judges && again) model_bounded = false;
    if (!judges && !again) ++model_more;
  }
  double rounds_most() const { return model ? 1 + static_cast<double>(model_more) / static_cast<double>(model) : 1; }
  std::string text(bool has_judge) const {
    const std::string end = bounded ? "" : "; no upper bound: what cannot be used is asked again";
    if (has_judge) return fmt::format("{} of the model known beforehand, {} of the judge if all is well{}", model + model_more, judge, end);
    if (!bounded) return fmt::format("{} known beforehand{}", model, end);
    return fmt::format("{} known beforehand, at most {} (the rest depends on answers)", model, model + model_more);
  }
};

std::string money(const std::optional<TokenPrices>& prices, double input, double output) {
  if (!prices) return "unknown";
  return display_money((input * prices->in + output * prices->out) / 1e6);
}

}  // namespace

Result<DryRunResult> dry_run(Session& session, const Benchmark& benchmark, const Selection& selection, const std::string& model_spec,
                             const std::map<std::string, std::string>& judges) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
  std::string edition;
  auto prepared = prepare(benchmark, selection, *home, edition);
  if (!prepared) return std::unexpected(prepared.error());
  const Evaluation& evaluation = **prepared;
  auto tested = dry_model(session, "model", model_spec, evaluation);
  if (!tested) return std::unexpected(tested.error());
  Model& model = *tested->backend;
  std::vector<DryModel> judging;
  bool judge_costs = false;
  for (const auto& [role, spec] : judges) {
    auto judge = dry_model(session, role, spec, evaluation);
    if (!judge) return std::unexpected(judge.error());
    judge_costs |= judge->costs();
    judging.push_back(std::move(*judge));
  }

  std::string benchmark_name = selection.settings.ref.text();
  DryRequests requests;
  std::size_t index = 0;
  Tokens input;
  double output_most = 0;
  std::string lines;
  std::optional<Generate> first;
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    std::vector<std::string> pending;
    for (const KnownRequest& known : evaluation.known_requests(i, pending)) {
      lines += request_lines(benchmark_name, known, index);
      index += request_line_count(known.request);
      if (judges.contains(known.role)) {  // an answer that is there already
        requests.judge += request_line_count(known.request);
        continue;
      }
      requests.model += request_line_count(known.request);
      if (const Generate* generate = std::get_if<Generate>(&known.request)) {
        if (!first) first = *generate;
        output_most += generate->sampling.max_tokens.value_or(0);
        Result<Rendering> rendering = tested->counts_tokens ? model.render(*generate) : fail(ErrorKind::unsupported, "");
        if (rendering) input.add_exact(static_cast<double>(rendering->tokens.size()));
        else input.add_text(prompt_text(*generate));
      }
    }
    for (const std::string& what : pending) {
      lines += pending_line(benchmark_name, what);
      requests.add_pending(what, !judges.empty());
    }
  }

  const double rounds_most = requests.rounds_most();
  const std::optional<TokenPrices>& prices = tested->prices;
  double output_likely = output_most * 0.6;

  Result<Rendering> rendering = first ? model.render(*first) : fail(ErrorKind::unsupported, "no prompt is known beforehand");
  DryRunResult out;
  out.requests = std::move(lines);
  auto count = [](double n) { return display_count(static_cast<std::uint64_t>(std::max(0.0, std::round(n)))); };
  // What nothing bounds has no maximum; where a judge costs money, the model's money is a minimum and nothing more.
  const double input_most = input.most * rounds_most, tokens_out = output_most * rounds_most;
  const bool money_bounded = requests.model_bounded || !tested->costs();
  const std::string most = money_bounded ? money(prices, input_most, tokens_out) : "no upper bound";
  out.summary = fmt::format("{} ({} data): {}{} requests, about {} tokens in and at most {} out, {} / {} / {} (minimum / likely / maximum)", benchmark_name, edition,
                            requests.model, requests.model_more ? fmt::format(" to {}", requests.model + requests.model_more) : "", count(input.likely), count(tokens_out),
                            money(prices, input.least, 0), money(prices, input.likely, output_likely), most);
  DryTasks tasks = dry_tasks(evaluation, model, tested->remote);
  if (invocation.json()) {
    using Maximum = std::optional<double>;
    auto three = [](double a, Maximum b, Maximum c) {
      return json::object{{"minimum", a}, {"likely", b ? json::value(*b) : json::value(nullptr)}, {"maximum", c ? json::value(*c) : json::value(nullptr)}};
    };
    auto bounded = [&](double value) { return requests.model_bounded ? Maximum(value) : std::nullopt; };
    json::object document{{"benchmark", benchmark_name}, {"edition", edition}, {"model", model_spec}, {"manifest", evaluation.manifest()},
                          {"units", evaluation.unit_count()},
                          {"requests", {{"minimum", index}, {"maximum", nullptr}}},
                          {"input_tokens", three(input.least, input.likely, bounded(input_most))},
                          {"output_tokens", three(0, output_likely, bounded(tokens_out))}};
    if (requests.bounded) document["requests"].as_object()["maximum"] = requests.model + requests.model_more + requests.judge;
    if (!judging.empty()) {
      document["judge_requests"] = requests.judge;
      json::object& roles = document["judges"].emplace_object();
      for (const DryModel& judge : judging) {
        roles[judge.role] = {{"spec", judge.spec}, {"price_in", nullptr}, {"price_out", nullptr}};
        if (judge.prices) roles[judge.role] = {{"spec", judge.spec}, {"price_in", judge.prices->in}, {"price_out", judge.prices->out}};
      }
    }
    if (!tasks.rows.empty()) document["tasks"] = std::move(tasks.rows);
    document["usd"] = nullptr;
    if (prices) {
      auto usd = [&](double in, double answer) { return (in * prices->in + answer * prices->out) / 1e6; };
      document["usd"] = three(usd(input.least, 0), judge_costs ? Maximum() : usd(input.likely, output_likely),
                              judge_costs || !money_bounded ? Maximum() : usd(input_most, tokens_out));
    }
    if (rendering) {
      json::object& r = document["first_prompt"].emplace_object();
      r["text"] = rendering->text;
      r["renderer"] = rendering->renderer;
      if (!rendering->tokens.empty()) r["tokens"] = json::array(rendering->tokens.begin(), rendering->tokens.end());
      r["warnings"] = json::array(rendering->warnings.begin(), rendering->warnings.end());
    }
    out.document = std::move(document);
    return out;
  }

  std::string text = fmt::format("{} ({} data) with {}\n", benchmark_name, edition, visible_line(model_spec));
  text += fmt::format("  units      {}\n  requests   {}\n", evaluation.unit_count(), requests.text(!judges.empty()));
  text += fmt::format("  input      {:.0f} / {:.0f} / {} tokens{} (minimum / likely / maximum{})\n", input.least, input.likely,
                      requests.model_bounded ? fmt::format("{:.0f}", input_most) : "no upper bound", judges.empty() ? "" : " for the model",
                      tested->counts_tokens ? ", counted" : ", estimated from characters");
  text += fmt::format("  output     {}{:.0f} tokens{}{}\n", requests.model_bounded ? "at most " : "", tokens_out, judges.empty() ? "" : " for the model",
                      requests.model_bounded ? "" : " at the longest, if nothing is asked again");
  text += fmt::format("  money      {} / {} / {}{}{}\n", money(prices, input.least, 0), money(prices, input.likely, output_likely), most,
                      judges.empty() ? "" : " for the model",
                      prices ? "" : "   (give prices for a million tokens: SPEC?price_in=..&price_out=.., or in " + price_file(session).string() + ")");
  for (const DryModel& judge : judging)
    text += fmt::format("  {:<10} {}: {}\n", judge.role, visible_line(judge.spec),
                        !judge.costs() ? "costs nothing"
                                       : (judge.prices ? display_money(judge.prices->in) + " in, " + display_money(judge.prices->out) + " out for a million tokens" : "price unknown") +
                                             "; not counted in the money, because its requests hold the answers");
  text += tasks.text;
  if (rendering) {
    text += "\nThe first prompt as the model sees it (" + rendering->renderer + ")\n";
    for (std::string_view line : split_lines(rendering->text)) text += "  | " + visible_text(line) + "\n";
    if (!rendering->tokens.empty()) {
      text += "\n" + std::to_string(rendering->tokens.size()) + " tokens";
      for (std::size_t i = 0; i < rendering->tokens.size() && i < 64; ++i)
        text += (i % 8 == 0 ? "\n  " : "  ") + std::to_string(rendering->tokens[i]) +
                (i < rendering->pieces.size() ? ":" + visible_line(rendering->pieces[i]) : "");
      text += rendering->tokens.size() > 64 ? "\n  ...\n" : "\n";
    }
    for (const std::string& warning : rendering->warnings) text += "  warning: " + warning + "\n";
  }
  out.text = std::move(text);
  return out;
}

}  // namespace assay::cli
