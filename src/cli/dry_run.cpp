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

std::string money(const std::optional<double>& in, const std::optional<double>& out, double input, double output) {
  if (!in || !out) return "unknown";
  return display_money((input * *in + output * *out) / 1e6);
}

}  // namespace

Result<DryRunResult> dry_run(Session& session, const Benchmark& benchmark, const Selection& selection, const std::string& model_spec) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
  std::string edition;
  auto prepared = prepare(benchmark, selection, *home, edition);
  if (!prepared) return std::unexpected(prepared.error());
  const Evaluation& evaluation = **prepared;
  auto spec = parse_model_spec(model_spec);
  if (!spec) return std::unexpected(spec.error());
  ModelOptions options;
  options.baselines = evaluation.baselines();
  auto model = make_backend(session, *spec, options);
  if (!model) return std::unexpected(model.error());
  // Only back ends that live in this process may be asked who they are: nothing leaves the machine in a dry run.
  if (spec->backend == "gguf" || spec->backend == "replay" || spec->backend == "baseline") {
    auto identity = session.complete((*model)->identify());
    if (!identity) return std::unexpected(identity.error());
  }

  std::string benchmark_name = selection.settings.ref.text();
  std::size_t known_count = 0, pending_count = 0;
  Tokens input;
  double output_most = 0;
  std::string lines;
  std::optional<Generate> first;
  bool exact = spec->backend == "gguf";
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    std::vector<std::string> pending;
    for (const KnownRequest& known : evaluation.known_requests(i, pending)) {
      if (const Generate* generate = std::get_if<Generate>(&known.request)) {
        if (!first) first = *generate;
        output_most += generate->sampling.max_tokens.value_or(0);
        Result<Rendering> rendering = exact ? (*model)->render(*generate) : fail(ErrorKind::unsupported, "");
        if (rendering) input.add_exact(static_cast<double>(rendering->tokens.size()));
        else input.add_text(prompt_text(*generate));
      }
      lines += request_lines(benchmark_name, known, known_count);
      known_count += request_line_count(known.request);
    }
    for (const std::string& what : pending) lines += pending_line(benchmark_name, what);
    pending_count += pending.size();
  }

  double each = known_count ? 1.0 / static_cast<double>(known_count) : 0;
  double rounds_most = known_count ? 1 + static_cast<double>(pending_count) * each : 1;
  auto price_in = spec->settings.contains("price_in") ? std::optional<double>(std::strtod(spec->settings.at("price_in").c_str(), nullptr)) : std::nullopt;
  auto price_out = spec->settings.contains("price_out") ? std::optional<double>(std::strtod(spec->settings.at("price_out").c_str(), nullptr)) : std::nullopt;
  if (spec->backend == "gguf" || spec->backend == "replay" || spec->backend == "baseline" || spec->backend == "launch") price_in = price_out = 0;
  double output_likely = output_most * 0.6;

  Result<Rendering> rendering = first ? (*model)->render(*first) : fail(ErrorKind::unsupported, "no prompt is known beforehand");
  DryRunResult out;
  out.requests = std::move(lines);
  auto count = [](double n) { return display_count(static_cast<std::uint64_t>(std::max(0.0, std::round(n)))); };
  out.summary = fmt::format("{} ({} data): {}{} requests, about {} tokens in and at most {} out, {} / {} / {} (minimum / likely / maximum)", benchmark_name, edition,
                            known_count, pending_count ? fmt::format(" to {}", known_count + pending_count) : "", count(input.likely), count(output_most * rounds_most),
                            money(price_in, price_out, input.least, 0), money(price_in, price_out, input.likely, output_likely),
                            money(price_in, price_out, input.most * rounds_most, output_most * rounds_most));
  DryTasks tasks = dry_tasks(evaluation, **model, spec->is_remote() || spec->backend == "launch");
  if (invocation.json()) {
    auto three = [](double a, double b, double c) { return json::object{{"minimum", a}, {"likely", b}, {"maximum", c}}; };
    json::object document{{"benchmark", benchmark_name}, {"edition", edition}, {"model", model_spec}, {"manifest", evaluation.manifest()},
                          {"units", evaluation.unit_count()},
                          {"requests", {{"minimum", known_count}, {"maximum", known_count + pending_count}}},
                          {"input_tokens", three(input.least, input.likely, input.most * rounds_most)},
                          {"output_tokens", three(0, output_likely, output_most * rounds_most)}};
    if (!tasks.rows.empty()) document["tasks"] = std::move(tasks.rows);
    if (price_in && price_out)
      document["usd"] = three(input.least * *price_in / 1e6, (input.likely * *price_in + output_likely * *price_out) / 1e6,
                              (input.most * *price_in + output_most * *price_out) * rounds_most / 1e6);
    else
      document["usd"] = nullptr;
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
  text += fmt::format("  units      {}\n  requests   {} known beforehand, at most {} (the rest depends on answers)\n", evaluation.unit_count(), known_count,
                      known_count + pending_count);
  text += fmt::format("  input      {:.0f} / {:.0f} / {:.0f} tokens (minimum / likely / maximum{})\n", input.least, input.likely, input.most * rounds_most,
                      exact ? ", counted" : ", estimated from characters");
  text += fmt::format("  output     at most {:.0f} tokens\n", output_most * rounds_most);
  text += fmt::format("  money      {} / {} / {}{}\n", money(price_in, price_out, input.least, 0), money(price_in, price_out, input.likely, output_likely),
                      money(price_in, price_out, input.most * rounds_most, output_most * rounds_most),
                      price_in ? "" : "   (give prices for a million tokens: SPEC?price_in=..&price_out=..)");
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
