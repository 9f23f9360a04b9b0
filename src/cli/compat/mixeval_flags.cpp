#include "cli/compat/mixeval_flags.h"

#include <algorithm>
#include <span>

#include "benchmark/mixeval/layout.h"

namespace assay::compat {

std::string MixevalFlags::judge_name(mixeval::Split split) const {
  if (parser(split) == mixeval::Parser::rule) return "";
  if (judge_model_id) return *judge_model_id;
  return split == mixeval::Split::free_form ? freeform_judge : multichoice_judge;
}

json::object status_args(const MixevalFlags& f, mixeval::Split split) {
  auto text = [](const std::optional<std::string>& value) { return value ? json::value(*value) : json::value(nullptr); };
  auto parser = [](mixeval::Parser value) { return json::value(json::string(mixeval::name(value))); };
  json::object out{{"model_name", f.model_name},
                   {"model_path", text(f.model_path)},
                   {"judge_model_id", text(f.judge_model_id)},
                   {"model_systemprompt", text(f.model_systemprompt)},
                   {"benchmark", f.benchmark},
                   {"version", f.version},
                   {"batch_size", f.batch_size},
                   {"batch_size_judge", f.batch_size_judge},
                   {"max_gpu_memory", text(f.max_gpu_memory)},
                   {"max_gpu_memory_judge", text(f.max_gpu_memory_judge)},
                   {"api_parallel_num", f.api_parallel_num},
                   {"api_base_url", text(f.api_base_url)},
                   {"data_path", f.data_path},
                   {"output_dir", f.response_dir},
                   {"inference_only", f.inference_only},
                   {"verbose", f.verbose},
                   {"free_form_parser", parser(f.free_form_parser)},
                   {"multi_choice_parser", parser(f.multi_choice_parser)},
                   {"multichoice_judge", f.multichoice_judge},
                   {"freeform_judge", f.freeform_judge},
                   {"extract_base_model_response", f.extract_base_model_response},
                   {"compute_score_from_judged_file", f.compute_score_from_judged_file},
                   {"split", mixeval::split_name(split, f.hard())}};
  return out;
}

namespace {

constexpr std::string_view kEvaluate[] = {"--model_name",       "--model_path",       "--judge_model_id",       "--model_systemprompt",     "--benchmark",
                                          "--version",          "--batch_size",       "--batch_size_judge",     "--max_gpu_memory",         "--max_gpu_memory_judge",
                                          "--api_parallel_num", "--api_base_url",     "--data_path",            "--output_dir",             "--inference_only",
                                          "--verbose",          "--free_form_parser", "--multi_choice_parser",  "--multichoice_judge",      "--freeform_judge",
                                          "--help",             "--extract_base_model_response", "--compute_score_from_judged_file"};
constexpr std::string_view kComputeMetrics[] = {"--benchmark",      "--version",          "--judge_model_id",      "--batch_size_judge", "--model_response_dir", "--multichoice_judge",
                                                "--freeform_judge", "--models_to_eval",   "--free_form_parser",    "--multi_choice_parser", "--api_base_url",    "--api_parallel_num",
                                                "--verbose",        "--help",             "--extract_base_model_response", "--compute_score_from_judged_file"};
constexpr std::string_view kCheckEvalComplete[] = {"--benchmark",          "--version",                 "--base_models_to_check", "--chat_models_to_check", "--n_closefreeform", "--n_closemultichoice",
                                                   "--n_closefreeform_hard", "--n_closemultichoice_hard", "--model_response_dir",   "--out_path",             "--help"};
/// Ours, which are the beginnings of some of the original's.
constexpr std::string_view kOwn[] = {"--data", "--judge", "--model"};

std::span<const std::string_view> flags_of(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "evaluate") return kEvaluate;
    if (word == "compute_metrics") return kComputeMetrics;
    if (word == "check_eval_complete") return kCheckEvalComplete;
  }
  return {};
}

/// argparse takes the beginning of a flag for the flag, where no other begins so.
std::string whole_flag(const std::string& word, std::span<const std::string_view> flags) {
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  if (!name.starts_with("--") || name.size() < 3 || std::ranges::find(kOwn, name) != std::end(kOwn)) return word;
  std::string_view found;
  for (std::string_view flag : flags) {
    if (flag == name) return word;
    if (!flag.starts_with(name)) continue;
    if (!found.empty()) return word;
    found = flag;
  }
  return found.empty() ? word : std::string(found) + word.substr(name.size());
}

}  // namespace

std::vector<std::string> translate_mixeval(const std::vector<std::string>& words) {
  const std::span<const std::string_view> flags = flags_of(words);
  std::vector<std::string> out;
  std::string list;
  bool empty = false;
  auto end_list = [&] {
    if (empty) out.push_back(list);  // a list of nothing is not the default: the parser says what it needs
    list.clear();
    empty = false;
  };
  for (const std::string& given : words) {
    const std::string word = given.starts_with("--") ? whole_flag(given, flags) : given;
    if (word.size() > 1 && word[0] == '-') {
      end_list();
      const std::string name = word.substr(0, word.find('='));
      if (name == "--models_to_eval" || name == "--base_models_to_check" || name == "--chat_models_to_check") {
        std::erase_if(out, [&](const std::string& earlier) { return earlier == name || earlier.starts_with(name + "="); });  // the last list counts
        list = name;
        empty = word == name;
        if (empty) continue;
        list.clear();
      }
      out.push_back(word);
    } else if (!list.empty()) {
      out.push_back(list + "=" + word);
      empty = false;
    } else {
      out.push_back(word);
    }
  }
  end_list();
  return out;
}

}  // namespace assay::compat
