// The engine prints what Jinja prints: jinja_cases.json holds templates and Jinja's own answers.
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "prompt/jinja.h"

namespace assay {
namespace {

JinjaOptions chat_options() {
  JinjaOptions options;
  options.trim_blocks = options.lstrip_blocks = true;
  options.html_safe_json = false;
  options.strftime_now = [](std::string_view format) { return "T:" + std::string(format); };
  return options;
}

Result<std::string> render(std::string_view source, const json::object& variables, JinjaOptions options) {
  auto program = JinjaTemplate::parse(source, std::move(options));
  if (!program) return std::unexpected(program.error());
  return program->render(variables);
}

TEST(JinjaCases, PrintsWhatJinjaPrints) {
  json::value file = parse_json(read_file(std::string(ASSAY_SOURCE_DIR) + "/tests/prompt/jinja_cases.json").value()).value();
  const json::object& variables = file.at("variables").as_object();
  const json::array& cases = file.at("cases").as_array();
  ASSERT_GE(cases.size(), 150u);
  for (const json::value& one : cases) {
    std::string source = get_string(one, "template").value();
    auto text = render(source, variables, chat_options());
    if (auto expected = get_string(one, "result")) {
      ASSERT_TRUE(text) << source << ": " << to_string(text.error());
      EXPECT_EQ(*text, *expected) << source;
    } else {
      EXPECT_FALSE(text) << source << " gives " << *text;
    }
  }
}

TEST(JinjaCases, JinjasOwnJsonIsSafeInPages) {
  auto text = render("{{ v|tojson }} {{ v|tojson(indent=1) }}", {{"v", json::object{{"b", "<ü>"}, {"a", 1}}}}, {});
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_EQ(*text, R"({"a": 1, "b": "\u003c\u00fc\u003e"} {
 "a": 1,
 "b": "\u003c\u00fc\u003e"
})");
}

TEST(JinjaCases, WhatHoldsItselfOrRunsAwayEnds) {
  JinjaOptions small = chat_options();
  small.max_steps = 200'000;
  small.max_output = 1 << 16;
  for (const char* source :
       {"{% set l = [] %}{% set _ = l.append(l) %}{% set _ = l.append(l) %}{{ l }}{{ l ~ l }}{{ [l, l]|join }}{{ l|string|length "
        "}}",
        "{% set n = namespace(a=[0, 0], b=[0, 0]) %}{% for i in range(90) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] "
        "%}{% endfor %}{{ n.a == n.b }}",
        "{% set l = [] %}{% set _ = l.append(l) %}{% set _ = l.append(l) %}{{ l|tojson }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{% for x in [[1]] recursive %}{{ loop([x, x]) }}{% endfor %}",
        "{{ 'a'.center(999999999999) }}", "{{ '{:9999}'.format('x') }}", "{{ 'x'.zfill(99999999) }}",
        "{{ [1]|batch(999999999, 0)|list }}", "{{ [1]|slice(999999999)|list }}",
        "{% set ns = namespace() %}{% for x in [1] recursive %}{% set ns.f = loop %}{% endfor %}{{ ns.f([1, 2]) }}"})
    render(source, {}, small);  // in bounded time and memory, whatever it says
}

}  // namespace
}  // namespace assay
