// What the server refuses, cuts off and holds out against.

#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "http/negotiate.h"
#include "http/server_test_util.h"
#include "http/test_client.h"

namespace clairscore::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using ServerLimitsTest = ServerTest;

TEST_F(ServerLimitsTest, TooManyThatWaitAreToldToComeBack) {
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

TEST_F(ServerLimitsTest, RefusesWhatIsTooLong) {
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

TEST_F(ServerLimitsTest, ARouteMayTakeMoreThanOthers) {
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

TEST_F(ServerLimitsTest, LargeBodiesShareABudget) {
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

TEST_F(ServerLimitsTest, ABudgetIsGivenBackWhateverHappens) {
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

TEST_F(ServerLimitsTest, ASlowBodyGivesWayToOthers) {
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

TEST_F(ServerLimitsTest, AnswersNobodyTakesShareTheBudget) {
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

TEST_F(ServerLimitsTest, RefusesWhatIsMalformed) {
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

TEST_F(ServerLimitsTest, ABodyIsNeverARequest) {
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

TEST_F(ServerLimitsTest, AClockMayJump) {
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

TEST_F(ServerLimitsTest, ASlowRequestIsCutOffWhileOthersAreServed) {
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

TEST_F(ServerLimitsTest, AnIdleConnectionIsClosed) {
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

TEST_F(ServerLimitsTest, AnAnswerNobodyTakesIsGivenUp) {
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

TEST_F(ServerLimitsTest, AnExceptionIsA500AndALineInTheLog) {
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

TEST_F(ServerLimitsTest, AHeaderValueCannotEndItsLine) {
  const Server server = start();
  Client client(port_);
  client.get("/inject?v=a%0d%0aSet-Cookie:%20b%00");
  const Answer answer = client.read();
  EXPECT_EQ(answer.header("x-echo"), "aSet-Cookie: b");
  EXPECT_EQ(answer.headers.count("Set-Cookie"), 0U);
}

TEST_F(ServerLimitsTest, AnIdleConnectionMakesRoomForANewOne) {
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

TEST_F(ServerLimitsTest, WithoutRoomANewConnectionGets503) {
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

}  // namespace
}  // namespace clairscore::http
