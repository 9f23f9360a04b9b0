#include "benchmark/mixeval/completeness.h"

#include "base/text.h"

namespace assay::mixeval {

std::string result_folder(const std::string& response_dir, const std::string& model, const std::string& benchmark, const std::string& version) {
  std::string out = response_dir;
  for (const std::string* part : {&model, &benchmark, &version}) {
    if (!out.empty() && !out.ends_with('/')) out += '/';
    out += *part;
  }
  return out;
}

std::string completeness_log(const CompletenessWish& wish, const std::function<FolderState(const std::string&, const std::string&, Split)>& look) {
  std::string out;
  for (const std::vector<std::string>* list : {&wish.base_models, &wish.chat_models})
    for (Split split : {Split::free_form, Split::multiple_choice})
      for (const std::string& model : *list) {
        if (lower(model) == "none") continue;
        const std::string folder = result_folder(wish.response_dir, model, wish.benchmark, wish.version);
        const FolderState state = look(folder, model, split);
        if (!state.exists) {
          out += "Directory " + folder + " does not exist.\n";
          continue;
        }
        const bool whole = state.lines == (split == Split::free_form ? wish.free_form : wish.multiple_choice);
        if (state.complete && whole) continue;
        out += "Directory " + folder + " has issues. Please check the log file inside. The check result: [Status complete: " + (state.complete ? "True" : "False") +
               "], [Responses file complete: " + (whole ? "True" : "False") + "], [No error in log file: True].\n";
      }
  return out + "Above lines are problematic directories. No lines above means all entries are valid. \n";
}

}  // namespace assay::mixeval
