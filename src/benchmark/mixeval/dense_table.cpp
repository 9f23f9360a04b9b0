#include "benchmark/mixeval/dense_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "benchmark/mixeval/similarity_block.h"

namespace assay::mixeval {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 30;

/// A bound on what single precision does to a dot product of two vectors of length 1: roundings of the components and of the sum.
double rounding(std::size_t dimension) {
  const double n = static_cast<double>(dimension) + 8, unit = std::ldexp(1, -24);
  return n * unit / (1 - n * unit);
}

}  // namespace

void normalize_length(std::span<double> vector) {
  double squares = 0;
  for (double v : vector) squares += v * v;
  const double length = std::sqrt(squares);
  if (length > 0)
    for (double& v : vector) v /= length;
}

struct DenseTable::State {
  std::size_t rows = 0, dimension = 0, stride = 0;
  std::vector<float> narrow;  // stride a row, zeros behind the dimension
  std::vector<double> wide;   // all rows, or nothing
  std::vector<char> empty;    // zero rows
  int file = -1;              // instead of `wide`
  mutable std::vector<double> held;
  mutable std::size_t held_row = static_cast<std::size_t>(-1);
  mutable std::optional<Error> trouble;

  ~State() {
    if (file >= 0) close(file);
  }
  void blame(const char* what) const {
    if (!trouble) trouble = Error{ErrorKind::io, std::string("the file with the vectors cannot be ") + what + ": " + std::strerror(errno), {}, "is the disk full?"};
  }
  std::span<const double> row(std::size_t i) const {
    if (file < 0) return std::span(wide).subspan(i * dimension, dimension);
    if (held_row == i) return held;
    held.resize(dimension);
    char* to = reinterpret_cast<char*>(held.data());
    const std::size_t bytes = dimension * sizeof(double);
    for (std::size_t done = 0; done < bytes;) {
      const ssize_t n = pread(file, to + done, bytes - done, static_cast<off_t>(i * bytes + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        blame("read");
        std::fill(held.begin(), held.end(), 0.0);
        break;
      }
      done += static_cast<std::size_t>(n);
    }
    held_row = i;
    return held;
  }
};

DenseTable::DenseTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
DenseTable::~DenseTable() = default;

Result<std::unique_ptr<DenseTable>> DenseTable::create(std::size_t rows, std::size_t dimension, const DenseOptions& options) {
  if (rows == 0 || dimension == 0) return fail(ErrorKind::data, "there are no vectors");
  if (rows > kMostBytes / sizeof(double) / dimension)
    return fail(ErrorKind::data, std::to_string(rows) + " vectors of " + std::to_string(dimension) + " numbers are more than this program holds");
  auto state = std::make_unique<State>();
  state->rows = rows;
  state->dimension = dimension;
  state->stride = padded_dimension(dimension);
  state->narrow.resize(rows * state->stride);
  state->empty.assign(rows, 1);
  const std::size_t bytes = rows * dimension * sizeof(double);
  if (bytes <= options.memory) {
    state->wide.resize(rows * dimension);
  } else {
    std::string name = (options.folder / "vectors-XXXXXX").string();
    state->file = mkostemp(name.data(), O_CLOEXEC);
    if (state->file < 0) return fail(ErrorKind::io, std::string("a file for the vectors cannot be made: ") + std::strerror(errno), options.folder.string());
    unlink(name.c_str());
    if (ftruncate(state->file, static_cast<off_t>(bytes)) != 0)
      return fail(ErrorKind::io, std::string("a file for the vectors cannot be made: ") + std::strerror(errno), options.folder.string());
  }
  return std::unique_ptr<DenseTable>(new DenseTable(std::move(state)));
}

void DenseTable::set(std::size_t row, std::span<const double> vector) {
  State& s = *state_;
  std::vector<double> own(vector.begin(), vector.end());
  own.resize(s.dimension);
  normalize_length(own);
  s.empty[row] = std::all_of(own.begin(), own.end(), [](double v) { return v == 0; }) ? 1 : 0;
  std::transform(own.begin(), own.end(), s.narrow.begin() + static_cast<std::ptrdiff_t>(row * s.stride), [](double v) { return static_cast<float>(v); });
  if (s.file < 0) {
    std::copy(own.begin(), own.end(), s.wide.begin() + static_cast<std::ptrdiff_t>(row * s.dimension));
    return;
  }
  s.held_row = static_cast<std::size_t>(-1);
  const char* from = reinterpret_cast<const char*>(own.data());
  const std::size_t bytes = s.dimension * sizeof(double);
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n = pwrite(s.file, from + done, bytes - done, static_cast<off_t>(row * bytes + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return s.blame("written");
    done += static_cast<std::size_t>(n);
  }
}

std::size_t DenseTable::rows() const { return state_->rows; }
std::size_t DenseTable::dimension() const { return state_->dimension; }
double DenseTable::square(std::size_t row) const { return state_->empty[row] ? 0 : 1; }

Result<void> DenseTable::trouble() const {
  if (state_->trouble) return fail(*state_->trouble);
  return {};
}

double DenseTable::dot(std::size_t row, std::span<const double> vector) const {
  const std::span<const double> own = state_->row(row);
  double sum = 0;
  for (std::size_t k = 0; k < own.size(); ++k) sum += own[k] * vector[k];
  return sum;
}

void DenseTable::add(std::size_t row, double weight, std::span<double> sum) const {
  const std::span<const double> own = state_->row(row);
  for (std::size_t k = 0; k < own.size(); ++k) sum[k] += weight * own[k];
}

std::vector<Match> DenseTable::match(const MatchTask& task, const BuildProgress& progress) const {
  const State& s = *state_;
  const std::size_t pool = task.pool_words.size(), queries = task.query_words.size();
  constexpr std::size_t kQueries = 64, kEntries = 256;  // both blocks fit into the second cache up to a thousand dimensions
  const auto margin = static_cast<float>(2.5 * rounding(s.dimension));
  struct Near {
    std::uint32_t entry;
    float similarity;
  };
  std::vector<Match> out;
  out.reserve(queries);
  std::vector<float> block(kQueries * kEntries);
  std::vector<float> best(kQueries);
  std::vector<std::vector<Near>> near(kQueries);
  std::vector<double> query_row(s.dimension);
  for (std::size_t q0 = 0; q0 < queries; q0 += kQueries) {
    if (progress) progress("matching", q0, queries);
    const std::size_t qn = std::min(kQueries, queries - q0);
    std::fill(best.begin(), best.end(), -3.0f);
    for (auto& list : near) list.clear();
    for (std::size_t p0 = 0; p0 < pool; p0 += kEntries) {
      const std::size_t pn = std::min(kEntries, pool - p0);
      similarity_block(s.narrow.data() + (pool + q0) * s.stride, qn, s.narrow.data() + p0 * s.stride, pn, s.stride, block.data(), kEntries);
      for (std::size_t q = 0; q < qn; ++q) {
        const float* row = block.data() + q * kEntries;
        float least = best[q] - margin;
        for (std::size_t i = 0; i < pn; ++i) {
          if (row[i] < least) continue;
          const std::size_t entry = p0 + i;
          if ((!task.excluded.empty() && task.excluded[entry]) || !task.rules.fits(task.query_words[q0 + q], task.pool_words[entry])) continue;
          near[q].push_back({static_cast<std::uint32_t>(entry), row[i]});
          if (row[i] > best[q]) {
            best[q] = row[i];
            least = best[q] - margin;
          }
        }
        if (near[q].size() > 256) std::erase_if(near[q], [&](const Near& one) { return one.similarity < least; });
      }
    }
    for (std::size_t q = 0; q < qn; ++q) {
      const std::span<const double> own = s.row(pool + q0 + q);
      query_row.assign(own.begin(), own.end());
      Match found;
      for (const Near& one : near[q]) {  // ascending entries
        if (one.similarity < best[q] - margin) continue;
        const double similarity = dot(one.entry, query_row);
        if (!found.entry || similarity > found.similarity) found = {one.entry, similarity};
      }
      if (found.entry && found.similarity < task.rules.min_similarity) found.entry.reset();
      out.push_back(found);
    }
  }
  if (progress) progress("matching", queries, queries);
  return out;
}

}  // namespace assay::mixeval
