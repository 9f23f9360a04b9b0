// assay list benchmarks|tasks|packs|models|providers|runs
#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/list_tasks.h"
#include "cli/process_mark.h"
#include "cli/show_report.h"
#include "model/model_spec.h"
#include "model/server/recipe.h"
#include "run/display.h"

namespace assay::cli {
namespace {

json::array strings(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

int list_benchmarks(Invocation& invocation) {
  json::array document;
  std::string text;
  for (const auto& benchmark : benchmark_registry().all()) {
    const BenchmarkInfo& info = benchmark->info();
    json::array options;
    text += info.name + " - " + info.title + "\n";
    if (!info.versions.empty()) text += "  versions  " + join(info.versions, ", ") + " (default " + info.versions[0] + ")\n";
    std::vector<std::string> variants;
    variants.reserve(info.variants.size());
    for (const std::string& v : info.variants) variants.push_back(v.empty() ? "(none)" : ":" + v);
    text += "  variants  " + join(variants, ", ") + "\n  roles     " + join(info.roles, ", ") + "\n  data      pack " + info.pack + "\n";
    for (const BenchmarkOption& option : info.options) {
      text += "  --option " + option.key + "=" + option.values + "  " + option.meaning + "\n";
      options.push_back({{"key", option.key}, {"values", option.values}, {"meaning", option.meaning}});
    }
    document.push_back({{"name", info.name}, {"title", info.title}, {"versions", strings(info.versions)}, {"variants", strings(info.variants)},
                        {"roles", strings(info.roles)}, {"pack", info.pack}, {"options", std::move(options)}});
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int list_packs(Invocation& invocation) {
  json::array document;
  std::string text;
  for (const Pack& pack : pack_store().packs()) {
    text += pack.name + " - " + pack.title + " (" + pack.licence + ", " + std::to_string(pack.files.size()) + " official files; " +
            std::to_string(pack.own.size()) + " of this project)\n";
    document.push_back({{"name", pack.name}, {"title", pack.title}, {"licence", pack.licence}, {"homepage", pack.homepage}, {"files", pack.files.size()}});
  }
  text += "\nassay data status says which of them are here\n";
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int list_providers(Invocation& invocation) {
  struct Provider {
    const char *spec, *what, *key;
  };
  static constexpr Provider providers[] = {
      {"openai:NAME", "OpenAI's API", "OPENAI_API_KEY"},
      {"anthropic:NAME", "Anthropic's messages API", "ANTHROPIC_API_KEY"},
      {"mistral:NAME", "Mistral's API", "MISTRAL_API_KEY"},
      {"gemini:NAME", "Google's generateContent API", "GEMINI_API_KEY"},
      {"azure:DEPLOYMENT", "OpenAI's models at Azure (AZURE_OPENAI_ENDPOINT)", "AZURE_OPENAI_API_KEY"},
      {"bedrock:MODEL-ID", "Amazon Bedrock", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
      {"cohere:NAME", "Cohere's API", "COHERE_API_KEY"},
      {"huggingface:ORG/NAME", "Hugging Face's inference API", "HF_TOKEN"},
      {"replicate:OWNER/NAME[:VERSION]", "Replicate's predictions", "REPLICATE_API_TOKEN"},
      {"jina:NAME", "Jina's chat", "JINA_CHAT_API_KEY"},
      {"reka:NAME", "Reka's chat", "REKA_API_KEY"},
      {"http(s)://HOST/v1#NAME", "any OpenAI-compatible server (llama-server, vLLM, ...)", "none, or ?key_env=NAME"},
      {"http(s)://HOST?api=messages#NAME", "a server that speaks another dialect: api=gemini, azure, bedrock, ...", "none, or ?key_env=NAME"},
      {"http(s)://HOST?api=llama.cpp", "llama-server asked with prompts that are rendered here", "none, or ?key_env=NAME"},
      {"http(s)://HOST?api=ooba", "text-generation-webui, which renders prompts itself", "none, or ?key_env=NAME"},
      {"launch:RECIPE?model=...", "a server that is started, supervised and ended", "none, or ?key_env=NAME"},
      {"gguf:FILE", "a GGUF file, in this process", ""},
      {"gguf:hf:ORG/NAME:FILE", "the same from a model hub; downloaded where it lacks", "HF_TOKEN"},
      {"replay:FILE", "recorded answers: a journal export or EQ-Bench result files", ""},
      {"baseline:random|constant|reference", "what no model is needed for", ""},
  };
  json::array document;
  std::string text;
  for (const Provider& p : providers) {
    std::string left = std::string("  ") + p.spec;
    left.resize(40, ' ');
    text += left + p.what + (*p.key ? std::string("; key: ") + p.key : "") + "\n";
    document.push_back({{"spec", p.spec}, {"what", p.what}, {"key", p.key}});
  }
  text += "\nRecipes of launch:\n";
  json::array recipes;
  for (const LaunchRecipe& recipe : launch_recipes()) {
    std::string left = "  " + recipe.name;
    left.resize(40, ' ');
    text += left + recipe.what + "\n";
    recipes.push_back({{"name", recipe.name}, {"what", recipe.what}, {"api", recipe.api}});
  }
  text += "\nSettings after '?', joined by '&':\n";
  json::array settings;
  for (const SettingInfo& s : model_settings()) {
    std::string left = "  " + s.key + "=" + s.values;
    left.resize(std::max<std::size_t>(left.size() + 2, 40), ' ');
    text += left + s.meaning + "\n";
    settings.push_back({{"key", s.key}, {"values", s.values}, {"meaning", s.meaning}, {"in_identity", s.in_identity}, {"backends", strings(s.backends)}});
  }
  invocation.out(invocation.json() ? write_json(json::object{{"providers", document}, {"recipes", recipes}, {"settings", settings}}, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int list_runs(Invocation& invocation, bool models_only) {
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (!journal && journal.error().kind == ErrorKind::not_found) {
    invocation.out(invocation.json() ? "[]\n" : "no runs yet: assay run eq-bench --model SPEC\n");
    return kDone;
  }
  if (!journal) return invocation.report(journal.error());
  auto rows = (*journal)->runs();
  if (!rows) return invocation.report(rows.error());
  json::array document;
  std::vector<std::string> models;
  std::string text;
  for (const RunRow& row : *rows) {
    std::string model = "-", score = "-";
    auto plan = parse_json(row.plan);
    if (plan)
      if (const json::value* m = find_path(*plan, {"roles", "model"})) model = get_string(*m, "label").value_or("-");
    if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
    std::string benchmark = plan ? get_string(*plan, "benchmark").value_or("-") : "-";
    json::value value = nullptr;
    if (auto report = row.report.empty() ? Result<json::value>(json::value()) : parse_json(row.report); report && report->is_object())
      if (auto parsed = report_from_json(*report))
        if (const Metric* metric = headline(*parsed)) {
          score = display_value(*metric);
          if (metric->value) value = *metric->value;
        }
    // Nobody was left to write that a killed run ended.
    std::string status = row.status;
    if (status == "running" && plan)
      if (const json::value* process = find(*plan, "process"); process && process_gone(*process)) status = "interrupted";
    text += row.id + "  " + utc_text(row.created) + "  " + benchmark + "  " + visible_line(model) + "  " + score + "  " + status + "\n";
    document.push_back({{"run", row.id}, {"created", utc_text(row.created)}, {"benchmark", benchmark}, {"model", model}, {"score", value}, {"status", status}});
  }
  if (models_only) {
    std::string lines;
    for (const std::string& model : models) lines += visible_line(model) + "\n";
    invocation.out(invocation.json() ? write_json(strings(models), JsonStyle::pretty) + "\n" : lines);
    return kDone;
  }
  if (rows->empty()) text = "no runs yet: assay run eq-bench --model SPEC\n";
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int work(Invocation& invocation) {
  const std::string& what = invocation.arguments.positional[0];
  if (what == "tasks") return list_tasks(invocation);
  if (invocation.arguments.positional.size() > 1)
    return invocation.report(Error{ErrorKind::usage, "assay list " + what + " takes no further words", "", "folders belong to assay list tasks DIR..."});
  if (what == "benchmarks") return list_benchmarks(invocation);
  if (what == "packs") return list_packs(invocation);
  if (what == "providers") return list_providers(invocation);
  if (what == "runs") return list_runs(invocation, false);
  if (what == "models") return list_runs(invocation, true);
  std::vector<std::string> near = did_you_mean(what, {"benchmarks", "tasks", "packs", "models", "providers", "runs"});
  return invocation.report(Error{ErrorKind::usage, "there is no list of \"" + what + "\"", "",
                                 near.empty() ? "there are benchmarks, tasks, packs, models, providers and runs" : "did you mean " + near[0] + "?"});
}

}  // namespace

CommandSpec list_command() {
  CommandSpec c;
  c.name = "list";
  c.summary = "benchmarks, the harness's tasks, packs, models, providers or runs";
  c.positional = "benchmarks|tasks|packs|models|providers|runs [DIR...]";
  c.least = 1;
  c.most = -1;
  c.options = {{"--why-not", "", "of tasks: only those that cannot be run here, and what keeps them"}};
  c.examples = {"assay list benchmarks", "assay list providers", "assay list runs --json", "assay list tasks lm_eval/tasks --why-not"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
