// Descriptions: what is read, and what a wrong or hostile one is told.
#include "dataset/pack.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "packs/embedded.h"
#include "support/shared_data.h"

namespace assay {
namespace {

const std::string kCommit(40, 'a');
const std::string kSum = sha256_hex("one");

json::value text(std::string_view value) {
  return json::string(value);
}

json::value good_description() {
  json::object source{{"repository", "https://example.org/r"},
                      {"commit", kCommit},
                      {"raw", "https://example.org/raw/" + kCommit + "/"},
                      {"licence", "MIT"}};
  json::object file{{"name", "q/en"}, {"path", "data/q en.json"}, {"source", "main"}, {"sha256", kSum}, {"size", 3}};
  json::object sample{{"name", "q/en"}, {"path", "sample/q.json"}, {"sha256", sha256_hex("mine")}};
  return json::object{{"format", "assay-pack/1"},
                      {"name", "demo"},
                      {"title", "T"},
                      {"licence", "MIT"},
                      {"homepage", "https://example.org/"},
                      {"sources", json::object{{"main", source}}},
                      {"files", json::array{file}},
                      {"own", json::object{{"sample", json::array{sample}}}}};
}
const EmbeddedFile kOwn[] = {{"demo", "sample/q.json", "mine"}};

Result<Pack> parse(const json::value& value) {
  return parse_pack(write_json(value), kOwn, "packs/demo/pack.json");
}

TEST(PackDescription, GivesAddressOriginAndImportPaths) {
  auto pack = parse(good_description());
  ASSERT_TRUE(pack) << to_string(pack.error());
  ASSERT_EQ(pack->files.size(), 1u);
  const PackFile& file = pack->files[0];
  EXPECT_EQ(file.url, "https://example.org/raw/" + kCommit + "/data/q%20en.json");
  EXPECT_EQ(file.origin, "https://example.org/r @ " + kCommit);
  EXPECT_EQ(file.licence, "MIT");
  EXPECT_EQ(file.benchmark, "demo");
  EXPECT_FALSE(file.optional);
  EXPECT_EQ(file.size, 3u);
  EXPECT_EQ(file.import_from, (std::vector<std::string>{"data/q en.json", "q en.json"}));
  ASSERT_TRUE(pack->own_file("sample", "q/en"));
  EXPECT_EQ(pack->own_file("sample", "q/en")->content, "mine");
  EXPECT_FALSE(pack->own_file("stand-in", "q/en"));
  EXPECT_EQ(pack->file("q/en"), &file);
  EXPECT_FALSE(pack->file("q/de"));
}

/// Sets the member at `path` (an index is a number as text) and returns the error's message with its place.
std::string complaint(std::vector<std::string> path, json::value member) {
  json::value description = good_description();
  json::value* at = &description;
  for (const std::string& step : path) at = at->is_array() ? &at->get_array()[std::stoul(step)] : &at->get_object()[step];
  *at = std::move(member);
  auto pack = parse(description);
  if (pack) return "accepted";
  EXPECT_EQ(pack.error().kind, ErrorKind::data);
  return pack.error().message + " @ " + pack.error().where;
}

TEST(PackDescription, SaysWhichKeyIsWrong) {
  EXPECT_EQ(complaint({"title"}, "fine"), "accepted");
  const std::pair<std::vector<std::string>, json::value> wrong[] = {
      {{"format"}, "assay-pack/2"},
      {{"name"}, "Demo"},
      {{"name"}, "../demo"},
      {{"title"}, 7},
      {{"title"}, "two\nlines"},
      {{"title"}, text(std::string(3000, 'x'))},
      {{"homepage"}, "http://example.org"},
      {{"homepage"}, "javascript:alert(1)"},
      {{"sources", "main", "commit"}, "master"},
      {{"sources", "main", "raw"}, "https://example.org/raw/master/"},
      {{"sources", "main", "raw"}, text("file:///etc/" + kCommit + "/")},
      {{"files"}, "none"},
      {{"files", "0"}, nullptr},
      {{"files", "0", "source"}, "elsewhere"},
      {{"files", "0", "sha256"}, "abc"},
      {{"files", "0", "sha256"}, text(std::string(64, 'G'))},
      {{"files", "0", "size"}, -1},
      {{"files", "0", "size"}, "3"},
      {{"files", "0", "optional"}, "yes"},
      {{"files", "0", "url"}, "http://example.org/plain"},
      {{"files", "0", "url"}, "https://example.org/a b"},
      {{"files", "0", "path"}, "../../.bashrc"},
      {{"files", "0", "path"}, "/etc/passwd"},
      {{"files", "0", "import_from"}, json::array{"../x"}},
      {{"files", "0", "import_from"}, json::array{}},
      {{"files", "0", "import_from"}, json::array{7}},
      {{"files", "0", "sha265"}, text(kSum)},
      {{"surprise"}, 1},
      {{"own"}, json::array{}},
      {{"own", "official"}, json::array{}},
      {{"own", "sample", "0", "path"}, "sample/other.json"},
      {{"own", "sample", "0", "sha256"}, text(kSum)},
  };
  for (const auto& [path, value] : wrong) {
    std::string told = complaint(path, value);
    EXPECT_NE(told, "accepted") << join(path, ".") << " = " << write_json(value);
    EXPECT_TRUE(contains(told, "packs/demo/pack.json")) << told;
  }
  EXPECT_EQ(complaint({"files", "0", "sha265"}, text(kSum)),
            "bad pack description: unknown key \"sha265\" @ packs/demo/pack.json: files[0]");
}

TEST(PackDescription, MissingKeysAndDoubledNames) {
  for (const char* key : {"format", "name", "title", "licence", "homepage", "files"}) {
    json::value description = good_description();
    description.get_object().erase(key);
    auto pack = parse(description);
    ASSERT_FALSE(pack) << key;
    EXPECT_TRUE(contains(pack.error().message, key)) << pack.error().message;
  }
  json::value doubled = good_description();
  json::array& files = doubled.get_object()["files"].get_array();
  files.push_back(json::value(files[0]));
  EXPECT_FALSE(parse(doubled));
  files[1].get_object()["name"] = "q/de";
  EXPECT_FALSE(parse(doubled)) << "the same path for two names";
  files[1].get_object()["path"] = "data/de.json";
  EXPECT_TRUE(parse(doubled));
}

TEST(PackDescription, TextThatIsNoDescription) {
  for (const char* text : {"", "{", "[]", "null", "{\"format\": \"assay-pack/1\"", "\xff\xfe"})
    EXPECT_FALSE(parse_pack(text, {}, "x")) << text;
  EXPECT_FALSE(parse_pack(std::string(std::size_t{5} << 20, ' '), {}, "x"));
  std::string deep(100'000, '[');
  EXPECT_FALSE(parse_pack(deep, {}, "x"));
}

TEST(SafePath, StaysBelowItsFolder) {
  for (const char* good : {"a", "a/b.json", "data/Baichuan Chat.yaml", "..a/b..", "ü"}) EXPECT_TRUE(is_safe_path(good)) << good;
  for (const char* bad :
       {"", "/", "/a", "a/", "a//b", ".", "./a", "..", "../a", "a/..", "a/../b", "a\\b", "a\nb", "a\x7f", "\xff"})
    EXPECT_FALSE(is_safe_path(bad)) << bad;
  EXPECT_FALSE(is_safe_path(std::string("a\0b", 3)));
  EXPECT_FALSE(is_safe_path(std::string(301, 'a')));
}

TEST(PackStore, RefusesNamesThatDoNotFit) {
  std::string text = write_json(good_description());
  EmbeddedFile table[] = {{"other", "pack.json", text}, {"other", "sample/q.json", "mine"}};
  auto store = PackStore::load(table);
  ASSERT_FALSE(store);
  EXPECT_TRUE(contains(store.error().message, "demo"));
  EmbeddedFile twice[] = {{"demo", "pack.json", text}, {"demo", "sample/q.json", "mine"}, {"demo", "pack.json", text}};
  EXPECT_FALSE(PackStore::load(twice));
}

TEST(EmbeddedPacks, AreTheFilesOfTheRepositoryByteForByte) {
  ASSERT_FALSE(embedded_packs().empty());
  for (const EmbeddedFile& file : embedded_packs()) {
    auto path = std::filesystem::path(ASSAY_SOURCE_DIR) / "packs" / file.pack / file.name;
    auto content = read_file(path);
    ASSERT_TRUE(content) << path;
    EXPECT_EQ(*content == file.content, true) << path;
  }
}

TEST(EmbeddedPacks, AllLoad) {
  auto store = PackStore::load(embedded_packs());
  ASSERT_TRUE(store) << to_string(store.error());
  auto pack = store->find("eq-bench");
  ASSERT_TRUE(pack);
  for (const char* name : {"v1/questions/en", "v2/questions/en", "v2/questions/de", "v2/questions/ja", "v2/questions/jahalf"}) {
    const PackFile* file = (*pack)->file(name);
    ASSERT_TRUE(file) << name;
    EXPECT_FALSE(file->optional) << name;
    EXPECT_EQ(file->benchmark, "eq-bench");
    EXPECT_TRUE(contains(file->licence, "MIT"));
    EXPECT_EQ(file->import_from.size(), 3u);
  }
  for (const PackFile& file : (*pack)->files) {
    const bool japanized = file.name == "v2/questions/ja" || file.name == "v2/questions/jahalf";
    const bool older = file.name == "creative-writing/judge-prompt/v1-2.3";
    EXPECT_TRUE(contains(file.url, japanized ? "/499103c6" : older ? "/d28c60c5" : "/337df8ab")) << file.url;
    EXPECT_EQ(file.extract, file.name.starts_with("creative-writing/judge-prompt/") ? "judge-prompt" : "") << file.name;
  }

  // One that is read when it is wanted is the same, and is read once; asking for all of them changes nothing for who holds it.
  PackStore later = PackStore::on_demand(embedded_packs());
  const Pack* single = later.find("eq-bench").value();
  EXPECT_EQ(later.find("eq-bench").value(), single);
  ASSERT_EQ(single->files.size(), (*pack)->files.size());
  EXPECT_EQ(single->files.back().sha256, (*pack)->files.back().sha256);
  EXPECT_EQ(single->own.size(), (*pack)->own.size());
  EXPECT_EQ(later.find("eq-banch").error().hint, store->find("eq-banch").error().hint);
  EXPECT_EQ(later.packs().size(), store->packs().size());
  EXPECT_EQ(single->name, "eq-bench");
  EXPECT_EQ(later.find("eq-banch").error().hint, store->find("eq-banch").error().hint);

  auto wrong = store->find("eq-banch");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(wrong.error().hint, "eq-bench")) << wrong.error().hint;
}

TEST(EmbeddedPacks, DescribeTheOriginalFiles) {
  ASSAY_NEED_SHARED("upstream/eq-bench/data");
  auto store = PackStore::load(embedded_packs());
  ASSERT_TRUE(store);
  for (const PackFile& file : (*store->find("eq-bench"))->files) {
    auto path = test::shared("upstream/eq-bench/" + file.path);
    EXPECT_EQ(sha256_file(path).value_or("absent"), file.sha256) << file.path;
    EXPECT_EQ(std::filesystem::file_size(path), file.size) << file.path;
  }
}

}  // namespace
}  // namespace assay
