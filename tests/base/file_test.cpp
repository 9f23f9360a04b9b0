#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace assay {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("assay-file-test-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
};

TEST_F(File, WritesAndReadsBytes) {
  std::string content("a\0\xff\r\n", 5);
  content += std::string(200'000, 'z');
  ASSERT_TRUE(write_file(folder / "new" / "deeper" / "x.bin", content));
  auto back = read_file(folder / "new" / "deeper" / "x.bin");
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back == content);
  ASSERT_TRUE(write_file(folder / "empty", ""));
  EXPECT_EQ(*read_file(folder / "empty"), "");
}

TEST_F(File, ReplacesWholeAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file(folder / "x", "old and longer"));
  ASSERT_TRUE(write_file(folder / "x", "new"));
  EXPECT_EQ(*read_file(folder / "x"), "new");
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 1u);
}

TEST_F(File, ErrorsNameThePath) {
  auto absent = read_file(folder / "absent");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  EXPECT_EQ(absent.error().where, (folder / "absent").string());
  auto directory = read_file(folder);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().kind, ErrorKind::io);
  ASSERT_TRUE(write_file(folder / "plain", "x"));
  auto below = write_file(folder / "plain" / "child", "x");  // a file where a folder should be
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().kind, ErrorKind::io);
}

TEST_F(File, LimitIsKept) {
  ASSERT_TRUE(write_file(folder / "x", std::string(1000, 'x')));
  EXPECT_TRUE(read_file(folder / "x", 1000));
  auto refused = read_file(folder / "x", 999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace assay
