#include "model/llama/weights_hash.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"

namespace assay {
namespace {

constexpr std::size_t kMaxEntries = 1000;

Result<std::string> fingerprint(const std::filesystem::path& weights) {
  struct stat s{};
  if (::stat(weights.c_str(), &s) != 0)
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io,
                std::string("cannot read the weights: ") + std::strerror(errno), weights.string());
  return std::to_string(s.st_dev) + ":" + std::to_string(s.st_ino) + ":" + std::to_string(s.st_size) + ":" +
         std::to_string(static_cast<long long>(s.st_mtim.tv_sec)) + "." + std::to_string(s.st_mtim.tv_nsec);
}

json::object read_cache(const std::filesystem::path& cache) {
  auto text = read_file(cache, 1 << 20);
  if (!text) return {};
  auto value = parse_json(*text);
  return value && value->is_object() ? value->as_object() : json::object{};
}

bool is_sum(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<std::string> weights_sha256(const std::filesystem::path& weights, const std::filesystem::path& cache) {
  auto key = fingerprint(weights);
  if (!key) return fail(key.error());
  if (!cache.empty())
    if (auto known = get_string(read_cache(cache), *key); known && is_sum(*known)) return *known;
  auto sum = sha256_file(weights);
  if (!sum) return sum;
  auto after = fingerprint(weights);
  if (!after || *after != *key)
    return fail(ErrorKind::io, "the weights changed while they were being summed", weights.string(),
                "wait until the file is complete");
  if (!cache.empty()) {
    json::object entries = read_cache(cache);  // again: another process may have added to it meanwhile
    if (entries.size() >= kMaxEntries) entries.clear();
    entries[*key] = *sum;
    (void)write_file(cache, write_json(entries, JsonStyle::pretty) + "\n");
  }
  return sum;
}

}  // namespace assay
