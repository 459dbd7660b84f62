#include "api/telemetry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace clairscore::api {

namespace {

/// What could be told apart by a client's invention must not grow our memory.
std::string method_name(const std::string& method) {
  static constexpr std::array<std::string_view, 7> kKnown = {"GET",    "HEAD",  "POST",   "PUT",
                                                             "DELETE", "PATCH", "OPTIONS"};
  return std::ranges::find(kKnown, method) == kKnown.end() ? "other" : method;
}

}  // namespace

Telemetry::Telemetry(std::shared_ptr<Log> log, Options options)
    : log_(std::move(log)), options_(std::move(options)) {}

void Telemetry::answered(const http::Exchange& exchange) {
  const double seconds = std::chrono::duration<double>(exchange.duration).count();
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(kDurationBuckets, seconds) -
                                               kDurationBuckets.begin());
  std::string method = method_name(exchange.request.method);
  std::string route(exchange.route.empty() ? "none" : exchange.route);
  {
    const std::lock_guard lock(mutex_);
    RouteCount& count = counts_[{route, method, exchange.status}];
    if (count.route.empty()) {
      count.method = std::move(method);
      count.route = std::move(route);
      count.status = exchange.status;
    }
    ++count.buckets[bucket];
    count.seconds += seconds;
    count.bytes += exchange.bytes;
  }
  // Probes come every second and say nothing.
  const bool probe = exchange.route == "/livez" || exchange.route == "/readyz";
  if (options_.access_log && !probe) log(exchange, seconds);
}

void Telemetry::scored(std::span<const Score> scores) {
  const auto refused = static_cast<std::uint64_t>(std::ranges::count_if(scores, &Score::refused));
  refused_ += refused;
  accepted_ += scores.size() - refused;
}

void Telemetry::log(const http::Exchange& exchange, double seconds) const {
  std::vector<LogField> fields = {
      {"method", exchange.request.method},
      {"route", std::string(exchange.route.empty() ? "none" : exchange.route)},
      {"status", std::to_string(exchange.status), true},
      {"ms", fmt::format("{:.3f}", seconds * 1000), true},
      {"bytes", std::to_string(exchange.bytes), true},
  };
  for (const auto& [name, value] : exchange.request.path_parameters) {
    if (name == "customer_id") fields.push_back({"customer", options_.names.of(value)});
  }
  fields.push_back({"request", exchange.request.id});
  fields.push_back({"traceparent", exchange.request.traceparent});
  log_->write_with(LogLevel::kInfo, "answered", fields);
}

std::vector<RouteCount> Telemetry::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<RouteCount> counts;
  counts.reserve(counts_.size());
  for (const auto& [key, count] : counts_) counts.push_back(count);
  return counts;
}

}  // namespace clairscore::api
