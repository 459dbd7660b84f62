#pragma once

// Requests and responses as the routes see them, free of any server library. Values: one thread at
// a time.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace clairscore::http {

/// Names and values in the order they came.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;       // "GET"; HEAD requests reach handlers as GET
  std::string target;       // as sent: path and query, still encoded
  std::string path;         // percent-decoded, without the query
  std::string raw_query;    // what follows the first '?', as sent
  Fields query;             // decoded, in order
  Fields headers;           // names in lower case
  std::string body;         // no longer than the server's limit
  Fields path_parameters;   // from the route's {names}, decoded
  std::string id;           // the client's x-request-id where it is plain, else made up
  std::string traceparent;  // our span in the caller's trace, or in a new one (http/trace.h)

  /// The last value of a query parameter (as FastAPI takes it), or nullptr.
  const std::string* query_value(std::string_view name) const;
  /// The first header of that lower-case name, or empty.
  std::string_view header(std::string_view name) const;
  /// A path parameter of the route. The route's template must have it (std::out_of_range).
  const std::string& path_parameter(std::string_view name) const;
};

/// A body that is made while it is sent: each call gives its next piece, and an empty one is the
/// end. Called by one worker after another, not before the piece before has been taken by the
/// client; what it throws cuts the answer off.
using BodyPieces = std::function<std::string()>;

struct Response {
  int status = 200;
  Fields headers;  // content-type among them; not content-length, date or connection
  std::string body;
  /// When set, `shared_body` is sent instead of `body`, without a copy; the owner keeps it alive.
  std::shared_ptr<const void> shared_owner;
  std::string_view shared_body;
  /// When set, it makes the body: of any length, in constant memory.
  BodyPieces pieces = nullptr;

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
  /// {"detail": detail} as FastAPI writes it.
  static Response detail(int status, std::string_view detail);
  /// No body: 307 to `location`.
  static Response redirect(std::string location);
  /// A body that stays where it is.
  static Response shared(std::shared_ptr<const void> owner, std::string_view body,
                         std::string_view content_type);

  Response& with(std::string_view name, std::string_view value);  // appends a header
  std::string_view content() const { return shared_owner ? shared_body : std::string_view(body); }
  /// The first header of that lower-case name, or empty.
  std::string_view header(std::string_view name) const;
};

/// Splits a request target into path, raw_query and query and decodes them, as Starlette does: a
/// broken percent sequence stays as it is, '+' means a space in the query only, a parameter without
/// '=' is empty. The scheme and host of an absolute target ("http://host/path") are left out.
/// Error kInput: neither a path nor such a target.
Result<void> set_target(Request& request, std::string_view target);

std::string percent_decode(std::string_view text, bool plus_is_space);
/// Encodes what may not stand in a path; '/' stays.
std::string percent_encode_path(std::string_view path);

}  // namespace clairscore::http
