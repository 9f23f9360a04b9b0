#include "prompt/jinja_parser.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "prompt/jinja_expression_parser.h"

namespace assay::jinja {
namespace {

using Kind = Expression::Kind;

class Parser : ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  Result<Block> run() {
    Block block = body({});
    if (!error_ && now().kind != Lexeme::Kind::end) wrong("'" + now().text + "' has no beginning");
    if (error_) return fail(std::move(*error_));
    return block;
  }

 private:
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
        if (std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return tag.is(Lexeme::Kind::name, end); }))
          return block;
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
      int loops = std::exchange(loops_, 0);  // it is a block that something else calls
      s->blocks.push_back(body({"endgeneration"}));
      loops_ = loops;
      close("endgeneration");
      return s;
    }
    if (name == "break" || name == "continue") {
      if (loops_ == 0) wrong("'" + name + "' outside a loop");
      auto s = statement(name == "break" ? Statement::Kind::break_loop : Statement::Kind::continue_loop);
      end_tag();
      return s;
    }
    static constexpr std::string_view kOther[] = {"include",    "extends", "import", "from", "block",
                                                  "autoescape", "trans",   "do",     "debug"};
    bool known = std::find(std::begin(kOther), std::end(kOther), name) != std::end(kOther);
    wrong(known ? "the tag '" + name + "' is not supported" : "there is no tag '" + name + "' here",
          known ? ErrorKind::unsupported : ErrorKind::data);
    return nullptr;
  }

  std::unique_ptr<Statement> if_tag() {
    auto s = statement(Statement::Kind::condition);
    s->expressions.push_back(expression_list(false));
    end_tag();
    s->blocks.push_back(body({"elif", "else", "endif"}));
    while (ok()) {
      ++at_;  // tag_begin
      if (take_name("elif")) {
        s->expressions.push_back(expression_list(false));
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

  // "a", "a, b", "(a, b)", "a, (b, c)"
  Target target() {
    Depth guard(depth_);
    Target first = single_target();
    if (deep() || !is_op(",")) return first;
    Target all;
    all.parts.push_back(std::move(first));
    while (ok() && take_op(",")) {
      all.parts.push_back(single_target());
    }
    return all;
  }
  Target single_target() {
    if (!take_op("(")) {
      static constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none", "None"};
      if (std::any_of(std::begin(kConstants), std::end(kConstants), [&](std::string_view name) { return is_name(name); }))
        wrong("'" + now().text + "' cannot be given a value");
      return {need_name("a variable's name"), {}};
    }
    Target inside = target();
    need_op(")");
    return inside;
  }

  std::unique_ptr<Statement> for_tag() {
    auto s = statement(Statement::Kind::loop);
    s->target = target();
    if (!take_name("in")) wrong("expected 'in'");
    s->expressions.push_back(expression_list(false));
    s->expressions.push_back(take_name("if") ? expression() : nullptr);
    s->recursive = take_name("recursive");
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
      s->target.name = need_name("an attribute");
    } else {
      s->target = target();
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
      if (!out.empty()) need_op(",");
      Parameter p;
      p.name = need_name("a parameter's name");
      if (take_op("=")) p.fallback = expression();
      if (!out.empty() && out.back().fallback && !p.fallback) wrong("a parameter without default follows one with a default");
      if (std::any_of(out.begin(), out.end(), [&](const Parameter& before) { return before.name == p.name; }))
        wrong("there are two parameters '" + p.name + "'");
      out.push_back(std::move(p));
    }
    need_op(")");
    return out;
  }

  void macro_body(Statement& s, std::string_view end) {
    int loops = std::exchange(loops_, 0);
    std::size_t from = at_;
    s.blocks.push_back(body({end}));
    loops_ = loops;
    for (std::size_t i = from; i < at_ && i < lexemes_.size(); ++i) {
      s.uses_varargs = s.uses_varargs || lexemes_[i].is(Lexeme::Kind::name, "varargs");
      s.uses_kwargs = s.uses_kwargs || lexemes_[i].is(Lexeme::Kind::name, "kwargs");
      s.uses_caller = s.uses_caller || lexemes_[i].is(Lexeme::Kind::name, "caller");
    }
    for (const Parameter& p : s.parameters)
      if (p.name == "caller" && !p.fallback && s.uses_caller) wrong("a parameter 'caller' needs a default");
    close(end);
  }

  std::unique_ptr<Statement> macro_tag() {
    auto s = statement(Statement::Kind::macro);
    s->text = need_name("a macro's name");
    s->parameters = parameters();
    end_tag();
    macro_body(*s, "endmacro");
    return s;
  }

  std::unique_ptr<Statement> call_tag() {
    auto s = statement(Statement::Kind::call_block);
    if (is_op("(")) s->parameters = parameters();
    s->expressions.push_back(expression());
    if (ok() && s->expressions[0]->kind != Kind::call) wrong("'call' needs a call");
    end_tag();
    macro_body(*s, "endcall");
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
      s->names.push_back(need_name("a variable's name"));
      need_op("=");
      s->expressions.push_back(expression());
      if (!take_op(",")) break;
    }
    end_tag();
    s->blocks.push_back(body({"endwith"}));
    close("endwith");
    return s;
  }

  int loops_ = 0;  // around what is being read
};

}  // namespace

Result<Block> parse_template(const std::vector<Lexeme>& lexemes) {
  return Parser(lexemes).run();
}

}  // namespace assay::jinja
