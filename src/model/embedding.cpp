#include "model/embedding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> base64_bytes(std::string_view text) {
  static const std::array<std::int8_t, 256> values = [] {
    std::array<std::int8_t, 256> out;
    out.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    return out;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    const std::int8_t value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

template <class Bits>
void append_little_endian(std::string& out, Bits bits) {
  for (std::size_t i = 0; i < sizeof bits; ++i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}

template <class Bits>
Bits little_endian(std::string_view bytes) {
  Bits out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out |= static_cast<Bits>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return out;
}

template <class Real, class Bits>
Result<Vector> numbers_of(std::string_view text) {
  if (text.size() > kMostDimensions * sizeof(Real) * 2) return fail(ErrorKind::data, "the vector has more than " + std::to_string(kMostDimensions) + " numbers");
  auto bytes = base64_bytes(text);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(Real) != 0) return fail(ErrorKind::data, "the vector is not base64 of numbers");
  if (bytes->size() / sizeof(Real) > kMostDimensions) return fail(ErrorKind::data, "the vector has more than " + std::to_string(kMostDimensions) + " numbers");
  Vector out;
  out.reserve(bytes->size() / sizeof(Real));
  for (std::size_t at = 0; at < bytes->size(); at += sizeof(Real)) {
    const auto value = static_cast<double>(std::bit_cast<Real>(little_endian<Bits>(std::string_view(*bytes).substr(at, sizeof(Real)))));
    if (!std::isfinite(value)) return fail(ErrorKind::data, "the vector holds something that is no finite number");
    out.push_back(value);
  }
  return out;
}

}  // namespace

Generate embedding_request(std::vector<std::string> texts) {
  Generate out;
  for (std::string& text : texts) out.messages.push_back({std::string(kEmbedRole), std::move(text)});
  return out;
}

bool is_embedding_request(const Generate& request) { return !request.messages.empty() && request.messages.front().role == kEmbedRole; }

bool is_embedding_request(const Request& request) {
  const Generate* generate = std::get_if<Generate>(&request);
  return generate && is_embedding_request(*generate);
}

std::string vector_text(std::span<const double> vector) {
  const bool narrow = std::all_of(vector.begin(), vector.end(), [](double v) { return static_cast<double>(static_cast<float>(v)) == v; });
  std::string bytes;
  bytes.reserve(vector.size() * (narrow ? 4 : 8));
  for (double v : vector) {
    if (narrow)
      append_little_endian(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(v)));
    else
      append_little_endian(bytes, std::bit_cast<std::uint64_t>(v));
  }
  return (narrow ? "f32:" : "f64:") + base64(bytes);
}

Result<Vector> vector_of(std::string_view text) {
  if (text.starts_with("f32:")) return numbers_of<float, std::uint32_t>(text.substr(4));
  if (text.starts_with("f64:")) return numbers_of<double, std::uint64_t>(text.substr(4));
  return fail(ErrorKind::data, "this is no vector: \"" + shorten(valid_utf8(text.substr(0, 80)), 40) + "\"");
}

std::string vectors_text(const std::vector<Vector>& vectors) {
  std::string out;
  for (const Vector& vector : vectors) {
    if (!out.empty()) out += '\n';
    out += vector_text(vector);
  }
  return out;
}

Result<std::vector<Vector>> vectors_of(std::string_view text, std::size_t count) {
  const std::vector<std::string_view> lines = split_lines(text);
  if (lines.size() != count) return fail(ErrorKind::data, "the answer holds " + std::to_string(lines.size()) + " vectors for " + std::to_string(count) + " texts");
  std::vector<Vector> out;
  for (std::string_view line : lines) {
    auto vector = vector_of(line);
    if (!vector) return std::unexpected(vector.error());
    if (!out.empty() && vector->size() != out.front().size())
      return fail(ErrorKind::data, "the answer's vectors have " + std::to_string(out.front().size()) + " and " + std::to_string(vector->size()) + " numbers");
    out.push_back(std::move(*vector));
  }
  return out;
}

Result<Vector> vector_of_base64_floats(std::string_view text) { return numbers_of<float, std::uint32_t>(text); }

}  // namespace assay
