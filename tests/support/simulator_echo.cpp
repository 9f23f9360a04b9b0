#include "support/simulator_echo.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/text.h"

namespace assay::test {
namespace {

constexpr int kCharacters = 2, kAscii = 128, kBeyond = 1000;  // tokens: BOS, the end, ASCII, words, and from 1000 on code points beyond ASCII
constexpr double kRest = 0x110000 - 0x800 - kAscii;           // so many are beyond ASCII; they share one place of the table
constexpr double kMemory = 0.8;
constexpr int kMostGenerated = 256;
constexpr std::string_view kNotANumber = "not a number, to be written as Python does";

// Own words, in no order that means anything.
constexpr std::string_view kWords[] = {
    " the", " of",  " and",  " to",    " a",    " in",   " is",    " that", " it",   " for",   " was",  " on",   " are",     " as",      " with",
    " at",  " be",  " this", " have",  " from", " or",   " one",   " had",  " by",   " not",   " but",  " what", " all",     " were",    " when",
    " can", " an",  " which", " their", " if",   " will", " how",   " many", " some", " would", " more", " red",  "Question", " Question", "Answer",
    " river", " stone", " blue", " two",  " three", " water", " word", "ing",  "tion", "er",     "est",  "\n\n",  " choice",   " list",     " seven"};

std::uint64_t mixed(std::uint64_t value) {  // splitmix64
  value += 0x9E3779B97F4A7C15ull;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
  return value ^ (value >> 31);
}
double unit(std::uint64_t value) {
  return static_cast<double>(mixed(value) >> 11) / 9007199254740992.0;
}

std::optional<std::vector<int>> token_list(const json::value& value) {
  const json::array* list = value.if_array();
  if (!list || list->empty()) return std::nullopt;
  std::vector<int> out;
  for (const json::value& one : *list) {
    if (!one.is_int64() || one.get_int64() < 0 || one.get_int64() > kBeyond + 0x10FFFF) return std::nullopt;
    out.push_back(static_cast<int>(one.get_int64()));
  }
  return out;
}

std::string refusal(const std::string& message) {
  return write_json(json::object{{"error", json::object{{"message", message}, {"type", "invalid_request_error"}}}});
}

}  // namespace

EchoModel::EchoModel(std::uint64_t seed) : words_(std::begin(kWords), std::end(kWords)) {
  const std::size_t rows = kCharacters + kAscii + words_.size() + 1;
  table_.assign(rows, std::vector<double>(rows));
  likeliest_.resize(rows);
  for (std::size_t before = 0; before < rows; ++before) {
    double sum = 0;
    for (std::size_t after = 0; after < rows; ++after) {
      double weight = std::exp(6 * unit(seed * 1'000'003 + before * 1009 + after));
      const bool control = after < kCharacters + 32 && after != kCharacters + '\n';
      if (control || after == rows - 1) weight *= 1e-3;
      if (after < kCharacters) weight *= 1e-3;  // hardly ever, but no logarithm of nothing
      table_[before][after] = weight;
      sum += weight;
    }
    for (double& one : table_[before]) one /= sum;
    std::vector<std::size_t>& order = likeliest_[before];
    order.resize(rows - 1);  // a single character beyond ASCII is never among the likeliest
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return table_[before][a] > table_[before][b]; });
  }
}

std::vector<int> EchoModel::tokens(std::string_view text) const {
  std::vector<int> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t longest = 0;
    int token = 0;
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (words_[i].size() > longest && text.substr(at).starts_with(words_[i])) {
        longest = words_[i].size();
        token = kCharacters + kAscii + static_cast<int>(i);
      }
    if (longest == 0) {
      const auto first = static_cast<unsigned char>(text[at]);
      longest = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
      longest = std::min(longest, text.size() - at);
      char32_t point = longest == 1 ? first : first & (0xFFu >> (longest + 1));
      for (std::size_t k = 1; k < longest; ++k) point = point << 6 | (static_cast<unsigned char>(text[at + k]) & 0x3F);
      token = point < kAscii ? kCharacters + static_cast<int>(point) : kBeyond + static_cast<int>(point);
    }
    out.push_back(token);
    at += longest;
  }
  return out;
}

std::string EchoModel::piece(int token) const {
  if (token == kBos) return "<s>";
  if (token == kEnd) return "</s>";
  if (token >= kCharacters && token < kCharacters + kAscii) return std::string(1, static_cast<char>(token - kCharacters));
  if (token >= kCharacters + kAscii && token < kCharacters + kAscii + static_cast<int>(words_.size()))
    return words_[static_cast<std::size_t>(token - kCharacters - kAscii)];
  const int point = token - kBeyond;
  std::string out;
  if (point < kAscii || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return "\xEF\xBF\xBD";
  if (point < 0x800) {
    out = {static_cast<char>(0xC0 | point >> 6)};
  } else if (point < 0x10000) {
    out = {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F))};
  } else {
    out = {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 0x3F)), static_cast<char>(0x80 | (point >> 6 & 0x3F))};
  }
  return out + static_cast<char>(0x80 | (point & 0x3F));
}

