#pragma once

// One HTTP exchange at a time over libcurl: no redirect is followed, nothing is repeated, no header
// is added that was not asked for. Connections are kept and used again. Thread-safe.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "hub/settings.h"

namespace clairscore::hub {

struct HttpHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
  /// The first header of this (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const;
};

enum class TransferFault {
  kResolve,   // the host has no address
  kConnect,   // no connection to it
  kProxy,     // the proxy is not there, or refused
  kTls,       // no secure connection: certificate, protocol
  kTimeout,   // silence for longer than the timeout
  kClosed,    // the connection ended before the answer did
  kProtocol,  // what came is not HTTP, or over our limits
  kStopped,   // by the stop token
  kAborted,   // on_head or on_body said so
};

struct TransferError {
  TransferFault fault = TransferFault::kProtocol;
  std::string message;  // without secrets
};

struct HttpRequest {
  bool head_only = false;  // HEAD instead of GET
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{10'000};  // silence, from the connection on
  /// Called once, before the body. False: abort.
  std::function<bool(const HttpHead&)> on_head = [](const HttpHead&) { return true; };
  /// Called with each piece of the body, unpacked where it was compressed. False: abort.
  std::function<bool(ByteSpan)> on_body = [](ByteSpan) { return true; };
};

class HttpClient {
 public:
  HttpClient(Proxies proxies, std::string ca_file);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// The head of the answer, whatever its status, once the body has been passed on.
  tl::expected<HttpHead, TransferError> exchange(const HttpRequest& request,
                                                 const std::stop_token& stop);

 private:
  class Exchange;
  class Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace clairscore::hub
