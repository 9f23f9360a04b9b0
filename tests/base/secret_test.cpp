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

}  // namespace
}  // namespace assay
