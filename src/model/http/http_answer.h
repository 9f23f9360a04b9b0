// One HTTP/1 answer, read piece by piece as it comes from a socket. As patient as libcurl with what servers do write: line feeds
// alone, no reason after the status, folded headers. Anything that could be understood in two ways is `wrong`. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/transport.h"

namespace assay {

class HttpAnswer {
 public:
  enum class State {
    reading,
    done,       // whole: response() has it
    cut,        // the connection ended before it was whole, or its chunks are broken: then why() has it
    wrong,      // not HTTP, or not as HTTP should be: why()
    too_large,  // a body of more than `max_body` bytes
  };
  /// Ready for another answer. `to_head`: the answer to a HEAD request has no body whatever it says.
  void begin(std::size_t max_body, bool to_head);
  /// The next bytes of the connection. Interim answers (1xx) are passed over; trailers are read and dropped.
  State read(std::string_view bytes);
  /// The server has closed the connection: an answer without a length ends so, any other is cut.
  State end();

  bool begun() const { return begun_; }      // a byte came
  bool keep_alive() const { return keep_; }  // once done: the connection may carry another request
  const std::string& why() const { return why_; }
  HttpResponse& response() { return response_; }  // `seconds` is not set; names of headers are lower-cased, at most 512 are kept

 private:
  enum class Part { head, body_of_length, body_to_the_end, chunk_size, chunk, chunk_end, trailer };
  void wrong(const char* why);
  void broken(const char* why);
  bool take_line(std::string_view& bytes, std::string_view& line);
  void read_line(std::string_view line);
  void read_status(std::string_view line);
  void read_field(std::string_view line);
  void end_head();
  void read_chunk_size(std::string_view line);
  void take_body(std::string_view& bytes);

  std::size_t max_body_ = 0;
  bool to_head_ = false, begun_ = false, keep_ = false;
  State state_ = State::reading;
  Part part_ = Part::head;
  HttpResponse response_;
  bool status_seen_ = false, chunked_ = false, length_seen_ = false, minor_zero_ = false, says_close_ = false, says_keep_ = false;
  std::uint64_t left_ = 0;      // of the body, or of a chunk
  std::size_t head_bytes_ = 0;  // lines read so far: head, chunk sizes and trailers
  std::string partial_;         // a line that is not whole yet
  std::string why_;
};

}  // namespace assay
