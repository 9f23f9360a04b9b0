#include "prompt/jinja.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/shared_data.h"

namespace assay {
namespace {

Result<std::string> run(std::string_view source, const json::object& variables = {}, JinjaOptions options = {}) {
  auto program = JinjaTemplate::parse(source, std::move(options));
  if (!program) return fail(program.error());
  return program->render(variables);
}
std::string text(std::string_view source, const json::object& variables = {}, JinjaOptions options = {}) {
  auto out = run(source, variables, std::move(options));
  return out ? *out : "ERROR " + to_string(out.error());
}
Error error(std::string_view source, const json::object& variables = {}, JinjaOptions options = {}) {
  auto out = run(source, variables, std::move(options));
  EXPECT_FALSE(out) << *out;
  return out ? Error{} : out.error();
}

TEST(Jinja, PrintsValuesAsPythonDoes) {
  json::object v{{"l", json::array{"x", "y's", "z\"q\"", 1, 2.5, true, nullptr}},
                 {"d", json::object{{"k", "v"}, {"n", json::array{1}}}},
                 {"e", 1e22},
                 {"s",
                  "\xC2\xA0"
                  "a\n\\"}};
  EXPECT_EQ(text("{{ l }}", v), R"(['x', "y's", 'z"q"', 1, 2.5, True, None])");
  EXPECT_EQ(text("{{ d }}", v), "{'k': 'v', 'n': [1]}");
  EXPECT_EQ(text("{{ e }} {{ 1e-7 }} {{ 1.0 }} {{ 10 / 4 }} {{ 4 / 2 }}", v), "1e+22 1e-07 1.0 2.5 2.0");
  EXPECT_EQ(text("{{ [s] }}", v), R"(['\xa0a\n\\'])");
  EXPECT_EQ(text("{{ (1,) }}{{ (1, 'a') }}{{ () }}"), "(1,)(1, 'a')()");
  EXPECT_EQ(text("[{{ nothing }}] {{ none }} {{ true }}"), "[] None True");
  EXPECT_EQ(text("{{ ['both \\' and \"'] }}"), R"(['both \' and "'])");
}

TEST(Jinja, ArithmeticAndPrecedence) {
  EXPECT_EQ(text("{{ 2 + 3 * 4 }} {{ (2 + 3) * 4 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 7 % -3 }}"),
            "14 20 3 -4 2 1024 -2");
  EXPECT_EQ(text("{{ 'a' ~ 1 ~ none }} {{ 'ab' * 3 }} {{ [1] + [2] }} {{ 'x' + 'y' }}"), "a1None ababab [1, 2] xy");
  EXPECT_EQ(text("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'b' in 'abc' }} {{ 4 not in [1, 2] }} {{ 'k' in {'k': 1} }}"),
            "True False True True True");
  EXPECT_EQ(text("{{ not 1 == 2 and 3 or 4 }} {{ 0 or 'x' }} {{ 1 and '' }}|"), "3 x |");
  EXPECT_EQ(text("{{ 'a' if false }}|{{ 'a' if 1 else 'b' }}|{{ 'a' if 0 else 'b' if 0 else 'c' }}"), "|a|c");
  EXPECT_EQ(text("{{ 1 + 2 ~ 'x' }} {{ -3 | abs }} {{ 'a,b' | upper ~ 'c' }} {{ 1 == 1.0 }} {{ true + 1 }}"),
            "ERROR '+' does not work between int and str (template line 1)");
  EXPECT_EQ(text("{{ -3 | abs }} {{ 'a' | upper ~ 'c' }} {{ 1 == 1.0 }} {{ true + 1 }}"), "3 Ac True 2");
  EXPECT_EQ(text("{{ '%s is %d, %.2f%%' % ('x', 3, 2.5) }} {{ '%s' % 'y' }}"), "x is 3, 2.50% y");
}

TEST(Jinja, SubscriptsAndSlicesCountCharacters) {
  json::object v{{"s", "h\xC3\xA9llo"}, {"l", json::array{0, 1, 2, 3, 4}}};
  EXPECT_EQ(text("{{ s[1] }}{{ s[-1] }}|{{ s[1:3] }}|{{ s[::-1] }}|{{ s[:-2] }}|{{ s[10:] }}|", v),
            "\xC3\xA9o|\xC3\xA9l|oll\xC3\xA9h|h\xC3\xA9l||");
  EXPECT_EQ(text("{{ l[1:] }} {{ l[-2:] }} {{ l[::2] }} {{ l[3:0:-1] }} {{ l[9] is defined }}", v),
            "[1, 2, 3, 4] [3, 4] [0, 2, 4] [3, 2, 1] False");
}

TEST(Jinja, LoopsKnowWhereTheyAre) {
  json::object v{{"l", json::array{"a", "b", "c"}}};
  EXPECT_EQ(text("{% for x in l %}{{ loop.index }}{{ x }}{{ loop.index0 }}{{ loop.revindex }}{% if not loop.last %},{% endif "
                 "%}{% endfor %}",
                 v),
            "1a03,2b12,3c21");
  EXPECT_EQ(text("{% for x in l if x != 'b' %}{{ loop.index }}{{ x }}/{{ loop.length }} {% endfor %}", v), "1a/2 2c/2 ");
  EXPECT_EQ(text("{% for x in [] %}x{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(text("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}"), "a=1;b=2;");
  EXPECT_EQ(text("{% for x in l %}{% if loop.previtem is defined %}{{ loop.previtem }}{% endif %}{{ loop.nextitem | default('-') "
                 "}}{% endfor %}",
                 v),
            "bac"
            "b-");
  EXPECT_EQ(text("{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% "
                 "endfor %}"),
            "0134");
  EXPECT_EQ(text("{% for x in l %}{{ loop.cycle('odd', 'even') }} {% endfor %}", v), "odd even odd ");
  EXPECT_EQ(text("{% for a in [1, 1, 2] %}{{ loop.changed(a) }} {% endfor %}"), "True False True ");
}

TEST(Jinja, ScopesAreAsInJinja) {
  EXPECT_EQ(text("{% set x = 1 %}{% for i in [1, 2] %}{% set x = i + 10 %}{{ x }} {% endfor %}{{ x }}"), "11 12 1");
  EXPECT_EQ(text("{% set n = namespace(x=1) %}{% for i in [1, 2] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}"), "4");
  EXPECT_EQ(text("{% if true %}{% set y = 5 %}{% endif %}{{ y }}"), "5");
  EXPECT_EQ(text("{% set t %}a{{ 1 }}b{% endset %}{{ t }}{% set u | upper %}a{% endset %}{{ u }}"), "a1bA");
  EXPECT_EQ(text("{% set a, b = 1, 2 %}{{ b }}{{ a }}"), "21");
  EXPECT_EQ(text("{% with z = 3 %}{{ z }}{% endwith %}[{{ z }}]"), "3[]");
}

TEST(Jinja, MacrosTakeDefaultsKeywordsAndCallers) {
  EXPECT_EQ(text("{% macro m(a, b='x', c=none) %}{{ a }}{{ b }}{{ c }}|{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}"),
            "1xNone|1x3|12None|");
  EXPECT_EQ(text("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{% endcall %}"), "<in>");
  EXPECT_EQ(text("{% macro fact(n) %}{% if n > 1 %}{{ n * fact(n - 1) | int }}{% else %}1{% endif %}{% endmacro %}{{ fact(5) }}"),
            "120");
  EXPECT_EQ(text("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, k=3) }}"), "(1, 2){'k': 3}");
}

TEST(Jinja, WhiteSpaceControl) {
  EXPECT_EQ(text("a \n{%- if true -%} \n b {%- endif %} c"), "ab c");
  EXPECT_EQ(text("a {{- ' b ' -}} c"), "a b c");
  JinjaOptions chat;
  chat.trim_blocks = chat.lstrip_blocks = true;
  EXPECT_EQ(text("  {% if true %}\n  x\n  {% endif %}\ny", {}, chat), "  x\ny");
  EXPECT_EQ(text("  {%+ if true %}x{% endif %}\n  {{ 1 }}\n", {}, chat), "  x  1");
  EXPECT_EQ(text("a\n{# note #}\nb\n", {}, chat), "a\nb");
  EXPECT_EQ(text("a\n"), "a");
  JinjaOptions keep;
  keep.keep_trailing_newline = true;
  EXPECT_EQ(text("a\n", {}, keep), "a\n");
  EXPECT_EQ(text("{% raw %}{{ x }}{% endraw %}{# {{ y }} #}!"), "{{ x }}!");
}

TEST(Jinja, FiltersAndTests) {
  json::object v{{"m", json::array{json::object{{"role", "user"}, {"n", 2}}, json::object{{"role", "system"}, {"n", 1}},
                                   json::object{{"n", 3}}}}};
  EXPECT_EQ(text("{{ m | selectattr('role', 'equalto', 'user') | list | length }}{{ m | selectattr('role') | list | length }}{{ "
                 "m | rejectattr('role', 'defined') | map(attribute='n') | list }}",
                 v),
            "12[3]");
  EXPECT_EQ(text("{{ m | map(attribute='n') | sort | join('-') }} {{ m | sort(attribute='n', reverse=true) | map(attribute='n') "
                 "| first }} {{ m | sum('n') }}",
                 v),
            "1-2-3 3 6");
  EXPECT_EQ(text("{{ [1, 2, 3, 4] | select('even') | list }} {{ ['a', 'B'] | map('upper') | join }} {{ [3, 1] | min }} {{ none | "
                 "select | list }}"),
            "[2, 4] AB 1 []");
  EXPECT_EQ(text("{{ '  x ' | trim }}|{{ 'hello world' | title }}|{{ 'hELLO' | capitalize }}|{{ 'a-b' | replace('-', '+') }}|{{ "
                 "'abc' | length }}|{{ 'abc' | last }}"),
            "x|Hello World|Hello|a+b|3|c");
  EXPECT_EQ(text("{{ x | default('d') }} {{ '' | default('d', true) }} {{ '3' | int + 1 }} {{ 'x' | int(7) }} {{ '2.5' | float "
                 "}} {{ 2.567 | round(1) }}"),
            "d d 4 7 2.5 2.6");
  EXPECT_EQ(text("{{ 'a\nb' | indent(2) }}|{{ [1, [2]] | tojson }}|{{ {'b': 1, 'a': '<'} | tojson }}"),
            "a\n  b|[1, [2]]|{\"a\": \"\\u003c\", \"b\": 1}");
  JinjaOptions chat;
  chat.html_safe_json = false;
  EXPECT_EQ(text("{{ {'b': [1, none], 'a': '<\xC3\xA9'} | tojson }}|{{ {'b': [1]} | tojson(indent=2) }}", {}, chat),
            "{\"b\": [1, null], \"a\": \"<\xC3\xA9\"}|{\n  \"b\": [\n    1\n  ]\n}");
  EXPECT_EQ(text("{{ 1 is odd }} {{ x is defined }} {{ x is not defined }} {{ 'a' is string }} {{ [] is iterable }} {{ {} is "
                 "mapping }} {{ 9 is divisibleby 3 }} {{ none is none }} {{ 3 is in [3] }}"),
            "True False True True True True True True True");
  EXPECT_EQ(text("{% filter upper %}a{{ 'b' }}{% endfilter %}"), "AB");
  EXPECT_EQ(
      text("{{ 'a1b22' | regex_replace('[0-9]+', '#') }} {{ [2, 1, 2] | unique | list }} {{ {'b': 1, 'a': 2} | dictsort }}"),
      "a#b# [2, 1] [('a', 2), ('b', 1)]");
}

TEST(Jinja, MethodsOfTextAndContainers) {
  EXPECT_EQ(text("{{ ' a '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'a b  c'.split() }}|{{ 'a,b,c'.split(',', 1) }}|{{ "
                 "'a,b,c'.rsplit(',', 1)[0] }}"),
            "a|a|['a', 'b', 'c']|['a', 'b,c']|a,b");
  EXPECT_EQ(text("{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abcabc'.find('c') }} {{ 'abc'.find('z') }} "
                 "{{ 'a-a'.replace('a', 'b', 1) }} {{ 'aXb'.lower() }}"),
            "True True 2 -1 b-a axb");
  EXPECT_EQ(text("{{ '{} {1} {n:.1f}'.format('a', n=2.25) }}"), "ERROR a format numbers its fields either everywhere or nowhere (template line 1)");
  EXPECT_EQ(text("{{ '{} {}'.format('a') }}"), "ERROR the format has no value for '{}' (template line 1)");
  EXPECT_EQ(text("{{ '{0} {n:.1f}'.format('a', n=2.25) }} {{ ','.join(['a', 'b']) }} {{ '12'.isdigit() }} {{ 'Ab'.isupper() }} "
                 "{{ 'a\nb'.splitlines() }}"),
            "a 2.2 a,b True False ['a', 'b']");
  EXPECT_EQ(
      text("{% set d = {'a': 1} %}{{ d.get('a') }}{{ d.get('b') }}{{ d.get('b', 2) }}{{ d.keys() | list }}{{ d['a'] }}{{ d.a }}"),
      "1None2['a']11");
  EXPECT_EQ(text("{% set l = [] %}{% set _ = l.append(1) %}{{ l }}"), "[1]");
}

TEST(Jinja, ErrorsNameTheLineAndTheKind) {
  EXPECT_EQ(error("a\n{% if %}").kind, ErrorKind::data);
  EXPECT_NE(error("a\n{% if %}").where.find("line 2"), std::string::npos);
  EXPECT_EQ(error("{% if x %}").kind, ErrorKind::data);
  EXPECT_EQ(error("{{ 'open }}").kind, ErrorKind::data);
  EXPECT_EQ(error("{{ a b }}").kind, ErrorKind::data);
  EXPECT_EQ(error("{% endfor %}").kind, ErrorKind::data);
  EXPECT_EQ(error("{{ x").kind, ErrorKind::data);
  EXPECT_EQ(error("{{ (1] }}").kind, ErrorKind::data);
  EXPECT_EQ(error("{% include 'x' %}").kind, ErrorKind::unsupported);
  EXPECT_EQ(error("{{ 1 | nosuch }}").kind, ErrorKind::unsupported);
  EXPECT_EQ(error("{{ 1 is nosuch }}").kind, ErrorKind::unsupported);
  EXPECT_EQ(error("{{ 'a'.nosuch() }}").kind, ErrorKind::unsupported);
  EXPECT_EQ(error("\n\n{{ raise_exception('no system role') }}").kind, ErrorKind::bad_request);
  EXPECT_NE(error("{{ raise_exception('no system role') }}").message.find("no system role"), std::string::npos);
  EXPECT_EQ(error("{{ x.y }}").kind, ErrorKind::bad_request);
  EXPECT_EQ(error("{{ 1 // 0 }}").message, "division by zero");
}

TEST(Jinja, StrictUndefinedRefusesAValueThatIsNotThere) {
  JinjaOptions strict;
  strict.strict_undefined = true;
  EXPECT_NE(error("{{ x }}", {}, strict).message.find("'x' is undefined"), std::string::npos);
  EXPECT_FALSE(run("{% if x %}{% endif %}", {}, strict));
  EXPECT_FALSE(run("{% for a in x %}{% endfor %}", {}, strict));
  EXPECT_EQ(text("{{ x is defined }}{{ x | default('d') }}", {}, strict), "Falsed");
  EXPECT_FALSE(run("{{ [x] | join }}", {}, strict));
  EXPECT_FALSE(run("{{ [{'a': 1}] | map(attribute='b') | join(',') }}", {}, strict));
  EXPECT_FALSE(run("{{ ['a', x] | map('upper') | list }}", {}, strict));
  EXPECT_FALSE(run("{{ x if true }}", {}, strict));
  EXPECT_FALSE(run("{{ true and x }}", {}, strict));
  EXPECT_FALSE(run("{{ '%s' % x }}", {}, strict));
}

TEST(Jinja, StrictUndefinedLooksWhereTheValueIsUsed) {
  JinjaOptions strict;
  strict.strict_undefined = true;
  strict.keep_trailing_newline = true;
  // An `if` without `else` is nothing, not an error.
  EXPECT_EQ(text("{% for c in 'ab' %}{{ c }}{{ '\\n' if not loop.last }}{% endfor %}[{{ ('x' if false) ~ 'y' }}]", {}, strict),
            "a\nb[y]");
  EXPECT_EQ(text("{{ x is none }} {{ x is string }} {{ x is mapping }} {{ x is true }} {{ x is undefined }}", {}, strict),
            "False False False False True");
  EXPECT_EQ(text("{{ [x] | length }} {{ [x] }} {{ {'a': x} }} {{ (x, 1) }}", {}, strict),
            "1 [Undefined] {'a': Undefined} (Undefined, 1)");
  EXPECT_EQ(text("{% for k, v in x | items %}{{ k }}{% endfor %}{{ x | default(y) | default('d') }}", {}, strict), "d");
  EXPECT_EQ(text("{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m(x) }}", {}, strict), "False");
  EXPECT_EQ(text("{% set n = namespace(a=x) %}{{ n.a is defined }}", {}, strict), "False");
  EXPECT_FALSE(run("{% set n = namespace(x) %}"));
}

TEST(Jinja, RegexReplaceKnowsGroups) {
  EXPECT_EQ(text(R"({{ 'a1b22' | regex_replace('([a-z])([0-9])', '\\2\\g<1>-') }})"), "1a-2b-2");
  EXPECT_EQ(text(R"({{ 'a.b' | regex_replace('[.]', '\\n') }}|{{ 'a.b' | regex_replace('[.]', '\\\\') }})"), "a\nb|a\\b");
  EXPECT_EQ(error(R"({{ 'a' | regex_replace('(a)', '\\2') }})").kind, ErrorKind::bad_request);
  EXPECT_EQ(error(R"({{ 'a' | regex_replace('(a)', '\\q') }})").kind, ErrorKind::bad_request);
  EXPECT_EQ(error(R"({{ 'a' | regex_replace('(?P<n>a)', '\\g<n>') }})").kind, ErrorKind::unsupported);
  EXPECT_EQ(error("{{ 1 | regex_replace('1', '2') }}").kind, ErrorKind::bad_request);
}

TEST(Jinja, LimitsHold) {
  JinjaOptions small;
  small.max_steps = 100000;
  small.max_output = 1 << 20;
  EXPECT_EQ(error("{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}", {}, small).kind,
            ErrorKind::data);
  EXPECT_EQ(error("{{ 'x' * 10000000000 }}", {}, small).kind, ErrorKind::data);
  EXPECT_EQ(error("{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}", {}, small).kind,
            ErrorKind::data);
  EXPECT_EQ(error("{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}", {}, small).kind,
            ErrorKind::data);
  EXPECT_EQ(error("{{ range(10000000) }}").kind, ErrorKind::data);
  EXPECT_EQ(error("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").kind, ErrorKind::data);
  EXPECT_EQ(error("{{ 9223372036854775807 + 1 }}").kind, ErrorKind::bad_request);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += '(';
  EXPECT_EQ(error("{{ " + deep).kind, ErrorKind::data);
  std::string chain = "1";
  for (int i = 0; i < 100000; ++i) chain += "+1";
  EXPECT_EQ(error("{{ " + chain + " }}").kind, ErrorKind::data);
  std::string nots;
  for (int i = 0; i < 100000; ++i) nots += "not ";
  EXPECT_EQ(error("{{ " + nots + "1 }}").kind, ErrorKind::data);
  std::string blocks;
  for (int i = 0; i < 100000; ++i) blocks += "{% if 1 %}";
  EXPECT_EQ(error(blocks).kind, ErrorKind::data);
  // Values in values in values: freeing them must not need a stack as deep.
  EXPECT_EQ(error("{% set n = namespace(x=[]) %}{% for i in range(200000) %}{% set n.x = [n.x] %}{% endfor %}").kind,
            ErrorKind::data);
  EXPECT_EQ(error("{% set n = namespace(x={}) %}{% for i in range(200000) %}{% set n.x = {'a': n.x} %}{% endfor %}").kind,
            ErrorKind::data);
  EXPECT_EQ(error("{% set n = namespace(x={}) %}{% for i in range(200000) %}{% set n.x = {'a': n.x}.items() %}{% endfor %}").kind,
            ErrorKind::data);
  EXPECT_EQ(error("{% set n = namespace(x=1) %}{% for i in range(200000) %}{% set n.x = namespace(a=n.x) %}{% endfor %}").kind,
            ErrorKind::data);
  EXPECT_EQ(text("{% set root = [] %}{% set n = namespace(x=root) %}{% for i in range(200000) %}{% set y = [] %}{% set _ = "
                 "n.x.append(y) %}{% set n.x = y %}{% endfor %}{{ root | length }}"),
            "1");
  // A container that holds itself prints, and compares, without end being reached.
  EXPECT_EQ(text("{% set l = [1] %}{% set _ = l.append(l) %}{{ (l == l) is boolean }}{{ l | string | length > 10 }}"),
            "TrueTrue");
}

// Anything at all is read or refused.
TEST(Jinja, GarbageDoesNoHarm) {
  const std::vector<std::string> pieces = {"{{",     "}}",   "{%",  "%}",   "{#",       "#}",    "-",     "+",      " ",    "\n",
                                           "if",     "for",  "in",  "x",    "set",      "=",     "endif", "endfor", "(",    ")",
                                           "[",      "]",    "{",   "}",    "'",        "\"",    "|",     "tojson", ".",    ",",
                                           ":",      "1",    "1e9", "~",    "**",       "not",   "is",    "macro",  "call", "raw",
                                           "endraw", "else", "\\",  "\xC3", "\xC3\xA9", "range", "loop",  "join"};
  Random random(1);
  JinjaOptions small;
  small.max_steps = 10000;
  small.max_output = 100000;
  for (int i = 0; i < 30000; ++i) {
    std::string source = random.below(2) ? "{{ " : "{% ";
    for (std::uint64_t k = random.below(24); k > 0; --k)
      source += pieces[random.below(pieces.size())] + (random.below(3) ? " " : "");
    source += random.below(2) ? " }}" : " %}";
    (void)run(source, {{"x", json::array{1, "a"}}}, small);
  }
}

TEST(Jinja, RendersTheHarnessVectors) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_jinja.json");
  json::value golden = test::load_json(test::shared("golden/open-llm-leaderboard/head_jinja.json"));
  ASSERT_TRUE(golden.is_object());
  JinjaOptions harness;
  harness.keep_trailing_newline = true;
  harness.strict_undefined = true;
  int checked = 0;
  for (const json::value& c : golden.at("cases").as_array()) {
    const auto source = std::string(c.at("template").as_string());
    if (source.find("100000000000000000000") != std::string::npos) continue;  // numbers beyond 64 bits are refused
    auto out = run(source, c.at("doc").as_object(), harness);
    const json::value* expected = find(c, "result");
    if (expected && expected->is_string()) {
      ASSERT_TRUE(out) << source << "\n" << to_string(out.error());
      EXPECT_EQ(*out, std::string_view(expected->as_string())) << source;
    } else {
      EXPECT_FALSE(out) << source << " gave " << *out;
    }
    ++checked;
  }
  EXPECT_GE(checked, 60);
}

}  // namespace
}  // namespace assay
