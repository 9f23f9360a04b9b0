// Walks the tree of a template. One interpreter renders once.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "prompt/jinja_run.h"
#include "prompt/jinja_syntax.h"

namespace assay::jinja {

class Interpreter {
 public:
  explicit Interpreter(const JinjaOptions& options);
  Result<std::string> render(const Block& block, const json::object& variables);

 private:
  struct Scope {
    std::map<std::string, JinjaValue, std::less<>> variables;
    Scope* parent = nullptr;
    bool kept = false;  // a macro was made in it and may outlive the block
  };
  enum class Flow { on, break_loop, continue_loop };
  // A nested scope for as long as it lives.
  class Nested {
   public:
    Nested(Interpreter& owner, Scope* parent);
    ~Nested();

   private:
    Interpreter& owner_;
    Scope *before_, *own_;
  };

  static constexpr int kMaxCalls = 120;  // of macros in macros, loops in loops

  void add_globals(std::map<std::string, JinjaValue, std::less<>>& globals);
  Flow run(const Block& block);
  Flow run(const Statement& statement);
  Flow run_loop(const Statement& statement);
  void run_set(const Statement& statement);
  /// Every pass over `items`; the text goes where output goes.
  Flow walk(const Statement& s, JinjaValues items, Scope* outside, int depth);
  void assign(const Target& target, const JinjaValue& value);
  void emit(const JinjaValue& value);
  /// What `block` writes, as text. What it sets stays inside.
  std::string captured(const Block& block);
  JinjaValue filtered(const std::vector<ExpressionPtr>& filters, JinjaValue value);
  /// The scope where the program stands, kept until the end of the rendering.
  Scope* keep_scope();
  JinjaValue make_macro(const Statement& statement, std::string name);
  JinjaValue call_macro(const Statement& statement, Scope* closure, JinjaArguments& arguments);

  /// `may_miss`: an undefined value is fine here even under strict_undefined: it is not looked into (default filter, defined
  /// test, an element of a list), or whoever asked looks.
  JinjaValue evaluate(const Expression& expression, bool may_miss = false);
  JinjaValue compute(const Expression& expression);
  JinjaValue compare(const Expression& expression);
  JinjaValue slice(const Expression& expression);
  JinjaValue call(const Expression& expression);
  JinjaArguments arguments(const std::vector<Argument>& wanted, bool may_miss = false);
  const JinjaValue* look_up(std::string_view name);
  bool truth(const Expression& expression) { return evaluate(expression).truthy(); }

  JinjaRun run_;
  std::deque<Scope> scopes_;  // a stack, but for those that a macro keeps
  Scope* scope_ = nullptr;
  Scope* base_ = nullptr;  // of the variables given; its parent is that of the functions every template sees
  const json::object* given_ = nullptr;
  bool globals_made_ = false;
  std::string* out_ = nullptr;
  int calls_ = 0, depth_ = 0;  // macros, and steps of recursion, in progress
};

}  // namespace assay::jinja
