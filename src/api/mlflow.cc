// MLflow's scoring protocol: what `mlflow models serve` answers for the same model.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "api/application_rows.h"
#include "api/examples.h"
#include "api/routes.h"
#include "api/scoring_input.h"
#include "base/json_writer.h"
#include "base/numbers.h"
#include "service/scoring.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "MLflow scoring protocol";
constexpr const char* kDefaultVersion = "2.22.1";
constexpr std::size_t kMaxBodyBytes = std::size_t{32} << 20U;

constexpr const char* kErrorSchema =
    R"({"type":"object","required":["error_code","message"],"properties":{)"
    R"("error_code":{"type":"string"},"message":{"type":"string"}}})";

Response plain(int status, std::string text) {
  return Response::text(std::move(text), status);
}

/// The model was saved by MLflow 3 or later.
bool saved_by_3(const LoadedModel& model) {
  const std::string& version = model.card.mlflow_version;
  const auto major = parse_integer(version.substr(0, version.find('.')));
  return major && *major >= 3;
}

Response error_response(const ScoringError& error, const LoadedModel& model) {
  const bool schema = error.code == "INVALID_PARAMETER_VALUE";
  JsonWriter json;
  json.begin_object().member("error_code", error.code);
  if (saved_by_3(model)) {
    json.member("message", error.message + (schema && error.message.ends_with(']') ? "." : ""));
    json.member("sqlstate", schema ? "KAM01" : "KAM00");
    json.member("error_class", schema ? "SCHEMA_ENFORCEMENT_FAILED" : "INVALID_PARAMETER_VALUE");
  } else {
    json.member("message", error.message);
  }
  json.end_object();
  return Response::json(json.take(), error.status);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

enum class Content { kJson, kCsv };

/// The content type, or the 415 of MLflow for one that it does not take.
tl::expected<Content, Response> content_of(const Request& request) {
  const std::string_view header = request.header("content-type");
  const std::size_t end = header.find(';');
  const std::string_view type = trim(header.substr(0, end));
  for (std::string_view rest = end == std::string_view::npos ? "" : header.substr(end);
       !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t next = rest.find(';');
    const std::string_view pair = trim(rest.substr(0, next));
    rest = next == std::string_view::npos ? std::string_view() : rest.substr(next);
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (name != "charset") {
      return tl::unexpected(
          plain(415, "Unrecognized content type parameters: " + std::string(name) + ". "));
    }
    if (lower(value) != "utf-8") {
      return tl::unexpected(plain(415, "The scoring server only supports UTF-8"));
    }
  }
  if (type == "application/json") return Content::kJson;
  if (type == "text/csv") return Content::kCsv;
  return tl::unexpected(plain(415,
                              "This predictor only supports the following content types: Types: "
                              "['text/csv', 'application/json']. Got '" +
                                  std::string(header) + "'."));
}

/// How MLflow's python_function answers for the model: one value or one list a row.
enum class PredictFn { kLabels, kProbabilities, kLogProbabilities };

std::optional<PredictFn> predict_fn(const LoadedModel& model) {
  const std::string& name = model.card.predict_fn;
  if (name.empty() || name == "predict") return PredictFn::kLabels;
  if (name == "predict_proba") return PredictFn::kProbabilities;
  if (name == "predict_log_proba") return PredictFn::kLogProbabilities;
  return std::nullopt;
}

/// Labels are held as text: those that were numbers or booleans are written as such.
void write_label(JsonWriter& json, const std::string& label) {
  if (const auto integer = parse_integer(label)) {
    json.integer(*integer);
  } else if (label == "True" || label == "False") {
    json.boolean(label == "True");
  } else if (const auto number = parse_double(label); number && std::isfinite(*number)) {
    json.number(*number);
  } else {
    json.string(label);
  }
}

Response predictions(const LoadedModel& model, PredictFn fn, const Frame& inputs,
                     const Actions& actions) {
  const auto scores = score_rows(model, inputs, threads_for_rows(inputs.rows()));
  if (!scores) {
    if (scores.error().code == ErrorCode::kInternal)
      throw internal_error("scoring", scores.error());
    return error_response(evaluation_error(to_string(scores.error())), model);
  }
  count_scores(actions, *scores);
  const Estimator& estimator = *model.pipeline.estimator();
  JsonWriter json;
  json.begin_object().key("predictions").begin_array();
  std::array<double, 2> probabilities{};
  for (const Score& score : *scores) {
    estimator.probabilities({&score.raw, 1}, probabilities);
    if (fn == PredictFn::kLabels) {
      // numpy.argmax: the first of equals.
      write_label(json, estimator.classes()[probabilities[1] > probabilities[0] ? 1 : 0]);
      continue;
    }
    if (fn == PredictFn::kLogProbabilities) {
      for (double& probability : probabilities) probability = std::log(probability);
    }
    json.numbers(probabilities);
  }
  json.end_array().end_object();
  Response response = Response::json(json.take());
  response.with("cache-control", "private, no-cache");
  return response;
}

/// The rows as they are before the recipe.
ScoringResult<Frame> read_applications(const Request& request, Content content,
                                       const Assets& assets) {
  if (content == Content::kCsv) {
    auto inputs = prepare_application_csv(request.body, kMaxRequestRows, assets);
    if (inputs) return std::move(*inputs);
    return tl::unexpected(ScoringError{400, "BAD_REQUEST", to_string(inputs.error())});
  }
  JsonBody json;
  const auto payload = find_payload(request.body, json);
  if (!payload) return tl::unexpected(payload.error());
  auto rows = prepare_application_payload(payload->data, kMaxRequestRows, assets);
  if (rows) return std::move(rows->inputs);
  return tl::unexpected(ScoringError{400, "INVALID_PARAMETER_VALUE", to_string(rows.error())});
}

Response invocations(const Request& request, const Assets& assets, const Actions& actions) {
  const auto content = content_of(request);
  if (!content) return content.error();
  const LoadedModel& model = assets.model();
  const auto fn = predict_fn(model);
  if (!fn) {
    return error_response({501, "NOT_IMPLEMENTED",
                           "The model's predict_fn is " + model.card.predict_fn +
                               "; predict, predict_proba and predict_log_proba are served."},
                          model);
  }
  const std::string* recipe = request.query_value("recipe");
  ScoringResult<Frame> inputs = tl::unexpected(ScoringError{});
  if (recipe == nullptr || *recipe == "none") {
    inputs = *content == Content::kCsv ? read_scoring_csv(request.body, model.signature)
                                       : read_scoring_json(request.body, model.signature);
  } else if (*recipe == "default") {
    inputs = read_applications(request, *content, assets);
  } else {
    return error_response({400, "INVALID_PARAMETER_VALUE",
                           "recipe is neither 'default' (application rows, prepared as the served "
                           "ones were) nor 'none' (the model's own inputs)"},
                          model);
  }
  if (!inputs) return error_response(inputs.error(), model);
  return predictions(model, *fn, *inputs, actions);
}

Response ping(const Request& /*request*/, const Assets& /*assets*/) {
  return Response::json("\n");
}

Response version(const Request& /*request*/, const Assets& assets) {
  const std::string& version = assets.model().card.mlflow_version;
  return Response::json(version.empty() ? kDefaultVersion : version);
}

RouteSpec probe(std::string path, std::string operation_id, std::string summary,
                http::Handler handler, Answer answer) {
  RouteSpec route;
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.answers = {std::move(answer), service_unavailable()};
  route.cost = http::Cost::kInline;
  route.handler = std::move(handler);
  route.role = Role::kNobody;
  return route;
}

}  // namespace

