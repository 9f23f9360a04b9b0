#include "benchmark/story_formats.h"

#include <map>

#include "base/python_json.h"
#include "base/text.h"

namespace assay::story {
namespace {

Result<Scores> scores_from_json(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (!object) return fail(ErrorKind::data, "the scores are not an object", where);
  Scores out;
  out.reserve(object->size());
  for (const auto& member : *object) {
    std::optional<double> number = as_number(member.value());
    if (!number)
      return fail(ErrorKind::data, "the score of \"" + shorten(std::string_view(member.key()), 60) + "\" is not a number", where);
    out.emplace_back(std::string(member.key()), *number);
  }
  return out;
}

std::string patterns(std::string_view flag, const std::vector<std::string>& list) {
  if (list.empty()) return {};
  return std::string(flag) + " [\"" + join(list, "\", \"") + "\"]";
}

}  // namespace

json::object to_json(const std::vector<StoredItem>& items) {
  json::object scores, responses, judges;
  for (const StoredItem& item : items) {
    if (item.scores) {
      json::object& object = scores[item.id].emplace_object();
      for (const auto& [metric, value] : *item.scores) object[metric] = value;
    }
    if (item.response) responses[item.id] = *item.response;
    if (!item.judge.empty()) judges[item.id] = json::array(item.judge.begin(), item.judge.end());
  }
  return {{"individual_scores", std::move(scores)},
          {"test_model_response", std::move(responses)},
          {"judge_model_response", std::move(judges)}};
}

Result<std::vector<StoredItem>> items_from_json(const json::value& value, std::string_view where) {
  if (!value.is_object()) return fail(ErrorKind::data, "the stored items are not an object", std::string(where));
  std::vector<StoredItem> out;
  std::map<std::string, std::size_t, std::less<>> known;
  std::optional<Error> wrong;
  auto members = [&](std::string_view key, auto visit) {
    const json::value* map = find(value, key);
    if (wrong || !map || map->is_null()) return;
    if (!map->is_object()) {
      wrong = Error{ErrorKind::data, std::string(key) + " is not an object", std::string(where)};
      return;
    }
    for (const auto& member : map->get_object()) {
      auto [it, fresh] = known.try_emplace(std::string(member.key()), out.size());
      if (fresh) out.emplace_back().id = std::string(member.key());
      visit(out[it->second], member.value(), std::string(where) + ": " + std::string(key) + " of " + shorten(it->first, 40));
      if (wrong) return;
    }
  };
  members("individual_scores", [&](StoredItem& item, const json::value& v, const std::string& place) {
    if (v.is_null()) return;
    auto scores = scores_from_json(v, place);
    if (scores)
      item.scores = std::move(*scores);
    else
      wrong = scores.error();
  });
  members("test_model_response", [&](StoredItem& item, const json::value& v, const std::string& place) {
    if (v.is_string())
      item.response = std::string(v.get_string());
    else if (!v.is_null())
      wrong = Error{ErrorKind::data, "the response is not a text", place};
  });
  members("judge_model_response", [&](StoredItem& item, const json::value& v, const std::string& place) {
    if (v.is_string()) {
      item.judge.emplace_back(v.get_string());
    } else if (const json::array* list = v.if_array()) {
      for (const json::value& text : *list) {
        if (text.is_string())
          item.judge.emplace_back(text.get_string());
        else
          wrong = Error{ErrorKind::data, "a judge's answer is not a text", place};
      }
    } else if (!v.is_null()) {
      wrong = Error{ErrorKind::data, "the judge's answers are not a list", place};
    }
  });
  if (wrong) return std::unexpected(*wrong);
  return out;
}

Result<void> read_result_file(std::string_view text, std::string_view where, std::string_view type, std::string_view page,
                              const std::function<Result<void>(const json::value&, const json::value&)>& document,
                              const std::function<Result<void>(std::string_view, const json::value&)>& run) {
  auto root = parse_python_document(text, where);
  if (!root) return std::unexpected(root.error());
  const std::string hint = "expected a raw_results.json of EQ-Bench or an uploaded document; see " + std::string(page);
  const json::object* object = root->if_object();
  if (!object) return fail(ErrorKind::data, "the result file is not a JSON object", std::string(where), hint);
  if (const json::value* results = find(*root, "raw_results")) {
    if (get_string(*root, "benchmark_type") != type) return {};
    return document(*root, *results);
  }
  bool any = object->empty();
  for (const auto& member : *object) {
    const json::value* metadata = find(member.value(), "run_metadata");
    if (!metadata && !find(member.value(), "iterations")) continue;
    any = true;
    if (!metadata || get_string(*metadata, "benchmark_type") != type) continue;
    if (auto read = run(member.key(), member.value()); !read) return read;
  }
  if (!any) return fail(ErrorKind::data, "no member looks like a run", std::string(where), hint);
  return {};
}

Result<void> read_iterations(const json::value& value, std::string_view where,
                             const std::function<Result<void>(std::string_view, const json::value&)>& each) {
  if (!value.is_object()) return fail(ErrorKind::data, "the iterations are not an object", std::string(where));
  for (const auto& member : value.get_object())
    if (auto read = each(member.key(), member.value()); !read) return read;
  return {};
}

json::array array_of(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

std::vector<std::string> strings_of(const json::value& object, std::string_view key) {
  std::vector<std::string> out;
  if (const json::value* list = find(object, key); list && list->is_array())
    for (const json::value& item : list->get_array())
      if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

std::string filters_text(const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
  std::string one = patterns("--include", include), two = patterns("--exclude", exclude);
  return one + (one.empty() || two.empty() ? "" : " ") + two;
}

}  // namespace assay::story
