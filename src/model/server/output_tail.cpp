#include "model/server/output_tail.h"

#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMostLine = 4096;   // bytes of a line that are looked at
constexpr std::size_t kShownLine = 400;   // code points of it that are shown

/// Without escape sequences and control characters; valid UTF-8.
std::string shown(std::string_view bytes) {
  std::string plain;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<unsigned char>(bytes[i]);
    if (c == 0x1b) {
      if (i + 1 < bytes.size() && bytes[i + 1] == '[') {
        for (i += 2; i < bytes.size() && !(bytes[i] >= '@' && bytes[i] <= '~');) ++i;
      } else {
        ++i;
      }
    } else if (c == '\t') {
      plain += "    ";
    } else if (c >= 0x20 && c != 0x7f) {
      plain += static_cast<char>(c);
    }
  }
  return shorten(valid_utf8(plain), kShownLine);
}

}  // namespace

void OutputTail::watch(std::string mark) {
  if (!mark.empty()) marks_.push_back({std::move(mark)});
}

void OutputTail::look() {
  for (Mark& mark : marks_) mark.seen = mark.seen || contains(line_, mark.text);
}

void OutputTail::end_line() {
  look();
  if (std::string text = shown(line_); !strip(text).empty()) lines_.push_back(std::move(text));
  if (lines_.size() > most_) lines_.pop_front();
  line_.clear();
}

void OutputTail::feed(std::string_view bytes) {
  for (char c : bytes) {
    if (c == '\n') {
      end_line();
    } else if (returned_ && c != '\r') {
      look();
      line_.clear();
    }
    returned_ = c == '\r';
    if (c != '\n' && c != '\r' && line_.size() < kMostLine) line_ += c;
  }
  look();
}

bool OutputTail::seen(std::string_view mark) const {
  for (const Mark& one : marks_)
    if (one.text == mark) return one.seen;
  return false;
}

std::vector<std::string> OutputTail::lines() const {
  std::vector<std::string> out(lines_.begin(), lines_.end());
  if (std::string text = shown(line_); !strip(text).empty()) out.push_back(std::move(text));
  if (out.size() > most_) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(most_));
  return out;
}

}  // namespace assay
