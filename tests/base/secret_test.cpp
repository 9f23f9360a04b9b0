#include "base/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>

namespace assay {
namespace {

// A secret has no way out but reveal(): these are compile-time facts.
template <class T>
concept Printable = requires(std::ostream& out, T value) { out << value; };
template <class T>
concept Comparable = requires(T a, T b) { a == b; };
static_assert(!Printable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, RevealsOnlyWhenAsked) {
  Secret secret("sk-12345");
  EXPECT_EQ(secret.reveal(), "sk-12345");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, RedactsEveryOccurrence) {
  Secret secret("sk-12345");
  EXPECT_EQ(secret.redact("key sk-12345 is wrong: sk-12345"), "key [secret] is wrong: [secret]");
  EXPECT_EQ(secret.redact("nothing here"), "nothing here");
  EXPECT_EQ(Secret("[secret]").redact("a [secret] b"), "a [secret] b");  // ends although the replacement holds the secret
  EXPECT_EQ(Secret("abc").redact("abc"), "abc");                          // too short to be one: it would mangle texts
  EXPECT_EQ(Secret().redact("text"), "text");
}

TEST(Secret, RedactsWhatJsonHasEscaped) {
  Secret secret("sk/12+34=\"5");
  EXPECT_EQ(secret.redact(R"({"a":"x sk\/12\u002b34=\"5 y\n","b":"\u0073k/12\u002B34\u003d\"5"})"), R"({"a":"x [secret] y\n","b":"[secret]"})");
  for (const char* other : {R"(sk\n12+34=\"5)", R"(sk\u12)", "sk\\", R"(sk\u00e912)", R"(\u0073k/12+34)"}) EXPECT_EQ(secret.redact(other), other);
}

TEST(Secret, ATextFullOfKeysIsRedactedInOneWalk) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "sk-12345";
  EXPECT_EQ(Secret("sk-12345").redact(text + "x").size(), 8'000'001u);
  EXPECT_EQ(Secret("sk-1").redact(text).size(), 12'000'000u);
}

}  // namespace
}  // namespace assay
