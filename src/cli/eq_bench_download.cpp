#include "cli/eq_bench_download.h"

#include <algorithm>

#include "base/text.h"
#include "cli/hub.h"
#include "model/hub/file_pattern.h"
#include "model/hub/hub.h"
#include "model/hub/hub_cache.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFast = 16;  // transfers at once with -f

Result<HubOptions> options_of(cli::Session& session, const EqBenchConfig& config, const BatchSettings& settings) {
  auto out = cli::hub_options(session);
  if (!out) return out;
  if (!settings.hub_cache.empty()) out->cache = settings.hub_cache;
  if (settings.fast) out->parallel = kFast;
  if (!config.access_token.empty()) {
    out->token = config.access_token;
    out->token_source = "access_token in config.cfg";
  }
  return out;
}

/// The repository that the row means, if it means one: not what lies here.
std::optional<HubAddress> repository_of(const BenchmarkRow& row) {
  std::error_code code;
  if (row.model_path.find('/') == std::string::npos || fs::exists(row.model_path, code)) return std::nullopt;
  auto address = parse_hub_address(row.model_path);
  if (!address || !address->file.empty()) return std::nullopt;
  return *address;
}

/// The one GGUF file of the repository that the filters leave, with its further parts where it is split; none where it has none.
Result<std::vector<std::string>> gguf_of(const HubListing& listing, const BenchmarkRow& row) {
  std::vector<std::string> first, all;
  for (const HubFile& file : listing.files) {
    if (!lower(file.path).ends_with(".gguf") || !wanted_file(file.path, row.include_patterns, row.exclude_patterns)) continue;
    all.push_back(file.path);
    if (is_model_file(file.path)) first.push_back(file.path);
  }
  if (first.empty()) return first;
  if (first.size() > 1)
    return fail(ErrorKind::usage, row.model_path + " has " + std::to_string(first.size()) + " GGUF files: " + shorten(join(first, ", "), 300), "row " + row.run_id,
                "leave one with --include [\"*Q4_K_M.gguf\"] at the end of the row");
  const std::size_t number = first[0].rfind("-00001-of-");
  if (number == std::string::npos) return first;
  std::erase_if(all, [&](const std::string& file) { return !file.starts_with(first[0].substr(0, number + 1)); });
  return all;
}

Result<void> fetch_gguf(cli::Session& session, const HubAddress& address, const HubOptions& options, BenchmarkRow& row) {
  auto listing = session.complete(list_hub_repository(address, options));
  if (!listing) return std::unexpected(listing.error());
  auto files = gguf_of(*listing, row);
  if (!files) return std::unexpected(files.error());
  if (files->empty()) return {};  // a server will be launched, which fetches what it wants
  HubRequest request;
  request.address = address;
  request.include = *files;
  auto pulled = cli::pull_shown(session, std::move(request), options);
  if (!pulled) return std::unexpected(pulled.error());
  for (const PulledFile& file : pulled->files)
    if (is_model_file(file.path)) row.model_path = file.place.string();
  return {};
}

}  // namespace

Result<void> fetch_model(cli::Session& session, const EqBenchConfig& config, const BatchSettings& settings, BenchmarkRow& row) {
  const bool transformers = row.inference_engine == "transformers" && !settings.engines.servers.contains("transformers");
  const bool ooba = row.inference_engine == "ooba" && config.automatically_launch_ooba && !settings.engines.servers.contains("ooba");
  const std::optional<HubAddress> address = transformers || ooba ? repository_of(row) : std::nullopt;
  if (!address) return {};
  if (!config.access_token.empty()) setenv("HF_TOKEN", std::string(config.access_token.reveal()).c_str(), 1);  // for what is launched, as the original does
  if (transformers && !settings.engines.snapshot(row.model_path).empty()) return {};
  if (ooba) {
    // Where text-generation-webui keeps models, under the name that its own downloader gives them.
    const fs::path models = fs::path(settings.engines.ooba_launch_script).parent_path() / "models";
    const std::string own = replace_all(row.model_path, "/", "_");
    std::error_code code;
    if (fs::exists(models / own, code)) {
      row.model_path = own;
      return {};
    }
  }
  auto options = options_of(session, config, settings);
  if (!options) return std::unexpected(options.error());
  if (transformers) return fetch_gguf(session, *address, *options, row);
  HubRequest request;
  request.address = *address;
  request.include = row.include_patterns;
  request.exclude = row.exclude_patterns;
  auto pulled = cli::pull_shown(session, std::move(request), *options);
  if (!pulled) return std::unexpected(pulled.error());
  row.model_path = fs::absolute(pulled->folder).string();
  std::vector<std::string> models;
  for (const PulledFile& file : pulled->files)
    if (is_model_file(file.path)) models.push_back(fs::absolute(file.place).string());
  if (models.size() == 1) row.model_path = models[0];
  return {};
}

void delete_model(cli::Session& session, const BatchSettings& settings, const std::vector<BenchmarkRow>& rows, std::size_t done) {
  const BenchmarkRow& row = rows[done];
  const std::optional<HubAddress> address = repository_of(row);
  const bool later = std::any_of(rows.begin() + static_cast<std::ptrdiff_t>(done) + 1, rows.end(), [&](const BenchmarkRow& other) { return other.model_path == row.model_path; });
  if (!address || later || settings.hub_cache.empty()) return;
  auto deleted = HubCache(settings.hub_cache).delete_downloads(address->repository);
  if (!deleted && deleted.error().kind == ErrorKind::not_found) return;  // nothing of ours is there
  const cli::Invocation& invocation = session.invocation();
  if (!deleted) invocation.say("warning: " + to_string(deleted.error()));
  else if (!invocation.quiet()) invocation.err("assay: deleted the downloads of " + row.model_path + ": " + std::to_string(deleted->files) + " files\n");
}

}  // namespace assay::compat
