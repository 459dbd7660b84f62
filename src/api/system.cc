// The routes about the service itself: health, the model card, and the description of all routes.

#include <memory>
#include <utility>

#include "api/routes.h"
#include "base/json_writer.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Service";

Response alive(const Request& /*request*/) {
  Response response = Response::json(R"({"status":"alive"})");
  response.with("cache-control", "no-store");
  return response;
}

Response readiness(const State& state) {
  const bool ready = state.served() != nullptr;
  JsonWriter json;
  json.begin_object().member("status", ready ? "ready" : "loading");
  if (!ready) json.member("step", state.step());
  json.end_object();
  Response response = Response::json(json.take(), ready ? 200 : 503);
  response.with("cache-control", "no-store");
  if (!ready) response.with("retry-after", "1");
  return response;
}

RouteSpec system_route(std::string path, std::string operation_id, std::string summary,
                       http::Handler handler) {
  RouteSpec route;
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.cost = http::Cost::kInline;
  route.handler = std::move(handler);
  return route;
}

/// A handler that always gives the same text.
http::Handler constant(std::string text, const char* content_type) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return [owner, content_type](const Request& /*request*/) {
    Response response = Response::shared(owner, *owner, content_type);
    response.with("cache-control", "no-cache");
    return response;
  };
}

}  // namespace

void add_system_routes(RouteTable& table, const State& state) {
  RouteSpec livez = system_route("/livez", "livez", "The process answers", alive);
  livez.answers = {{200, "Always", "application/json",
                    R"({"type":"object","properties":{"status":{"const":"alive"}}})"}};
  table.push_back(std::move(livez));

  RouteSpec readyz =
      system_route("/readyz", "readyz", "Model and applicants are loaded",
                   [&state](const Request& /*request*/) { return readiness(state); });
  readyz.answers = {
      {200, "Ready", "application/json",
       R"({"type":"object","properties":{"status":{"const":"ready"}}})"},
      {503, "Still loading; step says what", "application/json",
       R"({"type":"object","properties":{"status":{"const":"loading"},"step":{"type":"string"}}})"}};
  table.push_back(std::move(readyz));

  RouteSpec card =
      system_route("/api/v1/model", "get_model_card", "The model card",
                   with_assets(state, [](const Request& /*request*/, const Assets& assets) {
                     Response response = Response::json(assets.model_card_json());
                     response.with("cache-control", "no-cache");
                     return response;
                   }));
  card.description =
      "Which model and which data are served, how contributions are computed, and how they compare "
      "with a shipped file.";
  card.cost = http::Cost::kWorker;
  card.answers = {{200, "The card", "application/json", R"({"type":"object"})"},
                  service_unavailable()};
  table.push_back(std::move(card));
}

void add_description_routes(RouteTable& table) {
  RouteSpec openapi = system_route("/openapi.json", "get_openapi",
                                   "This description, made from the route table", nullptr);
  openapi.answers = {{200, "OpenAPI 3.1", "application/json", R"({"type":"object"})"}};
  RouteSpec docs = system_route("/docs", "get_docs", "This description, to be read", nullptr);
  docs.description = "Needs no network and no script.";
  docs.answers = {{200, "A page", "text/html", {}}};
  RouteSpec redoc =
      system_route("/redoc", "get_redoc", "The other address of /docs",
                   [](const Request& /*request*/) { return Response::redirect("/docs"); });
  redoc.answers = {{307, "Leads to /docs", {}, {}}};

  const std::size_t first = table.size();
  table.push_back(std::move(openapi));
  table.push_back(std::move(docs));
  table.push_back(std::move(redoc));
  table[first].handler = constant(openapi_json(table), "application/json");
  table[first + 1].handler = constant(docs_html(table), "text/html; charset=utf-8");
}

}  // namespace clairscore::api
