// Models from a hub that runs on loopback: the cache's layout, ranges, interruptions, refusals, and what may never happen - a token on
// another host, a file under its name that is not what was described.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <fstream>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "model/http/curl_transport.h"
#include "model/hub/hub.h"
#include "support/hub_stand_in.h"
#include "support/loop.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using test::HubStandIn;

std::string bytes(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::string out;
  while (out.size() < size) out += static_cast<char>(random.next());
  return out;
}

struct HubPullTest : testing::Test {
  test::TemporaryFolder home;
  HubStandIn hub;
  test::Loop loop;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  VirtualTimer timer;
  StopSwitch stop;
  HubOptions options;
  HubRequest request;
  std::string large = bytes(10'500, 1);

  HubPullTest() {
    hub.behaviour.files["config.json"] = {R"({"a": 1})"};
    hub.behaviour.files["q4/model.gguf"] = {large, true};
    options.endpoint = hub.endpoint();
    options.cache = home / "hub";
    options.transport = transport.get();
    options.timer = &timer;
    options.stop = &stop;
    options.segment = 1000;
    options.stall = std::chrono::seconds(20);
    request.address.repository = "org/model";
  }
  Result<HubPull> pull() { return loop.run(pull_from_hub(request, options)); }
  Result<HubPull> pull_one(std::string file) {
    request.address.file = std::move(file);
    return pull();
  }
  HubCache cache() { return HubCache(options.cache); }
  fs::path folder() { return home / "hub/models--org--model"; }
  fs::path blob() { return folder() / "blobs" / test::sha256_of(large); }
  fs::path part() { return blob().string() + ".assay-part"; }
  static std::string content(const fs::path& path) { return read_file(path).value_or("(absent)"); }
  std::size_t resolves() {
    std::size_t out = 0;
    for (const auto& seen : hub.seen()) out += contains(seen.target, "/resolve/");
    return out;
  }
};

TEST_F(HubPullTest, FillsTheSharedCacheInItsLayout) {
  std::vector<HubProgress> steps;
  options.progress = [&](const HubProgress& progress) { steps.push_back(progress); };
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->commit, HubStandIn::kCommit);
  EXPECT_EQ(result->folder, folder() / "snapshots" / HubStandIn::kCommit);
  ASSERT_EQ(result->files.size(), 2u);
  EXPECT_TRUE(result->files[0].downloaded && result->files[1].downloaded);
  EXPECT_EQ(result->received, large.size() + 8);
  fs::path snapshot = result->folder;
  EXPECT_EQ(content(snapshot / "config.json"), R"({"a": 1})");
  EXPECT_EQ(content(snapshot / "q4/model.gguf"), large);
  EXPECT_EQ(fs::read_symlink(snapshot / "config.json"), "../../blobs/" + test::git_blob_of(R"({"a": 1})"));
  EXPECT_EQ(fs::read_symlink(snapshot / "q4/model.gguf"), "../../../blobs/" + test::sha256_of(large));
  EXPECT_EQ(content(folder() / "refs/main"), HubStandIn::kCommit);
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_FALSE(fs::exists(part().string() + ".map"));
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.back().files_done, 2u);
  EXPECT_EQ(steps.back().done, large.size() + 8);
  EXPECT_EQ(steps.back().total, large.size() + 8);

  std::size_t store = hub.seen_store().size(), asked = resolves();
  auto again = pull();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->received, 0u);
  EXPECT_FALSE(again->files[0].downloaded || again->files[1].downloaded);
  EXPECT_EQ(hub.seen_store().size(), store);
  EXPECT_EQ(resolves(), asked);
}

