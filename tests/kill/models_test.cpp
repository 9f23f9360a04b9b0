// `assay models` and `gguf:hf:` against a hub on loopback: the program itself, killed and interrupted in the middle of a download.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "cases/runner/process.h"
#include "support/hub_stand_in.h"
#include "support/temporary_folder.h"
#ifdef ASSAY_WITH_LLAMA
#include "support/gguf_fixtures.h"
#endif

namespace assay::test {
namespace {

namespace fs = std::filesystem;
using cases::Command;
using cases::Outcome;

struct ModelsTest : testing::Test {
  TemporaryFolder folder;
  HubStandIn hub;

  Command command(std::vector<std::string> arguments) const {
    Command out;
    out.program = ASSAY_PROGRAM;
    out.arguments = std::move(arguments);
    out.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.path().string(), "ASSAY_DATA=" + (folder / "data").string(), "LANG=C.UTF-8", "TERM=dumb", "TZ=UTC",
                       "HF_HUB_CACHE=" + (folder / "hub").string()};
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"})
      if (const char* value = std::getenv(name)) out.environment.push_back(std::string(name) + "=" + value);
    out.environment.push_back("HF_ENDPOINT=" + hub.endpoint() + "/");  // the last one, for tests that replace it
    out.directory = folder.path();
    out.timeout = 120;
    return out;
  }
  static Outcome must(const Command& command) {
    auto outcome = cases::run_command(command);
    if (!outcome) throw std::runtime_error(to_string(outcome.error()));
    return *outcome;
  }
  Outcome assay(std::vector<std::string> arguments) const { return must(command(std::move(arguments))); }
  static json::value document(const Outcome& outcome) { return parse_json(outcome.out).value_or(nullptr); }
  fs::path part(const std::string& content) const { return folder / "hub/models--org--model/blobs" / (sha256_of(content) + ".assay-part"); }
  /// Bytes that the map of a download counts.
  static std::uint64_t mapped(const fs::path& part) {
    auto map = read_file(part.string() + ".map");
    std::size_t line = map ? map->find('\n') : std::string::npos;
    std::uint64_t out = 0;
    if (line == std::string::npos) return 0;
    for (std::size_t at = line + 1; at + 8 <= map->size(); at += 8)
      for (int i = 7; i >= 0; --i) out += static_cast<std::uint64_t>(static_cast<unsigned char>((*map)[at + static_cast<std::size_t>(i)])) << 8 * i;
    return out;
  }
  void behave(std::size_t hang_after) {
    HubStandIn::Behaviour* behaviour;
    auto lock = hub.lock(behaviour);
    behaviour->hang_after = hang_after;
  }
};

std::string random_bytes(std::size_t size) {
  Random random(7);
  std::string out(size, '\0');
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    std::uint64_t value = random.next();
    std::memcpy(out.data() + i, &value, 8);
  }
  return out;
}

