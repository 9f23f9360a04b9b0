// The quick reader against the general one: the same value, or none.
#include "base/python_yaml_simple.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/python_yaml.h"
#include "support/shared_data.h"

namespace assay {
namespace {

std::string json_of(const PythonValue& value) {
  return write_json(to_json(value));
}

/// True where the quick reader took the text.
bool agrees(std::string_view text) {
  auto simple = read_simple_yaml(text, "!function");
  if (!simple) return false;
  auto any = read_any_yaml(text, "f.yaml", "!function");
  EXPECT_TRUE(any) << to_string(any.error()) << "\n" << text;
  if (any) {
    EXPECT_EQ(json_of(*simple), json_of(*any)) << text;
    EXPECT_TRUE(*simple == *any) << text;
  }
  return true;
}

const std::vector<std::string>& plain_files() {
  static const std::vector<std::string> files{
      "task: one\ntag:\n  - a\n  - b\ndataset_path: org/name\noutput_type: generate_until\nnum_fewshot: 5\n",
      "# a comment\n\n\"dataset_name\": \"algebra\"\n\"description\": \"The following are about abstract\\\n  \\ algebra.\\n\\n\"\n\"include\": \"_t\"\n",
      "metric_list:\n  - metric: acc\n    aggregation: mean\n    higher_is_better: true\n  - metric: !function utils.f1 # ours\n    list: [1, 2.5, \"a, b\", 'it''s', "
      "x y, [yes, ~]]\n",
      "doc_to_text: \"Q: {{question}}\\nA:\" # said so\nuntil:\n- \"\\n\"\n- '###'\n- </s>\nversion: 1.0\nother: {}\n",
      "text: |\n  first: line\n    # deeper\n\n  last\nnext: |-\n    one\n    two\n# end\nx: -1\n",
      "filter_list:\n  - name: \"strict\"\n    filter:\n      - function: \"regex\"\n        regex_pattern: \"#### (\\\\-?[0-9\\\\.\\\\,]+)\"\n      - function: take_first\n",
      "- a\n-\n  b: 1\n  c:\n- - d\n",
      "a:\n\nb: ~\nc: 'one\n  line'\nd: \"two\n    lines\"\n1: x\nyes: 010\n",
      "group: g\ntask:\n  - group: h\n    task:\n      - x\n      - y\n    aggregate_metric_list:\n    - metric: acc\n      weight_by_size: False\n  - z\n",
      "description: The following are multiple choice\n  questions about {{subject}}.\n\n  Answer them\n  well\nn: 1\n   2\nq: 'So\n\n\n  it goes:\n  A. {{a}}\n\n  '\n# end\n",
      "target_delimiter: '\n\n  '\nfewshot_delimiter: \"\n\n\n  \"\nlast: 'x\n\n\n  '\n",
      "doc_to_text: '{{question.strip()}}\n\n  A. {{choices[0]}}\n\n  Answer:'\nuntil:\n- a\n  b\n-  \"c\n\n\n  d\"\nlast: of\n  all\n",
      "process_docs: !function utils.process\ndoc_to_choice: [\"A\", \"B\"]\ndoc_to_target: 0\nempty: []\nname: größe\n\"quoted\\tkey\": 1\n",
  };
  return files;
}

TEST(PythonYamlSimple, ReadsWhatTaskFilesAreMadeOf) {
  std::size_t taken = 0;
  for (const std::string& text : plain_files()) taken += agrees(text);
  EXPECT_EQ(taken, plain_files().size() - 3);  // braces, a list in the line of a list, an escape in a key
  auto value = read_simple_yaml(plain_files()[1]);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("description")->text, "The following are about abstract algebra.\n\n");
  EXPECT_EQ(read_simple_yaml(plain_files()[4])->find("text")->text, "first: line\n  # deeper\n\nlast\n");
  EXPECT_EQ(read_simple_yaml("a: 1\nb: x\na: 2\n")->items.size(), 4u);
}

TEST(PythonYamlSimple, LeavesTheRestToTheGeneralReader) {
  for (const char* text :
       {"", "\n", "word", "a: &x 1\nb: *x\n", "a: !thing 1\n", "a: !function utils.f\n", "a: >\n  x\n", "a: |+\n  x\n", "a: |2\n   x\n", "a: one\n  b: two\n",
        "a: one # so\n  two\n", "a: one\n  - two\n", "a: {b: 1}\n", "a:\tb\n", "a: b: c\n", "a: b:\n", "a: 'b\n", "a: \"\\q\"\n", "a: \"\\ud800\"\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n", "%YAML 1.1\na: 1\n",
        "a: 1\n  b: 2\n", "  a: 1\n", "a:\n  b: 1\n c: 2\n", "? a\n: b\n", "a: @b\n", "a: `b`\n", "a: [1,\n2]\n", "a: [1\n", "a: 1\r\nb: 2\r\n", "a : 1\n", "<<: 1\n",
        "a: \"b\" c\n", "a: |\n  x", "a:b\n", "a: *\n", "a: - b\n", "a: x\u2028y\n", "a: 'x\u0085y'\n", "a: \u009f\n", "a: \xff\n", "\xEF\xBB\xBF" "a: 1\n", "a: \x04 b\n"})
    EXPECT_FALSE(read_simple_yaml(text)) << text;
  EXPECT_FALSE(read_simple_yaml("a: " + std::string(300'000, 'x') + "\n"));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_FALSE(read_simple_yaml(deep));
}

// Every text that is one or a few small changes away from a plain file: whatever the quick reader takes, it takes as the other does.
TEST(PythonYamlSimple, AgreesOnWhatSmallChangesMakeOfPlainFiles) {
  std::uint64_t state = 42;
  auto below = [&](std::size_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  const std::vector<std::string> pieces{" ",  "\n", "  ", ":",  ": ", "-",  "- ", "#",  " #",  "\"",  "'",   "[",    "]",   ",",  "{",       "}",  "|",   "!",
                                        "\\", "&a", "*a", "~",  "x",  "0",  ".",  "\n\n", "\n ", "\\n", "\\\n", "---", "...", "?",  "? ",      "%",  "@",   "<<",
                                        ">",  "|-", "=",  "ä", "\t", "1.5", "\n- ", "\na: ", "no", "|\n  x\n", "[a, b]", "''", "\\ ", "\\x41", "\xC2\x85", "\xE2\x80\xA8"};
  std::size_t taken = 0;
  for (int round = 0; round < 6'000 && !testing::Test::HasFailure(); ++round) {
    std::string text = plain_files()[below(plain_files().size())];
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(text.size() + 1);
      switch (below(3)) {
        case 0:
          text.insert(at, pieces[below(pieces.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(4));
          break;
        default:
          text.replace(at, 1, pieces[below(pieces.size())]);
      }
    }
    taken += agrees(text);
  }
  EXPECT_GT(taken, 500u);
}

TEST(PythonYamlSimple, AgreesOnEveryFileOfTheOriginals) {
  ASSAY_NEED_SHARED("upstream/open-llm-leaderboard/tasks_head");
  std::size_t files = 0, taken = 0, tasks = 0, tasks_taken = 0;
  for (const char* folder : {"upstream/open-llm-leaderboard/tasks_head", "upstream/alpaca-eval"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared(folder))) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with("yaml") && !name.ends_with("yml")) continue;
      auto text = read_file(entry.path());
      ASSERT_TRUE(text);
      SCOPED_TRACE(entry.path().string());
      const bool took = agrees(*text), is_task = entry.path().string().find("tasks_head") != std::string::npos;
      ++files;
      taken += took;
      tasks += is_task;
      tasks_taken += took && is_task;
    }
  EXPECT_GE(files, 150u);
  EXPECT_GE(tasks_taken * 100, tasks * 95) << tasks_taken << " of " << tasks;
  EXPECT_GE(taken * 100, files * 80) << taken << " of " << files;
}

}  // namespace
}  // namespace assay
