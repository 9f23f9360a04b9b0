// A mid-size model with random weights, made by the program itself, to measure the log-likelihood engine with.
#pragma once

#include <cstdint>
#include <string>

#include "model/llama/gguf_writer.h"

namespace assay {

struct BenchShape {
  std::size_t width = 1024, layers = 8, heads = 16, kv_heads = 4, feed_forward = 2816;  // 124 million parameters
};

/// Llama architecture, 16,384 tokens, of which kBenchWords are words of four letters with a blank before them. Takes a second or
/// two.
std::string make_bench_model(GgufType type, const BenchShape& shape = {});

inline constexpr std::size_t kBenchWords = 8000;
/// " baba", " babe", ...: one token each in the bench model's vocabulary.
std::string bench_word(std::size_t index);

}  // namespace assay