TEST_F(HubPullTest, DataSetsHaveTheirOwnPlaces) {
  hub.behaviour.repository = "datasets/org/set";
  hub.behaviour.files = {{"easy/test/0000.parquet", {large, true}}, {"hard/test/0000.parquet", {"PAR1", true}}};
  request.address = parse_hub_address("datasets/org/set@refs/convert/parquet").value();
  request.include = {"easy/*"};
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->folder, home / "hub/datasets--org--set/snapshots" / HubStandIn::kCommit);
  EXPECT_EQ(content(result->folder / "easy/test/0000.parquet"), large);
  EXPECT_FALSE(fs::exists(result->folder / "hard"));
  ASSERT_EQ(cache().list().size(), 1u);
  EXPECT_EQ(cache().list()[0].repository, "datasets/org/set");
  EXPECT_EQ(cache().list()[0].revisions.at(0).refs, std::vector<std::string>{"refs/convert/parquet"});
  EXPECT_EQ(cache().find(parse_hub_address("datasets/org/set@refs/convert/parquet").value()), result->folder);
  EXPECT_TRUE(cache().delete_downloads("datasets/org/set"));
  EXPECT_FALSE(fs::exists(blob()));
}

TEST_F(HubPullTest, LargeFilesComeInSeveralRanges) {
  options.parallel = 4;
  ASSERT_TRUE(pull_one("q4/model.gguf"));
  EXPECT_EQ(content(blob()), large);
  auto store = hub.seen_store();
  EXPECT_EQ(store.size(), 11u);
  std::set<std::string> ranges;
  for (const auto& seen : store) ranges.insert(seen.header("range"));
  EXPECT_EQ(ranges.size(), 11u);
  EXPECT_TRUE(ranges.contains("bytes=10000-10499"));
  EXPECT_LE(resolves(), 4u) << "where the hub sends us is remembered";
}

TEST_F(HubPullTest, TheTokenNeverLeavesTheHub) {
  hub.behaviour.token = "hf_secret123";
  options.token = Secret("hf_secret123");
  for (std::size_t parallel : {1, 4}) {
    options.parallel = parallel;
    options.cache = home / std::to_string(parallel);
    auto result = pull();
    ASSERT_TRUE(result) << to_string(result.error());
  }
  for (const auto& seen : hub.seen()) EXPECT_EQ(seen.header("authorization"), "Bearer hf_secret123");
  ASSERT_FALSE(hub.seen_store().empty());
  for (const auto& seen : hub.seen_store()) EXPECT_EQ(seen.header("authorization"), "");
}

TEST_F(HubPullTest, AnAnswerCutInTheMiddleIsContinued) {
  for (std::size_t parallel : {1, 4}) {
    HubStandIn::Behaviour* behaviour;
    {
      auto lock = hub.lock(behaviour);
      behaviour->cuts = 3;
    }
    options.parallel = parallel;
    options.cache = home / std::to_string(parallel);
    auto result = pull();
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(result->received, large.size() + 8) << "no byte came twice";
    EXPECT_EQ(content(result->files[1].place), large);
  }
}

TEST_F(HubPullTest, GoesOnInALaterRun) {
  options.parallel = 1;
  options.tries = 1;
  hub.behaviour.cuts = 1;
  auto cut = pull_one("q4/model.gguf");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::network);
  std::uint64_t kept = fs::file_size(part());
  EXPECT_EQ(kept, large.size() / 2);
  auto rest = pull();
  ASSERT_TRUE(rest) << to_string(rest.error());
  EXPECT_EQ(rest->resumed, kept);
  EXPECT_EQ(rest->received, large.size() - kept);
  EXPECT_EQ(content(blob()), large);
}

TEST_F(HubPullTest, RangesGoOnInALaterRunInOtherNumbers) {
  options.parallel = 3;
  options.progress = [&](const HubProgress& progress) {
    if (progress.received > 3500) stop.request();
  };
  auto stopped = pull_one("q4/model.gguf");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(fs::exists(part().string() + ".map"));
  stop = {};
  options.progress = {};
  options.parallel = 1;    // the map is used even so
  options.segment = 2500;  // and its segments stand
  auto rest = pull();
  ASSERT_TRUE(rest) << to_string(rest.error());
  EXPECT_GT(rest->resumed, 3000u);
  EXPECT_EQ(rest->received + rest->resumed, large.size());
  EXPECT_EQ(content(blob()), large);
}

