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

TEST(PriceTable, EveryRowIsPlausibleDatedAndSourced) {
  const PriceTable table = PriceTable::built_in();
  EXPECT_GT(table.all().size(), 60u);
  for (const Price& price : table.all()) {
    EXPECT_GT(price.in, 0) << price.model;
    EXPECT_GE(price.out, price.in) << price.model;
    EXPECT_LE(price.out, 200) << price.model;
    EXPECT_LE(price.out / price.in, 10) << price.model;
    EXPECT_EQ(price.date.size(), 7u) << price.model;
    EXPECT_TRUE(price.source.starts_with("https://")) << price.model;
    EXPECT_TRUE(parse_model_spec(price.model)) << price.model;
    EXPECT_EQ(price_in(table, price.model), price.in) << price.model << " is found by its own name";
  }
}

TEST(PriceTable, VersionsThatAreOtherModels) {
  const PriceTable table = PriceTable::built_in();
  EXPECT_EQ(price_in(table, "anthropic:claude-opus-4-20250514"), 15);
  EXPECT_EQ(price_in(table, "anthropic:claude-opus-4-5-20251101"), 5);
  EXPECT_EQ(price_in(table, "anthropic:claude-opus-4-9"), std::nullopt) << "nobody has looked";
  EXPECT_EQ(price_in(table, "openai:gpt-3.5-turbo-0125"), 0.5);
  EXPECT_EQ(price_in(table, "openai:gpt-3.5-turbo-1106"), 1);
  EXPECT_EQ(price_in(table, "openai:gpt-3.5-turbo-16k-0613"), 3);
  EXPECT_EQ(price_in(table, "mistral:mistral-large-2411"), 2);
  EXPECT_EQ(price_in(table, "mistral:mistral-large-latest"), 4) << "the dearest that bore the name";
}

TEST(PriceTable, BedrocksNames) {
  const PriceTable table = PriceTable::built_in();
  EXPECT_EQ(price_in(table, "bedrock:anthropic.claude-3-haiku-20240307-v1:0"), 0.25);
  EXPECT_EQ(price_in(table, "bedrock:us.anthropic.claude-3-5-sonnet-20241022-v2:0"), 3);
  EXPECT_EQ(price_in(table, "bedrock:anthropic.claude-v2:1"), 8);
  EXPECT_EQ(price_in(table, "bedrock:meta.llama3-1-70b-instruct-v1:0"), 0.99);
  EXPECT_EQ(price_in(table, "bedrock:amazon.unheard-of-v1:0"), std::nullopt);
  EXPECT_EQ(price_in(table, "azure:gpt-4o"), std::nullopt) << "a deployment's name says nothing";
}

}  // namespace
}  // namespace assay
