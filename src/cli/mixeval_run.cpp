#include "cli/mixeval_run.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/judgement.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/response_file.h"
#include "benchmark/pack_data.h"
#include "cli/run_job.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using mixeval::Entry;
using mixeval::Split;
constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

/// One split on its way into its response file.
struct SplitWork {
  Split split = Split::free_form;
  std::string data;            // of the version
  std::vector<Entry> entries;
  mixeval::ResponseFile held;  // what the file has already
  bool complete = false;       // as the status file says, under --strict-resume
  double elapsed = 0;
};

Result<void> append(const fs::path& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "ab");
  if (!file) return fail(ErrorKind::io, "cannot append to the file", path.string());
  const bool wrote = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !wrote) return fail(ErrorKind::io, "cannot write the file", path.string());
  return {};
}

/// Reads the data and what is answered already; a half-written last line is cut off.
Result<SplitWork> open_split(MixevalWork& work, Split split) {
  const MixevalFlags& flags = work.flags;
  SplitWork out;
  out.split = split;
  auto data = version_data(work, split);
  if (!data) return std::unexpected(data.error());
  out.data = std::move(*data);
  auto entries = mixeval::read_entries(out.data, split, mixeval::data_file(flags.version, flags.hard(), split));
  if (!entries) return std::unexpected(entries.error());
  out.entries = std::move(*entries);
  const fs::path file = work.response_file(flags.model_name, split), status_file = work.folder(flags.model_name) / mixeval::status_file_name(split, flags.hard());
  auto text = read_file(file);
  if (!text && text.error().kind != ErrorKind::not_found) return std::unexpected(text.error());
  if (!text) return out;
  auto lines = mixeval::array_as_lines(*text, file.string());
  if (!lines) return std::unexpected(lines.error());
  if (*lines) {
    if (auto wrote = write_file(file, **lines); !wrote) return std::unexpected(wrote.error());
    work.note(file.string() + ": the JSON array is written as JSON lines, behind which new responses can stand");
    text = std::move(**lines);
  }
  auto held = mixeval::read_responses(*text, split, file.string(), &out.entries);
  if (!held) return std::unexpected(held.error());
  out.held = std::move(*held);
  std::optional<std::string> status;
  if (auto read = read_file(status_file); read) status = std::move(*read);
  if (flags.strict_resume) {
    auto resume = mixeval::strict_resume(status, status_args(flags, split), out.held.raw_lines, static_cast<std::size_t>(flags.batch_size), status_file.string());
    if (!resume) return std::unexpected(resume.error());
    out.complete = resume->complete;
    out.elapsed = resume->elapsed;
  } else if (status) {
    if (auto document = parse_json(*status); document)
      if (const json::value* elapsed = find_path(*document, {"status", "time_elapsed"})) out.elapsed = as_number(*elapsed).value_or(0);
  }
  const std::string where = file.string();
  if (out.held.torn_at) {
    work.note(where + ": the last line is half-written and is asked again");
    if (auto cut = write_file(file, std::string_view(*text).substr(0, *out.held.torn_at)); !cut) return std::unexpected(cut.error());
  } else if (!text->empty() && text->back() != '\n' && !out.held.lines.empty()) {
    if (auto ended = append(file, "\n"); !ended) return std::unexpected(ended.error());
  }
  auto count = [&](const std::vector<std::string>& ids, const char* what) {
    if (!ids.empty()) work.note(where + ": " + std::to_string(ids.size()) + " " + what + " (the first: " + shorten(ids.front(), 40) + ")");
  };
  count(out.held.doubled, "lines repeat an id; the first line of each counts as its entry's answer");
  count(out.held.foreign, "lines have ids that the data do not have; they stay, and are scored as the original scores them");
  return out;
}

json::object responses_of(const SplitWork& work) {
  json::object out;
  for (const mixeval::StoredResponse& one : work.held.lines) out[mixeval::sample_id(work.split, one.entry.id)] = one.response;
  return out;
}

