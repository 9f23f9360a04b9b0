#include "stats/logistic_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <numeric>

namespace assay {
namespace {

// Two, four or eight doubles in a register. The eight lanes of a pack are added up apart and joined in one order at the end, so
// that all instruction sets with fused multiply-add give the same bits.
using Two __attribute__((vector_size(16))) = double;
using Four __attribute__((vector_size(32))) = double;
using Eight __attribute__((vector_size(64))) = double;
template <class V>
struct Forms;
template <>
struct Forms<Two> {
  using Bits __attribute__((vector_size(16))) = std::uint64_t;
  using Unaligned __attribute__((vector_size(16), aligned(8), may_alias)) = double;
};
template <>
struct Forms<Eight> {
  using Bits __attribute__((vector_size(64))) = std::uint64_t;
  using Unaligned __attribute__((vector_size(64), aligned(8), may_alias)) = double;
};
template <>
struct Forms<Four> {
  using Bits __attribute__((vector_size(32))) = std::uint64_t;
  using Unaligned __attribute__((vector_size(32), aligned(8), may_alias)) = double;
};

#define ASSAY_INLINE __attribute__((always_inline)) inline
constexpr std::size_t kLanes = 8;
constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1, kOne = std::uint64_t{1023} << 52;

// exp(x) for |x| < 700, within 4e-16 relatively: x = k ln 2 + r, a polynomial that fits best where |r| <= ln 2 / 2, k added to
// the exponent.
template <class V>
ASSAY_INLINE void exponential(V& x) {
  using U = typename Forms<V>::Bits;
  constexpr double kShift = 0x1.8p52;  // puts a rounded number's integer into the low bits
  V shifted = x * std::numbers::log2e + kShift;
  V k = shifted - kShift;
  V r = x - k * 0x1.62e42fefa38p-1 - k * 0x1.ef35793c7673p-45;  // ln 2 in two parts  NOLINT(modernize-use-std-numbers): the first has zeros for k's bits
  V s = r * r;
  V s2 = s * s;
  V even = (s * 0x1.55555555520afp-5 + 0x1.0000000000005p-1) * s + 0x1.0000000000000p+0;
  V odd = (s * 0x1.1111112dd67c5p-7 + 0x1.555555554b757p-3) * s + 0x1.000000000001ep+0;
  V even_high = (s * 0x1.28a2c0a7209fbp-22 + 0x1.a019a66a75dd4p-16) * s + 0x1.6c16c17f43a58p-10;
  V odd_high = s * 0x1.72faf024b693bp-19 + 0x1.a01978c6baf81p-13;
  V s3 = s2 * s;
  even += s3 * even_high;
  odd += s3 * odd_high;
  V p = even + r * odd;
  x = (V)((U)p + ((U)shifted << 52));
}

// What a block's rows give, before weights and fixed columns: sums of t and D alone, with x_a, and with x_a x_b.
struct Moments {
  double log_product = 0, t = 0, d = 0;
  double tx[LogisticRows::kMaxColumns] = {}, dx[LogisticRows::kMaxColumns] = {};
  double dxx[LogisticRows::kMaxColumns][LogisticRows::kMaxColumns] = {};
};

template <class V>
ASSAY_INLINE double joined(const V* lanes) {
  double all[kLanes];
  std::memcpy(all, lanes, sizeof all);
  return ((all[0] + all[4]) + (all[2] + all[6])) + ((all[1] + all[5]) + (all[3] + all[7]));
}

// The sums over rows so far, eight lanes each.
template <class V, int K, bool kMoments, bool kPlain>
struct Totals {
  using U = typename Forms<V>::Bits;
  static constexpr int kWidth = sizeof(V) / sizeof(double), kParts = static_cast<int>(kLanes) / kWidth;
  V product[kParts], t[kParts], d[kParts], tx[K][kParts], dx[K][kParts], dxx[K * (K + 1) / 2][kParts];
  U exponents[kParts];

