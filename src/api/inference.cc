// The Open Inference Protocol v2 over REST: what KServe, Triton and their clients speak.

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "api/examples.h"
#include "api/inference_request.h"
#include "api/routes.h"
#include "base/json_writer.h"
#include "base/numbers.h"
#include "base/version.h"
#include "http/negotiate.h"
#include "service/scoring.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Open Inference Protocol";
constexpr const char* kModelName = "clairscore";
constexpr const char* kModelVersion = "1";
constexpr const char* kHeaderLength = "inference-header-content-length";
constexpr std::size_t kMaxBodyBytes = std::size_t{32} << 20U;
constexpr std::size_t kMaxRows = 100'000;

constexpr const char* kErrorSchema =
    R"({"type":"object","required":["error"],"properties":{"error":{"type":"string"}}})";
/// A path that is no route's is answered before the protocol is known.
constexpr const char* kNotFoundSchema =
    R"({"anyOf":[{"type":"object","required":["error"],"properties":{"error":{"type":"string"}}},)"
    R"({"$ref":"#/components/schemas/Detail"}]})";

struct Output {
  std::string_view name;
  std::string_view datatype;
};
constexpr std::array<Output, 3> kOutputs = {
    {{"probability_pos", "FP64"}, {"raw_score", "FP64"}, {"decision", "BYTES"}}};

Response error_response(int status, std::string_view message) {
  JsonWriter json;
  json.begin_object().member("error", message).end_object();
  return Response::json(json.take(), status);
}

Response not_loaded() {
  return error_response(503, "the model is not loaded yet");
}

/// The values of one output, as JSON or in binary.
class OutputWriter {
 public:
  OutputWriter(const std::vector<Score>& scores, std::string_view name)
      : scores_(scores), name_(name) {}

  std::string binary() const {
    std::string bytes;
    for (const Score& score : scores_) {
      if (name_ == "decision") {
        const std::string_view text = decision_text(score);
        append(bytes, static_cast<std::uint32_t>(text.size()));
        bytes += text;
      } else {
        append(bytes, number(score));
      }
    }
    return bytes;
  }

  void json(JsonWriter& json) const {
    json.begin_array();
    for (const Score& score : scores_) {
      if (name_ == "decision") {
        json.string(decision_text(score));
      } else {
        json.number(number(score));
      }
    }
    json.end_array();
  }

 private:
  double number(const Score& score) const {
    return name_ == "raw_score" ? score.raw : score.probability_pos;
  }
  template <typename T>
  static void append(std::string& bytes, T value) {
    std::array<char, sizeof(T)> raw{};
    std::memcpy(raw.data(), &value, sizeof(T));
    bytes.append(raw.data(), raw.size());
  }

  const std::vector<Score>& scores_;
  std::string_view name_;
};

Response infer_response(const InferenceRequest& request, const std::vector<Score>& scores) {
  std::vector<RequestedOutput> wanted = request.outputs;
  if (wanted.empty()) {
    for (const Output& output : kOutputs) {
      wanted.push_back({std::string(output.name), request.binary_by_default});
    }
  }
  JsonWriter json;
  std::string binary;
  json.begin_object().member("model_name", kModelName).member("model_version", kModelVersion);
  if (!request.id.empty()) json.member("id", request.id);
  json.key("outputs").begin_array();
  bool any_binary = false;
  for (const RequestedOutput& output : wanted) {
    const auto known = std::ranges::find(kOutputs, std::string_view(output.name), &Output::name);
    if (known == kOutputs.end()) {
      return error_response(400, "unknown output '" + output.name +
                                     "'; the outputs are probability_pos, raw_score and decision");
    }
    const OutputWriter writer(scores, known->name);
    json.begin_object().member("name", known->name).member("datatype", known->datatype);
    json.key("shape").begin_array().integer(static_cast<std::int64_t>(scores.size())).end_array();
    if (output.binary) {
      const std::string bytes = writer.binary();
      json.key("parameters").begin_object().member("binary_data_size", bytes.size()).end_object();
      binary += bytes;
      any_binary = true;
    } else {
      json.key("data");
      writer.json(json);
    }
    json.end_object();
  }
  json.end_array().end_object();
  if (!any_binary) {
    Response response = Response::json(json.take());
    response.with("cache-control", "private, no-cache");
    return response;
  }
  Response response;
  response.body = json.take();
  response.with("content-type", "application/octet-stream");
  response.with(kHeaderLength, std::to_string(response.body.size()));
  response.with("cache-control", "private, no-cache");
  response.body += binary;
  return response;
}

