#include "cli/hub.h"

#include <fmt/core.h>

#include <deque>

#include "base/file.h"
#include "base/text.h"
#include "cli/progress_display.h"
#include "model/download.h"
#include "run/display.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

std::string size_text(std::uint64_t bytes) {
  double value = static_cast<double>(bytes);
  if (value < 1e6) return fmt::format("{:.0f} kB", value / 1e3);
  if (value < 1e9) return fmt::format("{:.1f} MB", value / 1e6);
  return fmt::format("{:.2f} GB", value / 1e9);
}

/// How fast bytes come: over the last ten seconds, so that it follows the network and does not jump.
class Rate {
 public:
  void add(Instant now, std::uint64_t received) {
    samples_.emplace_back(now, received);
    while (samples_.size() > 2 && now - samples_.front().first > std::chrono::seconds(10)) samples_.pop_front();
  }
  double bytes_per_second() const {
    if (samples_.size() < 2) return 0;
    double seconds = std::chrono::duration<double>(samples_.back().first - samples_.front().first).count();
    return seconds > 0 ? static_cast<double>(samples_.back().second - samples_.front().second) / seconds : 0;
  }

 private:
  std::deque<std::pair<Instant, std::uint64_t>> samples_;
};

struct Display {
  const Invocation& invocation;
  bool in_place;
  Rate rate{};
  Instant last{};
  std::size_t files_done = 0;
  bool begun = false;

  std::string line(const HubProgress& p) const {
    std::string out = size_text(p.done) + " of " + size_text(p.total);
    if (p.total > 0) out += fmt::format("  {:.0f} %", 100.0 * static_cast<double>(p.done) / static_cast<double>(p.total));
    double speed = rate.bytes_per_second();
    if (speed > 0) out += "  " + size_text(static_cast<std::uint64_t>(speed)) + "/s";
    if (speed > 0 && p.total > p.done) out += "  " + duration_text(static_cast<double>(p.total - p.done) / speed) + " left";
    out += fmt::format("  {}/{}  ", p.files_done, p.files) + (p.verifying ? "checking " : "") + visible_line(p.file);
    return out;
  }

  void operator()(const HubProgress& p) {
    Instant now = system_clock().now();
    bool file_done = p.files_done > files_done;
    bool all_done = p.files_done == p.files;
    if (begun && !file_done && !all_done && now - last < std::chrono::milliseconds(100)) return;
    rate.add(now, p.received);
    if (in_place) {
      std::string text = line(p);
      if (!all_done) {
        std::size_t width = static_cast<std::size_t>(std::max(20, invocation.terminal.width - 1));
        text = shorten(text, width);
      }
      invocation.err("\r\x1b[K" + text + (all_done ? "\n" : ""));
    } else if (file_done) {
      invocation.err(fmt::format("{}/{}  {}\n", p.files_done, p.files, visible_line(p.file)));
    } else if (begun && now - last < std::chrono::seconds(10)) {
      return;
    } else if (begun) {
      invocation.err(line(p) + "\n");
    }
    begun = true;
    last = now;
    files_done = p.files_done;
  }
};

Secret token_file(const Invocation& invocation) {
  fs::path path;
  if (auto given = invocation.environment.get("HF_TOKEN_PATH")) path = *given;
  else if (auto home = invocation.environment.get("HF_HOME")) path = fs::path(*home) / "token";
  else if (auto xdg = invocation.environment.get("XDG_CACHE_HOME")) path = fs::path(*xdg) / "huggingface/token";
  else if (auto own = invocation.environment.get("HOME")) path = fs::path(*own) / ".cache/huggingface/token";
  if (path.empty()) return Secret();
  auto text = read_file(path, 4096);
  if (!text) return Secret();
  Secret out{std::string(strip(valid_utf8(*text)))};
  explicit_bzero(text->data(), text->size());
  return out;
}

}  // namespace

