// The case runner must be able to fail: every kind of expectation is checked both ways, against small programs made here.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cases/runner/execute.h"
#include "cases/runner/match.h"

namespace assay::cases {
namespace {

namespace fs = std::filesystem;

/// A folder with a program `assay` that is a shell script, and a stand-in for the simulator.
class RunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "runner-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    setting_.programs = dir_;
    program("assay", R"(case "$1" in
  say) shift; printf '%s\n' "$@" ;;
  raw) printf "$2" ;;
  warn) echo "$2" >&2 ;;
  exit) exit "$2" ;;
  die) kill -9 $$ ;;
  hang) while :; do sleep 5; done ;;
  cat) cat ;;
  make) printf '%s\n' "$3" > "$2" ;;
  env) env | sort ;;
  ask) i=0; while [ $i -lt "$3" ]; do echo "{\"body\":\"$4\"}" >> "$2"; i=$((i+1)); done ;;
  wait) trap 'echo stopped; exit 130' INT; echo '{}' >> "$2"; i=0; while [ $i -lt 400 ]; do sleep 0.01; i=$((i+1)); done ;;
esac
)");
    program("assay-simulator", "while [ $# -gt 1 ]; do shift; done; : > \"$1\"; echo \"file:$1\"; while :; do sleep 5; done\n");
  }
  void TearDown() override { fs::remove_all(dir_); }

  void program(const std::string& name, const std::string& body) {
    ASSERT_TRUE(write_file(dir_ / name, "#!/bin/sh\n" + body));
    ASSERT_EQ(chmod((dir_ / name).c_str(), 0755), 0);
  }

  Verdict run(const std::string& text) {
    auto test = parse_case("# a test\n" + text, "t.case");
    EXPECT_TRUE(test) << to_string(test.error());
    return run_case(*test, setting_);
  }
  void passes(const std::string& text) {
    const Verdict verdict = run(text);
    EXPECT_EQ(verdict.kind, Verdict::Kind::passed) << text << "\n" << join(verdict.report, "\n");
  }
  /// Fails, and the report says `why`.
  void fails(const std::string& text, const std::string& why) {
    const Verdict verdict = run(text);
    EXPECT_EQ(verdict.kind, Verdict::Kind::failed) << text;
    EXPECT_TRUE(contains(join(verdict.report, "\n"), why)) << why << "\nis not in\n" << join(verdict.report, "\n");
  }

  fs::path dir_;
  Setting setting_;
};

TEST_F(RunnerTest, ExitCodes) {
  passes("$ assay exit 0\n");
  passes("$ assay exit 3\nexit 3\n");
  passes("$ assay die\nexit signal 9\n");
  fails("$ assay exit 3\n", "exit 3 instead of exit 0");
  fails("$ assay exit 0\nexit 2\n", "exit 0 instead of exit 2");
  fails("$ assay die\n", "signal 9");
}

TEST_F(RunnerTest, ACommandThatHangsIsKilledAndReported) { fails("timeout 1\n$ assay hang\n", "did not end within 1 s"); }

TEST_F(RunnerTest, AProgramThatIsNotThereFails) {
  fails("$ assay-nothing\n", "cannot start");
  fails("$ sh -c true\n", "only assay and its helpers");
}

TEST_F(RunnerTest, ExactOutput) {
  passes("$ assay say one two\nstdout\n| one\n| two\nstderr empty\n");
  fails("$ assay say one two\nstdout\n| one\n", "more: two");
  fails("$ assay say one\nstdout\n| one\n| two\n", "but there  : (end)");
  fails("$ assay say one\nstdout\n| 1\n", "but there  : one");
  fails("$ assay raw one\nstdout\n| one\n", "does not end in a newline");
  fails("$ assay warn oh\nstderr empty\n", "is not empty");
  passes("$ assay warn oh\nstderr\n| oh\nstdout empty\n");
}

