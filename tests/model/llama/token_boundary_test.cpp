// The harness's token rules, against what the harness itself computed with a toy tokenizer.
#include "model/llama/token_boundary.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/shared_data.h"

namespace assay::test {
namespace {

using Ids = std::vector<std::int32_t>;

Ids ids(const json::value& value) {
  Ids out;
  for (const json::value& id : value.as_array()) out.push_back(static_cast<std::int32_t>(id.as_int64()));
  return out;
}

json::value golden(const std::string& name) {
  return load_json(shared("golden/open-llm-leaderboard/" + name));
}

/// At each position the longest entry of the vocabulary (id = index + 1), else 1000 + the code point.
Ids toy_tokens(const json::array& vocabulary, std::string_view text) {
  Ids out;
  while (!text.empty()) {
    std::size_t best = 0, length = 0;
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      std::string_view entry = vocabulary[i].as_string();
      if (entry.size() > length && text.starts_with(entry)) {
        best = i + 1;
        length = entry.size();
      }
    }
    if (length > 0) {
      out.push_back(static_cast<std::int32_t>(best));
    } else {
      length = 1;
      while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
      auto lead = static_cast<unsigned char>(text[0]);
      std::int32_t point = length == 1 ? lead : lead & (0xFF >> (length + 1));
      for (std::size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
      out.push_back(1000 + point);
    }
    text.remove_prefix(length);
  }
  return out;
}

TEST(TokenBoundary, IsTheHarnesss) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/encode_pair.json");
  json::value file = golden("encode_pair.json");
  const json::array& vocabulary = file.at("tokenizer").at("vocab").as_array();
  const Tokenise tokenise = [&](std::string_view text) -> Result<Ids> { return toy_tokens(vocabulary, text); };
  int merged = 0;
  for (const json::value& c : file.at("cases").as_array()) {
    std::string context(c.at("context").as_string()), continuation(c.at("continuation").as_string());
    SCOPED_TRACE(context + "|" + continuation);
    TextPair text = move_blanks(context, continuation);
    auto pair = encode_pair(text, *tokenise(text.context), tokenise);
    ASSERT_TRUE(pair);
    if (context.empty()) pair->context = {0};  // the end-of-text token stands in
    EXPECT_EQ(pair->context, ids(c.at("context_tokens")));
    EXPECT_EQ(pair->continuation, ids(c.at("continuation_tokens")));
    auto limit = static_cast<std::size_t>(c.at("max_length").as_int64());
    if (pair->continuation.size() > limit) continue;
    merged += pair->continuation.empty();
    ModelInput input = model_input(*pair, limit);
    EXPECT_EQ(input.tokens, ids(c.at("model_input")));
    EXPECT_EQ(input.truncated, pair->context.size() + pair->continuation.size() > limit + 1);
    const json::array& scored = c.at("scored_positions").as_array();
    EXPECT_EQ(static_cast<std::int64_t>(input.tokens.size()), scored[1].as_int64());
    EXPECT_EQ(static_cast<std::int64_t>(input.tokens.size() - pair->continuation.size()), scored[0].as_int64());
  }
  EXPECT_GT(merged, 0);  // the case in which the tokenizer leaves the continuation nothing
}

TEST(TokenBoundary, RollingWindowsAreTheHarnesss) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/rolling_windows.json");
  json::value file = golden("rolling_windows.json");
  int checked = 0;
  for (const json::value& c : file.at("cases").as_array()) {
    if (c.at("context_len").as_int64() != 1) continue;  // the harness asks for no other
    Ids tokens;
    for (std::int64_t i = 0; i < c.at("n_tokens").as_int64(); ++i)
      tokens.push_back(static_cast<std::int32_t>(c.at("first_token").as_int64() + i));
    auto windows = rolling_windows(tokens, static_cast<std::int32_t>(c.at("prefix_token").as_int64()),
                                   static_cast<std::size_t>(c.at("max_seq_len").as_int64()));
    const json::array& expected = c.at("disjoint").as_array();
    ASSERT_EQ(windows.size(), expected.size()) << tokens.size();
    for (std::size_t i = 0; i < windows.size(); ++i) {
      // The harness keeps context and continuation apart and reads both but for the last token.
      Ids read = ids(expected[i].at(0)), targets = ids(expected[i].at(1));
      read.insert(read.end(), targets.begin(), targets.end() - 1);
      EXPECT_EQ(windows[i].input, read) << tokens.size() << " window " << i;
      EXPECT_EQ(windows[i].targets, targets) << tokens.size() << " window " << i;
      ++checked;
    }
  }
  EXPECT_GT(checked, 5);
}

TEST(TokenBoundary, AContinuationAsLongAsTheContextLosesAllOfIt) {
  TokenPair pair{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(model_input(pair, 3).tokens, (Ids{3, 4, 5}));
  EXPECT_TRUE(model_input(pair, 3).truncated);
  EXPECT_EQ(model_input(pair, 5).tokens, (Ids{1, 2, 3, 4, 5}));
  EXPECT_FALSE(model_input(pair, 5).truncated);
}

}  // namespace
}  // namespace assay::test
