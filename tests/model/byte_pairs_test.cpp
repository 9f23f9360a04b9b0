// OpenAI's tokenizers: byte pairs merged by rank within pieces. The vocabularies are cut to what the texts need; numbers are those of the js-tiktoken package
// (1.0.21) with the whole ones.
#include "model/byte_pairs.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using Tokens = std::vector<std::int64_t>;

constexpr const char* kCl100k =
    "Jw== 6\nKA== 7\nKQ== 8\nMQ== 16\nMg== 17\nMw== 18\nNA== 19\nNQ== 20\nQg== 33\nRQ== 36\nSQ== 40\nTA== 43\nTg== 45\n"
    "Tw== 46\nUw== 50\nYQ== 64\nYg== 65\nYw== 66\nZA== 67\nZQ== 68\nZw== 70\naA== 71\naQ== 72\nbg== 77\nbw== 78\ncA== 79\n"
    "cg== 81\ncw== 82\ndA== 83\ndQ== 84\neA== 87\neQ== 88\nrA== 105\nrw== 107\nsQ== 109\nug== 118\nww== 127\n5A== 160\n"
    "5g== 162\nCQ== 197\nCg== 198\nDQ== 201\nIA== 220\nnA== 250\nnQ== 251\nICA= 256\nZXI= 261\nb24= 263\nZW4= 268\n"
    "b3I= 269\naXQ= 275\nbmQ= 303\nDQo= 319\nICg= 320\nZXg= 327\ndXQ= 332\ndGg= 339\nIGc= 342\nb3Q= 354\ncGU= 375\n"
    "aGU= 383\nbnQ= 406\nZW5k 408\naXRo 411\nIEI= 426\nZXh0 428\nY29u 444\nZGU= 451\nIE4= 452\nb250 546\nJ3M= 596\n"
    "b25l 606\ncHV0 631\ncnI= 637\ndGU= 668\ndGhlcg== 700\nMTI= 717\nIGdv 733\nZXA= 752\nYm8= 754\nY29udA== 778\ndHA= 796\n"
    "bmU= 818\ncnk= 894\nY28= 1030\nQm8= 1255\ndGV4dA== 1342\nMjM= 1419\nZW5kcw== 1438\nIMM= 1717\nNDU= 1774\ndGhl 1820\n"
    "KGI= 1921\nMzQ= 1958\naGVy 1964\nSXQ= 2181\nY29udGV4dA== 2196\neHQ= 2302\naXRoZXI= 2544\nIEJv 2577\nT3V0 2729\n"
    "cGVu 2821\nTm8= 2822\nKGE= 2948\nCXQ= 3324\nZ28= 3427\ndGhlbg== 3473\ncGVuZA== 3825\nTm9uZQ== 4155\nTEw= 4178\n"
    "IE5l 4275\nMTIz 4513\nU28= 4516\nT3V0cHV0 5207\nZHM= 5469\ncHU= 5701\nYm90 6465\n5Lo= 6823\nTm9u 8284\nb3JyeQ== 8635\n"
    "b3Ro 8942\nTmU= 8989\nMjM0 11727\nIEJvdGg= 11995\naGVu 12301\nMzQ1 12901\nZXBlbmQ= 13059\n5p0= 14276\nZGVw 15237\n"
    "b3Jy 17847\nU29ycnk= 19701\nZGVwZW5k 20080\nZWk= 20568\nQm90aA== 21279\nYm90aA== 21704\nIEJvdA== 23869\nbnRl 24341\n"
    "Qm90 24406\nIE5laXRoZXI= 25215\nIMOc 31612\nCXRoZQ== 33188\ndGV4 34444\nw68= 38672\nY29udGU= 46452\n5Lqs 47653\n"
    "RWl0aGVy 50344\nZWl0aGVy 50998\nb250ZQ== 53377\nw5w= 53591\nZGVwZW5kcw== 59047\nCXRoZW4= 59733\nTmVpdGhlcg== 63295\n"
    "CXRo 71579\nbmRz 82103\naXRoZQ== 83856\nJ0w= 92526\n";

