// assay show RUN|REPORT [--sample ID]
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/report_files.h"
#include "cli/show_report.h"
#include "model/request.h"
#include "run/answer_line.h"
#include "run/display.h"
#include "run/text_table.h"
#include "run/unit_results.h"

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

/// In the order of the request's items.
std::string loglikelihood_text(const std::vector<Loglikelihood>& values) {
  std::string out = "  [log-likelihoods, in the order asked]\n";
  for (const Loglikelihood& one : values)
    out += "    " + fixed(one.sum, 4) + "  " + std::to_string(one.tokens) + (one.tokens == 1 ? " token" : " tokens") + (one.greedy ? ", the likeliest" : "") +
           (one.truncated ? ", the context was cut" : "") + "\n";
  return out;
}

bool is_table(const json::array& array) {
  if (array.size() < 2) return false;
  for (const json::value& row : array) {
    if (!row.is_object() || row.get_object().empty()) return false;
    for (const auto& cell : row.get_object())
      if (cell.value().is_structured()) return false;
  }
  return true;
}

std::string scalar_text(const json::value& value) {
  return visible_line(value.is_string() ? std::string(value.get_string()) : write_json(value));
}

/// Rows of like objects as a table: the formula with its numbers put in.
std::string table_text(const json::array& rows, const std::string& indent, TextStyle style) {
  std::vector<TextColumn> columns;
  std::vector<std::string> keys;
  for (const json::value& row : rows)
    for (const auto& cell : row.get_object())
      if (std::find(keys.begin(), keys.end(), cell.key()) == keys.end()) {
        keys.emplace_back(cell.key());
        columns.push_back({visible_line(cell.key()), cell.value().is_number()});
      }
  TextTable table(std::move(columns));
  for (const json::value& row : rows) {
    std::vector<TextCell> cells;
    for (const std::string& key : keys) {
      const json::value* cell = find(row, key);
      cells.push_back({cell ? scalar_text(*cell) : ""});
    }
    table.row(std::move(cells));
  }
  std::string out;
  const std::string rendered = table.render(style);
  for (std::string_view line : split_lines(rendered)) out += indent + std::string(line) + "\n";
  return out;
}

/// One evidence value, keys first, nested ones indented.
void evidence_text(std::string& out, const json::value& value, const std::string& indent, const TextStyle& style) {
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      const json::value& inner = member.value();
      bool nested = (inner.is_object() && !inner.get_object().empty()) || (inner.is_array() && !inner.get_array().empty());
      bool long_text = inner.is_string() && contains(std::string_view(inner.get_string()), "\n");
      out += indent + visible_line(member.key());
      if (long_text) {
        out += "\n";
        for (std::string_view line : split_lines(inner.get_string())) out += indent + "  | " + visible_text(line) + "\n";
      } else if (inner.is_array() && write_json(inner).size() < 60 && !is_table(inner.get_array())) {
        out += ": " + visible_line(write_json(inner)) + "\n";
      } else if (nested) {
        out += "\n";
        evidence_text(out, inner, indent + "  ", style);
      } else {
        out += ": " + scalar_text(inner) + "\n";
      }
    }
  } else if (const json::array* array = value.if_array()) {
    if (is_table(*array)) {
      out += table_text(*array, indent, style);
      return;
    }
    std::size_t number = 0;
    for (const json::value& element : *array) {
      ++number;
      if (element.is_object()) {
        out += indent + "(" + std::to_string(number) + ")\n";
        evidence_text(out, element, indent + "  ", style);
      } else {
        out += indent + "- " + scalar_text(element) + "\n";
      }
    }
  } else {
    out += indent + scalar_text(value) + "\n";
  }
}

