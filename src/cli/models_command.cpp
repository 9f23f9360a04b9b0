// assay models pull|list|delete [REPOSITORY...]
#include <fmt/core.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/hub.h"
#include "cli/session.h"
#include "model/hub/file_pattern.h"
#include "run/display.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

std::string size_text(std::uint64_t bytes) {
  return bytes < 1'000'000'000 ? fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6) : fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
}

Result<std::vector<HubRequest>> requests(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments.positional;
  std::vector<HubRequest> out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    HubRequest request;
    auto address = parse_hub_address(words[i]);
    if (!address) return std::unexpected(address.error());
    request.address = std::move(*address);
    if (auto revision = invocation.arguments.get("revision")) {
      if (request.address.revision != "main") return fail(ErrorKind::usage, "the revision is given twice: " + words[i] + " and --revision");
      if (!is_safe_hub_path(*revision)) return fail(ErrorKind::usage, "\"" + visible_line(*revision) + "\" is no revision");
      request.address.revision = *revision;
    }
    request.include = invocation.arguments.all("include");
    request.exclude = invocation.arguments.all("exclude");
    if (!request.address.file.empty() && (!request.include.empty() || !request.exclude.empty()))
      return fail(ErrorKind::usage, words[i] + " is one file: --include and --exclude choose among several");
    if (auto folder = invocation.arguments.get("dir")) request.folder = *folder;
    out.push_back(std::move(request));
  }
  if (out.empty()) return fail(ErrorKind::usage, words[0] + " which model?", "", "e.g. assay models " + words[0] + " Qwen/Qwen2.5-0.5B-Instruct-GGUF");
  return out;
}

Result<HubOptions> options_of(Session& session) {
  const Invocation& invocation = session.invocation();
  auto out = hub_options(session);
  if (!out) return out;
  if (auto given = invocation.arguments.get("cache-dir")) out->cache = *given;
  auto parallel = invocation.arguments.integer("parallel", 1);
  if (!parallel) return std::unexpected(parallel.error());
  if (*parallel) out->parallel = static_cast<std::size_t>(std::min(**parallel, 64LL));
  if (out->cache.empty() && !invocation.arguments.has("dir")) return std::unexpected(hub_cache_folder(invocation).error());
  return out;
}

json::object sum_json(const FileSum& sum) { return {{sum.kind == FileSum::Kind::sha256 ? "sha256" : "git_blob", sum.hex}}; }

