// The descriptions and the project's own data sets, compiled into the program (packs/CMakeLists.txt writes the table).
#pragma once

#include <span>

#include "dataset/pack.h"

namespace assay {

/// For PackStore::load(). Static storage.
std::span<const EmbeddedFile> embedded_packs();

}  // namespace assay
