#include "prompt/chat_template.h"

#include <ctime>

#include "prompt/jinja.h"

namespace assay {
namespace {

// strftime of a day given as YYYY-MM-DD, at midnight.
std::string day_text(const std::string& date, std::string_view format) {
  std::tm day{};
  if (std::sscanf(date.c_str(), "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3) return date;
  day.tm_year -= 1900;
  day.tm_mon -= 1;
  if (day.tm_mon < 0 || day.tm_mon > 11 || day.tm_mday < 1 || day.tm_mday > 31 || day.tm_year < 0 || day.tm_year > 8000)
    return date;
  std::time_t seconds = timegm(&day);  // fills in the day of the week and of the year
  gmtime_r(&seconds, &day);
  char buffer[256];
  std::size_t length = std::strftime(buffer, sizeof buffer, std::string(format.substr(0, 200)).c_str(), &day);
  return std::string(buffer, length);
}

}  // namespace

Result<std::string> render_chat(std::string_view chat_template, const ChatPrompt& chat) {
  // As the reference implementation sets its environment up.
  JinjaOptions options;
  options.trim_blocks = options.lstrip_blocks = true;
  options.html_safe_json = false;
  options.strftime_now = [date = chat.date](std::string_view format) { return day_text(date, format); };
  auto program = JinjaTemplate::parse(chat_template, std::move(options));
  auto named = [](Error error) {
    error.message = "chat template: " + error.message;
    return error;
  };
  if (!program) return fail(named(program.error()));
  json::object variables = chat.extra;
  json::array messages;
  for (const ChatPrompt::Message& message : chat.messages)
    messages.push_back(json::object{{"role", message.role}, {"content", message.content}});
  variables["messages"] = std::move(messages);
  variables["add_generation_prompt"] = chat.add_generation_prompt;
  variables["bos_token"] = chat.bos_token;
  variables["eos_token"] = chat.eos_token;
  variables["tools"] = chat.tools;
  if (!variables.contains("documents")) variables["documents"] = nullptr;
  auto text = program->render(variables);
  if (!text) return fail(named(text.error()));
  return text;
}

std::string_view chatml_template() {
  return "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- "
         "endfor -%}"
         "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";
}

}  // namespace assay
