// The official edition on disk, with a small pack of the tests' own.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/pack.h"
#include "packs/embedded.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

PackFile make_file(std::string name, std::string content, bool optional = false) {
  PackFile file;
  file.name = name;
  file.path = "data/" + name + ".json";
  file.url = "https://example.org/" + name;
  file.sha256 = sha256_hex(content);
  file.origin = "https://example.org @ main";
  file.optional = optional;
  file.import_from = {"data/" + name + ".json", "lib/" + name + ".json", name + ".json"};
  return file;
}

struct PackFiles : testing::Test {
  test::TemporaryFolder home, from;
  Pack pack{.name = "demo",
            .title = "T",
            .licence = "MIT",
            .homepage = "https://example.org",
            .files = {make_file("one", "1"), make_file("two", "2"), make_file("extra", "3", true)},
            .own = {}};

  void put(const fs::path& path, std::string_view content) { ASSERT_TRUE(write_file(path, content)); }
  fs::path stored(const std::string& name) { return home / ("packs/demo/data/" + name + ".json"); }
};

TEST_F(PackFiles, ImportTakesTheFirstPathThatFitsAndTellsWhatIsMissing) {
  put(from / "lib/one.json", "1");
  auto result = import_pack(pack, home.path(), from.path());
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->imported, Names{"one"});
  EXPECT_EQ(result->missing, Names{"two"});
  EXPECT_EQ(result->missing_optional, Names{"extra"});
  EXPECT_EQ(read_file(stored("one")).value(), "1");

  put(from / "two.json", "2");
  put(from / "data/two.json", "an older one");  // the right one is further down the list
  auto again = import_pack(pack, home.path(), from.path());
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->imported, Names{"two"});
  EXPECT_EQ(again->unchanged, Names{"one"});
  EXPECT_TRUE(again->missing.empty());
}

TEST_F(PackFiles, AWrongSumChangesNothing) {
  put(from / "data/one.json", "1");
  put(from / "data/two.json", "not two");
  auto result = import_pack(pack, home.path(), from.path());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  std::string told = to_string(result.error());
  EXPECT_TRUE(contains(told, "data/two.json")) << told;
  EXPECT_TRUE(contains(told, sha256_hex("2"))) << told;
  EXPECT_TRUE(contains(told, sha256_hex("not two"))) << told;
  EXPECT_FALSE(fs::exists(stored("one")));
}

TEST_F(PackFiles, AWrongOptionalFileDoesNotStopTheOthers) {
  put(from / "one.json", "1");
  put(from / "two.json", "2");
  put(from / "extra.json", "another release");
  auto result = import_pack(pack, home.path(), from.path());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->imported, (Names{"one", "two"}));
  ASSERT_EQ(result->rejected.size(), 1u);
  EXPECT_TRUE(contains(result->rejected[0].message, "extra.json"));
  EXPECT_FALSE(fs::exists(stored("extra")));
}

TEST_F(PackFiles, ImportRepairsACorruptFile) {
  put(stored("one"), "rotten");
  put(from / "one.json", "1");
  EXPECT_EQ(import_pack(pack, home.path(), from.path()).value().imported, Names{"one"});
  EXPECT_EQ(read_file(stored("one")).value(), "1");
}

TEST_F(PackFiles, LinksAreNotFollowed) {
  put(from / "elsewhere.json", "1");
  fs::create_directories(from / "data");
  fs::create_symlink(from / "elsewhere.json", from / "data/one.json");
  auto result = import_pack(pack, home.path(), from.path());
  ASSERT_FALSE(result);
  EXPECT_TRUE(contains(result.error().message, "symbolic link")) << result.error().message;

  // A linked folder on the way is a link as well.
  fs::remove_all(from / "data");
  fs::create_directories(from / "real");
  put(from / "real/one.json", "1");
  fs::create_directory_symlink(from / "real", from / "data");
  EXPECT_FALSE(import_pack(pack, home.path(), from.path()));

  // What also lies at another of its places is taken from there.
  put(from / "one.json", "1");
  put(from / "two.json", "2");
  EXPECT_EQ(import_pack(pack, home.path(), from.path()).value().imported, (Names{"one", "two"}));
}

