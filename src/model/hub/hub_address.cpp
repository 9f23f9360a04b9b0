#include "model/hub/hub_address.h"

#include <algorithm>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::string_view kDataSets = "datasets/";
constexpr std::string_view kForm = "write ORG/NAME, ORG/NAME@REVISION or ORG/NAME:FILE, e.g. Qwen/Qwen2.5-0.5B-Instruct-GGUF:qwen2.5-0.5b-instruct-q8_0.gguf, or datasets/ORG/NAME";

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }

/// The hub's own rule: letters, digits, '-', '_', '.', at most 96, no "--" or "..", no '-' or '.' at the ends. "--" would make two
/// repositories share one folder of the cache.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 96 && std::all_of(name.begin(), name.end(), plain) && !contains(name, "--") && !contains(name, "..") &&
         !name.starts_with('-') && !name.starts_with('.') && !name.ends_with('-') && !name.ends_with('.');
}

std::string shown(std::string_view text) {
  std::string out = shorten(valid_utf8(text), 100);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return "\"" + out + "\"";
}

}  // namespace

bool is_data_set(std::string_view repository) { return repository.starts_with(kDataSets); }

bool is_safe_hub_path(std::string_view path) {
  if (path.empty() || path.size() > 1024 || path.find('\\') != std::string_view::npos || !is_valid_utf8(path)) return false;
  if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return false;
  for (std::size_t at = 0; at <= path.size();) {
    std::size_t end = std::min(path.find('/', at), path.size());
    std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    at = end + 1;
  }
  return true;
}

bool is_commit(std::string_view revision) {
  return revision.size() == 40 && std::all_of(revision.begin(), revision.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string url_part(std::string_view text, bool keep_slashes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (plain(c) || c == '~' || (keep_slashes && c == '/')) out += c;
    else out.append({'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]});
  }
  return out;
}

Result<HubAddress> parse_hub_address(std::string_view text) {
  HubAddress out;
  std::string_view rest = text;
  auto refuse = [&](std::string_view what) { return fail(ErrorKind::usage, shown(text) + " is no repository of a hub: " + std::string(what), "", std::string(kForm)); };
  if (std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    out.file = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_safe_hub_path(out.file)) return refuse("what stands behind the ':' is no path of a file");
  }
  if (std::size_t at = rest.find('@'); at != std::string_view::npos) {
    out.revision = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!is_safe_hub_path(out.revision) || out.revision.size() > 250) return refuse("what stands behind the '@' is no revision");
  }
  out.repository = rest;
  if (is_data_set(rest)) rest.remove_prefix(kDataSets.size());
  std::size_t slash = rest.find('/');
  std::string_view name = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
  if (!is_name(name) || (slash != std::string_view::npos && !is_name(rest.substr(0, slash)))) return refuse("names have letters, digits, '-', '_' and '.'");
  return out;
}

std::string to_string(const HubAddress& address) {
  return address.repository + (address.revision == "main" ? "" : "@" + address.revision) + (address.file.empty() ? "" : ":" + address.file);
}

}  // namespace assay
