#include "cli/context.h"

#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace assay::cli {

Environment Environment::of_process() {
  Environment out;
  auto text = read_file(".env", 1 << 20);
  if (!text) return out;
  for (std::string_view line : split_lines(*text)) {
    line = strip(line);
    if (line.starts_with("export ")) line = strip(line.substr(7));
    std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string_view::npos) continue;
    std::string_view value = strip(line.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    out.from_file_.emplace(strip(line.substr(0, equals)), value);
  }
  return out;
}

std::optional<std::string> Environment::get(std::string_view name) const {
  if (const char* value = std::getenv(std::string(name).c_str()); value && *value) return value;
  auto it = from_file_.find(name);
  if (it == from_file_.end() || it->second.empty()) return std::nullopt;
  return it->second;
}

Secret Environment::secret(std::string_view name) const { return Secret(get(name).value_or("")); }

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

void Invocation::out(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), stdout); }

void Invocation::err(std::string_view text) const {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int Invocation::report(const Error& error) const {
  err("assay: " + valid_utf8(to_string(error)) + "\n");
  if (json()) {
    json::object document{{"error", {{"kind", name(error.kind)}, {"message", error.message}, {"where", error.where}, {"hint", error.hint}}}};
    out(write_json(document, JsonStyle::pretty) + "\n");
  }
  return exit_code(error);
}

}  // namespace assay::cli
