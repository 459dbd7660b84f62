#pragma once

// Every route of the program. The handlers answer from the state's current snapshot; before there
// is one, they answer 503.

#include <memory>

#include "api/route_table.h"
#include "api/state.h"
#include "base/clock.h"
#include "http/router.h"

namespace clairscore::api {

/// The API's routes. `state` and `clock` must outlive the table and what is made from it.
RouteTable make_routes(const State& state, const Clock& clock);

/// The routes of one port: the API, the style of /docs, and with `screen` the page at / and its
/// files.
std::shared_ptr<const http::Router> make_router(const State& state, const Clock& clock,
                                                bool screen);

/// Headers for every answer: what a page may load (what this server gives, nothing inline), who may
/// frame it (Hugging Face shows a Space in a frame), no guessing of types, no referrer.
http::Fields security_headers();

// The parts of make_routes, one a file.
void add_customer_routes(RouteTable& table, const State& state, const Clock& clock);
void add_feature_routes(RouteTable& table, const State& state);
void add_system_routes(RouteTable& table, const State& state);
/// Last: /openapi.json and /docs describe the routes that are in the table by then, and themselves.
void add_description_routes(RouteTable& table);

/// A handler that is given the current snapshot, or answers 503 while there is none.
http::Handler with_assets(
    const State& state, std::function<http::Response(const http::Request&, const Assets&)> handler);

/// Several uses of the same answers.
Answer service_unavailable();
Answer validation_error();

/// One entry of FastAPI's 422 list; input null when it is empty and `is_missing`.
struct Invalid {
  std::string type;
  std::string in;    // "path" or "query"
  std::string name;  // of the parameter
  std::string message;
  std::string input;
  bool input_missing = false;
};
http::Response unprocessable(const std::vector<Invalid>& errors);

}  // namespace clairscore::api
