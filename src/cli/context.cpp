#include "cli/context.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/dot_env.h"
#include "run/display.h"

namespace assay::cli {

Environment Environment::of_process() {
  Environment out;
  if (auto text = read_file(".env", 1 << 20)) out.from_file_ = read_dot_env(*text);
  return out;
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): what it reads is this value's part, as provider() is
std::optional<std::string> Environment::get(std::string_view name) const {
  if (const char* value = std::getenv(std::string(name).c_str()); value && *value) return value;
  return std::nullopt;
}

std::optional<std::string> Environment::provider(std::string_view name) const {
  if (auto value = get(name)) return value;
  auto it = from_file_.find(name);
  if (it == from_file_.end() || it->second.empty()) return std::nullopt;
  return it->second;
}

Result<std::optional<std::string>> Environment::address(std::string_view name, std::string_view key) const {
  if (auto value = get(name)) return value;
  auto value = provider(name);
  if (value && (get(key) || secrets_.contains(key)))
    return fail(ErrorKind::usage, "the file .env names an address, " + std::string(name) + ", and the key for it, " + std::string(key) + ", is not of that file", ".env",
                "put both into .env, or both into the environment: a folder's file does not say where other keys are sent");
  return value;
}

Secret Environment::secret(std::string_view name) const {
  if (auto it = secrets_.find(name); it != secrets_.end()) return it->second;
  return Secret(provider(name).value_or(""));
}

void Environment::add_secret(std::string name, Secret secret) { secrets_.insert_or_assign(std::move(name), std::move(secret)); }

Result<std::filesystem::path> Invocation::data_home() const {
  if (auto given = arguments.get("data")) return std::filesystem::path(*given);
  if (auto given = environment.get("ASSAY_DATA")) return std::filesystem::path(*given);
  if (auto xdg = environment.get("XDG_DATA_HOME")) return std::filesystem::path(*xdg) / "assay";
  if (auto home = environment.get("HOME")) return std::filesystem::path(*home) / ".local/share/assay";
  return fail(ErrorKind::usage, "no data home: none of --data, $ASSAY_DATA, $XDG_DATA_HOME and $HOME is set", "", "give --data DIR");
}

Result<std::filesystem::path> Invocation::store() const {
  std::optional<std::string> given = arguments.get("store");
  if (!given) given = environment.get("ASSAY_STORE");
  if (given) {
    std::string_view text = *given;
    if (text.starts_with("sqlite:")) text.remove_prefix(7);
    if (std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
      return fail(ErrorKind::usage, "this kind of store is not known: " + std::string(text.substr(0, scheme)), "", "give a file, or sqlite:FILE");
    std::error_code ignored;
    if (text.empty() || std::filesystem::is_directory(text, ignored))
      return fail(ErrorKind::usage, text.empty() ? "the store has no name" : "the store is a folder: " + std::string(text), "",
                  "give a file, e.g. --store results.db");
    return std::filesystem::path(text);
  }
  auto home = data_home();
  if (!home) return home;
  return *home / "assay.db";
}

Result<std::unique_ptr<Journal>> Invocation::open_journal(Journal::Mode mode) const {
  auto path = store();
  if (!path) return std::unexpected(path.error());
  return Journal::open(*path, mode, system_clock());
}

// A command writes through what it was called with, whatever that is made of.  NOLINTBEGIN(readability-convert-member-functions-to-static)
void Invocation::out(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), stdout); }

void Invocation::err(std::string_view text) const {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}
// NOLINTEND(readability-convert-member-functions-to-static)

void Invocation::say(std::string_view line) const { err("assay: " + visible_text(valid_utf8(line)) + "\n"); }

bool reader_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

int Invocation::report(const Error& error, json::object& document) const {
  say(to_string(error));
  document["error"] = {{"kind", name(error.kind)}, {"message", valid_utf8(error.message)}, {"where", valid_utf8(error.where)}, {"hint", valid_utf8(error.hint)}};
  return exit_code(error);
}

int Invocation::report(const Error& error) const {
  json::object document;
  int code = report(error, document);
  if (json()) out(write_json(document, JsonStyle::pretty) + "\n");
  return code;
}

}  // namespace assay::cli
