#include "benchmark/alpaca_eval/annotation_files.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "support/temporary_folder.h"

namespace assay::alpaca_eval {
namespace {

namespace fs = std::filesystem;

/// As many records as told, each preferring what the number says.
std::string file_text(std::size_t records, double preference) {
  std::string out = "[";
  for (std::size_t i = 0; i < records; ++i)
    out += std::string(i == 0 ? "" : ",") + R"({"output_1":"a","output_2":"\u00e9b","generator_2":"m","preference":)" + std::to_string(preference) + "}";
  return out + "]";
}

class AlpacaEvalAnnotationFiles : public testing::TestWithParam<unsigned> {
 protected:
  fs::path add(const std::string& text) {
    files.push_back(folder.path() / (std::to_string(files.size()) + ".json"));
    EXPECT_TRUE(write_file(files.back(), text));
    return files.back();
  }
  test::TemporaryFolder folder;
  std::vector<fs::path> files;
};

TEST_P(AlpacaEvalAnnotationFiles, ComeInTheirOrderWhateverTheirSize) {
  for (std::size_t i = 0; i < 40; ++i) add(file_text(i % 3 == 0 ? 5000 : i, 1 + static_cast<double>(i) / 64));  // longer and shorter ones in the same memory
  auto read = read_annotation_files(files, GetParam());
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto single = read_annotation_scores(read_file(files[i]).value(), "single");
    ASSERT_TRUE(single);
    EXPECT_EQ((*read)[i].preference, single->preference) << i;
    EXPECT_EQ((*read)[i].length_2, single->length_2) << i;
    EXPECT_EQ((*read)[i].rows(), i % 3 == 0 ? 5000 : i);
  }
  EXPECT_TRUE(read_annotation_files({}, GetParam())->empty());
}

TEST_P(AlpacaEvalAnnotationFiles, TheFirstFaultIsTold) {
  for (std::size_t i = 0; i < 20; ++i) add(file_text(50, 1.5));
  for (std::size_t bad : {7, 8, 15}) ASSERT_TRUE(write_file(files[bad], "[{\"preference\":\"x\"}]"));
  auto read = read_annotation_files(files, GetParam());
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(to_string(read.error()), files[7].string())) << to_string(read.error());
  ASSERT_TRUE(write_file(files[7], ""));  // nothing is no list of records
  read = read_annotation_files(files, GetParam());
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(to_string(read.error()), files[7].string())) << to_string(read.error());
  fs::remove(files[7]);
  read = read_annotation_files(files, GetParam());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_found);
}

INSTANTIATE_TEST_SUITE_P(Threads, AlpacaEvalAnnotationFiles, testing::Values(0u, 1u, 2u, 8u));

}  // namespace
}  // namespace assay::alpaca_eval