TEST_F(RunnerTest, Wildcards) {
  passes("$ assay say a b c\nstdout\n| ...\n| c\n");
  passes("$ assay say a b c\nstdout\n| a\n| ...\n");
  passes("$ assay say a\nstdout\n| a\n| ...\n");
  passes("$ assay say 'took 12 ms'\nstdout\n| took <*> ms\n");
  passes("$ assay say 'took 12 ms'\nstdout\n| ~ took \\d+ ms\n");
  fails("$ assay say a b c\nstdout\n| ...\n| b\n", "more: c");
  fails("$ assay say 'took 12 s'\nstdout\n| took <*> ms\n", "expected line 1");
  fails("$ assay say 'took 12 ms!'\nstdout\n| ~ took \\d+ ms\n", "expected line 1");
  fails("$ assay say x\nstdout\n| ~ (\n", "no regular expression");
}

TEST_F(RunnerTest, PartsOfAnOutput) {
  passes("$ assay say 'abc def'\nstdout contains c d\nstdout lacks x\nstdout matches ^a.*f$\nstdout lines 1\n");
  fails("$ assay say abc\nstdout contains x\n", "does not contain 'x'");
  fails("$ assay say abc\nstdout lacks b\n", "contains 'b'");
  fails("$ assay say abc\nstdout matches ^b\n", "does not match");
  fails("$ assay say abc\nstdout lines 2\n", "1 lines instead of 2");
}

TEST_F(RunnerTest, Json) {
  const std::string say = R"($ assay say '{"a": {"b": [1, 2.5, {"c d": "text"}]}, "n": null}')" "\n";
  passes(say + "json a.b[0] = 1\njson a.b[1] ~ 2.4999 1e-3\njson a.b[-1][\"c d\"] = \"text\"\njson n = null\njson a.b length 3\n"
               "json a.x absent\njson a.b exists\njson a.b[1] > 2\njson a.b[1] <= 2.5\njson a.b[2][\"c d\"] matches ^te\njson . exists\n"
               "json a.b[2][\"c d\"] contains ex\njson a.b[0] != 2\n");
  fails(say + "json a.b[0] = 2\n", "is 1");
  fails(say + "json a.b[1] ~ 2.6 1e-3\n", "off by 0.1");
  fails(say + "json a.b[7] = 1\n", "nothing there");
  fails(say + "json a absent\n", "is {");
  fails(say + "json n exists\njson m exists\n", "nothing there");
  fails(say + "json a.b length 2\n", "has length 3");
  fails(say + "json a.b[1] < 2\n", "is 2.5");
  fails("$ assay say nonsense\njson a = 1\n", "is not JSON");
  passes("$ assay say '{\"x\":1}' '{\"x\":2}'\njson [1].x = 2\njson . length 2\n");
}

TEST_F(RunnerTest, Files) {
  passes("$ assay make f.txt hello\nfile f.txt\n| hello\nfile f.txt exists\nfile g.txt absent\n");
  passes("write a.txt\n| hello\n$ assay make f.txt hello\nfile f.txt same a.txt\n");
  fails("$ assay make f.txt hello\nfile f.txt\n| bye\n", "f.txt: expected line 1");
  fails("$ assay say\nfile f.txt exists\n", "is not there");
  fails("$ assay say\nfile f.txt contains x\n", "f.txt");
  fails("$ assay make f.txt hello\nfile f.txt absent\n", "is there");
  fails("write a.txt\n| hellO\n$ assay make f.txt hello\nfile f.txt same a.txt\n", "from byte 4");
  passes("$ assay make f.json '{\"v\": 1.5}'\nfile f.json json v = 1.5\n");
}

