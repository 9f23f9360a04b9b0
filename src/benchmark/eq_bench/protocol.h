// The settings that decide what is asked and how it is scored, in one value: version, language, revision, program.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay::eq_bench {

enum class Language { en, de, ja, jahalf };
std::string_view name(Language language);

struct Protocol {
  int version = 2;  // 1 or 2: which formula makes the official score
  Language language = Language::en;
  bool revise = false;          // the answer holds a first pass, a critique and revised scores
  bool strict = false;          // v1 formula: a name in other case counts its difference (upstream forgets it)
  std::string program = "2.4";  // the release of the original program that is reproduced
  int attempts = 3;
  int max_tokens = 60;
  bool remove_marks = true;        // '*' and '#' are deleted before parsing (since 2.4)
  bool fold_case = true;           // names are compared in lower case (since 2.4)
  bool divide_by_declared = true;  // run score = sum / declared iterations (since 2.4), else / stored ones

  std::string version_text() const { return version == 1 ? "v1" : "v2"; }
};

/// From "2" / "1", "" / "de" / "ja" / "jahalf" and --option revise, strict, program. `usage` error for anything else.
Result<Protocol> make_protocol(std::string_view version, std::string_view variant,
                               const std::map<std::string, std::string>& options);

}  // namespace assay::eq_bench
