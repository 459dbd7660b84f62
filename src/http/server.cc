#include "http/server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "http/session.h"
#include "http/worker_pool.h"

namespace clairscore::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, IoExecutor>;
using Timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, IoExecutor>;

// After a failed accept (no descriptor left, most likely).
constexpr std::chrono::milliseconds kAcceptPause{50};

// Descriptors that are not connections: listeners, logs, files being read.
constexpr std::size_t kOtherFiles = 64;

std::string host_and_port(const Listener& listener) {
  const bool v6 = listener.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", listener.host, v6 ? "]" : "", listener.port);
}

/// Connections that the limit on open files leaves room for.
std::size_t affordable_connections() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::size_t>::max();
  }
  const auto limit = static_cast<std::size_t>(files.rlim_cur);
  return limit > 2 * kOtherFiles ? limit - kOtherFiles : kOtherFiles;
}

Result<tcp::endpoint> resolve(asio::io_context& io, const Listener& listener) {
  error_code error;
  const auto address = asio::ip::make_address(listener.host, error);
  if (!error) return tcp::endpoint(address, listener.port);
  asio::ip::basic_resolver<tcp, IoExecutor> resolver(io);
  const auto found = resolver.resolve(listener.host, std::to_string(listener.port), error);
  if (error || found.empty()) {
    return fail(ErrorCode::kUsage, fmt::format("unknown host \"{}\"", listener.host), {},
                "an address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }
  return found.begin()->endpoint();
}

/// Of a socket that another process made.
tcp protocol_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

Error listen_error(const Listener& listener, const error_code& error) {
  const std::string where = host_and_port(listener);
  if (error == asio::error::address_in_use) {
    return {ErrorCode::kInternal, fmt::format("port {} is already in use", listener.port), where,
            "a free port"};
  }
  if (error == asio::error::access_denied) {
    return {ErrorCode::kInternal, fmt::format("port {} is not permitted", listener.port), where,
            "a port from 1024 up"};
  }
  if (error == error_code(EADDRNOTAVAIL, boost::system::system_category())) {
    return {ErrorCode::kUsage, fmt::format("\"{}\" is no address of this machine", listener.host),
            where, "an address of this machine, such as 127.0.0.1 or 0.0.0.0"};
  }
  return {ErrorCode::kInternal, fmt::format("cannot listen: {}", error.message()), where, {}};
}

}  // namespace

class Server::Impl final : public SessionHost {
 public:
  Impl(const ServerOptions& options, Log& log, const Clock& clock)
      : Impl(options, std::max<std::size_t>(options.workers, 1), log, clock,
             std::make_unique<asio::io_context>(1)) {}

  ~Impl() override { stop(std::chrono::milliseconds(0)); }

  Result<void> listen(const Listener& listener) {
    error_code error;
    Door door{Acceptor(*io_), Timer(*io_), listener.router, 0, false};
    if (listener.socket >= 0) {
      door.acceptor.assign(protocol_of(listener.socket), listener.socket, error);
      if (error) return fail(listen_error(listener, error));
      door.port = door.acceptor.local_endpoint(error).port();
      doors_.push_back(std::move(door));
      return {};
    }
    ASSIGN_OR_RETURN(const tcp::endpoint endpoint, resolve(*io_, listener));
    door.acceptor.open(endpoint.protocol(), error);
    if (!error) door.acceptor.set_option(Acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) {
      door.acceptor.set_option(asio::ip::v6_only(false), error);
    }
    if (!error) door.acceptor.bind(endpoint, error);
    if (!error) door.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(listen_error(listener, error));
    door.port = door.acceptor.local_endpoint(error).port();
    doors_.push_back(std::move(door));
    return {};
  }

  void run() {
    for (Door& door : doors_) accept(door);
    thread_ = std::thread([this] {
      while (true) {
        try {
          io_->run();
          return;
        } catch (const std::exception& error) {
          // Only our own code between asynchronous steps can throw: memory, most likely. What it
          // was doing is lost, the server is not.
          log().error(fmt::format("network thread: {}", error.what()));
        }
      }
    });
  }

  std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> ports;
    ports.reserve(doors_.size());
    for (const Door& door : doors_) ports.push_back(door.port);
    return ports;
  }

  ServerFigures figures() {
    ServerFigures figures;
    figures.queued = workers_.pending();
    figures.held_bytes = held().used();
    const std::lock_guard lock(mutex_);
    figures.connections = open_;
    return figures;
  }

  void stop(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return;
    asio::post(*io_, [this] {
      set_stopping();
      for (Door& door : doors_) {
        error_code ignored;
        door.acceptor.close(ignored);
        door.pause.cancel();
      }
      close_sessions(true);
    });
    {
      std::unique_lock lock(mutex_);
      all_closed_.wait_for(lock, patience, [&] { return open_ == 0; });
    }
    asio::post(*io_, [this] {
      close_sessions(false);
      work_.reset();
      io_->stop();
    });
    thread_.join();
    // Workers last: until here they may post answers, which nobody takes any more.
    workers_.stop();
  }

  void session_opened(Session& session) override {
    sessions_.insert(&session);
    const std::lock_guard lock(mutex_);
    ++open_;
  }

  bool make_room(const Session& asking, std::size_t bytes) override {
    if (bytes > held().most()) return false;
    while (!held().take(bytes)) {
      if (!close_slowest(asking)) return false;
    }
    return true;
  }

  void session_closed(Session& session) override {
    sessions_.erase(&session);
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) all_closed_.notify_all();
  }

 private:
  struct Door {
    Acceptor acceptor;
    Timer pause;
    std::shared_ptr<const Router> router;
    std::uint16_t port;
    bool failing;
  };

  // SessionHost is given references to members that are made after it; it does not use them yet.
  Impl(const ServerOptions& options, std::size_t workers, Log& log, const Clock& clock,
       std::unique_ptr<asio::io_context> io)
      : SessionHost(options, log, clock, *io, workers_),
        io_(std::move(io)),
        work_(asio::make_work_guard(*io_)),
        workers_(workers, options.limits.queue) {}

  void accept(Door& door) {
    door.acceptor.async_accept([this, &door](const error_code& error, Socket socket) {
      if (stopping() || error == asio::error::operation_aborted) return;
      if (error) {
        if (!door.failing) log().warning("cannot accept connections: " + error.message());
        door.failing = true;
        close_longest_idle();  // in case it is descriptors that are missing
        door.pause.expires_after(kAcceptPause);
        door.pause.async_wait([this, &door](const error_code& cancelled) {
          if (!cancelled && !stopping()) accept(door);
        });
        return;
      }
      door.failing = false;
      accept(door);  // first, so that a failure below does not end it
      welcome(std::move(socket), door.router);
    });
  }

  void welcome(Socket socket, const std::shared_ptr<const Router>& router) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (sessions_.size() >= limits().connections && !close_longest_idle()) {
      const Response full = Response::detail(503, "Too many connections.");
      const std::string answer = render_head(full, common_head(), date(), "close") + full.body;
      socket.non_blocking(true, ignored);
      socket.write_some(asio::buffer(answer), ignored);
      return;
    }
    make_session(std::move(socket), *this, router)->start();
  }

  bool close_longest_idle() {
    Session* longest = nullptr;
    for (Session* session : sessions_) {
      if (session->idle() &&
          (longest == nullptr || session->idle_since() < longest->idle_since())) {
        longest = session;
      }
    }
    if (longest == nullptr) return false;
    longest->close();
    return true;
  }

  /// Of the others that hold bytes of bodies and have kept us waiting for too long.
  bool close_slowest(const Session& asking) {
    Session* slowest = nullptr;
    auto since = steady_clock::now() - limits().read_timeout;
    for (Session* session : sessions_) {
      const auto waiting = session->holding_since();
      if (waiting && *waiting < since && session != &asking) {
        since = *waiting;
        slowest = session;
      }
    }
    if (slowest == nullptr) return false;
    slowest->close();
    return true;
  }

  void close_sessions(bool only_idle) {
    for (Session* session : sessions_) {
      if (!only_idle || session->idle()) session->close();
    }
  }

  // Sessions unregister here when they end, the last of them when io_ does: so before io_.
  std::unordered_set<Session*> sessions_;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::size_t open_ = 0;

  std::unique_ptr<asio::io_context> io_;
  asio::executor_work_guard<IoExecutor> work_;
  WorkerPool workers_;
  std::vector<Door> doors_;
  std::thread thread_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(const std::vector<Listener>& listeners, const ServerOptions& wanted,
                             Log& log, const Clock& clock) {
  ServerOptions options = wanted;
  options.limits.connections = std::min(wanted.limits.connections, affordable_connections());
  auto impl = std::make_unique<Impl>(options, log, clock);
  for (const Listener& listener : listeners) RETURN_IF_ERROR(impl->listen(listener));
  impl->run();
  return Server(std::move(impl));
}

std::vector<std::uint16_t> Server::ports() const {
  return impl_->ports();
}
ServerFigures Server::figures() const {
  return impl_->figures();
}
void Server::stop(std::chrono::milliseconds patience) {
  impl_->stop(patience);
}

}  // namespace clairscore::http
