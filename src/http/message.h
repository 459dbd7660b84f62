#pragma once

// Requests and responses as the routes see them, free of any server library.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clairscore::http {

struct Request {
  std::string method;  // "GET"; HEAD requests reach handlers as GET
  std::string target;  // as sent
  std::string path;    // percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::map<std::string, std::string, std::less<>> path_parameters;  // from the route's {names}

  /// The last value of a query parameter (as FastAPI takes it), or nullptr.
  const std::string* query_value(std::string_view name) const;
  /// The first header of that lower-case name, or empty.
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // content-type among them
  std::string body;
  /// When set, sent instead of `body` without a copy.
  std::shared_ptr<const void> shared_owner;
  std::string_view shared_body;

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
  /// {"detail": detail} as FastAPI writes it.
  static Response detail(int status, std::string_view detail);
};

}  // namespace clairscore::http
