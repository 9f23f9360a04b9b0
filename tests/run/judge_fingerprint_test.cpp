#include "run/judge_fingerprint.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "base/hash.h"

namespace assay {
namespace {

Role role(std::string spec, json::object facts = {{"backend", "openai"}, {"model", "m"}}) {
  Role out;
  out.spec = std::move(spec);
  out.identity.facts = std::move(facts);
  return out;
}

json::object judging() { return {{"prompt", "abc"}, {"parser", "regex"}, {"sampling", {{"temperature", 0}}}}; }

TEST(JudgeFingerprint, IsTheHashThatIsDocumented) {
  EXPECT_EQ(judge_fingerprint(role("openai:m?temperature=0.5"), judging()),
            key_of(R"({"judging":{"parser":"regex","prompt":"abc","sampling":{"temperature":0}},"model":{"backend":"openai","model":"m"},"overrides":{"temperature":"0.5"}})").hex());
}

TEST(JudgeFingerprint, ChangesWithWhatChangesTheJudgeAlone) {
  const std::string plain = judge_fingerprint(role("openai:m"), judging());
  EXPECT_EQ(plain.size(), 32u);
  EXPECT_EQ(judge_fingerprint(role("openai:m?concurrency=3&rpm=60&price_in=2&key_env=OTHER"), judging()), plain);
  json::object reordered{{"sampling", {{"temperature", 0}}}, {"parser", "regex"}, {"prompt", "abc"}, {"fingerprint", "of before"}};
  EXPECT_EQ(judge_fingerprint(role("openai:m"), reordered), plain);
  EXPECT_NE(judge_fingerprint(role("openai:m?temperature=0.5"), judging()), plain);
  EXPECT_NE(judge_fingerprint(role("openai:m?system=Be%20fair"), judging()), plain);
  EXPECT_NE(judge_fingerprint(role("openai:m", {{"backend", "openai"}, {"model", "n"}}), judging()), plain);
  for (const char* member : {"prompt", "parser", "sampling"}) {
    json::object other = judging();
    other[member] = "another";
    EXPECT_NE(judge_fingerprint(role("openai:m"), other), plain) << member;
  }
}

TEST(JudgeFingerprint, GoesIntoTheManifestOfRolesThatTheRunHas) {
  json::object manifest{{"judging", {{"judge", judging()}, {"absent", judging()}}}};
  add_judge_fingerprints(manifest, {{"judge", role("openai:m")}, {"model", role("openai:x")}});
  const json::object& all = manifest["judging"].as_object();
  EXPECT_EQ(get_string(*all.if_contains("judge"), "fingerprint").value(), judge_fingerprint(role("openai:m"), judging()));
  EXPECT_FALSE(get_string(*all.if_contains("absent"), "fingerprint"));
  json::object odd{{"judging", 5}}, none;
  add_judge_fingerprints(odd, {});
  add_judge_fingerprints(none, {});
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace assay