TEST_F(PackFiles, NothingIsWrittenThroughALinkInThePackFolder) {
  put(from / "one.json", "1");
  put(home / "victim/one.json", "precious");
  fs::create_directories(home / "packs/demo");
  fs::create_directory_symlink(home / "victim", home / "packs/demo/data");
  auto result = import_pack(pack, home.path(), from.path());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  EXPECT_EQ(read_file(home / "victim/one.json").value(), "precious");
  EXPECT_EQ(pack_status(pack, home.path())[0].state, FileState::corrupt);
  EXPECT_FALSE(read_official_file(pack, "one", home.path()));
}

TEST_F(PackFiles, FoldersAndPipesAreNoFiles) {
  fs::create_directories(from / "data/one.json");
  EXPECT_FALSE(import_pack(pack, home.path(), from.path()));
  fs::create_directories(home / "packs/demo/data");
  ASSERT_EQ(::mkfifo(stored("two").c_str(), 0600), 0);  // opening it would wait for ever
  EXPECT_EQ(pack_status(pack, home.path())[1].state, FileState::corrupt);
  EXPECT_FALSE(read_official_file(pack, "two", home.path()));
  EXPECT_EQ(import_pack(pack, home.path(), from / "nowhere").error().kind, ErrorKind::not_found);
  EXPECT_EQ(import_pack(pack, home.path(), from / "data/one.json/x").error().kind, ErrorKind::not_found);
}

TEST_F(PackFiles, StatusTellsAbsentOkAndCorrupt) {
  put(stored("one"), "1");
  put(stored("two"), "rotten");
  auto status = pack_status(pack, home.path());
  ASSERT_EQ(status.size(), 3u);
  EXPECT_EQ(status[0].state, FileState::ok);
  EXPECT_EQ(status[1].state, FileState::corrupt);
  EXPECT_EQ(status[2].state, FileState::absent);
  EXPECT_EQ(status[0].path, stored("one"));
}

TEST_F(PackFiles, AnOfficialFileIsVerifiedEveryTime) {
  auto absent = official_file(pack, "one", home.path());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::data);
  EXPECT_TRUE(contains(absent.error().hint, "assay data pull demo")) << absent.error().hint;
  EXPECT_TRUE(contains(absent.error().hint, "assay data import demo --from DIR")) << absent.error().hint;

  put(stored("one"), "1");
  EXPECT_EQ(official_file(pack, "one", home.path()).value(), stored("one"));
  EXPECT_EQ(read_official_file(pack, "one", home.path()).value(), "1");
  put(stored("one"), "l");
  for (const Error& error :
       {official_file(pack, "one", home.path()).error(), read_official_file(pack, "one", home.path()).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::data);
    EXPECT_TRUE(contains(error.message, sha256_hex("l"))) << error.message;
    EXPECT_FALSE(error.hint.empty());
  }
  EXPECT_EQ(official_file(pack, "onne", home.path()).error().kind, ErrorKind::usage);
  EXPECT_EQ(read_official_file(pack, "../one", home.path()).error().kind, ErrorKind::usage);
}

TEST(EqBenchPack, ImportsFromACopyOfTheOriginal) {
  ASSAY_NEED_SHARED("upstream/eq-bench/data");
  test::TemporaryFolder home;
  auto store = PackStore::load(embedded_packs());
  ASSERT_TRUE(store);
  const Pack& pack = **store->find("eq-bench");
  auto result = import_pack(pack, home.path(), test::shared("upstream/eq-bench"));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_TRUE(result->missing.empty());
  EXPECT_TRUE(result->rejected.empty());
  EXPECT_EQ(result->imported.size(), pack.files.size());
  for (const PackFileStatus& status : pack_status(pack, home.path())) EXPECT_EQ(status.state, FileState::ok) << status.path;
  auto questions = read_official_file(pack, "v2/questions/en", home.path());
  ASSERT_TRUE(questions);
  EXPECT_EQ(parse_json(*questions)->get_object().size(), 171u);
  // From the folder that has the files themselves, too.
  test::TemporaryFolder other;
  EXPECT_TRUE(import_pack(pack, other.path(), test::shared("upstream/eq-bench/data"))->missing.empty());
}

}  // namespace
}  // namespace assay
