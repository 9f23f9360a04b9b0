#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/atomic_file.h"

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

TEST_F(File, ANameAloneIsOfTheWorkingDirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(folder);
  auto written = write_file("alone", "x");
  fs::current_path(before);
  ASSERT_TRUE(written) << to_string(written.error());
  EXPECT_EQ(*read_file(folder / "alone"), "x");
}

TEST_F(File, LinksAreFollowedNotReplaced) {
  ASSERT_TRUE(write_file(folder / "real" / "x", "old"));
  fs::create_symlink("real/x", folder / "link");
  fs::create_symlink("link", folder / "link to it");
  fs::create_symlink("real/new", folder / "dangling");
  ASSERT_TRUE(write_file(folder / "link to it", "new"));
  ASSERT_TRUE(write_file(folder / "dangling", "first"));
  EXPECT_TRUE(fs::is_symlink(folder / "link to it"));
  EXPECT_TRUE(fs::is_symlink(folder / "dangling"));
  EXPECT_EQ(*read_file(folder / "real" / "x"), "new");
  EXPECT_EQ(*read_file(folder / "real" / "new"), "first");
  fs::create_symlink("round", folder / "round");
  EXPECT_FALSE(write_file(folder / "round", "x"));
}

TEST_F(File, DevicesAndPipesAreWrittenNotReplaced) {
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_TRUE(write_file(pipe, "through"));
  char buffer[16] = "";
  EXPECT_EQ(::read(reader, buffer, sizeof buffer), 7);
  EXPECT_STREQ(buffer, "through");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_TRUE(write_file("/dev/null", "x"));
  auto full = write_file("/dev/full", "x");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::io);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(File, WritersOfOneFileDoNotMeetAndWhatIsNotCommittedIsGone) {
  ASSERT_TRUE(write_file(folder / "x", "old"));
  auto one = AtomicFile::open(folder / "x"), other = AtomicFile::open(folder / "x");
  ASSERT_TRUE(one && other);
  const std::string much(100'000, 'm');
  ASSERT_TRUE(one->write("one "));
  ASSERT_TRUE(other->write("other"));
  ASSERT_TRUE(one->write(much));
  EXPECT_EQ(*read_file(folder / "x"), "old");
  ASSERT_TRUE(other->commit());
  EXPECT_EQ(*read_file(folder / "x"), "other");
  ASSERT_TRUE(one->commit());
  EXPECT_EQ(*read_file(folder / "x"), "one " + much);
  { auto left = AtomicFile::open(folder / "x"); ASSERT_TRUE(left->write(much)); }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
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
