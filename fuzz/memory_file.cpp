#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

namespace assay::fuzz {

MemoryFile::MemoryFile(std::string_view content) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
  REQUIRE(descriptor_ >= 0);
  REQUIRE(write(descriptor_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
}

MemoryFile::~MemoryFile() { close(descriptor_); }

}  // namespace assay::fuzz
