#include "benchmark/alpaca_eval/judge_prompt.h"

#include <algorithm>

#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

struct Placeholder {
  std::size_t at = 0;
  std::string_view name;
};

// All of "{NAME}" where NAME is the shortest run without spaces and without the "}" that ends it; it may hold further "{".
std::vector<Placeholder> placeholders(std::string_view text) {
  std::vector<Placeholder> found;
  std::size_t at = 0;
  while ((at = text.find('{', at)) != std::string_view::npos) {
    std::size_t end = at + 1;
    bool good = true;
    // The first character may be anything but white space, even "}".
    for (std::string_view rest = text.substr(end); good; end = text.size() - rest.size()) {
      if (rest.empty()) {
        good = false;
      } else if (rest.front() == '}' && end > at + 1) {
        break;
      } else {
        std::string_view before = rest;
        char32_t c = next_code_point(rest);
        if (is_space(c)) {
          rest = before;
          good = false;
        }
      }
    }
    if (!good) {
      at = std::max(at + 1, end);  // what kept this one from ending keeps those in between
      continue;
    }
    found.push_back({at, text.substr(at + 1, end - at - 1)});
    at = end + 1;
  }
  return found;
}

}  // namespace

Result<std::vector<std::string>> make_prompts(std::string_view prompt_template, std::span<const PromptRow> rows,
                                              std::size_t batch_size, Filling filling) {
  std::vector<std::string> prompts;
  if (rows.empty()) return prompts;
  if (batch_size == 0 || rows.size() % batch_size != 0)
    return fail(ErrorKind::usage,
                std::to_string(rows.size()) + " rows are no multiple of the batch size " + std::to_string(batch_size));
  std::vector<Placeholder> all = placeholders(prompt_template);
  std::vector<std::string_view> names;  // in order of first appearance
  for (const Placeholder& p : all) {
    if (std::find(names.begin(), names.end(), p.name) == names.end()) names.push_back(p.name);
  }
  for (std::string_view name : names) {
    auto count =
        static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Placeholder& p) { return p.name == name; }));
    if (count != batch_size)
      return fail(ErrorKind::usage,
                  "the prompt template holds {" + shorten(name, 60) + "} " + std::to_string(count) + " times, not " +
                      std::to_string(batch_size) + " times as the batch size asks",
                  "prompt_template");
  }
  auto value_of = [](const PromptRow& row, std::string_view name) -> Result<std::string_view> {
    for (const auto& [column, value] : row) {
      if (column == name) return value;
    }
    std::vector<std::string> columns;
    for (const auto& [column, value] : row) columns.emplace_back(column);
    return fail(ErrorKind::usage, "the prompt template asks for {" + shorten(name, 60) + "}, which is no column",
                "prompt_template", "there are " + join(columns, ", "));
  };
  prompts.reserve(rows.size() / batch_size);
  for (std::size_t first = 0; first < rows.size(); first += batch_size) {
    std::string prompt;
    if (filling == Filling::safe) {
      std::size_t at = 0;
      std::vector<std::size_t> used(names.size());
      for (const Placeholder& p : all) {
        auto name = static_cast<std::size_t>(std::find(names.begin(), names.end(), p.name) - names.begin());
        auto value = value_of(rows[first + used[name]++], p.name);
        if (!value) return fail(value.error());
        prompt.append(prompt_template.substr(at, p.at - at)).append(*value);
        at = p.at + p.name.size() + 2;
      }
      prompt.append(prompt_template.substr(at));
    } else {
      std::size_t size = prompt_template.size();
      for (std::size_t j = 0; j < batch_size; ++j)
        for (const auto& [column, value] : rows[first + j]) size += value.size();
      prompt.reserve(size);
      prompt = prompt_template;
      for (std::size_t j = 0; j < batch_size; ++j) {
        for (std::string_view name : names) {
          auto value = value_of(rows[first + j], name);
          if (!value) return fail(value.error());
          std::string mark = "{" + std::string(name) + "}";
          if (std::size_t at = prompt.find(mark); at != std::string::npos) prompt.replace(at, mark.size(), *value);
        }
      }
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

std::string with_unix_lines(std::string_view text) { return replace_all(replace_all(text, "\r\n", "\n"), "\r", "\n"); }

Result<std::vector<ChatMlMessage>> read_chat_ml(std::string_view prompt) {
  constexpr std::string_view kStart = "<|im_start|>", kEnd = "<|im_end|>", kSystem = "system";
  std::string_view text = strip(prompt);
  auto broken = [](std::string what) { return fail(ErrorKind::data, "the prompt is not in ChatML: " + std::move(what)); };
  if (!text.starts_with(kStart) || !text.ends_with(kEnd))
    return broken("it must begin with <|im_start|> and end with <|im_end|>");
  std::vector<ChatMlMessage> messages;
  while (!text.empty()) {
    text.remove_prefix(kStart.size());
    std::size_t next = std::min(text.find(kStart), text.size());
    std::string_view piece = text.substr(0, next);
    text.remove_prefix(next);
    std::size_t line = piece.find('\n');
    if (line == std::string_view::npos) return broken("a message without a line break behind its role");
    ChatMlMessage message;
    std::string_view role = strip(piece.substr(0, line)), content = piece.substr(line + 1);
    message.content = strip(content.substr(0, content.find(kEnd)));
    message.role = role;
    if (role.starts_with(kSystem) && role != kSystem) {
      message.role = kSystem;
      std::string_view rest = role.substr(kSystem.size());
      for (const std::string& item : split(rest, ' ')) {
        if (item.empty()) continue;
        std::size_t equals = item.find('=');
        if (equals == std::string::npos) return broken("\"" + shorten(item, 40) + "\" behind the role is no key=value");
        std::string key = item.substr(0, equals), value = item.substr(equals + 1);
        if (key == "role" || key == "content") return broken("a message has its " + key + " already");
        auto same = std::find_if(message.extras.begin(), message.extras.end(), [&](const auto& extra) { return extra.first == key; });
        if (same != message.extras.end())
          same->second = std::move(value);  // the last one counts
        else
          message.extras.emplace_back(std::move(key), std::move(value));
      }
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace assay::alpaca_eval
