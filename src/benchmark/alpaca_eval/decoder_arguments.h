// The arguments of a decoder (`completions_kwargs`), taken one by one: what is left over is an error, or goes into the request as it is.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/python_value.h"
#include "model/request.h"

namespace assay::alpaca_eval {

class DecoderArguments {
 public:
  /// All outlive the object. `where` is named in errors.
  DecoderArguments(std::string_view function, const PythonValue& dict, std::string_view where) : function_(function), dict_(dict), where_(where) {}

  /// Null where it is not given, or None.
  const PythonValue* take(std::string_view name);
  /// Whether it is given as None.
  bool is_none(std::string_view name) const;
  void text(std::string_view name, std::string& out);
  /// One text, or a list of them.
  void texts(std::string_view name, std::vector<std::string>& out);
  /// Numbers that YAML 1.1 takes for texts (9e-7) count.
  void number(std::string_view name, std::optional<double>& out);
  void whole(std::string_view name, std::optional<std::int64_t>& out, std::int64_t least);
  void flag(std::string_view name, std::optional<bool>& out);
  /// Understood, and without a meaning here: how many at once, how often again.
  void pass(std::initializer_list<std::string_view> names);
  /// Into the body of every request.
  void send(std::initializer_list<std::string_view> names, json::object& extra);
  /// ... and so does everything that nobody has taken.
  void send_rest(json::object& extra);
  void wrong(std::string_view name, std::string_view want);
  void refuse(Error error);
  /// The first error; or one that names an argument that nobody has taken.
  Result<void> end() const;

 private:
  std::string_view function_;
  const PythonValue& dict_;
  std::string_view where_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

/// temperature, top_p, seed, stop; what `sampling` holds already are the defaults.
void common_sampling(DecoderArguments& arguments, Sampling& sampling);
void token_limit(DecoderArguments& arguments, std::string_view name, std::optional<std::int64_t> standard, Sampling& sampling);

/// To stand in a model spec.
std::string encoded_for_spec(std::string_view text);
/// "?a=b&c" with `more` ("c", already encoded) behind it; the query of a spec is begun where there is none yet.
void add_to_query(std::string& spec, const std::string& more);

}  // namespace assay::alpaca_eval