/// What would be fetched.
int preview(Invocation& invocation, Session& session, const std::vector<HubRequest>& wanted, const HubOptions& options) {
  json::array document;
  std::string text;
  for (const HubRequest& request : wanted) {
    auto listing = session.complete(list_hub_repository(request.address, options));
    if (!listing) return invocation.report(listing.error());
    json::array files;
    std::uint64_t total = 0;
    text += request.address.repository + " at " + listing->commit + "\n";
    for (const HubFile& file : listing->files) {
      if (request.address.file.empty() ? !wanted_file(file.path, request.include, request.exclude) : file.path != request.address.file) continue;
      json::object one{{"path", file.path}, {"size", file.size ? json::value(*file.size) : json::value(nullptr)}};
      if (file.sum) one["sum"] = sum_json(*file.sum);
      files.push_back(std::move(one));
      total += file.size.value_or(0);
      text += fmt::format("  {:>12}  {}\n", file.size ? size_text(*file.size) : "?", visible_line(file.path));
    }
    text += fmt::format("  {:>12}  in {} files\n", size_text(total), files.size());
    document.push_back({{"repository", request.address.repository}, {"commit", listing->commit}, {"bytes", total}, {"files", std::move(files)}});
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int pull(Invocation& invocation) {
  auto wanted = requests(invocation);
  if (!wanted) return invocation.report(wanted.error());
  auto session = Session::without_journal(invocation);
  auto options = options_of(*session);
  if (!options) return invocation.report(options.error());
  if (invocation.arguments.has("dry-run")) return preview(invocation, *session, *wanted, *options);
  json::array document;
  std::string text;
  int code = kDone;
  for (const HubRequest& request : *wanted) {
    json::object one{{"repository", request.address.repository}, {"revision", request.address.revision}};
    auto done = pull_shown(*session, request, *options);
    if (!done) {
      code = invocation.report(done.error(), one);
      document.push_back(std::move(one));
      if (done.error().kind == ErrorKind::cancelled) break;
      continue;
    }
    json::array files;
    std::size_t fetched = 0;
    for (const PulledFile& file : done->files) {
      json::object entry{{"path", file.path}, {"place", file.place.string()}, {"size", file.size}, {"downloaded", file.downloaded}, {"sum", sum_json(file.sum)}};
      files.push_back(std::move(entry));
      fetched += file.downloaded;
    }
    text += fmt::format("{}: {} files downloaded ({}), {} were here\n  {}\n", to_string(request.address), fetched, size_text(done->received), done->files.size() - fetched,
                        done->files.size() == 1 ? done->files[0].place.string() : done->folder.string());
    one["commit"] = done->commit;
    one["folder"] = done->folder.string();
    one["received"] = done->received;
    one["resumed"] = done->resumed;
    one["files"] = std::move(files);
    document.push_back(std::move(one));
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return code;
}

Result<HubCache> cache_of(const Invocation& invocation) {
  if (auto given = invocation.arguments.get("cache-dir")) return HubCache(*given);
  auto folder = hub_cache_folder(invocation);
  if (!folder) return std::unexpected(folder.error());
  return HubCache(*folder);
}

int list(Invocation& invocation) {
  auto cache = cache_of(invocation);
  if (!cache) return invocation.report(cache.error());
  json::array document;
  std::string text = "Models and data sets in " + cache->folder().string() + "\n";
  for (const CachedRepository& one : cache->list()) {
    json::array revisions;
    text += fmt::format("  {:>12}  {}{}\n", size_text(one.bytes), one.repository, one.own_bytes == 0 ? "" : one.own_bytes == one.bytes ? "  (by assay)" : "  (in part by assay)");
    if (one.partial_bytes > 0) text += fmt::format("  {:>12}  of an interrupted download\n", size_text(one.partial_bytes));
    for (const CachedRevision& revision : one.revisions) {
      revisions.push_back({{"commit", revision.commit}, {"refs", json::array(revision.refs.begin(), revision.refs.end())}, {"files", json::array(revision.files.begin(), revision.files.end())}});
      for (const std::string& file : revision.files)
        if (file.ends_with(".gguf")) {
          HubAddress address{.repository = one.repository, .revision = revision.refs.empty() ? revision.commit : revision.refs[0], .file = file};
          text += "                gguf:hf:" + visible_line(to_string(address)) + "\n";
        }
    }
    document.push_back({{"repository", one.repository}, {"folder", one.folder.string()}, {"bytes", one.bytes}, {"own_bytes", one.own_bytes}, {"partial_bytes", one.partial_bytes}, {"revisions", std::move(revisions)}});
  }
  if (document.empty()) text += "  none\n";
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int remove(Invocation& invocation) {
  auto folder = invocation.arguments.get("dir");
  json::array document;
  std::string text;
  int code = kDone;
  auto tell = [&](const std::string& what, const Result<DeletedDownloads>& done) {
    json::object one{{folder ? "folder" : "repository", what}};
    if (!done) {
      code = invocation.report(done.error(), one);
    } else {
      text += fmt::format("{}: {} files deleted, {} freed", what, done->files, size_text(done->bytes));
      if (done->kept > 0) text += fmt::format("; {} files that others downloaded stay", done->kept);
      text += "\n";
      one["files"] = done->files;
      one["bytes"] = done->bytes;
      one["kept"] = done->kept;
    }
    document.push_back(std::move(one));
  };
  if (folder) {
    tell(*folder, delete_folder_downloads(*folder));
  } else {
    auto wanted = requests(invocation);
    if (!wanted) return invocation.report(wanted.error());
    auto cache = cache_of(invocation);
    if (!cache) return invocation.report(cache.error());
    for (const HubRequest& request : *wanted) tell(request.address.repository, cache->delete_downloads(request.address.repository));
  }
  invocation.out(invocation.json() ? write_json(document, JsonStyle::pretty) + "\n" : text);
  return code;
}

int work(Invocation& invocation) {
  const std::string& verb = invocation.arguments.positional[0];
  if (verb == "pull") return pull(invocation);
  if (verb == "list") return list(invocation);
  if (verb == "delete") return remove(invocation);
  std::vector<std::string> near = did_you_mean(verb, {"pull", "list", "delete"});
  return invocation.report(Error{ErrorKind::usage, "assay models cannot \"" + visible_line(verb) + "\"", "", near.empty() ? "it can pull, list and delete" : "did you mean " + near[0] + "?"});
}

}  // namespace

CommandSpec models_command() {
  CommandSpec c;
  c.name = "models";
  c.summary = "download models and data sets from a hub, see and delete them";
  c.positional = "pull|list|delete [REPOSITORY...]";
  c.positional_help =
      "pull: ORG/NAME, ORG/NAME@REVISION or ORG/NAME:FILE (data sets: datasets/ORG/NAME), into the cache that other programs share.\nlist: what is there. "
      "delete: what assay downloaded of a repository, and nothing else.\n"
      "Interrupted downloads go on where they stopped; every file's sum is checked before it gets its name. A file in the cache is used with\n"
      "--model gguf:hf:ORG/NAME:FILE.gguf, which downloads it where it lacks.\n"
      "Environment: HF_TOKEN (private and gated models), HF_HUB_CACHE or HF_HOME (the cache), HF_ENDPOINT (another hub).";
  c.least = 1;
  c.most = -1;
  c.options = {{"--include", "PATTERN", "pull: only files that match, e.g. \"*.gguf\" or q4/ (repeatable)", true},
               {"--exclude", "PATTERN", "pull: not these (repeatable)", true},
               {"--revision", "NAME", "branch, tag or commit (default: main)"},
               {"--parallel", "N", "pull: transfers at once, ranges of large files included (default: 4)"},
               {"--dir", "DIR", "plain files below DIR instead of the cache; delete: those that pull put there"},
               {"--cache-dir", "DIR", "another cache"},
               {"--dry-run", "", "pull: list the files and their sizes"}};
  c.examples = {"assay models pull Qwen/Qwen2.5-0.5B-Instruct-GGUF:qwen2.5-0.5b-instruct-q8_0.gguf",
                "assay models pull Qwen/Qwen2.5-7B-Instruct-GGUF --include \"*q4_k_m*\" --parallel 8",
                "assay models pull meta-llama/Llama-3.2-1B --exclude \"original/*\" --dir llama-3.2-1b",
                "assay models pull datasets/cais/mmlu@refs/convert/parquet --include \"abstract_algebra/*\"",
                "assay models list", "assay models delete Qwen/Qwen2.5-0.5B-Instruct-GGUF"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