TEST_F(ModelsTest, PulledListedDeleted) {
  hub.behaviour.files["config.json"] = {"{}"};
  hub.behaviour.files["q4/model.gguf"] = {random_bytes(100'000), true};
  hub.behaviour.files["q8/model.gguf"] = {random_bytes(200'000), true};
  Outcome preview = assay({"models", "pull", "org/model", "--include", "*.gguf", "--dry-run"});
  EXPECT_EQ(preview.code, 0) << preview.err;
  EXPECT_TRUE(contains(preview.out, "0.30 MB  in 2 files")) << preview.out;
  EXPECT_FALSE(fs::exists(folder / "hub"));

  Outcome pulled = assay({"models", "pull", "org/model", "--include", "*.gguf", "--exclude", "q8/*", "--json"});
  ASSERT_EQ(pulled.code, 0) << pulled.err;
  json::value told = document(pulled);
  const json::value& one = told.as_array().at(0);
  EXPECT_EQ(get_string(one, "commit"), HubStandIn::kCommit);
  EXPECT_EQ(get_integer(one, "received"), 100'000);
  const json::value& file = find(one, "files")->as_array().at(0);
  EXPECT_EQ(get_string(file, "path"), "q4/model.gguf");
  EXPECT_EQ(read_file(*get_string(file, "place")).value_or(""), hub.behaviour.files["q4/model.gguf"].content);
  EXPECT_TRUE(contains(pulled.err, "1/1  q4/model.gguf")) << pulled.err;

  Outcome listed = assay({"models", "list"});
  EXPECT_TRUE(contains(listed.out, "0.10 MB  org/model  (by assay)")) << listed.out;
  EXPECT_TRUE(contains(listed.out, "gguf:hf:org/model:q4/model.gguf")) << listed.out;
  Outcome deleted = assay({"models", "delete", "org/model"});
  EXPECT_EQ(deleted.code, 0);
  EXPECT_TRUE(contains(deleted.out, "1 files deleted, 0.10 MB freed")) << deleted.out;
  EXPECT_EQ(assay({"models", "delete", "org/model"}).code, 4);
  EXPECT_TRUE(contains(assay({"models", "list"}).out, "none"));
}

TEST_F(ModelsTest, RefusalsEndWithTheirCure) {
  hub.behaviour.token = "hf_right";
  hub.behaviour.gated = true;
  Outcome gated = assay({"models", "pull", "org/model"});
  EXPECT_EQ(gated.code, 3);
  EXPECT_TRUE(contains(gated.err, "is gated") && contains(gated.err, "accept it at " + hub.endpoint() + "/org/model")) << gated.err;
  Command with = command({"models", "pull", "org/model"});
  with.environment.push_back("HF_TOKEN=hf_wrong_token");
  Outcome wrong = must(with);
  EXPECT_EQ(wrong.code, 3);
  EXPECT_FALSE(contains(wrong.err + wrong.out, "hf_wrong_token"));
  EXPECT_EQ(assay({"models", "pull", "../x"}).code, 2);
  EXPECT_EQ(assay({"models", "pull"}).code, 2);
  Outcome typo = assay({"models", "pul", "a/b"});
  EXPECT_EQ(typo.code, 2);
  EXPECT_TRUE(contains(typo.err, "did you mean pull?"));
  with = command({"models", "pull", "org/model", "--offline"});
  with.environment.back() = "HF_ENDPOINT=http://hub.example";
  EXPECT_EQ(must(with).code, 2);
}

TEST_F(ModelsTest, AKilledDownloadGoesOn) {
  const std::string large = random_bytes(std::size_t{40} << 20);
  hub.behaviour.files["model.gguf"] = {large, true};
  behave(1'000'000);
  Command killed = command({"models", "pull", "org/model", "--parallel", "3"});
  killed.watch = [&] { return mapped(part(large)) >= 3'000'000 ? SIGKILL : 0; };
  Outcome dead = must(killed);
  EXPECT_EQ(dead.signal, SIGKILL);
  EXPECT_FALSE(fs::exists(folder / "hub/models--org--model/snapshots"));
  behave(StandInReply::kAll);
  Outcome rest = assay({"models", "pull", "org/model", "--parallel", "3", "--json"});
  ASSERT_EQ(rest.code, 0) << rest.err;
  json::value told = document(rest);
  auto resumed = get_integer(told.as_array().at(0), "resumed"), received = get_integer(told.as_array().at(0), "received");
  EXPECT_GE(resumed.value_or(0), 3'000'000);
  EXPECT_EQ(resumed.value_or(0) + received.value_or(0), static_cast<std::int64_t>(large.size()));
  EXPECT_EQ(read_file(folder / "hub/models--org--model/snapshots" / HubStandIn::kCommit / "model.gguf").value_or("") == large, true);
}

TEST_F(ModelsTest, CtrlCEndsADownloadThatHangs) {
  const std::string large = random_bytes(1'000'000);
  hub.behaviour.files["model.gguf"] = {large, true};
  behave(300'000);
  Command interrupted = command({"models", "pull", "org/model"});
  bool once = true;
  interrupted.watch = [&] {
    std::error_code code;
    auto size = fs::file_size(part(large), code);
    return !code && size >= 300'000 && std::exchange(once, false) ? SIGINT : 0;
  };
  Outcome stopped = must(interrupted);
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_TRUE(contains(stopped.err, "run the same command again")) << stopped.err;
  behave(StandInReply::kAll);
  json::value told = document(assay({"models", "pull", "org/model", "--json"}));
  EXPECT_EQ(get_integer(told.as_array().at(0), "resumed"), 300'000);
}

#ifdef ASSAY_WITH_LLAMA
TEST_F(ModelsTest, AModelFileByItsNameOnTheHub) {
  hub.behaviour.files["tiny.gguf"] = {tiny_bpe_model(), true};
  Outcome absent = assay({"doctor", "--model", "gguf:hf:org/model:tiny.gguf"});
  EXPECT_NE(absent.code, 0);
  EXPECT_TRUE(contains(absent.out + absent.err, "assay models pull org/model:tiny.gguf")) << absent.out << absent.err;
  std::vector<std::string> run{"run", "eq-bench", "--edition", "sample", "--limit", "1", "--model", "gguf:hf:org/model:tiny.gguf?n_ctx=1024&max_tokens=4", "--json", "--quiet"};
  Outcome first = assay(run);
  EXPECT_TRUE(first.code == 0 || first.code == 1) << first.err;
  EXPECT_TRUE(contains(first.out, "tiny.gguf")) << first.out << first.err;
  std::size_t asked = hub.seen().size();
  EXPECT_GT(asked, 0u);
  assay(run);
  EXPECT_EQ(hub.seen().size(), asked) << "what is in the cache is used without asking anybody";
  Outcome unnamed = assay({"run", "eq-bench", "--edition", "sample", "--limit", "1", "--model", "gguf:hf:org/model"});
  EXPECT_EQ(unnamed.code, 2) << unnamed.err;
}
#endif

}  // namespace
}  // namespace assay::test
