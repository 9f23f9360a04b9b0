// One function a command; each lives in the file of its name.
#pragma once

#include "cli/arguments.h"

namespace assay::cli {

CommandSpec run_command();
CommandSpec score_command();
CommandSpec show_command();
CommandSpec list_command();
CommandSpec data_command();
CommandSpec models_command();
CommandSpec doctor_command();
CommandSpec leaderboard_command();
CommandSpec correlate_command();
CommandSpec journal_command();
CommandSpec quickstart_command();
CommandSpec eq_bench_command();
CommandSpec alpaca_eval_command();
CommandSpec judge_command();
CommandSpec mixeval_command();
CommandSpec mix_command();
CommandSpec harness_command();
CommandSpec bench_command();

}  // namespace assay::cli
