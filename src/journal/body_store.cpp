#include "journal/body_store.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace assay {
namespace {

// Below this, a second row to read costs more than the bytes saved.
constexpr std::size_t kLeastSaved = 256;
// Suites interleave a few dozen few-shot texts at most; more would only be compared in vain.
constexpr std::size_t kMostBases = 32;
constexpr std::size_t kMostBaseBytes = std::size_t{4} << 20;
constexpr std::size_t kLargestBase = std::size_t{1} << 20;
// A benchmark's questions that are repeated, at 40 bytes each.
constexpr std::size_t kMostKnown = 4096;

std::uint64_t word_at(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

std::size_t common_head(std::string_view a, std::string_view b, std::size_t most) {
  static_assert(std::endian::native == std::endian::little, "the first differing byte is found by its lowest bit");
  std::size_t n = 0;
  for (; n + 8 <= most; n += 8)
    if (std::uint64_t different = word_at(a.data() + n) ^ word_at(b.data() + n))
      return n + static_cast<std::size_t>(std::countr_zero(different)) / 8;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

std::size_t common_tail(std::string_view a, std::string_view b, std::size_t most) {
  const char* end_a = a.data() + a.size();
  const char* end_b = b.data() + b.size();
  std::size_t n = 0;
  for (; n + 8 <= most; n += 8)
    if (std::uint64_t different = word_at(end_a - n - 8) ^ word_at(end_b - n - 8))
      return n + static_cast<std::size_t>(std::countl_zero(different)) / 8;
  while (n < most && end_a[-static_cast<std::ptrdiff_t>(n) - 1] == end_b[-static_cast<std::ptrdiff_t>(n) - 1]) ++n;
  return n;
}

bool continues(std::string_view text, std::size_t offset) {
  return offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0) == 0x80;
}

}  // namespace

Overlap overlap(std::string_view text, std::string_view base) {
  Overlap out;
  std::size_t most = std::min(text.size(), base.size());
  out.head = common_head(text, base, most);
  out.tail = common_tail(text, base, most - out.head);
  while (out.head > 0 && (continues(text, out.head) || continues(base, out.head))) --out.head;
  while (out.tail > 0 && continues(text, text.size() - out.tail)) --out.tail;
  return out;
}

Result<std::string> whole_body(std::string_view text, std::string_view base, std::int64_t head, std::int64_t tail) {
  auto size = static_cast<std::int64_t>(base.size());
  if (head < 0 || tail < 0 || head > size || tail > size)
    return fail(ErrorKind::data, "a stored request does not fit the text that it was cut from");
  std::string out;
  out.reserve(static_cast<std::size_t>(head + tail) + text.size());
  out.append(base.substr(0, static_cast<std::size_t>(head)));
  out.append(text);
  out.append(base.substr(static_cast<std::size_t>(size - tail)));
  return out;
}

Result<BodyStore> BodyStore::open(Database& database) {
  BodyStore store(database);
  auto find = database.prepare("SELECT id FROM body WHERE hash = ?");
  if (!find) return fail(std::move(find.error()));
  auto insert =
      database.prepare("INSERT INTO body(hash, base, head, tail, text) VALUES(?, ?, ?, ?, ?) ON CONFLICT(hash) DO NOTHING");
  if (!insert) return fail(std::move(insert.error()));
  store.find_ = std::move(*find);
  store.insert_ = std::move(*insert);
  return store;
}

void BodyStore::forget() {
  bases_.clear();
  base_bytes_ = 0;
  known_.clear();
}

void BodyStore::remember(std::int64_t id, std::string_view text) {
  if (text.size() < kLeastSaved || text.size() > kLargestBase) return;
  while (!bases_.empty() && (bases_.size() >= kMostBases || base_bytes_ + text.size() > kMostBaseBytes)) {
    base_bytes_ -= bases_.back().text.size();
    bases_.pop_back();
  }
  bases_.insert(bases_.begin(), Base{id, std::string(text)});
  base_bytes_ += text.size();
}

Result<std::int64_t> BodyStore::put(std::string_view text) {
  Key hash = key_of(text);
  if (auto known = known_.find(hash); known != known_.end()) return known->second;
  Overlap best;
  std::size_t place = 0;
  for (std::size_t i = 0; i < bases_.size() && text.size() >= kLeastSaved; ++i) {
    Overlap shared = overlap(text, bases_[i].text);
    if (shared.bytes() > best.bytes()) best = shared, place = i;
    if (best.bytes() * 10 >= text.size() * 9) break;
  }
  bool difference = best.bytes() >= kLeastSaved && best.bytes() * 2 >= text.size();
  if (!difference) best = {};
  std::optional<std::int64_t> base;
  if (difference) base = bases_[place].id;

  insert_.bind(hash, base, static_cast<std::int64_t>(best.head), static_cast<std::int64_t>(best.tail),
               text.substr(best.head, text.size() - best.bytes()));
  if (auto done = insert_.run(); !done) return fail(std::move(done.error()));
  std::int64_t id = database_->last_insert_id();
  if (database_->changes() == 0) {
    find_.bind(hash);
    auto row = find_.step();
    if (!row) return fail(std::move(row.error()));
    id = *row ? find_.integer(0) : 0;
    find_.reset();
    if (!*row)
      return fail(ErrorKind::data, "the index of requests contradicts its table", database_->path().string(),
                  "assay journal verify says more");
  } else if (!difference) {
    remember(id, text);
  }
  if (difference && place != 0)
    std::rotate(bases_.begin(), bases_.begin() + static_cast<std::ptrdiff_t>(place),
                bases_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.emplace(hash, id);
  return id;
}

}  // namespace assay