  ASSAY_INLINE void clear() {
    for (int n = 0; n < kParts; ++n) {
      product[n] = V{} + 1.0;
      exponents[n] = U{};
      t[n] = d[n] = V{};
      for (int a = 0; a < K; ++a) tx[a][n] = dx[a][n] = V{};
      for (int a = 0; a < K * (K + 1) / 2; ++a) dxx[a][n] = V{};
    }
  }
  // One pack of rows; `mask` is 1 for rows and 0 for what only fills the last pack.
  template <bool kMasked>
  ASSAY_INLINE void add(const double* values, const double* w, double offset, const double* mask) {
    for (int n = 0; n < kParts; ++n) {
      V x[K];
      for (int a = 0; a < K; ++a)
        x[a] = *reinterpret_cast<const typename Forms<V>::Unaligned*>(values + std::ptrdiff_t{a} * static_cast<int>(kLanes) + std::ptrdiff_t{n} * kWidth);
      V e = x[0] * w[0] + offset;
      for (int a = 1; a < K; ++a) e += x[a] * w[a];
      exponential(e);
      V counts = V{} + 1.0;
      if constexpr (kMasked) {
        counts = *reinterpret_cast<const typename Forms<V>::Unaligned*>(mask + std::ptrdiff_t{n} * kWidth);
        e *= counts;
      }
      V both = e + 1.0;
      product[n] *= both;
      if constexpr (kMoments) {
        V rest = counts / both;
        V slope = e * rest * rest;
        if constexpr (kPlain) {
          t[n] += rest;
          d[n] += slope;
        }
        int ab = 0;
        for (int a = 0; a < K; ++a) {
          tx[a][n] += rest * x[a];
          V xd = slope * x[a];
          if constexpr (kPlain) dx[a][n] += xd;
          for (int b = 0; b <= a; ++b) dxx[ab++][n] += xd * x[b];
        }
      }
    }
  }
  // Brings the products back to [1, 2) and counts their exponents apart.
  ASSAY_INLINE void normalise() {
    for (int n = 0; n < kParts; ++n) {
      U bits = (U)product[n];
      exponents[n] += (bits >> 52) - 1023;
      product[n] = (V)((bits & kMantissa) | kOne);
    }
  }
};

// `every`: after so many packs the products are normalised, so that one logarithm does for all rows.
template <class V, int K, bool kMoments, bool kPlain>
ASSAY_INLINE void run(const double* values, std::size_t rows, const double* w, double offset, std::size_t every, Moments& out) {
  Totals<V, K, kMoments, kPlain> totals;
  totals.clear();
  std::size_t whole = rows / kLanes;
  while (whole > 0) {
    std::size_t now = whole < every ? whole : every;
    for (std::size_t p = 0; p < now; ++p, values += K * kLanes) totals.template add<false>(values, w, offset, nullptr);
    totals.normalise();
    whole -= now;
  }
  if (std::size_t left = rows % kLanes; left > 0) {
    double mask[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) mask[lane] = lane < left ? 1 : 0;
    totals.template add<true>(values, w, offset, mask);
    totals.normalise();
  }
  double mantissas[kLanes], mantissa = 1;
  std::uint64_t exponents[kLanes], exponent = 0;
  std::memcpy(mantissas, totals.product, sizeof mantissas);
  std::memcpy(exponents, totals.exponents, sizeof exponents);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    mantissa *= mantissas[lane];
    exponent += exponents[lane];
  }
  out.log_product = static_cast<double>(exponent) * std::numbers::ln2 + std::log(mantissa);
  if constexpr (kMoments) {
    if constexpr (kPlain) {
      out.t = joined(totals.t);
      out.d = joined(totals.d);
    }
    int ab = 0;
    for (int a = 0; a < K; ++a) {
      out.tx[a] = joined(totals.tx[a]);
      if constexpr (kPlain) out.dx[a] = joined(totals.dx[a]);
      for (int b = 0; b <= a; ++b) out.dxx[a][b] = out.dxx[b][a] = joined(totals.dxx[ab++]);
    }
  }
}

template <class V, bool kMoments>
ASSAY_INLINE void pick(std::size_t columns, bool plain, const double* values, std::size_t rows, const double* w, double offset,
                       std::size_t every, Moments& out) {
  if (columns == 1)
    return plain ? run<V, 1, kMoments, true>(values, rows, w, offset, every, out)
                 : run<V, 1, kMoments, false>(values, rows, w, offset, every, out);
  if (columns == 2)
    return plain ? run<V, 2, kMoments, true>(values, rows, w, offset, every, out)
                 : run<V, 2, kMoments, false>(values, rows, w, offset, every, out);
  if (columns == 3)
    return plain ? run<V, 3, kMoments, true>(values, rows, w, offset, every, out)
                 : run<V, 3, kMoments, false>(values, rows, w, offset, every, out);
  run<V, 4, kMoments, true>(values, rows, w, offset, every, out);
}

// The arguments of pick(), which the compiler makes into code for one instruction set in each of these.
struct Task {
  bool moments;
  std::size_t columns;
  bool plain;
  const double* values;
  std::size_t rows;
  const double* w;
  double offset;
  std::size_t every;
};

template <class V>
ASSAY_INLINE void carry_out(const Task& task, Moments& out) {
  task.moments ? pick<V, true>(task.columns, task.plain, task.values, task.rows, task.w, task.offset, task.every, out)
               : pick<V, false>(task.columns, task.plain, task.values, task.rows, task.w, task.offset, task.every, out);
}

void compute_any(const Task& task, Moments& out) {
  carry_out<Two>(task, out);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void compute_avx2(const Task& task, Moments& out) {
  carry_out<Four>(task, out);
}
__attribute__((target("avx512f,avx512dq,fma"))) void compute_avx512(const Task& task, Moments& out) {
  carry_out<Eight>(task, out);
}

auto best_for_this_processor() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma"))
    return compute_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return compute_avx2;
  return compute_any;
}
#else
auto best_for_this_processor() {
  return compute_any;
}
#endif

void compute(const Task& task, Moments& out) {
  static const auto best = best_for_this_processor();
  best(task, out);
}

double softplus_of(double z) {
  return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
}

// The same for values beyond what the fast exponential takes, or for a block whose columns are all fixed.
void compute_plainly(std::size_t columns, const double* values, std::size_t rows, const double* w, double offset, Moments& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    const double* x = values + row / kLanes * columns * kLanes + row % kLanes;
    double z = offset;
    for (std::size_t a = 0; a < columns; ++a) z += w[a] * x[a * kLanes];
    double t = 1 / (1 + std::exp(z));
    double d = t / (1 + std::exp(-z));
    out.log_product += softplus_of(z);
    out.t += t;
    out.d += d;
    for (std::size_t a = 0; a < columns; ++a) {
      out.tx[a] += t * x[a * kLanes];
      out.dx[a] += d * x[a * kLanes];
      for (std::size_t b = 0; b < columns; ++b) out.dxx[a][b] += d * x[a * kLanes] * x[b * kLanes];
    }
  }
}

}  // namespace

