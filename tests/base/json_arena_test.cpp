// Documents in memory of their own: the same values as elsewhere, and what is kept of them outlives it.
#include "base/json_arena.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

namespace assay {
namespace {

TEST(JsonArena, ReadsTheSameDocuments) {
  for (std::string text : {std::string(R"({"a":[1,2.5,-3,"x",null,true],"b":{"c":"ü"},"a2":18446744073709551615})"),
                           std::string("[]"), std::string("17"), "[\"" + std::string(10'000, 'y') + "\"]",
                           std::string(R"({"big":1234567890123456789012345678901234567890})")}) {
    JsonArena arena;
    auto value = parse_json_into(arena.memory(), "", text);
    auto elsewhere = parse_json(text);
    ASSERT_EQ(value.has_value(), elsewhere.has_value()) << text.substr(0, 80);
    if (value) {
      EXPECT_EQ(*value, *elsewhere);
    }
  }
  JsonArena arena;
  auto without = parse_json_into(arena.memory(), "b", R"({"a":1,"b":{"c":2},"d":[{"b":3}]})");
  ASSERT_TRUE(without);
  EXPECT_EQ(write_json(*without), R"({"a":1,"d":[{}]})");
  auto broken = parse_json_into(arena.memory(), "", "{\n 1}", "here");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().where.find("here:2"), std::string::npos) << broken.error().where;
}

TEST(JsonArena, WhatIsAssignedOutlivesIt) {
  json::object kept;
  std::optional<JsonArena> arena(std::in_place);
  {
    auto value = parse_json_into(arena->memory(), "", R"({"o":{"name":"a text of more than a few bytes","list":[1,2,3]}})");
    ASSERT_TRUE(value);
    kept = value->get_object().at("o").get_object();
  }
  arena.reset();
  EXPECT_EQ(write_json(kept), R"({"name":"a text of more than a few bytes","list":[1,2,3]})");
}

}  // namespace
}  // namespace assay
