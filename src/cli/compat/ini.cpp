#include "cli/compat/ini.h"

#include <set>

#include "base/text.h"

namespace assay::compat {
namespace {

std::string at(std::string_view where, int line, int column) {
  return std::string(where) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

/// Whether str.splitlines() ends a line there; "\r\n" is one end.
bool ends_line(char32_t c) {
  return (c >= U'\n' && c <= U'\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/// Lines as the original's str.splitlines() gives them: a form feed or a separator pasted from elsewhere ends one, too.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const char32_t c = next_code_point(rest);
    if (!ends_line(c)) continue;
    out.push_back(text.substr(begin, at - begin));
    if (c == U'\r' && rest.starts_with('\n')) rest.remove_prefix(1);
    begin = text.size() - rest.size();
  }
  if (begin < text.size()) out.push_back(text.substr(begin));
  return out;
}

/// A section whose keys are being read.
struct Open {
  IniSection* section = nullptr;
  std::set<std::string, std::less<>> keys;
  std::size_t indent = 0;
  bool has_key = false;
  bool colons = true;
};

}  // namespace

std::string IniSection::get(std::string_view key) const {
  for (const IniEntry& entry : entries)
    if (entry.key == key) return entry.value.value_or("");
  return "";
}

const IniSection* IniFile::section(std::string_view name) const {
  for (const IniSection& one : sections)
    if (one.name == name) return &one;
  return nullptr;
}

Result<IniFile> read_ini(std::string_view text, std::string_view where, std::string_view plain_colons) {
  IniFile file;
  file.sections.reserve(64);
  Open open;
  const std::string plain_heading = "[" + lower(plain_colons) + "]";
  bool colons = true;  // ':' ends a key
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    std::string_view word = strip(line);
    if (!plain_colons.empty() && lower(word) == plain_heading) colons = false;
    else if (line.starts_with('[')) colons = true;
    const std::size_t indent = count_code_points(line.substr(0, line.size() - lstrip(line).size()));
    const int column = static_cast<int>(indent) + 1;
    if (word.empty() || word[0] == '#' || word[0] == ';') {
      // A blank line is part of a value that goes on below it.
      if (word.empty() && open.has_key && !open.section->entries.empty() && open.section->entries.back().value)
        *open.section->entries.back().value += '\n';
      continue;
    }
    if (open.section && open.has_key && indent > open.indent) {
      IniEntry& entry = open.section->entries.back();
      if (!entry.value)
        return fail(ErrorKind::usage, "the line is indented more than the one above, so it would continue that one", at(where, number, column),
                    "remove the blanks at its beginning");
      *entry.value += '\n';
      *entry.value += word;
      continue;
    }
    open.indent = indent;
    if (word[0] == '[' && word.rfind(']') != std::string_view::npos && word.rfind(']') > 1) {
      std::string name(word.substr(1, word.rfind(']') - 1));
      if (file.section(name))
        return fail(ErrorKind::usage, "the section [" + shorten(name, 60) + "] is there twice", at(where, number, column),
                    "put its keys into one section");
      if (file.sections.size() == file.sections.capacity())
        return fail(ErrorKind::usage, "there are more than " + std::to_string(file.sections.size()) + " sections", at(where, number, column));
      file.sections.push_back({std::move(name), number, {}});
      open = Open{&file.sections.back(), {}, indent, false, colons};
      continue;
    }
    if (!open.section)
      return fail(ErrorKind::usage, "a line stands before the first section", at(where, number, column), "sections begin with a line like [OpenAI]");
    const std::size_t end = colons ? word.find_first_of("=:") : word.find('=');
    IniEntry entry;
    entry.key = rstrip(word.substr(0, end));
    entry.line = number;
    entry.column = column;
    if (end != std::string_view::npos) entry.value = std::string(strip(word.substr(end + 1)));
    if (entry.key.empty())
      return fail(ErrorKind::usage, "a key is missing before the '" + std::string(1, word[0]) + "'", at(where, number, column));
    if (!open.keys.insert(entry.key).second)
      return fail(ErrorKind::usage, colons ? "the key " + shorten(std::string(entry.key.substr(0, entry.key.find(' '))), 40) + " is there twice in [" + shorten(open.section->name, 60) + "]"
                                           : "the same line is there twice in [" + shorten(open.section->name, 60) + "]",
                  at(where, number, column), "remove one of them");
    open.section->entries.push_back(std::move(entry));
    open.has_key = true;
  }
  for (IniSection& section : file.sections)
    for (IniEntry& entry : section.entries)
      if (entry.value) entry.value = std::string(rstrip(*entry.value));
  return file;
}

}  // namespace assay::compat
