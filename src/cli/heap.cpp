#include "cli/heap.h"

#include <cstdint>
#include <cstdlib>  // with it comes __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace assay::cli {

void prepare_heap() {
#ifdef __GLIBC__
  constexpr int kGrowth = 32 << 20;     // of address space; memory is taken as it is touched
  constexpr int kLargest = 4 << 20;     // blocks beyond it are mapped and given back one by one
  constexpr std::uintptr_t kPage = 2 << 20;
  if (mallopt(M_TOP_PAD, kGrowth) == 0 || mallopt(M_TRIM_THRESHOLD, 2 * kGrowth) == 0 || mallopt(M_MMAP_THRESHOLD, kLargest) == 0) return;
  const auto before = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* volatile block = std::malloc(kLargest - (64 << 10));  // volatile: a block that nobody uses would not be asked for
  std::free(block);
  const auto after = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t begin = (before + kPage - 1) / kPage * kPage;
  if (begin < after) (void)madvise(reinterpret_cast<void*>(begin), after - begin, MADV_HUGEPAGE);  // refused: small pages, as before  NOLINT(performance-no-int-to-ptr): the heap's end is known as a number
#endif
}

}  // namespace assay::cli
