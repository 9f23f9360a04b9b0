// Where a user's data lie. Pure functions of what the command line read from flags and environment: this file reads neither.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

/// What the program was told. Empty text counts as not set, as shells make it easy to export an empty variable.
struct DataHomeInputs {
  std::optional<std::string> flag;           // --data
  std::optional<std::string> assay_data;     // $ASSAY_DATA
  std::optional<std::string> xdg_data_home;  // $XDG_DATA_HOME; ignored unless absolute, as the XDG base directory rules say
  std::optional<std::string> home;           // $HOME
};

/// --data, else $ASSAY_DATA, else $XDG_DATA_HOME/assay, else $HOME/.local/share/assay. usage error when nothing is set.
Result<std::filesystem::path> data_home(const DataHomeInputs& inputs);

/// The journal's file: a `--store` or `$ASSAY_STORE` of the form "sqlite:PATH" or PATH, else <data home>/assay.db.
/// `unsupported` for another scheme ("postgresql://..."), usage for "sqlite:" without a path.
Result<std::filesystem::path> store_path(const std::optional<std::string>& flag, const std::optional<std::string>& environment,
                                         const std::filesystem::path& data_home);

/// Cached sha256 of GGUF files by device, inode, size and mtime.
std::filesystem::path weights_cache(const std::filesystem::path& data_home);

}  // namespace assay
