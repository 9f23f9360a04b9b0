#include "benchmark/benchmark.h"

#include "base/text.h"

namespace assay {

std::string BenchmarkRef::text() const {
  std::string out = name;
  if (!version.empty()) out += "@" + version;
  if (!variant.empty()) out += ":" + variant;
  return out;
}

void BenchmarkRegistry::add(std::unique_ptr<Benchmark> benchmark) {
  all_.push_back(std::move(benchmark));
}

namespace {

std::string meant(std::string_view wrong, const std::vector<std::string>& candidates) {
  std::vector<std::string> near = did_you_mean(wrong, candidates);
  if (!near.empty()) return "did you mean " + join(near, ", ") + "?";
  std::vector<std::string> shown;
  shown.reserve(candidates.size());
  for (const std::string& candidate : candidates) shown.push_back(candidate.empty() ? "(none)" : candidate);
  return "there are: " + join(shown, ", ");
}

}  // namespace

Result<std::pair<const Benchmark*, BenchmarkRef>> BenchmarkRegistry::find(std::string_view text) const {
  // The name ends at the first '@' or ':'; a variant may follow with or without a version.
  BenchmarkRef ref;
  std::string_view rest = text;
  std::size_t at = rest.find_first_of("@:");
  ref.name = std::string(rest.substr(0, at));
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at);
  if (!rest.empty() && rest.front() == '@') {
    std::size_t colon = rest.find(':');
    ref.version = std::string(rest.substr(1, colon == std::string_view::npos ? colon : colon - 1));
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
    if (ref.version.empty()) return fail(ErrorKind::usage, "no version after '@' in \"" + std::string(text) + "\"");
  }
  if (!rest.empty()) {
    ref.variant = std::string(rest.substr(1));
    if (ref.variant.empty()) return fail(ErrorKind::usage, "no variant after ':' in \"" + std::string(text) + "\"");
  }

  const Benchmark* found = nullptr;
  std::vector<std::string> names;
  for (const auto& benchmark : all_) {
    names.push_back(benchmark->info().name);
    if (benchmark->info().name == ref.name) found = benchmark.get();
  }
  if (!found) return fail(ErrorKind::usage, "no benchmark is called \"" + ref.name + "\"", {}, meant(ref.name, names));
  const BenchmarkInfo& info = found->info();
  if (ref.version.empty()) {
    if (!info.versions.empty()) ref.version = info.versions.front();
  } else if (std::find(info.versions.begin(), info.versions.end(), ref.version) == info.versions.end()) {
    return fail(ErrorKind::usage, ref.name + " has no version \"" + ref.version + "\"", {}, meant(ref.version, info.versions));
  }
  bool known = info.free_variant ||
               (info.variants.empty() ? ref.variant.empty()
                                      : std::find(info.variants.begin(), info.variants.end(), ref.variant) != info.variants.end());
  if (!known)
    return fail(ErrorKind::usage, ref.name + " has no variant \"" + ref.variant + "\"", {}, meant(ref.variant, info.variants));
  return std::pair{found, ref};
}

}  // namespace assay
