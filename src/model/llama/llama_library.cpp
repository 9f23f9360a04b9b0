#include "model/llama/llama_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace assay {
namespace {

struct Opened {
  LlamaFunctions functions;
  std::string folder, error;
};

#ifdef ASSAY_LLAMA_LIBRARY
Opened open() {
  Opened opened;
  std::error_code code;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", code);
  std::string file = (program.parent_path().parent_path() / "lib" / ASSAY_LLAMA_LIBRARY).string();
  void* library = code ? nullptr : dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = code ? nullptr : dlerror();
    opened.error = why ? why : file;
    library = dlopen(ASSAY_LLAMA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return opened;
  opened.error.clear();
  // Symbols of the tensor library are found through libllama, which depends on it. The library is never closed.
#define ASSAY_LLAMA_FIND(name)                                                        \
  opened.functions.name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name)); \
  if (!opened.functions.name) opened.error = std::string("the library has no function ") + #name;
  ASSAY_LLAMA_FUNCTIONS(ASSAY_LLAMA_FIND)
#undef ASSAY_LLAMA_FIND
  Dl_info info{};
  if (opened.error.empty() && dladdr(reinterpret_cast<void*>(opened.functions.llama_backend_init), &info) && info.dli_fname)
    opened.folder = std::filesystem::absolute(info.dli_fname, code).parent_path().string();
  return opened;
}
#else
Opened open() {
  Opened opened;
#define ASSAY_LLAMA_TAKE(name) opened.functions.name = &::name;
  ASSAY_LLAMA_FUNCTIONS(ASSAY_LLAMA_TAKE)
#undef ASSAY_LLAMA_TAKE
#ifdef ASSAY_LLAMA_DYNAMIC_BACKENDS
  Dl_info info{};
  std::error_code code;
  if (dladdr(reinterpret_cast<void*>(&llama_backend_init), &info) && info.dli_fname)
    opened.folder = std::filesystem::absolute(info.dli_fname, code).parent_path().string();
#endif
  return opened;
}
#endif

const Opened& opened() {
  static const Opened instance = open();
  return instance;
}

}  // namespace

Result<void> open_llama_library() {
  if (opened().error.empty()) return {};
  return fail(
      ErrorKind::unsupported, "libllama, which computes GGUF models, cannot be opened: " + opened().error, {},
      "it belongs into the folder lib beside the program's bin; install the program again or run tools/fetch-llama and build");
}

const LlamaFunctions& lib() {
  return opened().functions;
}

std::string llama_library_folder() {
  return opened().folder;
}

}  // namespace assay
