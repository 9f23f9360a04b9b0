#include "benchmark/benchmark.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

class Named final : public Benchmark {
 public:
  explicit Named(BenchmarkInfo info) : info_(std::move(info)) {}
  const BenchmarkInfo& info() const override { return info_; }
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings&, DataSource&) const override {
    return fail(ErrorKind::internal, "not here");
  }
  Result<std::vector<Report>> score_file(const ScoreRequest&, DataSource&) const override {
    return fail(ErrorKind::internal, "not here");
  }

 private:
  BenchmarkInfo info_;
};

BenchmarkRegistry registry() {
  BenchmarkRegistry r;
  BenchmarkInfo garden;
  garden.name = "garden-bench";
  garden.versions = {"2", "1"};
  garden.variants = {"", "de"};
  r.add(std::make_unique<Named>(garden));
  BenchmarkInfo plain;
  plain.name = "plain";
  r.add(std::make_unique<Named>(plain));
  return r;
}

TEST(BenchmarkRegistry, FillsInTheNewestVersion) {
  BenchmarkRegistry r = registry();
  EXPECT_EQ(r.find("garden-bench")->second.text(), "garden-bench@2");
  EXPECT_EQ(r.find("garden-bench@1")->second.text(), "garden-bench@1");
  EXPECT_EQ(r.find("garden-bench:de")->second.text(), "garden-bench@2:de");
  EXPECT_EQ(r.find("garden-bench@1:de")->second.text(), "garden-bench@1:de");
  EXPECT_EQ(r.find("plain")->second.text(), "plain");
  EXPECT_EQ(r.find("garden-bench")->first->info().name, "garden-bench");
}

TEST(BenchmarkRegistry, ErrorsNameWhatWasMeant) {
  BenchmarkRegistry r = registry();
  auto hint = [&](std::string_view text) {
    auto found = r.find(text);
    EXPECT_FALSE(found) << text;
    if (found) return std::string();
    EXPECT_EQ(found.error().kind, ErrorKind::usage);
    return found.error().hint;
  };
  EXPECT_NE(hint("gardenbench").find("garden-bench"), std::string::npos);
  EXPECT_NE(hint("zzzzzzzzzzzz").find("plain"), std::string::npos);
  EXPECT_NE(hint("garden-bench@9").find("2"), std::string::npos);
  EXPECT_NE(hint("garden-bench:fr").find("de"), std::string::npos);
  hint("plain:de");
  hint("plain@1");
  hint("garden-bench@");
  hint("garden-bench:");
  hint("");
}

}  // namespace
}  // namespace assay
