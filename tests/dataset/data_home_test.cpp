#include "dataset/data_home.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(DataHome, TheNearestWishWins) {
  DataHomeInputs all{.flag = "mine", .assay_data = "/env", .xdg_data_home = "/xdg", .home = "/home/x"};
  EXPECT_EQ(data_home(all).value(), "mine");
  all.flag.reset();
  EXPECT_EQ(data_home(all).value(), "/env");
  all.assay_data = "";
  EXPECT_EQ(data_home(all).value(), "/xdg/assay");
  all.xdg_data_home = "relative";
  EXPECT_EQ(data_home(all).value(), "/home/x/.local/share/assay");
  all.home.reset();
  auto nothing = data_home(all);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::usage);
  EXPECT_NE(nothing.error().hint.find("--data"), std::string::npos);
}

TEST(DataHome, StoreAddresses) {
  std::optional<std::string> none;
  EXPECT_EQ(store_path(none, none, "/d").value(), "/d/assay.db");
  EXPECT_EQ(store_path("", "", "/d").value(), "/d/assay.db");
  EXPECT_EQ(store_path(none, "sqlite:/s/a.db", "/d").value(), "/s/a.db");
  EXPECT_EQ(store_path("x.db", "sqlite:/s/a.db", "/d").value(), "x.db");
  EXPECT_EQ(store_path("sqlite:///s/a.db", none, "/d").value(), "/s/a.db");
  EXPECT_EQ(store_path("C:odd", none, "/d").value(), "C:odd");
  EXPECT_EQ(store_path("./with:colon", none, "/d").value(), "./with:colon");
}

TEST(DataHome, OtherStoresAreRefusedWithoutRepeatingTheirPassword) {
  auto refused = store_path("postgresql://me:secret@host/db", std::nullopt, "/d");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(to_string(refused.error()).find("secret"), std::string::npos);
  EXPECT_EQ(store_path("sqlite:", std::nullopt, "/d").error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace assay
