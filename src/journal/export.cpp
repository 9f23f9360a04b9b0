#include "journal/export.h"

#include "base/json.h"

namespace assay {
namespace {

/// Appends `,"name":<text>` with the text's own bytes, after making sure that they are one JSON object on one line.
Result<void> append_object(std::string& line, std::string_view name, std::string_view text, const Key& key) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) {
    std::string why = value ? "it is no object" : value.error().message;
    return fail(ErrorKind::data, "the stored " + std::string(name) + " cannot be exported: " + why, "answer " + key.hex(),
                "`assay journal verify` says whether the journal is damaged");
  }
  line += ",\"";
  line += name;
  line += "\":";
  if (text.find_first_of("\r\n") == std::string_view::npos) {
    line += text;
  } else {
    line += write_json(*value);  // line breaks between members: not what we write, yet JSON
  }
  return {};
}

}  // namespace

Result<std::string> export_line(const Answer& answer) {
  std::string line;
  line.reserve(answer.identity.size() + answer.request.size() + answer.origin.size() + answer.response.size() + 256);
  line += "{\"key\":\"";
  line += answer.key.hex();
  line += "\",\"identity\":";
  line += write_json(json::value(answer.identity));
  if (auto done = append_object(line, "request", answer.request, answer.key); !done) return fail(std::move(done.error()));
  if (auto done = append_object(line, "draw", answer.draw, answer.key); !done) return fail(std::move(done.error()));
  if (auto done = append_object(line, "origin", answer.origin, answer.key); !done) return fail(std::move(done.error()));
  line += answer.status == AnswerStatus::failed ? ",\"status\":\"failed\"" : ",\"status\":\"answered\"";
  if (auto done = append_object(line, "response", answer.response, answer.key); !done) return fail(std::move(done.error()));
  line += ",\"created\":";
  line += std::to_string(answer.created);
  line += '}';
  return line;
}

Result<std::int64_t> export_answers(Journal& journal, const ExportSink& sink) {
  std::int64_t count = 0;
  Result<void> state;
  auto walked = journal.for_each_answer([&](const Answer& answer) {
    auto line = export_line(answer);
    if (!line) {
      state = fail(std::move(line.error()));
      return false;
    }
    *line += '\n';
    state = sink(*line);
    if (state) ++count;
    return state.has_value();
  });
  if (!walked) return fail(std::move(walked.error()));
  if (!state) return fail(std::move(state.error()));
  return count;
}

}  // namespace assay
