#include "http/session.h"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <random>
#include <utility>

#include "http/negotiate.h"

namespace clairscore::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kReadBlock = std::size_t{16} * 1024;
// What a connection that has nothing to say costs; most requests fit.
constexpr std::size_t kFirstBlock = std::size_t{2} * 1024;
// A chunked body may cost this many bytes for each it holds: chunks of one byte take six.
constexpr std::size_t kMostBytesPerBodyByte = 8;
// How long, and for how many bytes, a connection is read from after a refusal, so that the client
// sees the answer and not a reset.
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = std::size_t{1} << 20U;

std::string_view as_view(beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_safe_in_header(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || c == '\t';
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  // A value may hold what a client sent: it must not end the line.
  std::copy_if(value.begin(), value.end(), std::back_inserter(head), is_safe_in_header);
  head += "\r\n";
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

/// Runs a handler: the one place where its exceptions end.
Response run(const Route& route, const Request& request, Log& log) {
  try {
    Response response = route.handler(request);
    if (response.status == 200 && route.method == "GET") {
      if (auto unchanged = not_modified(request, response)) return std::move(*unchanged);
    }
    compress(request, response);
    return response;
  } catch (const std::exception& error) {
    log.error(route.method + " " + route.path + ": " + error.what());
  } catch (...) {
    log.error(route.method + " " + route.path + ": unknown exception");
  }
  return Response::detail(500, "Internal Server Error");
}

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Socket socket, SessionHost& host, std::shared_ptr<const Router> router)
      : stream_(std::move(socket)),
        host_(host),
        router_(std::move(router)),
        buffer_(host.limits().header_bytes + kReadBlock) {
    host_.session_opened(*this);
  }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;
  ~HttpSession() override {
    hold(0);
    host_.session_closed(*this);
  }

  void start() override {
    begin_request();
    read();
  }
  bool idle() const override { return phase_ == Phase::kIdle || phase_ == Phase::kLingering; }
  steady_clock::time_point idle_since() const override { return since_; }
  std::optional<steady_clock::time_point> holding_since() const override {
    const bool waiting = phase_ == Phase::kReading || phase_ == Phase::kSending;
    return waiting && held_ > 0 ? std::optional(waiting_since_) : std::nullopt;
  }
  void close() override {
    // A handler may be at work on the body.
    if (phase_ != Phase::kAnswering) drop_bodies();
    phase_ = Phase::kClosed;
    stream_.close();
  }

 private:
  using Stream = beast::basic_stream<asio::ip::tcp, IoExecutor>;
  using Parser = beast::http::request_parser<beast::http::string_body>;
  enum class Phase { kIdle, kReading, kAnswering, kSending, kLingering, kClosed };

  void begin_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(host_.limits().header_bytes));
    // Until the header says which route it is for.
    body_limit_ = std::max(host_.limits().body_bytes, router_->most_body_bytes());
    parser_->body_limit(body_limit_);
    header_bytes_ = 0;
    header_checked_ = false;
    line_ended_ = false;
    folded_ = false;
    received_ = 0;
    phase_ = Phase::kIdle;
    since_ = steady_clock::now();
    if (buffer_.size() == 0 && buffer_.capacity() > kFirstBlock) buffer_.shrink_to_fit();
  }

  /// Counts `bytes` as what this connection holds of bodies. False: there is no room for them, and
  /// what was held before still is.
  bool hold(std::size_t bytes) {
    if (bytes <= kSmallBody) bytes = 0;
    if (bytes > held_) {
      if (!host_.make_room(*this, bytes - held_)) return false;
    } else {
      host_.held().give_back(held_ - bytes);
    }
    held_ = bytes;
    return true;
  }

  /// Frees the body that was read and the one to be sent.
  void drop_bodies() {
    std::string().swap(parser_->get().body());
    std::string().swap(request_.body);
    unsent_ = {};
    response_ = Response();
    hold(0);
  }

  void read() {
    if (phase_ == Phase::kIdle) {
      stream_.expires_after(host_.limits().idle_timeout);
    } else {
      stream_.expires_at(since_ + host_.limits().read_timeout +
                         std::chrono::milliseconds(received_ * 1000 / kSlowestBytesPerSecond));
    }
    // The parser leaves at most a header's worth unread, so there is always room for a block.
    const std::size_t block = phase_ == Phase::kIdle ? kFirstBlock : kReadBlock;
    const std::size_t room = std::min(block, buffer_.max_size() - buffer_.size());
    if (room == 0) {
      refuse(431, "Request header fields too large");
      return;
    }
    stream_.async_read_some(buffer_.prepare(room),
                            [self = shared_from_this()](beast::error_code error, std::size_t n) {
                              self->on_read(error, n);
                            });
  }

  void on_read(beast::error_code error, std::size_t n) {
    // Closed, reset or too slow: the last reference goes and the socket with it.
    if (error || phase_ == Phase::kClosed) return;
    buffer_.commit(n);
    received_ += n;
    parse();
  }

  void parse() {
    if (phase_ == Phase::kIdle) {
      phase_ = Phase::kReading;
      since_ = steady_clock::now();
      waiting_since_ = since_;
    }
    while (!parser_->is_done()) {
      beast::error_code error;
      const std::size_t used = parser_->put(buffer_.data(), error);
      if (!header_checked_) look_for_fold(used);
      buffer_.consume(used);
      if (error && error != beast::http::error::need_more) {
        refuse_unparsed(error, header_bytes_ + used);
        return;
      }
      // The parser's own limit is for what it has not consumed yet, field by field: ours is for the
      // whole header, and for what surrounds the chunks of a body.
      if (!header_checked_) {
        header_bytes_ += used;
        const std::size_t open = parser_->is_header_done() ? 0 : buffer_.size();
        if (header_bytes_ + open > host_.limits().header_bytes) {
          refuse_unparsed(beast::http::error::header_limit, header_bytes_);
          return;
        }
      } else if (received_ / kMostBytesPerBodyByte > host_.limits().header_bytes + body_limit_) {
        refuse_unparsed(beast::http::error::body_limit, header_bytes_);
        return;
      }
      // A body of unknown length takes room as it comes.
      if (header_checked_ && parser_->chunked() && !hold(parser_->get().body().capacity())) {
        refuse_busy("Too many large requests at once.");
        return;
      }
      if (parser_->is_header_done() && !header_checked_) {
        header_checked_ = true;
        parser_->eager(true);
        if (!check_header()) return;
        if (wants_continue()) {
          send_continue();
          return;
        }
      } else if (error || used == 0) {
        read();
        return;
      }
    }
    dispatch();
  }

  /// Notes whether a line of the header goes on in the next one, which the parser allows: what has
  /// been read so far of it is at the front of the buffer.
  void look_for_fold(std::size_t bytes) {
    const auto data = buffer_.data();
    for (const char c : std::string_view(static_cast<const char*>(data.data()), bytes)) {
      folded_ = folded_ || (line_ended_ && (c == ' ' || c == '\t'));
      line_ended_ = c == '\n';
    }
  }

  /// Whether the header leaves no doubt about where the request ends and whom it is for. Where
  /// others could read it in another way, a proxy before us would see other requests than we do.
  bool is_unambiguous() const {
    if (folded_) return false;
    const auto& message = parser_->get();
    const auto hosts = message.equal_range(beast::http::field::host);
    const auto count = std::distance(hosts.first, hosts.second);
    if (count > 1 || (count == 0 && message.version() == 11)) return false;
    if (count == 1 &&
        as_view(hosts.first->value()).find_first_of(" \t,/?#@\\") != std::string_view::npos) {
      return false;
    }
    // Of codings, one plain "chunked"; of lengths, one number.
    const auto codings = message.equal_range(beast::http::field::transfer_encoding);
    if (codings.first != codings.second &&
        (message.version() == 10 || std::next(codings.first) != codings.second ||
         !beast::iequals(codings.first->value(), "chunked"))) {
      return false;
    }
    const auto lengths = message.equal_range(beast::http::field::content_length);
    return lengths.first == lengths.second ||
           (std::next(lengths.first) == lengths.second &&
            as_view(lengths.first->value()).find_first_not_of("0123456789") ==
                std::string_view::npos);
  }

  /// Answers and returns false when the header will not do.
  bool check_header() {
    const auto& message = parser_->get();
    if (message.target().size() > host_.limits().target_bytes) {
      refuse(414, "Request target too long");
      return false;
    }
    request_ = Request();
    if (!is_unambiguous() || !set_target(request_, as_view(message.target()))) {
      refuse(400, "Invalid HTTP request received.");
      return false;
    }
    request_.method = as_view(message.method_string());
    request_.headers.reserve(8);
    for (const auto& field : message) {
      std::string name(as_view(field.name_string()));
      std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      request_.headers.emplace_back(std::move(name), as_view(field.value()));
    }
    name_request();
    const std::size_t own_limit = router_->body_bytes(request_);
    body_limit_ =
        std::min(own_limit == 0 ? host_.limits().body_bytes : own_limit, host_.held().most() / 2);
    const std::uint64_t length = parser_->content_length().value_or(0);
    if (length > body_limit_) {
      refuse(413, "Request body too large");
      return false;
    }
    parser_->body_limit(body_limit_);
    // The whole of it now, so that a request that was begun is not refused half way.
    if (!hold(length)) {
      refuse_busy("Too many large requests at once.");
      return false;
    }
    return true;
  }

  /// Gives the request its id and its place in the caller's trace.
  void name_request() {
    const std::string_view asked = request_.header("x-request-id");
    request_.id = is_request_id(asked) ? std::string(asked) : host_.trace_ids().hex(16);
    request_.traceparent = host_.trace_ids().continue_trace(request_.header("traceparent")).text();
  }

  bool wants_continue() const {
    return !parser_->is_done() && parser_->get().version() == 11 && buffer_.size() == 0 &&
           beast::iequals(parser_->get()[beast::http::field::expect], "100-continue");
  }

  void send_continue() {
    stream_.expires_after(host_.limits().write_timeout);
    // 25 bytes into an empty send buffer go out at once or not at all.
    stream_.async_write_some(asio::buffer(kContinue),
                             [self = shared_from_this()](beast::error_code error, std::size_t n) {
                               const bool open = self->phase_ != Phase::kClosed;
                               if (open && !error && n == kContinue.size()) self->parse();
                             });
  }

  /// `header_consumed`: bytes of this request's header that the parser has taken.
  void refuse_unparsed(beast::error_code error, std::size_t header_consumed) {
    if (error == beast::http::error::body_limit) {
      refuse(413, "Request body too large");
    } else if (error != beast::http::error::header_limit) {
      refuse(400, "Invalid HTTP request received.");
    } else if (header_consumed > 0) {
      refuse(431, "Request header fields too large");
    } else {
      // The request line is taken whole: if it was not, the target is what is too long.
      refuse(414, "Request target too long");
    }
  }

  void refuse(int status, std::string_view detail) { refuse(Response::detail(status, detail)); }

  void refuse(Response answer) {
    keep_alive_ = false;
    linger_ = true;
    head_only_ = false;
    route_ = nullptr;
    drop_bodies();
    if (request_.id.empty()) name_request();
    send(std::move(answer));
  }

  static Response busy(std::string_view detail) {
    Response answer = Response::detail(503, detail);
    answer.with("retry-after", "1");
    return answer;
  }

  void refuse_busy(std::string_view detail) { refuse(busy(detail)); }

  void dispatch() {
    phase_ = Phase::kAnswering;
    auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    http_1_0_ = message.version() == 10;
    head_only_ = request_.method == "HEAD";
    linger_ = false;
    request_.body = std::move(message.body());
    if (auto answer = host_.cors().preflight(request_)) {
      route_ = nullptr;
      send(std::move(*answer));
      return;
    }
    Router::Match match = router_->match(request_);
    route_ = match.route;
    if (match.route == nullptr) {
      send(std::move(match.answer));
    } else if (match.route->cost == Cost::kInline ||
               (match.route->quick != nullptr && match.route->quick())) {
      send(run(*match.route, request_, host_.log()));
    } else {
      const bool taken =
          host_.workers().submit([self = shared_from_this(), route = match.route]() mutable {
            // The network thread leaves request_ and response_ alone until the answer is posted.
            // The reference goes with it: a session must end on the network thread.
            self->response_ = run(*route, self->request_, self->host_.log());
            asio::io_context& io = self->host_.io();
            asio::post(io, [self = std::move(self)] { self->send(std::move(self->response_)); });
          });
      if (!taken) send(busy("Too many requests are waiting."));
    }
  }

  void send(Response response) {
    if (phase_ == Phase::kClosed) return;  // while the handler was at work
    phase_ = Phase::kSending;
    waiting_since_ = steady_clock::now();
    std::string().swap(request_.body);
    // What a snapshot owns is there anyway.
    const std::size_t own = response.shared_owner ? 0 : response.body.size();
    if (!hold(own)) {
      hold(0);
      response = busy("Too many large answers at once.");
    }
    response_ = std::move(response);
    response_.with("x-request-id", request_.id).with("traceparent", request_.traceparent);
    host_.cors().allow(request_, response_);
    // Without a length, the end of the connection is the end of the answer for HTTP/1.0.
    if (host_.stopping() || (response_.pieces && http_1_0_)) keep_alive_ = false;
    std::string_view connection;
    if (!keep_alive_) {
      connection = "close";
    } else if (http_1_0_) {
      connection = "keep-alive";
    }
    const bool with_body = !head_only_ && has_body(response_.status);
    in_pieces_ = response_.pieces != nullptr && with_body;
    if (response_.pieces && !http_1_0_) response_.with("transfer-encoding", "chunked");
    head_ = render_head(response_, host_.common_head(), host_.date(), connection);
    std::string_view content;
    if (with_body && !in_pieces_) content = response_.content();
    sent_bytes_ = content.size();
    unsent_ = {asio::buffer(head_), asio::buffer(content.data(), content.size())};
    write();
  }

  void write() {
    stream_.expires_after(host_.limits().write_timeout);
    stream_.async_write_some(unsent_,
                             [self = shared_from_this()](beast::error_code error, std::size_t n) {
                               self->on_written(error, n);
                             });
  }

  void on_written(beast::error_code error, std::size_t n) {
    if (error || phase_ == Phase::kClosed) return;
    for (asio::const_buffer& part : unsent_) {
      const std::size_t sent = std::min(n, part.size());
      part += sent;
      n -= sent;
    }
    if (unsent_[0].size() + unsent_[1].size() > 0) {
      write();
      return;
    }
    if (in_pieces_) {
      make_piece();
      return;
    }
    if (host_.observer() != nullptr) {
      host_.observer()->answered({request_, route_ == nullptr ? std::string_view() : route_->path,
                                  response_.status, sent_bytes_, steady_clock::now() - since_});
    }
    drop_bodies();
    request_ = Request();
    if (!keep_alive_ || host_.stopping()) {
      end();
      return;
    }
    begin_request();
    if (buffer_.size() > 0) {
      received_ = buffer_.size();
      parse();
    } else {
      read();
    }
  }

  void make_piece() {
    phase_ = Phase::kAnswering;
    // As in dispatch(), but it has its place already: there is one for each connection at most.
    host_.workers().submit_always([self = shared_from_this()]() mutable {
      std::optional<std::string> piece;
      try {
        piece = self->response_.pieces();
      } catch (const std::exception& error) {
        self->host_.log().error(self->route_->path + ", while it was sent: " + error.what());
      } catch (...) {
        self->host_.log().error(self->route_->path + ", while it was sent: unknown exception");
      }
      asio::io_context& io = self->host_.io();
      asio::post(io, [self = std::move(self), piece = std::move(piece)]() mutable {
        self->send_piece(std::move(piece));
      });
    });
  }

  /// Nothing: it could not be made, and the client must not take what it has for the whole.
  void send_piece(std::optional<std::string> piece) {
    if (phase_ == Phase::kClosed) return;
    if (!piece) {
      close();
      return;
    }
    phase_ = Phase::kSending;
    waiting_since_ = steady_clock::now();
    in_pieces_ = !piece->empty();
    sent_bytes_ += piece->size();
    response_.body = std::move(*piece);
    head_.clear();
    if (!http_1_0_) {
      head_ = fmt::format("{:x}\r\n", response_.body.size());
      response_.body += "\r\n";
    }
    unsent_ = {asio::buffer(head_), asio::buffer(response_.body)};
    write();
  }

  void end() {
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (!linger_) {
      stream_.close();
      return;
    }
    phase_ = Phase::kLingering;
    received_ = 0;
    stream_.expires_after(kLingerTime);
    drain();
  }

  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBlock),
                            [self = shared_from_this()](beast::error_code error, std::size_t n) {
                              self->received_ += n;
                              if (!error && self->received_ < kLingerBytes) self->drain();
                            });
  }

  Stream stream_;
  SessionHost& host_;
  std::shared_ptr<const Router> router_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Phase phase_ = Phase::kIdle;
  steady_clock::time_point since_;  // idle since, or first byte of the request
  steady_clock::time_point
      waiting_since_;             // for the request's bytes, or for the client to take ours
  std::size_t held_ = 0;          // of host_.held()
  std::size_t received_ = 0;      // of the request, or while lingering
  std::size_t header_bytes_ = 0;  // consumed by the parser
  std::size_t body_limit_ = 0;    // of the request
  bool header_checked_ = false;
  bool line_ended_ = false;  // by the last byte of the header that was looked at
  bool folded_ = false;
  bool keep_alive_ = true;
  bool http_1_0_ = false;
  bool head_only_ = false;
  bool linger_ = false;
  bool in_pieces_ = false;        // more of the answer is to be made
  const Route* route_ = nullptr;  // of the request under way; owned by router_
  std::size_t sent_bytes_ = 0;
  Request request_;
  Response response_;
  std::string head_;
  std::array<asio::const_buffer, 2> unsent_;
};

}  // namespace

