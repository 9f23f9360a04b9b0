#include "run/engine_note.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

json::object manifest(json::value scoring) {
  return {{"models", json::object{{"judge", json::object{}}, {"model", json::object{{"loglikelihood", std::move(scoring)}}}}}};
}

TEST(EngineNote, SaysWhatWasComputedAndWhatShared) {
  EXPECT_EQ(engine_note(manifest({{"documents", 36},
                                  {"documents_per_second", 2.44},
                                  {"truncated", 3},
                                  {"tokens_evaluated", 27176},
                                  {"tokens_one_by_one", 135457}})),
            "36 documents at 2.44/s, 27,176 of 135,457 tokens computed (80 % were shared), 3 texts cut at the context's length");
  EXPECT_EQ(engine_note(manifest({{"documents", 1}, {"tokens_evaluated", 9}, {"tokens_one_by_one", 9}})),
            "1 document, 9 tokens computed");
}

TEST(EngineNote, IsEmptyWhereNothingWasScoredAndForStrangeManifests) {
  EXPECT_EQ(engine_note({}), "");
  EXPECT_EQ(engine_note({{"models", 3}}), "");
  EXPECT_EQ(engine_note({{"models", json::object{{"model", "x"}}}}), "");
  EXPECT_EQ(engine_note(manifest(nullptr)), "");
  EXPECT_EQ(engine_note(manifest({{"documents", 0}, {"tokens_evaluated", 0}})), "");
  EXPECT_EQ(engine_note(manifest({{"documents", -5}, {"tokens_evaluated", 1e300}})), "");
  EXPECT_EQ(engine_note(manifest({{"documents", "many"}, {"tokens_evaluated", json::array{}}})), "");
}

}  // namespace
}  // namespace assay
