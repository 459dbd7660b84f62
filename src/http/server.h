#pragma once

// The HTTP/1.1 server: one network thread that owns every socket, and a worker pool for handlers
// that take longer than some microseconds. What a client can cost is bounded: bytes of header,
// target and body, time to send a request and to take its answer, number of connections, bytes of
// all bodies together. A slow client costs a socket and nothing else.
//
// A handler's exception becomes a JSON 500 and a line in the log. Answers to GET are compressed
// when they are large, and turned into 304 when the client has them (negotiate.h).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/cors.h"
#include "http/message.h"
#include "http/observer.h"
#include "http/router.h"

namespace clairscore::http {

struct Limits {
  std::size_t header_bytes = std::size_t{16} * 1024;  // request line and headers; over it: 431
  std::size_t target_bytes = std::size_t{8} * 1024;   // over it: 414
  std::size_t body_bytes = std::size_t{1} << 20U;     // over it: 413
  /// Requests that wait for a worker; with more, 503 and Retry-After.
  std::size_t queue = 512;
  /// When they are all taken, the connection idle for longest makes room; with none idle, a new
  /// one gets 503. Fewer where the process may not open as many files.
  std::size_t connections = 1024;
  /// Bytes of request bodies and of answers on their way that all connections may hold together.
  /// When they are used up, the client that has been slow for longest is cut off (of those that
  /// have kept us waiting for read_timeout); with none slow, 503 and Retry-After. Bodies up to
  /// kSmallBody do not count, so small requests go on. No body may be larger than half of it.
  std::size_t held_bytes = std::size_t{256} << 20U;
  /// A connection without a request under way is closed after this.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  /// A request must be complete this long after its first byte, and one second more for every
  /// kSlowestBytesPerSecond that have arrived.
  std::chrono::milliseconds read_timeout = std::chrono::seconds(10);
  /// The client must take some of the answer at least this often.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
};
inline constexpr std::size_t kSlowestBytesPerSecond = std::size_t{16} * 1024;
inline constexpr std::size_t kSmallBody = std::size_t{64} * 1024;

/// An address ("127.0.0.1", "::", "localhost") and port (0: any free one), and what is served
/// there.
struct Listener {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<const Router> router;
  /// A socket that listens already (systemd's socket activation), taken over; host and port are
  /// then not used. Negative: none.
  int socket = -1;
};

struct ServerOptions {
  Limits limits;
  std::size_t workers = 2;       // at least 1
  Fields headers;                // sent with every answer
  Cors cors;                     // other origins whose pages may read answers
  Observer* observer = nullptr;  // told of every answer; outlives the server; may be null
};

/// What the server holds now.
struct ServerFigures {
  std::size_t queued = 0;       // requests that wait for a worker
  std::size_t connections = 0;  // open
  std::size_t held_bytes = 0;   // of bodies, as Limits::held_bytes counts them
};

class Server {
 public:
  /// Listens on all of `listeners` or on none. `log` and `clock` must outlive the server. Threads
  /// started here inherit the caller's signal mask. Errors: kInternal for a port in use or not
  /// permitted (it is named), kUsage for a host that is no address of this machine.
  static Result<Server> start(const std::vector<Listener>& listeners, const ServerOptions& options,
                              Log& log, const Clock& clock);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// stop() without patience, if it was not called.
  ~Server();

  /// From any thread.
  ServerFigures figures() const;

  /// The ports in the order of the listeners.
  std::vector<std::uint16_t> ports() const;

  /// Stops listening, closes idle connections, lets requests under way finish for up to `patience`,
  /// then closes what is left. A handler that is running is waited for. Call once, from a thread of
  /// your own.
  void stop(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace clairscore::http
