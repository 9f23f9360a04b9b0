// The dialogue file and the scripted emotion answers of the simulator (docs/formats/simulator.md).
#include <cmath>

#include "base/text.h"
#include "support/simulator.h"

namespace assay::test {
namespace {

std::unexpected<Error> wrong(const std::string& where, const std::string& what) {
  return fail(ErrorKind::data, "dialogue: " + what, where);
}

Result<std::chrono::microseconds> milliseconds(const json::value& value, const std::string& where) {
  auto number = as_number(value);
  if (!number || !(*number >= 0) || *number > 3.6e6) return wrong(where, "a time is a number of milliseconds, at most an hour");
  return std::chrono::microseconds(static_cast<std::int64_t>(std::llround(*number * 1000)));
}

Result<std::size_t> count(const json::value& value, const std::string& where) {
  if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > 1'000'000'000)
    return wrong(where, "expected a number of bytes");
  return static_cast<std::size_t>(value.get_int64());
}

Result<void> read_member(std::string_view key, const json::value& value, const std::string& where, SimulatedReply& out) {
  using Fault = SimulatedReply::Fault;
  auto text = [&](std::string& to) -> Result<void> {
    if (!value.is_string()) return wrong(where, "expected a string");
    to = value.get_string();
    return {};
  };
  if (key == "text") return text(out.text);
  if (key == "reasoning") return text(out.reasoning);
  if (key == "finish") return text(out.finish);
  if (key == "message" || key == "choice") {
    (key == "message" ? out.message : out.choice) = value;
    return {};
  }
  if (key == "body" || key == "raw") {
    out.has_body = true;
    if (key == "raw") out.fault = Fault::raw;
    if (value.is_string()) return text(out.body);
    out.body = write_json(value);
    return {};
  }
  if (key == "status") {
    if (!value.is_int64() || value.get_int64() < 200 || value.get_int64() > 999)
      return wrong(where, "a status is a number from 200 to 999");
    out.status = static_cast<int>(value.get_int64());
    return {};
  }
  if (key == "headers") {
    const json::object* headers = value.if_object();
    if (!headers) return wrong(where, "headers are an object");
    for (const auto& header : *headers) {
      if (!header.value().is_string()) return wrong(where, "a header's value is a string");
      out.headers.emplace_back(std::string(header.key()), std::string(header.value().get_string()));
    }
    return {};
  }
  if (key == "fault") {
    static const std::map<std::string, Fault, std::less<>> kFaults{
        {"reset", Fault::reset}, {"reset_inside", Fault::reset_inside},     {"close_inside", Fault::close_inside},
        {"hang", Fault::hang},   {"truncated_json", Fault::truncated_json}, {"invalid_utf8", Fault::invalid_utf8}};
    auto it = value.is_string() ? kFaults.find(std::string_view(value.get_string())) : kFaults.end();
    if (it == kFaults.end())
      return wrong(where, "a fault is reset, reset_inside, close_inside, hang, truncated_json or invalid_utf8");
    out.fault = it->second;
    if (out.text.empty() && !out.has_body) out.text = "half of this is never sent";
    return {};
  }
  if (key == "delay_ms" || key == "drip_ms") {
    auto time = milliseconds(value, where);
    if (!time) return std::unexpected(time.error());
    (key == "delay_ms" ? out.delay : out.drip_every) = *time;
    return {};
  }
  if (key == "generate_bytes") {
    const json::array* both = value.if_array();
    auto least = both && both->size() == 2 ? count((*both)[0], where) : count(value, where);
    auto most = both && both->size() == 2 ? count((*both)[1], where) : least;
    if (!least || !most || *most < *least || *most == 0) return wrong(where, "expected a number of bytes, or [least, most]");
    out.generate_least = *least;
    out.generate_most = *most;
    return {};
  }
  if (key == "repeat") {
    auto times = count(value, where);
    if (!times || *times == 0) return wrong(where, "expected a number of times");
    out.repeat = *times;
    return {};
  }
  if (key == "deep") {  // so many arrays in one another
    auto levels = count(value, where);
    if (!levels) return wrong(where, "expected a number of levels");
    out.has_body = true;
    out.body = std::string(*levels, '[') + std::string(*levels, ']');
    return {};
  }
  if (key == "drip_bytes") {
    auto bytes = count(value, where);
    if (!bytes) return std::unexpected(bytes.error());
    out.drip = *bytes;
    return {};
  }
  return wrong(where, "unknown key");
}

Result<SimulatedReply> read_reply(const json::value& value, const std::string& where) {
  SimulatedReply out;
  if (value.is_string()) return SimulatedReply::says(std::string(value.get_string()));
  const json::object* object = value.if_object();
  if (!object) return wrong(where, "a reply is a string or an object");
  for (const auto& member : *object)
    if (auto read = read_member(member.key(), member.value(), where + "." + std::string(member.key()), out); !read)
      return std::unexpected(read.error());
  if (out.status >= 400 && !out.has_body) {  // an error without a body of its own
    out.has_body = true;
    out.body = write_json(json::object{
        {"error", json::object{{"message", out.text.empty() ? "simulated error" : out.text}, {"type", "simulated"}}}});
  }
  return out;
}

/// The names between the line that ends in "..." and the next empty line; else those of the layout that the prompt asks for
/// ("Sad: <score>"), which other wordings of the question share.
std::vector<std::string_view> emotion_lines(std::string_view prompt) {
  std::vector<std::string_view> out;
  bool inside = false;
  for (std::string_view line : split_lines(prompt)) {
    std::string_view name = strip(line);
    if (inside && name.empty()) {
      if (!out.empty()) break;
    } else if (inside) {
      out.push_back(name);
    } else if (name.ends_with("...") && (contains(name, "would feel") || contains(name, "fühlen") || contains(name, "feel"))) {
      inside = true;
    }
    if (out.size() > 16) break;
  }
  if (!out.empty()) return out;
  for (std::string_view line : split_lines(prompt)) {
    std::string_view layout = strip(line);
    std::size_t colon = layout.find(": <");
    if (colon == std::string_view::npos || !layout.ends_with(">") || out.size() > 16) continue;
    std::string_view name = layout.substr(0, colon);
    if (!contains(name, " ") && name != "Critique" && name != "Kritik" && std::find(out.begin(), out.end(), name) == out.end())
      out.push_back(name);
  }
  return out;
}

int score_of(std::string_view name, unsigned salt) {
  std::uint32_t hash = 2166136261u + salt;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<int>((hash >> 8) % 10);
}

}  // namespace

std::string answer_emotions(std::string_view prompt) {
  std::vector<std::string_view> names = emotion_lines(prompt);
  if (names.empty()) return "no emotions found";
  auto block = [&](unsigned salt) {
    std::string out;
    for (std::string_view name : names) {
      int score = score_of(name, salt);
      if (name == names.front() && score == 0) score = 1;  // all zeros would be no answer
      out += std::string(name) + ": " + std::to_string(score) + "\n";
    }
    return out;
  };
  struct Headings {
    std::string_view first, critique, revised;
  };
  for (const Headings& h : {Headings{"First pass scores:", "Critique:", "Revised scores:"},
                            Headings{"Erste Bewertung:", "Kritik:", "Überarbeitete Bewertung:"}})
    if (contains(prompt, h.first) && contains(prompt, h.revised))
      return std::string(h.first) + "\n" + block(0) + "\n" + std::string(h.critique) +
             " The first impression may be a little off.\n\n" + std::string(h.revised) + "\n" + block(1) + "\n";
  return block(0);
}

namespace {

Result<double> positive(const json::value& value, const std::string& where) {
  auto number = as_number(value);
  if (!number || !(*number >= 0) || *number > 1e12) return wrong(where, "expected a number, at least 0");
  return *number;
}

template <class T>
Result<void> one_of(const json::value& value, const std::string& where, const std::map<std::string, T, std::less<>>& names,
                    T& out) {
  auto it = value.is_string() ? names.find(std::string_view(value.get_string())) : names.end();
  if (it != names.end()) {
    out = it->second;
    return {};
  }
  std::string all;
  for (const auto& [name, unused] : names) all += (all.empty() ? "" : ", ") + name;
  return wrong(where, "expected one of " + all);
}

Result<ProviderLimits> read_limits(const json::value& value) {
  ProviderLimits out;
  const json::object* object = value.if_object();
  if (!object) return wrong("limits", "expected an object");
  for (const auto& member : *object) {
    std::string where = "limits." + std::string(member.key());
    Result<void> read;
    if (member.key() == "headers") {
      using Headers = ProviderLimits::Headers;
      read =
          one_of<Headers>(member.value(), where,
                          {{"none", Headers::none}, {"openai", Headers::openai}, {"anthropic", Headers::anthropic}}, out.headers);
    } else if (member.key() == "retry_after") {
      using Wait = ProviderLimits::RetryAfter;
      read = one_of<Wait>(
          member.value(), where,
          {{"none", Wait::none}, {"seconds", Wait::seconds}, {"date", Wait::date}, {"milliseconds", Wait::milliseconds}},
          out.retry_after);
    } else {
      auto number = positive(member.value(), where);
      if (!number) return std::unexpected(number.error());
      if (member.key() == "requests_per_minute") {
        out.requests_per_minute = *number;
      } else if (member.key() == "requests_at_once") {
        out.requests_at_once = *number;
      } else if (member.key() == "tokens_per_minute") {
        out.tokens_per_minute = *number;
      } else if (member.key() == "tokens_at_once") {
        out.tokens_at_once = *number;
      } else if (member.key() == "in_flight") {
        out.most_in_flight = static_cast<std::size_t>(*number);
      } else {
        return wrong(where, "unknown key");
      }
    }
    if (!read) return std::unexpected(read.error());
  }
  return out;
}

Result<ProviderLatency> read_latency(const json::value& value) {
  using Shape = ProviderLatency::Shape;
  ProviderLatency out;
  if (auto constant = as_number(value); constant && *constant >= 0) {
    out.low = *constant;
    return out;
  }
  const json::object* object = value.if_object();
  if (!object) return wrong("latency", "expected milliseconds or an object");
  for (const auto& member : *object) {
    auto number = positive(member.value(), "latency." + std::string(member.key()));
    if (!number) return std::unexpected(number.error());
    if (member.key() == "least_ms") {
      out.shape = Shape::uniform;
      out.low = *number;
    } else if (member.key() == "median_ms") {
      out.shape = Shape::lognormal;
      out.low = *number;
    } else if (member.key() == "most_ms") {
      out.high = *number;
    } else if (member.key() == "sigma") {
      out.sigma = *number;
    } else {
      return wrong("latency." + std::string(member.key()), "unknown key (least_ms, median_ms, most_ms, sigma)");
    }
  }
  if (out.shape == Shape::uniform && out.high < out.low) return wrong("latency", "most_ms is less than least_ms");
  return out;
}

}  // namespace

Result<void> load_dialogue(Simulator& simulator, std::string_view json_text) {
  auto parsed = parse_json(json_text, "dialogue");
  if (!parsed) return std::unexpected(parsed.error());
  const json::object* root = parsed->if_object();
  if (!root) return wrong("", "the file is an object");
  for (const auto& member : *root) {
    std::string_view key = member.key();
    const json::value& value = member.value();
    if (key == "replies") {
      const json::array* rules = value.if_array();
      if (!rules) return wrong("replies", "expected an array");
      for (std::size_t i = 0; i < rules->size(); ++i) {
        std::string where = "replies[" + std::to_string(i) + "]";
        auto match = get_string((*rules)[i], "match");
        const json::value* list = find((*rules)[i], "replies");
        if (!match || !list || !list->is_array() || list->get_array().empty())
          return wrong(where, "a rule has a \"match\" and \"replies\", at least one");
        std::vector<SimulatedReply> replies;
        for (std::size_t k = 0; k < list->get_array().size(); ++k) {
          auto reply = read_reply(list->get_array()[k], where + ".replies[" + std::to_string(k) + "]");
          if (!reply) return std::unexpected(reply.error());
          replies.push_back(std::move(*reply));
        }
        simulator.on(std::move(*match), std::move(replies));
      }
    } else if (key == "default") {
      auto reply = read_reply(value, "default");
      if (!reply) return std::unexpected(reply.error());
      simulator.otherwise(std::move(*reply));
    } else if (key == "paths") {
      const json::object* paths = value.if_object();
      if (!paths) return wrong("paths", "expected an object");
      for (const auto& path : *paths) {
        auto reply = read_reply(path.value(), "paths." + std::string(path.key()));
        if (!reply) return std::unexpected(reply.error());
        simulator.serve(std::string(path.key()), std::move(*reply));
      }
    } else if (key == "echo") {
      const json::string* words = value.if_string();
      auto behaviour = words ? read_echo_behaviour({words->data(), words->size()}) : Result<EchoBehaviour>(std::unexpected(Error{}));
      if (!behaviour) return wrong("echo", words ? behaviour.error().message : "expected words separated by commas, such as \"on\"");
      simulator.echo(*behaviour);
    } else if (key == "refuses") {
      const json::array* names = value.if_array();
      if (!names) return wrong("refuses", "expected an array of names");
      for (const json::value& name : *names) {
        if (!name.is_string()) return wrong("refuses", "expected an array of names");
        simulator.refuse(std::string(name.get_string()));
      }
    } else if (key == "limits") {
      auto limits = read_limits(value);
      if (!limits) return std::unexpected(limits.error());
      simulator.limit(*limits);
    } else if (key == "latency") {
      auto latency = read_latency(value);
      if (!latency) return std::unexpected(latency.error());
      simulator.latency(*latency);
    } else if (key == "accidents") {
      const json::array* accidents = value.if_array();
      if (!accidents) return wrong("accidents", "expected an array");
      double all = 0;
      for (std::size_t i = 0; i < accidents->size(); ++i) {
        std::string where = "accidents[" + std::to_string(i) + "]";
        const json::value *share = find((*accidents)[i], "share"), *what = find((*accidents)[i], "reply");
        auto part = share ? as_number(*share) : std::nullopt;
        if (!part || !what || !(*part >= 0)) return wrong(where, "an accident has a \"share\" from 0 to 1 and a \"reply\"");
        if ((all += *part) > 1) return wrong(where, "the shares are more than 1");
        auto reply = read_reply(*what, where + ".reply");
        if (!reply) return std::unexpected(reply.error());
        simulator.accident(*part, std::move(*reply));
      }
    } else if (key == "seed") {
      if (!value.is_int64()) return wrong("seed", "expected a whole number");
      simulator.seed(static_cast<std::uint64_t>(value.get_int64()));
    } else if (key != "note") {
      return wrong(std::string(key), "unknown key (replies, default, paths, echo, refuses, limits, latency, accidents, seed, note)");
    }
  }
  return {};
}

}  // namespace assay::test
