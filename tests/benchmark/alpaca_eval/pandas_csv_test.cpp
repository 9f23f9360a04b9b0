#include "benchmark/alpaca_eval/pandas_csv.h"

#include <gtest/gtest.h>

#include <limits>

namespace assay::alpaca_eval {
namespace {

TEST(AlpacaPandasCsv, FloatsAreSummedUpFromTheLeft) {
  EXPECT_EQ(read_pandas_csv_float("49.96042051208327"), 49.96042051208327);
  EXPECT_EQ(read_pandas_csv_float("93.36012781015093"), 93.36012781015091);  // not the nearest
  EXPECT_EQ(read_pandas_csv_float(" -1.5E+2 "), -150);
  EXPECT_EQ(read_pandas_csv_float(".5"), 0.5);
  EXPECT_EQ(read_pandas_csv_float("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(read_pandas_csv_float("123456789012345678901"), 123456789012345680000.0);
  EXPECT_EQ(read_pandas_csv_float("1e-320"), 1e-320);
  EXPECT_EQ(read_pandas_csv_float("1e-99999999999"), 0);
  for (const char* no : {"", "x", "1x", "1e", ".", "-", "1e400", "nan", "1 2"}) EXPECT_FALSE(read_pandas_csv_float(no)) << no;
}

TEST(AlpacaPandasCsv, WhatAColumnIs) {
  auto kind = [](std::vector<std::string_view> cells) { return pandas_column(cells); };
  EXPECT_EQ(kind({"1", "+2", " 3"}), PandasColumn::whole);
  EXPECT_EQ(kind({"1", ""}), PandasColumn::floating);
  EXPECT_EQ(kind({"NaN", "NA"}), PandasColumn::floating);
  EXPECT_EQ(kind({"true", "FALSE", ""}), PandasColumn::boolean);
  EXPECT_EQ(kind({"1", "a"}), PandasColumn::text);
  EXPECT_EQ(kind({"1", "9223372036854775808"}), PandasColumn::floating);
}

}  // namespace
}  // namespace assay::alpaca_eval