TEST_F(HubPullTest, AMapOfAnotherFileOrABrokenOneIsNotBelieved) {
  for (std::string map : {"assay-part 1 10500 1000 " + std::string(64, 'b') + "\n" + std::string(88, '\xff'), std::string("nonsense"),
                          "assay-part 1 10500 1 " + test::sha256_of(large) + "\n", "assay-part 1 10500 1000 " + test::sha256_of(large) + "\n" + std::string(88, '\xff')}) {
    ASSERT_TRUE(write_file(part(), std::string(10'500, 'x')));
    ASSERT_TRUE(write_file(part().string() + ".map", map));
    auto result = pull_one("q4/model.gguf");
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(content(blob()), large);
    fs::remove(blob());
  }
}

TEST_F(HubPullTest, AServerWithoutRangesGivesTheFileInOnePiece) {
  hub.behaviour.ranges = false;
  auto result = pull_one("q4/model.gguf");
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(content(blob()), large);
  EXPECT_FALSE(fs::exists(part().string() + ".map"));
}

TEST_F(HubPullTest, AnotherContentNeverGetsTheName) {
  for (std::string other : {bytes(large.size(), 2), bytes(large.size() + 1, 2), bytes(large.size() - 1, 2)}) {
    for (std::size_t parallel : {1, 4}) {
      HubStandIn::Behaviour* behaviour;
      {
        auto lock = hub.lock(behaviour);
        behaviour->other_content = other;
      }
      options.parallel = parallel;
      auto result = pull_one("q4/model.gguf");
      ASSERT_FALSE(result) << other.size() << " " << parallel;
      EXPECT_EQ(result.error().kind, ErrorKind::data) << to_string(result.error());
      EXPECT_TRUE(contains(result.error().message, "q4/model.gguf"));
      EXPECT_FALSE(fs::exists(blob()));
      EXPECT_FALSE(fs::exists(folder() / "snapshots" / HubStandIn::kCommit / "q4/model.gguf"));
      EXPECT_FALSE(fs::exists(folder() / "refs/main"));
    }
  }
}

TEST_F(HubPullTest, WaitsAsLongAsTheHubAsks) {
  hub.behaviour.pauses = 2;
  Instant before = timer.clock().now();
  ASSERT_TRUE(pull_one("config.json"));
  EXPECT_EQ(timer.clock().now() - before, std::chrono::seconds(14));

  hub.behaviour.pauses = 1000;
  auto refused = pull_one("q4/model.gguf");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::rate_limited);
  EXPECT_TRUE(contains(refused.error().hint, "HF_TOKEN"));
}

TEST_F(HubPullTest, AStoreInTroubleIsAskedAgainAndItsPagesAreNoPartOfTheFile) {
  for (std::size_t parallel : {1, 4}) {
    HubStandIn::Behaviour* behaviour;
    {
      auto lock = hub.lock(behaviour);
      behaviour->failures = 3;
    }
    options.parallel = parallel;
    options.cache = home / std::to_string(parallel);
    auto result = pull_one("q4/model.gguf");
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(content(result->files[0].place), large);
  }
}

TEST_F(HubPullTest, AnAddressThatHasExpiredIsAskedForAnew) {
  options.parallel = 2;
  bool once = true;
  options.progress = [&](const HubProgress& progress) {
    if (progress.received < 3000 || !std::exchange(once, false)) return;
    HubStandIn::Behaviour* behaviour;
    auto lock = hub.lock(behaviour);
    behaviour->expired = 1;
  };
  auto result = pull_one("q4/model.gguf");
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->received, large.size());
  EXPECT_EQ(resolves(), 3u) << "each of the two once, and one of them once more";
}

TEST_F(HubPullTest, RefusalsSayWhatToDo) {
  hub.behaviour.token = "hf_right";
  hub.behaviour.gated = true;
  auto gated = pull();
  ASSERT_FALSE(gated);
  EXPECT_EQ(gated.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(gated.error().message, "is gated"));
  EXPECT_TRUE(contains(gated.error().hint, hub.endpoint() + "/org/model")) << gated.error().hint;
  EXPECT_TRUE(contains(gated.error().hint, "set HF_TOKEN"));

  options.token = Secret("hf_of_somebody_else");
  options.token_source = "access_token of config.cfg";
  auto not_yet = pull();
  EXPECT_EQ(not_yet.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(not_yet.error().hint, "access_token of config.cfg"));
  EXPECT_FALSE(contains(to_string(not_yet.error()), "somebody"));

  hub.behaviour.gated = false;
  EXPECT_TRUE(contains(pull().error().message, "does not accept the token"));
  options.token = Secret();
  EXPECT_TRUE(contains(pull().error().message, "private, or there is no such repository"));
}

TEST_F(HubPullTest, WhatIsNotThere) {
  auto lacking = pull_one("q4/modell.gguf");
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(contains(lacking.error().hint, "q4/model.gguf"));
  request.address = {.repository = "org/model", .revision = "v9"};
  EXPECT_TRUE(contains(pull().error().message, "has no revision v9"));
  request.address = {.repository = "org/other"};
  EXPECT_TRUE(contains(pull().error().message, "no repository org/other"));
  request.address = {.repository = "org/model"};
  request.include = {"*.bin"};
  auto none = pull();
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(none.error().hint, "config.json, q4/model.gguf"));
  EXPECT_FALSE(fs::exists(home / "hub")) << "a refusal leaves nothing behind";
}

