#include "benchmark/mixeval/response_file.h"

#include <algorithm>
#include <unordered_map>

#include "base/distinct_names.h"
#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/mixeval/python_text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {
namespace {

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

bool is_array(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

/// What Python writes, NaN included, as its lines are read.
Result<json::array> array_of(std::string_view text, const std::string& where) {
  auto whole = parse_python_document(text, where);
  if (!whole) return std::unexpected(whole.error());
  if (!whole->is_array()) return fail(ErrorKind::data, "this is no JSON array", where);
  return std::move(whole->get_array());
}

class Reader {
 public:
  Reader(Split split, const std::string& where, const std::vector<Entry>* data) : split_(split), where_(where) {
    if (!data) return;
    for (const Entry& entry : *data) data_.emplace(entry.id, &entry);
    has_data_ = true;
  }

  Result<void> take(json::value value, const std::string& at) {
    if (!value.is_object()) return fail(ErrorKind::data, "a response is no JSON object", at);
    json::object& line = value.get_object();
    const json::value *id_value = line.if_contains("id"), *response = line.if_contains("response");
    if (!id_value && has_data_) return fail(ErrorKind::data, "a response has no \"id\"", at);
    // Nothing but its place tells such a line from others; the original never looks for an id here.
    std::string id = id_value ? python_text(*id_value) : "#" + std::to_string(out_.lines.size() + 1);
    if (!response) return fail(ErrorKind::data, "the line has no \"response\"", at + ", id " + shorten(id, 40));
    if (!response->is_string()) return fail(ErrorKind::data, "\"response\" is no text", at + ", id " + shorten(id, 40));
    auto known = data_.find(id);
    if (has_data_ && known == data_.end()) {
      out_.foreign.push_back(std::move(id));
      return {};
    }
    if (!names_.add(id)) {
      out_.doubled.push_back(id);
      if (has_data_) return {};
      id = names_.further(id);
    }
    std::string text(view(response->get_string()));
    if (known != data_.end() && !line.contains("prompt")) {
      json::object joined = known->second->fields;
      for (auto& member : line) joined[member.key()] = std::move(member.value());
      line = std::move(joined);
    }
    auto entry = make_entry(split_, std::move(id), std::move(line), at);
    if (!entry) return std::unexpected(entry.error());
    if (auto fits = check_target(split_, *entry, at); !fits) return fits;
    out_.lines.push_back({std::move(*entry), std::move(text)});
    return {};
  }

  ResponseFile finish(const std::vector<Entry>* data) {
    if (data)
      for (const Entry& entry : *data)
        if (!names_.contains(entry.id)) out_.missing.push_back(entry.id);
    return std::move(out_);
  }

  ResponseFile& out() { return out_; }

 private:
  Split split_;
  const std::string& where_;
  bool has_data_ = false;
  std::unordered_map<std::string_view, const Entry*> data_;
  DistinctNames names_;
  ResponseFile out_;
};

}  // namespace

std::string response_line(const json::object& fields, std::string_view formatted, std::string_view id, std::string_view response) {
  json::object line = fields;
  line["formated_input"] = json::string(formatted);
  line["id"] = json::string(id);
  line["response"] = json::string(response);
  std::string out;
  append_json(out, line, JsonStyle::python);
  out += '\n';
  return out;
}

std::string line_id(const Entry& entry) {
  const json::value* id = entry.fields.if_contains("id");
  return id ? python_text(*id) : entry.id;
}

Result<std::optional<std::string>> array_as_lines(std::string_view text, const std::string& where) {
  if (!is_array(text)) return std::nullopt;
  auto items = array_of(text, where);
  if (!items) return std::unexpected(items.error());
  std::string out;
  for (const json::value& item : *items) {
    append_json(out, item, JsonStyle::python);
    out += '\n';
  }
  return out;
}

Result<ResponseFile> read_responses(std::string_view text, Split split, const std::string& where, const std::vector<Entry>* data) {
  Reader reader(split, where, data);
  if (is_array(text)) {
    auto whole = array_of(text, where);
    if (!whole) return std::unexpected(whole.error());
    std::size_t number = 0;
    for (json::value& item : *whole)
      if (auto taken = reader.take(std::move(item), where + ", item " + std::to_string(++number)); !taken) return std::unexpected(taken.error());
    reader.out().raw_lines = number;
    return reader.finish(data);
  }
  reader.out().raw_lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + (!text.empty() && text.back() != '\n' ? 1 : 0);
  JsonlReader lines(text, where, kLongestJsonLine, JsonlRules::python);
  while (true) {
    auto line = lines.next();
    if (!line) {
      if (!line.error().half_written) return std::unexpected(line.error().error);
      const std::size_t end = text.rfind('\n');
      reader.out().torn_at = end == std::string_view::npos ? 0 : end + 1;
      break;
    }
    if (!*line) break;
    if (auto taken = reader.take(std::move((*line)->value), where + ":" + std::to_string((*line)->line)); !taken) return std::unexpected(taken.error());
  }
  return reader.finish(data);
}

Result<StrictResume> strict_resume(const std::optional<std::string>& status, const json::object& args, std::size_t raw_lines, std::size_t batch_size,
                                   const std::string& where) {
  if (!status) return fail(ErrorKind::not_found, "the responses have no status file", where, "without --strict-resume the ids in the response file say what is done");
  auto document = parse_json(*status, where);
  if (!document) return std::unexpected(document.error());
  const json::value *old = find(*document, "args"), *state = find(*document, "status");
  const std::int64_t batch = state ? get_integer(*state, "batch_id").value_or(-1) : -1;
  auto word = state ? get_string(*state, "status") : std::nullopt;
  if (!old || !old->is_object() || batch < 0 || !word) return fail(ErrorKind::data, "this is no status file: it lacks args, status.batch_id or status.status", where);
  auto counts = [](std::string_view key) { return key != "resume" && key != "compute_score_from_judged_file" && key != "inference_only"; };
  for (const auto& member : args) {
    if (!counts(member.key())) continue;
    const json::value* was = old->get_object().if_contains(member.key());
    if (!was || *was != member.value())
      return fail(ErrorKind::usage, "the responses were begun with another " + std::string(member.key()) + ": " + (was ? write_json(*was) : std::string("none")) + ", now " +
                                        write_json(member.value()), where, "without --strict-resume they are continued by their ids");
  }
  for (const auto& member : old->get_object())
    if (counts(member.key()) && !args.contains(member.key()))
      return fail(ErrorKind::usage, "the responses were begun with --" + std::string(member.key()) + " " + write_json(member.value()), where,
                  "without --strict-resume they are continued by their ids");
  StrictResume out;
  out.complete = *word == "complete";
  out.elapsed = get_number(*state, "time_elapsed").value_or(0);
  out.batches = static_cast<std::size_t>(batch) + 1;
  if (!out.complete && raw_lines != out.batches * batch_size)
    return fail(ErrorKind::usage, "the response file has " + std::to_string(raw_lines) + " lines, and " + std::to_string(out.batches) + " batches of " + std::to_string(batch_size) +
                                      " make " + std::to_string(out.batches * batch_size), where, "without --strict-resume they are continued by their ids");
  return out;
}

std::string status_text(const json::object& args, std::size_t batch_id, const json::value& elapsed, bool complete) {
  json::object status{{"batch_id", batch_id}, {"time_elapsed", elapsed}, {"status", complete ? "complete" : "in progress"}};
  return indented_json(json::object{{"args", args}, {"status", std::move(status)}});
}

Result<bool> status_complete(std::string_view text, const std::string& where) {
  auto document = parse_json(text, where);
  if (!document) return std::unexpected(document.error());
  const json::value* state = find(*document, "status");
  auto word = state ? get_string(*state, "status") : std::nullopt;
  if (!word) return fail(ErrorKind::data, "this is no status file: it lacks status.status", where);
  return *word == "complete";
}

}  // namespace assay::mixeval