/// The evaluation of that run once more, so that prompts can be shown that are not stored; null when its data are not here.
std::shared_ptr<Evaluation> evaluation_of(const Invocation& invocation, const RunRow& row) {
  auto plan = parse_json(row.plan);
  auto home = invocation.data_home();
  if (!plan || !home) return nullptr;
  auto found = benchmark_registry().find(get_string(*plan, "benchmark").value_or(""));
  const json::value* how = find(*plan, "invocation");
  if (!found || !how) return nullptr;
  auto selection = Selection::from_json(found->second, *how);
  if (!selection) return nullptr;
  std::string edition;
  auto evaluation = prepare(*found->first, *selection, *home, edition);
  return evaluation ? *evaluation : nullptr;
}

int show_samples(Invocation& invocation, Journal& journal, const RunRow& row, const std::string& wanted) {
  json::array document;
  std::string text;
  std::vector<std::string> ids;
  std::optional<Error> broken;
  std::shared_ptr<Evaluation> evaluation = evaluation_of(invocation, row);
  auto read = journal.for_each_unit(row.id, [&](const UnitRow& unit) {
    auto value = parse_json(unit.result, "unit " + unit.unit);
    auto result = value ? unit_result_from_json(*value) : Result<UnitResult>(std::unexpected(value.error()));
    if (!result) {
      broken = result.error();
      return false;
    }
    auto ordinal = static_cast<std::size_t>(unit.ordinal);
    if (evaluation && unit.keys.empty() && ordinal < evaluation->unit_count()) put_prompts(*result, *evaluation, ordinal);
    for (const SampleResult& sample : result->samples) {
      if (ids.empty() || ids.back() != sample.sample) ids.push_back(sample.sample);
      if (sample.sample != wanted) continue;
      json::object one{{"run", row.id}, {"sample", sample.sample}, {"iteration", unit.iteration}, {"result", to_json(sample)}};
      json::array& answers = one["answers"].emplace_array();
      text += "sample " + visible_line(sample.sample) + ", iteration " + std::to_string(unit.iteration) + ": " + std::string(name(sample.outcome)) +
              (sample.reason.empty() ? "" : " - " + visible_line(sample.reason)) + "\n";
      if (sample.evidence.contains("chosen")) text += "  answer: " + visible_line(answer_line(sample)) + "\n";
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
          text += parsed->loglikelihoods.empty() ? "  [answer, finish " + std::string(name(parsed->finish)) + "]\n" + indented(parsed->text)
                                                 : loglikelihood_text(parsed->loglikelihoods);
        } else {
          text += "  [failed]\n" + indented(write_json(*response, JsonStyle::pretty));
        }
      }
      if (!sample.evidence.empty()) {
        text += "\nevidence\n";
        evidence_text(text, sample.evidence, "  ", text_style(invocation));
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
    std::string some = join(std::vector<std::string>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(ids.size(), 8))), ", ");
    return invocation.report(Error{ErrorKind::usage, "run " + row.id + " has no sample \"" + wanted + "\"", "",
                                   !near.empty()  ? "did you mean " + join(near, " or ") + "?"
                                   : ids.empty() ? "no sample of it was finished"
                                                 : "its samples: " + some + (ids.size() > 8 ? ", ..." : "")});
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
  const bool folder = std::filesystem::is_directory(what, ignored);
  const std::string file = folder ? (std::filesystem::path(what) / "report.json").string() : what;
  if (std::filesystem::is_regular_file(file, ignored) || looks_like_path(what)) {
    if (sample) return invocation.report(Error{ErrorKind::usage, "a report file holds no answers", file, "name the run: assay show RUN --sample " + *sample});
    auto text = read_file(file, 1 << 28);
    if (!text) return invocation.report(text.error());
    return show_reports(invocation, *text, file);
  }
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (!journal) return invocation.report(journal.error());
  auto row = (*journal)->run(what);
  if (!row && folder) return invocation.report(Error{ErrorKind::not_found, "the folder holds no report.json, and no run is called so", what, "name a folder that --out wrote"});
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
  c.positional_help = "a run's id, a prefix of it, @last, @-2, or a report.json or the folder that holds it";
  c.least = c.most = 1;
  c.options = {{"--sample", "ID", "prompt, answers, what the parser took, the formula with its numbers"}};
  c.examples = {"assay show @last", "assay show @last --sample 17", "assay show results/report.json"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
