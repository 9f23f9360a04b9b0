#include "benchmark/alpaca_eval/decoder_arguments.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"

namespace assay::alpaca_eval {

using Kind = PythonValue::Kind;

const PythonValue* DecoderArguments::take(std::string_view name) {
  known_.emplace_back(name);
  const PythonValue* value = dict_.find(name);
  return value && value->kind != Kind::none ? value : nullptr;
}

bool DecoderArguments::is_none(std::string_view name) const {
  const PythonValue* value = dict_.find(name);
  return value && value->kind == Kind::none;
}

void DecoderArguments::text(std::string_view name, std::string& out) {
  const PythonValue* value = take(name);
  if (!value) return;
  if (value->kind == Kind::text)
    out = value->text;
  else
    wrong(name, "a text");
}

void DecoderArguments::texts(std::string_view name, std::vector<std::string>& out) {
  const PythonValue* value = take(name);
  if (!value) return;
  if (value->kind != Kind::text && !value->is_sequence()) return wrong(name, "texts");
  out.clear();
  for (const PythonValue& one : value->kind == Kind::text ? std::vector<PythonValue>{*value} : value->items) {
    if (one.kind != Kind::text) return wrong(name, "texts");
    out.push_back(one.text);
  }
}

void DecoderArguments::number(std::string_view name, std::optional<double>& out) {
  const PythonValue* value = take(name);
  if (!value) return;
  if (value->is_real() && value->kind != Kind::boolean)
    out = value->real != 0 || value->kind == Kind::floating ? value->real : static_cast<double>(value->integer);
  else if (auto number = value->kind == Kind::text ? python_float(value->text) : std::nullopt)
    out = number;
  else
    wrong(name, "a number");
}

void DecoderArguments::whole(std::string_view name, std::optional<std::int64_t>& out, std::int64_t least) {
  const PythonValue* value = take(name);
  if (!value) return;
  if (value->kind == Kind::integer && value->text.empty() && value->integer >= least && value->integer <= 1'000'000'000)
    out = value->integer;
  else
    wrong(name, "a whole number from " + std::to_string(least));
}

void DecoderArguments::flag(std::string_view name, std::optional<bool>& out) {
  const PythonValue* value = take(name);
  if (!value) return;
  if (value->kind == Kind::boolean)
    out = value->integer != 0;
  else
    wrong(name, "true or false");
}

void DecoderArguments::pass(std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) known_.emplace_back(name);
}

void DecoderArguments::send(std::initializer_list<std::string_view> names, json::object& extra) {
  for (std::string_view name : names)
    if (const PythonValue* value = take(name)) extra[name] = to_json(*value);
}

void DecoderArguments::send_rest(json::object& extra) {
  for (std::size_t i = 0; i + 1 < dict_.items.size(); i += 2) {
    const std::string& key = dict_.items[i].text;
    if (dict_.items[i].kind != Kind::text || std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    known_.push_back(key);
    if (dict_.items[i + 1].kind != Kind::none) extra[key] = to_json(dict_.items[i + 1]);
  }
}

void DecoderArguments::wrong(std::string_view name, std::string_view want) {
  refuse(Error{ErrorKind::usage, std::string(function_) + " takes " + std::string(want) + " as \"" + std::string(name) + "\"", std::string(where_)});
}

void DecoderArguments::refuse(Error error) {
  if (!error_) error_ = std::move(error);
}

Result<void> DecoderArguments::end() const {
  if (error_) return std::unexpected(*error_);
  for (std::size_t i = 0; i + 1 < dict_.items.size(); i += 2) {
    const std::string& key = dict_.items[i].text;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::vector<std::string> near = did_you_mean(key, known_);
    return fail(ErrorKind::usage, std::string(function_) + " has no argument \"" + shorten(key, 60) + "\" that can be sent", std::string(where_),
                near.empty() ? "remove it from completions_kwargs" : "did you mean " + near.front() + "?");
  }
  return {};
}

std::string encoded_for_spec(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    if (c == '%' || c == '&' || c == '#' || c == '?' || c <= ' ' || c >= 127) {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      out += '%', out += kHex[c >> 4], out += kHex[c & 15];
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

void add_to_query(std::string& spec, const std::string& more) {
  const std::size_t hash = std::min(spec.find('#'), spec.size());
  spec.insert(hash, (spec.substr(0, hash).find('?') == std::string::npos ? "?" : "&") + more);
}

void common_sampling(DecoderArguments& arguments, Sampling& sampling) {
  std::optional<double> temperature = sampling.temperature, top_p = sampling.top_p;
  std::optional<std::int64_t> seed;
  arguments.number("temperature", temperature);
  arguments.number("top_p", top_p);
  arguments.whole("seed", seed, 0);
  // None is not sent, whatever the default.
  sampling.temperature = arguments.is_none("temperature") ? std::nullopt : temperature;
  sampling.top_p = arguments.is_none("top_p") ? std::nullopt : top_p;
  if (seed) sampling.seed = seed;
  arguments.texts("stop", sampling.stop);
}

void token_limit(DecoderArguments& arguments, std::string_view name, std::optional<std::int64_t> standard, Sampling& sampling) {
  std::optional<std::int64_t> limit = standard;
  if (const PythonValue* value = arguments.take(name); value && value->is_sequence())
    return arguments.wrong(name, "one number (a list of them, one a batch, cannot be sent)");
  arguments.whole(name, limit, 1);
  if (limit) sampling.max_tokens = static_cast<int>(*limit);
}

}  // namespace assay::alpaca_eval
