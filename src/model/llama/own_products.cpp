#include "model/llama/own_products.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "model/llama/q8_product.h"

namespace assay {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
std::size_t blocks_of(const ggml_tensor* node) { return size(node->src[0]->ne[0]) / Q8Block::kValues; }

bool flat(const ggml_tensor* t) { return t->ne[2] == 1 && t->ne[3] == 1; }

// A product of a stored Q8_0 matrix with at least two columns of floats: of one the library computes the sums in another order.
bool fits(const ggml_tensor* node) {
  if (node->op != GGML_OP_MUL_MAT || node->type != GGML_TYPE_F32) return false;
  const ggml_tensor *matrix = node->src[0], *columns = node->src[1];
  if (!matrix || !columns || matrix->type != GGML_TYPE_Q8_0 || columns->type != GGML_TYPE_F32) return false;
  if (matrix->op != GGML_OP_NONE || matrix->view_src || !matrix->data || !matrix->buffer) return false;
  if (!flat(node) || !flat(matrix) || !flat(columns) || columns->ne[1] < 2 || matrix->ne[0] % 32 != 0) return false;
  return matrix->nb[1] == sizeof(Q8Block) * blocks_of(node) && columns->nb[0] == sizeof(float) && node->nb[0] == sizeof(float) &&
         columns->nb[1] == sizeof(float) * size(columns->ne[0]) && node->nb[1] == sizeof(float) * size(node->ne[0]) &&
         lib().ggml_backend_buffer_is_host(matrix->buffer);
}

}  // namespace

std::shared_ptr<OwnProducts> OwnProducts::create() {
  // Another device might be given the node, and does not know what to do with it.
  if (!has_q8_product() || lib().ggml_backend_dev_count() != 1 ||
      lib().ggml_backend_dev_type(lib().ggml_backend_dev_get(0)) != GGML_BACKEND_DEVICE_TYPE_CPU)
    return nullptr;
  return std::shared_ptr<OwnProducts>(new OwnProducts());
}

void OwnProducts::install(llama_context_params& params) {
  params.cb_eval = &OwnProducts::on_node;
  params.cb_eval_user_data = this;
}

// Called for all nodes of a graph, or of its part up to one that is to be looked at, before the first of them is computed.
bool OwnProducts::on_node(ggml_tensor* node, bool ask, void* self) {
  auto& products = *static_cast<OwnProducts*>(self);
  if (ask) return products.consider(node);
  products.check(node);
  return true;
}

bool OwnProducts::consider(ggml_tensor* node) {
  arrived_ = 0;
  if (refuted_ || !fits(node)) return false;
  if (!checked_.contains({node->src[0]->ne[0], node->src[0]->ne[1]})) return true;
  reserve(q8_column_bytes(blocks_of(node)) * size(node->src[1]->ne[1]));
  // What such a node looks like is the library's own affair: one that it made is copied from.
  alignas(64) std::array<std::byte, 4096> memory;
  ggml_context* context = lib().ggml_init({memory.size(), memory.data(), true});
  if (!context) return false;
  const ggml_tensor* ours =
      lib().ggml_custom_4d(context, GGML_TYPE_F32, 1, 1, 1, 1, nullptr, 0, &OwnProducts::run, GGML_N_TASKS_MAX, this);
  static_assert(sizeof ours->op_params == sizeof node->op_params);
  std::memcpy(node->op_params, ours->op_params, sizeof node->op_params);
  node->op = ours->op;
  lib().ggml_free(context);
  return false;
}

void OwnProducts::check(const ggml_tensor* node) {
  constexpr std::size_t kRows = 256, kColumns = 16;
  const std::size_t blocks = blocks_of(node), rows = size(node->src[0]->ne[1]);
  const std::size_t columns = std::min(size(node->src[1]->ne[1]), kColumns), bytes = q8_column_bytes(blocks);
  reserve(bytes * columns);
  const auto* values = static_cast<const float*>(node->src[1]->data);
  for (std::size_t c = 0; c < columns; ++c) q8_round(values + c * blocks * Q8Block::kValues, blocks, rounded() + c * bytes);
  std::vector<float> ours(rows * columns);
  const std::pair<std::size_t, std::size_t> parts[] = {{0, std::min(rows, kRows)}, {rows - std::min(rows, kRows), rows}};
  for (const auto& [first, end] : parts) {
    q8_product(static_cast<const Q8Block*>(node->src[0]->data), first, end, rounded(), blocks, columns, ours.data(), rows);
    for (std::size_t c = 0; c < columns; ++c)
      if (std::memcmp(&ours[c * rows + first], static_cast<const float*>(node->data) + c * rows + first, (end - first) * sizeof(float)) != 0)
        refuted_ = true;
  }
  checked_.insert({node->src[0]->ne[0], node->src[0]->ne[1]});
}

void OwnProducts::run(ggml_tensor* node, int thread, int threads, void* self) {
  static_cast<OwnProducts*>(self)->compute(node, thread, threads);
}

void OwnProducts::compute(ggml_tensor* node, int thread, int threads) {
  constexpr std::size_t kPanel = 8, kShares = 4;  // shares of a thread: one that is held up leaves its to the others
  const std::size_t blocks = blocks_of(node), rows = size(node->ne[0]), columns = size(node->ne[1]), bytes = q8_column_bytes(blocks);
  const auto* values = static_cast<const float*>(node->src[1]->data);
  if (thread == 0) {
    next_row_ = 0;
    ++computed_;
  }
  for (std::size_t c = static_cast<std::size_t>(thread); c < columns; c += static_cast<std::size_t>(threads))
    q8_round(values + c * blocks * Q8Block::kValues, blocks, rounded() + c * bytes);
  meet(threads);
  const std::size_t shares = threads == 1 ? 1 : static_cast<std::size_t>(threads) * kShares;
  const std::size_t share = ((rows + kPanel - 1) / kPanel + shares - 1) / shares * kPanel;
  for (std::size_t row = next_row_.fetch_add(share); row < rows; row = next_row_.fetch_add(share))
    q8_product(static_cast<const Q8Block*>(node->src[0]->data), row, std::min(rows, row + share), rounded(), blocks,
               columns, static_cast<float*>(node->data), rows);
}

void OwnProducts::reserve(std::size_t bytes) {
  const std::size_t lines = bytes / sizeof(Line);
  if (lines <= capacity_) return;
  columns_ = std::make_unique_for_overwrite<Line[]>(lines);
  capacity_ = lines;
}

void OwnProducts::meet(int threads) {
  constexpr int kPatience = 1 << 12;
  if (threads == 1) return;
  const int target = (arrived_.fetch_add(1) / threads + 1) * threads;
  for (int turns = 0; arrived_.load(std::memory_order_acquire) < target; ++turns)
    if (turns >= kPatience) std::this_thread::yield();
}

}  // namespace assay