std::vector<int> EchoModel::vocabulary() const {
  std::vector<int> out(kCharacters + kAscii + words_.size());
  std::iota(out.begin(), out.end(), 0);
  return out;
}

std::size_t EchoModel::row(int token) const {
  const std::size_t beyond = table_.size() - 1;
  return token >= 0 && static_cast<std::size_t>(token) < beyond ? static_cast<std::size_t>(token) : beyond;
}

double EchoModel::base(int before, int token) const {
  const std::size_t after = row(token);
  const double share = table_[row(before)][after];
  return after + 1 == table_.size() ? share / kRest : share;
}

std::vector<EchoModel::Scored> EchoModel::score(const std::vector<int>& tokens, std::size_t alternatives, bool remembers) const {
  std::vector<Scored> out(tokens.size());
  std::map<std::pair<int, int>, int> followed;  // what came last after two tokens
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const int before = tokens[i - 1];
    auto seen = followed.end();
    if (remembers && i > 1) seen = followed.find({tokens[i - 2], before});
    const bool known = seen != followed.end();
    auto probability = [&](int token) {
      const double own = base(before, token);
      return !known ? own : (1 - kMemory) * own + (token == seen->second ? kMemory : 0);
    };
    out[i].logprob = std::log(probability(tokens[i]));
    std::vector<std::pair<int, double>>& best = out[i].best;
    if (known && alternatives > 0) best.emplace_back(seen->second, std::log(probability(seen->second)));
    for (std::size_t place : likeliest_[row(before)]) {
      if (best.size() >= alternatives) break;
      const int token = static_cast<int>(place);
      if (!known || token != seen->second) best.emplace_back(token, std::log(probability(token)));
    }
    if (i > 1) followed[{tokens[i - 2], before}] = tokens[i];
  }
  return out;
}

Result<EchoBehaviour> read_echo_behaviour(std::string_view text) {
  using Fault = EchoBehaviour::Fault;
  static const std::map<std::string, Fault> faults{{"ignored", Fault::ignored},   {"generated", Fault::generated}, {"refused", Fault::refused},
                                                   {"constant", Fault::constant}, {"deaf", Fault::deaf},           {"fickle", Fault::fickle},
                                                   {"positive", Fault::positive}, {"short", Fault::short_list},    {"null", Fault::null},
                                                   {"nan", Fault::nan},           {"no-offsets", Fault::no_offsets}, {"no-tops", Fault::no_tops}};
  EchoBehaviour out;
  for (const std::string& word : split(text, ',')) {
    if (auto fault = faults.find(word); fault != faults.end()) {
      out.fault = fault->second;
    } else if (word == "bos") {
      out.bos = 1;
    } else if (word == "two-bos") {
      out.bos = 2;
    } else if (word == "hidden-bos") {
      out.bos = 1;
      out.hides_bos = true;
    } else if (word == "vllm") {
      out.vllm = true;
    } else if (word == "later") {
      out.later = true;
    } else if (word != "on") {
      return fail(ErrorKind::usage, "echo knows no \"" + shorten(word, 40) + "\"", "",
                  "on, bos, two-bos, hidden-bos, vllm, later, ignored, generated, refused, constant, deaf, fickle, positive, short, null, nan, no-offsets, no-tops");
    }
  }
  return out;
}

bool is_simulated_echo(std::string_view target, const json::value& body) {
  target = target.substr(0, target.find('?'));
  return target.ends_with("/completions") && !target.ends_with("/chat/completions") && get_bool(body, "echo").value_or(false);
}

std::optional<std::pair<int, std::string>> EchoServer::answer(const json::value& body) {
  using Fault = EchoBehaviour::Fault;
  const Fault fault = behaviour_.later && asked_ < 2 ? Fault::none : behaviour_.fault;
  ++asked_;
  if (fault == Fault::refused) return std::pair{400, refusal("echo is not supported with this model")};
  if (fault == Fault::ignored) return std::nullopt;
  const json::value* prompt = find(body, "prompt");
  std::vector<json::value> prompts;
  const json::array* list = prompt ? prompt->if_array() : nullptr;
  if (list && !list->empty() && (list->front().is_string() || list->front().is_array())) {
    prompts.assign(list->begin(), list->end());
  } else if (prompt) {
    prompts.push_back(*prompt);
  }
  for (const json::value& one : prompts)
    if (!one.is_string() && !token_list(one)) return std::pair{400, refusal("prompt: expected a text, texts, tokens or lists of tokens")};
  if (prompts.empty()) return std::pair{400, refusal("prompt is missing")};
  json::array choices;
  std::int64_t read = 0, made = 0;
  for (std::size_t i = 0; i < prompts.size(); ++i) choices.push_back(choice(i, prompts[i], body, fault, read, made));
  std::string text = write_json(json::object{{"id", "sim"},
                                             {"object", "text_completion"},
                                             {"model", "sim"},
                                             {"choices", std::move(choices)},
                                             {"usage", json::object{{"prompt_tokens", read}, {"completion_tokens", made}, {"total_tokens", read + made}}}});
  return std::pair{200, replace_all(text, "\"" + std::string(kNotANumber) + "\"", "NaN")};
}

