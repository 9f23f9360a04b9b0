#include "benchmark/judgemark/test_set.h"

#include "base/json.h"
#include "base/text.h"

namespace assay::judgemark {
namespace {

constexpr std::size_t kMaxStories = 1'000'000;
constexpr std::size_t kMaxStory = std::size_t{1} << 20;
constexpr std::string_view kDocs = "see docs/formats/judgemark.md";

}  // namespace

Result<std::vector<TestModel>> read_test_set(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  auto refuse = [&](const std::string& what) {
    return fail(ErrorKind::data, what, std::string(where), "expected {\"TEST MODEL\": {\"PROMPT ID\": \"story\"}}; " + std::string(kDocs));
  };
  const json::object* object = root->if_object();
  if (!object || object->empty()) return refuse("the test set is not a JSON object with test models");
  std::vector<TestModel> out;
  std::size_t stories = 0;
  for (const auto& member : *object) {
    TestModel model;
    model.name = std::string(member.key());
    const json::object* map = member.value().if_object();
    if (model.name.empty() || !map) return refuse("test model \"" + shorten(model.name, 60) + "\" has no object of stories");
    for (const auto& story : *map) {
      std::string id(story.key());
      if (id.empty() || !story.value().is_string())
        return refuse("story \"" + shorten(id, 40) + "\" of \"" + shorten(model.name, 60) + "\" is not a text");
      if (story.value().get_string().size() > kMaxStory)
        return refuse("story \"" + shorten(id, 40) + "\" of \"" + shorten(model.name, 60) + "\" is longer than 1 MiB");
      if (++stories > kMaxStories) return refuse("the test set holds more than a million stories");
      model.stories.push_back({std::move(id), std::string(story.value().get_string())});
    }
    out.push_back(std::move(model));
  }
  if (stories == 0) return refuse("the test set holds no story");
  return out;
}

Result<std::vector<Reference>> read_references(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  const json::array* list = root->if_array();
  auto refuse = [&](const std::string& what) {
    return fail(ErrorKind::data, what, std::string(where), "expected [{\"model\", \"arena_elo\", \"eq_bench\", \"magi\"}]; " + std::string(kDocs));
  };
  if (!list) return refuse("the table of other benchmarks is not a JSON array");
  std::vector<Reference> out;
  for (const json::value& row : *list) {
    auto model = get_string(row, "model");
    if (!model || model->empty()) return refuse("a row of the table of other benchmarks names no model");
    for (std::string_view key : {"arena_elo", "eq_bench", "magi"})
      if (const json::value* value = find(row, key); value && !value->is_null() && !value->is_number())
        return refuse(std::string(key) + " of \"" + shorten(*model, 60) + "\" is neither a number nor null");
    out.push_back({std::move(*model), get_number(row, "arena_elo"), get_number(row, "eq_bench"), get_number(row, "magi")});
  }
  return out;
}

}  // namespace assay::judgemark