void add_mlflow_routes(RouteTable& table, const State& state, const Actions& actions) {
  const Answer line_end = {200, "A line end", "application/json", {}};
  table.push_back(
      probe("/ping", "mlflow_ping", "A model is served", with_assets(state, ping), line_end));
  table.push_back(probe("/health", "mlflow_health", "The other address of /ping",
                        with_assets(state, ping), line_end));
  table.push_back(
      probe("/version", "mlflow_version",
            "The version of MLflow that the model was saved with, bare, as MLflow has it",
            with_assets(state, version), {200, "2.22.1", "application/json", {}}));

  RouteSpec route;
  route.method = "POST";
  route.path = "/invocations";
  route.operation_id = "mlflow_invocations";
  route.role = Role::kScorer;
  route.tag = kTag;
  route.summary = "Scores rows as `mlflow models serve` does";
  route.description =
      "The rows are the model's inputs, by name; with recipe=default they are application rows, "
      "prepared as the served applicants were. The answer is what the model's predict_fn gives: "
      "labels for predict, a list of probabilities a row for predict_proba.";
  route.parameters = {{Parameter::In::kQuery, "recipe",
                       "default: the rows are applications; none: the model's own inputs",
                       R"({"type":"string","enum":["default","none"]})", R"("default")", false}};
  constexpr const char* kTable =
      R"({"type":"object","required":["data"],"properties":{"columns":{"type":"array"},"index":{"type":"array"},"data":{"type":"array","items":{"type":"array"}}},"additionalProperties":false})";
  constexpr const char* kRecords = R"({"type":"array","items":{"type":"object"}})";
  const std::string schema =
      std::string(R"({"type":"object","oneOf":[)") +
      R"({"required":["dataframe_split"]},{"required":["dataframe_records"]},{"required":["instances"]},{"required":["inputs"]}],"properties":{"dataframe_split":)" +
      kTable + R"(,"dataframe_records":)" + kRecords +
      R"(,"instances":{},"inputs":{},"params":{}}})";
  route.bodies = {{"application/json", schema,
                   std::string(R"({"dataframe_records":[)") + kExampleApplication + "]}"},
                  {"text/csv", R"({"type":"string"})", kExampleCsv}};
  route.answers = {
      {200, "One prediction a row", "application/json",
       R"({"type":"object","required":["predictions"],"properties":{"predictions":{"type":"array"}}})"},
      {400, "The rows cannot be read, or do not fit the model", "application/json", kErrorSchema},
      {413, "The body is too large", "application/json",
       R"({"$ref":"#/components/schemas/Detail"})"},
      {415, "Neither application/json nor text/csv in UTF-8", "text/plain", {}},
      {501, "A predict_fn that is not served", "application/json", kErrorSchema},
      service_unavailable()};
  route.handler = with_assets(state, [&actions](const Request& request, const Assets& assets) {
    return invocations(request, assets, actions);
  });
  route.body_bytes = kMaxBodyBytes;
  table.push_back(std::move(route));
}

}  // namespace clairscore::api
