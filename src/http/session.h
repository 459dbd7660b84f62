#pragma once

// One connection. Internal to http/: the server makes sessions, session.cc holds what they do.
// Everything here happens on the network thread, except that a handler may run on a worker.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/byte_budget.h"
#include "http/cors.h"
#include "http/server.h"
#include "http/trace.h"
#include "http/worker_pool.h"

namespace clairscore::http {

// Executors are concrete: the type-erased default costs an allocation and an indirect call a step.
using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

class Session;

/// What the sessions of a server share. Lives longer than they do.
class SessionHost {
 public:
  SessionHost(const ServerOptions& options, Log& log, const Clock& clock,
              boost::asio::io_context& io, WorkerPool& workers);
  virtual ~SessionHost() = default;

  const Limits& limits() const { return limits_; }
  Log& log() { return log_; }
  boost::asio::io_context& io() { return io_; }
  WorkerPool& workers() { return workers_; }
  ByteBudget& held() { return held_; }
  const Cors& cors() const { return cors_; }
  Observer* observer() { return observer_; }
  TraceIds& trace_ids() { return trace_ids_; }
  /// "name: value" lines for every answer.
  const std::string& common_head() const { return common_head_; }
  /// The date header's value, renewed each second.
  const std::string& date();
  bool stopping() const { return stopping_; }
  void set_stopping() { stopping_ = true; }

  virtual void session_opened(Session& session) = 0;
  virtual void session_closed(Session& session) = 0;
  /// Takes bytes from held() for a session, cutting off others that are slow where that is needed.
  /// False: no room.
  virtual bool make_room(const Session& asking, std::size_t bytes) = 0;

 private:
  Limits limits_;
  Log& log_;
  const Clock& clock_;
  boost::asio::io_context& io_;
  WorkerPool& workers_;
  ByteBudget held_;
  Cors cors_;
  Observer* observer_;
  TraceIds trace_ids_;
  std::string common_head_;
  std::string date_;
  std::chrono::sys_seconds date_second_;
  bool stopping_ = false;
};

class Session {
 public:
  virtual ~Session() = default;
  /// Begins to read; the session then keeps itself alive until its connection ends.
  virtual void start() = 0;
  /// True while no byte of a request has come and no answer is being sent.
  virtual bool idle() const = 0;
  virtual std::chrono::steady_clock::time_point idle_since() const = 0;
  /// Since when the client keeps us waiting with bytes of a body held: nothing while it does not,
  /// or while a handler is at work.
  virtual std::optional<std::chrono::steady_clock::time_point> holding_since() const = 0;
  /// Closes the connection now, whatever it is doing.
  virtual void close() = 0;
};

std::shared_ptr<Session> make_session(Socket socket, SessionHost& host,
                                      std::shared_ptr<const Router> router);

/// The status line and headers of an answer, up to and with the empty line.
std::string render_head(const Response& response, const std::string& common_head,
                        const std::string& date, std::string_view connection);

}  // namespace clairscore::http
