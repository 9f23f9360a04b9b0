// assay doctor [--model SPEC]: is what a run needs there and usable?
#include <fmt/core.h>

#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/models.h"
#include "cli/session.h"
#include "run/display.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/llama_library.h"
#endif

namespace assay::cli {
namespace {

struct Finding {
  std::string what;
  bool ok = true;
  std::string said, cure;
  int code = kDone;  // of the program, when this is the worst finding
};

Finding trouble(std::string what, const Error& error) {
  return {std::move(what), false, error.message + (error.where.empty() ? "" : " (" + error.where + ")"), error.hint, exit_code(error)};
}

/// Which of the harness's tasks the model can do. A model without log-likelihoods is no trouble.
Task<Finding> examine_loglikelihoods(Model& model) {
  constexpr const char* kWhat = "log-likelihoods";
  constexpr const char* kNone = "none: tasks that generate text can be run, multiple choice by log-likelihood and perplexity cannot";
  if (!model.capabilities().loglikelihood) co_return Finding{kWhat, true, kNone, ""};
  Query query;
  query.request = LoglikelihoodGroup{"The grass is green and the sky is", {{"", " blue"}, {"", " seventeen"}}};
  auto answer = co_await model.answer(std::move(query));
  if (!answer) {
    if (answer.error().kind == ErrorKind::unsupported || answer.error().kind == ErrorKind::bad_request)
      co_return Finding{kWhat, true, std::string(kNone) + " (" + answer.error().message + ")", answer.error().hint};
    co_return trouble(kWhat, answer.error());
  }
  const std::vector<Loglikelihood>& values = answer->loglikelihoods;
  if (values.size() != 2) co_return Finding{kWhat, false, "the model gave " + std::to_string(values.size()) + " for 2", ""};
  std::string said = fmt::format("yes: multiple choice can be run (\" blue\" {:.2f}, \" seventeen\" {:.2f} after a sky)", values[0].sum, values[1].sum);
  for (const std::string& deviation : model.deviations())
    if (deviation.starts_with(kWhat)) said += "; " + deviation;
  json::object facts = model.facts();
  if (auto bos = get_string(facts, "bos")) said += "; BOS is " + *bos;
  co_return Finding{kWhat, true, said, ""};
}

/// A refused spec without what may be a key in it: settings, credentials of an address.
std::string shown_refused(const std::string& text) {
  const std::size_t end = text.find_first_of("?@");
  if (end == std::string::npos) return text;
  return (text[end] == '?' ? text.substr(0, end) : text.substr(0, std::min(text.find(':'), end) + 1)) + "...";
}

Async<std::vector<Finding>> examine_model(Session& session, std::string text) {
  std::vector<Finding> out;
  ModelOptions options;
  auto spec = parse_model_spec(text);
  if (spec && spec->backend == "baseline") {
    out.push_back({"model " + text, true, "answers from the benchmark's own data; nothing to ask", ""});
    co_return out;
  }
  auto model = spec ? make_backend(session, *spec, options) : Result<std::unique_ptr<Model>>(std::unexpected(spec.error()));
  if (!model) {
    out.push_back(trouble("model " + (spec ? text : shown_refused(text)), model.error()));
    co_return out;
  }
  auto identity = co_await (*model)->identify();
  if (!identity) {
    out.push_back(trouble("model " + text, identity.error()));
    co_return out;
  }
  out.push_back({"model " + text, true, identity->text, ""});
  Generate request;
  request.messages = {{"user", "Answer with the single word: ready"}};
  request.sampling.max_tokens = 8;
  request.sampling.temperature = 0.01;
  auto rendering = (*model)->render(request);
  if (rendering) {
    out.push_back({"prompt", rendering->warnings.empty(), "rendered by " + rendering->renderer, join(rendering->warnings, "; ")});
  }
  if ((*model)->capabilities().recorded_by_origin) co_return out;
  Query query;
  query.request = request;
  auto answer = co_await (*model)->answer(std::move(query));
  if (!answer)
    out.push_back(trouble("answer", answer.error()));
  else
    out.push_back({"answer", true, fmt::format("\"{}\" after {:.2f} s, finish {}", shorten(answer->text, 60), answer->latency, name(answer->finish)), ""});
  out.push_back(co_await examine_loglikelihoods(**model));
  co_return out;
}

/// What the benchmark that most people begin with would cost with this model, where its prices are given.
std::optional<Finding> cost_with(Session& session, const std::string& text) {
  auto spec = parse_model_spec(text);
  if (!spec || !spec->settings.contains("price_in") || !spec->settings.contains("price_out")) return std::nullopt;
  std::string what = "cost with " + text;
  auto found = benchmark_registry().find("eq-bench");
  if (!found) return trouble(what, found.error());
  auto selection = selection_of(session.invocation(), found->second);
  if (!selection) return trouble(what, selection.error());
  auto plan = dry_run(session, *found->first, *selection, text);
  std::string cure;
  if (!plan) {  // most likely the official data are not here, which was said above
    cure = "This is the small sample set; with the official data here, the official one is counted.";
    selection->edition = "sample";
    plan = dry_run(session, *found->first, *selection, text);
  }
  if (!plan) return trouble(what, plan.error());
  return Finding{what, true, plan->summary, cure};
}

int work(Invocation& invocation) {
  std::vector<Finding> findings;
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  for (const Pack& pack : pack_store().packs()) {
    std::size_t here = 0, wanted = 0, corrupt = 0;
    std::string lacking;
    for (const PackFileStatus& status : pack_status(pack, *home)) {
      if (status.state == FileState::absent && !status.file->needed_for.empty()) lacking += "; without " + status.file->name + " there is no " + status.file->needed_for;
      if (status.file->optional) continue;
      ++wanted;
      if (status.state == FileState::ok) ++here;
      if (status.state == FileState::corrupt) ++corrupt;
    }
    const bool whole = here == wanted && lacking.empty();
    if (here < wanted) lacking.clear();  // one thing after the other
    findings.push_back({"data of " + pack.name, corrupt == 0 && whole,
                        fmt::format("{} of {} official files here{}{}", here, wanted, corrupt ? fmt::format(", {} corrupt", corrupt) : "", lacking),
                        whole ? "" : how_to_get(pack), corrupt ? kData : kDone});
  }
  auto path = invocation.store();
  if (!path) return invocation.report(path.error());
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (journal) {
    auto stats = (*journal)->stats();
    findings.push_back({"journal", stats.has_value(), stats ? fmt::format("{}: {} answers, {} runs", path->string(), stats->answers, stats->runs) : stats.error().message,
                        stats ? "" : stats.error().hint, stats ? kDone : exit_code(stats.error())});
  } else if (journal.error().kind == ErrorKind::not_found) {
    findings.push_back({"journal", true, path->string() + ": none yet, made by the first run", ""});
  } else {
    findings.push_back(trouble("journal", journal.error()));
  }
#ifdef ASSAY_WITH_LLAMA
  if (auto opened = open_llama_library())
    findings.push_back({"GGUF engine", true, "built in", ""});
  else
    findings.push_back(trouble("GGUF engine", opened.error()));
#else
  findings.push_back({"GGUF engine", false, "this build has none (-DASSAY_LLAMA=OFF)", "build with libllama to use gguf: models"});
#endif
  if (!invocation.arguments.all("model").empty()) {
    auto session = Session::without_journal(invocation);
    for (const std::string& text : invocation.arguments.all("model")) {
      auto found = session->complete(examine_model(*session, text));
      if (!found) return invocation.report(found.error());
      for (Finding& finding : *found) findings.push_back(std::move(finding));
      if (auto cost = cost_with(*session, text)) findings.push_back(std::move(*cost));
    }
  }
  int code = kDone;
  json::array document;
  std::string text;
  for (const Finding& f : findings) {
    code = std::max(code, f.code);
    std::string mark = invocation.terminal.utf8 ? (f.ok ? "✓" : "✗") : (f.ok ? "ok" : "!!");
    text += mark + " " + visible_line(f.what) + ": " + visible_line(f.said) + "\n";
    if (!f.cure.empty()) text += "    " + replace_all(visible_text(f.cure), "\n", "\n    ") + "\n";
    document.push_back({{"what", f.what}, {"ok", f.ok}, {"said", f.said}, {"cure", f.cure}});
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return code;
}

}  // namespace

CommandSpec doctor_command() {
  CommandSpec c;
  c.name = "doctor";
  c.summary = "check data, journal, engine and a model's endpoint or file";
  c.options = {{"-m,--model", "SPEC", "ask this model one short question; with price_in and price_out, say what eq-bench would cost", true}};
  c.examples = {"assay doctor", "assay doctor --model http://127.0.0.1:8080/v1#llama", "assay doctor --model gguf:model.gguf"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
