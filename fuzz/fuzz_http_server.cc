// Arbitrary bytes sent to the real server over a loopback connection: whatever they are, it answers
// or closes, and serves the next client. Slower than the other targets, since
// the kernel takes part.

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "http/server.h"
#include "http/test_client.h"

namespace {

using namespace clairscore;

class SilentLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view /*message*/) override {}
};

/// A server with routes of every kind and limits small enough to be met.
class Target {
 public:
  Target() {
    auto router = std::make_shared<http::Router>();
    const auto echo = [](const http::Request& request) {
      return http::Response::text(request.body);
    };
    router->add({"GET", "/", http::Cost::kInline, echo});
    router->add({"POST", "/{name}", http::Cost::kWorker, echo});
    http::ServerOptions options;
    options.limits.header_bytes = 1024;
    options.limits.target_bytes = 256;
    options.limits.body_bytes = 2048;
    options.limits.read_timeout = std::chrono::seconds(5);
    auto server = http::Server::start({{"127.0.0.1", 0, router}}, options, log_, clock_);
    if (!server) std::abort();
    server_.emplace(std::move(*server));
  }
  std::uint16_t port() const { return server_->ports().front(); }

 private:
  SilentLog log_;
  SystemClock clock_;
  std::optional<http::Server> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Target kTarget;
  {
    http::Client client(kTarget.port());
    client.send({reinterpret_cast<const char*>(data), size});
    client.finish_sending();
    client.read_to_end();
  }
  http::Client next(kTarget.port());
  next.get("/", "Connection: close\r\n");
  if (const int status = next.read().status; status != 200) {
    std::fprintf(stderr, "the next client's status: %d, connected: %d\n", status,
                 static_cast<int>(next.connected()));
    std::abort();
  }
  return 0;
}
