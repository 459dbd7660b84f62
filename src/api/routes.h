#pragma once

// Every route of the program. The handlers answer from the state's current snapshot; before there
// is one, they answer 503.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "api/actions.h"
#include "api/route_table.h"
#include "api/state.h"
#include "base/clock.h"
#include "http/router.h"

namespace clairscore::api {

/// The API's routes. The references must outlive the table and what is made from it.
RouteTable make_routes(const State& state, const Clock& clock, const Actions& actions);

/// The routes of one port: the API, the style of /docs, and with `screen` the page at / and its
/// files.
std::shared_ptr<const http::Router> make_router(const State& state, const Clock& clock,
                                                const Actions& actions, bool screen);

/// Headers for every answer: what a page may load (what this server gives, nothing inline), who may
/// frame it (Hugging Face shows a Space in a frame), no guessing of types, no referrer.
http::Fields security_headers();

// The parts of make_routes, one a file.
void add_customer_routes(RouteTable& table, const State& state, const Clock& clock);
void add_portfolio_routes(RouteTable& table, const State& state);
void add_product_routes(RouteTable& table, const State& state);
void add_feature_routes(RouteTable& table, const State& state);
void add_system_routes(RouteTable& table, const State& state, const Actions& actions);
void add_application_routes(RouteTable& table, const State& state, const Actions& actions);
void add_mlflow_routes(RouteTable& table, const State& state, const Actions& actions);
void add_inference_routes(RouteTable& table, const State& state, const Actions& actions);
void add_update_routes(RouteTable& table, const State& state, const Actions& actions);
/// Last: /openapi.json and /docs describe the routes that are in the table by then, and themselves.
void add_description_routes(RouteTable& table);

/// A handler that is given the current snapshot, or answers 503 while there is none.
http::Handler with_assets(
    const State& state, std::function<http::Response(const http::Request&, const Assets&)> handler);
http::Handler with_served(
    const State& state, std::function<http::Response(const http::Request&, const Served&)> handler);

/// Counts scores of new applications for the metrics.
void count_scores(const Actions& actions, std::span<const Score> scores);

/// The etag of an answer that is the same while these assets are served.
std::string snapshot_etag(const Assets& assets, std::string_view name);

/// For an error that is none of the client's doing: thrown, it becomes a 500 that says nothing and
/// a line in the log that says `what` and the error.
std::runtime_error internal_error(std::string_view what, const Error& error);

/// Several uses of the same answers.
Answer service_unavailable();
Answer validation_error();

/// One entry of FastAPI's 422 list.
struct Invalid {
  std::string type;
  std::string in;    // "path" or "query"
  std::string name;  // of the parameter
  std::string message;
  std::optional<std::string> input;  // nothing: null
  std::string context;               // a JSON object, or empty
};
http::Response unprocessable(const std::vector<Invalid>& errors);

}  // namespace clairscore::api
