// The routes that make the server look for newer assets or go back to older ones. Both need a
// secret, and are not there when none is set.

#include <utility>

#include "api/routes.h"
#include "api/webhook.h"
#include "base/json_writer.h"
#include "base/secret.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Updates";
constexpr const char* kDetail = R"({"$ref":"#/components/schemas/Detail"})";

Response status(std::string_view text, int code) {
  JsonWriter json;
  json.begin_object().member("status", text).end_object();
  Response response = Response::json(json.take(), code);
  response.with("cache-control", "no-store");
  return response;
}

/// Whether the event may be of what is served; before anything is, of any branch.
bool concerns_us(const WebhookEvent& event, const AssetStatus& status) {
  if (!status.model && !status.data) return event.changes_content();
  return (status.model && event.concerns(*status.model)) ||
         (status.data && event.concerns(*status.data));
}

Response webhook(const Request& request, const State& state, const Actions& actions) {
  if (actions.webhook_secret.empty()) return Response::detail(404, "Not Found");
  const std::string_view presented = request.header("x-webhook-secret");
  if (presented.empty()) return Response::detail(401, "X-Webhook-Secret is missing");
  if (!same_secret(presented, actions.webhook_secret)) {
    return Response::detail(403, "X-Webhook-Secret is wrong");
  }
  const auto event = parse_webhook(request.body);
  if (!event) return Response::detail(422, to_string(event.error()));
  if (!concerns_us(*event, state.status())) return status("ignored", 200);
  actions.look_for_updates();
  return status("looking", 202);
}

Response roll_back(const Request& request, const Actions& actions, bool undo) {
  const std::string& repository = request.path_parameter("repository");
  if (repository != "model" && repository != "data") return Response::detail(404, "Not Found");
  const auto now = actions.roll_back(repository, undo);
  if (!now) {
    const bool none = now.error().code == ErrorCode::kNotFound;
    return Response::detail(none ? 409 : 500, to_string(now.error()));
  }
  JsonWriter json;
  json.begin_object().member("status", "accepted");
  json.member(undo ? "revision" : "commit", *now).end_object();
  Response response = Response::json(json.take(), 202);
  response.with("cache-control", "no-store");
  return response;
}

RouteSpec rollback_route(const Actions& actions, bool undo) {
  RouteSpec route;
  route.method = undo ? "DELETE" : "POST";
  route.path = "/api/v1/hub/{repository}/rollback";
  route.operation_id = undo ? "end_rollback" : "roll_back";
  route.tag = kTag;
  route.summary = undo ? "Follow the branch again" : "Serve the previous good commit";
  route.description =
      undo
          ? "Ends a rollback: the branch that is configured is served again."
          : "The commit that was served well before this one is served until told otherwise. Needs "
            "a token for operators (setting tokens); without one, there is no such route.";
  route.parameters = {{Parameter::In::kPath, "repository", "Which of the two repositories",
                       R"({"type":"string","enum":["model","data"]})", R"("model")"}};
  route.answers = {
      {202, "It will be served as soon as it is loaded", "application/json",
       R"({"type":"object","properties":{"status":{"const":"accepted"}}})"},
      {401, "No token, or an unknown one", "application/json", kDetail},
      {403, "A token for less", "application/json", kDetail},
      {404, "No token is configured, or no such repository", "application/json", kDetail},
      {409, "There is nothing to go back to", "application/json", kDetail}};
  route.role = Role::kOperator;
  route.handler = [&actions, undo](const Request& request) {
    return roll_back(request, actions, undo);
  };
  return route;
}

}  // namespace

void add_update_routes(RouteTable& table, const State& state, const Actions& actions) {
  RouteSpec hook;
  hook.method = "POST";
  hook.path = "/api/v1/hub/webhook";
  hook.operation_id = "hub_webhook";
  hook.tag = kTag;
  hook.summary = "Told by the Hub that a repository changed";
  hook.description =
      "Give this address and the secret of the setting hub_webhook_secret to a webhook of the Hub; "
      "without a secret, there is no such route. The server looks at once, and goes on looking by "
      "itself.";
  hook.cost = http::Cost::kInline;
  hook.answers = {{200, "Nothing of ours changed", "application/json",
                   R"({"type":"object","properties":{"status":{"const":"ignored"}}})"},
                  {202, "The server looks for newer assets", "application/json",
                   R"({"type":"object","properties":{"status":{"const":"looking"}}})"},
                  {401, "No secret", "application/json", kDetail},
                  {403, "Another secret", "application/json", kDetail},
                  {404, "No secret is configured", "application/json", kDetail},
                  {422, "Not what the Hub posts", "application/json", kDetail}};
  hook.role = Role::kNobody;  // it has a secret of its own
  hook.handler = [&state, &actions](const Request& request) {
    return webhook(request, state, actions);
  };
  table.push_back(std::move(hook));
  table.push_back(rollback_route(actions, false));
  table.push_back(rollback_route(actions, true));
}

}  // namespace clairscore::api
