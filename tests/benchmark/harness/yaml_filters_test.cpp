// Filters and exact_match against the original's, and what the original would choke on.
#include "benchmark/harness/yaml_filters.h"

#include <boost/json/array.hpp>

#include "benchmark/harness/yaml_text_metrics.h"
#include "golden.h"

namespace assay::harness {
namespace {

using namespace test;

FilterConfig chain_of(const json::value& steps) {
  FilterConfig out;
  out.name = "test";
  for (const json::value& step : steps.as_array()) {
    json::object options = step.as_object();
    FilterStep one;
    one.function = std::string(options["function"].as_string());
    options.erase("function");
    one.options = python_value(options);
    out.steps.push_back(std::move(one));
  }
  return out;
}
FilterConfig chain_of(const char* steps) {
  return chain_of(*parse_json(steps));
}

std::string applied(const char* steps, std::vector<std::string> answers, const json::value& row = nullptr) {
  auto chain = FilterChain::make(chain_of(steps), "t.yaml");
  if (!chain) return "unmade: " + chain.error().message;
  auto value = chain->apply(answers, row);
  return value ? write_json(to_json(*value)) : "error: " + value.error().message;
}

TEST(YamlFilters, AsTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_filters_metrics.json");
  std::size_t n = 0;
  for (const json::value& one : golden("head_filters_metrics.json").at("filters").as_array()) {
    auto chain = FilterChain::make(chain_of(one.at("filters")), "golden");
    ASSERT_TRUE(chain.has_value()) << to_string(chain.error());
    const json::array& responses = one.at("responses").as_array();
    for (std::size_t i = 0; i < responses.size(); ++i, ++n) {
      std::vector<std::string> answers;
      for (const json::value& answer : responses[i].as_array()) answers.emplace_back(answer.as_string());
      const json::value row = one.at("docs").is_null() ? json::value(nullptr) : one.at("docs").as_array().at(i);
      auto value = chain->apply(answers, row);
      ASSERT_TRUE(value.has_value()) << to_string(value.error());
      EXPECT_EQ(to_json(*value), one.at("result").as_array().at(i))
          << write_json(one.at("filters")) << " " << write_json(responses[i]);
    }
  }
  EXPECT_GE(n, 25u);
}

TEST(YamlFilters, Corners) {
  // Several groups: the first that is not empty; all empty: the fallback. Matches count over the whole answer.
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"(x)?(y)?","fallback":"none"},{"function":"take_first"}])-", {"z"}),
            "\"none\"");
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"(x)?(y)?","fallback":" none\n"},{"function":"take_first"}])-", {"z"}),
            "\"none\"");  // stripped as a match is; not so where nothing matched
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"(x)(y)","fallback":" none"},{"function":"take_first"}])-", {"z"}),
            "\" none\"");
  EXPECT_EQ(
      applied(R"-([{"function":"regex","regex_pattern":"a(b)|c(d)","group_select":1},{"function":"take_first"}])-", {"ab cd"}),
      "\"d\"");
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"a","group_select":2},{"function":"take_first"}])-", {"aa"}),
            "error: group_select is 2, but the pattern matches only 2 times");
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"a","group_select":-3},{"function":"take_first"}])-", {"aa"}),
            "error: group_select is -3, but the pattern matches only 2 times");
  EXPECT_EQ(applied(R"-([{"function":"regex","regex_pattern":"(?<=:) *(\\w+)"}])-", {"x: blau ", "grün"}),
            "[\"blau\",\"[invalid]\"]");
  EXPECT_EQ(applied(R"-([{"function":"take_first_k","k":3},{"function":"take_first"}])-", {"a", "b"}),
            "error: take_first_k needs 3 answers a document, and there are 2");
  EXPECT_EQ(applied(R"-([{"function":"map","mapping_dict":{"a":1}},{"function":"take_first"}])-", {"b"}), "null");
  EXPECT_EQ(applied(R"-([{"function":"map","mapping_dict":{"a":1}},{"function":"lowercase"},{"function":"take_first"}])-", {"a"}),
            "error: a filter for texts got a value that is none");
  EXPECT_EQ(applied(R"-([{"function":"uppercase"},{"function":"take_first"}])-", {"\u0149 \ufb01 \u1fb3"}), "\"\u02bcN FI \u0391\u0399\"");
  EXPECT_EQ(applied("[]", {"a", "b"}), "[\"a\",\"b\"]");
  EXPECT_EQ(applied(R"-([{"function":"majority_vote"}])-", {}), "error: there is no answer to filter");
}

