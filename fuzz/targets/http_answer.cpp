// One HTTP/1 answer from a socket: however it is cut into pieces, the same comes out, within the limits.
#include "model/http/http_answer.h"

#include <algorithm>

#include "fuzz.h"

namespace assay::fuzz {
namespace {

using State = HttpAnswer::State;
constexpr std::size_t kMost = 1000;

State read(HttpAnswer& answer, std::string_view bytes, std::size_t piece) {
  answer.begin(kMost, false);
  State state = State::reading;
  while (!bytes.empty() && state == State::reading) {
    std::size_t n = std::min(piece, bytes.size());
    state = answer.read(bytes.substr(0, n));
    bytes.remove_prefix(n);
  }
  return state == State::reading ? answer.end() : state;
}

}  // namespace

void fuzz_one(std::string_view input) {
  HttpAnswer whole, pieces;
  State state = read(whole, input, input.size() + 1);
  REQUIRE(state != State::reading);
  const HttpResponse& response = whole.response();
  REQUIRE(response.body.size() <= kMost);
  REQUIRE(response.headers.size() <= 512);
  REQUIRE(state != State::wrong || !whole.why().empty());
  REQUIRE(state == State::done || !whole.keep_alive());
  REQUIRE(state != State::done || (response.status >= 200 && response.status <= 999));
  for (const auto& [name, value] : response.headers) {
    REQUIRE(!name.empty() && name.find_first_of(" :\r\nABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos);
    REQUIRE(value.find('\n') == std::string::npos && value.find('\0') == std::string::npos);
  }
  for (std::size_t piece : {1, 2, 7}) {
    REQUIRE(read(pieces, input, piece) == state);
    REQUIRE(pieces.response().status == response.status);
    if (state == State::done) {
      REQUIRE(pieces.response().headers == response.headers);
      REQUIRE(pieces.response().body == response.body);
    }
  }
}

}  // namespace assay::fuzz
