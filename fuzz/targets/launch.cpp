// What a server prints, and what a user writes for its command line: the first line of the input is split into words, the rest is output.
#include "base/shell_words.h"
#include "base/text.h"
#include "fuzz.h"
#include "model/server/output_tail.h"
#include "model/server/recipe.h"

namespace assay::fuzz {

void fuzz_one(std::string_view text) {
  std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));

  if (auto words = split_shell_words(line)) {
    auto again = split_shell_words(join_shell_words(*words));
    REQUIRE(again && *again == *words);
  }
  for (const LaunchRecipe& recipe : launch_recipes()) {
    LaunchWish wish{.program = "p", .model = "m"};
    (recipe.name == "command" ? wish.command : wish.args) = line;
    auto plan = plan_launch(recipe, wish, 4711);
    if (!plan) continue;
    REQUIRE(!plan->words.empty() && plan->port > 0 && plan->port < 65536);
  }

  OutputTail whole(5), pieces(5);
  whole.watch("ready");
  pieces.watch("ready");
  whole.feed(text);
  for (std::size_t i = 0; i < text.size(); i += 7) pieces.feed(text.substr(i, 7));
  REQUIRE(whole.lines() == pieces.lines());
  REQUIRE(whole.seen("ready") == pieces.seen("ready"));
  REQUIRE(whole.lines().size() <= 5);
  for (const std::string& shown : whole.lines()) REQUIRE(is_valid_utf8(shown) && shown.find_first_of("\n\r\x1b") == std::string::npos);
}

}  // namespace assay::fuzz