TEST_F(HubPullTest, PatternsChooseFiles) {
  hub.behaviour.files["q8/model.gguf"] = {bytes(300, 3), true};
  hub.behaviour.files["README.md"] = {"hello"};
  request.include = {"*.gguf", "*.md"};
  request.exclude = {"q8/*"};
  auto result = pull();
  ASSERT_TRUE(result);
  std::vector<std::string> names;
  for (const auto& file : result->files) names.push_back(file.path);
  EXPECT_EQ(names, (std::vector<std::string>{"README.md", "q4/model.gguf"}));
}

TEST_F(HubPullTest, AHubThatNamesNoSumsIsAskedForEachFile) {
  hub.behaviour.describes = false;
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(content(result->files[1].place), large);
  EXPECT_EQ(result->files[1].sum.hex, test::sha256_of(large));
  EXPECT_EQ(result->files[0].sum.hex, test::git_blob_of(R"({"a": 1})"));
}

TEST_F(HubPullTest, OtherRevisionsAndNames) {
  request.address.revision = "refs/pr/1";
  ASSERT_TRUE(pull());
  EXPECT_EQ(content(folder() / "refs/refs/pr/1"), HubStandIn::kCommit);
  request.address.revision = HubStandIn::kCommit;
  ASSERT_TRUE(pull());
  EXPECT_FALSE(fs::exists(folder() / "refs" / HubStandIn::kCommit));
  hub.behaviour.renamed_from = "old/name";
  request.address = {.repository = "old/name", .revision = "main", .file = "config.json"};
  auto renamed = loop.run(list_hub_repository(request.address, options));
  ASSERT_TRUE(renamed) << to_string(renamed.error());
  EXPECT_EQ(renamed->files.size(), 2u);
}

TEST_F(HubPullTest, OneContentUnderTwoNamesComesOnce) {
  hub.behaviour.files["q4/same.gguf"] = {large, true};
  options.parallel = 1;
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(hub.seen_store().size(), 1u);
  EXPECT_EQ(content(result->folder / "q4/same.gguf"), large);
}

