#include "benchmark/alpaca_eval/pandas_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

std::string_view without_blanks(std::string_view cell) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t begin = cell.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return cell.substr(begin, cell.find_last_not_of(kBlanks) + 1 - begin);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 10^n, the nearest double.
double power_of_ten(int n) {
  static const auto kPowers = [] {
    std::array<double, 309> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::string text = "1e" + std::to_string(i);
      std::from_chars(text.data(), text.data() + text.size(), out[i]);
    }
    return out;
  }();
  return kPowers[static_cast<std::size_t>(n)];
}

}  // namespace

bool is_pandas_missing(std::string_view cell) {
  static constexpr std::string_view kWords[] = {"",     "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND",
                                                "1.#QNAN", "<NA>", "N/A",      "NA",  "NULL",    "NaN",      "n/a",  "nan",  "null"};
  return std::find(std::begin(kWords), std::end(kWords), cell) != std::end(kWords);
}

std::optional<double> read_pandas_csv_float(std::string_view cell) {
  constexpr int kMostDigits = 17;
  std::string_view text = without_blanks(cell);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (const std::string word = lower(text); word == "inf" || word == "infinity")
    return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  double number = 0;
  int digits = 0, exponent = 0;
  auto take = [&] {
    number = number * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  };
  while (!text.empty() && is_digit(text.front())) {
    if (digits < kMostDigits) {
      take();
    } else {
      if (exponent < 1000) ++exponent;
      text.remove_prefix(1);
    }
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    for (; digits < kMostDigits && !text.empty() && is_digit(text.front()); --exponent) take();
    if (digits >= kMostDigits)
      while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  if (negative) number = -number;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    int value = 0, count = 0;
    for (; !text.empty() && is_digit(text.front()); ++count, text.remove_prefix(1)) value = std::min(value * 10 + (text.front() - '0'), 100'000);
    if (count == 0) return std::nullopt;
    exponent += down ? -value : value;
  }
  if (!text.empty() || exponent > 308) return std::nullopt;
  if (exponent > 0)
    number *= power_of_ten(exponent);
  else if (exponent < -616)
    number = negative ? -0.0 : 0.0;
  else if (exponent < -308)
    number = number / power_of_ten(-308 - exponent) / power_of_ten(308);
  else
    number /= power_of_ten(-exponent);
  if (std::isinf(number)) return std::nullopt;
  return number;
}

std::optional<std::int64_t> read_pandas_csv_whole(std::string_view cell) {
  std::string_view text = without_blanks(cell);
  if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> read_pandas_csv_bool(std::string_view cell) {
  if (cell == "True" || cell == "TRUE" || cell == "true") return true;
  if (cell == "False" || cell == "FALSE" || cell == "false") return false;
  return std::nullopt;
}

PandasColumn pandas_column(std::span<const std::string_view> cells) {
  bool whole = !cells.empty(), floating = true, boolean = true, any = false;
  for (std::string_view cell : cells) {
    if (is_pandas_missing(cell)) {
      whole = false;
      continue;
    }
    any = true;
    whole = whole && read_pandas_csv_whole(cell);
    floating = floating && read_pandas_csv_float(cell);
    boolean = boolean && read_pandas_csv_bool(cell);
    if (!whole && !floating && !boolean) return PandasColumn::text;
  }
  if (whole) return PandasColumn::whole;
  if (floating || !any) return PandasColumn::floating;
  return PandasColumn::boolean;
}

}  // namespace assay::alpaca_eval
