#pragma once

// Cross-origin resource sharing (the Fetch standard): whether pages of other origins may read
// answers in a browser. Off unless origins are named. Immutable once built, safe from any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/message.h"

namespace clairscore::http {

class Cors {
 public:
  /// No other origin.
  Cors() = default;
  /// `origins`: "https://a.example, http://localhost:3000", or "*" for all; empty: none. Error
  /// kUsage: what is neither "*" nor an origin.
  static Result<Cors> build(std::string_view origins);

  /// The answer to a question of a browser whether it may ask; nothing for other requests.
  std::optional<Response> preflight(const Request& request) const;
  /// Says in an answer to such an origin that its page may read it. Credentials are never allowed:
  /// a page sends its token itself.
  void allow(const Request& request, Response& response) const;

 private:
  bool allows(std::string_view origin) const;

  bool all_ = false;
  std::vector<std::string> origins_;
};

}  // namespace clairscore::http