TEST_F(HubPullTest, APlainFolder) {
  request.folder = home / "models";
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(home / "models/q4/model.gguf")));
  EXPECT_EQ(content(home / "models/q4/model.gguf"), large);
  EXPECT_FALSE(fs::exists(home / "hub"));
  EXPECT_EQ(pull()->received, 0u);
  ASSERT_TRUE(write_file(home / "models/q4/model.gguf", bytes(large.size(), 9)));
  EXPECT_EQ(pull()->received, large.size()) << "the same size is not the same file";
  ASSERT_TRUE(write_file(home / "models/mine.txt", "mine"));
  auto deleted = delete_folder_downloads(home / "models");
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->files, 2u);
  EXPECT_EQ(deleted->bytes, large.size() + 8);
  EXPECT_EQ(content(home / "models/mine.txt"), "mine");
  EXPECT_FALSE(fs::exists(home / "models/q4"));
  EXPECT_EQ(delete_folder_downloads(home / "models").error().kind, ErrorKind::not_found);
}

TEST_F(HubPullTest, ARepositoryDoesNotSayWhatWasDownloaded) {
  hub.behaviour.files[".assay-downloads.json"] = {R"({"assay_hub":1,"files":["mine.txt"]})"};
  hub.behaviour.files["config.json.assay-part"] = {"a piece"};
  hub.behaviour.files["config.json.assay-part.map"] = {"a map"};
  request.folder = home / "models";
  ASSERT_TRUE(write_file(home / "models/mine.txt", "mine"));
  auto result = pull();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->files.size(), 2u);
  EXPECT_EQ(pull_one(".assay-downloads.json").error().kind, ErrorKind::not_found);
  auto deleted = delete_folder_downloads(home / "models");
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->files, 2u);
  EXPECT_EQ(content(home / "models/mine.txt"), "mine");
}

TEST_F(HubPullTest, FilesOfAFolderThatWereThereBeforeAreNotOurs) {
  ASSERT_TRUE(write_file(home / "models/config.json", R"({"a": 1})"));
  ASSERT_TRUE(write_file(home / "models/q4/model.gguf", "an older one"));
  request.folder = home / "models";
  ASSERT_TRUE(pull());
  EXPECT_EQ(delete_folder_downloads(home / "models").error().kind, ErrorKind::not_found);
  EXPECT_EQ(content(home / "models/q4/model.gguf"), large);
}

TEST_F(HubPullTest, NoRoomIsSaidBeforeTheFirstByte) {
  options.free_space = [](const fs::path&) { return std::uint64_t{5000}; };
  auto result = pull_one("q4/model.gguf");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::io);
  EXPECT_TRUE(contains(result.error().message, "5000 bytes free, 10500 bytes are needed")) << result.error().message;
  EXPECT_TRUE(hub.seen_store().empty());
}

TEST_F(HubPullTest, ADiskThatRefusesEndsItAndKeepsWhatCame) {
  options.parallel = 1;
  hub.behaviour.files["big"] = {bytes(300'000, 4), true};
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  auto result = pull_one("big");
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::io);
  EXPECT_TRUE(contains(to_string(result.error()), "room on the disk"));
  auto rest = pull();
  ASSERT_TRUE(rest) << to_string(rest.error());
  EXPECT_EQ(rest->resumed, 100'000u);
}

TEST_F(HubPullTest, AnotherProgramsTransferIsLeftAlone) {
  auto held = cache().lock("org/model", {FileSum::Kind::sha256, test::sha256_of(large)});
  ASSERT_TRUE(held);
  auto result = pull_one("q4/model.gguf");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::io);
  EXPECT_TRUE(contains(result.error().message, "another program is fetching"));
  held->reset();
  EXPECT_TRUE(pull());
}

TEST_F(HubPullTest, AStalledTransferIsATimeOut) {
  hub.behaviour.hang_after = 600;
  options.parallel = 1;
  options.tries = 1;
  options.stall = std::chrono::seconds(1);
  auto result = pull_one("q4/model.gguf");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::timeout) << to_string(result.error());
  EXPECT_TRUE(contains(result.error().hint, "what came so far is kept"));
}

TEST_F(HubPullTest, StoppingDoesNotWaitForAServerThatHangs) {
  hub.behaviour.hang_after = 600;
  for (std::size_t parallel : {1, 4}) {
    stop = {};
    options.parallel = parallel;
    options.progress = [&](const HubProgress& progress) {
      if (progress.received >= 600) asio::post(loop.executor(), [&] { stop.request(); });
    };
    auto result = pull_one("q4/model.gguf");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
  }
}

