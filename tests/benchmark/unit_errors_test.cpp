#include "benchmark/unit_errors.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(UnitErrors, WhatAnotherAttemptMayMendDoesNotEndAUnit) {
  for (ErrorKind kind : {ErrorKind::bad_request, ErrorKind::rate_limited, ErrorKind::server, ErrorKind::network, ErrorKind::timeout,
                         ErrorKind::bad_response})
    EXPECT_FALSE(ends_unit(kind)) << name(kind);
}

TEST(UnitErrors, WhatIsTrueOfEveryAttemptDoes) {
  for (ErrorKind kind : {ErrorKind::cancelled, ErrorKind::missing, ErrorKind::unsupported, ErrorKind::usage, ErrorKind::internal,
                         ErrorKind::auth, ErrorKind::model_missing, ErrorKind::quota, ErrorKind::refused, ErrorKind::identity,
                         ErrorKind::data, ErrorKind::io})
    EXPECT_TRUE(ends_unit(kind)) << name(kind);
}

}  // namespace
}  // namespace assay
