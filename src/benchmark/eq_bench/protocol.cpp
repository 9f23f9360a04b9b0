#include "benchmark/eq_bench/protocol.h"

#include <vector>

#include "base/text.h"

namespace assay::eq_bench {

std::string_view name(Language language) {
  switch (language) {
    case Language::en:
      return "en";
    case Language::de:
      return "de";
    case Language::ja:
      return "ja";
    case Language::jahalf:
      return "jahalf";
  }
  return "en";
}

namespace {

Result<bool> flag(const std::string& key, const std::string& value) {
  if (value == "true" || value == "1" || value == "yes" || value == "on") return true;
  if (value == "false" || value == "0" || value == "no" || value == "off") return false;
  return fail(ErrorKind::usage, "option " + key + "=" + value + " is neither true nor false");
}

}  // namespace

Result<Protocol> make_protocol(std::string_view version, std::string_view variant,
                               const std::map<std::string, std::string>& options) {
  Protocol out;
  if (version == "1") {
    out.version = 1;
  } else if (version != "2") {
    return fail(ErrorKind::usage, "eq-bench has versions 2 and 1, not \"" + std::string(version) + "\"");
  }
  if (variant == "de") {
    out.language = Language::de;
  } else if (variant == "ja") {
    out.language = Language::ja;
  } else if (variant == "jahalf") {
    out.language = Language::jahalf;
  } else if (!variant.empty() && variant != "en") {
    return fail(ErrorKind::usage, "eq-bench has no variant \"" + std::string(variant) + "\"", {},
                "there are: en (default), de, ja, jahalf");
  }
  if (out.version == 1 && out.language != Language::en)
    return fail(ErrorKind::usage, "eq-bench@1 exists in English only", {}, "use eq-bench@2:" + std::string(variant));

  for (const auto& [key, value] : options) {
    if (key == "revise" || key == "strict") {
      auto on = flag(key, value);
      if (!on) return std::unexpected(on.error());
      (key == "revise" ? out.revise : out.strict) = *on;
    } else if (key == "program") {
      static const std::vector<std::string> known{"2.4", "2.3", "2.2", "2.1"};
      if (std::find(known.begin(), known.end(), value) == known.end())
        return fail(ErrorKind::usage, "option program=" + value + " is not a release that is reproduced", {},
                    "there are: " + join(known, ", "));
      out.program = value;
    } else {
      std::vector<std::string> near = did_you_mean(key, {"revise", "strict", "program"});
      return fail(ErrorKind::usage, "eq-bench has no option \"" + key + "\"", {},
                  near.empty() ? "there are: revise, strict, program" : "did you mean " + near.front() + "?");
    }
  }
  const bool newest = out.program == "2.4";
  out.remove_marks = out.fold_case = out.divide_by_declared = newest;
  if (out.revise && newest) out.max_tokens = 600;
  if (out.revise && (out.program == "2.1" || out.program == "2.2")) out.max_tokens = 1000;  // 2.3 asked for 60 even here
  return out;
}

}  // namespace assay::eq_bench
