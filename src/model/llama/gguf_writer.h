// Writes GGUF version 3 (little-endian, alignment 32): the models that this program makes itself, for the quick start and for
// tests. The bytes depend on the arguments alone, on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class GgufType : std::uint32_t { f32 = 0, f16 = 1, q8_0 = 8 };

class GgufWriter {
 public:
  // Metadata keys, in the order of the calls. A key is set once.
  void set_u32(std::string_view name, std::uint32_t value);
  void set_f32(std::string_view name, float value);
  void set_bool(std::string_view name, bool value);
  void set_string(std::string_view name, std::string_view value);
  void set_strings(std::string_view name, std::span<const std::string> values);
  void set_i32s(std::string_view name, std::span<const std::int32_t> values);
  void set_f32s(std::string_view name, std::span<const float> values);

  /// `dims` fastest first; `values` row by row, as many as the product of `dims`. Q8_0 needs dims[0] to be a multiple of 32.
  void add_tensor(std::string_view name, std::vector<std::uint64_t> dims, GgufType type, std::span<const float> values);

  /// The whole file.
  std::string bytes() const;

 private:
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dims;
    GgufType type;
    std::string data;
  };
  void key(std::string_view name, std::uint32_t type);
  std::string keys_;
  std::uint64_t key_count_ = 0;
  std::vector<Tensor> tensors_;
};

/// Nearest half-precision number, ties to even; overflow gives infinity.
std::uint16_t to_half(float value);

/// `count` values uniform in [-amplitude, amplitude): SplitMix64 of (seed, FNV-1a of the name, index). No libm, so the same
/// everywhere.
std::vector<float> random_weights(std::uint64_t seed, std::string_view name, std::size_t count, float amplitude);

/// 64-bit FNV-1a.
std::uint64_t fnv1a(std::string_view text);

}  // namespace assay
