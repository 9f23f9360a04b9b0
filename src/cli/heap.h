// How this process takes its memory from the system. A run touches some ten thousand small pages for the first time, and each is a trap.
#pragma once

namespace assay::cli {

/// Blocks of up to a few megabytes come from one heap that is kept, on large pages where the system gives them for the asking (Linux's
/// "madvise"); costs up to two megabytes of peak memory for each part of the heap in use. Without effect under another allocator than
/// glibc's. Before the first large allocation; once.
void prepare_heap();

}  // namespace assay::cli
