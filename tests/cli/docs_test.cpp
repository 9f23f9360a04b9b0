// The documents agree with the program, and with each other.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "model/model_spec.h"
#include "model/server/recipe.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string document(const std::string& name) {
  auto text = read_file(fs::path(ASSAY_SOURCE_DIR) / name);
  EXPECT_TRUE(text) << name;
  return text.value_or("");
}

TEST(Docs, EveryModelSettingIsInTheTable) {
  const std::string text = document("docs/model-specs.md");
  std::size_t rows = 0;
  for (std::string_view line : split_lines(text)) rows += line.starts_with("| `") && (line.ends_with("| yes |") || line.ends_with("| no |"));
  EXPECT_EQ(rows, model_settings().size());
  for (const SettingInfo& setting : model_settings()) {
    const std::string row = "| `" + setting.key + "` | " + replace_all(setting.values, "|", ", ") + " | " + setting.meaning + " | " +
                            shown_backends(setting) + " | " + (setting.in_identity ? "yes" : "no") + " |\n";
    EXPECT_TRUE(contains(text, row)) << "docs/model-specs.md lacks\n" << row;
  }
}

/// The words of a recipe's command as the document shows them.
std::string shown_command(const LaunchRecipe& recipe) {
  std::vector<std::string> groups;
  for (const auto& group : recipe.command) {
    std::string words = join(group, " ");
    bool optional = false;
    for (std::string_view name : {"trust", "model_dir", "chosen_port"}) optional = optional || contains(words, "{" + std::string(name) + "}");
    words = replace_all(words, "{trust}", "--trust-remote-code");
    words = replace_all(words, "{program}", recipe.program.empty() ? "PROGRAM" : recipe.program);
    for (const auto& [name, text] : {std::pair("{model}", "MODEL"), {"{model_dir}", "MODEL_DIR"}, {"{port}", "PORT"}, {"{chosen_port}", "CHOSEN_PORT"}, {"{args}", "ARGS"}})
      words = replace_all(words, name, text);
    groups.push_back(optional ? "[" + words + "]" : words);
  }
  return join(groups, " ");
}

TEST(Docs, EveryRecipeIsInTheTable) {
  const std::string text = document("docs/model-specs.md");
  for (const LaunchRecipe& recipe : launch_recipes()) {
    const std::string row = "| `" + recipe.name + "` | " + recipe.what + " | " + recipe.api + " | `" + shown_command(recipe) + "` |\n";
    EXPECT_TRUE(contains(text, row)) << "docs/model-specs.md lacks\n" << row;
  }
}

TEST(Docs, RelativeLinksLeadSomewhere) {
  auto link = PythonRegex::compile(R"(\]\(([^)#:\s]+)(?:#[^)]*)?\))").value();
  const fs::path root = ASSAY_SOURCE_DIR;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(root)) files.push_back(entry.path());
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) files.push_back(entry.path());
  std::size_t checked = 0;
  for (const fs::path& file : files) {
    if (file.extension() != ".md") continue;
    const std::string text = read_file(file).value();
    const std::vector<Match> links = link.find_all(text).value();
    for (const Match& match : links) {
      const fs::path target = file.parent_path() / std::string(match.text(text, 1));
      EXPECT_TRUE(fs::exists(target)) << file.string() << " links to " << match.text(text, 1);
      ++checked;
    }
  }
  EXPECT_GT(checked, 5u);
}

TEST(Docs, TheVersionHasAnEntryInTheChangelog) {
  EXPECT_TRUE(contains(document("CHANGELOG.md"), "## " ASSAY_VERSION)) << "CHANGELOG.md says nothing of " ASSAY_VERSION;
}

}  // namespace
}  // namespace assay
