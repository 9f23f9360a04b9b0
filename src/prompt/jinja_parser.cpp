#include "prompt/jinja_parser.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace assay::jinja {
namespace {

using Kind = Expression::Kind;
constexpr int kMaxNesting = 200;

// Recursive descent. The first error sticks; after it every function returns something harmless and consumes nothing.
class Parser {
 public:
  explicit Parser(const std::vector<Lexeme>& lexemes) : lexemes_(lexemes) {}

  Result<Block> run() {
    Block block = body({});
    if (!error_ && now().kind != Lexeme::Kind::end) wrong("'" + now().text + "' has no beginning");
    if (error_) return fail(std::move(*error_));
    return block;
  }

 private:
  struct Depth {
    int& value;
    explicit Depth(int& v) : value(v) { ++value; }
    ~Depth() { --value; }
  };

  const Lexeme& now() const { return lexemes_[std::min(at_, lexemes_.size() - 1)]; }
  const Lexeme& ahead(std::size_t n) const { return lexemes_[std::min(at_ + n, lexemes_.size() - 1)]; }
  bool ok() const { return !error_; }
  void wrong(std::string message, ErrorKind kind = ErrorKind::data) {
    if (!error_) error_.emplace(Error{kind, "the template cannot be read: " + std::move(message), "line " + std::to_string(now().line)});
  }
  bool is_op(std::string_view text) const { return ok() && now().is(Lexeme::Kind::op, text); }
  bool is_name(std::string_view text) const { return ok() && now().is(Lexeme::Kind::name, text); }
  bool take_op(std::string_view text) {
    if (!is_op(text)) return false;
    ++at_;
    return true;
  }
  bool take_name(std::string_view text) {
    if (!is_name(text)) return false;
    ++at_;
    return true;
  }
  void need_op(std::string_view text) {
    if (!take_op(text)) wrong("expected '" + std::string(text) + "', found '" + now().text + "'");
  }
  void need(Lexeme::Kind kind, const char* what) {
    if (!ok()) return;
    if (now().kind != kind) return wrong(std::string("expected ") + what + ", found '" + now().text + "'");
    ++at_;
  }
  std::string need_name(const char* what) {
    if (!ok()) return {};
    if (now().kind != Lexeme::Kind::name) {
      wrong(std::string("expected ") + what + ", found '" + now().text + "'");
      return {};
    }
    return lexemes_[at_++].text;
  }
  ExpressionPtr make(Kind kind, std::string text = {}) const {
    auto e = std::make_unique<Expression>();
    e->kind = kind;
    e->line = now().line;
    e->text = std::move(text);
    return e;
  }
  ExpressionPtr literal(JinjaValue value) const {
    auto e = make(Kind::literal);
    e->value = std::move(value);
    return e;
  }
  bool deep() {
    if (depth_ <= kMaxNesting) return false;
    wrong("it is nested more than 200 deep");
    return true;
  }

  // Statements ------------------------------------------------------------------------------------------------------------

