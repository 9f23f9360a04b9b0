// config.cfg of EQ-Bench: any bytes give a configuration or an error with a place, a key is never shown, and what a row gives is text.
#include "cli/compat/benchmark_row.h"
#include "cli/compat/eq_bench_config.h"

#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto config = compat::read_eq_bench_config(input, "f");
  if (!config) {
    REQUIRE(!config.error().message.empty());
    REQUIRE(is_valid_utf8(to_string(config.error())));
    return;
  }
  for (const std::string& warning : config->warnings) REQUIRE(is_valid_utf8(warning));
  compat::RowSurroundings s;
  s.working_directory = "/d";
  s.home = "/h";
  s.ooba_launch_script = "/o/start";
  s.exists = [](const std::string& path) { return path.size() % 2 == 0; };
  s.has_template = [](const std::string&) { return true; };
  for (const compat::ConfigRow& row : config->rows) {
    REQUIRE(row.text.find('=') == std::string::npos);
    auto parsed = compat::parse_benchmark_row(row, "f", s);
    if (!parsed) {
      REQUIRE(is_valid_utf8(to_string(parsed.error())));
      REQUIRE(parsed.error().where.starts_with("f:" + std::to_string(row.line) + ":"));
      continue;
    }
    REQUIRE(!parsed->run_id.empty() && parsed->n_iterations > 0);
    REQUIRE(is_valid_utf8(parsed->eq_bench_index("v2", "en")));
    REQUIRE(parsed->lora_path.empty() || parsed->lora_path.starts_with('/'));
  }
}

}  // namespace assay::fuzz
