// What the server answers.

#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "http/negotiate.h"
#include "http/server_test_util.h"
#include "http/test_client.h"

namespace clairscore::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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

TEST_F(ServerTest, SendsLargeBodiesWhole) {
  const Server server = start();
  Client client(port_);
  client.get("/huge");
  const Answer answer = client.read();
  EXPECT_EQ(answer.body.size(), kHuge);
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
