#include "base/hash.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unordered_set>

#include "base/file.h"

namespace assay {
namespace {

constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Hash, KnownDigests) {
  EXPECT_EQ(sha256_hex(""), kEmpty);
  EXPECT_EQ(sha256_hex("abc"), kAbc);
  EXPECT_EQ(key_of("abc").hex(), std::string(kAbc).substr(0, 32));
}

TEST(Hash, FilesAreStreamed) {
  auto path = std::filesystem::temp_directory_path() / ("assay-hash-test-" + std::to_string(::getpid()));
  std::string content(3'000'000, 'x');
  ASSERT_TRUE(write_file(path, content));
  auto digest = sha256_file(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, sha256_hex(content));
  auto absent = sha256_file(path);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
}

TEST(Hash, KeysReadBack) {
  Key key = key_of("x");
  auto back = Key::from_hex(key.hex());
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, key);
  EXPECT_TRUE(Key::from_hex("00112233445566778899AABBCCDDEEFF"));
  EXPECT_FALSE(Key::from_hex("0011"));
  EXPECT_FALSE(Key::from_hex("zz112233445566778899aabbccddeeff"));
  std::unordered_set<Key, KeyHash> set{key_of("a"), key_of("b"), key_of("a")};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace assay