constexpr const char* kO200k =
    "Jw== 6\nKA== 7\nKQ== 8\nMQ== 16\nMg== 17\nMw== 18\nNA== 19\nNQ== 20\nQg== 33\nRQ== 36\nSQ== 40\nTA== 43\nTg== 45\n"
    "Tw== 46\nUw== 50\nYQ== 64\nYg== 65\nYw== 66\nZA== 67\nZQ== 68\nZw== 70\naA== 71\naQ== 72\nbg== 77\nbw== 78\ncA== 79\n"
    "cg== 81\ncw== 82\ndA== 83\ndQ== 84\neA== 87\neQ== 88\nrA== 105\nrw== 107\nsQ== 109\nug== 118\nww== 127\n5A== 160\n"
    "5g== 162\nCQ== 197\nCg== 198\nDQ== 201\nIA== 220\nnA== 250\nnQ== 251\nICA= 256\nZXI= 259\nZW4= 262\nb24= 263\n"
    "b3I= 267\naGU= 273\naXQ= 278\nbmQ= 301\nIGc= 329\ndXQ= 339\nb3Q= 346\nICg= 350\nDQo= 370\ndGg= 404\ndGU= 411\n"
    "IEI= 418\nZW5k 419\ncGU= 424\naXRo 437\nIE4= 478\nZXg= 490\nY29u 542\nbnQ= 578\nbmU= 611\nZGU= 613\nb250 645\n"
    "b25l 690\neHQ= 711\ncHV0 772\n5Lo= 774\nZXh0 779\nIGdv 810\nJ3M= 885\nMTI= 899\ndGV4dA== 919\ndGhlcg== 942\naGVy 999\n"
    "cnI= 1006\nZXA= 1027\ncnk= 1102\nY28= 1191\nY29udA== 1377\nIMM= 1474\nb3Ro 1661\nYm8= 1692\nZW5kcw== 1847\nMjM= 1860\n"
    "Z28= 2319\nNDU= 2548\ncGVu 2931\n5Lqs 3017\nMzQ= 3020\ndGhl 3086\nTm8= 3160\nSXQ= 3206\nT3V0 3227\nKGI= 3229\n"
    "5p0= 3235\nY29udGV4dA== 3822\naXRoZXI= 3990\nIEJv 4381\nIE5l 4475\nb3Jy 4761\ncHU= 5112\ncGVuZA== 5293\naGVu 5447\n"
    "U28= 5808\nCXQ= 6264\nKGE= 6271\ndGhlbg== 6273\nT3V0cHV0 6310\ndGV4 6503\nQm8= 6581\nTEw= 7454\nMTIz 7633\nTmU= 8179\n"
    "Tm9uZQ== 8505\nZHM= 8559\nw5w= 8858\nTm9u 9953\nw68= 9954\nIMOc 13111\nYm90 13669\nSXQncw== 15834\nZWk= 17432\n"
    "bnRl 17436\nIEJvdGg= 17659\nb250ZQ== 19871\nb3JyeQ== 19923\nMjM0 20771\ndHA= 21223\nMzQ1 22901\nQm90 25814\n"
    "ZWl0 26840\nIEJvdA== 27206\nZGVw 27480\naXRoZQ== 30031\nU29ycnk= 33680\n5p2x 35529\nQm90aA== 38229\nYm90aA== 47163\n"
    "IE5laXRoZXI= 49579\nZGVwZW5k 50956\nZXBlbg== 51808\nT3U= 59275\nCXRoZQ== 62103\nRWl0aGVy 94545\nRWk= 102475\n"
    "ZWl0aGVy 105049\n5p2x5Lqs 108713\nIMOcbg== 120241\nZXBlbmQ= 122573\nY29udGU= 133227\nZGVwZW5kcw== 140634\n"
    "IE5laQ== 151086\nTmVpdGhlcg== 153247\nU29y 153970\nCXRo 158655\nCXRoZW4= 165345\nbmRz 181743\nJ0w= 195838\n";

