// What a program writes, read as lines: the last ones are kept for error messages, and marks are looked for in all of them.
// Foreign text: bounded, made valid UTF-8, without control characters.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class OutputTail {
 public:
  explicit OutputTail(std::size_t most_lines = 20) : most_(most_lines) {}
  /// Text to look for within a line, case-sensitive. Before the first feed().
  void watch(std::string mark);
  void feed(std::string_view bytes);
  /// Whether a line held it. A line counts from its first byte on, not only when it has ended.
  bool seen(std::string_view mark) const;
  /// The last lines, oldest first, the unfinished one included; blank ones are left out. Colours and other control sequences are
  /// gone, and what follows a carriage return takes the place of what stood before it, as on a terminal.
  std::vector<std::string> lines() const;

 private:
  struct Mark {
    std::string text;
    bool seen = false;
  };
  void look();      // for the marks, in the unfinished line
  void end_line();
  std::size_t most_;
  std::vector<Mark> marks_;
  std::deque<std::string> lines_;
  std::string line_;       // bytes as they came, at most kMostLine
  bool returned_ = false;  // a carriage return was the last byte
};

}  // namespace assay
