#include "benchmark/alpaca_eval/annotation_cache.h"

#include <gtest/gtest.h>

#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {
namespace {

const std::vector<std::string> kKeys{"instruction", "output_1", "annotator"};

std::string text_of(const AnnotationCache& cache, std::string_view instruction, std::string_view output, std::string_view annotator, std::size_t column) {
  const std::vector<std::string_view> values{instruction, output, annotator};
  const AnnotationCache::Row* row = cache.find(values);
  return row && column < row->size() ? cell_text((*row)[column]) : "-";
}

TEST(AlpacaEvalAnnotationCache, RowsWithTheSameKeysTakeEachOthersPlace) {
  AnnotationCache cache(kKeys);
  EXPECT_EQ(text_of(cache, "a", "b", "j", 3), "-");
  const std::vector<std::string> columns{"instruction", "output_1", "annotator", "preference"};
  cache.put(columns, {"a", "b", "j", 1.0});
  cache.put(columns, {"ab", "", "j", 1.5});  // the same bytes in a row, and another example
  cache.put(columns, {"c", nullptr, "j", 1.0});
  EXPECT_EQ(cache.size(), 3u);
  cache.put(columns, {"a", "b", "j", 2.0});
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(text_of(cache, "a", "b", "j", 3), "2.0");
  EXPECT_EQ(text_of(cache, "ab", "", "j", 3), "1.5");
  EXPECT_EQ(text_of(cache, "c", "None", "j", 3), "1.0");  // as Python writes what is not there
  EXPECT_EQ(text_of(cache, "a", "b", "k", 3), "-");
  // The newest stands last.
  auto rows = read_table(cache.write(), ".json", "cache").value().rows;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0][0], "ab");
  EXPECT_EQ(rows[2][0], "a");
}

TEST(AlpacaEvalAnnotationCache, ColumnsGrowAndMayComeInAnyOrder) {
  AnnotationCache cache(kKeys);
  const std::vector<std::string> few{"instruction", "annotator", "output_1"}, more{"output_1", "time", "annotator", "instruction"};
  cache.put(few, {"a", "j", "x"});
  cache.put(more, {"y", 0.5, "j", "b"});
  EXPECT_EQ(cache.columns(), (std::vector<std::string>{"instruction", "annotator", "output_1", "time"}));
  EXPECT_EQ(text_of(cache, "b", "y", "j", 3), "0.5");
  EXPECT_EQ(text_of(cache, "a", "x", "j", 0), "a");
  auto table = read_table(cache.write(), ".json", "cache").value();
  EXPECT_EQ(table.columns, cache.columns());
  EXPECT_TRUE(table.rows[0][3].is_null());
}

TEST(AlpacaEvalAnnotationCache, TakesAllOfAnother) {
  const std::vector<std::string> columns{"instruction", "output_1", "annotator", "preference"};
  AnnotationCache theirs(kKeys), ours(kKeys);
  theirs.put(columns, {"a", "x", "j", 1.0});
  theirs.put(columns, {"b", "x", "j", 1.0});
  ours.put(columns, {"a", "x", "j", 2.0});
  ours.put(columns, {"c", "x", "j", 2.0});
  theirs.put_all(std::move(ours));
  auto rows = read_table(theirs.write(), ".json", "cache").value().rows;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0][0], "b");
  EXPECT_EQ(rows[1][0], "a");
  EXPECT_EQ(rows[1][3], 2);
  EXPECT_EQ(rows[2][0], "c");
}

TEST(AlpacaEvalAnnotationCache, FilesWithoutAKeyAreRefused) {
  AnnotationCache cache(kKeys);
  auto read = cache.read(R"([{"instruction":"a","annotator":"j"}])", "cache.json");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("output_1"), std::string::npos);
  EXPECT_TRUE(cache.read("[]", "cache.json"));
}

}  // namespace
}  // namespace assay::alpaca_eval
