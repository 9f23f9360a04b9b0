#include "cli/compat/mixeval_flags.h"

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
  // The original puts the judge's id in place of both names before it writes this.
  if (f.judge_model_id) out["multichoice_judge"] = out["freeform_judge"] = *f.judge_model_id;
  return out;
}

std::vector<std::string> translate_mixeval(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  std::string list;
  for (const std::string& word : words) {
    const bool option = word.size() > 1 && word[0] == '-';
    if (option) {
      list = word == "--models_to_eval" || word == "--base_models_to_check" || word == "--chat_models_to_check" ? word : "";
      if (!list.empty()) continue;
    } else if (!list.empty()) {
      out.push_back(list + "=" + word);
      continue;
    }
    out.push_back(word);
  }
  return out;
}

}  // namespace assay::compat
