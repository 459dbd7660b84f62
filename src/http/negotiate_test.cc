#include "http/negotiate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/clock.h"

namespace clairscore::http {
namespace {

Request with_header(std::string name, std::string value) {
  Request request;
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

TEST(NegotiateTest, ReadsAcceptEncoding) {
  for (const char* yes : {"gzip", "deflate, gzip;q=0.5", "*", "GZIP", "br ,x-gzip", "gzip ; q=1"}) {
    EXPECT_TRUE(accepts_gzip(with_header("accept-encoding", yes))) << yes;
  }
  for (const char* no : {"", "br", "gzip;q=0", "*;q=0", "*, gzip;q=0", "gzipped", "gzip;q=x"}) {
    EXPECT_FALSE(accepts_gzip(with_header("accept-encoding", no))) << no;
  }
}

TEST(NegotiateTest, CompressesLargeTextForThoseWhoReadIt) {
  const std::string large(kGzipThreshold, 'x');
  const Request gzip_client = with_header("accept-encoding", "gzip");

  Response small = Response::json("{}");
  compress(gzip_client, small);
  EXPECT_EQ(small.body, "{}");
  EXPECT_EQ(small.header("vary"), "");

  Response answer = Response::json(large);
  compress(gzip_client, answer);
  EXPECT_EQ(answer.header("content-encoding"), "gzip");
  EXPECT_EQ(answer.header("vary"), "accept-encoding");
  EXPECT_LT(answer.body.size(), large.size());
  EXPECT_EQ(gunzip(answer.body, large.size()).value(), large);

  Response plain = Response::json(large);
  compress(Request(), plain);
  EXPECT_EQ(plain.body, large);
  EXPECT_EQ(plain.header("vary"), "accept-encoding");

  Response picture = Response::shared(std::make_shared<int>(0), large, "image/png");
  compress(gzip_client, picture);
  EXPECT_EQ(picture.content(), large);
  EXPECT_EQ(picture.header("content-encoding"), "");
}

TEST(NegotiateTest, GunzipKeepsItsLimit) {
  const std::string compressed = gzip(std::string(100'000, 'x'), 9);
  EXPECT_EQ(gunzip(compressed, 99'999).error().code, ErrorCode::kLimit);
  EXPECT_EQ(gunzip(compressed, 100'000).value().size(), 100'000U);
  EXPECT_EQ(gunzip(compressed.substr(0, compressed.size() / 2), 100'000).error().code,
            ErrorCode::kInput);
  EXPECT_EQ(gunzip("not gzip", 10).error().code, ErrorCode::kInput);
}

RC_GTEST_PROP(NegotiateProperty, GunzipUndoesGzip, (const std::string& text)) {
  RC_ASSERT(gunzip(gzip(text, 1), text.size()).value() == text);
  RC_ASSERT(gunzip(gzip(text, 9), text.size()).value() == text);
}

TEST(NegotiateTest, KnowsWhatAClientHas) {
  Response response = Response::text("x");
  response.with("etag", "\"abc\"").with("last-modified", "Sun, 22 Nov 2026 23:19:28 GMT");
  response.with("cache-control", "no-cache");

  for (const char* tag : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"}) {
    const auto answer = not_modified(with_header("if-none-match", tag), response);
    ASSERT_TRUE(answer.has_value()) << tag;
    EXPECT_EQ(answer->status, 304);
    EXPECT_EQ(answer->header("etag"), "\"abc\"");
    EXPECT_EQ(answer->header("cache-control"), "no-cache");
    EXPECT_EQ(answer->header("content-type"), "");
  }
  EXPECT_FALSE(not_modified(with_header("if-none-match", "\"other\""), response).has_value());
  EXPECT_FALSE(not_modified(Request(), response).has_value());

  const auto since = [](const char* date) { return with_header("if-modified-since", date); };
  EXPECT_TRUE(not_modified(since("Sun, 22 Nov 2026 23:19:28 GMT"), response).has_value());
  EXPECT_TRUE(not_modified(since("Mon, 23 Nov 2026 00:00:00 GMT"), response).has_value());
  EXPECT_FALSE(not_modified(since("Sun, 22 Nov 2026 23:19:27 GMT"), response).has_value());
  EXPECT_FALSE(not_modified(since("yesterday"), response).has_value());

  // The tag decides when there are both.
  Request both = with_header("if-none-match", "\"other\"");
  both.headers.emplace_back("if-modified-since", "Mon, 23 Nov 2026 00:00:00 GMT");
  EXPECT_FALSE(not_modified(both, response).has_value());
}

TEST(NegotiateTest, ReadsTheDatesItWrites) {
  const auto second = std::chrono::sys_seconds(std::chrono::seconds(1'795'000'000));
  EXPECT_EQ(parse_http_date(http_date(second)), second);
  for (const char* bad : {"", "Sun, 22 Nov 2026 23:19:28 CET", "Sun, 32 Nov 2026 23:19:28 GMT",
                          "Sun, 22 ovN 2026 23:19:28 GMT", "Sun, 22 Nov 2026 24:19:28 GMT",
                          "Sun, 2x Nov 2026 23:19:28 GMT"}) {
    EXPECT_FALSE(parse_http_date(bad).has_value()) << bad;
  }
}

RC_GTEST_PROP(NegotiateProperty, EveryDateIsReadBack, ()) {
  // Up to 2200: the system clock counts nanoseconds and ends in 2262.
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 7'258'118'400);
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  RC_ASSERT(parse_http_date(http_date(time)) == time);
}

}  // namespace
}  // namespace clairscore::http