/// Whether the path names the model that is served; else the protocol's error.
std::optional<Response> check_model(const Request& request) {
  const std::string& name = request.path_parameter("model");
  if (name != kModelName) {
    return error_response(404, "unknown model '" + name + "'; the model is '" + kModelName + "'");
  }
  for (const auto& [parameter, value] : request.path_parameters) {
    if (parameter == "version" && value != kModelVersion) {
      return error_response(
          404, "unknown version '" + value + "' of the model; it is '" + kModelVersion + "'");
    }
  }
  return std::nullopt;
}

/// The body as it was before the client compressed it.
Result<std::string> plain_body(const Request& request) {
  const std::string_view encoding = request.header("content-encoding");
  if (encoding.empty() || encoding == "identity") return request.body;
  if (encoding != "gzip") {
    return fail(ErrorCode::kUnsupported, "content-encoding " + std::string(encoding), {},
                "gzip, or none");
  }
  return http::gunzip(request.body, kMaxBodyBytes);
}

Response infer(const Request& request, const Assets& assets, const Actions& actions) {
  std::optional<std::size_t> header_length;
  if (const std::string_view header = request.header(kHeaderLength); !header.empty()) {
    const auto length = parse_integer(header);
    if (!length || *length < 0) {
      return error_response(400, "Inference-Header-Content-Length is no length");
    }
    header_length = static_cast<std::size_t>(*length);
  }
  const auto body = plain_body(request);
  if (!body) {
    const bool unsupported = body.error().code == ErrorCode::kUnsupported;
    return error_response(unsupported ? 415 : 400, to_string(body.error()));
  }
  const auto parsed =
      parse_inference_request(*body, header_length, assets.model().signature, kMaxRows);
  if (!parsed) return error_response(400, to_string(parsed.error()));
  const auto scores =
      score_rows(assets.model(), parsed->inputs, threads_for_rows(parsed->inputs.rows()));
  if (!scores) {
    if (scores.error().code == ErrorCode::kInternal)
      throw internal_error("scoring", scores.error());
    return error_response(400, to_string(scores.error()));
  }
  count_scores(actions, *scores);
  return infer_response(*parsed, *scores);
}

Response server_metadata(const Request& /*request*/) {
  JsonWriter json;
  json.begin_object().member("name", kModelName).member("version", version());
  json.key("extensions").begin_array().string("binary_tensor_data").string("model_repository");
  json.end_array().end_object();
  return Response::json(json.take());
}

Response model_metadata(const Request& /*request*/, const Assets& assets) {
  JsonWriter json;
  json.begin_object().member("name", kModelName);
  json.key("versions").begin_array().string(kModelVersion).end_array();
  json.member("platform", "mlflow_" + assets.model().card.flavor);
  json.key("inputs").begin_array();
  for (const SignatureColumn& input : assets.model().signature.inputs) {
    json.begin_object().member("name", input.name);
    json.member("datatype", tensor_datatype(input.type));
    json.key("shape").begin_array().integer(-1).end_array().end_object();
  }
  json.end_array().key("outputs").begin_array();
  for (const Output& output : kOutputs) {
    json.begin_object().member("name", output.name).member("datatype", output.datatype);
    json.key("shape").begin_array().integer(-1).end_array().end_object();
  }
  json.end_array().end_object();
  return Response::json(json.take());
}

Response model_ready(const Request& /*request*/, const Assets& /*assets*/) {
  JsonWriter json;
  json.begin_object().member("name", kModelName).member("ready", true).end_object();
  return Response::json(json.take());
}

Response repository_index(const Request& /*request*/, const Assets& /*assets*/) {
  JsonWriter json;
  json.begin_array().begin_object().member("name", kModelName).member("version", kModelVersion);
  json.member("state", "READY").end_object().end_array();
  return Response::json(json.take());
}

/// A handler about the model that the path names.
http::Handler for_model(const State& state,
                        std::function<Response(const Request&, const Assets&)> handler,
                        bool named = true) {
  return [&state, handler = std::move(handler), named](const Request& request) {
    if (named) {
      if (auto error = check_model(request)) return std::move(*error);
    }
    const ServedPtr served = state.served();
    return served ? handler(request, served->assets()) : not_loaded();
  };
}

Answer json_answer(std::string description, std::string schema) {
  return {200, std::move(description), "application/json", std::move(schema)};
}

RouteSpec v2_route(std::string method, std::string path, std::string operation_id,
                   std::string summary, Answer answer, http::Handler handler) {
  RouteSpec route;
  route.method = std::move(method);
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.answers = {std::move(answer)};
  route.cost = http::Cost::kInline;
  route.handler = std::move(handler);
  route.role = Role::kNobody;
  return route;
}

Answer loading() {
  return {503, "The model is not loaded yet", "application/json", kErrorSchema};
}