TEST_F(RunnerTest, PreparedFiles) {
  passes("write sub/a.txt\n| {not a placeholder}\n|\n|  indented\n$ assay say x\nfile sub/a.txt\n| {not a placeholder}\n|\n|  indented\n");
  passes("write-bytes a.bin\n| a\\x00b\\n\\\\\n| c\n$ assay say x\nfile a.bin matches ^a.b$\nfile a.bin matches ^.c$\n");
  passes("write a.txt\n| 123456\ncut a.txt 3\nwrite b.txt\n| x\nremove b.txt\n$ assay say x\nfile a.txt matches ^123$\nfile b.txt absent\n");
  passes("write a/b.txt\n| q\ncopy a c\n$ assay say x\nfile c/b.txt\n| q\n");
  fails("copy nowhere a\n$ assay say x\n", "No such file");
}

TEST_F(RunnerTest, StandardInput) {
  passes("$ assay cat\nstdin\n| one\n| two\nstdout\n| one\n| two\n");
  passes("$ assay cat\nstdout empty\n");
}

TEST_F(RunnerTest, TheEnvironmentIsScrubbed) {
  setenv("ASSAY_RUNNER_TEST", "leaks", 1);
  passes("env SHOWN={dir}/x\n$ assay env\nenv ALSO=1\nstdout lacks leaks\nstdout matches ^SHOWN=/.*/x$\nstdout contains ALSO=1\nstdout contains HOME=\n");
  passes("env LANG=\n$ assay env\nstdout lacks LANG=\n");
}

