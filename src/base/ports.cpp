#include "base/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace assay {
namespace {

// Below the range from which systems give ports to outgoing connections (32768 on Linux, 49152 elsewhere): a connection of any program
// could take one of those between our look and the server's start, seconds later.
constexpr int kFirst = 18000;
constexpr unsigned kCount = 12000;

/// The port that was bound, or 0. A server sets SO_REUSEADDR too: what only waits for the last packets is no obstacle.
int bound(in_addr_t address, int port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return 0;
  int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(address);
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof where;
  bool good = bind(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0 && listen(descriptor, 1) == 0 &&
              getsockname(descriptor, reinterpret_cast<sockaddr*>(&where), &length) == 0;
  int number = errno;
  close(descriptor);
  errno = number;
  return good ? ntohs(where.sin_port) : 0;
}

}  // namespace

Result<int> free_loopback_port() {
  static std::atomic<unsigned> calls = 0;
  const unsigned start = static_cast<unsigned>(getpid()) * 37 + calls.fetch_add(1) * 101;
  for (unsigned i = 0; i < 50; ++i) {
    const int port = kFirst + static_cast<int>((start + i) % kCount);
    if (loopback_port_free(port)) return port;
  }
  if (int port = bound(INADDR_LOOPBACK, 0)) return port;
  return fail(ErrorKind::io, std::string("no port is free: ") + std::strerror(errno), {}, "port=N in the model spec names one.");
}

bool loopback_port_free(int port) { return bound(INADDR_LOOPBACK, port) != 0 && bound(INADDR_ANY, port) != 0; }

}  // namespace assay
