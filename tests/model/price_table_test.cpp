#include "model/price_table.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

std::optional<double> price_in(const PriceTable& table, std::string_view spec) {
  auto price = table.find(parse_model_spec(spec).value());
  return price ? std::optional(price->in) : std::nullopt;
}

TEST(PriceTable, TheLongestKeyAndEditions) {
  const PriceTable table = PriceTable::built_in();
  EXPECT_EQ(price_in(table, "openai:gpt-4o"), 2.5);
  EXPECT_EQ(price_in(table, "openai:gpt-4o-2024-08-06"), 2.5);
  EXPECT_EQ(price_in(table, "openai:gpt-4o-2024-05-13"), 5);
  EXPECT_EQ(price_in(table, "openai:gpt-4o-mini"), 0.15);
  EXPECT_EQ(price_in(table, "anthropic:claude-3-5-sonnet-20241022"), 3);
  EXPECT_EQ(price_in(table, "openai:gpt-4o-audio"), std::nullopt);
  EXPECT_EQ(price_in(table, "http://127.0.0.1:1/v1#gpt-4o"), std::nullopt);
}

TEST(PriceTable, AUsersFile) {
  PriceTable table = PriceTable::built_in();
  ASSERT_TRUE(table.add(R"({"openai:gpt-4o": {"in": 1, "out": 2, "date": "2030-01"}, "mine": {"in": 0.5, "out": 0.5}})", "prices.json"));
  EXPECT_EQ(price_in(table, "openai:gpt-4o"), 1);
  EXPECT_EQ(price_in(table, "http://127.0.0.1:1/v1#mine"), 0.5);
  EXPECT_FALSE(table.add(R"({"x": {"in": -1, "out": 2}})", "prices.json"));
  EXPECT_FALSE(table.add("[]", "prices.json"));
  EXPECT_EQ(price_in(table, "openai:gpt-4o"), 1);
}

}  // namespace
}  // namespace assay
