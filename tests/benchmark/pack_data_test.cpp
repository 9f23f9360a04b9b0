#include "benchmark/pack_data.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

const std::string kDescription =
    R"({"format": "assay-pack/1", "name": "demo", "title": "T", "licence": "MIT", "homepage": "https://example.org",
 "files": [{"name": "q/en", "path": "data/en.json", "url": "https://example.org/en", "sha256": ")" +
    sha256_hex("official") + R"("},
           {"name": "q/de", "path": "data/de.json", "url": "https://example.org/de", "sha256": ")" +
    sha256_hex("amtlich") + R"("}],
 "own": {"sample": [{"name": "q/en", "path": "sample/en.json", "sha256": ")" +
    sha256_hex("sample") + R"("}]}})";

struct PackDataTest : testing::Test {
  test::TemporaryFolder home;
  std::vector<EmbeddedFile> table{{"demo", "pack.json", kDescription}, {"demo", "sample/en.json", "sample"}};
  PackStore store = PackStore::load(table).value();

  PackData open(std::string_view wish) { return PackData(store.packs()[0], wish, home.path()); }
  Result<DataFile> english(std::string_view wish) { return open(wish).file("q/en"); }
  void put(const std::string& path, std::string_view content) { ASSERT_TRUE(write_file(home / path, content)); }
};

TEST_F(PackDataTest, OfficialDataAreVerifiedAndNeverReplacedInSilence) {
  for (const char* wish : {"", "auto", "official"}) {
    auto data = open(wish);
    EXPECT_EQ(data.edition(), "official");
    auto absent = data.file("q/en");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::data);
    for (const char* command : {"assay data pull demo", "assay data import demo --from DIR", "--edition sample"})
      EXPECT_TRUE(contains(absent.error().hint, command)) << absent.error().hint;
  }
  // There is no sample to offer for this one.
  EXPECT_FALSE(contains(open("auto").file("q/de").error().hint, "sample"));

  put("packs/demo/data/en.json", "official");
  auto data = open("auto");
  auto file = data.file("q/en");
  ASSERT_TRUE(file) << to_string(file.error());
  EXPECT_EQ(file->content, "official");
  EXPECT_EQ(file->sha256, sha256_hex("official"));
  EXPECT_EQ(file->edition, "official");

  put("packs/demo/data/en.json", "changed");
  EXPECT_EQ(data.file("q/en")->content, "official") << "read once, then kept";
  EXPECT_EQ(open("official").file("q/en").error().kind, ErrorKind::data);
}

TEST_F(PackDataTest, TheSampleEditionMustBeAskedFor) {
  auto data = open("sample");
  auto file = data.file("q/en");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->content, "sample");
  EXPECT_EQ(file->edition, "sample");
  EXPECT_EQ(file->sha256, sha256_hex("sample"));
  auto lacking = data.file("q/de");
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(lacking.error().hint, "q/en"));
  EXPECT_EQ(english("stand-in").error().kind, ErrorKind::usage);
}

TEST_F(PackDataTest, ACustomFolderServesEveryRoleItHas) {
  put("mine/data/en.json", "en of mine");
  put("mine/q/de.json", "de of mine");
  auto data = open((home / "mine").string());
  EXPECT_EQ(data.edition(), "custom");
  EXPECT_EQ(data.file("q/en")->content, "en of mine");
  EXPECT_EQ(data.file("q/en")->sha256, sha256_hex("en of mine"));
  EXPECT_EQ(data.file("q/de")->content, "de of mine");
  EXPECT_EQ(data.file("q/de")->edition, "custom");
  std::filesystem::create_directories(home / "empty");
  auto empty = open((home / "empty").string()).file("q/en");
  ASSERT_FALSE(empty);
  EXPECT_TRUE(contains(empty.error().hint, "data/en.json")) << empty.error().hint;
}

TEST_F(PackDataTest, ACustomFileServesOneRole) {
  put("mine.json", "mine");
  auto data = open((home / "mine.json").string());
  EXPECT_EQ(data.file("q/de")->content, "mine");
  EXPECT_EQ(data.file("q/de")->content, "mine");
  auto second = data.file("q/en");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::usage);
}

TEST_F(PackDataTest, OfficialContentUnderACustomPathStaysCustom) {
  put("mine.json", "official");
  EXPECT_EQ(open((home / "mine.json").string()).file("q/en")->edition, "custom");
}

TEST_F(PackDataTest, WrongWords) {
  EXPECT_EQ(english("no/such/folder").error().kind, ErrorKind::not_found);
  EXPECT_EQ(english("questions.json").error().kind, ErrorKind::not_found);
  auto misspelt = english("sampel");
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(misspelt.error().hint, "sample")) << misspelt.error().hint;
  EXPECT_EQ(english(std::string_view("a\0b", 3)).error().kind, ErrorKind::usage);
  EXPECT_EQ(open("sampel").edition(), "");
  for (const char* wish : {"official", "sample"}) EXPECT_EQ(open(wish).file("q/fr").error().kind, ErrorKind::usage);
  put("mine.json", "mine");
  EXPECT_EQ(open((home / "mine.json").string()).file("../q").error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace assay
