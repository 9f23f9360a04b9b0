// Requests stored as differences: the arithmetic, and that a hundred thousand rows with one long context stay small.
#include "journal/body_store.h"

#include <random>

#include "journal_fixture.h"

namespace assay::test {
namespace {

TEST(Overlap, HeadAndTailNeverMeet) {
  auto check = [](std::string_view text, std::string_view base, std::size_t head, std::size_t tail) {
    Overlap got = overlap(text, base);
    EXPECT_EQ(got.head, head) << text << " / " << base;
    EXPECT_EQ(got.tail, tail) << text << " / " << base;
  };
  check("", "", 0, 0);
  check("abc", "abc", 3, 0);
  check("abc", "abXc", 2, 1);
  check("aaaa", "aaa", 3, 0);
  check("aaa", "aaaaaaaaaaaaaaaaaaaaaaa", 3, 0);
  check("0123456789abcdef", "0123456789Xbcdef", 10, 5);
  check("Q12345678", "A12345678", 0, 8);
  check("Q123456789abcdefgh", "A123456789abcdefgh", 0, 17);
}

TEST(Overlap, CutsBetweenCodePoints) {
  // "ä" is C3 A4, "ö" is C3 B6: the common byte C3 must not be split off.
  Overlap head = overlap("xxä!", "xxö?");
  EXPECT_EQ(head.head, 2u);
  // U+00E4 = C3 A4 and U+0124 = C4 A4 share their last byte.
  Overlap tail = overlap("!äxx", "?Ĥxx");
  EXPECT_EQ(tail.tail, 2u);
}

TEST(Overlap, PutsTogetherWhatItTookApart) {
  std::mt19937 random(7);
  auto text = [&](std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += "ab"[random() & 1];
    return out;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string head = text(random() % 40), tail = text(random() % 40);
    std::string base = head + text(random() % 10) + tail, whole = head + text(random() % 10) + tail;
    Overlap shared = overlap(whole, base);
    ASSERT_LE(shared.bytes(), std::min(base.size(), whole.size()));
    ASSERT_GE(shared.bytes(), std::min(head.size(), tail.size()));
    std::string_view middle = std::string_view(whole).substr(shared.head, whole.size() - shared.bytes());
    auto again = whole_body(middle, base, static_cast<std::int64_t>(shared.head), static_cast<std::int64_t>(shared.tail));
    ASSERT_TRUE(again);
    ASSERT_EQ(*again, whole);
  }
}

TEST(Overlap, RefusesCutsThatDoNotFit) {
  EXPECT_EQ(whole_body("x", "base", 5, 0).error().kind, ErrorKind::data);
  EXPECT_EQ(whole_body("x", "base", 0, 5).error().kind, ErrorKind::data);
  EXPECT_EQ(whole_body("x", "base", -1, 0).error().kind, ErrorKind::data);
  EXPECT_EQ(*whole_body("x", "base", 4, 4), "basexbase");
}

using BodiesTest = JournalTest;

std::string group_request(const std::string& prefix, int n) {
  // As canonical JSON has it: the items first, the shared prefix last.
  std::string item = std::to_string(n);
  return R"({"items":[{"context":"Question )" + item + R"(: which?","continuation":" A"},{"context":"Question )" + item +
         R"(: which?","continuation":" B"}],)" + R"("kind":"loglikelihood","shared_prefix":")" + prefix + "\"}";
}

TEST_F(BodiesTest, TwentyThousandGroupsWithAnEightKilobytePrefixStaySmall) {
  constexpr int kRows = 20'000;
  std::string prefixes[4];
  for (int p = 0; p < 4; ++p)
    while (prefixes[p].size() < 8000)
      prefixes[p] += "Subject " + std::to_string(p) + ", example " + std::to_string(prefixes[p].size()) + ". ";
  auto request = [&](int n) { return group_request(prefixes[n % 4], n); };  // subjects interleaved
  {
    auto journal = open();
    for (int n = 0; n < kRows; ++n) journal->put_answer(make_answer(n, request(n)));
    ASSAY_OK(journal->flush());
    for (int n : {0, 1, 4, 19'999}) {
      auto found = journal->find(make_answer(n, request(n)).key);
      ASSAY_OK(found);
      ASSERT_TRUE(*found);
      expect_same(**found, make_answer(n, request(n)));
    }
    auto problems = journal->verify(journal_key);
    ASSAY_OK(problems);
    EXPECT_TRUE(problems->empty()) << problems->front();
  }
  EXPECT_EQ(number("SELECT count(*) FROM body"), kRows);
  EXPECT_LE(number("SELECT count(*) FROM body WHERE base IS NULL"), 8);
  auto size = std::filesystem::file_size(path());
  EXPECT_LT(size, 400u * kRows) << "160 MB of requests in " << size << " bytes";
}

TEST_F(BodiesTest, ALongCommonBeginningIsStoredOnce) {
  std::string introduction(8000, 'x');
  auto request = [&](int n) {
    return R"({"kind":"generate","messages":[{"content":")" + introduction + " Question " + std::to_string(n) +
           R"(","role":"user"}]})";
  };
  auto journal = open();
  for (int n = 0; n < 1000; ++n) journal->put_answer(make_answer(n, request(n)));
  ASSAY_OK(journal->flush());
  EXPECT_EQ(number("SELECT count(*) FROM body WHERE base IS NULL"), 1);
  int n = 0;
  ASSAY_OK(journal->for_each_answer([&](const Answer& answer) {
    expect_same(answer, make_answer(n, request(n)));
    return ++n > 0;
  }));
  EXPECT_EQ(n, 1000);
}

TEST_F(BodiesTest, TextsWithLittleInCommonStandWhole) {
  std::mt19937 random(3);
  auto journal = open();
  for (int n = 0; n < 100; ++n) {
    std::string text = "{\"kind\":\"generate\",\"prompt\":\"";
    for (int i = 0; i < 2000; ++i) text += static_cast<char>('a' + random() % 26);
    journal->put_answer(make_answer(n, text + "\"}"));
  }
  ASSAY_OK(journal->flush());
  EXPECT_EQ(number("SELECT count(*) FROM body WHERE base IS NULL"), 100);
}

TEST_F(BodiesTest, OneTextForManyDraws) {
  auto journal = open();
  for (int n = 0; n < 50; ++n) {
    Answer answer = make_answer(7);
    answer.draw = R"({"ask":0,"epoch":0,"iteration":)" + std::to_string(n + 1) + "}";
    answer.key = *journal_key(answer.identity, answer.request, answer.draw);
    journal->put_answer(answer);
  }
  auto stats = journal->stats();
  ASSAY_OK(stats);
  EXPECT_EQ(stats->answers, 50);
  EXPECT_EQ(stats->requests, 1);
}

}  // namespace
}  // namespace assay::test
