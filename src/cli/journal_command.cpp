// assay journal stats|verify|export
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "journal/export.h"
#include "journal/salvage.h"
#include "model/request.h"

namespace assay::cli {
namespace {

Result<Key> recompute_key(std::string_view identity, std::string_view request, std::string_view draw) {
  auto body = parse_json(request, "request");
  if (!body) return std::unexpected(body.error());
  auto parsed = request_from_json(*body);
  if (!parsed) return std::unexpected(parsed.error());
  auto drawn = parse_json(draw, "draw");
  if (!drawn) return std::unexpected(drawn.error());
  Draw d{static_cast<int>(get_integer(*drawn, "iteration").value_or(1)), static_cast<int>(get_integer(*drawn, "ask").value_or(0)),
         static_cast<int>(get_integer(*drawn, "epoch").value_or(0))};
  return request_key(identity, *parsed, d);
}

int stats(Invocation& invocation, Journal& journal) {
  auto stats = journal.stats();
  if (!stats) return invocation.report(stats.error());
  auto path = invocation.store();
  if (invocation.json()) {
    json::object document{{"path", path ? path->string() : ""}, {"version", stats->version}, {"bytes", stats->bytes},
                          {"answers", stats->answers},          {"failed", stats->failed},   {"tries", stats->tries},
                          {"requests", stats->requests},        {"models", stats->identities}, {"runs", stats->runs},
                          {"units", stats->units}};
    invocation.out(write_json(document, JsonStyle::pretty) + "\n");
    return kDone;
  }
  invocation.out(fmt::format("{}\n  format    version {}, {:.1f} MB\n  answers   {} ({} failed), from {} models, {} distinct requests, {} tries\n  runs      {} with {} units\n",
                             path ? path->string() : "", stats->version, static_cast<double>(stats->bytes) / 1e6, stats->answers, stats->failed,
                             stats->identities, stats->requests, stats->tries, stats->runs, stats->units));
  return kDone;
}

int verify(Invocation& invocation, Journal& journal) {
  auto problems = journal.verify(recompute_key);
  if (!problems) return invocation.report(problems.error());
  if (invocation.json()) {
    json::array list(problems->begin(), problems->end());
    invocation.out(write_json(json::object{{"sound", problems->empty()}, {"problems", std::move(list)}}, JsonStyle::pretty) + "\n");
  } else {
    for (const std::string& problem : *problems) invocation.out(valid_utf8(problem) + "\n");
    invocation.out(problems->empty() ? "sound: every page, body and key checked\n"
                                     : fmt::format("{} problems; assay journal export saves what can be read\n", problems->size()));
  }
  return problems->empty() ? kDone : kData;
}

/// Writes whatever can be read: a damaged journal is exported around its damage, and the exit code says so.
int export_answers(Invocation& invocation) {
  auto store = invocation.store();
  if (!store) return invocation.report(store.error());
  auto path = invocation.arguments.get("out");
  std::FILE* file = nullptr;  // opened with the first answer, so that a store that is none leaves no empty file behind
  auto open = [&]() -> Result<void> {
    if (file) return {};
    file = path ? std::fopen(path->c_str(), "wbx") : stdout;
    if (!file) return fail(ErrorKind::io, std::string("cannot create the file: ") + std::strerror(errno), *path, "it must not exist yet");
    return {};
  };
  auto write = [&](std::string_view text) -> Result<void> {
    if (auto opened = open(); !opened) return opened;
    if (std::fwrite(text.data(), 1, text.size(), file) == text.size()) return {};
    return fail(ErrorKind::io, std::string("cannot write the export: ") + std::strerror(errno), path.value_or("standard output"));
  };
  const bool document = invocation.json();  // the lines as the elements of one array
  bool first = true;
  auto done = salvage_answers(*store, [&](const Answer& answer) -> Result<bool> {
    auto line = export_line(answer);
    if (!line) return false;
    if (document) line->insert(0, first ? "[\n" : ",\n");
    else *line += '\n';
    first = false;
    if (auto written = write(*line); !written) return std::unexpected(written.error());
    return true;
  });
  if (done)
    if (auto ended = write(!document ? "" : first ? "[]\n" : "\n]\n"); !ended) done = std::unexpected(ended.error());
  bool closed = !path || !file || std::fclose(file) == 0;
  if (!done && !path && reader_gone()) return kDone;  // `... | head`: who reads has read enough
  if (!done) return invocation.report(done.error());
  if (!closed) return invocation.report(Error{ErrorKind::io, "cannot write the export", *path});
  if (path) invocation.err(fmt::format("{} answers in {}\n", done->saved, *path));
  if (done->unreadable == 0 && done->exact) return kDone;
  return invocation.report(Error{ErrorKind::data,
                                 fmt::format("{}{} answers of the journal cannot be read and are not in the export: {}", done->exact ? "" : "at least ",
                                             done->unreadable, done->first_problem),
                                 store->string(), "assay journal verify says what is damaged; this file was left as it is"});
}

int work(Invocation& invocation) {
  const std::string& verb = invocation.arguments.positional[0];
  std::vector<std::string> verbs{"stats", "verify", "export"};
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) {
    std::vector<std::string> near = did_you_mean(verb, verbs);
    return invocation.report(Error{ErrorKind::usage, "assay journal cannot \"" + verb + "\"", "",
                                   near.empty() ? "it can stats, verify and export" : "did you mean " + near[0] + "?"});
  }
  if (verb == "export") return export_answers(invocation);
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (!journal) return invocation.report(journal.error());
  return verb == "stats" ? stats(invocation, **journal) : verify(invocation, **journal);
}

}  // namespace

CommandSpec journal_command() {
  CommandSpec c;
  c.name = "journal";
  c.summary = "look after the store of everything models ever answered";
  c.positional = "stats|verify|export";
  c.positional_help = "stats: what is in it. verify: check every page, body and key. export: every answer that can be read, as JSON Lines (docs/formats/journal.md); with --json as one array.";
  c.least = c.most = 1;
  c.options = {{"--out", "FILE", "export: write here instead of standard output; must not exist"}};
  c.examples = {"assay journal stats", "assay journal verify --store old.db", "assay journal export --out answers.jsonl",
                "assay run eq-bench --model replay:answers.jsonl"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
