#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "http/negotiate.h"
#include "http/test_client.h"

namespace clairscore::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class MemoryLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    text_ += message;
    text_ += '\n';
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

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

constexpr std::size_t kHuge = std::size_t{64} << 20U;

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

TEST_F(ServerTest, TellsOfEveryAnswerAndNamesTheRequest) {
  std::string expected;
  {
    const Server server = start();
    Client client(port_);
    client.get("/header/host",
               "X-Request-Id: mine-1\r\ntraceparent: "
               "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n");
    const Answer named = client.read();
    EXPECT_EQ(named.header("x-request-id"), "mine-1");
    const std::string trace = named.header("traceparent");
    EXPECT_EQ(trace.substr(0, 36), "00-4bf92f3577b34da6a3ce929d0e0e4736-");
    EXPECT_NE(trace.substr(36, 16), "00f067aa0ba902b7") << "the span is ours";
    client.get("/worker", "X-Request-Id: not a plain id\r\n");
    const Answer other = client.read();
    EXPECT_EQ(other.header("x-request-id").size(), 16U);
    client.get("/nowhere");
    const Answer missing = client.read();
    client.send("nonsense\r\n\r\n");
    const Answer refused = client.read();
    EXPECT_EQ(refused.status, 400);
    expected = "GET /header/{name} 200 4 mine-1\nGET /worker 200 6 " +
               other.header("x-request-id") + "\nGET  404 22 " + missing.header("x-request-id") +
               "\n  400 43 " + refused.header("x-request-id") + "\n";
  }
  EXPECT_EQ(observer_.text(), expected);
  EXPECT_TRUE(observer_.fine());
}

TEST_F(ServerTest, TooManyThatWaitAreToldToComeBack) {
  Limits limits;
  limits.queue = 1;
  const Server server = start(limits);
  Client first(port_);
  first.get("/wait");
  entered_.wait();
  Client second(port_);  // there are two workers
  second.get("/wait");
  while (waiting_ < 2) std::this_thread::sleep_for(1ms);
  Client third(port_);
  third.get("/worker");
  while (server.figures().queued == 0) std::this_thread::sleep_for(1ms);
  Client fourth(port_);
  fourth.get("/worker");
  const Answer busy = fourth.read();
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("retry-after"), "1");
  fourth.get("/inline");
  EXPECT_EQ(fourth.read().status, 200) << "what needs no worker goes on";
  release_.count_down();
  EXPECT_EQ(first.read().body, "waited");
  EXPECT_EQ(second.read().body, "waited");
  EXPECT_EQ(third.read().body, "worker");
}

TEST_F(ServerTest, AnswersWithTheHeadersItShould) {
  const Server server = start();
  Client client(port_);
  client.get("/inline");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "inline");
  EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.header("x-everywhere"), "yes");
  EXPECT_TRUE(parse_http_date(answer.header("date")).has_value());
  EXPECT_EQ(answer.headers.count("connection"), 0U);
}

TEST_F(ServerTest, KeepsAConnection) {
  const Server server = start();
  Client client(port_);
  for (const char* path : {"/inline", "/worker", "/inline", "/worker"}) {
    client.get(path);
    EXPECT_EQ(client.read().body, path + 1);
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  const Server server = start();
  Client client(port_);
  std::string burst;
  for (int i = 0; i < 50; ++i) {
    burst += "GET /worker HTTP/1.1\r\nHost: a\r\n\r\n";
    burst += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n" + std::to_string(i + 10);
    burst += "GET /inline HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(burst);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(client.read().body, "worker");
    ASSERT_EQ(client.read().body, std::to_string(i + 10));
    ASSERT_EQ(client.read().body, "inline");
  }
}

TEST_F(ServerTest, ReadsARequestByteByByte) {
  const Server server = start();
  Client client(port_);
  for (const char c :
       std::string_view("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")) {
    client.send({&c, 1});
  }
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  const Server server = start();
  Client client(port_);
  client.send("HEAD /worker HTTP/1.1\r\nHost: a\r\n\r\n");
  const Answer head = client.read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "6");
  client.get("/inline");  // would be misread had a body been sent
  EXPECT_EQ(client.read().body, "inline");
}