/// Writes what is new behind what is there, and the status.
Result<std::size_t> write_answers(MixevalWork& work, const SplitWork& split, const std::map<std::string, std::pair<std::string, std::string>>& answers, double seconds, bool over) {
  const MixevalFlags& flags = work.flags;
  std::size_t lines = split.held.lines.size(), fresh = 0;
  std::set<std::string_view> there;
  for (const mixeval::StoredResponse& one : split.held.lines) there.insert(one.entry.id);
  std::string text;
  for (const Entry& entry : split.entries) {
    if (there.contains(entry.id)) continue;
    auto found = answers.find(mixeval::sample_id(split.split, entry.id));
    if (found == answers.end()) continue;
    text += mixeval::response_line(entry.fields, found->second.first, entry.id, found->second.second);
    ++fresh;
  }
  lines += fresh;
  std::error_code code;
  const fs::path folder = work.folder(flags.model_name);
  fs::create_directories(folder, code);
  if (code) return fail(ErrorKind::io, "cannot create the folder: " + code.message(), folder.string());
  if (!text.empty())
    if (auto wrote = append(work.response_file(flags.model_name, split.split), text); !wrote) return std::unexpected(wrote.error());
  const auto batch = static_cast<std::size_t>(flags.batch_size);
  const bool whole = over && lines >= split.entries.size();
  const std::size_t batches = whole ? (split.entries.size() + batch - 1) / batch : lines / batch;
  if (batches > 0) {
    auto wrote = write_file(folder / mixeval::status_file_name(split.split, flags.hard()),
                            mixeval::status_text(status_args(flags, split.split), batches - 1, json::value(split.elapsed + seconds), whole));
    if (!wrote) return std::unexpected(wrote.error());
  }
  return fresh;
}

void log_error(const MixevalWork& work, const std::string& error, Split split) {
  const MixevalFlags& flags = work.flags;
  const std::string folder = work.folder(flags.model_name).string();
  (void)append(fs::path(flags.response_dir) / "error.log", "Error: " + replace_all(error, "\n", " ") + "; Model: " + flags.model_name + "; Split: " +
                                                               mixeval::split_name(split, flags.hard()) + "; Check the logfile: " + folder + "/" + flags.model_name + ".log\n");
}

}  // namespace

Result<cli::Session*> MixevalWork::session() {
  if (!opened) {
    auto made = cli::Session::open(invocation);
    if (!made) return std::unexpected(made.error());
    opened = std::move(*made);
  }
  return opened.get();
}

void MixevalWork::say(const std::string& lines) const { invocation.json() ? (invocation.quiet() ? void() : invocation.err(lines)) : invocation.out(lines); }
void MixevalWork::note(const std::string& line) const {
  if (!invocation.quiet()) invocation.say(line);
}
EnvironmentVariable MixevalWork::variables() const {
  return [&environment = invocation.environment](const std::string& name, const std::string& key) -> Result<std::optional<std::string>> {
    return key.empty() ? environment.provider(name) : environment.address(name, key);
  };
}
fs::path MixevalWork::folder(const std::string& model) const { return fs::path(flags.response_dir) / model / flags.benchmark / flags.version; }
fs::path MixevalWork::response_file(const std::string& model, Split split) const { return folder(model) / mixeval::response_file_name(model, split, flags.hard()); }

