// The project's own MixEval questions have the layout of the official files.
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "dataset/pack.h"
#include "packs/embedded.h"
#include "support/shared_data.h"

namespace assay {
namespace {

TEST(MixevalSample, EveryRoleHasItsFileAndEveryEntryItsKeys) {
  auto store = PackStore::load(embedded_packs());
  ASSERT_TRUE(store) << to_string(store.error());
  const Pack* pack = store->find("mixeval").value();
  for (const PackFile& file : pack->files) EXPECT_TRUE(pack->own_file("sample", file.name) || file.name.starts_with("system/")) << file.name;
  for (const OwnFile& file : pack->own) {
    if (!contains(file.name, "/")) continue;  // tables of names and numbers
    if (file.name.starts_with("prompts/judge/")) {
      for (const char* mark : {"@@prompt@@", "@@response@@"}) EXPECT_TRUE(contains(file.content, mark)) << file.name;
      continue;
    }
    if (file.name.starts_with("prompts/")) {
      EXPECT_TRUE(file.content.ends_with("\n\n")) << "the next question follows directly: " << file.name;
      continue;
    }
    auto document = parse_json(file.content, file.name);
    ASSERT_TRUE(document);
    std::size_t next = 0;
    for (const auto& member : document->as_object()) {
      EXPECT_EQ(std::string(member.key()), std::to_string(next++));
      const json::object& entry = member.value().as_object();
      const bool choice = file.name.ends_with("multiple-choice");
      EXPECT_EQ(entry.size(), choice ? 6u : 5u);
      ASSERT_FALSE(entry.at("target").as_array().empty());
      if (!choice) continue;
      const auto right = entry.at("target").as_array()[0].as_int64();
      EXPECT_LT(right, static_cast<std::int64_t>(entry.at("options").as_array().size()));
    }
    EXPECT_GE(next, 8u);
  }
}

TEST(MixevalPack, SystemMessagesAreTakenOutOfTheListOfModels) {
  ASSAY_NEED_SHARED("upstream/mixeval/models.json");
  auto store = PackStore::load(embedded_packs());
  const Pack* pack = store->find("mixeval").value();
  auto list = read_file(test::shared("upstream/mixeval/models.json"));
  ASSERT_TRUE(list);
  std::size_t found = 0;
  for (const PackFile& file : pack->files) {
    if (!file.name.starts_with("system/")) continue;
    EXPECT_TRUE(file.optional) << "no run needs them but that of their models";
    auto text = extracted(file, *list);
    ASSERT_TRUE(text) << file.name;
    EXPECT_EQ(text->size(), file.size);
    ++found;
  }
  EXPECT_EQ(found, 8u);
}

}  // namespace
}  // namespace assay