TEST_F(ServerTest, RoutesAnswerForWhatIsNotThere) {
  const Server server = start();
  Client client(port_);
  client.get("/nope");
  EXPECT_EQ(client.read().status, 404);
  client.send("BREW /inline HTTP/1.1\r\nHost: a\r\n\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "GET");
  client.get("/inline/");
  EXPECT_EQ(client.read().header("location"), "http://test/inline");
}

TEST_F(ServerTest, DecodesAChunkedBody) {
  const Server server = start();
  Client client(port_);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n");
  client.send("4;name=value\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "abcdefg");
}

TEST_F(ServerTest, ContinuesAfterAnExpectation) {
  const Server server = start();
  Client client(port_);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read().body, "abc");
}

std::string pieces(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += std::to_string(i) + std::string(1000, '.') + "\n";
  return all;
}

/// The body of a chunked answer; nothing when it was cut off.
std::optional<std::string> unchunk(std::string_view text) {
  std::string body;
  while (true) {
    const std::size_t line = text.find("\r\n");
    if (line == std::string_view::npos) return std::nullopt;
    const std::size_t size = std::stoul(std::string(text.substr(0, line)), nullptr, 16);
    if (text.size() < line + 2 + size + 2 || text.substr(line + 2 + size, 2) != "\r\n") {
      return std::nullopt;
    }
    body += text.substr(line + 2, size);
    text.remove_prefix(line + 2 + size + 2);
    if (size == 0) return text.empty() ? std::optional(body) : std::nullopt;
  }
}

TEST_F(ServerTest, SendsABodyWhileItIsMade) {
  const Server server = start();
  for (const int count : {0, 1, 12}) {
    const std::string target = "/pieces?count=" + std::to_string(count);
    Client client(port_);
    client.get(target, "Connection: close\r\n");
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.headers.count("content-length"), 0U);
    EXPECT_EQ(unchunk(client.rest()), pieces(count));

    Client packed(port_);
    packed.get(target, "Accept-Encoding: gzip\r\nConnection: close\r\n");
    EXPECT_EQ(packed.read().header("content-encoding"), "gzip");
    EXPECT_EQ(gunzip(unchunk(packed.rest()).value(), 1U << 20U).value(), pieces(count));

    Client old(port_);
    old.send("GET " + target + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Answer until_the_end = old.read();
    EXPECT_EQ(until_the_end.header("connection"), "close");
    EXPECT_EQ(until_the_end.headers.count("transfer-encoding"), 0U);
    EXPECT_EQ(old.rest(), pieces(count));
  }
  Client client(port_);
  client.send("HEAD /pieces?count=5 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read(true).status, 200);
  client.get("/inline");
  EXPECT_EQ(client.read().body, "inline") << "a HEAD has no body, and the connection goes on";
  EXPECT_THAT(observer_.text(),
              HasSubstr("GET /pieces 200 " + std::to_string(pieces(12).size()) + " "));
}

TEST_F(ServerTest, MakesNoMoreOfABodyThanTheClientTakes) {
  const Server server = start();
  {
    Client stalled(port_);
    stalled.get("/pieces?count=1000000");
    EXPECT_EQ(stalled.read().status, 200);
    while (pieces_ < 100) std::this_thread::sleep_for(1ms);
  }
  while (server.figures().connections > 0) std::this_thread::sleep_for(1ms);
  EXPECT_LT(pieces_, 100'000) << "what the sockets hold, and a few more";
}

TEST_F(ServerTest, ABodyThatCannotBeMadeIsCutOff) {
  const Server server = start();
  Client broken(port_);
  broken.get("/pieces?count=100");
  EXPECT_EQ(broken.read().status, 200);
  EXPECT_EQ(unchunk(broken.rest()), std::nullopt) << "an answer that is cut off looks cut off";
  EXPECT_THAT(log_.text(), HasSubstr("/pieces, while it was sent: thirteen"));
}

TEST_F(ServerTest, RefusesWhatIsTooLong) {
  const Server server = start();
  struct Case {
    const char* name;
    std::string request;
    int status;
  };
  const std::vector<Case> cases = {
      {"headers", "GET /inline HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'x'), 431},
      {"many headers",
       "GET /inline HTTP/1.1\r\nHost: a\r\n" +
           [] {
             std::string lines;
             for (int i = 0; i < 3'000; ++i) lines += "A: b\r\n";
             return lines;
           }(),
       431},
      {"target", "GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"endless target", "GET /" + std::string(40'000, 'x'), 414},
      {"body", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413},
      {"body to come",
       "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n",
       413},
      {"chunk extensions",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
           [] {
             std::string chunks;
             while (chunks.size() < std::size_t{9} << 20U) {
               chunks += "1;" + std::string(10'000, 'e') + "\r\nx\r\n";
             }
             return chunks;
           }(),
       413},
      {"chunk trailers",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" +
           std::string(100'000, 't'),
       431},
      {"chunked body",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
           std::string(0x100001, 'x') + "\r\n0\r\n\r\n",
       413},
  };
  for (const Case& refused : cases) {
    Client client(port_);
    client.send(refused.request);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, refused.status) << refused.name;
    EXPECT_EQ(answer.header("connection"), "close") << refused.name;
    EXPECT_THAT(answer.body, HasSubstr("{\"detail\":")) << refused.name;
  }
  Client client(port_);
  client.get("/" + std::string(8'100, 'x'));
  EXPECT_EQ(client.read().status, 404);
  client.get("/header/x", "X: " + std::string(16'000, 'x') + "\r\n");
  EXPECT_EQ(client.read().body.size(), 16'000U);
}

TEST_F(ServerTest, ARouteMayTakeMoreThanOthers) {
  const Server server = start();
  const std::string body(std::size_t{3} << 19U, 'x');
  Client plain(port_);
  plain.send("POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 1572864\r\n\r\n" + body);
  EXPECT_EQ(plain.read().body, "1572864");
  plain.send("POST /bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n180000\r\n" +
             body + "\r\n0\r\n\r\n");
  EXPECT_EQ(plain.read().body, "1572864");
  Client large(port_);
  large.send("POST /bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 2097153\r\n\r\n");
  EXPECT_EQ(large.read().status, 413);
  Client chunked(port_);
  chunked.send("POST /bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200001\r\n" +
               std::string((std::size_t{2} << 20U) + 1, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read().status, 413);
}

TEST_F(ServerTest, LargeBodiesShareABudget) {
  Limits limits;
  limits.held_bytes = std::size_t{256} * 1024;
  const Server server = start(limits);
  const std::string body(100'000, 'b');
  const std::string header = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  Client first(port_);
  first.send(header + "b");
  Client second(port_);
  second.send(header + "b");
  while (server.figures().held_bytes < 200'000) std::this_thread::sleep_for(1ms);
  Client third(port_);
  third.send(header);
  const Answer busy = third.read();
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("retry-after"), "1");
  EXPECT_EQ(busy.header("connection"), "close");

  Client chunked(port_);
  chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
               body + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read().status, 503);
  EXPECT_EQ(server.figures().held_bytes, 200'000U) << "what was refused is not held";

  Client small(port_);
  small.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" +
             std::string(65'536, 's'));
  EXPECT_EQ(small.read().body.size(), 65'536U) << "small requests go on";
  Client larger(port_);
  larger.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 131073\r\n\r\n");
  EXPECT_EQ(larger.read().status, 413) << "more than half of the budget never fits";

  first.send(body.substr(1));
  EXPECT_EQ(first.read().body, body);
  Client fourth(port_);
  fourth.send(header + body);
  EXPECT_EQ(fourth.read().body, body);
}

TEST_F(ServerTest, ABudgetIsGivenBackWhateverHappens) {
  Limits limits;
  limits.held_bytes = std::size_t{1024} * 1024;
  const Server server = start(limits);
  const std::string header = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  const std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n";
  const std::string whole(100'000, 'b');
  const auto nothing_is_held = [&] {
    while (server.figures().held_bytes > 0) std::this_thread::sleep_for(1ms);
  };
  for (int i = 0; i < 10; ++i) {
    Client(port_).send(header + "left");
    nothing_is_held();
    Client(port_).send(chunked + std::string(90'000, 'b'));
    nothing_is_held();
    for (const auto& [request, status] : std::vector<std::pair<std::string, int>>{
             {chunked + whole + "no line end", 400},
             {"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + whole, 404},
             {"GET /throw HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + whole, 500},
             {header + whole, 200}}) {
      Client client(port_);
      client.send(request);
      EXPECT_EQ(client.read().status, status);
      nothing_is_held();
    }
  }
}

TEST_F(ServerTest, ASlowBodyGivesWayToOthers) {
  Limits limits;
  limits.held_bytes = std::size_t{256} * 1024;
  limits.read_timeout = 200ms;  // and a second more for every 16 KiB
  const Server server = start(limits);
  const std::string body(100'000, 'b');
  const std::string header = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  Client slow(port_);
  slow.send(header + body.substr(0, 90'000));
  while (server.figures().held_bytes == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(300ms);
  Client second(port_);
  second.send(header + body.substr(0, 90'000));
  while (server.figures().held_bytes < 200'000) std::this_thread::sleep_for(1ms);
  Client third(port_);
  third.send(header + body);
  EXPECT_EQ(third.read().body, body);
  EXPECT_TRUE(slow.closed());
  second.send(body.substr(90'000));
  EXPECT_EQ(second.read().body, body);
}

TEST_F(ServerTest, AnswersNobodyTakesShareTheBudget) {
  Limits limits;
  limits.held_bytes = kHuge + kHuge / 2;
  limits.read_timeout = 200ms;
  const Server server = start(limits);
  Client stalled(port_);
  stalled.get("/own");
  while (server.figures().held_bytes == 0) std::this_thread::sleep_for(1ms);
  Client second(port_);
  second.get("/huge");
  EXPECT_EQ(second.read().body.size(), kHuge) << "what others own anyway does not count";
  // Once the first has kept the server waiting for too long, the second gets its place.
  Answer answer;
  while (answer.status != 200) {
    second.get("/own");
    answer = second.read();
    if (answer.status != 200) {
      ASSERT_EQ(answer.status, 503);
      EXPECT_EQ(answer.header("retry-after"), "1");
    }
  }
  EXPECT_EQ(answer.body.size(), kHuge);
  EXPECT_LT(stalled.read_to_end(), kHuge);
}

TEST_F(ServerTest, RefusesWhatIsMalformed) {
  const Server server = start();
  const std::string get = "GET /inline HTTP/1.1\r\n";
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string posted_chunked = post + chunked;
  for (const std::string& request : std::vector<std::string>{
           "\x16\x03\x01\x02",
           "nonsense\r\n\r\n",
           "GET /inline HTTP/9.9\r\nHost: a\r\n\r\n",
           "GET inline HTTP/1.1\r\nHost: a\r\n\r\n",
           get + "\r\n",
           get + "Host: a\r\nHost: b\r\n\r\n",
           get + "Host a\r\n\r\n",
           get + "Host: a\r\nX y: 1\r\n\r\n",
           post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           post + "Content-Length: 3, 4\r\n\r\nabcd",
           post + "Content-Length: -3\r\n\r\nabc",
           post + "Content-Length: 99999999999999999999\r\n\r\nabc",
           post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           posted_chunked + "Content-Length: 3\r\n\r\n0\r\n\r\n",
           posted_chunked + "\r\nzz\r\n",
           posted_chunked + chunked + "\r\n0\r\n\r\n",
           "GET /inline HTTP/1.1\nHost: a\n\n",
           "\r\n" + get + "Host: a\r\n\r\n",
           "GET  /inline HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET\t/inline\tHTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /inline HTTP/1.1 \r\nHost: a\r\n\r\n",
           "GET /inline x HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /inline\r\n\r\n",
           get + "Host: a\r\nX: b\n\r\n",
           get + "Host: a\nX: b\r\n\r\n",
           get + "Host: a\rX: b\r\n\r\n",
           get + "Host: a\r\nX: b\r\n c\r\n\r\n",
           get + "Host: a\r\nX: b\r\n\tc\r\n\r\n",
           get + " Host: a\r\n\r\n",
           get + "Host: a\r\n: b\r\n\r\n",
           get + "Host: a, b\r\n\r\n",
           get + "Host: a b\r\n\r\n",
           get + "Host: a/inline\r\n\r\n",
           get + "Host: a\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n",
           post + "Content-Length : 3\r\n\r\nabc",
           post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           post + "Content-Length: 3, 3\r\n\r\nabc",
           post + "Content-Length: +3\r\n\r\nabc",
           post + "Content-Length: 0x3\r\n\r\nabc",
           post + "Content-Length: 3 4\r\n\r\nabc",
           post + "Content-Length:\r\n 3\r\n\r\nabc",
           post + "Content-Length: \r\n\r\nabc",
           post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
           posted_chunked + "\r\n0x3\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n 3\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n3 \r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n+3\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n-3\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n3\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n3\r\nabc\n0\r\n\r\n",
           posted_chunked + "\r\n3\r\nabcX0\r\n\r\n",
           posted_chunked + "\r\n3\r\nabcd\r\n0\r\n\r\n",
           posted_chunked + "\r\n\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n3;a\nb\r\nabc\r\n0\r\n\r\n",
           posted_chunked + "\r\n0\r\nContent-Length: 30\r\n\r\n",
           posted_chunked + "\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: identity\r\n\r\n",
           "POST /echo HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n",
       }) {
    Client client(port_);
    client.send(request);
    // What follows must never be taken for a request of its own.
    client.send("GET /inline HTTP/1.1\r\nHost: a\r\n\r\n");
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400) << request;
    EXPECT_EQ(answer.header("connection"), "close") << request;
    EXPECT_TRUE(client.closed()) << request;
  }
}

TEST_F(ServerTest, ABodyIsNeverARequest) {
  const Server server = start();
  const std::string inner = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(inner.size()) + "\r\n\r\n";
  Client client(port_);
  client.send("GET /inline HTTP/1.1\r\nHost: a\r\n" + length + inner);
  EXPECT_EQ(client.read().body, "inline");
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nX-Length: 0\r\n" + length + inner);
  EXPECT_EQ(client.read().body, inner);
  client.send("HEAD /inline HTTP/1.1\r\nHost: a\r\n" + length + inner);
  EXPECT_EQ(client.read(true).status, 200);
  client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\n" + length + inner);
  EXPECT_EQ(client.read().status, 404);
  client.get("/worker");
  EXPECT_EQ(client.read().body, "worker") << "one answer to each";
}

TEST_F(ServerTest, AClockMayJump) {
  class JumpingClock final : public Clock {
   public:
    std::chrono::system_clock::time_point now() const override {
      constexpr std::array<int, 4> kHours = {0, 9000, -9000, 1};
      return std::chrono::system_clock::time_point(
          std::chrono::hours(500'000 + kHours[calls_++ % kHours.size()]));
    }

   private:
    mutable std::atomic<std::size_t> calls_{0};
  } clock;
  ServerOptions options;
  options.limits.idle_timeout = 20s;
  auto server = Server::start({{"127.0.0.1", 0, router_}}, options, log_, clock);
  ASSERT_TRUE(server.has_value()) << to_string(server.error());
  Client client(server->ports().at(0));
  std::set<std::string> dates;
  for (int i = 0; i < 8; ++i) {
    client.get(i % 2 == 0 ? "/inline" : "/worker");
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(parse_http_date(answer.header("date")).has_value());
    dates.insert(answer.header("date"));
  }
  EXPECT_EQ(dates.size(), 4U) << "the date follows the clock, time-outs do not";
}

TEST_F(ServerTest, ServesHttp10) {
  const Server server = start();
  Client closing(port_);
  closing.send("GET /inline HTTP/1.0\r\n\r\n");
  const Answer answer = closing.read();
  EXPECT_EQ(answer.body, "inline");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(closing.closed());

  Client keeping(port_);
  for (int i = 0; i < 2; ++i) {
    keeping.send("GET /inline HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(keeping.read().header("connection"), "keep-alive");
  }
}

TEST_F(ServerTest, ClosesWhenAsked) {
  const Server server = start();
  Client client(port_);
  client.get("/inline", "Connection: close\r\n");
  EXPECT_EQ(client.read().header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, ASlowRequestIsCutOffWhileOthersAreServed) {
  Limits limits;
  limits.read_timeout = 200ms;
  const Server server = start(limits);
  Client slow_header(port_);
  slow_header.send("GET /inline HT");
  Client slow_body(port_);
  slow_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  Client quick(port_);
  quick.get("/worker");
  EXPECT_EQ(quick.read().body, "worker");
  EXPECT_TRUE(slow_header.closed());
  EXPECT_TRUE(slow_body.closed());
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  Limits limits;
  limits.idle_timeout = 100ms;
  const Server server = start(limits);
  Client silent(port_);
  EXPECT_TRUE(silent.closed());
  Client once(port_);
  once.get("/inline");
  EXPECT_EQ(once.read().status, 200);
  EXPECT_TRUE(once.closed());
}

TEST_F(ServerTest, AnAnswerNobodyTakesIsGivenUp) {
  Limits limits;
  limits.write_timeout = 200ms;
  const Server server = start(limits);
  Client stalled(port_);
  stalled.get("/huge");
  Client quick(port_);
  quick.get("/inline");
  EXPECT_EQ(quick.read().status, 200);
  // Reads nothing for several times the limit.
  std::this_thread::sleep_for(1s);
  EXPECT_LT(stalled.read_to_end(), kHuge);
}

TEST_F(ServerTest, SendsLargeBodiesWhole) {
  const Server server = start();
  Client client(port_);
  client.get("/huge");
  const Answer answer = client.read();
  EXPECT_EQ(answer.body.size(), kHuge);
}

TEST_F(ServerTest, AnExceptionIsA500AndALineInTheLog) {
  const Server server = start();
  Client client(port_);
  client.get("/throw");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"detail":"Internal Server Error"})");
  EXPECT_THAT(log_.text(), HasSubstr("GET /throw: broken"));
  client.get("/throw-inline");
  EXPECT_EQ(client.read().status, 500);
  EXPECT_THAT(log_.text(), HasSubstr("GET /throw-inline: unknown exception"));
  client.get("/inline");
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, CompressesAndRevalidates) {
  const Server server = start();
  Client client(port_);
  client.get("/large", "Accept-Encoding: gzip\r\n");
  const Answer compressed = client.read();
  EXPECT_EQ(compressed.header("content-encoding"), "gzip");
  EXPECT_EQ(gunzip(compressed.body, 200'000).value(), std::string(100'000, 'x'));
  client.get("/large");
  EXPECT_EQ(client.read().body, std::string(100'000, 'x'));
  client.get("/large", "If-None-Match: \"large\"\r\n");
  const Answer same = client.read();
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.headers.count("content-length"), 0U);
  client.get("/nothing");
  EXPECT_EQ(client.read().status, 204);
  client.get("/inline");
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, AHeaderValueCannotEndItsLine) {
  const Server server = start();
  Client client(port_);
  client.get("/inject?v=a%0d%0aSet-Cookie:%20b%00");
  const Answer answer = client.read();
  EXPECT_EQ(answer.header("x-echo"), "aSet-Cookie: b");
  EXPECT_EQ(answer.headers.count("Set-Cookie"), 0U);
}

TEST_F(ServerTest, AnIdleConnectionMakesRoomForANewOne) {
  Limits limits;
  limits.connections = 2;
  const Server server = start(limits);
  Client first(port_);
  first.get("/inline");
  EXPECT_EQ(first.read().status, 200);
  Client second(port_);
  second.get("/inline");
  EXPECT_EQ(second.read().status, 200);
  Client third(port_);
  third.get("/inline");
  EXPECT_EQ(third.read().status, 200);
  EXPECT_TRUE(first.closed());
  second.get("/inline");
  EXPECT_EQ(second.read().status, 200);
}

TEST_F(ServerTest, WithoutRoomANewConnectionGets503) {
  Limits limits;
  limits.connections = 1;
  const Server server = start(limits);
  Client busy(port_);
  busy.get("/wait");
  entered_.wait();
  Client refused(port_);
  EXPECT_EQ(refused.read().status, 503);
  release_.count_down();
  EXPECT_EQ(busy.read().body, "waited");
}

TEST_F(ServerTest, APortInUseIsNamed) {
  const Server server = start();
  const auto second =
      Server::start({{"127.0.0.1", 0, router_}, {"127.0.0.1", port_, router_}}, {}, log_, clock_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kInternal);
  EXPECT_EQ(to_string(second.error()),
            "port " + std::to_string(port_) +
                " is already in use, 127.0.0.1:" + std::to_string(port_) + ", a free port");
}

TEST_F(ServerTest, AForeignAddressIsRefused) {
  const auto foreign = Server::start({{"192.0.2.1", 0, router_}}, {}, log_, clock_);
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().code, ErrorCode::kUsage);
  const auto nonsense = Server::start({{"no such host", 0, router_}}, {}, log_, clock_);
  ASSERT_FALSE(nonsense.has_value());
  EXPECT_EQ(nonsense.error().code, ErrorCode::kUsage);
}

TEST_F(ServerTest, TwoPortsMayServeDifferentRoutes) {
  auto other = std::make_shared<Router>();
  other->add({"GET", "/other", Cost::kInline, [](const Request&) { return Response::text("o"); }});
  auto server =
      Server::start({{"127.0.0.1", 0, router_}, {"localhost", 0, other}}, {}, log_, clock_);
  ASSERT_TRUE(server.has_value());
  const auto ports = server->ports();
  Client one(ports.at(0));
  one.get("/other");
  EXPECT_EQ(one.read().status, 404);
  Client two(ports.at(1));
  two.get("/other");
  EXPECT_EQ(two.read().body, "o");
}

TEST_F(ServerTest, StoppingFinishesWhatIsUnderWay) {
  Server server = start();
  Client idle(port_);
  idle.get("/inline");
  EXPECT_EQ(idle.read().status, 200);
  Client busy(port_);
  busy.get("/wait");
  entered_.wait();
  std::thread stopper([&] { server.stop(20s); });
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(Client(port_).connected());
  release_.count_down();
  const Answer answer = busy.read();
  EXPECT_EQ(answer.body, "waited");
  EXPECT_EQ(answer.header("connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, StoppingGivesUpWhenItsPatienceEnds) {
  Server server = start();
  Client half(port_);
  half.send("GET /inline HTTP/1.1\r\n");
  Client busy(port_);
  busy.get("/wait");
  entered_.wait();
  std::thread stopper([&] { server.stop(50ms); });
  EXPECT_TRUE(half.closed());
  EXPECT_TRUE(busy.closed());
  release_.count_down();  // the handler itself is waited for
  stopper.join();
}

TEST_F(ServerTest, ServesManyClientsAtOnce) {
  const Server server = start();
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      Client client(port_);
      for (int k = 0; k < 40; ++k) {
        const std::string body = std::to_string(i * 1000 + k + 10'000);
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n" + body);
        if (client.read().body == body) ++right;
        client.get("/inline");
        if (client.read().body == "inline") ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 8 * 40 * 2);
}

TEST_F(ServerTest, AClientMayLeaveAtAnyTime) {
  const Server server = start();
  for (int i = 0; i < 20; ++i) {
    Client(port_).send("GET /work");
    Client(port_).get("/worker");
    Client(port_).get("/huge");
  }
  Client client(port_);
  client.get("/inline");
  EXPECT_EQ(client.read().status, 200);
}

}  // namespace
}  // namespace clairscore::http
