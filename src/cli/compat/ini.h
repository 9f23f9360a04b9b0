// INI files as Python's configparser reads them (RawConfigParser(allow_no_value=True) with keys as they are written): sections, keys
// with or without a value, lines that continue a value, '#' and ';' comments. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::compat {

struct IniEntry {
  std::string key;
  std::optional<std::string> value;  // nullopt: the line holds no '=' or ':'
  int line = 0, column = 0;          // from 1; the column counts code points
};

struct IniSection {
  std::string name;
  int line = 0;
  std::vector<IniEntry> entries;
  /// The value, or "" where the key is absent or has none.
  std::string get(std::string_view key) const;
};

struct IniFile {
  std::vector<IniSection> sections;
  const IniSection* section(std::string_view name) const;
};

/// `plain_colons`: in that section ':' is an ordinary sign (its heading is found whatever its case, as the original does).
/// Usage errors with `where`:line:column: a line before the first section, a section or key that is there twice, a line without a
/// key, an indented line below a key without a value. Values, which may be keys to paid services, never stand in an error.
Result<IniFile> read_ini(std::string_view text, std::string_view where, std::string_view plain_colons = {});

}  // namespace assay::compat
