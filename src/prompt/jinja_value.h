// Values of a Jinja program, with Python's rules: what is true, what is equal, how a value prints (str) and how it prints inside
// a container (repr).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"

namespace assay {

class JinjaRun;
class JinjaValue;
using JinjaValues = std::vector<JinjaValue>;

// What Python has for a list in some places; each prints and counts in its own way.
enum class JinjaForm { list, range, keys, values, items, iterator };

struct JinjaList;
struct JinjaDict;
struct JinjaCallable;

class JinjaValue {
 public:
  enum class Kind { undefined, none, boolean, integer, real, string, list, dict, callable };
  struct Undefined {
    std::string name;  // what was looked for
    bool lenient;      // prints as nothing even under strict_undefined
  };

  static constexpr std::size_t kMostText = std::size_t{256} << 20;

  JinjaValue() = default;  // undefined
  static JinjaValue undefined(std::string name) { return JinjaValue(Store(Undefined{std::move(name), false})); }
  /// Undefined, and never an error where its text is wanted: what `x if false` is.
  static JinjaValue nothing(std::string name) { return JinjaValue(Store(Undefined{std::move(name), true})); }
  static JinjaValue none() { return JinjaValue(Store(nullptr)); }
  static JinjaValue boolean(bool value) { return JinjaValue(Store(value)); }
  static JinjaValue integer(std::int64_t value) { return JinjaValue(Store(value)); }
  static JinjaValue real(double value) { return JinjaValue(Store(value)); }
  static JinjaValue string(std::string value) { return JinjaValue(Store(std::make_shared<const std::string>(std::move(value)))); }
  static JinjaValue list(JinjaValues items, bool tuple = false);
  static JinjaValue view(JinjaValues items, JinjaForm form, std::string shown = {});
  static JinjaValue dict();
  static JinjaValue callable(std::shared_ptr<JinjaCallable> value) { return JinjaValue(Store(std::move(value))); }
  static JinjaValue from_json(const json::value& value);

  Kind kind() const { return static_cast<Kind>(store_.index()); }
  bool is_undefined() const { return kind() == Kind::undefined; }
  bool is_nothing() const { return is_undefined() && std::get<Undefined>(store_).lenient; }
  bool is_none() const { return kind() == Kind::none; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_dict() const { return kind() == Kind::dict; }
  bool is_callable() const { return kind() == Kind::callable; }
  bool is_integer() const { return kind() == Kind::integer || kind() == Kind::boolean; }  // as Python: True is 1
  bool is_number() const { return is_integer() || kind() == Kind::real; }

  const std::string& text() const { return *std::get<std::shared_ptr<const std::string>>(store_); }
  std::int64_t whole() const { return kind() == Kind::boolean ? std::get<bool>(store_) : std::get<std::int64_t>(store_); }
  double number() const { return kind() == Kind::real ? std::get<double>(store_) : static_cast<double>(whole()); }
  bool flag() const { return std::get<bool>(store_); }
  const std::string& missing_name() const { return std::get<Undefined>(store_).name; }
  JinjaList& items() const { return *std::get<std::shared_ptr<JinjaList>>(store_); }
  JinjaDict& entries() const { return *std::get<std::shared_ptr<JinjaDict>>(store_); }
  JinjaCallable& function() const { return *std::get<std::shared_ptr<JinjaCallable>>(store_); }
  bool same_object(const JinjaValue& other) const;  // Python's `is`
  bool hashable() const;                            // can be a dict's key
  /// A list, tuple or range: it has elements by number.
  bool is_sequence() const;
  /// A list or tuple: what + joins and what JSON knows.
  bool is_plain_list() const;
  /// What is walked through once, and does not know its length.
  bool is_iterator() const;

  bool truthy() const;
  /// Python's ==: numbers by value, containers element by element.
  bool equals(const JinjaValue& other) const;
  /// Python's <; nullopt where Python would refuse to order the two.
  std::optional<bool> less(const JinjaValue& other, int depth = 0) const;
  /// Text of `most` bytes or a little more is cut: a container may hold the same one many times over, or itself.
  std::string str(std::size_t most = kMostText) const;
  std::string repr(std::size_t most = kMostText) const;
  /// How deep containers lie in it: 0 of a plain value. Not kept exact when an element of an element grows.
  int nesting() const;
  /// Takes a container's elements away: the way to undo one that holds itself.
  void drop_elements() const;
  /// "str", "list", "dict", ... for messages.
  std::string_view type_name() const;

 private:
  using Store = std::variant<Undefined, std::nullptr_t, bool, std::int64_t, double, std::shared_ptr<const std::string>,
                             std::shared_ptr<JinjaList>, std::shared_ptr<JinjaDict>, std::shared_ptr<JinjaCallable>>;
  explicit JinjaValue(Store store) : store_(std::move(store)) {}
  bool equals(const JinjaValue& other, int depth, std::size_t& steps) const;
  void append_repr(std::string& out, int depth, std::size_t most) const;
  Store store_;
};

struct JinjaList {
  JinjaValues items;
  bool tuple = false;  // prints with parentheses
  bool group = false;  // of groupby: its elements are also called grouper and list
  JinjaForm form = JinjaForm::list;
  std::string shown;  // of a range: how it prints
  int nesting = 1;
  bool noted = false;  // JinjaRun::changed
};

struct JinjaDict {
  std::vector<std::pair<JinjaValue, JinjaValue>> entries;  // in order of insertion
  bool is_namespace = false;                               // attributes may be set
  std::shared_ptr<JinjaCallable> call;                     // a recursive loop can be called
  int nesting = 1;
  bool noted = false;  // JinjaRun::changed
  const JinjaValue* find(const JinjaValue& key) const;
  const JinjaValue* find(std::string_view key) const;
  void set(const JinjaValue& key, JinjaValue value);
};

/// Arguments of a call.
struct JinjaArguments {
  JinjaValues positional;
  std::vector<std::pair<std::string, JinjaValue>> named;
  /// The `index`-th positional one, else the one of that name, else null.
  const JinjaValue* get(std::size_t index, std::string_view name) const;
};

struct JinjaCallable {
  std::string name;
  std::function<JinjaValue(JinjaRun&, JinjaArguments&)> call;
  bool takes_missing = false;  // arguments may be undefined even under strict_undefined
};

/// Python's repr of a string.
std::string python_quoted(std::string_view text);

}  // namespace assay
