// assay-case [options] FILE...: runs .case files. Exit: 0 all passed, 1 one failed, 2 usage or a malformed case, 77 all were skipped.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "execute.h"

namespace {

constexpr const char* kUsage =
    "usage: assay-case [--programs DIR] [--shared DIR] [--repository DIR] [--have PART] [--keep] [--verbose] FILE...\n"
    "  Runs behaviour tests (docs/formats/case.md). Exit: 0 passed, 1 failed, 2 usage or a malformed case, 77 all skipped.\n";

}  // namespace

int main(int count, char** arguments) {
  using namespace assay;
  cases::Setting setting;
  std::error_code error;
  setting.programs = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  setting.repository = std::filesystem::current_path();
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) setting.environment.push_back(std::string(name) + "=" + value);
  }
  std::vector<std::string> files;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    const bool takes_value = word == "--programs" || word == "--shared" || word == "--repository" || word == "--have";
    if (takes_value && i + 1 == count) {
      std::fprintf(stderr, "assay-case: %s needs a value\n%s", word.c_str(), kUsage);
      return 2;
    }
    if (word == "--programs") setting.programs = std::filesystem::absolute(arguments[++i]);
    else if (word == "--shared") setting.shared = std::filesystem::absolute(arguments[++i]);
    else if (word == "--repository") setting.repository = std::filesystem::absolute(arguments[++i]);
    else if (word == "--have") setting.have.insert(arguments[++i]);
    else if (word == "--keep") setting.keep = true;
    else if (word == "--verbose") setting.verbose = true;
    else if (word[0] != '-') files.push_back(word);
    else {
      std::fprintf(stderr, "assay-case: unknown option %s\n%s", word.c_str(), kUsage);
      return 2;
    }
  }
  if (files.empty()) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  bool failed = false, malformed = false, all_skipped = true;
  for (const std::string& file : files) {
    auto text = read_file(file);
    auto test = text ? cases::parse_case(*text, file) : std::unexpected(text.error());
    if (!test) {
      std::fprintf(stderr, "%s\n", to_string(test.error()).c_str());
      malformed = true;
      continue;
    }
    const cases::Verdict verdict = run_case(*test, setting);
    const char* word = verdict.kind == cases::Verdict::Kind::passed ? "passed" : verdict.kind == cases::Verdict::Kind::failed ? "FAILED" : "skipped";
    std::printf("%s %s: %s\n", word, file.c_str(), test->title.c_str());
    for (const std::string& line : verdict.report) std::printf("%s\n", line.c_str());
    failed = failed || verdict.kind == cases::Verdict::Kind::failed;
    all_skipped = all_skipped && verdict.kind == cases::Verdict::Kind::skipped;
  }
  return malformed ? 2 : failed ? 1 : all_skipped ? 77 : 0;
}
