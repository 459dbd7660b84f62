#include "api/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log_test_util.h"

namespace clairscore::api {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

http::Request request(const std::string& method) {
  http::Request request;
  request.method = method;
  request.path_parameters = {{"customer_id", "100285"}};
  request.id = "abc";
  request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  return request;
}

TEST(TelemetryTest, CountsDurationsByRouteMethodAndStatus) {
  Telemetry telemetry(std::make_shared<MemoryLog>(), {.access_log = false});
  telemetry.answered({request("GET"), "/a/{customer_id}", 200, 10, 100us});
  telemetry.answered({request("GET"), "/a/{customer_id}", 200, 20, 101us});
  telemetry.answered({request("GET"), "/a/{customer_id}", 404, 5, 1ms});
  telemetry.answered({request("BREW"), "", 405, 5, 1h});
  const auto counts = telemetry.counts();
  ASSERT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts[0].buckets[0], 1U) << "100 us is within the first bucket";
  EXPECT_EQ(counts[0].buckets[1], 1U);
  EXPECT_EQ(counts[0].bytes, 30U);
  EXPECT_NEAR(counts[0].seconds, 201e-6, 1e-12);
  EXPECT_EQ(counts[1].status, 404);
  EXPECT_EQ(counts[2].method, "other");
  EXPECT_EQ(counts[2].route, "none");
  EXPECT_EQ(counts[2].buckets.back(), 1U);
}

TEST(TelemetryTest, CountsScoresByAdvice) {
  Telemetry telemetry(std::make_shared<MemoryLog>(), {});
  const std::vector<Score> scores = {{.refused = true}, {.refused = false}, {.refused = false}};
  telemetry.scored(scores);
  telemetry.scored({});
  EXPECT_EQ(telemetry.accepted(), 2U);
  EXPECT_EQ(telemetry.refused(), 1U);
}

TEST(TelemetryTest, IdentifiersAreHashedInTheLogUnlessToldOtherwise) {
  const auto log = std::make_shared<MemoryLog>();
  Telemetry(log, {}).answered({request("GET"), "/a/{customer_id}", 200, 10, 1500us});
  EXPECT_THAT(log->text(),
              AllOf(HasSubstr("answered method=GET route=/a/{customer_id} status=200 ms=1.500"),
                    HasSubstr("customer=hash:"), HasSubstr("request=abc"),
                    HasSubstr("traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-"),
                    Not(HasSubstr("100285"))));
  Telemetry(log, {.names = Pseudonyms(true)}).answered({request("GET"), "/a", 200, 10, 1ms});
  EXPECT_THAT(log->text(), HasSubstr("customer=100285"));
}

}  // namespace
}  // namespace clairscore::api
