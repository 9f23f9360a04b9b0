// Lets a libllama context multiply by Q8_0 matrices with our own kernel (q8_product.h) where the library's is slower and both give
// the same bits.
//
// The library asks before it computes a node of its graph whether anybody wants to see it. A product that fits is turned there into
// a node that calls us, with the same operands and the same place for the result; both are documented ways of the library's. The
// first product of every shape is left to the library and computed here as well: one bit of difference, and the library
// computes everything. So no number depends on whether our kernel is used, and none of it is part of a model's identity.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <set>
#include <utility>

#include "model/llama/llama_library.h"

namespace assay {

/// Belongs to one context, which it must outlive. `install` before the context is made; everything else happens on the threads
/// that decode.
class OwnProducts {
 public:
  /// Null where it cannot help: a processor without the instructions, or a library that computes elsewhere than on it.
  static std::shared_ptr<OwnProducts> create();
  OwnProducts(const OwnProducts&) = delete;
  OwnProducts& operator=(const OwnProducts&) = delete;

  void install(llama_context_params& params);

  /// Products computed here so far, and whether one of them differed from the library's.
  std::size_t computed() const { return computed_; }
  bool refuted() const { return refuted_; }

 private:
  OwnProducts() = default;
  static bool on_node(ggml_tensor* node, bool ask, void* self);
  static void run(ggml_tensor* node, int thread, int threads, void* self);
  bool consider(ggml_tensor* node);
  void check(const ggml_tensor* node);
  void compute(ggml_tensor* node, int thread, int threads);
  void reserve(std::size_t bytes);
  std::byte* rounded() const { return reinterpret_cast<std::byte*>(columns_.get()); }
  /// Waits until all threads are here.
  void meet(int threads);

  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::unique_ptr<Line[]> columns_;  // of the product that is being computed, rounded
  std::size_t capacity_ = 0;         // lines
  std::set<std::pair<std::int64_t, std::int64_t>> checked_;
  std::atomic<int> arrived_{0};
  std::atomic<std::size_t> next_row_{0}, computed_{0};
  bool refuted_ = false;
};

}  // namespace assay
