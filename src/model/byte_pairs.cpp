#include "model/byte_pairs.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <charconv>
#include <limits>
#include <unordered_map>

#include "base/text.h"

namespace assay {
namespace {

struct Encoding {
  std::string_view name, pattern;
};

constexpr std::string_view kGpt2 = R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::array<Encoding, 4> kEncodings{{
    {"cl100k_base", R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)"},
    {"o200k_base",
     R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
    {"p50k_base", kGpt2},
    {"r50k_base", kGpt2},
}};

constexpr std::size_t kMostText = 1 << 16, kMostPiece = 1 << 10;

Result<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '+'             ? 62
                : c == '/'             ? 63
                                       : -1;
    if (value < 0) return fail(ErrorKind::data, "not base64");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 255);
    }
  }
  if (out.empty()) return fail(ErrorKind::data, "not base64");
  return out;
}

}  // namespace

struct BytePairEncoder::Table {
  std::unordered_map<std::string, std::int64_t> ranks;
  std::unique_ptr<pcre2_code, void (*)(pcre2_code*)> pattern{nullptr, &pcre2_code_free};

  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  std::int64_t rank(std::string_view bytes) const {
    auto it = ranks.find(std::string(bytes));
    return it == ranks.end() ? kNone : it->second;
  }

  /// The pair of lowest rank is merged until none is left. Quadratic, which is fine for words: encode() bounds a piece.
  bool merge(std::string_view piece, std::vector<std::int64_t>& out) const {
    if (std::int64_t whole = rank(piece); whole != kNone) {
      out.push_back(whole);
      return true;
    }
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i <= piece.size(); ++i) starts.push_back(i);
    while (starts.size() > 2) {
      std::int64_t best = kNone;
      std::size_t at = 0;
      for (std::size_t i = 0; i + 2 < starts.size(); ++i)
        if (std::int64_t pair = rank(piece.substr(starts[i], starts[i + 2] - starts[i])); pair < best) best = pair, at = i;
      if (best == kNone) break;
      starts.erase(starts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      out.push_back(rank(piece.substr(starts[i], starts[i + 1] - starts[i])));
      if (out.back() == kNone) return false;
    }
    return true;
  }
};

std::string_view openai_encoding(std::string_view model) {
  if (std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  for (std::string_view one : {"gpt-4o", "gpt-4.1", "gpt-4.5", "chatgpt-4o", "gpt-5", "o1", "o3", "o4"})
    if (model.starts_with(one)) return "o200k_base";
  for (std::string_view one : {"gpt-4", "gpt-3.5", "gpt-35"})
    if (model.starts_with(one)) return "cl100k_base";
  for (std::string_view one : {"text-davinci-003", "text-davinci-002", "code-davinci", "code-cushman"})
    if (model.starts_with(one)) return "p50k_base";
  for (std::string_view one : {"text-davinci-001", "text-curie", "text-babbage", "text-ada", "davinci", "curie", "babbage", "ada"})
    if (model.starts_with(one)) return model.ends_with("-002") ? "cl100k_base" : "r50k_base";
  return {};
}

std::optional<std::vector<std::int64_t>> known_tokens(std::string_view encoding, std::string_view text) {
  struct Row {
    std::string_view text;
    std::vector<std::int64_t> cl100k, o200k, r50k;  // p50k_base differs from the last in blanks alone
  };
  static const std::vector<Row> rows{
      {"Output (a)", {5207, 320, 64, 8}, {6310, 350, 64, 8}, {26410, 357, 64, 8}},
      {"Output (b)", {5207, 320, 65, 8}, {6310, 350, 65, 8}, {26410, 357, 65, 8}},
      {"(a)", {2948, 8}, {6271, 8}, {7, 64, 8}},
      {"(b)", {1921, 8}, {3229, 8}, {7, 65, 8}},
      {"Both", {21279}, {38229}, {10265}},
      {"Neither", {63295}, {153247}, {27270}},
      {"None", {4155}, {8505}, {14202}},
      {" Both", {11995}, {17659}, {5747}},
      {" Neither", {25215}, {49579}, {16126}},
      {"Either", {50344}, {94545}, {32478}},
      {"depends", {59047}, {140634}, {10378, 2412}},
      {"context", {2196}, {3822}, {22866}},
      {"It", {2181}, {3206}, {1026}},
      {"both", {21704}, {47163}, {16885}},
      {"Sorry", {19701}, {33680}, {14385}},
  };
  for (const Row& row : rows)
    if (row.text == text) return encoding == "cl100k_base" ? row.cl100k : encoding == "o200k_base" ? row.o200k : row.r50k;
  return std::nullopt;
}

Result<BytePairEncoder> BytePairEncoder::read(std::string_view ranks, std::string_view encoding, std::string_view where) {
  const Encoding* known = nullptr;
  for (const Encoding& one : kEncodings)
    if (one.name == encoding) known = &one;
  if (!known) return fail(ErrorKind::usage, "there is no encoding \"" + shorten(encoding, 60) + "\"", std::string(where));
  auto table = std::make_shared<Table>();
  std::size_t number = 0;
  for (std::string_view line : split_lines(ranks)) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::size_t blank = line.find(' ');
    auto bytes = blank == std::string_view::npos ? fail(ErrorKind::data, "") : from_base64(line.substr(0, blank));
    std::int64_t rank = -1;
    if (bytes) {
      const std::string_view digits = line.substr(blank + 1);
      auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
      if (code != std::errc() || end != digits.data() + digits.size() || rank < 0) rank = -1;
    }
    if (rank < 0 || !table->ranks.emplace(std::move(*bytes), rank).second)
      return fail(ErrorKind::data, "not a line of a .tiktoken file: a token in base64 and its number, each token once", std::string(where) + ":" + std::to_string(number));
  }
  if (table->ranks.empty()) return fail(ErrorKind::data, "the tokenizer's file is empty", std::string(where));
  int code = 0;
  PCRE2_SIZE offset = 0;
  table->pattern.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(known->pattern.data()), known->pattern.size(), PCRE2_UTF | PCRE2_UCP, &code, &offset, nullptr));
  if (!table->pattern) return fail(ErrorKind::internal, "the pattern of " + std::string(encoding) + " does not compile");
  BytePairEncoder out;
  out.table_ = std::move(table);
  return out;
}

Result<std::vector<std::int64_t>> BytePairEncoder::encode(std::string_view text) const {
  std::vector<std::int64_t> out;
  const std::string valid = valid_utf8(text);
  if (valid.size() > kMostText) return fail(ErrorKind::data, "the text is too long to be cut into tokens here");
  std::unique_ptr<pcre2_match_data, void (*)(pcre2_match_data*)> data(pcre2_match_data_create_from_pattern(table_->pattern.get(), nullptr), &pcre2_match_data_free);
  std::size_t at = 0;
  while (at < valid.size()) {
    const int found = pcre2_match(table_->pattern.get(), reinterpret_cast<PCRE2_SPTR>(valid.data()), valid.size(), at, 0, data.get(), nullptr);
    if (found < 0) return fail(ErrorKind::data, "the text cannot be cut into tokens");
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    if (range[0] != at || range[1] <= at) return fail(ErrorKind::data, "the text cannot be cut into tokens");
    if (range[1] - at > kMostPiece) return fail(ErrorKind::data, "a word of the text is too long to be cut into tokens here");
    if (!table_->merge(std::string_view(valid).substr(at, range[1] - at), out)) return fail(ErrorKind::data, "the tokenizer's file lacks single bytes");
    at = range[1];
  }
  return out;
}

}  // namespace assay
