#include "cli/process_mark.h"

#include <unistd.h>

#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace assay::cli {
namespace {

/// The names of the running system and of its process table; equal ones mean that process numbers may be compared.
std::string boot() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  return text ? std::string(strip(*text)) : std::string();
}
std::string process_table() {
  std::error_code code;
  auto link = std::filesystem::read_symlink("/proc/self/ns/pid", code);
  return code ? std::string() : link.string();
}

/// When the process began, in the kernel's ticks since its start; "" when there is none of that number. Numbers are used again, but
/// not within one tick.
std::string start_of(std::int64_t pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return {};
  std::size_t name_end = text->rfind(')');  // the name before may hold anything
  if (name_end == std::string::npos) return {};
  std::vector<std::string> fields = split(text->substr(name_end + 1), ' ');
  constexpr std::size_t kState = 1, kStart = 20;  // fields 3 and 22 of stat, counted from the blank behind the name
  if (fields.size() <= kStart || fields[kState] == "Z") return {};
  return fields[kStart];
}

}  // namespace

json::object process_mark() {
  std::int64_t pid = ::getpid();
  std::string started = start_of(pid), name = boot(), table = process_table();
  if (started.empty() || name.empty() || table.empty()) return {};
  return {{"boot", name}, {"namespace", table}, {"pid", pid}, {"started", started}};
}

bool process_gone(const json::value& mark) {
  auto started = get_string(mark, "started"), name = get_string(mark, "boot"), table = get_string(mark, "namespace");
  auto pid = get_integer(mark, "pid");
  if (!started || !name || !table || !pid) return false;
  std::string now = boot();
  if (now.empty() || process_table() != *table) return false;
  return now != *name || start_of(*pid) != *started;
}

}  // namespace assay::cli
