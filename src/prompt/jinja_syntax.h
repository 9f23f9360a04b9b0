// The tree of a parsed Jinja template. Plain data; the parser makes it, the interpreter walks it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "prompt/jinja_value.h"

namespace assay::jinja {

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<Expression>;
using Block = std::vector<std::unique_ptr<Statement>>;

struct Argument {
  enum class Kind { positional, named, spread, spread_named };
  Kind kind = Kind::positional;
  std::string name;
  ExpressionPtr value;
};

struct Expression {
  enum class Kind {
    literal,      // value
    name,         // text
    list,         // children
    tuple,        // children
    dict,         // children: key, value, key, value ...
    attribute,    // children[0] . text
    subscript,    // children[0] [ children[1] ]
    slice,        // children[0] [ children[1] : children[2] : children[3] ], absent ones null
    call,         // children[0] ( arguments )
    filter,       // children[0] | text ( arguments )
    test,         // children[0] is text ( arguments )
    unary,        // text: "not", "-", "+"
    binary,       // text: "+", "-", "*", "/", "//", "%", "**", "~"
    logic,        // text: "and", "or"
    compare,      // children[0], then one child an operator
    conditional,  // children: then, condition, else (may be null)
  };
  Kind kind = Kind::literal;
  int line = 0, height = 0;  // height: of the chain of operators below it
  std::string text;
  JinjaValue value;
  std::vector<ExpressionPtr> children;
  std::vector<std::string> operators;  // of compare: "==", "!=", "<", "<=", ">", ">=", "in", "not in"
  std::vector<Argument> arguments;
};

/// What a value is assigned to: a name, or the parts that it is unpacked into.
struct Target {
  std::string name;
  std::vector<Target> parts;  // where there is no name
};

struct Parameter {
  std::string name;
  ExpressionPtr fallback;  // null when it has no default
};

struct Statement {
  enum class Kind {
    text,          // text
    output,        // expressions[0]
    set,           // target = expressions[0]; or, without it, = what body writes, through filters
    condition,     // branches in pairs: expressions[i] guards blocks[i]; a last block without expression is else
    loop,          // target in expressions[0] if expressions[1] (may be null): blocks[0], blocks[1] = else (may be absent)
    macro,         // name, parameters, blocks[0]
    call_block,    // expressions[0] is the call; parameters of caller; blocks[0]
    filter_block,  // filters, blocks[0]
    with,          // `names` = expressions, blocks[0]
    scoped,        // blocks[0]: a tag that only marks its content; what is set inside is not seen outside
    break_loop,
    continue_loop,
  };
  Kind kind = Kind::text;
  int line = 0;
  std::string text;  // of text; name of macro; attribute's object of `set object.attribute`
  bool recursive = false;                           // of loop: its body may call it
  bool uses_varargs = false, uses_kwargs = false, uses_caller = false;  // of macro and call_block: the body says that name
  Target target;
  std::vector<std::string> names;
  std::vector<ExpressionPtr> expressions;
  std::vector<Block> blocks;
  std::vector<Parameter> parameters;
  std::vector<ExpressionPtr> filters;  // filter expressions whose children[0] is null: applied in order
};

}  // namespace assay::jinja
