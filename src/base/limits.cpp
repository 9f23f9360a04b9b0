#include "base/limits.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace assay {

Result<std::size_t> raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return fail(ErrorKind::io, std::string("cannot read the limit of open files: ") + std::strerror(errno));
  // A hard limit of "unlimited" or many millions is not what a table of descriptors should be sized by.
  rlim_t wish = std::min<rlim_t>(limit.rlim_max, rlim_t{1} << 20);
  if (limit.rlim_cur < wish) {
    rlimit raised{wish, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit.rlim_cur = wish;  // otherwise what we have has to do
  }
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, rlim_t{1} << 20));
}

}  // namespace assay
