// The routes about one applicant: the original's five, and the inputs as prepared.

#include <fmt/format.h>

#include <charconv>

#include "api/customer_answers.h"
#include "api/path_integer.h"
#include "api/routes.h"
#include "base/json_writer.h"
#include "http/negotiate.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Applicants";

constexpr const char* kScoreSchema =
    R"({"type":"object","required":["probability_pos","threshold","decision"],"properties":{)"
    R"("probability_pos":{"type":"number","description":"Probability of the positive class by the model; not a probability of default"},)"
    R"("threshold":{"type":"number"},)"
    R"("decision":{"type":"string","enum":["accepted","refused"],"description":"What the model advises; a person decides"}}})";
constexpr const char* kInputsSchema =
    R"({"type":"object","additionalProperties":{"type":["number","string","null"]}})";
constexpr const char* kShapSchema =
    R"({"type":"object","required":["base_value","values","feature_names"],"properties":{)"
    R"("base_value":{"type":"number"},"values":{"type":"array","items":{"type":"number"}},)"
    R"("feature_names":{"type":"array","items":{"type":"string"}}}})";

Response not_found(std::string_view id) {
  return Response::detail(404, fmt::format("Customer ID {} not found.", id));
}

void write_score(JsonWriter& json, const Assets& assets, std::size_t row) {
  const Score score = assets.score(row);
  json.begin_object().member("probability_pos", score.probability_pos);
  json.member("threshold", assets.model().threshold);
  json.member("decision", decision_text(score)).end_object();
}

void write_main_features(JsonWriter& json, const Assets& assets, std::size_t row) {
  json.begin_object();
  for (const std::string& name : assets.main_features()) {
    json.key(name);
    write_value(json, *assets.data().inputs().find(name), row);
  }
  json.end_object();
}

void write_shap(JsonWriter& json, const Served& served, std::size_t row) {
  const auto explanation = served.assets().explain(row);
  if (!explanation) throw internal_error("explanation", explanation.error());
  json.begin_object().member("base_value", explanation->base_value);
  json.key("values").numbers(explanation->values);
  json.key("feature_names").raw(served.feature_names_json()).end_object();
}

Response customers(const Request& request, const Served& served) {
  const auto text = served.customers();
  const bool compressed = !text->gzip.empty() && http::accepts_gzip(request);
  Response response =
      Response::shared(text, compressed ? text->gzip : text->json, "application/json");
  response.with("cache-control", kPersonal).with("etag", text->etag);
  if (!text->gzip.empty()) response.with("vary", "accept-encoding");
  if (compressed) response.with("content-encoding", "gzip");
  return response;
}

Response score(const Request& request, const Assets& assets) {
  return for_customer(request, assets, [&](std::size_t row) {
    JsonWriter json;
    write_score(json, assets, row);
    return personal(json.take());
  });
}

Response features(const Request& request, const Assets& assets) {
  return for_customer(request, assets, [&](std::size_t row) {
    JsonWriter json;
    write_main_features(json, assets, row);
    return personal(json.take());
  });
}

Response shap(const Request& request, const Served& served) {
  return for_customer(request, served.assets(), [&](std::size_t row) {
    JsonWriter json;
    write_shap(json, served, row);
    return personal(json.take());
  });
}

Response dashboard(const Request& request, const Served& served, const Clock& clock) {
  const Assets& assets = served.assets();
  return for_customer(request, assets, [&](std::size_t row) {
    JsonWriter json;
    json.begin_object().key("score");
    write_score(json, assets, row);
    json.key("features");
    write_main_features(json, assets, row);
    json.key("shap");
    write_shap(json, served, row);
    json.key("metadata").begin_object();
    json.member("timestamp", iso8601_utc(clock.now())).end_object().end_object();
    // Another answer each time: a tag would never be met again.
    Response response = Response::json(json.take());
    response.with("cache-control", kPersonal);
    return response;
  });
}

Response inputs(const Request& request, const Assets& assets) {
  return for_customer(request, assets, [&](std::size_t row) {
    JsonWriter json;
    json.begin_object().key("inputs").begin_object();
    for (const Column& column : assets.data().inputs().columns()) {
      json.key(column.name());
      write_value(json, column, row);
    }
    json.end_object().end_object();
    return personal(json.take());
  });
}

Answer unknown_customer() {
  return {404, "No applicant has this identifier", "application/json",
          R"({"$ref":"#/components/schemas/Detail"})"};
}

}  // namespace

Response personal(std::string json) {
  Response response = Response::json(std::move(json));
  response.with("cache-control", kPersonal);
  http::add_etag(response);
  return response;
}

