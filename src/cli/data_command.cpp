// assay data pull|import|verify|status [PACK...]
#include <fmt/core.h>

#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "run/display.h"
#include "run/pack_download.h"

namespace assay::cli {
namespace {

const char* state_text(FileState state) {
  return state == FileState::ok ? "ok" : state == FileState::absent ? "absent" : "corrupt";
}

int status(Invocation& invocation, const std::vector<const Pack*>& packs, const std::filesystem::path& home, bool verify) {
  int code = kDone;
  json::array document;
  std::string text;
  for (const Pack* pack : packs) {
    text += pack->name + " (" + pack->licence + ") in " + pack_folder(home, pack->name).string() + "\n";
    bool lacking = false;
    for (const PackFileStatus& s : pack_status(*pack, home)) {
      if (s.file->optional && s.file->needed_for.empty() && s.state == FileState::absent) continue;
      std::string left = "  " + s.file->name;
      left.resize(std::max<std::size_t>(left.size() + 2, 28), ' ');
      text += left + state_text(s.state) + "\n";
      document.push_back({{"pack", pack->name}, {"file", s.file->name}, {"state", state_text(s.state)}, {"path", s.path.string()}, {"sha256", s.file->sha256}});
      if (s.state != FileState::ok) lacking = true;
      if (s.state == FileState::corrupt || (verify && s.state == FileState::absent)) code = kData;
    }
    if (lacking) text += "  get it: " + replace_all(how_to_get(*pack), "\n", "\n          ") + "\n";
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return code;
}

int import(Invocation& invocation, const std::vector<const Pack*>& packs, const std::filesystem::path& home) {
  auto from = invocation.arguments.get("from");
  if (!from) return invocation.report(Error{ErrorKind::usage, "import from where?", "", "give --from DIR, a folder that holds the original files"});
  int code = kDone;
  json::array document;
  std::string text;
  auto list = [](const std::vector<std::string>& names) { return json::array(names.begin(), names.end()); };
  for (const Pack* pack : packs) {
    auto done = import_pack(*pack, home, *from);
    if (!done) return invocation.report(done.error());
    text += fmt::format("{}: {} imported, {} already here, {} not found\n", pack->name, done->imported.size(), done->unchanged.size(), done->missing.size());
    for (const std::string& name : done->missing) text += "  not under " + *from + ": " + name + "\n";
    for (const Error& error : done->rejected) invocation.err("assay: left out: " + visible_text(to_string(error)) + "\n");
    if (done->imported.empty() && done->unchanged.empty()) code = kData;
    document.push_back({{"pack", pack->name}, {"imported", list(done->imported)}, {"unchanged", list(done->unchanged)}, {"missing", list(done->missing)}});
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return code;
}

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6); }

std::function<void(const DownloadProgress&)> download_display(const Invocation& invocation) {
  if (invocation.quiet()) return {};
  bool in_place = invocation.terminal.err;
  const Invocation* out = &invocation;
  return [in_place, out](const DownloadProgress& p) {
    if (!in_place && !p.finished) return;
    std::string line = fmt::format("{}/{}  {}  {}", p.number, p.count, p.file->name, megabytes(p.done));
    if (p.total > 0 && !p.finished) line += " of " + megabytes(p.total);
    out->err((in_place ? "\r\x1b[K" : "") + line + (p.finished ? "  verified\n" : in_place ? "" : "\n"));
  };
}

int work(Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments.positional;
  std::vector<std::string> verbs{"pull", "import", "verify", "status"};
  if (std::find(verbs.begin(), verbs.end(), words[0]) == verbs.end()) {
    std::vector<std::string> near = did_you_mean(words[0], verbs);
    return invocation.report(Error{ErrorKind::usage, "assay data cannot \"" + words[0] + "\"", "",
                                   near.empty() ? "it can pull, import, verify and status" : "did you mean " + near[0] + "?"});
  }
  std::vector<const Pack*> packs;
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto pack = pack_store().find(words[i]);
    if (!pack) return invocation.report(pack.error());
    packs.push_back(*pack);
  }
  if (packs.empty()) {
    if (words[0] == "pull" || words[0] == "import")
      return invocation.report(Error{ErrorKind::usage, words[0] + " which pack?", "", "assay list packs names them"});
    for (const Pack& pack : pack_store().packs()) packs.push_back(&pack);
  }
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  if (words[0] == "import") return import(invocation, packs, *home);
  if (words[0] == "pull") {
    auto session = Session::without_journal(invocation);
    for (const Pack* pack : packs) {
      DownloadOptions options;
      options.wanted = invocation.arguments.all("files");
      options.timer = &session->timer();
      options.progress = download_display(invocation);
      auto done = session->complete(download_pack(*pack, *home, session->transport(), std::move(options)));
      if (!done) return invocation.report(done.error());
    }
    return status(invocation, packs, *home, true);
  }
  return status(invocation, packs, *home, words[0] == "verify");
}

}  // namespace

CommandSpec data_command() {
  CommandSpec c;
  c.name = "data";
  c.summary = "get and check the benchmarks' official data";
  c.positional = "pull|import|verify|status [PACK...]";
  c.positional_help = "pull: download. import: copy from a folder that holds the original files. verify, status: check what is here.\nEvery file's SHA-256 is checked before it is used.";
  c.least = 1;
  c.most = -1;
  c.options = {{"--from", "DIR", "import: the folder"},
               {"--files", "NAME", "pull: these only, e.g. v2/questions/de, templates/ or judgemark (default: all that eq-bench itself needs)", true}};
  c.examples = {"assay data pull eq-bench", "assay data import eq-bench --from ../EQ-Bench", "assay data status"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