SessionHost::SessionHost(const ServerOptions& options, Log& log, const Clock& clock,
                         asio::io_context& io, WorkerPool& workers)
    : limits_(options.limits),
      log_(log),
      clock_(clock),
      io_(io),
      workers_(workers),
      held_(options.limits.held_bytes),
      cors_(options.cors),
      observer_(options.observer),
      trace_ids_(std::random_device{}() * 0x1'0000'0001ULL) {
  for (const auto& [name, value] : options.headers) append_header(common_head_, name, value);
}

const std::string& SessionHost::date() {
  const auto second = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (date_.empty() || second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  return date_;
}

std::shared_ptr<Session> make_session(Socket socket, SessionHost& host,
                                      std::shared_ptr<const Router> router) {
  return std::make_shared<HttpSession>(std::move(socket), host, std::move(router));
}

std::string render_head(const Response& response, const std::string& common_head,
                        const std::string& date, std::string_view connection) {
  const auto reason =
      as_view(beast::http::obsolete_reason(static_cast<beast::http::status>(response.status)));
  std::string head;
  head.reserve(512 + common_head.size());
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason;
  head += "\r\n";
  append_header(head, "date", date);
  head += common_head;
  for (const auto& [name, value] : response.headers) append_header(head, name, value);
  if (has_body(response.status) && !response.pieces) {
    append_header(head, "content-length", std::to_string(response.content().size()));
  }
  if (!connection.empty()) append_header(head, "connection", connection);
  head += "\r\n";
  return head;
}

}  // namespace clairscore::http
