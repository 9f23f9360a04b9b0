// The answer at a glance: texts, choices, whole texts, and values that nobody expects.
#include "run/answer_line.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

namespace assay {
namespace {

SampleResult with(json::object evidence) {
  SampleResult out;
  out.reason = "why not";
  out.evidence = std::move(evidence);
  return out;
}

TEST(AnswerLine, SaysWhatWasAnsweredOrWhyNot) {
  EXPECT_EQ(answer_line(with({{"asks", json::array{json::object{{"text", "two\nlines"}}}}})), "two lines");
  EXPECT_EQ(answer_line(with({})), "why not");
  EXPECT_EQ(answer_line(with({{"chosen", json::object{{"choice", " blue\nsky"}, {"loglikelihood", -3.21}}}})), "blue sky (log-likelihood -3.2100)");
  EXPECT_EQ(answer_line(with({{"chosen", json::object{{"continuation", " end"}, {"loglikelihood", -1}}}})), "end (log-likelihood -1.0000)");
  EXPECT_EQ(answer_line(with({{"chosen", json::object{{"loglikelihood", -120.5}}}})), "log-likelihood -120.5000");
  EXPECT_EQ(answer_line(with({{"chosen", json::object{{"choice", "a"}, {"loglikelihood", nullptr}}}})), "a (no log-likelihood)");
  EXPECT_EQ(answer_line(with({{"chosen", json::object{{"choice", 7}}}})), "no log-likelihood");
  EXPECT_EQ(answer_line(with({{"chosen", "blue"}})), "why not");
  EXPECT_LT(answer_line(with({{"chosen", json::object{{"choice", std::string(5000, 'x')}, {"loglikelihood", -1}}}})).size(), 800u);
}

}  // namespace
}  // namespace assay
