#include "benchmark/alpaca_eval/annotation_scores.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/text.h"
#include "benchmark/alpaca_eval/nan_json.h"
#include "benchmark/alpaca_eval/pandas_json.h"

namespace assay::alpaca_eval {
namespace {

namespace ondemand = simdjson::ondemand;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Bytes that begin a code point.
std::size_t count_leading_bytes(std::string_view text) {
  std::size_t trailing = 0, i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    word = (word & ~(word << 1) & 0x8080808080808080u) >> 7;  // a 1 for every byte whose top bits are 10
    trailing += static_cast<std::size_t>(word * 0x0101010101010101u >> 56);
  }
  for (; i < text.size(); ++i) trailing += (text[i] & 0xC0) == 0x80;
  return text.size() - trailing;
}

bool is_escape(char c) {
  switch (c) {
    case 'n':
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'r':
    case 't':
      return true;
    default:
      return false;
  }
}

// The value of four hexadecimal digits; -1 for anything else.
int hex_unit(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int value = 0;
  for (char c : digits.substr(0, 4)) {
    int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  if (!names.empty() && names.back() == name) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

// Reads one file; the first fault is kept in `fault`.
class Reader {
 public:
  Reader(std::string_view where, bool with_instructions) : where_(where), with_instructions_(with_instructions) {}

  Result<AnnotationScores> read(std::string_view text, std::size_t readable) {
    ondemand::parser parser;
    ondemand::document document;
    ondemand::array records;
    if (auto code = parser.iterate(text.data(), text.size(), readable).get(document)) return broken(code, where_);
    if (auto code = document.get_array().get(records)) return broken(code, where_);
    for (auto element : records) {
      ondemand::object record;
      if (auto code = element.get_object().get(record)) return broken(code);
      if (auto done = this->record(record); !done) return fail(done.error());
    }
    const char* rest = nullptr;
    if (!document.current_location().get(rest))
      return broken(simdjson::TRAILING_CONTENT, where_);  // at the end there is no location
    if (!indexed_) scores_.index.clear();
    return std::move(scores_);
  }

 private:
  std::string place() const { return where_ + ": record " + std::to_string(scores_.rows() + 1); }
  std::unexpected<Error> broken(simdjson::error_code code) const { return broken(code, place()); }
  static std::unexpected<Error> broken(simdjson::error_code code, std::string place) {
    return fail(ErrorKind::data, std::string("the annotations cannot be read: ") + simdjson::error_message(code),
                std::move(place));
  }
  std::unexpected<Error> wrong(std::string_view key, std::string_view want) const {
    return fail(ErrorKind::data, "\"" + std::string(key) + "\" is not " + std::string(want), place());
  }

  Result<void> record(ondemand::object& record) {
    double preference = kMissing, length_1 = kMissing, length_2 = kMissing;
    bool has_preference = false, has_index = false;
    std::size_t index = 0;
    std::string_view instruction;
    for (auto field : record) {
      std::string_view key;
      ondemand::value value;
      if (auto code = field.unescaped_key().get(key)) return broken(code);
      if (auto code = field.value().get(value)) return broken(code);
      if (key == "output_1") {
        if (auto code = length(value, length_1)) return broken(code);
      } else if (key == "output_2") {
        if (auto code = length(value, length_2)) return broken(code);
      } else if (key == "preference") {
        has_preference = true;
        bool null = false;
        if (auto code = value.is_null().get(null)) return broken(code);
        if (!null) {
          const std::string_view digits = rstrip(value.raw_json_token());
          if (value.get_double().get(preference)) return wrong("preference", "a number or null");
          preference = read_pandas_number(digits);
        }
      } else if (key == "generator_1" || key == "generator_2" || key == "annotator") {
        std::string_view name;
        bool null = false;
        if (auto code = value.is_null().get(null)) return broken(code);
        if (!null && value.get_string().get(name)) return wrong(key, "a text");
        if (!null)
          add_name(key == "annotator"     ? scores_.annotators
                   : key == "generator_1" ? scores_.generators_1
                                          : scores_.generators_2,
                   name);
      } else if (key == "index") {
        // pandas writes whole numbers as 3.0 where some are missing.
        const std::optional<std::size_t> place = place_in_set(value);
        has_index = place.has_value();
        index = place.value_or(0);
        scores_.unusable_index |= !has_index;
      } else if (key == "instruction" && with_instructions_) {
        if (value.raw_json_token().starts_with('"') && value.get_string().get(instruction)) instruction = {};  // half a pair
      }
    }
    if (!has_preference)
      return fail(ErrorKind::data, "\"preference\" is missing", place(), "is this a file of annotations, or of model outputs?");
    scores_.missing_preferences += std::isnan(preference);
    scores_.missing_outputs += std::isnan(length_1) || std::isnan(length_2);
    scores_.preference.push_back(preference);
    scores_.length_1.push_back(length_1);
    scores_.length_2.push_back(length_2);
    scores_.index.push_back(index);
    indexed_ &= has_index;
    if (with_instructions_) scores_.instructions.emplace_back(instruction);
    return {};
  }

  static std::optional<std::size_t> place_in_set(ondemand::value& value) {
    const std::string_view token = value.raw_json_token();
    if (token.empty() || (token.front() != '-' && (token.front() < '0' || token.front() > '9'))) return std::nullopt;
    double number = 0;
    if (value.get_double().get(number)) return std::nullopt;
    return place_of_index(number);
  }

  // The code points of a text; anything else leaves `length` as it is.
  static simdjson::error_code length(ondemand::value& value, double& length) {
    std::string_view raw = value.raw_json_token();
    if (raw.empty() || raw.front() != '"') return simdjson::SUCCESS;
    raw.remove_prefix(1);
    std::size_t end = raw.rfind('"');
    if (end == std::string_view::npos) return simdjson::STRING_ERROR;
    auto count = json_text_length(raw.substr(0, end));
    if (!count) return simdjson::STRING_ERROR;
    length = static_cast<double>(*count);
    return simdjson::SUCCESS;
  }

  std::string where_;
  bool with_instructions_, indexed_ = true;
  AnnotationScores scores_;
};

}  // namespace

std::optional<std::size_t> json_text_length(std::string_view raw) {
  std::size_t count = count_leading_bytes(raw), at = 0;
  while ((at = raw.find('\\', at)) != std::string_view::npos) {
    if (at + 1 == raw.size()) return std::nullopt;
    if (raw[at + 1] != 'u') {
      if (!is_escape(raw[at + 1])) return std::nullopt;
      count -= 1;
      at += 2;
      continue;
    }
    int unit = hex_unit(raw.substr(at + 2));
    if (unit < 0) return std::nullopt;
    count -= 5;
    at += 6;
    if (unit < 0xD800 || unit >= 0xDC00 || raw.substr(at, 2) != "\\u") continue;
    int low = hex_unit(raw.substr(at + 2));
    if (low >= 0xDC00 && low < 0xE000) {  // the second half of a pair counts nothing
      count -= 6;
      at += 6;
    }
  }
  return count;
}

Result<AnnotationScores> read_annotation_scores_in_place(std::string_view text, std::size_t readable, std::string_view where, bool with_instructions) {
  static_assert(kAnnotationPadding >= simdjson::SIMDJSON_PADDING);
  auto scores = Reader(where, with_instructions).read(text, readable);
  if (scores) return scores;
  auto mended = nan_as_null(text);
  if (!mended) return scores;
  mended->reserve(mended->size() + kAnnotationPadding);
  return Reader(where, with_instructions).read(*mended, mended->capacity());
}

Result<AnnotationScores> read_annotation_scores(std::string text, std::string_view where, bool with_instructions) {
  text.reserve(text.size() + kAnnotationPadding);
  return read_annotation_scores_in_place(text, text.capacity(), where, with_instructions);
}

Result<void> AnnotationScores::one_model() const {
  auto several = [](const std::vector<std::string>& names, const char* what, const char* column) {
    return fail(ErrorKind::data,
                std::string("the annotations are of ") + std::to_string(names.size()) + " " + what + ": " +
                    shorten(join(names, ", "), 200),
                column, "score them one by one");
  };
  if (generators_2.size() > 1) return several(generators_2, "models", "generator_2");
  if (generators_1.size() > 1) return several(generators_1, "references", "generator_1");
  return {};
}

Result<Comparisons> AnnotationScores::comparisons() const {
  if (auto one = one_model(); !one) return std::unexpected(one.error());
  if (unusable_index)
    return fail(ErrorKind::data, "the column index holds something other than places in the evaluation set", "index",
                "leave the column out: rows then go by their place in the file");
  if (missing_outputs > 0)
    return fail(ErrorKind::data,
                std::to_string(missing_outputs) + " of " + std::to_string(rows()) + " annotations have an output that is no text",
                {}, "the length control needs both outputs; use the plain win rate");
  return Comparisons{preference, length_1, length_2, index, !generators_1.empty() && generators_1 == generators_2};
}

}  // namespace assay::alpaca_eval
