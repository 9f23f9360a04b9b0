#include "stats/cluster_bootstrap.h"

#include <gtest/gtest.h>

#include "stats/mcnemar.h"
#include "support/shared_data.h"

namespace assay {
namespace {

TEST(ClusterBootstrap, ReferenceValues) {
  ASSAY_NEED_SHARED("golden/mixeval/stats_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/stats_reference.json"));
  for (const json::value& item : golden.at("cluster_bootstrap").as_array()) {
    std::vector<double> values;
    std::vector<std::size_t> cluster;
    for (const json::value& v : item.at("values").as_array()) values.push_back(*as_number(v));
    for (const json::value& v : item.at("cluster").as_array()) cluster.push_back(static_cast<std::size_t>(v.as_int64()));
    PythonRandom random(*get_integer(item, "seed"));
    std::vector<double> means = cluster_bootstrap(values, cluster, static_cast<std::size_t>(*get_integer(item, "replicates")), random);
    const auto interval = percentile_interval(means);
    ASSERT_TRUE(interval);
    EXPECT_NEAR(interval->low, *get_number(item.at("result"), "lo"), 1e-12);
    EXPECT_NEAR(interval->high, *get_number(item.at("result"), "hi"), 1e-12);
    const json::array& first = item.at("result").at("replicates_first5_sorted").as_array();
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(means[i], *as_number(first[i]), 1e-12);
  }
}

TEST(ClusterBootstrap, NothingToDrawFrom) {
  PythonRandom random(1);
  std::vector<double> none = cluster_bootstrap({}, {}, 10, random);
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(percentile_interval(none));
  EXPECT_EQ(effective_size({}), 0);
  const std::vector<std::size_t> doubled{4, 4, 9, 9};
  EXPECT_EQ(effective_size(doubled), 2);
}

TEST(McNemar, ReferenceValues) {
  ASSAY_NEED_SHARED("golden/mixeval/stats_reference.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/stats_reference.json"));
  for (const json::value& item : golden.at("mcnemar_exact").as_array())
    EXPECT_NEAR(mcnemar_exact(static_cast<std::size_t>(*get_integer(item, "b")), static_cast<std::size_t>(*get_integer(item, "c"))), *get_number(item, "p"), 1e-12) << write_json(item);
  EXPECT_NEAR(mcnemar_exact(501, 501), 1, 1e-9);
  EXPECT_NEAR(mcnemar_exact(480, 522), mcnemar_exact(522, 480), 1e-12);
}

}  // namespace
}  // namespace assay
