#include "cli/made_model.h"

#include "base/file.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/bench_model.h"
#endif

namespace assay::cli {

Result<void> make_named_model(const Invocation& invocation, ModelSpec& spec) {
#ifdef ASSAY_WITH_LLAMA
  const bool tiny = spec.name == "bench-tiny";
  if (spec.backend != "gguf" || (spec.name != "bench" && !tiny)) return {};
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
  const std::filesystem::path path = *home / "bench" / (tiny ? "assay-bench-tiny-q8_0.gguf" : "assay-bench-q8_0.gguf");
  spec.name = path.string();
  std::error_code code;
  if (std::filesystem::exists(path, code)) return {};
  invocation.err(std::string("making a model of ") + (tiny ? "10" : "124") + " million random weights (" + (tiny ? "11" : "132") + " MB): " + path.string() + "\n");
  return write_file(path, make_bench_model(GgufType::q8_0, tiny ? BenchShape{256, 2, 4, 2, 704} : BenchShape{}));
#else
  static_cast<void>(invocation);
  static_cast<void>(spec);
  return {};
#endif
}

}  // namespace assay::cli