LogisticRows::LogisticRows(std::span<const std::span<const double>> columns, std::span<const double> labels,
                           std::span<const double> weights, std::span<const std::size_t> rows)
    : columns_(columns.size()), rows_(rows.size()) {
  values_.reserve((rows.size() + 16) * columns_);
  labels_.reserve(rows.size());
  // Rows of equal weight together, in the order of first appearance; usually these are runs already.
  std::vector<double> seen;
  std::vector<std::size_t> of_weight;
  for (std::size_t row : rows) {
    if (std::find(seen.begin(), seen.end(), weights[row]) != seen.end()) continue;
    double weight = weights[row];
    seen.push_back(weight);
    of_weight.clear();
    for (std::size_t i : rows) {
      if (weights[i] == weight) of_weight.push_back(i);
    }
    add(columns, labels, weight, of_weight);
  }
}

LogisticRows::LogisticRows(std::span<const std::span<const double>> columns, std::span<const double> labels,
                           std::span<const double> weights)
    : LogisticRows(columns, labels, weights, [&] {
        std::vector<std::size_t> all(labels.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return all;
      }()) {}

void LogisticRows::add(std::span<const std::span<const double>> columns, std::span<const double> labels, double weight,
                       std::span<const std::size_t> rows) {
  Block block;
  block.weight = weight;
  block.rows = rows.size();
  block.packs = (rows.size() + kLanes - 1) / kLanes;
  block.at = values_.size();
  for (std::size_t j = 0; j < columns_; ++j) {
    double first = columns[j][rows[0]];
    bool same = std::all_of(rows.begin(), rows.end(), [&](std::size_t i) { return columns[j][i] == first; });
    if (!same) {
      block.varying[block.varying_count++] = j;
    } else if (first != 0) {
      block.fixed[block.fixed_count++] = j;
      block.fixed_value[j] = first;
    }
    double total = 0, positive = 0, largest = 0;
    for (std::size_t i : rows) {
      double x = columns[j][i];
      total += x;
      positive += x * labels[i];
      largest = std::max(largest, std::fabs(x));
    }
    total_[j] += weight * total;
    positive_[j] += weight * positive;
    negative_[j] += weight * (total - positive);
    largest_[j] = std::max(largest_[j], largest);
  }
  values_.resize(block.at + block.packs * kLanes * block.varying_count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double* pack = values_.data() + block.at + i / kLanes * kLanes * block.varying_count;
    for (std::size_t a = 0; a < block.varying_count; ++a) pack[a * kLanes + i % kLanes] = columns[block.varying[a]][rows[i]];
    double label = labels[rows[i]];
    labels_.push_back(label);
    positive_examples_ += weight * label > 0;
    negative_examples_ += weight * (1 - label) > 0;
  }
  blocks_.push_back(block);
}

double LogisticRows::reach(const Vector& w) const {
  double sum = 0;
  for (std::size_t j = 0; j < columns_; ++j) sum += std::fabs(w[j]) * largest_[j];
  return sum;
}

LogisticRows::Sums LogisticRows::sums(const Vector& w) const {
  Sums sums;
  double reach = this->reach(w);
  for (const Block& block : blocks_) {
    double offset = 0, scale[kMaxColumns] = {};
    for (std::size_t f = 0; f < block.fixed_count; ++f) offset += w[block.fixed[f]] * block.fixed_value[block.fixed[f]];
    for (std::size_t a = 0; a < block.varying_count; ++a) scale[a] = w[block.varying[a]];
    Moments m;
    const double* values = values_.data() + block.at;
    if (reach < 600 && block.varying_count > 0)  // written so that NaN goes the other way
      compute({true, block.varying_count, block.fixed_count > 0, values, block.rows, scale, offset,
               static_cast<std::size_t>(650 / (reach + 1))},
              m);
    else
      compute_plainly(block.varying_count, values, block.rows, scale, offset, m);
    sums.softplus += block.weight * m.log_product;
    for (std::size_t a = 0; a < block.varying_count; ++a) {
      std::size_t j = block.varying[a];
      sums.rest[j] += block.weight * m.tx[a];
      for (std::size_t b = 0; b < block.varying_count; ++b) sums.curvature[j][block.varying[b]] += block.weight * m.dxx[a][b];
      for (std::size_t f = 0; f < block.fixed_count; ++f) {
        double value = block.weight * block.fixed_value[block.fixed[f]] * m.dx[a];
        sums.curvature[j][block.fixed[f]] += value;
        sums.curvature[block.fixed[f]][j] += value;
      }
    }
    for (std::size_t f = 0; f < block.fixed_count; ++f) {
      std::size_t j = block.fixed[f];
      sums.rest[j] += block.weight * block.fixed_value[j] * m.t;
      for (std::size_t g = 0; g < block.fixed_count; ++g)
        sums.curvature[j][block.fixed[g]] += block.weight * block.fixed_value[j] * block.fixed_value[block.fixed[g]] * m.d;
    }
  }
  return sums;
}

double LogisticRows::softplus(const Vector& w) const {
  double sum = 0, reach = this->reach(w);
  for (const Block& block : blocks_) {
    double offset = 0, scale[kMaxColumns] = {};
    for (std::size_t f = 0; f < block.fixed_count; ++f) offset += w[block.fixed[f]] * block.fixed_value[block.fixed[f]];
    for (std::size_t a = 0; a < block.varying_count; ++a) scale[a] = w[block.varying[a]];
    Moments m;
    const double* values = values_.data() + block.at;
    if (reach < 600 && block.varying_count > 0)
      compute({false, block.varying_count, false, values, block.rows, scale, offset, static_cast<std::size_t>(650 / (reach + 1))},
              m);
    else
      compute_plainly(block.varying_count, values, block.rows, scale, offset, m);
    sum += block.weight * m.log_product;
  }
  return sum;
}

double LogisticRows::log_likelihood(const Vector& w) const {
  if (reach(w) < 16) {  // no probability is near 0 or 1, so that rounding it changes nothing: y log p + (1-y) log(1-p) = y z -
                        // log(1 + exp z)
    double linear = 0;
    for (std::size_t j = 0; j < columns_; ++j) linear += positive_[j] * w[j];
    return linear - softplus(w);
  }
  double sum = 0;
  std::size_t label = 0;
  for (const Block& block : blocks_) {
    for (std::size_t i = 0; i < block.rows; ++i, ++label) {
      const double* pack = values_.data() + block.at + i / kLanes * kLanes * block.varying_count + i % kLanes;
      double z = 0;
      for (std::size_t f = 0; f < block.fixed_count; ++f) z += w[block.fixed[f]] * block.fixed_value[block.fixed[f]];
      for (std::size_t a = 0; a < block.varying_count; ++a) z += w[block.varying[a]] * pack[a * kLanes];
      double p = std::clamp(1 / (1 + std::exp(-z)), 1e-15, 1 - 1e-15);
      sum += block.weight * (labels_[label] * std::log(p) + (1 - labels_[label]) * std::log(1 - p));
    }
  }
  return sum;
}

}  // namespace assay