Result<std::string> version_data(const MixevalWork& work, Split split) {
  const MixevalFlags& flags = work.flags;
  const std::string relative = mixeval::data_file(flags.version, flags.hard(), split);
  const std::string role = flags.version + "/" + (flags.hard() ? "mixeval-hard" : "mixeval") + "/" + std::string(name(split));
  auto pack = cli::pack_store().find("mixeval");
  if (!pack) return std::unexpected(pack.error());
  const PackFile* file = (*pack)->file(role);
  auto text = read_file(fs::path(flags.data_path) / relative);
  if (text || text.error().kind != ErrorKind::not_found) return text;
  std::vector<std::string> versions;
  for (const PackFile& one : (*pack)->files)
    if (std::size_t slash = one.name.find('/'); slash != std::string::npos && one.name.starts_with("2"))
      if (std::string version = one.name.substr(0, slash); std::find(versions.begin(), versions.end(), version) == versions.end()) versions.push_back(std::move(version));
  if (!file) {
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(flags.data_path, code))
      if (std::string folder = entry.path().filename().string(); folder.starts_with("mixeval-")) versions.push_back(folder.substr(8) + " (in " + flags.data_path + ")");
    return fail(ErrorKind::data, "there is no version " + shorten(flags.version, 60) + " of the data", (fs::path(flags.data_path) / relative).string(), "versions: " + join(versions, ", "));
  }
  auto home = work.invocation.data_home();
  if (!home) return std::unexpected(home.error());
  PackData data(**pack, flags.edition.value_or("auto"), *home);
  auto found = data.file(role);
  if (!found) return std::unexpected(found.error());
  return std::move(found->content);
}

