#include "prompt/jinja_interpreter.h"

#include <algorithm>

#include "base/text.h"

namespace assay::jinja {
namespace {

constexpr int kMaxDepth = 2000;    // of evaluations in evaluations: about as many kilobytes of stack
constexpr int kMaxNesting = 1000;  // of containers in containers: freeing them takes that much recursion

}  // namespace

Interpreter::Nested::Nested(Interpreter& owner, Scope* parent) : owner_(owner), before_(owner.scope_) {
  owner_.scopes_.push_back(Scope{{}, parent});
  owner_.scope_ = own_ = &owner_.scopes_.back();
}
Interpreter::Nested::~Nested() {
  owner_.scope_ = before_;
  if (!own_->kept && own_ == &owner_.scopes_.back()) owner_.scopes_.pop_back();
}

Interpreter::Interpreter(const JinjaOptions& options) : run_(options) {
  scopes_.emplace_back();
  scope_ = &scopes_.back();
}

Result<std::string> Interpreter::render(const Block& block, const json::object& variables) {
  Nested variables_scope(*this, scope_);
  base_ = scope_;
  given_ = &variables;
  std::string out;
  out_ = &out;
  run(block);
  if (run_.failed()) return fail(run_.error());
  return out;
}

const JinjaValue* Interpreter::look_up(std::string_view name) {
  for (Scope* scope = scope_; scope; scope = scope->parent) {
    if (auto it = scope->variables.find(name); it != scope->variables.end()) return &it->second;
    // Most templates use a few variables of many, and no function: each is made when it is first wanted.
    if (scope == base_) {
      if (auto given = given_->find(name); given != given_->end())
        return &scope->variables.emplace(name, JinjaValue::from_json(given->value())).first->second;
      if (!globals_made_) {
        globals_made_ = true;
        add_globals(scope->parent->variables);
      }
    }
  }
  return nullptr;
}

void Interpreter::emit(const JinjaValue& value) {
  if (run_.failed()) return;
  std::size_t before = out_->size();
  *out_ += value.str(run_.options().max_output);
  if (run_.fits(out_->size())) run_.spend((out_->size() - before) / 64);
}

std::string Interpreter::captured(const Block& block) {
  std::string text;
  std::string* before = std::exchange(out_, &text);
  Nested scope(*this, scope_);
  run(block);
  out_ = before;
  return text;
}

Interpreter::Flow Interpreter::run(const Block& block) {
  for (const auto& statement : block) {
    if (!run_.spend()) break;
    if (Flow flow = run(*statement); flow != Flow::on) return flow;
  }
  return Flow::on;
}

Interpreter::Flow Interpreter::run(const Statement& s) {
  run_.line = s.line;
  switch (s.kind) {
    case Statement::Kind::text:
      *out_ += s.text;
      run_.fits(out_->size());
      break;
    case Statement::Kind::output:
      emit(evaluate(*s.expressions[0]));
      break;
    case Statement::Kind::set:
      run_set(s);
      break;
    case Statement::Kind::condition: {
      for (std::size_t i = 0; i < s.blocks.size() && !run_.failed(); ++i)
        if (i >= s.expressions.size() || truth(*s.expressions[i])) return run_.failed() ? Flow::on : run(s.blocks[i]);
      break;
    }
    case Statement::Kind::loop:
      return run_loop(s);
    case Statement::Kind::macro:
      scope_->variables[s.text] = make_macro(s, s.text);
      break;
    case Statement::Kind::call_block: {
      const Expression& wanted = *s.expressions[0];
      JinjaValue callee = evaluate(*wanted.children[0]);
      JinjaArguments a = arguments(wanted.arguments);
      a.named.emplace_back("caller", make_macro(s, "caller"));
      if (!callee.is_callable()) {
        run_.fail("'call' needs a macro");
        break;
      }
      if (!run_.failed()) emit(callee.function().call(run_, a));
      break;
    }
    case Statement::Kind::filter_block:
      emit(filtered(s.filters, JinjaValue::string(captured(s.blocks[0]))));
      break;
    case Statement::Kind::with: {
      JinjaValues values;
      for (const auto& expression : s.expressions) values.push_back(evaluate(*expression));
      Nested scope(*this, scope_);
      for (std::size_t i = 0; i < values.size(); ++i) scope_->variables[s.names[i]] = values[i];
      return run(s.blocks[0]);
    }
    case Statement::Kind::scoped: {
      Nested scope(*this, scope_);
      return run(s.blocks[0]);
    }
    case Statement::Kind::break_loop:
      return Flow::break_loop;
    case Statement::Kind::continue_loop:
      return Flow::continue_loop;
  }
  return Flow::on;
}

void Interpreter::assign(const Target& target, const JinjaValue& value) {
  if (target.parts.empty()) {
    scope_->variables[target.name] = value;
    return;
  }
  JinjaValues parts = jinja_elements(run_, value);
  if (parts.size() != target.parts.size()) {
    run_.fail(std::to_string(parts.size()) + " values cannot be unpacked into " + std::to_string(target.parts.size()) + " names");
    return;
  }
  for (std::size_t i = 0; i < parts.size() && !run_.failed(); ++i) assign(target.parts[i], parts[i]);
}

void Interpreter::run_set(const Statement& s) {
  JinjaValue value =
      s.expressions.empty() ? filtered(s.filters, JinjaValue::string(captured(s.blocks[0]))) : evaluate(*s.expressions[0], true);
  if (run_.failed()) return;
  if (s.text.empty()) return assign(s.target, value);
  const JinjaValue* object = look_up(s.text);
  if (!object || !object->is_dict() || !object->entries().is_namespace) {
    run_.fail("'" + s.text + "' is no namespace, so its attributes cannot be set");
    return;
  }
  run_.changed(*object, value);
  object->entries().set(JinjaValue::string(s.target.name), std::move(value));
}

JinjaValue Interpreter::filtered(const std::vector<ExpressionPtr>& filters, JinjaValue value) {
  for (const auto& filter : filters) {
    JinjaArguments a = arguments(filter->arguments);
    if (run_.failed()) return {};
    value = jinja_filter(run_, filter->text, value, a);
  }
  return value;
}

Interpreter::Scope* Interpreter::keep_scope() {
  for (Scope* scope = scope_; scope && !scope->kept; scope = scope->parent) scope->kept = true;
  run_.spend(50);  // what is kept takes memory
  return scope_;
}

JinjaValue Interpreter::make_macro(const Statement& statement, std::string name) {
  Scope* closure = keep_scope();
  JinjaValue macro = jinja_function(
      std::move(name), [this, &statement, closure](JinjaRun&, JinjaArguments& a) { return call_macro(statement, closure, a); });
  macro.function().takes_missing = true;
  return macro;
}

JinjaValue Interpreter::call_macro(const Statement& statement, Scope* closure, JinjaArguments& a) {
  if (calls_ >= kMaxCalls) return run_.fail("macros call each other too deeply", ErrorKind::data);
  ++calls_;
  JinjaValue out;
  {
    Nested scope(*this, closure);
    Scope* own = scope_;
    JinjaValues more;
    for (std::size_t i = statement.parameters.size(); i < a.positional.size(); ++i) more.push_back(a.positional[i]);
    JinjaValue keywords = JinjaValue::dict();
    for (const auto& [name, value] : a.named) {
      bool known = std::any_of(statement.parameters.begin(), statement.parameters.end(),
                               [&](const Parameter& p) { return p.name == name; });
      if (name == "caller") {
        if (!statement.uses_caller) run_.fail("macro '" + statement.text + "' does not ask for its caller's text");
        own->variables["caller"] = value;
      } else if (!known) {
        keywords.entries().set(JinjaValue::string(name), value);
      }
    }
    for (std::size_t i = 0; i < statement.parameters.size() && !run_.failed(); ++i) {
      const Parameter& p = statement.parameters[i];
      const JinjaValue* given = a.get(i, p.name);
      own->variables[p.name] = given ? *given : p.fallback ? evaluate(*p.fallback, true) : JinjaValue::undefined(p.name);
      bool twice = i < a.positional.size() && std::any_of(a.named.begin(), a.named.end(), [&](const auto& n) { return n.first == p.name; });
      if (twice) run_.fail("macro '" + statement.text + "' is given '" + p.name + "' twice");
    }
    // As in Jinja: a macro takes more than it names only where its body says `varargs` or `kwargs`.
    if (!more.empty() && !statement.uses_varargs)
      run_.fail("macro '" + statement.text + "' takes not more than " + std::to_string(statement.parameters.size()) +
                " arguments");
    if (!keywords.entries().entries.empty() && !statement.uses_kwargs)
      run_.fail("macro '" + statement.text + "' takes no argument called '" +
                shorten(keywords.entries().entries[0].first.str(), 40) + "'");
    own->variables["varargs"] = JinjaValue::list(std::move(more), true);
    own->variables["kwargs"] = keywords;
    if (!run_.failed()) out = JinjaValue::string(captured(statement.blocks[0]));
  }
  --calls_;
  return out;
}

JinjaArguments Interpreter::arguments(const std::vector<Argument>& wanted, bool may_miss) {
  JinjaArguments out;
  for (const Argument& argument : wanted) {
    JinjaValue value = evaluate(*argument.value, may_miss);
    if (run_.failed()) break;
    switch (argument.kind) {
      case Argument::Kind::positional:
        out.positional.push_back(std::move(value));
        break;
      case Argument::Kind::named:
        out.named.emplace_back(argument.name, std::move(value));
        break;
      case Argument::Kind::spread:
        for (JinjaValue& item : jinja_elements(run_, value)) out.positional.push_back(std::move(item));
        break;
      case Argument::Kind::spread_named:
        if (!value.is_dict()) {
          run_.fail("** needs a dict");
          break;
        }
        for (const auto& [key, item] : value.entries().entries) out.named.emplace_back(key.str(), item);
        break;
    }
  }
  return out;
}

JinjaValue Interpreter::evaluate(const Expression& e, bool may_miss) {
  if (!run_.spend()) return {};
  run_.line = e.line;
  if (depth_ >= kMaxDepth) return run_.fail("the template is nested too deeply", ErrorKind::data);
  ++depth_;
  JinjaValue value = compute(e);
  --depth_;
  if (value.nesting() > kMaxNesting) return run_.fail("the template makes a value that is nested too deeply", ErrorKind::data);
  if (!may_miss && run_.refuses(value)) return run_.fail("'" + value.missing_name() + "' is undefined");
  return value;
}

JinjaValue Interpreter::compute(const Expression& e) {
  using Kind = Expression::Kind;
  auto child = [&](std::size_t i) { return evaluate(*e.children[i]); };
  switch (e.kind) {
    case Kind::literal:
      return e.value;
    case Kind::name: {
      const JinjaValue* value = look_up(e.text);
      return value ? *value : JinjaValue::undefined(e.text);
    }
    case Kind::list:
    case Kind::tuple: {
      JinjaValues items;
      for (const auto& item : e.children) items.push_back(evaluate(*item, true));
      return JinjaValue::list(std::move(items), e.kind == Kind::tuple);
    }
    case Kind::dict: {
      JinjaValue out = JinjaValue::dict();
      for (std::size_t i = 0; i + 1 < e.children.size(); i += 2) {
        JinjaValue key = child(i);
        if (!key.hashable()) return run_.fail(std::string(key.type_name()) + " cannot be a key");
        out.entries().set(key, evaluate(*e.children[i + 1], true));
      }
      return out;
    }
    case Kind::attribute:
      return jinja_attribute(run_, child(0), e.text);
    case Kind::subscript: {
      JinjaValue on = child(0);
      return jinja_item(run_, on, child(1));
    }
    case Kind::slice:
      return slice(e);
    case Kind::call:
      return call(e);
    case Kind::filter: {
      bool fallback = e.text == "default" || e.text == "d";
      JinjaValue on = evaluate(*e.children[0], fallback || e.text == "items");
      JinjaArguments a = arguments(e.arguments, fallback);
      return run_.failed() ? JinjaValue() : jinja_filter(run_, e.text, on, a);
    }
    case Kind::test: {
      JinjaValue on = evaluate(*e.children[0], jinja_test_takes_missing(e.text));
      JinjaArguments a = arguments(e.arguments);
      return run_.failed() ? JinjaValue() : JinjaValue::boolean(jinja_test(run_, e.text, on, a));
    }
    case Kind::unary: {
      JinjaValue value = child(0);
      if (e.text == "not") return JinjaValue::boolean(!value.truthy());
      if (!value.is_number()) return run_.fail("'" + e.text + "' does not work on " + std::string(value.type_name()));
      if (e.text == "+") return value.is_integer() ? JinjaValue::integer(value.whole()) : value;
      return value.is_integer() ? jinja_arithmetic(run_, "-", JinjaValue::integer(0), value) : JinjaValue::real(-value.number());
    }
    case Kind::binary: {
      JinjaValue left = child(0);
      return jinja_arithmetic(run_, e.text, left, child(1));
    }
    case Kind::logic: {
      JinjaValue left = child(0);
      return left.truthy() == (e.text == "and") ? evaluate(*e.children[1], true) : left;
    }
    case Kind::compare:
      return compare(e);
    case Kind::conditional:
      if (truth(*e.children[1])) return evaluate(*e.children[0], true);
      if (run_.failed()) return {};
      return e.children[2] ? evaluate(*e.children[2], true) : JinjaValue::nothing("the value of an if without else");
  }
  return {};
}

JinjaValue Interpreter::compare(const Expression& e) {
  JinjaValue left = evaluate(*e.children[0]);
  for (std::size_t i = 0; i < e.operators.size() && !run_.failed(); ++i) {
    const std::string& op = e.operators[i];
    JinjaValue right = evaluate(*e.children[i + 1]);
    bool holds = false;
    if (op == "==") {
      holds = left.equals(right);
    } else if (op == "!=") {
      holds = !left.equals(right);
    } else if (op == "in") {
      holds = jinja_contains(run_, right, left);
    } else if (op == "not in") {
      holds = !jinja_contains(run_, right, left);
    } else {
      bool swap = op == ">" || op == "<=";
      auto less = swap ? right.less(left) : left.less(right);
      if (!less)
        return run_.fail("'" + op + "' does not work between " + std::string(left.type_name()) + " and " +
                         std::string(right.type_name()));
      holds = op.size() == 1 ? *less : !*less;
    }
    if (!holds) return JinjaValue::boolean(false);
    left = std::move(right);
  }
  return JinjaValue::boolean(true);
}

JinjaValue Interpreter::slice(const Expression& e) {
  JinjaValue on = evaluate(*e.children[0]);
  if (on.is_undefined()) return run_.fail("'" + on.missing_name() + "' is undefined, so it has no part");
  std::optional<std::int64_t> bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    if (!e.children[i + 1]) continue;
    JinjaValue bound = evaluate(*e.children[i + 1]);
    if (bound.is_integer()) {
      bounds[i] = bound.whole();
    } else if (!bound.is_none()) {
      return JinjaValue::undefined("a part of " + std::string(on.type_name()));  // as Jinja does where Python refuses a subscript
    }
  }
  if (!on.is_string() && !on.is_sequence()) return JinjaValue::undefined("a part of " + std::string(on.type_name()));
  JinjaValues items = jinja_elements(run_, on);
  auto size = static_cast<std::int64_t>(items.size());
  std::int64_t step = bounds[2].value_or(1);
  if (step == 0) return run_.fail("a slice's step is 0");
  auto clamp = [&](std::optional<std::int64_t> bound, std::int64_t fallback) {
    if (!bound) return fallback;
    std::int64_t at = *bound < 0 ? (*bound < -size ? -1 : *bound + size) : *bound;
    return step > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  std::int64_t begin = clamp(bounds[0], step > 0 ? 0 : size - 1), end = clamp(bounds[1], step > 0 ? size : -1);
  JinjaValues out;
  for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
    out.push_back(items[static_cast<std::size_t>(i)]);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  if (on.is_list()) return JinjaValue::list(std::move(out), on.items().tuple);
  std::string text;
  for (const JinjaValue& character : out) text += character.text();
  return JinjaValue::string(std::move(text));
}

JinjaValue Interpreter::call(const Expression& e) {
  const Expression& target = *e.children[0];
  JinjaValue callee = evaluate(target, true);
  if (run_.failed()) return {};
  if (callee.is_undefined()) {
    // A method that we do not have may be one of Python's: another renderer may know it.
    if (target.kind == Expression::Kind::attribute) return run_.unsupported("there is no method '" + target.text + "' here");
    return run_.unsupported("there is no function '" + callee.missing_name() + "'");
  }
  bool loop = callee.is_dict() && callee.entries().call;
  if (!callee.is_callable() && !loop) return run_.fail(std::string(callee.type_name()) + " cannot be called");
  JinjaArguments a = arguments(e.arguments, !loop && callee.function().takes_missing);
  if (run_.failed()) return {};
  int line = run_.line;
  auto recursive = loop ? callee.entries().call : nullptr;
  JinjaValue out = loop ? recursive->call(run_, a) : callee.function().call(run_, a);
  if (!run_.failed()) run_.line = line;
  return out;
}

}  // namespace assay::jinja