Response for_customer(const Request& request, const Assets& assets,
                      const std::function<Response(std::size_t row)>& answer) {
  const std::string& id = request.path_parameter("customer_id");
  if (!assets.data().integer_identifiers()) {
    const auto row = assets.data().find(std::string_view(id));
    return row ? answer(*row) : not_found(id);
  }
  const auto integer = parse_path_integer(id);
  if (!integer) {
    const bool too_long = integer.error() == PathIntegerFault::kTooLong;
    return unprocessable(
        {{too_long ? "int_parsing_size" : "int_parsing",
          "path",
          "customer_id",
          too_long ? "Unable to parse input string as an integer, exceeded maximum size"
                   : "Input should be a valid integer, unable to parse string as an integer",
          id,
          {}}});
  }
  const auto row = integer->value ? assets.data().find(*integer->value) : std::nullopt;
  return row ? answer(*row) : not_found(integer->text);
}

void write_value(JsonWriter& json, const Column& column, std::size_t row) {
  if (column.is_missing(row)) {
    json.null();
  } else if (column.type() == ColumnType::kText) {
    json.string(column.text(row));
  } else {
    json.number(column.number(row));
  }
}

void write_identifier(JsonWriter& json, const Assets& assets, std::size_t row) {
  const Column& identifiers = assets.data().identifiers();
  if (identifiers.type() == ColumnType::kText) {
    json.string(identifiers.text(row));
  } else {
    json.integer(identifiers.integers()[row]);
  }
}

RouteSpec customer_route(std::string path, std::string operation_id, std::string summary,
                         std::string description, std::string schema, http::Cost cost,
                         http::Handler handler) {
  RouteSpec route;
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.description = std::move(description);
  route.parameters = {{Parameter::In::kPath, "customer_id",
                       "The applicant's identifier: an integer, or text where the data has text",
                       R"({"type":["integer","string"]})", "100285"}};
  route.answers = {{200, "The applicant is known", "application/json", std::move(schema)},
                   unknown_customer(),
                   validation_error(),
                   service_unavailable()};
  route.cost = cost;
  route.handler = std::move(handler);
  return route;
}

void add_customer_routes(RouteTable& table, const State& state, const Clock& clock) {
  RouteSpec list;
  list.path = "/customers";
  list.operation_id = "list_customers";
  list.tag = kTag;
  list.summary = "Identifiers of all applicants, in file order";
  list.answers = {
      {200, "The identifiers", "application/json",
       R"({"type":"object","required":["customer_ids"],"properties":{"customer_ids":{"type":"array","items":{"type":["integer","string"]}}}})"},
      service_unavailable()};
  list.handler = with_served(state, customers);
  table.push_back(std::move(list));

  table.push_back(customer_route("/customer/{customer_id}/score", "get_score",
                                 "Score, threshold and what the model advises", {}, kScoreSchema,
                                 http::Cost::kInline, with_assets(state, score)));
  table.push_back(customer_route("/customer/{customer_id}/features", "get_main_features",
                                 "The main features, as prepared",
                                 "A value that is missing is null.", kInputsSchema,
                                 http::Cost::kInline, with_assets(state, features)));
  const auto explains_at_once = [&state] {
    const ServedPtr served = state.served();
    return served && served->assets().explains_at_once();
  };
  RouteSpec contributions = customer_route(
      "/customer/{customer_id}/shap", "get_shap", "Contributions of every feature to the score",
      "base_value + values adds up to the raw score (log-odds). /api/v1/model names the method, "
      "and the scale where a shipped file with another one is served.",
      kShapSchema, http::Cost::kWorker, with_served(state, shap));
  contributions.quick = explains_at_once;
  table.push_back(std::move(contributions));
  const std::string dashboard_schema =
      fmt::format(R"({{"type":"object","required":["score","features","shap","metadata"],)"
                  R"("properties":{{"score":{},"features":{},"shap":{},"metadata":{{)"
                  R"("type":"object","properties":{{"timestamp":{{"type":"string",)"
                  R"("format":"date-time"}}}}}}}}}})",
                  kScoreSchema, kInputsSchema, kShapSchema);
  RouteSpec together =
      customer_route("/customer/{customer_id}/dashboard", "get_dashboard",
                     "Score, main features and contributions in one answer", {}, dashboard_schema,
                     http::Cost::kWorker,
                     with_served(state, [&clock](const Request& request, const Served& served) {
                       return dashboard(request, served, clock);
                     }));
  together.quick = explains_at_once;
  table.push_back(std::move(together));
  table.push_back(customer_route(
      "/api/v1/customers/{customer_id}/inputs", "get_inputs",
      "Every input of the model for one applicant, as prepared", "A value that is missing is null.",
      fmt::format(R"({{"type":"object","required":["inputs"],"properties":{{"inputs":{}}}}})",
                  kInputsSchema),
      http::Cost::kInline, with_assets(state, inputs)));
}

}  // namespace clairscore::api