constexpr const char* kR50k =
    "Jw== 6\nKA== 7\nKQ== 8\nMQ== 16\nMg== 17\nMw== 18\nNA== 19\nNQ== 20\nQg== 33\nRQ== 36\nSQ== 40\nTA== 43\nTg== 45\n"
    "Tw== 46\nUw== 50\nYQ== 64\nYg== 65\nYw== 66\nZA== 67\nZQ== 68\nZw== 70\naA== 71\naQ== 72\nbg== 77\nbw== 78\ncA== 79\n"
    "cg== 81\ncw== 82\ndA== 83\ndQ== 84\neA== 87\neQ== 88\nrA== 105\nrw== 107\nsQ== 109\nug== 118\nww== 127\n5A== 160\n"
    "5g== 162\nCQ== 197\nCg== 198\nDQ== 201\nIA== 220\nnA== 250\nnQ== 251\naGU= 258\nb24= 261\nZXI= 263\nZW4= 268\n"
    "aXQ= 270\nb3I= 273\nIGc= 308\nb3Q= 313\ndXQ= 315\nJ3M= 338\naXRo 342\nIEI= 347\nIDE= 352\nICg= 357\nbmQ= 358\n"
    "aGVy 372\nIE4= 399\ndGg= 400\nbnQ= 429\ncGU= 431\nZW5k 437\nIGdv 467\ndGhlcg== 490\nb25l 505\nZXA= 538\ncnk= 563\n"
    "dGU= 660\nbmU= 710\neHQ= 742\nb250 756\naGVu 831\nb3Ro 849\nSXQ= 1026\nMTI= 1065\nZXg= 1069\nY28= 1073\nY29u 1102\n"
    "IDEy 1105\ndGhl 1169\naXRoZXI= 1555\nMjM= 1954\ncHV0 1996\nYm8= 2127\nZ28= 2188\nNDU= 2231\nZXh0 2302\nU28= 2396\n"
    "ZW5kcw== 2412\nMzQ= 2682\nZXBlbmQ= 2690\nZGU= 2934\nTm8= 2949\nTEw= 3069\nIE5l 3169\nIEJv 3248\ncGVu 3617\n"
    "Y29udA== 3642\nb3JyeQ== 5152\ndGV4dA== 5239\nIEJvdGg= 5747\nIMM= 6184\nT3V0 7975\nTmU= 8199\ndGhlbg== 8524\n"
    "ZHM= 9310\nMTIz 10163\nQm90aA== 10265\nZGVw 10378\n5Lo= 12859\nYm90 13645\nTm9uZQ== 14202\nU29ycnk= 14385\n"
    "Tm9u 15419\nIE5laXRoZXI= 16126\nQm8= 16635\nYm90aA== 16885\ndGV4 16886\nIDEyMw== 17031\nIEJvdA== 18579\ncHU= 19944\n"
    "ZWk= 20295\nQm90 20630\ncnI= 21062\nY29udGV4dA== 22866\nMjM0 24409\nT3V0cHV0 26410\nw68= 26884\nTmVpdGhlcg== 27270\n"
    "MzQ1 27712\n5p0= 30266\nZWl0aGVy 31336\naXRoZQ== 31470\nRWl0aGVy 32478\ndHA= 34788\ncGVuZA== 37038\nb250ZQ== 38599\n"
    "b3Jy 38890\nZGVwZW5k 45841\nIMOc 49363\n";

Tokens encode(const char* vocabulary, const char* encoding, std::string_view text) {
  auto encoder = BytePairEncoder::read(vocabulary, encoding, "vocabulary");
  if (!encoder) {
    ADD_FAILURE() << to_string(encoder.error());
    return {};
  }
  auto tokens = encoder->encode(text);
  EXPECT_TRUE(tokens) << text << ": " << (tokens ? "" : to_string(tokens.error()));
  return tokens.value_or(Tokens{});
}