json::object EchoServer::choice(std::size_t index, const json::value& prompt, const json::value& body, EchoBehaviour::Fault fault, std::int64_t& read,
                                std::int64_t& made) const {
  using Fault = EchoBehaviour::Fault;
  const json::string* words = prompt.if_string();
  std::vector<int> own = words ? model_.tokens({words->data(), words->size()}) : *token_list(prompt);
  std::vector<int> tokens(static_cast<std::size_t>(behaviour_.bos), EchoModel::kBos);
  tokens.insert(tokens.end(), own.begin(), own.end());
  const std::size_t asked = tokens.size();
  const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(get_integer(body, "max_tokens").value_or(16), 0, kMostGenerated));
  const bool remembers = fault != Fault::deaf;
  for (std::size_t i = 0; i < wanted; ++i) {
    tokens.push_back(kCharacters + 'x');  // its own place is not looked at
    const EchoModel::Scored last = model_.score(tokens, 1, remembers).back();
    if (!last.best.empty()) tokens.back() = last.best.front().first;
  }
  read += static_cast<std::int64_t>(asked);
  made += static_cast<std::int64_t>(wanted);
  const std::size_t first = fault == Fault::generated ? asked : behaviour_.hides_bos ? static_cast<std::size_t>(behaviour_.bos) : 0;
  const auto alternatives = get_integer(body, "logprobs");
  const std::vector<EchoModel::Scored> scored = model_.score(tokens, static_cast<std::size_t>(std::clamp<std::int64_t>(alternatives.value_or(0), 0, 100)), remembers);
  const std::size_t middle = first + (tokens.size() - first) / 2;
  json::array pieces, values, tops, offsets;
  std::int64_t offset = 0;
  std::string text;
  for (std::size_t i = first; i < tokens.size(); ++i) {
    const std::string piece = model_.piece(tokens[i]);
    double number = scored[i].logprob;
    if (fault == Fault::constant) number = -7;
    if (fault == Fault::deaf) number = -8 * unit(behaviour_.seed + static_cast<std::uint64_t>(tokens[i]));
    if (fault == Fault::fickle) number -= static_cast<double>((asked_ + index) % 5) / 2;
    if (fault == Fault::positive) number = -number;
    json::value value(number);
    if (fault == Fault::null && i == middle) value = nullptr;
    if (fault == Fault::nan && i == middle) value = json::string(kNotANumber);
    json::object top{{piece, value}};
    for (const auto& [token, likely] : scored[i].best)
      if (fault == Fault::none && top.size() <= static_cast<std::size_t>(*alternatives)) top[model_.piece(token)] = likely;
    if (i == 0) value = nullptr;
    tops.push_back(i == 0 ? json::value(nullptr) : json::value(std::move(top)));
    values.push_back(std::move(value));
    pieces.emplace_back(piece);
    offsets.emplace_back(offset);
    offset += static_cast<std::int64_t>(count_code_points(piece));
    if (i >= static_cast<std::size_t>(behaviour_.bos)) text += piece;
  }
  if (fault == Fault::short_list && !values.empty()) values.pop_back();
  json::object out{{"index", index}, {"text", text}, {"finish_reason", "length"}, {"logprobs", nullptr}};
  if (alternatives) {
    json::object logprobs{{"tokens", std::move(pieces)}, {"token_logprobs", std::move(values)}, {"top_logprobs", std::move(tops)}};
    if (fault == Fault::no_tops) logprobs["top_logprobs"] = nullptr;
    if (fault != Fault::no_offsets) logprobs["text_offset"] = std::move(offsets);
    out["logprobs"] = std::move(logprobs);
  }
  if (behaviour_.vllm) {
    json::array numbers, ids;
    for (std::size_t i = 0; i < asked; ++i) {
      ids.emplace_back(tokens[i]);
      numbers.push_back(i == 0 ? json::value(nullptr)
                               : json::value(json::object{{std::to_string(tokens[i]), json::object{{"logprob", scored[i].logprob},
                                                                                                    {"rank", 1},
                                                                                                    {"decoded_token", model_.piece(tokens[i])}}}}));
    }
    out["prompt_logprobs"] = std::move(numbers);
    out["prompt_token_ids"] = std::move(ids);
    out["stop_reason"] = nullptr;
  }
  return out;
}

}  // namespace assay::test