TEST_F(RunnerTest, RequestsOfTheSimulator) {
  const std::string start = "simulator\n| {}\n";
  passes(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests 3\nrequests 3 containing apple\nrequests 0 containing pear\n"
                 "$ assay say x\nrequests 0\n");
  passes(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests <= 3\nrequests >= 3\nrequests <= 9 containing apple\n");
  fails(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests <= 2\n", "3 requests instead of at most 2");
  fails(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests >= 4\n", "at least 4");
  fails(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests 2\n", "3 requests instead of 2");
  fails(start + "$ assay ask {dir}/.requests-.jsonl 3 apple\nrequests 1 containing pear\n", "0 requests containing 'pear'");
  fails("$ assay say x\nrequests 0\n", "no simulator");
  passes("simulator judge --fast\n$ assay say {url:judge}\nstdout matches ^file:/\nrequests judge 0\n");
  // A second one at the address of the first: another is taken. This stand-in has its own only the third time.
  program("assay-simulator", "while [ $# -gt 1 ]; do shift; done; : >> \"$1\"; echo x >> starts; n=$(wc -l < starts); [ $n -eq 2 ] && n=1; echo \"http://$n\"; while :; do sleep 5; done\n");
  passes("simulator\n| {}\n$ assay say {url}\nstdout matches ^http://1$\nsimulator\n| {}\n$ assay say {url}\nstdout matches ^http://3$\n");
}

TEST_F(RunnerTest, Interruption) {
  const std::string start = "simulator\n| {}\n";
  passes(start + "$ assay wait {dir}/.requests-.jsonl\ninterrupt after 1 requests\nexit 130\nstdout\n| stopped\n");
  passes(start + "$ assay wait {dir}/.requests-.jsonl\nkill after 1 requests\nexit signal 9\n");
  fails(start + "$ assay say x\nkill after 1 requests\n", "ended before it was interrupted");
}

TEST_F(RunnerTest, NeedsAreReportedAsSkipped) {
  Verdict verdict = run("needs llama\n$ assay exit 1\n");
  EXPECT_EQ(verdict.kind, Verdict::Kind::skipped);
  EXPECT_TRUE(contains(verdict.report.at(0), "llama"));
  verdict = run("needs shared/golden\n$ assay exit 1\n");
  EXPECT_EQ(verdict.kind, Verdict::Kind::skipped);
  setting_.have.insert("llama");
  setting_.shared = dir_;
  fails("needs llama\n$ assay exit 1\n", "exit 1");
  fails("needs shared\n$ assay exit 1\n", "exit 1");
  passes("needs program assay-simulator\n$ assay exit 0\n");
}

TEST_F(RunnerTest, TheFirstFailureEndsTheCase) {
  const Verdict verdict = run("$ assay exit 1\n$ assay make made.txt x\nfile made.txt absent\n");
  ASSERT_EQ(verdict.report.size(), 1u);
  EXPECT_TRUE(contains(verdict.report[0], "t.case:2"));
}

TEST(CaseParser, MalformedCasesAreRefusedWithTheLine) {
  const auto wrong = [](const std::string& text, const std::string& line, const std::string& why) {
    auto test = parse_case(text, "t.case");
    ASSERT_FALSE(test) << text;
    EXPECT_EQ(test.error().where, "t.case:" + line) << text;
    EXPECT_TRUE(contains(test.error().message, why)) << test.error().message;
  };
  wrong("$ assay x\n", "1", "comment");
  wrong("# t\n", "1", "no command");
  wrong("# t\nexit 1\n$ assay x\n", "2", "after a command");
  wrong("# t\nfrobnicate\n$ assay x\n", "2", "unknown word");
  wrong("# t\n$ assay x\nexit many\n", "3", "exit CODE");
  wrong("# t\n$ assay x\nstdout\n", "3", "what is expected");
  wrong("# t\n$ assay x\nstdout contains\n", "3", "what?");
  wrong("# t\n$ assay x\nstdout empty yes\n", "3", "nothing after it");
  wrong("# t\n$ assay x\njson a is 1\n", "3", "unknown operator");
  wrong("# t\n$ assay x\njson a =\n", "3", "needs a value");
  wrong("# t\n$ assay 'x\n", "2", "not closed");
  wrong("# t\n$ assay x\n| body of nothing\n", "3", "takes a body");
  wrong("# t\n$ assay x\nneeds llama\n", "3", "before the first command");
  wrong("# t\nneeds luck\n$ assay x\n", "2", "knows shared");
  wrong("# t\n$ assay x\ninterrupt soon\n", "3", "after N requests");
  wrong("# t\ncut a\n$ assay x\n", "2", "two words");
  EXPECT_FALSE(parse_case("# t\xff\n$ assay x\n", "t.case"));
}

TEST(CaseParser, Words) {
  EXPECT_EQ(*split_words(R"(a 'b c' "d \"e\" \x" '' f'g'h)"), (std::vector<std::string>{"a", "b c", R"(d "e" \x)", "", "fgh"}));
  EXPECT_FALSE(split_words("a \"b"));
}

TEST(CaseMatch, BacktracksOverWildLines) {
  EXPECT_FALSE(match_lines({"...", "b", "...", "b"}, "a\nb\nc\nb\n"));
  EXPECT_FALSE(match_lines({"...", "b"}, "b\nb\n"));
  EXPECT_TRUE(match_lines({"b", "...", "b"}, "b\n"));
  EXPECT_FALSE(match_lines({}, ""));
  EXPECT_TRUE(match_lines({}, "x\n"));
}

TEST(CaseMatch, WildInsideALine) {
  EXPECT_TRUE(match_line("<*>", ""));
  EXPECT_TRUE(match_line("a<*>b<*>c", "a1b2c"));
  EXPECT_TRUE(match_line("a<*>b", "aXbXb"));
  EXPECT_FALSE(match_line("a<*>b", "aXbX"));
  EXPECT_FALSE(match_line("aa<*>aa", "aaa"));
}

TEST(CaseMatch, MalformedPaths) {
  const json::value document = parse_json(R"({"a":[1]})").value();
  for (const char* path : {"a[", "a[x]", "a..b", "a[0]b", ".a"}) EXPECT_FALSE(at_path(document, path)) << path;
  EXPECT_EQ(at_path(document, "a[1]").value(), nullptr);
  EXPECT_EQ(at_path(document, "a[-2]").value(), nullptr);
}

}  // namespace
}  // namespace assay::cases
