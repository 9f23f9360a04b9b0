#include "model/http/http_answer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace assay {
namespace {

constexpr std::size_t kMaxHeaders = 512;       // more are not kept
constexpr std::size_t kMaxHead = 300 << 10;    // bytes; libcurl's limit
constexpr std::size_t kMaxFraming = 64 << 20;  // of chunk sizes and trailers: more of them than of body is no answer
constexpr std::size_t kReserve = 1 << 20;      // what an announced length is trusted with beforehand

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return lower_ascii(a) == b; });
}

/// Whether a comma-separated list has the word.
bool lists(std::string_view list, std::string_view lower) {
  while (!list.empty()) {
    std::size_t comma = std::min(list.find(','), list.size());
    if (equal(trimmed(list.substr(0, comma)), lower)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
  });
}

}  // namespace

void HttpAnswer::begin(std::size_t max_body, bool to_head) {
  max_body_ = max_body;
  to_head_ = to_head;
  begun_ = keep_ = false;
  state_ = State::reading;
  part_ = Part::head;
  response_ = {};
  status_seen_ = chunked_ = length_seen_ = minor_zero_ = says_close_ = says_keep_ = false;
  left_ = 0;
  head_bytes_ = 0;
  partial_.clear();
  why_.clear();
}

void HttpAnswer::wrong(const char* why) {
  why_ = why;
  state_ = State::wrong;
}

/// In libcurl's eyes the connection has failed, not the server.
void HttpAnswer::broken(const char* why) {
  why_ = why;
  state_ = State::cut;
}

/// The next line of `bytes`, without its end; false when it is not whole yet.
bool HttpAnswer::take_line(std::string_view& bytes, std::string_view& line) {
  std::size_t end = bytes.find('\n');
  std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  head_bytes_ += taken;
  if (head_bytes_ > (part_ == Part::head ? kMaxHead : kMaxFraming)) {
    wrong("its head is too long");
    return false;
  }
  if (end == std::string_view::npos || !partial_.empty()) {
    partial_.append(bytes.substr(0, taken));
    line = partial_;
  } else {
    line = bytes.substr(0, taken);
  }
  bytes.remove_prefix(taken);
  if (end == std::string_view::npos) return false;
  line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

void HttpAnswer::read_status(std::string_view line) {
  // "HTTP/1.1 200 OK"; the reason, and the space before it, may be missing.
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
      (line.size() > 12 && line[12] != ' ')) {
    wrong("its first line is none of HTTP/1");
    return;
  }
  int status = 0;
  auto [end, code] = std::from_chars(line.data() + 9, line.data() + 12, status);
  if (code != std::errc() || end != line.data() + 12 || status < 100) {
    wrong("its status is no number");
    return;
  }
  if (status == 101) {
    wrong("it switches to another protocol");
    return;
  }
  minor_zero_ = line[7] == '0';
  response_.status = status;
  status_seen_ = true;
}

void HttpAnswer::read_field(std::string_view line) {
  auto& headers = response_.headers;
  if (is_space(line.front())) {  // goes on where the last one ended
    if (headers.empty()) {
      wrong("its headers begin with a space");
    } else if (std::string_view name = headers.back().first;
               name == "content-length" || name == "transfer-encoding" || name == "connection") {
      wrong("a header that says where it ends is folded");
    } else {
      headers.back().second.append(" ").append(trimmed(line));
    }
    return;
  }
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_name(line.substr(0, colon))) {
    wrong("a header has no name");
    return;
  }
  std::string name(line.substr(0, colon));
  for (char& c : name) c = lower_ascii(c);
  std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "content-length") {
    std::uint64_t length = 0;
    auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (code == std::errc::result_out_of_range) length = std::numeric_limits<std::uint64_t>::max();
    if (code == std::errc::invalid_argument || end != value.data() + value.size() || (length_seen_ && left_ != length)) {
      wrong("its length is no number, or two");
      return;
    }
    length_seen_ = true;
    left_ = length;
  } else if (name == "transfer-encoding") {
    if (chunked_ || !equal(value, "chunked")) {
      wrong("its transfer encoding is unknown");
      return;
    }
    chunked_ = true;
  } else if (name == "connection") {
    says_close_ = says_close_ || lists(value, "close");
    says_keep_ = says_keep_ || lists(value, "keep-alive");
  }
  if (headers.empty()) headers.reserve(8);  // not at the beginning: with a thousand requests it would wait in cold memory
  if (headers.size() < kMaxHeaders) headers.emplace_back(std::move(name), std::string(value));
}

