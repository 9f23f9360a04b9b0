// The expression half of the template parser: recursive descent over lexemes. The first error sticks; after it every function
// returns something harmless and consumes nothing.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "prompt/jinja_lexer.h"
#include "prompt/jinja_syntax.h"

namespace assay::jinja {

class ExpressionParser {
 public:
  explicit ExpressionParser(const std::vector<Lexeme>& lexemes) : lexemes_(lexemes) {}

  ExpressionPtr expression();
  /// "a" or the tuple "a, b". `conditional`: whether "x if y" may stand here (not behind "for ... in").
  ExpressionPtr expression_list(bool conditional = true);
  /// "| name(arguments)" and "name(arguments)"; `on` is what the filter is applied to.
  ExpressionPtr filter(ExpressionPtr on);
  ExpressionPtr filter_named(ExpressionPtr on);

 protected:
  struct Depth {
    int& value;
    explicit Depth(int& v) : value(v) { ++value; }
    ~Depth() { --value; }
  };

  const Lexeme& now() const { return lexemes_[std::min(at_, lexemes_.size() - 1)]; }
  const Lexeme& ahead(std::size_t n) const { return lexemes_[std::min(at_ + n, lexemes_.size() - 1)]; }
  bool ok() const { return !error_; }
  void wrong(std::string message, ErrorKind kind = ErrorKind::data) {
    if (!error_)
      error_.emplace(Error{kind, "the template cannot be read: " + std::move(message), "line " + std::to_string(now().line)});
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
  ExpressionPtr make(Expression::Kind kind, std::string text = {}) const {
    auto e = std::make_unique<Expression>();
    e->kind = kind;
    e->line = now().line;
    e->text = std::move(text);
    return e;
  }
  ExpressionPtr literal(JinjaValue value) const {
    auto e = make(Expression::Kind::literal);
    e->value = std::move(value);
    return e;
  }
  bool deep() {
    if (depth_ <= kMaxNesting) return false;
    wrong("it is nested more than 200 deep");
    return true;
  }

  const std::vector<Lexeme>& lexemes_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<Error> error_;

 private:
  static constexpr int kMaxNesting = 200;
  static constexpr int kMaxChain = 1000;  // operators in a row: they make a tree as deep as they are many

  ExpressionPtr pair(Expression::Kind kind, std::string op, ExpressionPtr left, ExpressionPtr right);
  void measure(Expression& expression);
  ExpressionPtr logic_or();
  ExpressionPtr logic_and();
  ExpressionPtr logic_not();
  std::string comparison();
  ExpressionPtr compare();
  ExpressionPtr sum();
  ExpressionPtr concat();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filters = true);
  ExpressionPtr filters(ExpressionPtr e);
  ExpressionPtr test(ExpressionPtr on);
  void arguments(Expression& call);
  ExpressionPtr postfix(ExpressionPtr e);
  ExpressionPtr subscript(ExpressionPtr e);
  ExpressionPtr primary();
  ExpressionPtr parenthesis();
  ExpressionPtr sequence(Expression::Kind kind, std::string_view end);
  ExpressionPtr dictionary();
};

}  // namespace assay::jinja
