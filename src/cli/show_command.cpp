// assay show RUN|REPORT [--sample ID]
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/show_report.h"
#include "model/request.h"
#include "run/display.h"
#include "run/evaluation.h"

namespace assay::cli {
namespace {

std::string indented(std::string_view text) {
  std::string out;
  for (std::string_view line : split_lines(text)) out += "    " + visible_text(line) + "\n";
  return out;
}

std::string request_text(const json::value& request) {
  auto parsed = request_from_json(request);
  if (!parsed) return indented(write_json(request, JsonStyle::pretty));
  const Generate* generate = std::get_if<Generate>(&*parsed);
  if (!generate) return indented(write_json(request, JsonStyle::pretty));
  std::string out = generate->prompt.empty() ? "" : indented(generate->prompt);
  for (const Message& message : generate->messages) out += "  [" + visible_line(message.role) + "]\n" + indented(message.content);
  return out;
}

/// One evidence value, keys first, nested ones indented.
void evidence_text(std::string& out, const json::value& value, std::string indent) {
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      out += indent + visible_line(member.key());
      if (member.value().is_structured() && !(member.value().is_array() && member.value().get_array().empty())) {
        out += "\n";
        evidence_text(out, member.value(), indent + "  ");
      } else {
        out += ": " + visible_line(member.value().is_string() ? std::string(member.value().get_string()) : write_json(member.value())) + "\n";
      }
    }
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) {
      if (element.is_object()) {
        out += indent + "-\n";
        evidence_text(out, element, indent + "  ");
      } else {
        out += indent + "- " + visible_line(write_json(element)) + "\n";
      }
    }
  } else {
    out += indent + visible_line(write_json(value)) + "\n";
  }
}

int show_samples(Invocation& invocation, Journal& journal, const RunRow& row, const std::string& wanted) {
  json::array document;
  std::string text;
  std::vector<std::string> ids;
  std::optional<Error> broken;
  auto read = journal.for_each_unit(row.id, [&](const UnitRow& unit) {
    auto value = parse_json(unit.result, "unit " + unit.unit);
    auto result = value ? unit_result_from_json(*value) : Result<UnitResult>(std::unexpected(value.error()));
    if (!result) {
      broken = result.error();
      return false;
    }
    for (const SampleResult& sample : result->samples) {
      if (ids.empty() || ids.back() != sample.sample) ids.push_back(sample.sample);
      if (sample.sample != wanted) continue;
      json::object one{{"run", row.id}, {"sample", sample.sample}, {"iteration", unit.iteration}, {"result", to_json(sample)}};
      json::array& answers = one["answers"].emplace_array();
      text += "sample " + visible_line(sample.sample) + ", iteration " + std::to_string(unit.iteration) + ": " + std::string(name(sample.outcome)) +
              (sample.reason.empty() ? "" : " - " + visible_line(sample.reason)) + "\n";
      for (const auto& member : sample.values)
        text += "  " + visible_line(member.key()) + " = " + write_json(member.value()) + "\n";
      for (std::size_t i = 0; i < unit.keys.size(); ++i) {
        auto answer = journal.find(unit.keys[i]);
        if (!answer) {
          broken = answer.error();
          return false;
        }
        if (!*answer) continue;
        auto request = parse_json((*answer)->request), response = parse_json((*answer)->response);
        if (!request || !response) continue;
        answers.push_back({{"key", unit.keys[i].hex()}, {"status", (*answer)->status == AnswerStatus::answered ? "answered" : "failed"},
                           {"request", *request}, {"response", *response}});
        text += "\nask " + std::to_string(i + 1) + " (key " + unit.keys[i].hex() + ")\n" + request_text(*request);
        if (auto parsed = response_from_json(*response); parsed && (*answer)->status == AnswerStatus::answered) {
          if (!parsed->reasoning.empty()) text += "  [reasoning]\n" + indented(parsed->reasoning);
          text += "  [answer, finish " + std::string(name(parsed->finish)) + "]\n" + indented(parsed->text);
        } else {
          text += "  [failed]\n" + indented(write_json(*response, JsonStyle::pretty));
        }
      }
      if (!sample.evidence.empty()) {
        text += "\nevidence\n";
        evidence_text(text, sample.evidence, "  ");
      }
      text += "\n";
      document.push_back(std::move(one));
    }
    return true;
  });
  if (!read) return invocation.report(read.error());
  if (broken) return invocation.report(*broken);
  if (document.empty()) {
    std::vector<std::string> near = did_you_mean(wanted, ids);
    return invocation.report(Error{ErrorKind::usage, "run " + row.id + " has no sample \"" + wanted + "\"", "",
                                   near.empty() ? "assay show " + row.id + " --json lists them" : "did you mean " + join(near, " or ") + "?"});
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int show_reports(Invocation& invocation, std::string_view text, const std::string& where) {
  auto value = parse_json(text, where);
  if (!value) return invocation.report(value.error());
  auto reports = reports_from_json(*value);
  if (!reports) return invocation.report(reports.error());
  if (invocation.json()) {
    invocation.out(write_json(*value, JsonStyle::pretty) + "\n");
    return kDone;
  }
  for (const Report& report : *reports) show_summary(invocation, report);
  return kDone;
}

int work(Invocation& invocation) {
  const std::string& what = invocation.arguments.positional[0];
  std::error_code ignored;
  auto sample = invocation.arguments.get("sample");
  if (std::filesystem::is_regular_file(what, ignored)) {
    if (sample) return invocation.report(Error{ErrorKind::usage, "a report file holds no answers", what, "name the run: assay show RUN --sample " + *sample});
    auto text = read_file(what, 1 << 28);
    if (!text) return invocation.report(text.error());
    return show_reports(invocation, *text, what);
  }
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (!journal) return invocation.report(journal.error());
  auto row = (*journal)->run(what);
  if (!row) return invocation.report(row.error());
  if (sample) return show_samples(invocation, **journal, *row, *sample);
  if (row->report.empty())
    return invocation.report(Error{ErrorKind::missing, "run " + row->id + " has no report: it was " + row->status + " and never finished", "",
                                   "run the same command again to resume, or assay score " + row->id});
  return show_reports(invocation, row->report, "the report of run " + row->id);
}

}  // namespace

CommandSpec show_command() {
  CommandSpec c;
  c.name = "show";
  c.summary = "a run's result, or everything about one sample of it";
  c.positional = "RUN|REPORT";
  c.positional_help = "a run's id, a prefix of it, @last, @-2, or a report.json";
  c.least = c.most = 1;
  c.options = {{"--sample", "ID", "prompt, answers, what the parser took, the formula with its numbers"}};
  c.examples = {"assay show @last", "assay show @last --sample 17", "assay show results/report.json"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
