// What today's YAML tasks cost before a model is asked:
//   bench-harness-tasks make FOLDER [N]      writes N (14,000) task files laid out as the harness's: templates, includes, groups,
//   tags, functions bench-harness-tasks index FOLDER [CACHE] walks and reads them all; twice when CACHE is named: without it and
//   with it bench-harness-tasks render               one Jinja render, amortised, for templates of the kinds that task files use
//   bench-harness-tasks plan [N]             documents, prompts and requests of N (14,042) multiple-choice rows with five
//   examples
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_index.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_plan.h"
#include "benchmark/harness/yaml_requests.h"

namespace {

using namespace assay;
using namespace assay::harness;
namespace fs = std::filesystem;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr const char* kTemplate =
    "dataset_path: org/%d\ntest_split: test\nfewshot_split: dev\nfewshot_config:\n  sampler: first_n\noutput_type: "
    "multiple_choice\n"
    "doc_to_text: \"{{question.strip()}}\\nA. {{choices[0]}}\\nB. {{choices[1]}}\\nC. {{choices[2]}}\\nD. "
    "{{choices[3]}}\\nAnswer:\"\n"
    "doc_to_choice: [\"A\", \"B\", \"C\", \"D\"]\ndoc_to_target: answer\nmetric_list:\n  - metric: acc\n    aggregation: mean\n  "
    "  higher_is_better: true\n"
    "metadata:\n  version: 1.0\n";
constexpr const char* kGeneration =
    "task: family%d_task%d\ntag:\n  - family%d_tag\n  - math\ndataset_path: org/data\noutput_type: generate_until\ntest_split: "
    "test\n"
    "doc_to_text: \"Question %d: {{question}}\\nAnswer:\"\ndoc_to_target: \"{{answer.split('### ')[-1].rstrip()}}\"\n%s"
    "metric_list:\n  - metric: exact_match\n    aggregation: mean\n    higher_is_better: true\n    ignore_case: true\n    "
    "regexes_to_ignore:\n      - \",\"\n      - \"\\\\$\"\n"
    "generation_kwargs:\n  until:\n    - \"Question:\"\n    - \"</s>\"\n  do_sample: false\n  temperature: 0.0\nrepeats: "
    "1\nnum_fewshot: 5\n"
    "filter_list:\n  - name: \"strict-match\"\n    filter:\n      - function: \"regex\"\n        regex_pattern: \"#### "
    "(\\\\-?[0-9\\\\.\\\\,]+)\"\n      - function: \"take_first\"\n"
    "metadata:\n  version: 3.0\n";

void put(const fs::path& file, const std::string& text) {
  if (auto done = write_file(file, text); !done) {
    std::fprintf(stderr, "%s\n", to_string(done.error()).c_str());
    std::exit(1);
  }
}

template <class... Values>
std::string formatted(const char* form, Values... values) {
  char text[4096];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

/// As the harness's folders: nine of ten files are small and include a template, one of ten says all by itself.
int make(const fs::path& folder, int files) {
  constexpr int kFamily = 70;
  int written = 0;
  for (int family = 0; written < files; ++family) {
    const fs::path here = folder / ("family" + std::to_string(family));
    put(here / "_template_yaml", formatted(kTemplate, family));
    std::string members;
    for (int i = 0; i < kFamily && written < files - 1; ++i, ++written) {
      const std::string name = "family" + std::to_string(family) + "_task" + std::to_string(i);
      if (i % 10 == 9)
        put(here / (name + ".yaml"),
            formatted(kGeneration, family, i, family, i, i % 20 == 9 ? "process_docs: !function utils.process_docs\n" : ""));
      else
        put(here / (name + ".yaml"),
            "\"dataset_name\": \"subset" + std::to_string(i) +
                "\"\n\"description\": \"The following are multiple choice questions (with answers) about subject " +
                std::to_string(i) + ".\\n\\\n  \\n\"\n\"tag\": \"family" + std::to_string(family) +
                "_tag\"\n\"include\": \"_template_yaml\"\n\"task\": \"" + name + "\"\n\"task_alias\": \"alias " +
                std::to_string(i) + "\"\n");
      members += "  - " + name + "\n";
    }
    put(here / "_group.yaml", "group: family" + std::to_string(family) + "\ntask:\n" + members +
                                  "aggregate_metric_list:\n  - metric: acc\n    weight_by_size: True\nmetadata:\n  version: 2\n");
    ++written;
  }
  std::printf("%d files in %s\n", written, folder.c_str());
  return 0;
}

int index(const fs::path& folder, const fs::path& cache) {
  std::error_code problem;
  if (!cache.empty()) fs::remove(cache, problem);
  for (int round = 0; round < (cache.empty() ? 1 : 2); ++round) {
    const double begin = now();
    auto built = TaskIndex::build({folder}, cache);
    if (!built) {
      std::fprintf(stderr, "%s\n", to_string(built.error()).c_str());
      return 1;
    }
    std::size_t refused = 0;
    for (const IndexedFile& file : built->files()) refused += !file.refusals.empty();
    std::printf("%zu files, %zu read, %zu names, %zu not runnable: %.3f s\n", built->files().size(), built->files_read(),
                built->names().size(), refused, now() - begin);
  }
  return 0;
}

int render() {
  struct One {
    const char *name, *text;
  };
  const json::value row = *parse_json(
      R"({"question": " What is the capital of France, and since when? ", "choices": ["Paris", "Rome", "Oslo", "Lima"], "answer": 2, "answerKey": "B",
          "sets": {"text": ["one", "two", "three", "four"], "label": ["A", "B", "C", "D"]}, "text": "a text of a few words that ends here"})");
  double total = 0;
  int count = 0;
  for (const One& one :
       {One{"field", "Question: {{question}}\nAnswer:"},
        One{"mmlu", "{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:"},
        One{"list", "{{sets.text}}"}, One{"index", "{{sets.label.index(answerKey)}}"},
        One{"join", "{{text.split(' ')[:-1]|join(' ')}}"},
        One{"if", "{% if choices|length > 3 %}D. {{choices[3]}}{% endif %}{{ 'ABCD'[answer] }}"}}) {
    auto parsed = JinjaTemplate::parse(one.text, harness_jinja());
    if (!parsed) return 1;
    constexpr int kRounds = 50'000;
    std::size_t bytes = 0;
    const double begin = now();
    for (int i = 0; i < kRounds; ++i) bytes += parsed->render(row.get_object()).value_or("").size();
    const double each = (now() - begin) / kRounds * 1e6;
    std::printf("%-6s %.2f us (%zu bytes)\n", one.name, each, bytes / kRounds);
    total += each;
    ++count;
  }
  std::printf("mean   %.2f us\n", total / count);
  return 0;
}

class MadeRows final : public RowSource {
 public:
  explicit MadeRows(int n) : n_(n) {}
  Result<std::vector<json::value>> rows(const TaskConfig&, const std::string& split) override {
    std::vector<json::value> out;
    for (int i = 0; i < (split == "dev" ? 5 : n_); ++i) {
      json::array choices;
      for (int k = 0; k < 4; ++k) choices.push_back(json::string("an answer of some words, number " + std::to_string(i + k)));
      out.emplace_back(json::object{
          {"question", "A question of a usual length about a matter that comes up, number " + std::to_string(i) + "?"},
          {"choices", std::move(choices)},
          {"answer", i % 4}});
    }
    return out;
  }

