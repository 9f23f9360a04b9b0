#include "benchmark/harness/wikitext.h"

#include <array>

#include "base/python_regex.h"
#include "base/text.h"

namespace assay::harness {
namespace {

struct Rule {
  std::string_view from, to;
};
// In this order: "1 @,@ 000 , and" must lose its number separator before its comma.
constexpr Rule kFirst[] = {{"s '", "s'"}};
constexpr Rule kSecond[] = {{" @-@ ", "-"}, {" @,@ ", ","}, {" @.@ ", "."}, {" : ", ": "}, {" ; ", "; "},
                            {" . ", ". "},  {" ! ", "! "},  {" ? ", "? "},  {" , ", ", "}};
constexpr Rule kLast[] = {{"= = = =", "===="}, {"= = =", "==="}, {"= =", "=="},  {" \u00b0 ", "\u00b0"},
                          {" \n", "\n"},       {"\n ", "\n"},    {" N ", " 1 "}, {" 's", "'s"}};

template <std::size_t n>
void apply(std::string& text, const Rule (&rules)[n]) {
  for (const Rule& rule : rules) text = replace_all(text, rule.from, rule.to);
}

/// What each match of `pattern` becomes: `before`, its first group, `after`.
struct Seam {
  std::string_view pattern, before, after;
};
constexpr Seam kOdd{"/' [0-9]/", "/'[0-9]/", ""};  // the harness replaces it by these very letters
constexpr Seam kPairs[] = {{R"(\(\s*([^\)]*?)\s*\))", "(", ")"},
                           {R"(\[\s*([^\]]*?)\s*\])", "[", "]"},
                           {R"({\s*([^}]*?)\s*})", "{", "}"},
                           {R"("\s*([^"]*?)\s*")", "\"", "\""},
                           {R"('\s*([^']*?)\s*')", "'", "'"}};

Result<void> apply(std::string& text, const Seam& seam) {
  auto pattern = PythonRegex::compile(seam.pattern);
  if (!pattern) return fail(ErrorKind::internal, pattern.error().message, pattern.error().where);
  auto matches = pattern->find_all(text);
  if (!matches) return fail(matches.error());
  std::string out;
  std::size_t at = 0;
  for (const Match& match : *matches) {
    out.append(text, at, match.groups[0].begin - at);
    out += seam.before;
    if (match.groups.size() > 1) out += match.text(text, 1);
    out += seam.after;
    at = match.groups[0].end;
  }
  out.append(text, at);
  text = std::move(out);
  return {};
}

}  // namespace

Result<std::string> detokenize_wikitext(std::string_view page) {
  std::string text(page);
  apply(text, kFirst);
  if (auto done = apply(text, kOdd); !done) return fail(done.error());
  apply(text, kSecond);
  for (const Seam& seam : kPairs)
    if (auto done = apply(text, seam); !done) return fail(done.error());
  apply(text, kLast);
  return text;
}

}  // namespace assay::harness
