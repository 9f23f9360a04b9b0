#include "run/evidence_html.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/number.h"
#include "base/text.h"
#include "run/display.h"
#include "run/html.h"

namespace assay {
namespace {

constexpr std::size_t kMaxRows = 200;
constexpr std::size_t kMaxColumns = 12;
constexpr int kMaxDepth = 5;

bool scalar(const json::value& value) {
  return !value.is_object() && !value.is_array();
}

std::string_view text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

bool inline_text(std::string_view text) {
  return text.size() <= 160 && text.find('\n') == std::string_view::npos;
}

/// Exact where short; four decimals with the exact number as tooltip otherwise.
std::string number_html(double value) {
  std::string exact = python_repr(value);
  if (exact.ends_with(".0")) exact.resize(exact.size() - 2);
  if (exact.size() <= 7) return exact;
  std::string shown = std::abs(value) >= 1e-3 && std::abs(value) < 1e9 ? fixed(value, 4) : display_number(value);
  return "<span title=\"" + exact + "\">" + shown + "</span>";
}

std::string heading(std::string_view key) {
  std::string out = replace_all(key, "_", " ");
  if (out.size() > 1 && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return html_line(out, 60);
}

class Writer {
 public:
  Writer(std::string& out, const EvidenceLimits& limits) : out_(out), limits_(limits), start_(out.size()) {}

  bool full() const { return out_.size() - start_ > limits_.sample; }

  void text_block(std::string_view text, const std::vector<std::pair<std::size_t, std::size_t>>& spans = {}) {
    std::size_t shown = std::min(text.size(), limits_.text);
    while (shown < text.size() && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xC0) == 0x80) --shown;
    if (full()) shown = 0;
    if (text.empty()) {
      out_ += "<p class=\"none\">empty</p>";
      return;
    }
    out_ += "<pre class=\"text\" dir=\"auto\" tabindex=\"0\">\n" + highlighted(text.substr(0, shown), spans) + "</pre>";
    if (shown < text.size())
      out_ +=
          "<p class=\"none\">" + display_count(text.size() - shown) + " more bytes are not shown here; the journal has them.</p>";
  }

  void value(const json::value& value, int depth) {
    if (full()) {
      out_ += "<span class=\"none\">not shown</span>";
      return;
    }
    switch (value.kind()) {
      case json::kind::null:
        out_ += "<span class=\"none\">none</span>";
        return;
      case json::kind::bool_:
        out_ += value.get_bool() ? "yes" : "no";
        return;
      case json::kind::int64:
        out_ += std::to_string(value.get_int64());
        return;
      case json::kind::uint64:
        out_ += std::to_string(value.get_uint64());
        return;
      case json::kind::double_:
        out_ += number_html(value.get_double());
        return;
      case json::kind::string:
        if (inline_text(text_of(value)))
          out_ += "<bdi>" + html_text(text_of(value)) + "</bdi>";
        else
          text_block(text_of(value));
        return;
      case json::kind::array:
        return array(value.get_array(), depth);
      case json::kind::object:
        return object(value.get_object(), depth);
    }
  }

  /// name -> value, side by side where all are short.
  void object(const json::object& object, int depth, std::initializer_list<std::string_view> except = {}) {
    auto skipped = [&](std::string_view key) { return std::find(except.begin(), except.end(), key) != except.end(); };
    if (depth > kMaxDepth) return raw(object);
    bool flat = true, any = false;
    for (const auto& member : object) {
      if (skipped(member.key())) continue;
      any = true;
      flat = flat && scalar(member.value()) && (!member.value().is_string() || inline_text(text_of(member.value())));
    }
    if (!any) {
      if (except.size() == 0) out_ += "<span class=\"none\">empty</span>";
      return;
    }
    out_ += flat ? "<dl class=\"flat\">" : "<dl class=\"tree\">";
    for (const auto& member : object) {
      if (skipped(member.key())) continue;
      out_ += "<div><dt>" + (flat ? html_line(member.key(), 80) : heading(member.key())) + "</dt><dd>";
      value(member.value(), depth + 1);
      out_ += "</dd></div>";
    }
    out_ += "</dl>";
  }

  void array(const json::array& array, int depth) {
    if (array.empty()) {
      out_ += "<span class=\"none\">empty</span>";
      return;
    }
    if (depth > kMaxDepth) return raw(array);
    if (std::all_of(array.begin(), array.end(), [](const json::value& v) { return v.is_object(); }) && table(array, depth))
      return;
    if (std::all_of(array.begin(), array.end(), scalar)) {
      for (std::size_t i = 0; i < array.size() && i < kMaxRows; ++i) {
        if (i) out_ += ", ";
        value(array[i], depth + 1);
      }
    } else {
      out_ += "<ol>";
      for (std::size_t i = 0; i < array.size() && i < kMaxRows; ++i) {
        out_ += "<li>";
        value(array[i], depth + 1);
        out_ += "</li>";
      }
      out_ += "</ol>";
    }
    more(array.size());
  }

  /// False when the objects do not make a table.
  bool table(const json::array& rows, int depth) {
    std::vector<std::string> columns;
    for (const json::value& row : rows) {
      for (const auto& member : row.get_object()) {
        std::string key(member.key());
        if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(std::move(key));
        if (columns.size() > kMaxColumns) return false;
      }
    }
    if (columns.empty()) return false;
    out_ += "<div class=\"scroll\"><table class=\"data\"><thead><tr>";
    for (const std::string& column : columns) {
      const json::value* first = rows[0].get_object().if_contains(column);
      out_ += std::string("<th scope=\"col\"") + (first && first->is_number() ? " class=\"number\">" : ">") + heading(column) +
              "</th>";
    }
    out_ += "</tr></thead><tbody>";
    for (std::size_t i = 0; i < rows.size() && i < kMaxRows; ++i) {
      out_ += "<tr>";
      for (const std::string& column : columns) {
        const json::value* cell = rows[i].get_object().if_contains(column);
        out_ += cell && cell->is_number() ? "<td class=\"number\">" : "<td>";
        if (cell) value(*cell, depth + 1);
        out_ += "</td>";
      }
      out_ += "</tr>";
    }
    out_ += "</tbody></table></div>";
    more(rows.size());
    return true;
  }

 private:
  void raw(const json::value& value) { text_block(write_json(value)); }
  void more(std::size_t size) {
    if (size > kMaxRows) out_ += "<p class=\"none\">" + display_count(size - kMaxRows) + " more are not shown.</p>";
  }

  std::string& out_;
  const EvidenceLimits& limits_;
  std::size_t start_;
};

std::optional<std::pair<std::size_t, std::size_t>> one_span(const json::value& value) {
  std::optional<double> begin, end;
  if (const json::array* pair = value.if_array(); pair && pair->size() >= 2) {
    begin = as_number((*pair)[0]);
    end = as_number((*pair)[1]);
  } else {
    begin = get_number(value, "begin");
    end = get_number(value, "end");
  }
  if (!begin || !end || !(*begin >= 0) || !(*end > *begin) || *end > 1e12) return std::nullopt;
  return std::pair{static_cast<std::size_t>(*begin), static_cast<std::size_t>(*end)};
}

std::vector<std::pair<std::size_t, std::size_t>> spans_of(const json::object& ask) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  const json::value* spans = ask.if_contains("spans");
  const json::array* list = spans ? spans->if_array() : nullptr;
  if (!list) return out;
  for (const json::value& entry : *list) {
    if (out.size() >= 10'000) break;
    if (auto span = one_span(entry)) out.push_back(*span);
  }
  return out;
}

const json::array* asks_of(const SampleResult& sample) {
  const json::value* asks = sample.evidence.if_contains("asks");
  return asks ? asks->if_array() : nullptr;
}

void messages(std::string& out, Writer& writer, const json::array& list) {
  for (const json::value& message : list) {
    std::string role = get_string(message, "role").value_or("message");
    out += "<p class=\"who\">" + html_line(role, 40) + "</p>";
    const json::value* content = find(message, "content");
    if (content && content->is_string())
      writer.text_block(text_of(*content));
    else
      writer.value(content ? *content : message, 1);
  }
}

void prompt_of(std::string& out, Writer& writer, const json::object& object, std::string_view title) {
  const json::value* prompt = object.if_contains("prompt");
  const json::value* dialogue = object.if_contains("messages");
  if (!prompt && !dialogue) return;
  out += "<section><h4>" + std::string(title) + "</h4>";
  if (prompt) {
    if (prompt->is_string())
      writer.text_block(text_of(*prompt));
    else
      writer.value(*prompt, 1);
  }
  if (dialogue) {
    if (const json::array* list = dialogue->if_array())
      messages(out, writer, *list);
    else
      writer.value(*dialogue, 1);
  }
  out += "</section>";
}

void ask(std::string& out, Writer& writer, const json::object& object, std::size_t number, std::size_t of) {
  auto text = [&](std::string_view key) -> const json::value* { return object.if_contains(key); };
  out += "<section class=\"ask\"><h4>";
  std::string role;
  if (const json::value* r = text("role"); r && r->is_string() && text_of(*r) != "model")
    role = " of the " + html_line(text_of(*r), 40);
  out += "Answer" + role + (of > 1 ? " " + std::to_string(number) + " of " + std::to_string(of) : "");
  if (const json::value* accepted = text("accepted"); accepted && accepted->is_bool())
    out += accepted->get_bool() ? " <span class=\"tag good\">accepted</span>" : " <span class=\"tag\">not accepted</span>";
  out += "</h4>";
  std::string facts;
  auto fact = [&](std::string_view label, std::string_view content) {
    if (!facts.empty()) facts += " \u00B7 ";
    facts += std::string(label) + " " + std::string(content);
  };
  if (const json::value* t = text("temperature"))
    if (auto number_value = as_number(*t)) fact("temperature", python_repr(python_round(*number_value, 4)));
  if (const json::value* f = text("finish"); f && f->is_string() && text_of(*f) != "unknown")
    fact("ended by", html_line(text_of(*f), 40));
  if (!facts.empty()) out += "<p class=\"facts\">" + facts + "</p>";
  prompt_of(out, writer, object, "Prompt of this request");
  if (const json::value* error = text("error"); error && !error->is_null()) {
    out += "<p class=\"error\">";
    if (error->is_string())
      out += html_text(text_of(*error).substr(0, 4000));
    else
      writer.value(*error, 2);
    out += "</p>";
  }
  if (const json::value* reasoning = text("reasoning"); reasoning && reasoning->is_string() && !text_of(*reasoning).empty()) {
    out += "<details class=\"fold\"><summary>Reasoning, not scored (" + display_count(count_code_points(text_of(*reasoning))) +
           " characters)</summary>";
    writer.text_block(text_of(*reasoning));
    out += "</details>";
  }
  if (const json::value* answer = text("text")) {
    if (answer->is_string())
      writer.text_block(text_of(*answer), spans_of(object));
    else
      writer.value(*answer, 1);
  }
  writer.object(
      object, 1,
      {"role", "accepted", "temperature", "finish", "prompt", "messages", "error", "reasoning", "text", "spans", "key"});
  out += "</section>";
}

void formula(std::string& out, Writer& writer, const json::value& value) {
  out += "<section class=\"formula\"><h4>Formula</h4>";
  const json::object* o = value.if_object();
  if (!o) {
    writer.value(value, 1);
  } else {
    if (const json::value* rows = o->if_contains("rows")) writer.value(*rows, 1);
    if (const json::value* text = o->if_contains("text"); text && text->is_string())
      out += "<p class=\"steps\">" + html_text(text_of(*text).substr(0, 4000)) + "</p>";
    writer.object(*o, 1, {"rows", "text"});
  }
  out += "</section>";
}

}  // namespace

std::string highlighted(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>> spans) {
  std::sort(spans.begin(), spans.end());
  auto continuation = [&](std::size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  std::string out;
  std::size_t done = 0;
  for (auto [begin, end] : spans) {
    begin = std::max(begin, done);
    end = std::min(end, text.size());
    while (begin > done && continuation(begin)) --begin;
    while (continuation(end)) ++end;
    if (begin >= end) continue;
    out += html_text(text.substr(done, begin - done)) + "<mark>" + html_text(text.substr(begin, end - begin)) + "</mark>";
    done = end;
  }
  return out + html_text(text.substr(std::min(done, text.size())));
}

std::optional<double> main_value(const SampleResult& sample) {
  if (const json::value* score = sample.values.if_contains("score")) return as_number(*score);
  if (sample.outcome != Outcome::scored) return std::nullopt;  // its first number is then no score
  for (const auto& member : sample.values)
    if (auto number = as_number(member.value())) return number;
  return std::nullopt;
}

std::string_view evidence_preview(const SampleResult& sample) {
  std::string_view last;
  if (const json::array* asks = asks_of(sample)) {
    for (const json::value& entry : *asks) {
      const json::value* text = find(entry, "text");
      if (!text || !text->is_string() || text->get_string().empty()) continue;
      last = text_of(*text);
      if (get_bool(entry, "accepted").value_or(false)) return last;
    }
  }
  return last.empty() ? std::string_view(sample.reason) : last;
}

void append_evidence(std::string& out, const SampleResult& sample, const EvidenceLimits& limits) {
  Writer writer(out, limits);
  out += "<div class=\"body\">";
  if (!sample.reason.empty()) out += "<p class=\"reason\">" + html_text(std::string_view(sample.reason).substr(0, 4000)) + "</p>";
  const json::object& evidence = sample.evidence;
  bool asked = evidence.contains("prompt") || evidence.contains("messages");
  out += asked ? "<div class=\"columns\"><div>" : "<div class=\"columns one\"><div>";
  prompt_of(out, writer, evidence, "Prompt");
  if (asked) out += "</div><div>";
  if (const json::array* asks = asks_of(sample)) {
    for (std::size_t i = 0; i < asks->size() && i < kMaxRows; ++i) {
      if (const json::object* object = (*asks)[i].if_object()) {
        ask(out, writer, *object, i + 1, asks->size());
      } else {
        out += "<section><h4>Answer</h4>";
        writer.value((*asks)[i], 1);
        out += "</section>";
      }
    }
  } else if (const json::value* asks_value = evidence.if_contains("asks")) {
    writer.value(*asks_value, 1);
  }
  if (const json::value* reference = evidence.if_contains("reference")) {
    out += "<section><h4>Reference</h4>";
    writer.value(*reference, 1);
    out += "</section>";
  }
  if (const json::value* value = evidence.if_contains("formula")) formula(out, writer, *value);
  if (!sample.values.empty()) {
    out += "<section><h4>Values</h4>";
    writer.object(sample.values, 1);
    out += "</section>";
  }
  for (const auto& member : evidence) {
    std::string_view key = member.key();
    if (key == "prompt" || key == "messages" || key == "asks" || key == "reference" || key == "formula") continue;
    out += "<section><h4>" + heading(key) + "</h4>";
    writer.value(member.value(), 1);
    out += "</section>";
  }
  if (writer.full()) out += "<p class=\"none\">This sample is too large to be shown whole; `assay show` has the rest.</p>";
  out += "</div></div></div>";
}

}  // namespace assay
