#include "dataset/parquet.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include "base/file.h"
#include "support/duckdb.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

json::object record(std::string_view text) {
  return parse_json(text).value().as_object();
}

TEST(Parquet, RowsComeBackAsTheyWereWritten) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "it's [odd] *.parquet";
  const std::vector<json::object> rows{
      record(R"({"question": "Où?\n\"x\"", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answer": 3, "score": 0.1, "ok": true})"),
      record(R"({"question": "", "choices": {"text": [], "label": []}, "answer": -9007199254740993, "score": 1e-300, "ok": false})"),
      record(R"({"question": "12", "choices": null, "answer": null, "score": 2.0, "ok": null})")};
  auto written = write_parquet(file, rows);
  ASSERT_TRUE(written) << to_string(written.error());
  auto read = read_parquet(file);
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(write_json((*read)[i]), write_json(rows[i]));
  std::size_t left = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++left;
  EXPECT_EQ(left, 1u) << "what was needed on the way is gone";
}

TEST(Parquet, TextStaysTextAndOddColumnsBecomeJson) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "odd.parquet";
  const std::vector<json::object> rows{
      record(R"({"day": "2024-02-29", "time": "12:30", "id": "6F9619FF-8B86-D011-B42D-00C04FC964FF", "odd": [1, 2], "n": 1, "empty": [], "none": {}})"),
      record(R"({"day": "x", "time": "1:2", "id": "7", "odd": "text", "n": 2.5, "empty": [], "late": [{"a": [1]}, {"b": "c"}]})")};
  auto written = write_parquet(file, rows);
  ASSERT_TRUE(written) << to_string(written.error());
  auto read = read_parquet(file);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_json((*read)[0]),
            R"({"day":"2024-02-29","time":"12:30","id":"6F9619FF-8B86-D011-B42D-00C04FC964FF","odd":"[1,2]","n":1.0,"empty":[],"none":"{}","late":null})");
  EXPECT_EQ(write_json((*read)[1]),
            R"({"day":"x","time":"1:2","id":"7","odd":"text","n":2.5,"empty":[],"none":null,"late":[{"a":[1],"b":null},{"a":null,"b":"c"}]})");
}

// Files of other writers hold kinds that JSON lacks.
TEST(Parquet, KindsOfOtherWriters) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "kinds.parquet";
  const DuckDbFunctions& api = **duckdb_library();
  void *database = nullptr, *connection = nullptr;
  ASSERT_EQ(api.duckdb_open_ext(":memory:", &database, nullptr, nullptr), 0);
  ASSERT_EQ(api.duckdb_connect(database, &connection), 0);
  DuckDbResult result{};
  const std::string sql = "COPY (SELECT 'nan'::DOUBLE AS nan, '-inf'::FLOAT AS inf, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 12:30:00' AS time, "
                          "1.50::DECIMAL(9,2) AS price, 'a\\xFFb'::BLOB AS bytes, MAP {'k': 1} AS map, 200::UTINYINT AS small, "
                          "18446744073709551615::UBIGINT AS large, ['x', NULL] AS list) TO '" + file.string() + "' (FORMAT parquet)";
  ASSERT_EQ(api.duckdb_query(connection, sql.c_str(), &result), 0) << api.duckdb_result_error(&result);
  api.duckdb_destroy_result(&result);
  api.duckdb_disconnect(&connection);
  api.duckdb_close(&database);
  auto read = read_parquet(file);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_json(read->front()),
            R"({"nan":null,"inf":null,"day":"2024-02-29","time":"2024-02-29 12:30:00","price":1.5,"bytes":"a\\xFFb","map":{"k":1},"small":200,)"
            R"("large":18446744073709551615,"list":["x",null]})");
}

TEST(Parquet, ColumnsAndRowsAreChosen) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "rows.parquet";
  std::vector<json::object> rows;
  for (int i = 0; i < 5'000; ++i) rows.push_back({{"i", i}, {"a long enough name", std::string(20, 'x')}, {"q\"uote", "y"}});
  ASSERT_TRUE(write_parquet(file, rows));
  ParquetOptions some;
  some.columns = {"q\"uote", "i"};
  some.first = 4'000;
  some.limit = 2;
  auto read = read_parquet(file, some);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_json(json::value{json::value_from((*read)[0]), json::value_from((*read)[1])}),
            R"([{"q\"uote":"y","i":4000},{"q\"uote":"y","i":4001}])");
  auto all = read_parquet(file);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 5'000u);
  for (int i = 0; i < 5'000; ++i) ASSERT_EQ((*all)[static_cast<std::size_t>(i)].at("i"), i);
  some.columns = {"nothing"};
  auto none = read_parquet(file, some);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::data);
  EXPECT_NE(none.error().message.find("nothing"), std::string::npos);
}

TEST(Parquet, ARowThatIsRefusedEndsTheReading) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "rows.parquet";
  ASSERT_TRUE(write_parquet(file, std::vector<json::object>(10, json::object{{"i", 1}})));
  int seen = 0;
  auto done = read_parquet(file, {}, [&](json::object) -> Result<void> {
    if (++seen == 3) return fail(ErrorKind::data, "enough");
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(seen, 3);
}

TEST(Parquet, WhatIsNoParquetIsSaidSo) {
  test::TemporaryFolder folder;
  EXPECT_EQ(read_parquet(folder.path() / "none.parquet").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(write_file(folder.path() / "text.parquet", "{\"a\": 1}\n"));
  auto text = read_parquet(folder.path() / "text.parquet");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::data);
  EXPECT_FALSE(write_parquet(folder.path() / "empty.parquet", {}));
}

TEST(Parquet, DamagedFilesAreErrors) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "rows.parquet";
  std::vector<json::object> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({{"i", i}, {"text", "row " + std::to_string(i)}});
  ASSERT_TRUE(write_parquet(file, rows));
  const std::string whole = read_file(file).value();
  std::size_t refused = 0, tried = 0;
  for (std::size_t cut = 4; cut < whole.size(); cut += 97, ++tried) {
    ASSERT_TRUE(write_file(file, whole.substr(0, cut)));
    auto read = read_parquet(file);
    ASSERT_FALSE(read) << cut;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    ++refused;
  }
  EXPECT_EQ(refused, tried);
  for (std::size_t at = 8; at < whole.size(); at += 41) {  // flipped bytes: rows or an error, never a crash
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    ASSERT_TRUE(write_file(file, bad));
    auto read = read_parquet(file);
    if (!read) {
      EXPECT_EQ(read.error().kind, ErrorKind::data) << to_string(read.error());
    }
  }
}

// The rows of a file are foreign, but its reader is no way to other files.
TEST(Parquet, NothingElseIsTouched) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const fs::path file = folder.path() / "rows.parquet", other = folder.path() / "other.parquet";
  ASSERT_TRUE(write_parquet(file, std::vector<json::object>{{{"i", 1}}}));
  ASSERT_TRUE(write_parquet(other, std::vector<json::object>{{{"secret", 1}}}));
  ParquetOptions sly;
  sly.columns = {"i\" FROM read_parquet('" + other.string() + "') --"};
  EXPECT_FALSE(read_parquet(file, sly));
}

TEST(Parquet, WithoutTheLibraryTheCureIsNamed) {
  auto library = duckdb_library();
  if (library) GTEST_SKIP() << "DuckDB is open already, or installed in the system";
  EXPECT_EQ(library.error().kind, ErrorKind::unsupported);
  EXPECT_NE(library.error().hint.find("fetch-duckdb"), std::string::npos);
}

}  // namespace
}  // namespace assay
