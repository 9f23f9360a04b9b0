// Foreign text in HTML, and the sink that documents are streamed into.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

/// Safe as element content and inside quoted attributes: visible_text() with & < > " ' escaped. Every text that did not come from
/// this program's own source goes through it.
std::string html_text(std::string_view text);
/// The same on one line, cut to `code_points`.
std::string html_line(std::string_view text, std::size_t code_points);
/// [a-zA-Z0-9_-] of `text`, for ids and class names; never empty.
std::string html_name(std::string_view text);
/// "sha256-<base64>" of `text`, as a Content-Security-Policy names an inline script or style.
std::string csp_hash(std::string_view text);

/// Takes a piece of the document; an error ends the writing.
using TextSink = std::function<Result<void>(std::string_view)>;

}  // namespace assay
