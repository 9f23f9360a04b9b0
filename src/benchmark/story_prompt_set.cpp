#include "benchmark/story_prompt_set.h"

#include "base/json.h"
#include "base/text.h"

namespace assay::story {
namespace {

constexpr std::size_t kMaxPrompts = 100'000;
constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxList = 10'000;

/// A text member, or what is wrong with it.
std::string read_text(const json::value& object, std::string_view key, std::string& out) {
  auto text = get_string(object, key);
  if (!text || text->empty()) return std::string(key) + " is missing or not a text";
  if (text->size() > kMaxText) return std::string(key) + " is longer than 1 MiB";
  out = std::move(*text);
  return {};
}

std::string append_texts(const json::value* list, const std::string& key, std::vector<std::string>& out) {
  if (!list || !list->is_array() || list->get_array().empty()) return key + " is missing or not a list of texts";
  if (list->get_array().size() > kMaxList) return key + " has more than 10000 entries";
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_string()) return key + " holds something that is not a text";
    if (entry.get_string().size() > kMaxText) return key + " holds a text longer than 1 MiB";
    out.emplace_back(entry.get_string());
  }
  return {};
}

std::string read_prompt(const json::value& value, StoryPrompt& out) {
  if (!value.is_object()) return "is not an object";
  if (std::string wrong = read_text(value, "writing_prompt", out.writing_prompt); !wrong.empty()) return wrong;
  if (std::string wrong = read_text(value, "reference_output", out.reference); !wrong.empty()) return wrong;
  if (std::string wrong = append_texts(find(value, "seed_modifiers"), "seed_modifiers", out.seeds); !wrong.empty()) return wrong;
  const json::value* sets = find(value, "judging_criteria");
  if (!sets || !sets->is_array() || sets->get_array().empty()) return "judging_criteria is missing or not a list";
  for (const json::value& set : sets->get_array())
    if (std::string wrong = append_texts(find(set, "criteria"), "judging_criteria.criteria", out.criteria); !wrong.empty())
      return wrong;
  return {};
}

}  // namespace

Result<std::vector<StoryPrompt>> read_prompt_set(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  const std::string hint =
      "expected {\"ID\": {\"writing_prompt\", \"seed_modifiers\", \"judging_criteria\", \"reference_output\"}, ...}; see "
      "docs/formats/creative-writing.md";
  const json::object* object = root->if_object();
  if (!object) return fail(ErrorKind::data, "the prompt file is not a JSON object", std::string(where), hint);
  if (object->empty()) return fail(ErrorKind::data, "the prompt file holds no prompt", std::string(where), hint);
  if (object->size() > kMaxPrompts)
    return fail(ErrorKind::data, "the prompt file holds more than a hundred thousand prompts", std::string(where));
  std::vector<StoryPrompt> out;
  out.reserve(object->size());
  for (const auto& member : *object) {
    StoryPrompt prompt;
    prompt.id = std::string(member.key());
    std::string wrong = prompt.id.empty() ? "the id is empty" : read_prompt(member.value(), prompt);
    if (!wrong.empty()) return fail(ErrorKind::data, "prompt \"" + shorten(prompt.id, 40) + "\": " + wrong, std::string(where), hint);
    out.push_back(std::move(prompt));
  }
  return out;
}

}  // namespace assay::story
