#include <array>

#include "api/route_table.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace clairscore::api {

namespace {

constexpr const char* kDescription =
    "Scores and explains the applicants of a credit model. The model advises; a person decides.";

/// The two error bodies, as FastAPI shapes them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kSchemas = {{
    {"Detail",
     R"({"type":"object","required":["detail"],"properties":{"detail":{"type":"string"}}})"},
    {"ValidationError",
     R"({"type":"object","required":["detail"],"properties":{"detail":{"type":"array",)"
     R"("items":{"type":"object","required":["type","loc","msg","input"],"properties":{)"
     R"("type":{"type":"string"},"loc":{"type":"array","items":{"type":"string"}},)"
     R"("msg":{"type":"string"},"input":{"type":["string","null"]},"ctx":{"type":"object"}}}}}})"},
}};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void write_parameters(JsonWriter& json, const RouteSpec& route) {
  if (route.parameters.empty()) return;
  json.key("parameters").begin_array();
  for (const Parameter& parameter : route.parameters) {
    json.begin_object().member("name", parameter.name);
    json.member("in", parameter.in == Parameter::In::kPath ? "path" : "query");
    json.member("required", parameter.required).member("description", parameter.description);
    json.key("schema").raw(parameter.schema);
    if (!parameter.example.empty()) json.key("example").raw(parameter.example);
    json.end_object();
  }
  json.end_array();
}

void write_request_body(JsonWriter& json, const RouteSpec& route) {
  if (route.bodies.empty()) return;
  json.key("requestBody").begin_object().member("required", true).key("content").begin_object();
  for (const RequestBody& body : route.bodies) {
    json.key(body.content_type).begin_object();
    if (!body.schema.empty()) json.key("schema").raw(body.schema);
    if (!body.example.empty()) json.key("example").raw(body.example);
    json.end_object();
  }
  json.end_object().end_object();
}

void write_answers(JsonWriter& json, const RouteSpec& route) {
  json.key("responses").begin_object();
  for (const Answer& answer : route.answers) {
    json.key(std::to_string(answer.status)).begin_object();
    json.member("description", answer.description);
    if (!answer.content_type.empty()) {
      json.key("content").begin_object().key(answer.content_type).begin_object();
      if (!answer.schema.empty()) json.key("schema").raw(answer.schema);
      json.end_object().end_object();
    }
    json.end_object();
  }
  json.end_object();
}

void write_operation(JsonWriter& json, const RouteSpec& route) {
  json.key(lower(route.method)).begin_object();
  json.member("operationId", route.operation_id).member("summary", route.summary);
  if (!route.description.empty()) json.member("description", route.description);
  json.key("tags").begin_array().string(route.tag).end_array();
  write_parameters(json, route);
  write_request_body(json, route);
  write_answers(json, route);
  json.end_object();
}

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> component_schemas() {
  return kSchemas;
}

std::string openapi_json(const RouteTable& table) {
  JsonWriter json;
  json.begin_object().member("openapi", "3.1.0").key("info").begin_object();
  json.member("title", "Clairscore").member("version", version());
  json.member("description", kDescription).end_object();
  json.key("paths").begin_object();
  for (std::size_t i = 0; i < table.size(); ++i) {
    bool seen = false;
    for (std::size_t j = 0; j < i; ++j) seen |= table[j].path == table[i].path;
    if (seen) continue;
    json.key(table[i].path).begin_object();
    for (const RouteSpec& route : table) {
      if (route.path == table[i].path) write_operation(json, route);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object().key("schemas").begin_object();
  for (const auto& [name, schema] : kSchemas) json.key(name).raw(schema);
  json.end_object().end_object().end_object();
  return json.take();
}

}  // namespace clairscore::api
