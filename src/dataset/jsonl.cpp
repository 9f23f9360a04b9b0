#include "dataset/jsonl.h"

#include "base/python_json.h"
#include "base/text.h"

namespace assay {
namespace {

/// "name:1:17" of a one-line document, with the line it really stands on.
std::string position(const std::string& where, std::size_t line, std::string_view inner) {
  std::string out = where.empty() ? "line " + std::to_string(line) : where + ":" + std::to_string(line);
  if (std::size_t colon = inner.rfind(':'); colon != std::string_view::npos) out += inner.substr(colon);
  return out;
}

}  // namespace

JsonlReader::JsonlReader(std::string_view text, std::string where, std::size_t max_line, JsonlRules rules)
    : text_(text), where_(std::move(where)), max_line_(max_line), rules_(rules) {}

std::expected<std::optional<JsonlLine>, JsonlFault> JsonlReader::next() {
  while (at_ < text_.size()) {
    ++line_;
    std::size_t end = text_.find('\n', at_);
    bool ended = end != std::string_view::npos;
    std::string_view line = text_.substr(at_, ended ? end - at_ : std::string_view::npos);
    at_ = ended ? end + 1 : text_.size();
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (line.size() > max_line_)
      return std::unexpected(JsonlFault{line_, !ended,
                                        Error{ErrorKind::data, "a line of more than " + std::to_string(max_line_) + " bytes",
                                              position(where_, line_, ""), ""}});
    auto value = parse_json(line);
    if (!value && rules_ == JsonlRules::python && is_valid_utf8(line))
      if (auto lenient = read_python_json(line)) value = to_json(*lenient);
    if (!value) {
      Error error = value.error();
      error.where = position(where_, line_, error.where);
      if (!ended) {
        error.message = "the last line is half-written: " + error.message;
        error.hint = "the program that wrote the file was interrupted; remove the last line, or let that program finish";
      }
      return std::unexpected(JsonlFault{line_, !ended, std::move(error)});
    }
    return std::optional<JsonlLine>(JsonlLine{line_, std::move(*value)});
  }
  return std::optional<JsonlLine>();
}

Result<JsonlContent> read_jsonl(std::string_view text, std::string_view where, JsonlRules rules) {
  JsonlReader reader(text, std::string(where), kLongestJsonLine, rules);
  JsonlContent out;
  for (;;) {
    auto line = reader.next();
    if (!line) {
      if (!line.error().half_written) return fail(line.error().error);
      out.half_written = std::move(line.error());
      continue;
    }
    if (!*line) return out;
    out.lines.push_back(std::move(**line));
  }
}

}  // namespace assay
