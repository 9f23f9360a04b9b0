#include "model/llama/gguf_writer.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/random.h"

namespace assay {
namespace {

// Numbers of the format's value types.
constexpr std::uint32_t kU32 = 4, kI32 = 5, kF32 = 6, kBool = 7, kString = 8, kArray = 9;
constexpr std::size_t kAlignment = 32;

template <class T>
void put(std::string& out, T value) {
  static_assert(std::endian::native == std::endian::little, "GGUF is written in the machine's own byte order");
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out.append(raw, sizeof(T));
}

void put_string(std::string& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  out.append(text);
}

void pad(std::string& out) {
  out.append((kAlignment - out.size() % kAlignment) % kAlignment, '\0');
}

std::string encode(GgufType type, std::span<const float> values) {
  std::string out;
  switch (type) {
    case GgufType::f32:
      out.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
      break;
    case GgufType::f16:
      out.reserve(values.size() * 2);
      for (float v : values) put(out, to_half(v));
      break;
    case GgufType::q8_0:  // blocks of 32: a half-precision scale, then 32 signed bytes
      out.reserve(values.size() / 32 * 34);
      for (std::size_t i = 0; i + 32 <= values.size(); i += 32) {
        float largest = 0;
        for (std::size_t j = 0; j < 32; ++j) largest = std::max(largest, std::fabs(values[i + j]));
        float scale = largest / 127.0f;
        put(out, to_half(scale));
        for (std::size_t j = 0; j < 32; ++j)
          put<std::int8_t>(out, scale > 0 ? static_cast<std::int8_t>(std::lrintf(values[i + j] / scale)) : std::int8_t{0});
      }
      break;
  }
  return out;
}

}  // namespace

void GgufWriter::key(std::string_view name, std::uint32_t type) {
  ++key_count_;
  put_string(keys_, name);
  put(keys_, type);
}
void GgufWriter::set_u32(std::string_view name, std::uint32_t value) {
  key(name, kU32);
  put(keys_, value);
}
void GgufWriter::set_f32(std::string_view name, float value) {
  key(name, kF32);
  put(keys_, value);
}
void GgufWriter::set_bool(std::string_view name, bool value) {
  key(name, kBool);
  put<std::uint8_t>(keys_, value);
}
void GgufWriter::set_string(std::string_view name, std::string_view value) {
  key(name, kString);
  put_string(keys_, value);
}
void GgufWriter::set_strings(std::string_view name, std::span<const std::string> values) {
  key(name, kArray);
  put(keys_, kString);
  put<std::uint64_t>(keys_, values.size());
  for (const std::string& value : values) put_string(keys_, value);
}
void GgufWriter::set_i32s(std::string_view name, std::span<const std::int32_t> values) {
  key(name, kArray);
  put(keys_, kI32);
  put<std::uint64_t>(keys_, values.size());
  for (std::int32_t value : values) put(keys_, value);
}
void GgufWriter::set_f32s(std::string_view name, std::span<const float> values) {
  key(name, kArray);
  put(keys_, kF32);
  put<std::uint64_t>(keys_, values.size());
  for (float value : values) put(keys_, value);
}

void GgufWriter::add_tensor(std::string_view name, std::vector<std::uint64_t> dims, GgufType type,
                            std::span<const float> values) {
  tensors_.push_back({std::string(name), std::move(dims), type, encode(type, values)});
}

std::string GgufWriter::bytes() const {
  std::string out = "GGUF";
  put<std::uint32_t>(out, 3);
  put<std::uint64_t>(out, tensors_.size());
  put<std::uint64_t>(out, key_count_);
  out += keys_;
  std::uint64_t offset = 0;  // from the start of the data, each tensor aligned
  for (const Tensor& tensor : tensors_) {
    put_string(out, tensor.name);
    put<std::uint32_t>(out, static_cast<std::uint32_t>(tensor.dims.size()));
    for (std::uint64_t dim : tensor.dims) put(out, dim);
    put(out, static_cast<std::uint32_t>(tensor.type));
    put(out, offset);
    offset += (tensor.data.size() + kAlignment - 1) / kAlignment * kAlignment;
  }
  pad(out);
  out.reserve(out.size() + offset);
  for (const Tensor& tensor : tensors_) {
    out += tensor.data;
    pad(out);
  }
  return out;
}

std::uint16_t to_half(float value) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  std::uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u);   // not a number
  if (magnitude >= 0x477FF000u) return static_cast<std::uint16_t>(sign | 0x7C00u);  // rounds to infinity
  if (magnitude < 0x33000001u) return static_cast<std::uint16_t>(sign);             // rounds to zero
  std::uint32_t shift = 13, mantissa = magnitude;
  if (magnitude < 0x38800000u) {  // a subnormal half: the implicit bit becomes explicit and moves right
    std::uint32_t exponent = magnitude >> 23;
    mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    shift = 126 - exponent;
  } else {
    mantissa = magnitude - 0x38000000u;  // 127 - 15 in the exponent field
  }
  std::uint32_t result = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), half = 1u << (shift - 1);
  if (rest > half || (rest == half && (result & 1))) ++result;
  return static_cast<std::uint16_t>(sign | result);
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001B3ull;
  return hash;
}

std::vector<float> random_weights(std::uint64_t seed, std::string_view name, std::size_t count, float amplitude) {
  Random random(seed ^ fnv1a(name));
  std::vector<float> values(count);
  for (float& value : values) {
    float u = static_cast<float>(random.next() >> 40) * 0x1.0p-24f;
    value = amplitude * (2.0f * u - 1.0f);
  }
  return values;
}

}  // namespace assay
