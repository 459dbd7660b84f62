#pragma once

// Who is told of every answer: for metrics and the access log.

#include <chrono>
#include <cstddef>
#include <string_view>

#include "http/message.h"

namespace clairscore::http {

struct Exchange {
  const Request& request;  // with the path parameters that the handler saw; its body is gone
  std::string_view route;  // the route's template, "/customer/{customer_id}/score"; empty: none
  int status = 0;
  std::size_t bytes = 0;                         // of the body that was sent
  std::chrono::steady_clock::duration duration;  // from the first byte read to the last one sent
};

/// Called on the network thread once an answer has been sent: must be quick and must not throw.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;
  virtual void answered(const Exchange& exchange) = 0;
};

}  // namespace clairscore::http
