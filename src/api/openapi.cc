#include <algorithm>
#include <array>

#include "api/route_table.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace clairscore::api {

namespace {

constexpr const char* kTokenScheme = "token";
constexpr const char* kDescription =
    "Scores and explains the applicants of a credit model. The model advises; a person decides.";

/// The two error bodies, as FastAPI shapes them, and what the product answers; the screen's types
/// are made from these (web/scripts/api-types.mjs).
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kSchemas = {{
    {"Detail",
     R"({"type":"object","required":["detail"],"properties":{"detail":{"type":"string"}}})"},
    {"ValidationError",
     R"({"type":"object","required":["detail"],"properties":{"detail":{"type":"array",)"
     R"("items":{"type":"object","required":["type","loc","msg","input"],"properties":{)"
     R"("type":{"type":"string"},"loc":{"type":"array","items":{"type":"string"}},)"
     R"("msg":{"type":"string"},"input":{"type":["string","null"]},"ctx":{"type":"object"}}}}}})"},
    {"Words", R"({"type":"object","required":["fr","en"],"properties":{"fr":{"type":"string"},)"
              R"("en":{"type":"string"}}})"},
    {"CustomerLine",
     R"({"type":"object","required":["id","points","decision","review"],)"
     R"("properties":{"id":{"type":["integer","string"]},"points":{"type":"integer"},)"
     R"("decision":{"type":"string","enum":["accepted","refused"]},"review":{"type":"boolean"}}})"},
    {"CustomerList",
     R"({"type":"object","required":["total"],"properties":{"total":{"type":"integer"},)"
     R"("offset":{"type":"integer"},"customers":{"type":"array",)"
     R"("items":{"$ref":"#/components/schemas/CustomerLine"}},"customer_ids":{"type":"array",)"
     R"("items":{"type":["integer","string"]}}}})"},
    {"Reason", R"({"type":"object","required":["input","points","exact_points"],)"
               R"("properties":{"input":{"type":"string"},"points":{"type":"integer"},)"
               R"("exact_points":{"type":"number"}}})"},
    {"Customer",
     R"({"type":"object","required":["id","points","decision","review","score","reasons",)"
     R"("base_points","shared_points","inputs","similar","provenance"],)"
     R"("properties":{"id":{"type":["integer","string"]},"points":{"type":"integer"},)"
     R"("decision":{"type":"string","enum":["accepted","refused"]},"review":{"type":"boolean"},)"
     R"("score":{"type":"object","required":["raw","probability_pos","threshold","points",)"
     R"("threshold_points","review_zone","scale","points_per_unit"],)"
     R"("properties":{"raw":{"type":"number"},"probability_pos":{"type":"number"},)"
     R"("threshold":{"type":"number"},"points":{"type":"number"},)"
     R"("threshold_points":{"type":"number"},"review_zone":{"type":"number"},)"
     R"("scale":{"type":"string","enum":["log-odds","probability"]},)"
     R"("points_per_unit":{"type":"number"}}},"reasons":{"type":"object","required":["base",)"
     R"("against","favour","others","score","to_review","strongest"],)"
     R"("properties":{"base":{"type":"integer"},)"
     R"("against":{"type":"array","items":{"$ref":"#/components/schemas/Reason"}},)"
     R"("favour":{"type":"array","items":{"$ref":"#/components/schemas/Reason"}},)"
     R"("others":{"type":"integer"},"score":{"type":"integer"},"to_review":{"type":"boolean"},)"
     R"("strongest":{"type":["string","null"]}}},)"
     R"("base_points":{"type":"number"},"shared_points":{"type":"number"},)"
     R"("inputs":{"type":"array","items":{"type":"object","required":["input","value",)"
     R"("reference","points"],"properties":{"input":{"type":"string"},"value":{"type":["number",)"
     R"("string","null"]},"reference":{"type":["number","string","null"]},)"
     R"("points":{"type":"number"}}}},"similar":{"oneOf":[{"type":"array",)"
     R"("items":{"type":"object","required":["id","points","decision","review","distance",)"
     R"("differs_in","value"],"properties":{"id":{"type":["integer","string"]},)"
     R"("points":{"type":"integer"},"decision":{"type":"string","enum":["accepted","refused"]},)"
     R"("review":{"type":"boolean"},"distance":{"type":"number"},"differs_in":{"type":"string"},)"
     R"("value":{"type":["number","string","null"]}}}},{"type":"null"}]},)"
     R"("provenance":{"type":"object","required":["version","model_sha256","model_commit",)"
     R"("data_commit","data_committed_at","data_sha256","loaded_at","explanations"],)"
     R"("properties":{"version":{"type":"string"},"model_sha256":{"type":"string"},)"
     R"("model_commit":{"type":["string","null"]},"data_commit":{"type":["string","null"]},)"
     R"("data_committed_at":{"type":["string","null"],"description":"When that commit was made, where the Hub has said so"},)"
     R"("data_sha256":{"type":["string","null"],"description":"Of the file, where the data come from no repository; null until it is computed"},)"
     R"("loaded_at":{"type":"string"},"explanations":{"type":"string","enum":["live","file"]}}}}})"},
    {"InputWords",
     R"({"type":"object","required":["label","format","direction","definition","review",)"
     R"("changeable","low","high","missing","values"],)"
     R"("properties":{"label":{"$ref":"#/components/schemas/Words"},"format":{"type":"string",)"
     R"("enum":["number","count","money","money_a_year","share","score","days","years","hour","text"]},)"
     R"("direction":{"type":"string","enum":["none","higher_is_better","lower_is_better"]},)"
     R"("definition":{"$ref":"#/components/schemas/Words"},"review":{"type":"string",)"
     R"("enum":["none","protected","unrelated"]},"changeable":{"type":"boolean"},)"
     R"("low":{"oneOf":[{"$ref":"#/components/schemas/Words"},{"type":"null"}]},)"
     R"("high":{"oneOf":[{"$ref":"#/components/schemas/Words"},{"type":"null"}]},)"
     R"("missing":{"oneOf":[{"$ref":"#/components/schemas/Words"},{"type":"null"}]},)"
     R"("values":{"type":"object",)"
     R"("additionalProperties":{"$ref":"#/components/schemas/Words"}}}})"},
    {"Dictionary",
     R"({"type":"object","required":["name","request","values","inputs"],"properties":{)"
     R"("name":{"type":"string"},"request":{"type":"array","items":{"type":"string"}},"values":{"type":"object",)"
     R"("additionalProperties":{"$ref":"#/components/schemas/Words"}},"inputs":{"type":"object",)"
     R"("additionalProperties":{"$ref":"#/components/schemas/InputWords"}}}})"},
    {"InputDistribution",
     R"({"type":"object","required":["input","total","accepted","kind","missing"],)"
     R"("properties":{"input":{"type":"string"},"total":{"type":"integer"},)"
     R"("accepted":{"type":"integer"},"kind":{"type":"string","enum":["numbers","texts"]},)"
     R"("missing":{"type":"integer"},"below":{"type":"integer"},"above":{"type":"integer"},)"
     R"("minimum":{"type":"number"},"maximum":{"type":"number"},"edges":{"type":"array",)"
     R"("items":{"type":"number"}},"counts":{"type":"array","items":{"type":"integer"}},)"
     R"("accepted_counts":{"type":"array","items":{"type":"integer"}},)"
     R"("percentiles":{"type":"array","items":{"type":"number"}},)"
     R"("accepted_percentiles":{"type":"array","items":{"type":"number"}},)"
     R"("categories":{"type":"array","items":{"type":"object","required":["value","count",)"
     R"("accepted"],"properties":{"value":{"type":"string"},"count":{"type":"integer"},)"
     R"("accepted":{"type":"integer"}}}}}})"},
    {"InputDependence", R"({"type":"object","required":["input","total","values","points"],)"
                        R"("properties":{"input":{"type":"string"},"total":{"type":"integer"},)"
                        R"("values":{"type":"array","items":{"type":["number","string","null"]}},)"
                        R"("points":{"type":"array","items":{"type":"number"}}}})"},
    {"Importance",
     R"({"type":"object","required":["total","customers","inputs"],)"
     R"("properties":{"total":{"type":"integer"},"customers":{"type":"array",)"
     R"("items":{"type":["integer","string"]}},"inputs":{"type":"array",)"
     R"("items":{"type":"object","required":["input","mean_points"],)"
     R"("properties":{"input":{"type":"string"},"mean_points":{"type":"number"},)"
     R"("points":{"type":"array","items":{"type":"number"}},"places":{"type":"array",)"
     R"("items":{"type":["number","null"]}}}}}}})"},
    {"HubOrigin",
     R"({"type":"object","required":["repository","revision","commit","committed_at",)"
     R"("pinned"],"properties":{"repository":{"type":"string"},"revision":{"type":"string"},)"
     R"("commit":{"type":"string"},"committed_at":{"type":["string","null"],"description":"When the commit was made, where the Hub has said so"},)"
     R"("pinned":{"type":"boolean"}}})"},
    {"ModelCard",
     R"({"type":"object","required":["clairscore","version","model","model_origin",)"
     R"("threshold","threshold_from_model","data","data_origin","points","dictionary",)"
     R"("features","main_features","plottable","protected_inputs","explanations",)"
     R"("global_importance","updates"],"properties":{"clairscore":{"type":"string"},)"
     R"("version":{"type":"string","description":"Changes when other assets are served"},)"
     R"("model":{"type":"object","required":["path","file","sha256","size_bytes",)"
     R"("flavor","library_version","mlflow_version","python_version","serialization_format",)"
     R"("run_id","model_uuid","utc_time_created","estimator","classes","steps",)"
     R"("inputs"],"properties":{"path":{"type":"string"},"file":{"type":"string"},)"
     R"("sha256":{"type":"string"},"size_bytes":{"type":"integer"},"flavor":{"type":"string"},)"
     R"("library_version":{"type":"string"},"mlflow_version":{"type":"string"},)"
     R"("python_version":{"type":"string"},"serialization_format":{"type":"string"},)"
     R"("run_id":{"type":"string"},"model_uuid":{"type":"string"},"utc_time_created":{"type":"string"},)"
     R"("estimator":{"type":"string"},"classes":{"type":"array","items":{"type":"string"}},)"
     R"("steps":{"type":"array","items":{"type":"string"}},"inputs":{"type":"array",)"
     R"("items":{"type":"object","required":["name","type","required"],"properties":{"name":{"type":"string"},)"
     R"("type":{"type":"string"},"required":{"type":"boolean"}}}}}},"model_origin":{"oneOf":[{"$ref":"#/components/schemas/HubOrigin"},)"
     R"({"type":"null"}]},"threshold":{"type":"number"},"threshold_from_model":{"type":"boolean"},)"
     R"("data":{"type":"object","required":["sha256","path","rows","identifier",)"
     R"("recipe","loaded_at","skipped_count","skipped"],"properties":{"sha256":{"type":["string",)"
     R"("null"],"description":"Of the file, where the data come from no repository; null until it is computed"},)"
     R"("path":{"type":"string"},"rows":{"type":"integer"},"identifier":{"type":"string"},)"
     R"("recipe":{"type":"string"},"loaded_at":{"type":"string"},"skipped_count":{"type":"integer"},)"
     R"("skipped":{"type":"array","items":{"type":"object","required":["row","identifier",)"
     R"("reason"],"properties":{"row":{"type":"integer"},"identifier":{"type":"string"},)"
     R"("reason":{"type":"string"}}}}}},"data_origin":{"oneOf":[{"$ref":"#/components/schemas/HubOrigin"},)"
     R"({"type":"null"}]},"points":{"type":"object","required":["scale","threshold",)"
     R"("doubling","review_zone"],"properties":{"scale":{"type":"string","enum":["log-odds",)"
     R"("probability"]},"threshold":{"type":"number"},"doubling":{"type":"number"},)"
     R"("review_zone":{"type":"number"}}},"dictionary":{"type":"string"},"features":{"type":"array",)"
     R"("items":{"type":"string"}},"main_features":{"type":"array","items":{"type":"string"}},)"
     R"("plottable":{"type":"array","items":{"type":"string"}},"protected_inputs":{"type":"array",)"
     R"("items":{"type":"string"}},"explanations":{"type":"object","required":["served",)"
     R"("method","scale","shipped_file"],"properties":{"served":{"type":"string",)"
     R"("enum":["live","file"]},"method":{"type":"string"},"scale":{"type":"string",)"
     R"("enum":["log-odds","probability"]},"shipped_file":{"type":"object","required":["parity",)"
     R"("checking","rows_checked","max_difference","warning"],"properties":{"parity":{"type":"string",)"
     R"("enum":["no_file","equal","different","not_additive","unreadable","other_shape"]},)"
     R"("checking":{"type":"boolean"},"rows_checked":{"type":"integer"},"max_difference":{"type":"number"},)"
     R"("warning":{"type":["string","null"]}}}}},"global_importance":{"type":"object",)"
     R"("required":["source"],"properties":{"source":{"type":"string","enum":["shipped",)"
     R"("drawn"]},"rows":{"type":"integer"}}},"updates":{"type":"object"}}})"},
    {"Download",
     R"({"type":"object","required":["files_done","files_total","bytes_done","bytes_total",)"
     R"("bytes_per_second"],"properties":{"files_done":{"type":"integer"},"files_total":{"type":"integer"},)"
     R"("bytes_done":{"type":"integer"},"bytes_total":{"type":"integer"},"bytes_per_second":{"type":"number"}}})"},
    {"Ready",
     R"({"type":"object","required":["status","version"],"properties":{"status":{"type":"string",)"
     R"("enum":["ready"]},"version":{"type":"string"}}})"},
    {"Loading",
     R"({"type":"object","required":["status","step"],"properties":{"status":{"type":"string",)"
     R"("enum":["loading","stopping"]},"step":{"type":"string"},"download":{"$ref":"#/components/schemas/Download"},)"
     R"("problem":{"type":"string","description":"Why it cannot go on at the moment; it goes on trying"},)"
     R"("refused":{"type":"string","description":"Why it does not serve what it was given; it waits for something else"}}})"},
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
  if (route.takes_token) {
    json.key("security").begin_array().begin_object();
    json.key(kTokenScheme).begin_array().end_array().end_object().end_array();
  }
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
  json.end_object();
  if (std::ranges::any_of(table, &RouteSpec::takes_token)) {
    json.key("securitySchemes").begin_object().key(kTokenScheme).begin_object();
    json.member("type", "http").member("scheme", "bearer").end_object().end_object();
  }
  json.end_object().end_object();
  return json.take();
}

}  // namespace clairscore::api
