# cmake -DOUT=table.cpp -DROOT=packs "-DFILES=a;b" -P embed.cmake
# Each file becomes one raw string literal (g++ and clang take them at any length); a string_view literal keeps the length, so
# that an embedded file is its bytes and nothing more. Files are text: a NUL byte would not survive file(READ).
set(items "")
foreach(file IN LISTS FILES)
  file(READ "${file}" text)
  file(SIZE "${file}" size)
  string(FIND "${text}" ")assay\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds the delimiter of the raw string literals")
  endif()
  file(RELATIVE_PATH path "${ROOT}" "${file}")
  string(FIND "${path}" "/" slash)
  string(SUBSTRING "${path}" 0 ${slash} pack)
  math(EXPR slash "${slash} + 1")
  string(SUBSTRING "${path}" ${slash} -1 name)
  string(LENGTH "${text}" length)
  if(NOT length EQUAL size)
    message(FATAL_ERROR "${file} is not plain text (${length} of ${size} bytes could be read)")
  endif()
  string(APPEND items "    {\"${pack}\"sv, \"${name}\"sv, R\"assay(${text})assay\"sv},\n")
endforeach()
file(WRITE "${OUT}.new" "// Written by packs/embed.cmake; do not edit.
#include \"packs/embedded.h\"

namespace assay {
namespace {
using namespace std::string_view_literals;

constexpr EmbeddedFile kTable[] = {
${items}};
}  // namespace

std::span<const EmbeddedFile> embedded_packs() { return kTable; }

}  // namespace assay
")
file(RENAME "${OUT}.new" "${OUT}")
