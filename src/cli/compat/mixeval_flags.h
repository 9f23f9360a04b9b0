// The flags of MixEval's three programs, as values. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/mixeval/entry.h"
#include "benchmark/mixeval/settings.h"

namespace assay::compat {

enum class MixevalProgram { evaluate, compute_metrics, check_eval_complete };

struct MixevalFlags {
  MixevalProgram program = MixevalProgram::evaluate;
  std::string model_name, benchmark, version;
  std::optional<std::string> model_path, model_systemprompt, judge_model_id, max_gpu_memory, max_gpu_memory_judge, api_base_url;
  int batch_size = 1, batch_size_judge = 1, api_parallel_num = 100;
  std::string data_path = "mix_eval/data/";
  std::string response_dir;  // --output_dir, --model_response_dir
  bool inference_only = false, verbose = false, extract_base_model_response = false, compute_score_from_judged_file = false;
  mixeval::Parser free_form_parser = mixeval::Parser::model, multi_choice_parser = mixeval::Parser::model;
  std::string multichoice_judge = "gpt-3.5-turbo-0125", freeform_judge = "gpt-3.5-turbo-0125";
  std::vector<std::string> models_to_eval, base_models_to_check, chat_models_to_check;
  std::optional<std::size_t> n_free_form, n_multiple_choice;  // of the benchmark that is checked
  std::string out_path = "mix_eval/data/model_responses/eval_checks.log";
  // Ours.
  bool strict_resume = false;
  std::optional<std::string> model, judge, edition, models_file;
  mixeval::ScoreRule score = mixeval::ScoreRule::current;
  mixeval::Unparsed unparsed = mixeval::Unparsed::random;

  bool hard() const { return benchmark == "mixeval_hard"; }
  mixeval::Parser parser(mixeval::Split split) const { return split == mixeval::Split::free_form ? free_form_parser : multi_choice_parser; }
  /// The judge's name, as files have it; "" for a rule parser.
  std::string judge_name(mixeval::Split split) const;
};

/// What the status file keeps of `evaluate`'s flags, in the original's order.
json::object status_args(const MixevalFlags& flags, mixeval::Split split);

/// Before they are parsed, as argparse reads them: the beginning of a flag is that flag, and a list of values behind one flag becomes that flag
/// again and again. The last list of a flag counts.
std::vector<std::string> translate_mixeval(const std::vector<std::string>& words);

}  // namespace assay::compat
