// assay bench engine: what the log-likelihood engine does on this machine, beside one request at a time and the library's raw speed.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/context.h"
#ifdef ASSAY_WITH_LLAMA
#include "cli/made_model.h"
#include "model/llama/engine_bench.h"
#include "model/model_spec.h"
#endif

namespace assay::cli {
namespace {

#ifdef ASSAY_WITH_LLAMA
json::object to_json(const EngineMeasurement& m) {
  return {{"requests", m.requests}, {"seconds", m.seconds}, {"requests_per_second", m.requests_per_second()},
          {"tokens_evaluated", m.evaluated}, {"tokens_one_by_one", m.naive}, {"tokens_per_second", m.tokens_per_second()}};
}

int work(Invocation& invocation) {
  const std::string& what = invocation.arguments.positional.front();
  if (what != "engine")
    return invocation.report({ErrorKind::usage, "there is nothing named '" + what + "' to measure", {}, "assay bench engine"});
  auto naive = invocation.arguments.integer("one-by-one", 0);
  if (!naive) return invocation.report(naive.error());
  auto only = invocation.arguments.get("workload");
  bool known = !only;
  for (const EngineWorkload& workload : engine_workloads()) known = known || workload.name == *only;
  if (!known) return invocation.report({ErrorKind::usage, "no such workload: " + *only, {}, "write --workload A, B or C"});
  auto spec = parse_model_spec(invocation.arguments.get("model").value_or("gguf:bench"));
  if (!spec) return invocation.report(spec.error());
  if (spec->backend != "gguf")
    return invocation.report({ErrorKind::usage, "the engine computes GGUF files alone", spec->text, "write --model gguf:FILE"});
  if (auto made = make_named_model(invocation, *spec); !made) return invocation.report(made.error());
  auto settings = llama_settings(*spec);
  if (!settings) return invocation.report(settings.error());
  auto bench = EngineBench::create(*settings, system_clock());
  if (!bench) return invocation.report(bench.error());
  EngineBench& engine = **bench;
  const LlamaSettings& used = engine.settings();
  json::object document{{"model", used.path.filename().string()}, {"threads", used.threads}, {"n_ctx", used.n_ctx},
                        {"n_batch", used.n_batch}, {"flash_attn", used.flash_attn}, {"kv_type", used.kv_type}, {"kernels", engine.own_kernels() ? "own" : "library"}};
  auto raw = engine.prompt_speed(0, std::min(512, used.n_ctx));
  if (!raw) return invocation.report(raw.error());
  document["prompt_tokens_per_second"] = *raw;
  std::string text = fmt::format("{}, {} threads, n_ctx {}, n_batch {}, flash_attn {}, kv_type {}, {} kernels\nraw prompt speed of the library, {} tokens in one sequence: {:.0f} tokens/s\n",
                                 used.path.filename().string(), used.threads, used.n_ctx, used.n_batch, used.flash_attn ? "on" : "off", used.kv_type,
                                 engine.own_kernels() ? "own" : "the library's", std::min(512, used.n_ctx), *raw);
  if (!invocation.json()) invocation.out(text);
  json::array& rows = document["workloads"].emplace_array();
  for (const EngineWorkload& workload : engine_workloads()) {
    if (only && workload.name != *only) continue;
    const auto groups = make_requests(workload, 5);
    auto unique = engine.unique_tokens(groups);
    if (!unique) return invocation.report(unique.error());
    int own = workload.question + workload.endings * (workload.ending - 1);
    auto limit = engine.prompt_speed(std::min(workload.prefix, used.n_ctx / 2), std::min(own, used.n_ctx / 2));
    if (!limit) return invocation.report(limit.error());
    auto one = engine.one_by_one(groups, static_cast<int>(naive->value_or(8)));
    if (!one) return invocation.report(one.error());
    auto plain = engine.own_kernels() ? engine.one_by_one(groups, static_cast<int>(naive->value_or(8)), true) : one;
    if (!plain) return invocation.report(plain.error());
    json::object row{{"name", workload.name}, {"like", workload.like}, {"documents", workload.documents}, {"tokens_unique", *unique},
                     {"prompt_tokens_per_second", *limit}, {"one_by_one", to_json(*one)}, {"one_by_one_library", to_json(*plain)}};
    std::string table = fmt::format("\n{}: {}; {} documents, prefix {}, question {}, {} endings of {}; unique tokens {}\n", workload.name, workload.like,
                                    workload.documents, workload.prefix, workload.question, workload.endings, workload.ending, *unique);
    table += fmt::format("  {:<14} {:>9} {:>11} {:>10} {:>10} {:>9} {:>8} {:>7}\n", "", "requests", "requests/s", "evaluated", "one by one", "x unique", "tokens/s",
                         "faster");
    auto line = [&](const char* name, const EngineMeasurement& m, bool all) {
      table += fmt::format("  {:<14} {:>9} {:>11.2f} {:>10} {:>10} {:>9} {:>8.0f} {:>7}\n", name, m.requests, m.requests_per_second(), m.evaluated, m.naive,
                           all ? fmt::format("{:.3f}", static_cast<double>(m.evaluated) / static_cast<double>(*unique)) : "-", m.tokens_per_second(),
                           all && one->seconds > 0 ? fmt::format("{:.1f}x", m.requests_per_second() / one->requests_per_second()) : "-");
    };
    if (engine.own_kernels()) line("library's own", *plain, false);
    line("one by one", *one, false);
    for (bool fast : {false, true}) {
      auto shared = engine.shared(groups, fast);
      if (!shared) return invocation.report(shared.error());
      const char* name = fast ? "fast" : "reproducible";
      row[name] = to_json(*shared);
      line(name, *shared, true);
    }
    table += fmt::format("  raw prompt speed of the library, {} tokens behind {}: {:.0f} tokens/s\n", own, workload.prefix, *limit);
    rows.push_back(std::move(row));
    if (!invocation.json()) invocation.out(table);
  }
  if (invocation.json()) invocation.out(write_json(document) + "\n");
  return 0;
}
#else
int work(Invocation& invocation) {
  return invocation.report({ErrorKind::unsupported, "this build has no GGUF engine", {}, "build with libllama (-DASSAY_LLAMA=ON)"});
}
#endif

}  // namespace

CommandSpec bench_command() {
  CommandSpec c;
  c.name = "bench";
  c.summary = "measure the log-likelihood engine on this machine";
  c.positional = "WHAT";
  c.positional_help = "engine";
  c.least = c.most = 1;
  c.options = {{"--model", "SPEC", "a gguf: model with its settings (default: gguf:bench, a model of random weights made here;\ngguf:bench-tiny is a small one; assay run takes both)"},
               {"--workload", "NAME", "only A, B or C"},
               {"--one-by-one", "N", "requests that are also computed one at a time (default 8)"}};
  c.examples = {"assay bench engine", "assay bench engine --model 'gguf:bench?flash_attn=on&threads=2' --workload B --json"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
