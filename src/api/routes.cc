#include "api/routes.h"

#include <algorithm>
#include <utility>

#include "api/screen.h"
#include "api/telemetry.h"
#include "base/json_writer.h"
#include "base/version.h"
#include "http/negotiate.h"

extern "C" {
extern const char clairscore_docs_style_begin[];
extern const char clairscore_docs_style_end[];
}

namespace clairscore::api {

namespace {

http::Response docs_style(const http::Request& /*request*/) {
  http::Response response;
  response.body.assign(clairscore_docs_style_begin, clairscore_docs_style_end);
  response.with("content-type", "text/css; charset=utf-8").with("cache-control", "no-cache");
  http::add_etag(response);
  return response;
}

}  // namespace

http::Handler with_served(
    const State& state,
    std::function<http::Response(const http::Request&, const Served&)> handler) {
  return [&state, handler = std::move(handler)](const http::Request& request) {
    const ServedPtr served = state.served();
    if (!served) return http::Response::detail(503, "Service is unavailable.");
    return handler(request, *served);
  };
}

http::Handler with_assets(
    const State& state,
    std::function<http::Response(const http::Request&, const Assets&)> handler) {
  return with_served(
      state, [handler = std::move(handler)](const http::Request& request, const Served& served) {
        return handler(request, served.assets());
      });
}

void count_scores(const Actions& actions, std::span<const Score> scores) {
  if (actions.telemetry != nullptr) actions.telemetry->scored(scores);
}

std::string snapshot_etag(const Assets& assets, std::string_view name) {
  std::string text(version());
  text.append(1, '\0').append(assets.version()).append(1, '\0').append(name);
  return http::weak_etag(text);
}

std::runtime_error internal_error(std::string_view what, const Error& error) {
  return std::runtime_error(std::string(what) + ": " + to_string(error));
}

Answer service_unavailable() {
  return {503, "Model and applicants are not loaded yet", "application/json",
          R"({"$ref":"#/components/schemas/Detail"})"};
}

Answer validation_error() {
  return {422, "A parameter is missing or malformed", "application/json",
          R"({"$ref":"#/components/schemas/ValidationError"})"};
}

http::Response unprocessable(const std::vector<Invalid>& errors) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array();
  for (const Invalid& error : errors) {
    json.begin_object().member("type", error.type);
    json.key("loc").begin_array().string(error.in).string(error.name).end_array();
    json.member("msg", error.message).key("input");
    if (error.input) {
      json.string(*error.input);
    } else {
      json.null();
    }
    if (!error.context.empty()) json.key("ctx").raw(error.context);
    json.end_object();
  }
  json.end_array().end_object();
  return http::Response::json(json.take(), 422);
}

namespace {

void add_answer(RouteSpec& route, int status, const char* description) {
  if (std::ranges::find(route.answers, status, &Answer::status) != route.answers.end()) return;
  route.answers.push_back(
      {status, description, "application/json", R"({"$ref":"#/components/schemas/Detail"})"});
}

/// What callers may be told before a route's handler is asked.
void describe_refusals(RouteTable& table, const Access& access) {
  for (RouteSpec& route : table) {
    if (!route.parameters.empty()) add_answer(route, 414, "The address is too long");
    if (route.cost == http::Cost::kWorker) add_answer(route, 503, "Too many requests are waiting");
    if (!access.restricts(route.role)) continue;
    route.takes_token = access.takes_tokens();
    if (route.takes_token) add_answer(route, 401, "No token, or an unknown one");
    add_answer(route, 403,
               route.takes_token ? "A token for less" : "The call did not come through the proxy");
  }
}

}  // namespace

RouteTable make_routes(const State& state, const Clock& clock, const Actions& actions) {
  RouteTable table;
  add_customer_routes(table, state, clock);
  add_feature_routes(table, state);
  add_product_routes(table, state);
  add_portfolio_routes(table, state);
  add_system_routes(table, state, actions);
  add_application_routes(table, state, actions);
  add_mlflow_routes(table, state, actions);
  add_inference_routes(table, state, actions);
  add_update_routes(table, state, actions);
  describe_refusals(table, actions.access);
  add_description_routes(table);
  return table;
}

std::shared_ptr<const http::Router> make_router(const State& state, const Clock& clock,
                                                const Actions& actions, bool screen) {
  auto router = std::make_shared<http::Router>();
  for (RouteSpec& route : make_routes(state, clock, actions)) {
    router->add({std::move(route.method), std::move(route.path), route.cost,
                 actions.access.guard(route.role, std::move(route.handler)), route.body_bytes,
                 std::move(route.quick)});
  }
  router->add({"GET", "/docs/style.css", http::Cost::kInline, docs_style});
  if (screen) add_screen_routes(*router, state, actions.access.restricts());
  return router;
}

http::Fields security_headers() {
  return {
      {"content-security-policy",
       "default-src 'self'; img-src 'self' blob:; base-uri 'none'; object-src 'none'; form-action "
       "'self'; "
       "frame-ancestors 'self' https://huggingface.co https://*.hf.space"},
      {"x-content-type-options", "nosniff"},
      {"referrer-policy", "no-referrer"},
  };
}

}  // namespace clairscore::api
