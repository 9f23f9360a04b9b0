// Addresses, patterns and listings of a hub.
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "model/hub/file_pattern.h"
#include "model/hub/hub_address.h"
#include "model/hub/hub_cache.h"
#include "model/hub/hub_error.h"
#include "model/hub/hub_listing.h"

namespace assay {
namespace {

TEST(FilePattern, IncludesThenExcludes) {
  EXPECT_TRUE(wanted_file("a.bin", {}, {}));
  EXPECT_TRUE(wanted_file("a.bin", {"*.json", "a.*"}, {}));
  EXPECT_FALSE(wanted_file("a.bin", {"*.json"}, {}));
  EXPECT_FALSE(wanted_file("a.bin", {}, {"*.bin"}));
  EXPECT_FALSE(wanted_file("a.bin", {"*.bin"}, {"a*"}));
  EXPECT_TRUE(wanted_file("q4/a/b", {"q4/"}, {}));
  EXPECT_FALSE(wanted_file("q4", {"q4/"}, {}));
}

TEST(HubAddress, IsReadAndWritten) {
  auto read = [](const char* text) { return parse_hub_address(text).value_or(HubAddress{"(error)"}); };
  EXPECT_EQ(read("gpt2").repository, "gpt2");
  HubAddress full = read("org/na.me_1-x@refs/pr/1:q4/m.gguf");
  EXPECT_EQ(full.repository, "org/na.me_1-x");
  EXPECT_EQ(full.revision, "refs/pr/1");
  EXPECT_EQ(full.file, "q4/m.gguf");
  for (const char* text : {"org/name", "org/name:f", "org/name@v1", "org/name@v1:a/b"}) EXPECT_EQ(to_string(read(text)), text);
  EXPECT_EQ(to_string(read("a/b@main")), "a/b");
  for (const char* text : {"", "/", "a/", "/b", "a/b/c", "a b", "../x", "a/..", "a--b/c", "-a/b", "a/b@", "a/b@../x", "a/b:", "a/b:../x", "a/b:/etc/passwd",
                           "a/b:x//y", "a/b:x\\y", "a/b:./x", "a/b@x\n", "a/.git", "ü/b"})
    EXPECT_EQ(read(text).repository, "(error)") << text;
  EXPECT_EQ(parse_hub_address("a/..").error().kind, ErrorKind::usage);
  EXPECT_EQ(url_part("refs/pr/1 ü"), "refs%2Fpr%2F1%20%C3%BC");
  EXPECT_EQ(url_part("a/b c", true), "a/b%20c");
  EXPECT_EQ(cache_name("org/na-me"), "models--org--na-me");
  EXPECT_EQ(repository_of_cache_name("models--org--na-me"), "org/na-me");
  EXPECT_EQ(repository_of_cache_name("models--gpt2"), "gpt2");
  EXPECT_EQ(cache_name("datasets/org/na-me"), "datasets--org--na-me");
  EXPECT_EQ(repository_of_cache_name("datasets--a--b"), "datasets/a/b");
  EXPECT_EQ(repository_of_cache_name("datasets--squad"), "datasets/squad");
  for (const char* other : {"models--datasets--a", "spaces--a--b", "a--b", "version.txt", ".locks"}) EXPECT_EQ(repository_of_cache_name(other), std::nullopt) << other;
  EXPECT_EQ(repository_of_cache_name("models--..--b"), std::nullopt);
}

const std::string kSha = "0123456789abcdef0123456789abcdef01234567";

TEST(HubListing, ReadsSizesAndSums) {
  std::string sum(64, 'a');
  auto listing = read_hub_listing(R"({"sha":")" + kSha + R"(","siblings":[{"rfilename":"config.json","size":12,"blobId":")" + kSha +
                                  R"("},{"rfilename":"q4/m.gguf","size":134,"blobId":"x","lfs":{"sha256":")" + sum + R"(","size":5000000000}},{"rfilename":"bare"}]})");
  ASSERT_TRUE(listing) << to_string(listing.error());
  EXPECT_EQ(listing->commit, kSha);
  ASSERT_EQ(listing->files.size(), 3u);
  EXPECT_EQ(listing->files[0].sum, (FileSum{FileSum::Kind::git_blob, kSha}));
  EXPECT_EQ(listing->files[1].size, 5'000'000'000u);
  EXPECT_EQ(listing->files[1].sum, (FileSum{FileSum::Kind::sha256, sum}));
  EXPECT_FALSE(listing->files[2].size || listing->files[2].sum);
}

TEST(HubListing, RefusesWhatCannotBeStored) {
  auto with = [](std::string siblings) { return read_hub_listing(R"({"sha":")" + kSha + R"(","siblings":)" + siblings + "}", "http://hub"); };
  EXPECT_TRUE(with("[]"));
  for (const char* siblings : {R"([{"rfilename":"../../.bashrc"}])", R"([{"rfilename":"/etc/passwd"}])", R"([{"rfilename":"a/../b"}])", R"([{"rfilename":""}])",
                               R"([{"rfilename":5}])", R"([{}])", R"([5])", R"("x")", "{}", R"([{"rfilename":"a"},{"rfilename":"a"}])", R"([{"rfilename":"a\u0000b"}])",
                               R"([{"rfilename":"a\nb"}])"}) {
    auto listing = with(siblings);
    ASSERT_FALSE(listing) << siblings;
    EXPECT_EQ(listing.error().kind, ErrorKind::bad_response);
    EXPECT_EQ(listing.error().message.find('\n'), std::string::npos);
  }
  EXPECT_FALSE(read_hub_listing("{}"));
  EXPECT_FALSE(read_hub_listing(R"({"sha":"main","siblings":[]})"));
  EXPECT_FALSE(read_hub_listing("<html>"));
}

TEST(HubListing, SumsOfEtags) {
  EXPECT_EQ(sum_of_etag("\"" + kSha + "\""), (FileSum{FileSum::Kind::git_blob, kSha}));
  EXPECT_EQ(sum_of_etag("W/\"" + kSha + "\""), (FileSum{FileSum::Kind::git_blob, kSha}));
  EXPECT_EQ(sum_of_etag(std::string(64, '0'))->kind, FileSum::Kind::sha256);
  for (const char* etag : {"", "\"\"", "abc", "\"12-34\""}) EXPECT_EQ(sum_of_etag(etag), std::nullopt) << etag;
}

TEST(HubError, NoPartOfTheTokenShowsWhereLongWordsAreCut) {
  HubOptions options;
  options.token = Secret("hf_secret123");
  for (std::size_t before = 280; before < 305; ++before) {
    HttpResponse response{.status = 401};
    response.body = write_json(json::object{{"error", std::string(before, 'x') + " hf_secret123"}});
    const std::string shown = to_string(hub_error(response, HubAddress{"org/model"}, options));
    EXPECT_TRUE(contains(shown, "xxx") && !contains(shown, "hf_")) << shown;
  }
}

}  // namespace
}  // namespace assay
