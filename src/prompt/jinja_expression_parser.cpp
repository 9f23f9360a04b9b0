#include "prompt/jinja_expression_parser.h"

#include <charconv>
#include <initializer_list>

#include "base/number.h"

namespace assay::jinja {

using Kind = Expression::Kind;

// Expressions, loosest first --------------------------------------------------------------------------------------------

// "a" or the tuple "a, b". `conditional`: whether "x if y" may stand here (not behind "for ... in").
ExpressionPtr ExpressionParser::expression_list(bool conditional) {
  auto one = [&] { return conditional ? expression() : logic_or(); };
  ExpressionPtr first = one();
  if (!is_op(",")) return first;
  auto tuple = make(Kind::tuple);
  tuple->children.push_back(std::move(first));
  while (take_op(",")) {
    if (now().kind == Lexeme::Kind::output_end || now().kind == Lexeme::Kind::tag_end) break;
    tuple->children.push_back(one());
  }
  return tuple;
}

ExpressionPtr ExpressionParser::expression() {
  Depth guard(depth_);
  if (deep()) return make(Kind::literal);
  ExpressionPtr e = logic_or();
  while (take_name("if")) {
    auto c = make(Kind::conditional);
    c->children.push_back(std::move(e));
    c->children.push_back(logic_or());
    c->children.push_back(take_name("else") ? expression() : nullptr);
    measure(*c);
    e = std::move(c);
  }
  return e;
}

ExpressionPtr ExpressionParser::pair(Kind kind, std::string op, ExpressionPtr left, ExpressionPtr right) {
  auto e = make(kind, std::move(op));
  e->children.push_back(std::move(left));
  e->children.push_back(std::move(right));
  measure(*e);
  return e;
}

void ExpressionParser::measure(Expression& e) {
  if (!e.children.empty() && e.children[0]) e.height = e.children[0]->height + 1;
  if (e.height > kMaxChain) wrong("more than 1000 operators follow each other");
}

ExpressionPtr ExpressionParser::logic_or() {
  ExpressionPtr e = logic_and();
  while (take_name("or")) e = pair(Kind::logic, "or", std::move(e), logic_and());
  return e;
}

ExpressionPtr ExpressionParser::logic_and() {
  ExpressionPtr e = logic_not();
  while (take_name("and")) e = pair(Kind::logic, "and", std::move(e), logic_not());
  return e;
}

ExpressionPtr ExpressionParser::logic_not() {
  Depth guard(depth_);
  if (deep()) return make(Kind::literal);
  if (!is_name("not")) return compare();
  auto e = make(Kind::unary, "not");
  ++at_;
  e->children.push_back(logic_not());
  return e;
}

std::string ExpressionParser::comparison() {
  for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
    if (take_op(op)) return std::string(op);
  if (take_name("in")) return "in";
  if (is_name("not") && ahead(1).is(Lexeme::Kind::name, "in")) {
    at_ += 2;
    return "not in";
  }
  return {};
}

ExpressionPtr ExpressionParser::compare() {
  ExpressionPtr e = sum();
  std::string op = comparison();
  if (op.empty()) return e;
  auto c = make(Kind::compare);
  c->children.push_back(std::move(e));
  while (!op.empty()) {
    c->operators.push_back(op);
    c->children.push_back(sum());
    op = comparison();
  }
  return c;
}

// Jinja's own order: "~" binds tighter than "+", and "+" and "-" looser than "*".
ExpressionPtr ExpressionParser::sum() {
  ExpressionPtr e = concat();
  for (;;) {
    if (take_op("+")) {
      e = pair(Kind::binary, "+", std::move(e), concat());
    } else if (take_op("-")) {
      e = pair(Kind::binary, "-", std::move(e), concat());
    } else {
      return e;
    }
  }
}

ExpressionPtr ExpressionParser::concat() {
  ExpressionPtr e = product();
  while (take_op("~")) e = pair(Kind::binary, "~", std::move(e), product());
  return e;
}

ExpressionPtr ExpressionParser::product() {
  ExpressionPtr e = power();
  for (;;) {
    std::string op;
    for (std::string_view candidate : {"*", "//", "/", "%"})
      if (op.empty() && take_op(candidate)) op = candidate;
    if (op.empty()) return e;
    e = pair(Kind::binary, op, std::move(e), power());
  }
}

ExpressionPtr ExpressionParser::power() {
  ExpressionPtr e = unary();
  while (take_op("**")) e = pair(Kind::binary, "**", std::move(e), unary());
  return e;
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
  Depth guard(depth_);
  if (deep()) return make(Kind::literal);
  ExpressionPtr e;
  if (is_op("-") || is_op("+")) {
    e = make(Kind::unary, now().text);
    ++at_;
    e->children.push_back(unary(false));
  } else {
    e = postfix(primary());
  }
  return with_filters ? filters(std::move(e)) : std::move(e);
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr e) {
  for (;;) {
    if (is_op("|")) {
      e = filter(std::move(e));
    } else if (is_name("is")) {
      e = test(std::move(e));
    } else if (is_op("(")) {
      e = postfix(std::move(e));
    } else {
      return e;
    }
    measure(*e);
  }
}

ExpressionPtr ExpressionParser::filter(ExpressionPtr on) {
  need_op("|");
  return filter_named(std::move(on));
}

ExpressionPtr ExpressionParser::filter_named(ExpressionPtr on) {
  auto e = make(Kind::filter, need_name("a filter's name"));
  e->children.push_back(std::move(on));
  if (is_op("(")) arguments(*e);
  return e;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr on) {
  ++at_;  // is
  bool negated = take_name("not");
  auto e = make(Kind::test, need_name("a test's name"));
  e->children.push_back(std::move(on));
  auto starts_argument = [&] {
    const Lexeme& l = now();
    if (l.kind == Lexeme::Kind::string || l.kind == Lexeme::Kind::integer || l.kind == Lexeme::Kind::real) return true;
    if (l.kind == Lexeme::Kind::op) return l.text == "[" || l.text == "{";
    if (l.kind != Lexeme::Kind::name) return false;
    static constexpr std::string_view words[] = {"else", "or", "and", "is", "not", "if", "in"};
    return std::find(std::begin(words), std::end(words), l.text) == std::end(words);
  };
  if (is_op("(")) {
    arguments(*e);
  } else if (is_name("is")) {
    wrong("a test cannot follow a test");
  } else if (ok() && starts_argument()) {
    Argument a;
    a.value = postfix(primary());
    e->arguments.push_back(std::move(a));
  }
  if (!negated) return e;
  auto n = make(Kind::unary, "not");
  n->children.push_back(std::move(e));
  return n;
}

void ExpressionParser::arguments(Expression& call) {
  need_op("(");
  while (ok() && !is_op(")")) {
    Argument a;
    if (take_op("**")) {
      a.kind = Argument::Kind::spread_named;
    } else if (take_op("*")) {
      a.kind = Argument::Kind::spread;
    } else if (now().kind == Lexeme::Kind::name && ahead(1).is(Lexeme::Kind::op, "=")) {
      a.kind = Argument::Kind::named;
      a.name = now().text;
      at_ += 2;
    }
    a.value = expression();
    call.arguments.push_back(std::move(a));
    if (!take_op(",")) break;
  }
  need_op(")");
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr e) {
  while (ok()) {
    if (take_op(".")) {
      auto a = make(Kind::attribute);
      if (now().kind == Lexeme::Kind::integer) {  // "row.0"
        a->kind = Kind::subscript;
        a->children.push_back(std::move(e));
        a->children.push_back(primary());
      } else {
        a->text = need_name("an attribute");
        a->children.push_back(std::move(e));
      }
      e = std::move(a);
    } else if (is_op("[")) {
      e = subscript(std::move(e));
    } else if (is_op("(")) {
      auto c = make(Kind::call);
      c->children.push_back(std::move(e));
      arguments(*c);
      e = std::move(c);
    } else {
      break;
    }
    measure(*e);
  }
  return e;
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr e) {
  need_op("[");
  auto part = [&]() -> ExpressionPtr { return is_op(":") || is_op("]") ? nullptr : expression_list(); };
  ExpressionPtr first = part();
  if (!is_op(":")) {
    if (!first) wrong("a subscript is empty");
    auto s = make(Kind::subscript);
    s->children.push_back(std::move(e));
    s->children.push_back(std::move(first));
    need_op("]");
    return s;
  }
  auto s = make(Kind::slice);
  s->children.push_back(std::move(e));
  s->children.push_back(std::move(first));
  need_op(":");
  s->children.push_back(part());
  s->children.push_back(take_op(":") ? part() : nullptr);
  need_op("]");
  return s;
}

ExpressionPtr ExpressionParser::primary() {
  Depth guard(depth_);
  if (!ok() || deep()) return make(Kind::literal);
  const Lexeme& l = now();
  switch (l.kind) {
    case Lexeme::Kind::string: {
      std::string text;
      while (now().kind == Lexeme::Kind::string) text += lexemes_[at_++].text;  // neighbours join
      return literal(JinjaValue::string(std::move(text)));
    }
    case Lexeme::Kind::integer: {
      std::int64_t value = 0;
      auto [end, code] = std::from_chars(l.text.data(), l.text.data() + l.text.size(), value);
      if (code != std::errc()) wrong("the number " + l.text + " is too large");
      ++at_;
      return literal(JinjaValue::integer(value));
    }
    case Lexeme::Kind::real: {
      double value = python_float(l.text).value_or(0);  // inf beyond what a double holds
      ++at_;
      return literal(JinjaValue::real(value));
    }
    case Lexeme::Kind::name: {
      ++at_;
      if (l.text == "true" || l.text == "True") return literal(JinjaValue::boolean(true));
      if (l.text == "false" || l.text == "False") return literal(JinjaValue::boolean(false));
      if (l.text == "none" || l.text == "None") return literal(JinjaValue::none());
      return make(Kind::name, l.text);
    }
    case Lexeme::Kind::op:
      if (take_op("(")) return parenthesis();
      if (take_op("[")) return sequence(Kind::list, "]");
      if (take_op("{")) return dictionary();
      break;
    default:
      break;
  }
  wrong(l.kind == Lexeme::Kind::op ? "'" + l.text + "' where a value should be" : "a value is missing");
  return make(Kind::literal);
}

ExpressionPtr ExpressionParser::parenthesis() {
  if (take_op(")")) return make(Kind::tuple);
  ExpressionPtr first = expression();
  if (take_op(")")) return first;
  auto tuple = make(Kind::tuple);
  tuple->children.push_back(std::move(first));
  while (take_op(",")) {
    if (is_op(")")) break;
    tuple->children.push_back(expression());
  }
  need_op(")");
  return tuple;
}

ExpressionPtr ExpressionParser::sequence(Kind kind, std::string_view end) {
  auto e = make(kind);
  while (ok() && !is_op(end)) {
    e->children.push_back(expression());
    if (!take_op(",")) break;
  }
  need_op(end);
  return e;
}

ExpressionPtr ExpressionParser::dictionary() {
  auto e = make(Kind::dict);
  while (ok() && !is_op("}")) {
    e->children.push_back(expression());
    need_op(":");
    e->children.push_back(expression());
    if (!take_op(",")) break;
  }
  need_op("}");
  return e;
}

}  // namespace assay::jinja