TEST(BytePairs, AsTheOriginal) {
  EXPECT_EQ(encode(kCl100k, "cl100k_base", "It's 12345"), (Tokens{2181, 596, 220, 4513, 1774}));
  EXPECT_EQ(encode(kCl100k, "cl100k_base", "I'LL  go\r\n\tthen"), (Tokens{40, 6, 4178, 220, 733, 319, 59733}));
  EXPECT_EQ(encode(kCl100k, "cl100k_base", "東京 Ünï"), (Tokens{14276, 109, 47653, 31612, 77, 38672}));
  EXPECT_EQ(encode(kCl100k, "cl100k_base", "depends"), (Tokens{59047}));
  EXPECT_EQ(encode(kO200k, "o200k_base", "It's 12345"), (Tokens{15834, 220, 7633, 2548}));
  EXPECT_EQ(encode(kO200k, "o200k_base", "I'LL  go\r\n\tthen"), (Tokens{40, 6, 7454, 220, 810, 370, 165345}));
  EXPECT_EQ(encode(kO200k, "o200k_base", "東京 Ünï"), (Tokens{108713, 120241, 9954}));
  EXPECT_EQ(encode(kO200k, "o200k_base", "depends"), (Tokens{140634}));
  EXPECT_EQ(encode(kR50k, "r50k_base", "It's 12345"), (Tokens{1026, 338, 17031, 2231}));
  EXPECT_EQ(encode(kR50k, "r50k_base", "I'LL  go\r\n\tthen"), (Tokens{40, 6, 3069, 220, 467, 201, 198, 197, 8524}));
  EXPECT_EQ(encode(kR50k, "r50k_base", "東京 Ünï"), (Tokens{30266, 109, 12859, 105, 49363, 77, 26884}));
  EXPECT_EQ(encode(kR50k, "r50k_base", "depends"), (Tokens{10378, 2412}));
}

TEST(BytePairs, TheKnownWordsAreWhatTheTokenizersSay) {
  for (const char* word : {"Output (a)", "Output (b)", "(a)", "(b)", "Both", "Neither", "None", " Both", " Neither", "Either", "depends", "context", "It", "both", "Sorry"}) {
    EXPECT_EQ(known_tokens("cl100k_base", word), encode(kCl100k, "cl100k_base", word)) << word;
    EXPECT_EQ(known_tokens("o200k_base", word), encode(kO200k, "o200k_base", word)) << word;
    EXPECT_EQ(known_tokens("r50k_base", word), encode(kR50k, "r50k_base", word)) << word;
    EXPECT_EQ(known_tokens("p50k_base", word), encode(kR50k, "p50k_base", word)) << word;
  }
  EXPECT_FALSE(known_tokens("cl100k_base", "elephant"));
}

TEST(BytePairs, WhichModelHasWhich) {
  for (const auto& [model, encoding] : {std::pair("gpt-4o-2024-05-13", "o200k_base"), {"gpt-4.1", "o200k_base"}, {"o3-mini", "o200k_base"}, {"gpt-4-1106-preview", "cl100k_base"},
                                        {"gpt-3.5-turbo-instruct", "cl100k_base"}, {"openai/gpt-4", "cl100k_base"}, {"text-davinci-003", "p50k_base"}, {"text-davinci-001", "r50k_base"},
                                        {"davinci-002", "cl100k_base"}, {"claude-3-opus", ""}, {"llama", ""}})
    EXPECT_EQ(openai_encoding(model), encoding) << model;
}

TEST(BytePairs, FilesThatAreNone) {
  for (const char* text : {"", "IQ==", "IQ== x\n", "IQ== -1\n", "!! 0\n", "IQ== 0\nIQ== 1\n", "IQ== 0 1\n", " 0\n"}) {
    auto encoder = BytePairEncoder::read(text, "cl100k_base", "f.tiktoken");
    ASSERT_FALSE(encoder) << text;
    EXPECT_EQ(encoder.error().kind, ErrorKind::data);
  }
  EXPECT_EQ(BytePairEncoder::read("IQ== 0\n", "x", "f").error().kind, ErrorKind::usage);
  auto little = BytePairEncoder::read("IQ== 0\r\n", "cl100k_base", "f");
  ASSERT_TRUE(little);
  EXPECT_EQ(little->encode("!!").value(), (Tokens{0, 0}));
  EXPECT_EQ(little->encode("a").error().kind, ErrorKind::data) << "no token for that byte";
  EXPECT_EQ(little->encode(std::string(100'000, '!')).error().kind, ErrorKind::data);
  EXPECT_EQ(little->encode(std::string(1'024, '!'))->size(), 1'024u);
  auto long_word = little->encode(std::string(1'025, '!'));
  ASSERT_FALSE(long_word) << "64 KiB of one word would take minutes";
  EXPECT_EQ(long_word.error().kind, ErrorKind::data);
  auto lacking = BytePairEncoder::read("IQ== 0\n", "cl100k_base", "f")->encode("a!");
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().message.find("lacks single bytes"), std::string::npos) << lacking.error().message;
  EXPECT_TRUE(little->encode("")->empty());
}

}  // namespace
}  // namespace assay