TEST(YamlFilters, MultipleChoice) {
  const json::value row{{"choices", {"Red.", "Red", "a|b", ""}}};
  auto with = [&](const char* options, const char* answer) {
    return applied((std::string(R"-([{"function":"multi_choice_regex","regex_pattern":"(\\([A-D]\\))")-") + options +
                    "},{\"function\":\"take_first\"}]")
                       .c_str(),
                   {answer}, row);
  };
  EXPECT_EQ(with("", "I say (C)"), "\"(C)\"");
  EXPECT_EQ(with("", "it is Red."), "\"[invalid]\"");  // the empty choice matches first, at every place
  const json::value two{{"choices", {"Red.", "Red!"}}};
  auto of_two = [&](const char* options, const char* answer) {
    return applied((std::string(R"-([{"function":"multi_choice_regex","regex_pattern":"(\\([A-D]\\))")-") + options +
                    "},{\"function\":\"take_first\"}]")
                       .c_str(),
                   {answer}, two);
  };
  EXPECT_EQ(of_two("", "it is Red!"), "\"(B)\"");
  EXPECT_EQ(of_two(R"(,"ignore_punctuation":true)", "it is Red!"), "\"(B)\"");  // of choices alike the last one
  EXPECT_EQ(of_two(R"(,"ignore_case":true)", "it is RED."), "\"(A)\"");
  EXPECT_EQ(of_two(R"(,"regexes_to_ignore":["\\s","[.!]"])", "R e d"), "\"(B)\"");
  EXPECT_EQ(of_two("", "Answer:  B"), "\"(B)\"");
  EXPECT_EQ(of_two("", "Answer: C"), "\"[invalid]\"");
  EXPECT_EQ(applied(R"-([{"function":"multi_choice_regex"},{"function":"take_first"}])-", {"x"}),
            "error: multi_choice_regex: the document has no list \"choices\"");
}

TEST(YamlFilters, RefusedByName) {
  auto message = [](const char* steps) {
    auto chain = FilterChain::make(chain_of(steps), "t.yaml");
    return chain ? std::string("made") : to_string(chain.error());
  };
  EXPECT_TRUE(message(R"-([{"function":"format_span"}])-")
                  .starts_with("filter format_span in \"test\" of t.yaml: there is no filter of that name here"));
  EXPECT_TRUE(message(R"-([{"function":"take_first"},{"function":"lowercase"}])-").find("stands behind take_first") !=
              std::string::npos);
  EXPECT_TRUE(message(R"-([{"function":"regex","regex_pattern":"(["}])-").find("malformed pattern") != std::string::npos);
  EXPECT_TRUE(message(R"-([{"function":"regex","group":1}])-").find("the option \"group\" is not supported") !=
              std::string::npos);
  FilterConfig python;
  python.name = "own";
  python.steps.push_back({"custom", {}, PythonFunction{"utils.extract", "a/b.yaml"}});
  auto chain = FilterChain::make(python, "t.yaml");
  ASSERT_FALSE(chain.has_value());
  EXPECT_EQ(chain.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(chain.error().message, "filter custom in \"own\" of t.yaml needs the Python function utils.extract of a/b.yaml");
}

TEST(YamlFilters, HopelessPatternsEnd) {
  const std::string answer =
      applied(R"-([{"function":"regex","regex_pattern":"((a+)+)+b"},{"function":"take_first"}])-", {std::string(40, 'a') + "c"});
  EXPECT_TRUE(answer == "\"[invalid]\"" || answer.find("too many steps") != std::string::npos) << answer;
}

TEST(YamlExactMatch, AsTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_filters_metrics.json");
  for (const json::value& one : golden("head_filters_metrics.json").at("exact_match").as_array()) {
    auto exact = ExactMatch::make(python_value(one.at("options")), "golden");
    ASSERT_TRUE(exact.has_value()) << to_string(exact.error());
    std::vector<std::string> said, wanted;
    for (const json::value& text : one.at("predictions").as_array()) said.emplace_back(text.as_string());
    for (const json::value& text : one.at("references").as_array()) wanted.emplace_back(text.as_string());
    EXPECT_EQ(*(*exact)(said, wanted), *get_number(one, "exact_match")) << write_json(one);
  }
}

TEST(YamlExactMatch, Corners) {
  auto same = [](const char* options, std::string a, std::string b) {
    return *(*ExactMatch::make(python_value(*parse_json(options)), "test"))(a, b);
  };
  EXPECT_TRUE(same("{}", std::string("a\0\0", 3), "a"));  // numpy's texts end before their NULs
  EXPECT_FALSE(same("{}", std::string("\0a", 2), "a"));
  EXPECT_TRUE(same(R"({"ignore_punctuation":true})", "a-b_c", "abc"));
  EXPECT_FALSE(same(R"({"ignore_punctuation":true})", "a…", "a"));  // ASCII's only
  EXPECT_FALSE(same(R"({"ignore_numbers":true})", "a٣", "a"));
  // numpy's texts keep their length when they are lower-cased, and U+0130 becomes two.
  EXPECT_TRUE(same(R"({"ignore_case":true})", "B\u0130", "bi"));
  EXPECT_FALSE(same(R"({"ignore_case":true})", "\u0130b", "i\u0307b"));
  EXPECT_TRUE(same(R"({"regexes_to_ignore":["^a+","b$"]})", "aaxb", "x"));
  EXPECT_FALSE(ExactMatch::make(python_value(*parse_json(R"({"ignore_cases":true})")), "test").has_value());
  EXPECT_FALSE(ExactMatch::make(python_value(*parse_json(R"({"regexes_to_ignore":["["]})")), "test").has_value());
}

TEST(YamlAnls, ByHand) {
  EXPECT_EQ(*anls("the cat", "The  Cat "), 1);
  EXPECT_DOUBLE_EQ(*anls("abcd", "abxd"), 0.75);
  EXPECT_EQ(*anls("abcd", "axyz"), 0);  // a quarter is below the threshold
  EXPECT_EQ(*anls("", ""), 1);
  EXPECT_EQ(*anls("\u0149", ""), 0.5);  // one letter, two in capitals
  EXPECT_FALSE(anls(std::string(30000, 'a'), "a").has_value());
}

}  // namespace
}  // namespace assay::harness
