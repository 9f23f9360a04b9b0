// How numbers and foreign text look to people, the same on the terminal, in Markdown and in HTML. Nothing here is parsed again:
// JSON and CSV carry the unrounded values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "run/report.h"

namespace assay {

/// Four decimals up to 1, two beyond ("0.5432", "64.78"), none for a whole number from 100 on or a count; "-" for none.
std::string display_number(std::optional<double> value);
/// The metric's value: as the original rounded it where it did; "-" when it is null.
std::string display_value(const Metric& metric);
/// "61.00 to 68.50" with the decimals of display_value; "" without an interval.
std::string display_interval(const Metric& metric);
/// "± 1.90"; "" without a standard error. `ascii`: "+/- 1.90".
std::string display_error(const Metric& metric, bool ascii = false);
/// 1234567 -> "1,234,567".
std::string display_count(std::uint64_t count);
/// "96.5 %" of `part` in `total`; "-" of nothing.
std::string display_share(std::uint64_t part, std::uint64_t total);
/// "0.8 s", "34 s", "12 min 5 s", "3 h 20 min".
std::string display_duration(double seconds);
/// "$0.0123", "$12.35"; "unknown" for none.
std::string display_money(std::optional<double> usd);
/// "12 requests (3 from the journal, 2 tries repeated), ...": one line.
std::string display_usage(const UsageTotals& usage);

/// Foreign text made harmless to look at: ill-formed UTF-8 becomes U+FFFD, control characters their pictures (NUL -> "␀"), and
/// characters that reorder or hide text (bidirectional overrides, zero-width spaces) their names ("⟨U+202E⟩"). '\n' and '\t'
/// stay.
std::string visible_text(std::string_view text);
/// visible_text() on one line: newlines become "⏎", tabs blanks.
std::string visible_line(std::string_view text);

/// The model's label: the role "model", or "-" where a report names none.
std::string model_label(const Report& report);
/// Of metrics that are compared with each other, null ones left out: as the first that says it does, else by the first one's name - perplexities and the like,
/// also of one filter of several ("ter,strict").
bool lower_is_better(std::span<const Metric* const> metrics);
/// " (lower is better)" or "": what stands behind a metric's name where several are ranked.
std::string_view direction_note(bool lower_is_better);
/// The first metric, or null.
const Metric* headline(const Report& report);
/// One sentence saying what this result is worth: "Official: complete, nothing deviates." or what stands against it.
std::string verdict(const Report& report);

}  // namespace assay
