// Client configurations of AlpacaEval's program: entries, defaults, products of keys and organisations, and messages without keys in them.
#include "model/http/client_configs.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "support/shared_data.h"

namespace assay {
namespace {

constexpr const char* kFile = R"(default:
  - api_key: "key-one"
    organization: "org-1"
  - api_key: "key-two"
gpt-4-1106-preview:
  - "default"
  - client_class: "openai.AzureOpenAI"
    azure_deployment: "gpt-4-1106"
    api_key: "key-azure"
    azure_endpoint: "https://my.openai.azure.com"
    api_version: "2024-03-01-preview"
local:
  api_key: "key-local"
  base_url: "http://127.0.0.1:8000/v1"
)";

TEST(ClientConfigs, EntriesAndTheDefault) {
  auto azure = read_client_configs(kFile, "c.yaml", "gpt-4-1106-preview");
  ASSERT_TRUE(azure) << to_string(azure.error());
  ASSERT_EQ(azure->size(), 3u);
  EXPECT_EQ((*azure)[0].key.reveal(), "key-one") << "the default's come first";
  EXPECT_EQ((*azure)[0].organization, "org-1");
  EXPECT_FALSE((*azure)[0].azure);
  EXPECT_TRUE((*azure)[2].azure);
  EXPECT_EQ((*azure)[2].deployment + " " + (*azure)[2].endpoint + " " + (*azure)[2].api_version, "gpt-4-1106 https://my.openai.azure.com 2024-03-01-preview");
  EXPECT_EQ((*azure)[2].source, "client 2 of \"gpt-4-1106-preview\" in c.yaml");
  auto other = read_client_configs(kFile, "c.yaml", "gpt-4o");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->size(), 2u) << "a model without an entry";
  auto local = read_client_configs(kFile, "c.yaml", "local");
  ASSERT_TRUE(local) << to_string(local.error());
  ASSERT_EQ(local->size(), 1u);
  EXPECT_EQ((*local)[0].base, "http://127.0.0.1:8000/v1");
}

TEST(ClientConfigs, TheExampleOfTheOriginal) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/client_configs/openai_configs_example.yaml");
  const std::string text = read_file(test::shared("upstream/alpaca-eval/client_configs/openai_configs_example.yaml")).value();
  auto clients = read_client_configs(text, "example", "gpt-4-1106-preview");
  ASSERT_TRUE(clients) << to_string(clients.error());
  ASSERT_EQ(clients->size(), 3u);
  EXPECT_TRUE(clients->back().azure);
  EXPECT_EQ(read_client_configs(text, "example", "text_davinci_003")->size(), 2u);
}

TEST(ClientConfigs, WhatIsWrongIsNamedWithoutItsValue) {
  for (const char* text : {"[]", "default: []", "m: [default]", "default: [default]", "default: [sk-secret]", "default: [{api_kye: sk-secret}]", "default: [{api_key: 7}]",
                           "default: [{api_key: sk-secret, client_class: openai.Other}]", "default: [{api_key: sk-secret, client_class: openai.AzureOpenAI}]", "other: [{api_key: sk-secret}]",
                           "default: [{api_key: sk-secret", "default: 3"}) {
    auto clients = read_client_configs(text, "c.yaml", "m");
    ASSERT_FALSE(clients) << text;
    EXPECT_FALSE(contains(to_string(clients.error()), "sk-secret")) << to_string(clients.error());
    EXPECT_TRUE(contains(to_string(clients.error()), "c.yaml")) << to_string(clients.error());
  }
}

TEST(ClientConfigs, EveryKeyWithEveryOrganisation) {
  auto clients = client_product(Secret("k1, k2"), "o1,o2,o3", "OPENAI_API_KEYS");
  ASSERT_EQ(clients.size(), 6u);
  EXPECT_EQ(std::string(clients[0].key.reveal()) + clients[0].organization + std::string(clients[5].key.reveal()) + clients[5].organization, "k1o1k2o3");
  ASSERT_EQ(client_product(Secret("k"), "", "x").size(), 1u);
  EXPECT_TRUE(client_product(Secret(""), "o", "x").empty());
}

}  // namespace
}  // namespace assay