TEST_F(HubPullTest, WhatOthersDownloadedIsFoundWithoutAskingAnybody) {
  fs::create_directories(folder() / "blobs");
  fs::create_directories(folder() / "snapshots" / HubStandIn::kCommit / "q4");
  ASSERT_TRUE(write_file(folder() / "refs/main", HubStandIn::kCommit));
  ASSERT_TRUE(write_file(blob(), large));
  fs::create_symlink("../../../blobs/" + test::sha256_of(large), folder() / "snapshots" / HubStandIn::kCommit / "q4/model.gguf");
  HubAddress address{.repository = "org/model", .revision = "main", .file = "q4/model.gguf"};
  auto path = loop.run(hub_file(address, options));
  ASSERT_TRUE(path);
  EXPECT_EQ(content(*path), large);
  address.revision = HubStandIn::kCommit;
  EXPECT_TRUE(loop.run(hub_file(address, options)));
  EXPECT_TRUE(hub.seen().empty());

  address.file = "config.json";
  EXPECT_EQ(content(loop.run(hub_file(address, options)).value_or("")), R"({"a": 1})");
  fs::remove(blob());
  EXPECT_EQ(cache().find({.repository = "org/model", .revision = "main", .file = "q4/model.gguf"}), std::nullopt) << "a link to nothing is no file";
}

TEST_F(HubPullTest, DeletingTakesOnlyWhatWeDownloaded) {
  // config.json was there before, through somebody else; the large file is ours.
  std::string small = test::git_blob_of(R"({"a": 1})");
  fs::create_directories(folder() / "snapshots" / HubStandIn::kCommit);
  ASSERT_TRUE(write_file(folder() / "blobs" / small, R"({"a": 1})"));
  fs::create_symlink("../../blobs/" + small, folder() / "snapshots" / HubStandIn::kCommit / "config.json");
  ASSERT_TRUE(pull());
  auto listed = cache().list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].repository, "org/model");
  EXPECT_EQ(listed[0].bytes, large.size() + 8);
  EXPECT_EQ(listed[0].own_bytes, large.size());
  ASSERT_EQ(listed[0].revisions.size(), 1u);
  EXPECT_EQ(listed[0].revisions[0].refs, std::vector<std::string>{"main"});
  EXPECT_EQ(listed[0].revisions[0].files, (std::vector<std::string>{"config.json", "q4/model.gguf"}));

  auto deleted = cache().delete_downloads("org/model");
  ASSERT_TRUE(deleted) << to_string(deleted.error());
  EXPECT_EQ(deleted->files, 1u);
  EXPECT_EQ(deleted->bytes, large.size());
  EXPECT_EQ(deleted->kept, 1u);
  EXPECT_FALSE(fs::exists(blob()));
  EXPECT_EQ(content(folder() / "snapshots" / HubStandIn::kCommit / "config.json"), R"({"a": 1})");
  EXPECT_EQ(cache().delete_downloads("org/model").error().kind, ErrorKind::not_found);
}

TEST_F(HubPullTest, DeletingEverythingLeavesNothing) {
  ASSERT_TRUE(pull());
  // Somebody links to our blob from another snapshot: it stays until they let it go.
  fs::path other = folder() / "snapshots" / std::string(40, 'f');
  fs::create_directories(other);
  fs::create_symlink("../../blobs/" + test::sha256_of(large), other / "m.gguf");
  auto deleted = cache().delete_downloads("org/model");
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->files, 1u);
  EXPECT_EQ(content(other / "m.gguf"), large);
  fs::remove_all(home / "hub");

  ASSERT_TRUE(pull());
  ASSERT_TRUE(write_file(part(), "left over"));
  ASSERT_TRUE(cache().delete_downloads("org/model"));
  EXPECT_FALSE(fs::exists(folder()));
  EXPECT_EQ(cache().delete_downloads("org/model").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace assay
