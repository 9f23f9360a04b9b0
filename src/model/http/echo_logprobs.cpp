#include "model/http/echo_logprobs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace assay {
namespace {

constexpr double kRounding = 1e-3;  // a server may round the logarithm of nearly 1 upwards
constexpr std::string_view kCure = "Log-likelihood tasks need a /completions endpoint with echo, or a gguf: model.";

bool looks_special(std::string_view token) {
  return token.empty() || (token.size() >= 3 && token.front() == '<' && token.back() == '>');
}

Result<EchoedPrompt> read_echo(const json::value& choice, std::string_view prompt) {
  const json::value* tokens = find_path(choice, {"logprobs", "tokens"});
  const json::value* values = find_path(choice, {"logprobs", "token_logprobs"});
  const json::value* offsets = find_path(choice, {"logprobs", "text_offset"});
  const json::value* tops = find_path(choice, {"logprobs", "top_logprobs"});
  if (!tokens || !tokens->is_array() || !values || !values->is_array() || !offsets || !offsets->is_array() ||
      values->get_array().size() != tokens->get_array().size() || offsets->get_array().size() != tokens->get_array().size())
    return fail(ErrorKind::unsupported, "the server does not return the log-probabilities of the prompt (echo with text offsets)",
                {}, std::string(kCure));
  EchoedPrompt out;
  const std::size_t n = tokens->get_array().size();
  // A token put before our text is no part of it. Some servers let its spelling count in the offsets, some do not: ours are
  // counted from the first token of the text.
  std::size_t leading = 0;
  for (; leading < n; ++leading) {
    const json::string* given = tokens->get_array()[leading].if_string();
    std::string_view token = given ? std::string_view(*given) : std::string_view("?");
    if (!looks_special(token) || (!token.empty() && prompt.starts_with(token))) break;
  }
  if (leading == n) leading = 0;
  out.leading = static_cast<int>(leading);
  std::int64_t shift = 0, before = 0;
  for (std::size_t k = 0; k < n; ++k) {
    if (!offsets->get_array()[k].is_int64())
      return fail(ErrorKind::unsupported, "the server does not say where a token stands in the text (text_offset)", {},
                  std::string(kCure));
    std::int64_t offset = offsets->get_array()[k].get_int64();
    if (offset < before) return fail(ErrorKind::bad_response, "the text offsets of the echoed prompt go back");
    before = offset;
    if (k == leading) shift = offset;
    out.offsets.push_back(offset);
  }
  for (std::size_t k = 0; k < n; ++k) out.offsets[k] = k < leading ? -1 : out.offsets[k] - shift;
  for (std::size_t k = 0; k < n; ++k) {
    const json::value& given = values->get_array()[k];
    auto value = as_number(given);
    if (!value && !(given.is_null() && k <= leading))
      return fail(ErrorKind::bad_response, "an echoed token has no log-probability");
    if (value && (!std::isfinite(*value) || *value > kRounding))
      return fail(ErrorKind::bad_response, "an echoed token's log-probability is above zero: these are no log-probabilities");
    out.logprobs.push_back(value ? std::min(*value, 0.0) : std::numeric_limits<double>::quiet_NaN());
    std::optional<bool> best;
    if (value && tops && tops->is_array() && k < tops->get_array().size())
      if (const json::object* top = tops->get_array()[k].if_object())
        for (const auto& member : *top)
          if (auto other = as_number(member.value())) best = best.value_or(true) && *other <= *value;
    out.best.push_back(best);
  }
  return out;
}

/// Mean over the tokens from the code point `from` to `end`.
double mean_between(const EchoedPrompt& echo, std::int64_t from, std::int64_t end) {
  double sum = 0;
  int count = 0;
  for (std::size_t k = 0; k < echo.offsets.size(); ++k) {
    if (echo.offsets[k] < from || echo.offsets[k] >= end || std::isnan(echo.logprobs[k])) continue;
    sum += echo.logprobs[k];
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

Error meaningless(const std::string& why) {
  return {ErrorKind::unsupported,
          "the log-probabilities that the server echoes mean nothing: " + why + "; scores made of them would be chance",
          {},
          std::string(kCure) + " ?echo_check=off goes on all the same."};
}

constexpr std::string_view kFirst = "lamp river seven garden copper window mild paper north candle stone ribbon";
constexpr std::string_view kOther = "cloud harbor nine pepper silver ladder brisk feather south button marble anchor";

}  // namespace

Result<std::vector<EchoedPrompt>> read_echoes(const json::value& body, const std::vector<std::string>& prompts) {
  const json::value* choices = find(body, "choices");
  if (!choices || !choices->is_array()) return fail(ErrorKind::bad_response, "the answer has no \"choices\"");
  std::vector<const json::value*> ordered(prompts.size(), nullptr);
  std::int64_t position = 0;
  for (const json::value& choice : choices->get_array()) {
    std::int64_t index = get_integer(choice, "index").value_or(position);
    ++position;
    if (index >= 0 && static_cast<std::size_t>(index) < ordered.size()) ordered[static_cast<std::size_t>(index)] = &choice;
  }
  std::vector<EchoedPrompt> out;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (!ordered[i])
      return fail(ErrorKind::bad_response, "the answer has no choice for prompt " + std::to_string(i) + " of the group");
    auto echo = read_echo(*ordered[i], prompts[i]);
    if (!echo) return std::unexpected(echo.error());
    out.push_back(std::move(*echo));
  }
  return out;
}

int tokens_before(const EchoedPrompt& echo) {
  constexpr double kSaid = 1e-6;  // a first token's number below this is one; some servers write 0 for none
  const bool hidden = echo.leading == 0 && !echo.logprobs.empty() && echo.logprobs.front() < -kSaid;
  return hidden ? 1 : echo.leading;
}

int tokens_before(std::string_view raw, const LoglikelihoodGroup& asked) {
  auto body = parse_json(raw);
  auto echoes = body ? read_echoes(*body, echo_prompts(asked)) : Result<std::vector<EchoedPrompt>>(std::unexpected(body.error()));
  return echoes && !echoes->empty() ? tokens_before(echoes->front()) : 0;
}

std::vector<std::string> echo_prompts(const LoglikelihoodGroup& group) {
  std::vector<std::string> out;
  out.reserve(group.items.size());
  for (const LoglikelihoodGroup::Item& item : group.items) out.push_back(group.shared_prefix + item.context + item.continuation);
  return out;
}

Error no_alternatives() {
  return {ErrorKind::unsupported, "the server does not name the likeliest token beside each echoed one (top_logprobs): every continuation would count as the model's own",
          {}, std::string(kCure)};
}

const std::vector<std::string>& echo_probes() {
  static const std::string first(kFirst), other(kOther);
  static const std::vector<std::string> probes{first + " " + first, other + " " + first, first + " " + first};
  return probes;
}

Result<int> judge_echo(const json::value& body, std::optional<bool> bos) {
  constexpr double kSame = 0.05, kLearned = 0.3;  // nats a token
  const std::vector<std::string>& probes = echo_probes();
  auto echoes = read_echoes(body, probes);
  if (!echoes) {
    // Asked again it would answer in the same way: no malformed answer, but a server that cannot do it.
    Error bad = echoes.error();
    bad.kind = ErrorKind::unsupported;
    if (bad.hint.empty()) bad.hint = kCure;
    return fail(std::move(bad));
  }
  std::vector<double> means;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    auto end = static_cast<std::int64_t>(probes[i].size());
    means.push_back(mean_between((*echoes)[i], end - static_cast<std::int64_t>(kFirst.size()), end));
    if (std::isnan(means.back()))
      return fail(ErrorKind::unsupported, "the server did not echo the prompt", {}, std::string(kCure));
  }
  std::vector<double> values;
  const EchoedPrompt& echo = (*echoes)[0];
  for (std::size_t k = 0; k < echo.offsets.size(); ++k) {
    if (echo.offsets[k] < 0 || echo.offsets[k] >= static_cast<std::int64_t>(probes[0].size()) || std::isnan(echo.logprobs[k])) continue;
    if (k > static_cast<std::size_t>(echo.leading) && !echo.best[k]) return fail(no_alternatives());
    values.push_back(echo.logprobs[k]);
  }
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*high - *low < 1e-9) return fail(meaningless("every token has the same"));
  if (std::abs(means[0] - means[2]) > kSame) return fail(meaningless("the same prompt has others the second time"));
  if (means[0] < means[1] + kLearned) return fail(meaningless("a list of words is no likelier where it stands the second time"));
  const int leading = tokens_before(echo);
  if (bos && *bos && leading == 0)
    return fail(ErrorKind::unsupported, "the server puts no BOS before a text, a missing BOS: bos=on asks for one", {},
                "Let the server add it (of vLLM: the tokenizer's add_bos_token), or leave bos=on out: the harness puts none.");
  if (bos && !*bos && leading == 1)
    return fail(ErrorKind::unsupported, "the server puts a BOS before a text: bos=off asks for none", {},
                "Let the server add none (of vLLM: the tokenizer's add_bos_token), or leave bos=off out.");
  if (leading > 1)
    return fail(ErrorKind::unsupported,
                "the server puts " + std::to_string(leading) + " special tokens before a text, a doubled BOS", {},
                "Let the server add one or none (of vLLM: the tokenizer's add_bos_token). ?echo_check=off goes on all the same.");
  return leading;
}

}  // namespace assay
