#include "http/trace.h"

#include <gtest/gtest.h>

#include <set>

namespace clairscore::http {
namespace {

constexpr const char* kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, ReadsTheHeaderOfTheRecommendation) {
  const auto context = parse_traceparent(kParent);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id, "00f067aa0ba902b7");
  EXPECT_EQ(context->flags, "01");
  EXPECT_EQ(context->text(), kParent);
}

TEST(TraceTest, RefusesWhatIsNone) {
  const std::string good = kParent;
  EXPECT_FALSE(parse_traceparent(""));
  EXPECT_FALSE(parse_traceparent(good.substr(1)));
  EXPECT_FALSE(parse_traceparent(good + "-x")) << "version 00 has no more";
  EXPECT_TRUE(parse_traceparent("01" + good.substr(2) + "-what later versions add"));
  EXPECT_FALSE(parse_traceparent("01" + good.substr(2) + "x"));
  EXPECT_FALSE(parse_traceparent("ff" + good.substr(2)));
  EXPECT_FALSE(parse_traceparent("00-" + std::string(32, '0') + good.substr(35)));
  EXPECT_FALSE(parse_traceparent(good.substr(0, 36) + std::string(16, '0') + "-01"));
  EXPECT_FALSE(parse_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(parse_traceparent("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"));
}

TEST(TraceTest, OurSpanIsOursInTheCallersTrace) {
  TraceIds ids(1);
  const TraceContext ours = ids.continue_trace(kParent);
  EXPECT_EQ(ours.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_NE(ours.span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(parse_traceparent(ours.text()));
  const TraceContext fresh = ids.continue_trace("nonsense");
  EXPECT_TRUE(parse_traceparent(fresh.text()));
  EXPECT_NE(fresh.trace_id, ours.trace_id);
}

TEST(TraceTest, IdsDoNotRepeat) {
  TraceIds ids(7);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(ids.hex(16));
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(TraceTest, AClientsRequestIdIsPlain) {
  EXPECT_TRUE(is_request_id("b7c1/17:a_b.c-d+e"));
  EXPECT_FALSE(is_request_id(""));
  EXPECT_FALSE(is_request_id("a b"));
  EXPECT_FALSE(is_request_id("a\r\nb"));
  EXPECT_FALSE(is_request_id(std::string(129, 'a')));
}

}  // namespace
}  // namespace clairscore::http