Result<fs::path> hub_cache_folder(const Invocation& invocation) {
  const Environment& environment = invocation.environment;
  if (auto given = environment.get("HF_HUB_CACHE")) return fs::path(*given);
  if (auto given = environment.get("HUGGINGFACE_HUB_CACHE")) return fs::path(*given);
  if (auto home = environment.get("HF_HOME")) return fs::path(*home) / "hub";
  if (auto xdg = environment.get("XDG_CACHE_HOME")) return fs::path(*xdg) / "huggingface/hub";
  if (auto home = environment.get("HOME")) return fs::path(*home) / ".cache/huggingface/hub";
  return fail(ErrorKind::usage, "no place for models: none of $HF_HUB_CACHE, $HF_HOME and $HOME is set", "", "give --cache-dir DIR or --dir DIR");
}

Result<HubOptions> hub_options(Session& session) {
  const Invocation& invocation = session.invocation();
  HubOptions out;
  if (auto given = invocation.environment.get("HF_ENDPOINT")) out.endpoint = *given;
  while (out.endpoint.ends_with('/')) out.endpoint.pop_back();
  if (url_origin(out.endpoint).empty())
    return fail(ErrorKind::usage, "HF_ENDPOINT is no address of a hub", "", "it looks like https://huggingface.co, without user and password");
  out.token = invocation.environment.secret("HF_TOKEN");
  if (out.token.empty()) out.token = invocation.environment.secret("HUGGING_FACE_HUB_TOKEN");
  if (out.token.empty()) out.token = token_file(invocation);
  auto cache = hub_cache_folder(invocation);
  if (cache) out.cache = *cache;
  out.transport = &session.transport();
  out.timer = &session.timer();
  return out;
}

std::function<void(const HubProgress&)> hub_display(const Invocation& invocation) {
  if (invocation.quiet()) return {};
  auto display = std::make_shared<Display>(Display{.invocation = invocation, .in_place = invocation.terminal.err});
  return [display](const HubProgress& progress) { (*display)(progress); };
}

Result<HubPull> pull_shown(Session& session, HubRequest request, HubOptions options) {
  StopSwitch stop;
  options.stop = &stop;
  options.progress = hub_display(session.invocation());
  auto before = std::exchange(session.stop().on_request, [&stop](int) { stop.request(); });
  auto done = session.complete(pull_from_hub(std::move(request), std::move(options)));
  session.stop().on_request = before;
  if (!done && done.error().kind == ErrorKind::cancelled) {
    Error error = done.error();
    error.hint = "what came is kept: run the same command again to go on";
    return fail(std::move(error));
  }
  return done;
}

Result<std::optional<HubAddress>> hub_model(const ModelSpec& spec) {
  constexpr std::string_view kMark = "hf:";
  if (spec.backend != "gguf" || !spec.name.starts_with(kMark)) return std::optional<HubAddress>{};
  auto address = parse_hub_address(std::string_view(spec.name).substr(kMark.size()));
  if (!address) return std::unexpected(address.error());
  if (address->file.empty())
    return fail(ErrorKind::usage, "which file of " + address->repository + "?", spec.text, "write gguf:hf:" + to_string(*address) + ":FILE.gguf; assay models pull " + address->repository + " --dry-run lists them");
  return std::optional(*address);
}

Result<void> find_hub_model(const Invocation& invocation, ModelSpec& spec) {
  auto address = hub_model(spec);
  if (!address) return std::unexpected(address.error());
  if (!*address) return {};
  auto cache = hub_cache_folder(invocation);
  if (!cache) return std::unexpected(cache.error());
  auto path = HubCache(*cache).find(**address);
  if (!path) return fail(ErrorKind::data, to_string(**address) + " is not downloaded yet", cache->string(), "assay models pull " + to_string(**address));
  spec.name = path->string();
  return {};
}

Async<bool> fetch_hub_model(Session& session, ModelSpec& spec) {
  auto address = hub_model(spec);
  if (!address) co_return std::unexpected(address.error());
  if (!*address) co_return true;
  auto options = hub_options(session);
  if (!options) co_return std::unexpected(options.error());
  if (options->cache.empty()) co_return std::unexpected(hub_cache_folder(session.invocation()).error());
  StopSwitch stop;
  options->stop = &stop;
  options->progress = hub_display(session.invocation());
  auto before = std::exchange(session.stop().on_request, [&stop](int) { stop.request(); });
  Result<fs::path> path = co_await hub_file(**address, std::move(*options));
  session.stop().on_request = before;
  if (!path) co_return std::unexpected(path.error());
  spec.name = path->string();
  co_return true;
}

}  // namespace assay::cli
