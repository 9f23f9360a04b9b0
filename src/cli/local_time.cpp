#include "cli/local_time.h"

#include <cstdio>
#include <ctime>

namespace assay::cli {

std::string local_text(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  char text[32];
  if (!localtime_r(&time, &parts) || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) == 0) return "";
  return text;
}

std::string local_text(std::string_view utc) {
  std::string text(utc);
  std::tm parts{};
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
                  &parts.tm_sec) != 6)
    return text;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return local_text(static_cast<std::int64_t>(timegm(&parts)));
}

}  // namespace assay::cli