  // Up to a tag that begins with one of `ends`; that tag's begin and name are left unread.
  Block body(std::initializer_list<std::string_view> ends) {
    Depth guard(depth_);
    Block block;
    if (deep()) return block;
    while (ok() && now().kind != Lexeme::Kind::end) {
      if (now().kind == Lexeme::Kind::text) {
        auto s = statement(Statement::Kind::text);
        s->text = lexemes_[at_++].text;
        block.push_back(std::move(s));
      } else if (now().kind == Lexeme::Kind::output_begin) {
        auto s = statement(Statement::Kind::output);
        ++at_;
        s->expressions.push_back(expression_list());
        need(Lexeme::Kind::output_end, "'}}'");
        block.push_back(std::move(s));
      } else if (now().kind == Lexeme::Kind::tag_begin) {
        const Lexeme& tag = ahead(1);
        if (std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return tag.is(Lexeme::Kind::name, end); })) return block;
        ++at_;
        auto s = tag_statement();
        if (s) block.push_back(std::move(s));
      } else {
        wrong("'" + now().text + "' stands outside a tag");
      }
    }
    if (ok() && ends.size() > 0) wrong("'" + std::string(*std::prev(ends.end())) + "' is missing");
    return block;
  }

  std::unique_ptr<Statement> statement(Statement::Kind kind) const {
    auto s = std::make_unique<Statement>();
    s->kind = kind;
    s->line = now().line;
    return s;
  }
  void end_tag() { need(Lexeme::Kind::tag_end, "'%}'"); }
  void close(std::string_view name) {
    if (!ok()) return;
    need(Lexeme::Kind::tag_begin, "'{%'");
    if (!take_name(name)) wrong("expected '" + std::string(name) + "'");
    if (ok() && now().kind == Lexeme::Kind::name) ++at_;  // "endmacro name"
    end_tag();
  }

  std::unique_ptr<Statement> tag_statement() {
    std::string name = need_name("a tag's name");
    if (!ok()) return nullptr;
    if (name == "if") return if_tag();
    if (name == "for") return for_tag();
    if (name == "set") return set_tag();
    if (name == "macro") return macro_tag();
    if (name == "call") return call_tag();
    if (name == "filter") return filter_tag();
    if (name == "with") return with_tag();
    if (name == "generation") {  // marks what a model wrote, for training; prints its content
      auto s = statement(Statement::Kind::scoped);
      end_tag();
      s->blocks.push_back(body({"endgeneration"}));
      close("endgeneration");
      return s;
    }
    if (name == "break" || name == "continue") {
      if (loops_ == 0) wrong("'" + name + "' outside a loop");
      auto s = statement(name == "break" ? Statement::Kind::break_loop : Statement::Kind::continue_loop);
      end_tag();
      return s;
    }
    static constexpr std::string_view kOther[] = {"include", "extends", "import", "from", "block", "autoescape", "trans", "do", "debug"};
    bool known = std::find(std::begin(kOther), std::end(kOther), name) != std::end(kOther);
    wrong(known ? "the tag '" + name + "' is not supported" : "there is no tag '" + name + "' here", known ? ErrorKind::unsupported : ErrorKind::data);
    return nullptr;
  }

  std::unique_ptr<Statement> if_tag() {
    auto s = statement(Statement::Kind::condition);
    s->expressions.push_back(expression());
    end_tag();
    s->blocks.push_back(body({"elif", "else", "endif"}));
    while (ok()) {
      ++at_;  // tag_begin
      if (take_name("elif")) {
        s->expressions.push_back(expression());
        end_tag();
        s->blocks.push_back(body({"elif", "else", "endif"}));
      } else if (take_name("else")) {
        end_tag();
        s->blocks.push_back(body({"endif"}));
      } else {
        --at_;
        close("endif");
        break;
      }
    }
    return s;
  }

  // "a", "a, b", "(a, b)" - names only; nested targets are rare enough to refuse.
  std::vector<std::string> target_names() {
    std::vector<std::string> names;
    bool paren = take_op("(");
    do {
      if (paren && is_op(")")) break;
      names.push_back(need_name("a variable's name"));
    } while (take_op(","));
    if (paren) need_op(")");
    return names;
  }

  std::unique_ptr<Statement> for_tag() {
    auto s = statement(Statement::Kind::loop);
    s->targets = target_names();
    if (!take_name("in")) wrong("expected 'in'");
    s->expressions.push_back(expression_list(false));
    s->expressions.push_back(take_name("if") ? expression() : nullptr);
    if (is_name("recursive")) wrong("recursive loops are not supported", ErrorKind::unsupported);
    end_tag();
    ++loops_;
    s->blocks.push_back(body({"else", "endfor"}));
    --loops_;
    if (ok() && ahead(1).is(Lexeme::Kind::name, "else")) {
      at_ += 2;
      end_tag();
      s->blocks.push_back(body({"endfor"}));
    }
    close("endfor");
    return s;
  }

  std::unique_ptr<Statement> set_tag() {
    auto s = statement(Statement::Kind::set);
    if (ahead(1).is(Lexeme::Kind::op, ".")) {
      s->text = need_name("a namespace");
      ++at_;
      s->targets.push_back(need_name("an attribute"));
    } else {
      s->targets = target_names();
    }
    if (take_op("=")) {
      s->expressions.push_back(expression_list());
      end_tag();
      return s;
    }
    while (is_op("|")) s->filters.push_back(filter(nullptr));
    end_tag();
    s->blocks.push_back(body({"endset"}));
    close("endset");
    return s;
  }

  std::vector<Parameter> parameters() {
    std::vector<Parameter> out;
    need_op("(");
    while (ok() && !is_op(")")) {
      Parameter p;
      p.name = need_name("a parameter's name");
      if (take_op("=")) p.fallback = expression();
      out.push_back(std::move(p));
      if (!take_op(",")) break;
    }
    need_op(")");
    return out;
  }

  std::unique_ptr<Statement> macro_tag() {
    auto s = statement(Statement::Kind::macro);
    s->text = need_name("a macro's name");
    s->parameters = parameters();
    end_tag();
    int loops = std::exchange(loops_, 0);
    s->blocks.push_back(body({"endmacro"}));
    loops_ = loops;
    close("endmacro");
    return s;
  }

  std::unique_ptr<Statement> call_tag() {
    auto s = statement(Statement::Kind::call_block);
    if (is_op("(")) s->parameters = parameters();
    s->expressions.push_back(expression());
    if (ok() && s->expressions[0]->kind != Kind::call) wrong("'call' needs a call");
    end_tag();
    int loops = std::exchange(loops_, 0);
    s->blocks.push_back(body({"endcall"}));
    loops_ = loops;
    close("endcall");
    return s;
  }

  std::unique_ptr<Statement> filter_tag() {
    auto s = statement(Statement::Kind::filter_block);
    s->filters.push_back(filter_named(nullptr));
    while (is_op("|")) s->filters.push_back(filter(nullptr));
    end_tag();
    s->blocks.push_back(body({"endfilter"}));
    close("endfilter");
    return s;
  }

  std::unique_ptr<Statement> with_tag() {
    auto s = statement(Statement::Kind::with);
    while (ok() && now().kind == Lexeme::Kind::name) {
      s->targets.push_back(need_name("a variable's name"));
      need_op("=");
      s->expressions.push_back(expression());
      if (!take_op(",")) break;
    }
    end_tag();
    s->blocks.push_back(body({"endwith"}));
    close("endwith");
    return s;
  }

  // Expressions, loosest first --------------------------------------------------------------------------------------------

  // "a" or the tuple "a, b". `conditional`: whether "x if y" may stand here (not behind "for ... in").
  ExpressionPtr expression_list(bool conditional = true) {
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

  ExpressionPtr expression() {
    Depth guard(depth_);
    if (deep()) return make(Kind::literal);
    ExpressionPtr e = logic_or();
    while (take_name("if")) {
      auto c = make(Kind::conditional);
      c->children.push_back(std::move(e));
      c->children.push_back(logic_or());
      c->children.push_back(take_name("else") ? expression() : nullptr);
      e = std::move(c);
    }
    return e;
  }

  ExpressionPtr pair(Kind kind, std::string op, ExpressionPtr left, ExpressionPtr right) {
    auto e = make(kind, std::move(op));
    e->children.push_back(std::move(left));
    e->children.push_back(std::move(right));
    return e;
  }
  ExpressionPtr logic_or() {
    ExpressionPtr e = logic_and();
    while (take_name("or")) e = pair(Kind::logic, "or", std::move(e), logic_and());
    return e;
  }
  ExpressionPtr logic_and() {
    ExpressionPtr e = logic_not();
    while (take_name("and")) e = pair(Kind::logic, "and", std::move(e), logic_not());
    return e;
  }
  ExpressionPtr logic_not() {
    Depth guard(depth_);
    if (deep()) return make(Kind::literal);
    if (!is_name("not")) return compare();
    auto e = make(Kind::unary, "not");
    ++at_;
    e->children.push_back(logic_not());
    return e;
  }

  std::string comparison() {
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
      if (take_op(op)) return std::string(op);
    if (take_name("in")) return "in";
    if (is_name("not") && ahead(1).is(Lexeme::Kind::name, "in")) {
      at_ += 2;
      return "not in";
    }
    return {};
  }
  ExpressionPtr compare() {
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
  ExpressionPtr sum() {
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
  ExpressionPtr concat() {
    ExpressionPtr e = product();
    while (take_op("~")) e = pair(Kind::binary, "~", std::move(e), product());
    return e;
  }
  ExpressionPtr product() {
    ExpressionPtr e = power();
    for (;;) {
      std::string op;
      for (std::string_view candidate : {"*", "//", "/", "%"})
        if (op.empty() && take_op(candidate)) op = candidate;
      if (op.empty()) return e;
      e = pair(Kind::binary, op, std::move(e), power());
    }
  }
  ExpressionPtr power() {
    ExpressionPtr e = unary();
    while (take_op("**")) e = pair(Kind::binary, "**", std::move(e), unary());
    return e;
  }
  ExpressionPtr unary(bool with_filters = true) {
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

  ExpressionPtr filters(ExpressionPtr e) {
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
    }
  }
  ExpressionPtr filter(ExpressionPtr on) {
    need_op("|");
    return filter_named(std::move(on));
  }
  ExpressionPtr filter_named(ExpressionPtr on) {
    auto e = make(Kind::filter, need_name("a filter's name"));
    e->children.push_back(std::move(on));
    if (is_op("(")) arguments(*e);
    return e;
  }
  ExpressionPtr test(ExpressionPtr on) {
    ++at_;  // is
    bool negated = take_name("not");
    auto e = make(Kind::test, now().kind == Lexeme::Kind::op ? now().text : "");
    if (e->text == "==" || e->text == "!=") {
      ++at_;
    } else {
      e->text = need_name("a test's name");
    }
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

  void arguments(Expression& call) {
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

  ExpressionPtr postfix(ExpressionPtr e) {
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
    }
    return e;
  }

  ExpressionPtr subscript(ExpressionPtr e) {
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

  ExpressionPtr primary() {
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
        double value = 0;
        std::from_chars(l.text.data(), l.text.data() + l.text.size(), value);
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
      default: break;
    }
    wrong(l.kind == Lexeme::Kind::op ? "'" + l.text + "' where a value should be" : "a value is missing");
    return make(Kind::literal);
  }

  ExpressionPtr parenthesis() {
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
  ExpressionPtr sequence(Kind kind, std::string_view end) {
    auto e = make(kind);
    while (ok() && !is_op(end)) {
      e->children.push_back(expression());
      if (!take_op(",")) break;
    }
    need_op(end);
    return e;
  }
  ExpressionPtr dictionary() {
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

  const std::vector<Lexeme>& lexemes_;
  std::size_t at_ = 0;
  int depth_ = 0, loops_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<Block> parse_template(const std::vector<Lexeme>& lexemes) { return Parser(lexemes).run(); }

}  // namespace assay::jinja