 private:
  int n_;
};

int plan(int n) {
  auto mapping = read_task_yaml("task: made\n" + formatted(kTemplate, 0), "made.yaml");
  auto config = mapping ? read_task_config(*mapping, "made.yaml") : fail(mapping.error());
  if (!config) return 1;
  MadeRows rows(n);
  const double begin = now();
  YamlSettings settings;
  settings.num_fewshot = 5;
  auto made = YamlPlan::make(*config, rows, settings);
  if (!made) return 1;
  const double planned = now();
  std::size_t requests = 0, bytes = 0;
  for (std::size_t i = 0; i < made->size(); ++i) {
    auto document = made->document(i);
    for (const Request& request : requests_of(made->task(), *document))
      bytes += std::get<LoglikelihoodGroup>(request).shared_prefix.size();
    requests += document->requests.size();
  }
  std::printf("%d rows read, rendered and planned in %.3f s, %zu requests built in %.3f s (%.1f MB of prefixes)\n", n,
              planned - begin, requests, now() - planned, static_cast<double>(bytes) / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "make" && argc >= 3) return make(argv[2], argc > 3 ? std::atoi(argv[3]) : 14'000);
  if (what == "index" && argc >= 3) return index(argv[2], argc > 3 ? argv[3] : "");
  if (what == "render") return render();
  if (what == "plan") return plan(argc > 2 ? std::atoi(argv[2]) : 14'042);
  std::fprintf(stderr, "bench-harness-tasks make FOLDER [N] | index FOLDER [CACHE] | render | plan [N]\n");
  return 2;
}
