#include "cli/commands.h"

#include "cli/context.h"

namespace assay::cli {

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> all{run_command(),  score_command(),  show_command(),        list_command(),   data_command(),     models_command(),
                                            doctor_command(), leaderboard_command(), correlate_command(), journal_command(), quickstart_command(), eq_bench_command(), alpaca_eval_command(), judge_command(), mixeval_command(), mix_command(), harness_command(), bench_command()};
  return all;
}

}  // namespace assay::cli
