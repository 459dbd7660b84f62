// The routes about the service itself: health, the model card, and the description of all routes.

#include <memory>
#include <optional>
#include <utility>

#include "api/metrics.h"
#include "api/routes.h"
#include "base/json_writer.h"
#include "http/negotiate.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Service";
constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

Response alive(const Request& /*request*/) {
  Response response = Response::json(R"({"status":"alive"})");
  response.with("cache-control", "no-store");
  return response;
}

void write_loading(JsonWriter& json, const State& state) {
  json.member("step", state.step());
  const hub::FetchState download = state.download();
  if (download.files_total > 0) {
    json.key("download").begin_object();
    json.member("files_done", download.files_done).member("files_total", download.files_total);
    json.member("bytes_done", download.bytes_done).member("bytes_total", download.bytes_total);
    json.member("bytes_per_second", download.bytes_per_second).end_object();
  }
  const AssetStatus status = state.status();
  // What goes wrong now before what went wrong last time.
  const std::string& problem = download.trouble.empty() ? status.problem : download.trouble;
  if (!problem.empty()) json.member("problem", problem);
  if (status.refusal) json.member("refused", status.refusal->reason);
}

void write_time(JsonWriter& json, std::string_view name,
                const std::optional<AssetStatus::Time>& time) {
  json.key(name);
  if (time && *time != AssetStatus::Time{}) {
    json.string(iso8601_utc(*time));
  } else {
    json.null();
  }
}

void write_confirmed(JsonWriter& json, std::string_view name,
                     const std::optional<HubOrigin>& origin) {
  if (!origin) return;
  json.key(name).begin_object().member("offline", origin->offline);
  write_time(json, "confirmed_at", origin->confirmed_at);
  json.end_object();
}

/// How keeping the assets fresh goes.
void write_updates(JsonWriter& json, const AssetStatus& status) {
  json.key("updates").begin_object().member("follows_hub", status.follows);
  write_confirmed(json, "model", status.model);
  write_confirmed(json, "data", status.data);
  write_time(json, "checked_at", status.checked_at);
  json.key("problem");
  if (status.problem.empty()) {
    json.null();
  } else {
    json.string(status.problem);
  }
  json.key("refused");
  if (status.refusal) {
    json.begin_object().member("version", status.refusal->version);
    json.member("reason", status.refusal->reason);
    write_time(json, "at", status.refusal->at);
    write_time(json, "retry_at", status.refusal->retry_at);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

Response readiness(const State& state) {
  const ServedPtr served = state.served();
  const bool ready = served != nullptr && !state.stopping();
  JsonWriter json;
  const char* const otherwise = state.stopping() ? "stopping" : "loading";
  json.begin_object().member("status", ready ? "ready" : otherwise);
  if (ready) {
    json.member("version", served->assets().version());
  } else {
    write_loading(json, state);
  }
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
  route.role = Role::kNobody;
  return route;
}

/// A handler that always gives the same text.
http::Handler constant(std::string text, const char* content_type) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return [owner, content_type, etag = http::weak_etag(*owner)](const Request& /*request*/) {
    Response response = Response::shared(owner, *owner, content_type);
    response.with("cache-control", "no-cache").with("etag", etag);
    return response;
  };
}

}  // namespace

void add_system_routes(RouteTable& table, const State& state, const Actions& actions) {
  RouteSpec livez = system_route("/livez", "livez", "The process answers", alive);
  livez.answers = {{200, "Always", "application/json",
                    R"({"type":"object","properties":{"status":{"const":"alive"}}})"}};
  table.push_back(std::move(livez));

  RouteSpec readyz =
      system_route("/readyz", "readyz", "Model and applicants are loaded",
                   [&state](const Request& /*request*/) { return readiness(state); });
  readyz.answers = {{200, "Ready; version tells what is served from what was served before",
                     "application/json", R"({"$ref":"#/components/schemas/Ready"})"},
                    {503, "Still loading; step says what, and download how far it is",
                     "application/json", R"({"$ref":"#/components/schemas/Loading"})"}};
  table.push_back(std::move(readyz));

  RouteSpec metrics = system_route("/metrics", "metrics", "The state of the service for Prometheus",
                                   [&state, &actions](const Request& /*request*/) {
                                     Response response =
                                         Response::text(metrics_text(state, actions));
                                     response.headers = {{"content-type", kMetricsType}};
                                     response.with("cache-control", "no-store");
                                     return response;
                                   });
  metrics.cost = http::Cost::kWorker;
  metrics.role = Role::kReader;
  metrics.answers = {{200, "Text exposition format", "text/plain", {}}};
  table.push_back(std::move(metrics));

  RouteSpec card =
      system_route("/api/v1/model", "get_model_card", "The model card",
                   with_assets(state, [&state](const Request& /*request*/, const Assets& assets) {
                     JsonWriter json;
                     json.begin_object();
                     assets.write_model_card(json);
                     write_updates(json, state.status());
                     json.end_object();
                     Response response = Response::json(json.take());
                     response.with("cache-control", "no-cache");
                     http::add_etag(response);
                     return response;
                   }));
  card.description =
      "Which model and which data are served, how contributions are computed, and how they compare "
      "with a shipped file.";
  card.cost = http::Cost::kWorker;
  card.role = Role::kReader;
  card.answers = {
      {200, "The card", "application/json", R"({"$ref":"#/components/schemas/ModelCard"})"},
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
