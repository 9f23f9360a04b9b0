// How a server program is started and recognised: one table, from which docs/model-specs.md and `assay list providers` are made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/server/server_process.h"

namespace assay {

struct LaunchRecipe {
  std::string name, what;
  /// Groups of words. {program} {model} {model_dir} {trust} {port} {chosen_port} {args} stand for values; {args} for any number of
  /// words; {chosen_port} is empty unless the user named a port. A group with an empty value is left out.
  std::vector<std::vector<std::string>> command;
  std::string program;     // unless the user names another one
  std::string api;         // the dialect it is asked in, as `?api=` says it
  bool needs_model = true;
  bool asked_by_name = false;  // requests name the model as the command does; else the server has one and says which
  int port = 0;            // its usual one, where it cannot be told another one safely; 0 = a free one is chosen
  std::string ready_line{};
  std::vector<std::string> failure_lines{};
  /// Options of the program (each with one value) that change no number: no part of the identity.
  std::vector<std::string> neutral{};
};
const std::vector<LaunchRecipe>& launch_recipes();
/// usage error with the nearest names.
Result<const LaunchRecipe*> find_launch_recipe(std::string_view name);

/// What a user says to a recipe.
struct LaunchWish {
  std::string program, model, model_dir;
  bool trust_remote_code = false;
  std::string args;     // unsplit, as a shell would read it; may have {key} in it
  std::string command;  // of the recipe `command`: all of it, unsplit, with {port} and {model} in it, perhaps {key}
  std::string ready;    // line of output, in place of the recipe's
  int port = 0;         // 0 = the recipe's, or `free_port`
};

struct LaunchPlan {
  /// For people and manifests, too: {key} in them is filled in by who starts the program.
  std::vector<std::string> words;
  int port = 0;
  /// Of the identity: recipe, model, arguments without those that change no number, without port and keys.
  json::object facts;
};

/// `free_port` is taken where neither the user nor the recipe names one. Errors: usage. A key among the words is parse_model_spec's to refuse.
Result<LaunchPlan> plan_launch(const LaunchRecipe& recipe, const LaunchWish& wish, int free_port);

}  // namespace assay