int evaluate(MixevalWork& work) {
  const MixevalFlags& flags = work.flags;
  const cli::Invocation& invocation = work.invocation;
  const mixeval::RegisteredModel* model = work.registry.find(flags.model_name);
  if (!model) {
    auto near = work.registry.near(flags.model_name);
    return invocation.report(Error{ErrorKind::usage, "there is no model \"" + shorten(flags.model_name, 80) + "\" in the registry", "",
                                   near.empty() ? "name it in a file of your own: --models_file FILE" : "did you mean " + join(near, ", ") + "? Others: --models_file FILE"});
  }
  std::vector<SplitWork> splits;
  bool anything = false;
  for (Split split : kSplits) {
    auto opened = open_split(work, split);
    if (!opened) {
      log_error(work, opened.error().message, split);
      return invocation.report(opened.error());
    }
    const bool lacks = opened->held.lines.size() < opened->entries.size() && !opened->complete;
    if (!lacks) work.say("Inference of " + flags.model_name + " on " + mixeval::split_name(split, flags.hard()) + " is complete: " + std::to_string(opened->held.lines.size()) + " responses.\n");
    anything = anything || lacks;
    splits.push_back(std::move(*opened));
  }
  int code = cli::kDone;
  if (anything) {
    mixeval::RegisteredModel asked = *model;
    if (!asked.system_text.empty() && !asked.system) {
      auto home = invocation.data_home();
      if (!home) return invocation.report(home.error());
      // Whatever edition the questions are of: the message belongs to the model.
      if (auto text = read_official_file(*cli::pack_store().find("mixeval").value(), asked.system_text, *home)) asked.system = std::move(*text);
    }
    auto tested = tested_model(flags, asked, work.variables());
    if (!tested) {
      log_error(work, tested.error().message, Split::free_form);
      return invocation.report(tested.error());
    }
    for (const std::string& note : tested->notes) work.note(note);
    auto session = work.session();
    if (!session) return invocation.report(session.error());
    json::object entries, responses;
    for (SplitWork& split : splits) {
      json::object own;
      std::set<std::string_view> held;
      for (const mixeval::StoredResponse& one : split.held.lines) held.insert(one.entry.id);
      for (const Entry& entry : split.entries)  // one that is complete by its status file is not asked for, whatever its file lacks
        if (!split.complete || held.contains(entry.id)) own[entry.id] = entry.fields;
      entries[name(split.split)] = std::move(own);
      for (auto& member : responses_of(split)) responses[member.key()] = std::move(member.value());
    }
    cli::RunJob job;
    auto found = cli::benchmark_registry().find(flags.hard() ? "mixeval-hard" : "mixeval");
    job.benchmark = found->first;
    job.selection.settings.ref = {found->second.name, flags.version, ""};
    job.selection.settings.options = tested->options;
    job.selection.settings.options["inference_only"] = "true";
    job.selection.settings.held = std::make_shared<const json::value>(json::object{{"entries", std::move(entries)}, {"responses", std::move(responses)}});
    job.selection.edition = flags.edition.value_or("auto");
    job.specs["model"] = tested->spec;
    job.labels["model"] = flags.model_name;
    job.concurrency = static_cast<std::size_t>(flags.batch_size);
    if (auto taken = cli::take_model_ids(invocation.arguments, {"model", "freeform", "multichoice"}, job); !taken) return invocation.report(taken.error());
    const Instant began = (*session)->timer().clock().now();
    auto done = (*session)->complete(run_job(**session, std::move(job)));
    if (!done) {
      log_error(work, done.error().message, Split::free_form);
      return invocation.report(done.error(), work.document);
    }
    const double seconds = std::chrono::duration<double>((*session)->timer().clock().now() - began).count();
    const bool interrupted = done->result.stopped && done->result.stopped->kind == ErrorKind::cancelled;
    const bool base = model->kind == mixeval::Kind::base;
    std::map<std::string, const Entry*> by_sample;
    for (const SplitWork& split : splits)
      for (const Entry& entry : split.entries) by_sample[mixeval::sample_id(split.split, entry.id)] = &entry;
    std::map<std::string, std::pair<std::string, std::string>> answers;
    std::vector<std::string> pending;
    auto read = done->result.results->for_each_answer([&](std::size_t ordinal, const Unit& unit, const UnitResult& result) {
      const Split split = unit.id.starts_with("ff:") ? Split::free_form : Split::multiple_choice;
      if (result.samples.empty()) return true;
      auto stored = mixeval::stored_of(split, result.samples.front());
      if (!stored) return true;
      auto known = done->plan.evaluation->known_requests(ordinal, pending);
      if (known.empty()) return true;  // it came from the file
      const Generate& request = std::get<Generate>(known.front().request);
      // The original keeps the question, not the turns that its class put around it.
      std::string input = !request.messages.empty() ? request.messages.back().content : request.prompt;
      if (request.messages.empty() && !base)
        if (auto formatted = mixeval::formatted_input(split, *by_sample.at(unit.id))) input = std::move(*formatted);
      answers[unit.id] = {std::move(input), std::move(stored->text)};
      return true;
    });
    if (!read) return invocation.report(read.error());
    for (SplitWork& split : splits) {
      if (split.complete) continue;
      const double share = seconds * static_cast<double>(split.entries.size()) / static_cast<double>(splits[0].entries.size() + splits[1].entries.size());
      auto wrote = write_answers(work, split, answers, share, true);
      if (!wrote) return invocation.report(wrote.error());
      if (*wrote) work.say("Wrote " + std::to_string(*wrote) + " responses to " + work.response_file(flags.model_name, split.split).string() + "\n");
    }
    work.document["inference"] = to_json(done->result.report);
    if (done->result.stopped) {
      if (interrupted) {
        invocation.err("interrupted: the same command goes on where this one ended\n");
        return cli::kInterrupted;
      }
      log_error(work, done->result.stopped->message, Split::free_form);
      return invocation.report(*done->result.stopped, work.document);
    }
    if (done->result.report.status != "complete") {
      work.note(done->result.report.reason + "; the same command asks for them again");
      log_error(work, done->result.report.reason, Split::free_form);
      return cli::kFailed;
    }
    // Asked to stop while the last answers came: they are in, and the judge is not asked any more.
    if ((*session)->stop().level() > 0 && !flags.inference_only) {
      invocation.err("interrupted: the same command goes on where this one ended\n");
      return cli::kInterrupted;
    }
  }
  if (model->kind == mixeval::Kind::base && !flags.extract_base_model_response && !flags.inference_only)
    work.note("without --extract_base_model_response the endless continuations of a base model are judged as its answers");
  if (flags.inference_only) return code;
  return compute_metrics(work, {flags.model_name});
}

}  // namespace assay::compat
