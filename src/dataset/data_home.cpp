#include "dataset/data_home.h"

namespace assay {
namespace {
namespace fs = std::filesystem;

bool is_set(const std::optional<std::string>& text) {
  return text && !text->empty();
}

/// The scheme of "scheme:rest" or "scheme://rest"; "" for a plain path. One letter before the colon is no scheme.
std::string_view scheme_of(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  std::string_view scheme = text.substr(0, colon);
  bool plain =
      scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == std::string_view::npos;
  return plain ? scheme : std::string_view{};
}
}  // namespace

Result<fs::path> data_home(const DataHomeInputs& inputs) {
  if (is_set(inputs.flag)) return fs::path(*inputs.flag);
  if (is_set(inputs.assay_data)) return fs::path(*inputs.assay_data);
  if (is_set(inputs.xdg_data_home) && fs::path(*inputs.xdg_data_home).is_absolute())
    return fs::path(*inputs.xdg_data_home) / "assay";
  if (is_set(inputs.home)) return fs::path(*inputs.home) / ".local" / "share" / "assay";
  return fail(ErrorKind::usage, "there is no place for data: neither --data nor ASSAY_DATA, XDG_DATA_HOME or HOME is set", "",
              "name a folder with --data DIR");
}

Result<fs::path> store_path(const std::optional<std::string>& flag, const std::optional<std::string>& environment,
                            const fs::path& home) {
  bool by_flag = is_set(flag);
  if (!by_flag && !is_set(environment)) return home / "assay.db";
  std::string_view text = by_flag ? *flag : *environment;
  std::string where = by_flag ? "--store" : "ASSAY_STORE";
  std::string_view scheme = scheme_of(text);
  if (scheme.empty()) return fs::path(text);
  // The rest may hold a password, so it is not repeated.
  if (scheme != "sqlite")
    return fail(ErrorKind::unsupported, "this program has no \"" + std::string(scheme) + "\" store", where,
                "use sqlite:PATH or a path");
  text.remove_prefix(std::string_view("sqlite:").size());
  if (text.starts_with("//")) text.remove_prefix(2);
  if (text.empty()) return fail(ErrorKind::usage, "the store has no path", where, "use sqlite:PATH or a path");
  return fs::path(text);
}

fs::path weights_cache(const fs::path& home) {
  return home / "cache" / "weights.json";
}

}  // namespace assay
