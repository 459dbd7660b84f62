#pragma once

// The routes as one table, from which both the router and the OpenAPI document are made: neither
// can say what the other does not.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/router.h"

namespace clairscore::api {

/// What a caller may do; each may do what those before it may.
enum class Role { kNobody, kReader, kScorer, kOperator };

struct Parameter {
  enum class In { kPath, kQuery };
  In in = In::kPath;
  std::string name;
  std::string description;
  std::string schema;   // JSON: {"type": "integer"}
  std::string example;  // JSON, or empty
  bool required = true;
};

/// What a request may carry, in one content type.
struct RequestBody {
  std::string content_type = "application/json";
  std::string schema;   // JSON; empty: any content of that type
  std::string example;  // JSON
};

/// A possible answer.
struct Answer {
  int status = 200;
  std::string description;
  std::string content_type = "application/json";  // empty: no body
  std::string schema;                             // JSON; empty: any content of that type
};

struct RouteSpec {
  std::string method = "GET";
  std::string path;
  std::string operation_id;
  std::string tag;
  std::string summary;
  std::string description;
  std::vector<Parameter> parameters;
  std::vector<RequestBody> bodies;  // one of them is required; none: no body
  std::vector<Answer> answers;
  http::Cost cost = http::Cost::kWorker;
  std::function<bool()> quick = nullptr;  // as in http::Route
  http::Handler handler;
  Role role = Role::kReader;   // who may call it, where tokens are asked for
  std::size_t body_bytes = 0;  // as in http::Route
  bool takes_token = false;    // described as asking for a bearer token
};

using RouteTable = std::vector<RouteSpec>;

/// OpenAPI 3.1 of every route of the table.
std::string openapi_json(const RouteTable& table);

/// The same for people: one HTML page that needs no script and, but for /docs/style.css, no other
/// file.
std::string docs_html(const RouteTable& table);

/// The schemas that answers refer to as "#/components/schemas/NAME": names and JSON.
std::span<const std::pair<std::string_view, std::string_view>> component_schemas();

}  // namespace clairscore::api
