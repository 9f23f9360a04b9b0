// Jinja templates: the part of the language that models' chat templates and task files use, printing values as Python prints
// them.
//
// A template is foreign code. Its nesting, its steps and its output are bounded; it reaches nothing but the variables it is
// given. Not supported (an `unsupported` error says which, and where): include, extends, import, block, cycler,
// joiner. Whole numbers end at 64 bits.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace assay {

struct JinjaOptions {
  // How the text is read:
  bool trim_blocks = false, lstrip_blocks = false, keep_trailing_newline = false;
  // How it runs:
  bool strict_undefined = false;  // an undefined variable is an error wherever its value is used
  bool html_safe_json = true;     // Jinja's own tojson; chat templates are rendered with false
  std::size_t max_steps = 20'000'000;
  std::size_t max_output = std::size_t{256} << 20;  // bytes, of the text and of any one value
  /// Gives strftime_now(format) its text; without it that function does not exist.
  std::function<std::string(std::string_view format)> strftime_now{};
};

class JinjaTemplate {
 public:
  /// Errors: data (not Jinja) or unsupported, with the line.
  static Result<JinjaTemplate> parse(std::string_view source, JinjaOptions options);

  /// Thread-safe. Errors: bad_request (raise_exception, or a step that Python would refuse, with the line), unsupported (an
  /// unknown filter, test or method), data (a limit).
  Result<std::string> render(const json::object& variables) const;

 private:
  struct Program;
  std::shared_ptr<const Program> program_;
};

}  // namespace assay
