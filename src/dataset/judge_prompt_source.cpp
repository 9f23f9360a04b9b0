#include "dataset/judge_prompt_source.h"

#include <algorithm>
#include <array>
#include <map>

namespace assay {
namespace {

constexpr std::size_t kMostProgram = std::size_t{4} << 20;
constexpr std::size_t kMostPrompt = std::size_t{1} << 20;
constexpr int kDeepest = 8;

struct Literal {
  std::string text;
  bool formatted = false;  // names in braces stand for their values
};

bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool name_part(char c) {
  return name_start(c) || (c >= '0' && c <= '9');
}

std::string unescaped(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      out += raw[i];
      continue;
    }
    const char c = raw[++i];
    if (c == 'n')
      out += '\n';
    else if (c == 't')
      out += '\t';
    else if (c == '\\' || c == '\'' || c == '"')
      out += c;
    else if (c != '\n')  // a backslash at the end of a line joins it to the next
      out += {'\\', c};
  }
  return out;
}

/// Every `name = "text"` of the program, in any quotes; of several the last one with text.
class Assignments {
 public:
  explicit Assignments(std::string_view program) : program_(program) {
    while (at_ < program_.size()) step();
  }
  const std::map<std::string, Literal, std::less<>>& all() const { return all_; }

 private:
  bool starts(std::string_view what) const { return program_.substr(at_, what.size()) == what; }

  void step() {
    const char c = program_[at_];
    if (c == '#') {
      at_ = std::min(program_.find('\n', at_), program_.size());
    } else if (c == '"' || c == '\'') {
      literal();  // belongs to no assignment
    } else if (name_start(c)) {
      std::size_t begin = at_;
      while (at_ < program_.size() && name_part(program_[at_])) ++at_;
      assignment(program_.substr(begin, at_ - begin));
    } else {
      ++at_;
    }
  }

  void blanks() {
    while (at_ < program_.size() && (program_[at_] == ' ' || program_[at_] == '\t')) ++at_;
  }

  void assignment(std::string_view name) {
    blanks();
    if (!starts("=") || starts("==")) return;
    ++at_;
    blanks();
    const bool formatted = starts("f\"") || starts("f'");
    if (formatted) ++at_;
    if (!starts("\"") && !starts("'")) return;
    Literal value{unescaped(literal()), formatted};
    if (!value.text.empty()) all_[std::string(name)] = std::move(value);
  }

  /// The raw text of the literal at `at_`, which then stands behind it.
  std::string_view literal() {
    const std::string_view quote = program_.substr(at_, 3) == "\"\"\"" || program_.substr(at_, 3) == "'''" ? program_.substr(at_, 3)
                                                                                                           : program_.substr(at_, 1);
    at_ += quote.size();
    const std::size_t begin = at_;
    while (at_ < program_.size() && !starts(quote)) {
      if (quote.size() == 1 && program_[at_] == '\n') return program_.substr(begin, at_ - begin);
      at_ += program_[at_] == '\\' ? 2 : 1;
    }
    const std::size_t end = std::min(at_, program_.size());
    at_ = std::min(end + quote.size(), program_.size());
    return program_.substr(begin, end - begin);
  }

  std::string_view program_;
  std::size_t at_ = 0;
  std::map<std::string, Literal, std::less<>> all_;
};

/// The names that stay holes, and what the holes are called here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kHoles{{{"writing_prompt", "{writing_prompt}"},
                                                                               {"reference_output", "{reference_output}"},
                                                                               {"test_model_response", "{test_model_response}"},
                                                                               {"prefix_text", "{prefix_text}"},
                                                                               {"criteria_str", "{criteria}"}}};

bool put_together(const Literal& literal, const std::map<std::string, Literal, std::less<>>& all, int depth, std::string& out) {
  if (depth > kDeepest) return false;
  std::string_view text = literal.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (out.size() > kMostPrompt) return false;
    if (!literal.formatted || (text[i] != '{' && text[i] != '}')) {
      out += text[i];
      continue;
    }
    if (text.substr(i, 2) == "{{" || text.substr(i, 2) == "}}") {
      out += text[i++];
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (text[i] == '}' || end == std::string_view::npos) return false;
    const std::string_view name = text.substr(i + 1, end - i - 1);
    i = end;
    auto hole = std::find_if(kHoles.begin(), kHoles.end(), [&](const auto& one) { return one.first == name; });
    if (hole != kHoles.end()) {
      out += hole->second;
      continue;
    }
    auto value = all.find(name);
    if (value == all.end() || !put_together(value->second, all, depth + 1, out)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> judge_prompt_from_program(std::string_view program) {
  if (program.size() > kMostProgram) return std::nullopt;
  const Assignments assignments(program);
  auto prompt = assignments.all().find("judging_prompt");
  if (prompt == assignments.all().end()) return std::nullopt;
  std::string out;
  if (!put_together(prompt->second, assignments.all(), 0, out)) return std::nullopt;
  return out;
}

}  // namespace assay
