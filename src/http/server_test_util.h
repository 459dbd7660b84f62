#pragma once

// A server with routes to try it by; for tests.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/log_test_util.h"
#include "http/server.h"

namespace clairscore::http {

/// "GET /header/{name} 200 5", one a line.
class LinesObserver final : public Observer {
 public:
  void answered(const Exchange& exchange) override {
    const std::lock_guard lock(mutex_);
    text_ += exchange.request.method + " " + std::string(exchange.route) + " " +
             std::to_string(exchange.status) + " " + std::to_string(exchange.bytes) + " " +
             exchange.request.id + "\n";
    fine_ = fine_ && exchange.duration.count() > 0;
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  bool fine() const {
    const std::lock_guard lock(mutex_);
    return fine_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
  bool fine_ = true;
};

inline constexpr std::size_t kHuge = std::size_t{64} << 20U;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    const auto add = [this](const char* method, const char* path, Cost cost, Handler handler) {
      router_->add({method, path, cost, std::move(handler)});
    };
    add("GET", "/inline", Cost::kInline, [](const Request&) { return Response::text("inline"); });
    add("GET", "/worker", Cost::kWorker, [](const Request&) { return Response::text("worker"); });
    router_->add(
        {"POST", "/bulk", Cost::kWorker,
         [](const Request& request) { return Response::text(std::to_string(request.body.size())); },
         std::size_t{2} << 20U});
    add("POST", "/echo", Cost::kWorker,
        [](const Request& request) { return Response::text(request.body); });
    add("GET", "/header/{name}", Cost::kInline, [](const Request& request) {
      return Response::text(std::string(request.header(request.path_parameter("name"))));
    });
    add("GET", "/throw", Cost::kWorker,
        [](const Request&) -> Response { throw std::runtime_error("broken\nhandler"); });
    add("GET", "/throw-inline", Cost::kInline, [](const Request&) -> Response { throw 7; });
    add("GET", "/large", Cost::kWorker, [](const Request&) {
      return Response::json(std::string(100'000, 'x')).with("etag", "\"large\"");
    });
    add("GET", "/huge", Cost::kWorker, [](const Request&) {
      auto body = std::make_shared<std::string>(kHuge, 'x');
      return Response::shared(body, *body, "application/octet-stream");
    });
    add("GET", "/own", Cost::kWorker, [](const Request&) {
      Response response;
      response.body.assign(kHuge, 'x');
      return response;
    });
    add("GET", "/pieces", Cost::kInline, [this](const Request& request) {
      const std::string* const count = request.query_value("count");
      Response response = Response::text({});
      response.pieces = [this, i = 0, count = std::stoi(*count)]() mutable {
        if (i == count) return std::string();
        if (i == 13 && count == 100) throw std::runtime_error("thirteen");
        ++pieces_;
        return std::to_string(i++) + std::string(1000, '.') + "\n";
      };
      return response;
    });
    add("GET", "/inject", Cost::kInline, [](const Request& request) {
      return Response::text("").with("x-echo", *request.query_value("v"));
    });
    add("GET", "/nothing", Cost::kInline, [](const Request&) {
      Response response;
      response.status = 204;
      return response;
    });
    add("GET", "/wait", Cost::kWorker, [this](const Request&) {
      if (waiting_.fetch_add(1) == 0) entered_.count_down();
      release_.wait();
      return Response::text("waited");
    });
  }
  ~ServerTest() override {
    if (!release_.try_wait()) release_.count_down();
  }

  Server start(const Limits& limits = {}) {
    ServerOptions options;
    options.limits = limits;
    options.headers = {{"x-everywhere", "yes"}};
    options.observer = &observer_;
    auto server = Server::start({{"127.0.0.1", 0, router_}}, options, log_, clock_);
    EXPECT_TRUE(server.has_value()) << to_string(server.error());
    port_ = server->ports().at(0);
    return std::move(*server);
  }

  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  LinesObserver observer_;
  MemoryLog log_;
  SystemClock clock_;
  std::uint16_t port_ = 0;
  std::latch entered_{1};        // a request is in /wait
  std::atomic<int> waiting_{0};  // requests that came to /wait
  std::latch release_{1};        // lets it go
  std::atomic<int> pieces_{0};   // of /pieces, made
};

}  // namespace clairscore::http