/// Adds what the path's parameters are and that they may be wrong.
RouteSpec about_model(RouteSpec route) {
  route.parameters.push_back({Parameter::In::kPath, "model", "The model's name",
                              R"({"type":"string"})", R"("clairscore")"});
  if (route.path.find("{version}") != std::string::npos) {
    route.parameters.push_back(
        {Parameter::In::kPath, "version", "The model's version", R"({"type":"string"})", R"("1")"});
  }
  route.answers.push_back(
      {404, "No such model, or no such version of it", "application/json", kNotFoundSchema});
  route.answers.push_back(loading());
  return route;
}

RouteSpec infer_route(std::string path, std::string operation_id, const State& state,
                      const Actions& actions) {
  constexpr const char* kTensors =
      R"({"type":"array","items":{"type":"object","required":["name","shape","datatype"],"properties":{"name":{"type":"string"},"shape":{"type":"array","items":{"type":"integer"}},"datatype":{"type":"string"},"parameters":{"type":["object","null"]},"data":{"type":"array"}}}})";
  RouteSpec route = v2_route(
      "POST", std::move(path), std::move(operation_id), "Scores rows, one tensor per input",
      json_answer(
          "probability_pos, raw_score and decision, or those of them that are asked for",
          std::string(
              R"({"type":"object","required":["model_name","outputs"],"properties":{"model_name":{"type":"string"},"model_version":{"type":"string"},"id":{"type":"string"},"outputs":)") +
              kTensors + "}}"),
      for_model(state, [&actions](const Request& request, const Assets& assets) {
        return infer(request, assets, actions);
      }));
  route.description =
      "Tensors are of shape [n] or [n, 1]; texts are BYTES. With the header "
      "Inference-Header-Content-Length binary tensors follow the JSON, and outputs are binary "
      "(application/octet-stream) where parameters.binary_data or binary_data_output asks for it.";
  route.bodies = {
      {"application/json",
       std::string(
           R"({"type":"object","required":["inputs"],"properties":{"id":{"type":["string","null"]},"parameters":{"type":["object","null"]},"inputs":)") +
           kTensors +
           R"(,"outputs":{"type":["array","null"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"parameters":{"type":["object","null"]}}}}}})",
       kExampleTensors}};
  route.answers.push_back(
      {400, "The tensors do not fit the model", "application/json", kErrorSchema});
  route.answers.push_back({413, "The body is too large", "application/json",
                           R"({"$ref":"#/components/schemas/Detail"})"});
  route.answers.push_back({415, "Neither gzip nor plain", "application/json", kErrorSchema});
  route.cost = http::Cost::kWorker;
  route.body_bytes = kMaxBodyBytes;
  route.role = Role::kScorer;
  return about_model(std::move(route));
}

}  // namespace

void add_inference_routes(RouteTable& table, const State& state, const Actions& actions) {
  table.push_back(v2_route("GET", "/v2", "v2_server", "The server",
                           json_answer("Name, version and extensions", R"({"type":"object"})"),
                           server_metadata));
  table.push_back(
      v2_route("GET", "/v2/health/live", "v2_live", "The server answers",
               json_answer("Always", R"({"type":"object","properties":{"live":{"const":true}}})"),
               [](const Request& /*request*/) { return Response::json(R"({"live":true})"); }));
  RouteSpec ready =
      v2_route("GET", "/v2/health/ready", "v2_ready", "The model is loaded",
               json_answer("Ready", R"({"type":"object","properties":{"ready":{"const":true}}})"),
               [&state](const Request& /*request*/) {
                 return state.served() ? Response::json(R"({"ready":true})") : not_loaded();
               });
  ready.answers.push_back(loading());
  table.push_back(std::move(ready));

  constexpr const char* kObject = R"({"type":"object"})";
  for (const bool versioned : {false, true}) {
    const std::string path =
        versioned ? "/v2/models/{model}/versions/{version}" : "/v2/models/{model}";
    const std::string suffix = versioned ? "_version" : "";
    table.push_back(about_model(
        v2_route("GET", path, "v2_model" + suffix, "The model's inputs and outputs",
                 json_answer("The tensors", kObject), for_model(state, model_metadata))));
    table.push_back(about_model(v2_route("GET", path + "/ready", "v2_model_ready" + suffix,
                                         "The model is loaded", json_answer("Ready", kObject),
                                         for_model(state, model_ready))));
    table.push_back(infer_route(path + "/infer", "v2_infer" + suffix, state, actions));
  }

  RouteSpec index = v2_route(
      "POST", "/v2/repository/index", "v2_repository_index", "The models there are: one",
      json_answer("Names, versions and states", R"({"type":"array","items":{"type":"object"}})"),
      for_model(state, repository_index, false));
  index.answers.push_back(loading());
  table.push_back(std::move(index));
}

}  // namespace clairscore::api