void HttpAnswer::end_head() {
  if (response_.status < 200) {  // another head follows
    response_.headers.clear();
    status_seen_ = chunked_ = length_seen_ = says_close_ = says_keep_ = false;
    return;
  }
  const bool never = to_head_ || response_.status == 204 || response_.status == 304;
  keep_ = !says_close_ && (!minor_zero_ || says_keep_) && !(chunked_ && length_seen_);
  if (never || (length_seen_ && !chunked_ && left_ == 0)) {
    state_ = State::done;
  } else if (chunked_) {
    part_ = Part::chunk_size;
  } else if (length_seen_) {
    part_ = Part::body_of_length;
    if (left_ > max_body_) {
      state_ = State::too_large;
    } else {
      response_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kReserve)));
    }
  } else {
    part_ = Part::body_to_the_end;
    keep_ = false;
  }
}

void HttpAnswer::read_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
  if (code != std::errc() || (!rest.empty() && rest.front() != ';' && !is_space(rest.front()))) {
    broken("a chunk's size is no number");
  } else if (size == 0) {
    part_ = Part::trailer;
  } else {
    left_ = size;
    part_ = Part::chunk;
  }
}

void HttpAnswer::read_line(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) {
    wrong("its head has a NUL");
    return;
  }
  switch (part_) {
    case Part::head:
      if (!status_seen_) {
        read_status(line);
      } else if (line.empty()) {
        end_head();
      } else {
        read_field(line);
      }
      break;
    case Part::chunk_size:
      read_chunk_size(line);
      break;
    case Part::chunk_end:
      if (!line.empty()) {
        broken("a chunk is longer than its size");
      } else {
        part_ = Part::chunk_size;
      }
      break;
    default:  // a trailer; the empty line ends the answer
      if (line.empty()) state_ = State::done;
      break;
  }
}

void HttpAnswer::take_body(std::string_view& bytes) {
  std::size_t n = bytes.size();
  if (part_ != Part::body_to_the_end) n = static_cast<std::size_t>(std::min<std::uint64_t>(n, left_));
  if (n > max_body_ - response_.body.size()) {
    state_ = State::too_large;
    return;
  }
  response_.body.append(bytes.substr(0, n));
  bytes.remove_prefix(n);
  if (part_ == Part::body_to_the_end) return;
  left_ -= n;
  if (left_ > 0) return;
  if (part_ == Part::chunk) {
    part_ = Part::chunk_end;
  } else {
    state_ = State::done;
  }
}

HttpAnswer::State HttpAnswer::read(std::string_view bytes) {
  if (state_ != State::reading) return state_;
  begun_ = begun_ || !bytes.empty();
  while (!bytes.empty() && state_ == State::reading) {
    if (part_ == Part::body_of_length || part_ == Part::body_to_the_end || part_ == Part::chunk) {
      take_body(bytes);
      continue;
    }
    std::string_view line;
    if (!take_line(bytes, line)) {
      // What cannot become a status line need not be waited for: the server may speak first and wait for us.
      if (state_ == State::reading && part_ == Part::head && !status_seen_ &&
          std::string_view("HTTP/1.").substr(0, partial_.size()) != std::string_view(partial_).substr(0, 7))
        wrong("it does not begin with HTTP/1");
      break;
    }
    read_line(line);
    partial_.clear();
  }
  if (state_ == State::done && !bytes.empty()) keep_ = false;  // nobody asked for that
  if (state_ != State::done && state_ != State::reading) keep_ = false;
  return state_;
}

HttpAnswer::State HttpAnswer::end() {
  if (state_ != State::reading) return state_;
  keep_ = false;
  return state_ = part_ == Part::body_to_the_end ? State::done : State::cut;
}

}  // namespace assay
