#pragma once

// From a request to the handler that answers it, with the manners of the original's framework
// (Starlette): routes are tried in the order they were added on the percent-decoded path, a known
// path with another method is a 405 that says what is allowed, a path with a slash too many is
// redirected, all else is a 404; a HEAD is answered wherever a GET is. Immutable once built, then
// safe from any number of threads.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace clairscore::http {

/// Where a handler runs: on the network thread, if it never takes longer than some microseconds,
/// else on the worker pool.
enum class Cost { kInline, kWorker };

/// May throw; what it throws becomes a 500 and a line in the log.
using Handler = std::function<Response(const Request&)>;

struct Route {
  std::string method;  // upper case, not HEAD
  /// "/customer/{customer_id}/score": a segment in braces takes any non-empty segment. Starts with
  /// a slash and, but for "/", does not end in one.
  std::string path;
  Cost cost = Cost::kWorker;
  Handler handler;
  /// Longest body that this route takes; 0: the server's limit.
  std::size_t body_bytes = 0;
  /// While this says true, the handler is quick after all and runs on the network thread. May be
  /// empty; must itself be quick.
  std::function<bool()> quick = nullptr;
};

class Router {
 public:
  /// Throws std::invalid_argument for a path that is not of the form above (a bug of the caller).
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // owned by the router
    Response answer;               // when there is no route: 404, 405 or the redirect
  };
  /// Finds the route of request.method and request.path and fills in request.path_parameters.
  /// A HEAD request becomes a GET here.
  Match match(Request& request) const;

  /// The longest body that a request's route takes; 0 where it has no limit of its own. Matched on
  /// request.method and request.path alone, before there is a body.
  std::size_t body_bytes(const Request& request) const;
  /// The longest of all.
  std::size_t most_body_bytes() const;

 private:
  struct Segment {
    bool is_parameter;
    std::string text;  // the literal, or the parameter's name
  };
  struct Entry {
    Route route;
    std::vector<Segment> segments;
  };
  static bool fits(const Entry& entry, std::string_view path, Fields* parameters);
  bool any_fits(std::string_view path) const;

  std::vector<Entry> entries_;
};

}  // namespace clairscore::http
