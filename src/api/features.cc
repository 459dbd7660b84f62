// The routes about all applicants together: two inputs against each other, one input's
// distribution, and the picture of global importance.

#include <array>
#include <cmath>
#include <span>

#include "api/routes.h"
#include "base/json_writer.h"
#include "base/sha256.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Portfolio";
constexpr const char* kOneDay = "public, max-age=86400";

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", '" : "'") + name + "'";
  return text + "]";
}

/// The column of an input that can be plotted, or null.
const Column* plottable(const Assets& assets, const std::string& name) {
  const Column* column = assets.data().inputs().find(name);
  return column != nullptr && column->type() == ColumnType::kDouble ? column : nullptr;
}

Response bivariate(const Request& request, const Assets& assets) {
  std::vector<Invalid> invalid;
  for (const char* name : {"feat_x", "feat_y"}) {
    const std::string* value = request.query_value(name);
    if (value == nullptr) {
      invalid.push_back({"missing", "query", name, "Field required", {}, true});
    } else if (value->empty()) {
      invalid.push_back(
          {"string_too_short", "query", name, "String should have at least 1 character", *value});
    }
  }
  if (!invalid.empty()) return unprocessable(invalid);
  std::array<std::span<const double>, 2> values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& name = *request.query_value(i == 0 ? "feat_x" : "feat_y");
    const Column* column = plottable(assets, name);
    if (column == nullptr) {
      return Response::detail(404, "Feature not available: '" + name +
                                       "'. Available: " + quoted_list(assets.plottable()));
    }
    values[i] = column->doubles();
  }
  JsonWriter json;
  json.begin_object();
  const auto write = [&](const char* key, std::span<const double> wanted) {
    json.key(key).begin_array();
    for (std::size_t row = 0; row < wanted.size(); ++row) {
      if (!std::isnan(values[0][row]) && !std::isnan(values[1][row])) json.number(wanted[row]);
    }
    json.end_array();
  };
  write("x_data", values[0]);
  write("y_data", values[1]);
  json.end_object();
  return Response::json(json.take());
}

Response distribution(const Request& request, const Assets& assets) {
  auto json = assets.histogram_json(request.path_parameter("feature"));
  if (!json) {
    const Error& error = json.error();
    const int status = error.code == ErrorCode::kNotFound ? 404 : 500;
    return Response::detail(status, error.what + ". " + error.accepted);
  }
  Response response = Response::json(std::move(*json));
  response.with("cache-control", kOneDay);
  return response;
}

Response global_importance(const Request& /*request*/, const Assets& assets) {
  auto png = assets.global_importance_png();
  if (!png) {
    const int status = png.error().code == ErrorCode::kNotFound ? 404 : 500;
    return Response::detail(status, png.error().what);
  }
  Response response = Response::shared(*png, as_text(**png), "image/png");
  response.with("cache-control", kOneDay);
  response.with("etag", '"' + sha256_hex(**png).substr(0, 32) + '"');
  response.with("last-modified", http_date(assets.global_importance_time()));
  return response;
}

Parameter feature_parameter(Parameter::In in, const char* name, const char* description) {
  return {in, name, description, R"({"type":"string","minLength":1})", R"("EXT_SOURCE_3")"};
}

Answer unknown_feature() {
  return {404, "No such feature, or not one that is a number; detail lists those there are",
          "application/json", R"({"$ref":"#/components/schemas/Detail"})"};
}

}  // namespace

void add_feature_routes(RouteTable& table, const State& state) {
  RouteSpec pairs;
  pairs.path = "/features/bivariate_data";
  pairs.operation_id = "get_bivariate_data";
  pairs.tag = kTag;
  pairs.summary = "Two numeric inputs of every applicant that has both";
  pairs.parameters = {
      feature_parameter(Parameter::In::kQuery, "feat_x", "The first input"),
      feature_parameter(Parameter::In::kQuery, "feat_y", "The second input; may be the same")};
  pairs.answers = {
      {200, "The values, in file order", "application/json",
       R"({"type":"object","required":["x_data","y_data"],"properties":{"x_data":{"type":"array","items":{"type":"number"}},"y_data":{"type":"array","items":{"type":"number"}}}})"},
      unknown_feature(),
      validation_error(),
      service_unavailable()};
  pairs.handler = with_assets(state, bivariate);
  table.push_back(std::move(pairs));

  RouteSpec histogram;
  histogram.path = "/features/{feature}/distribution";
  histogram.operation_id = "get_distribution";
  histogram.tag = kTag;
  histogram.summary = "The histogram of a numeric input";
  histogram.description =
      "The one shipped with the data, else 30 bins of equal width computed from the applicants.";
  histogram.parameters = {feature_parameter(Parameter::In::kPath, "feature", "The input")};
  histogram.answers = {
      {200, "The histogram", "application/json",
       R"({"type":"object","required":["feature","counts","bin_edges","median"],"properties":{"feature":{"type":"string"},"counts":{"type":"array","items":{"type":"number"}},"bin_edges":{"type":"array","items":{"type":"number"}},"median":{"type":["number","null"]}}})"},
      unknown_feature(),
      service_unavailable()};
  histogram.handler = with_assets(state, distribution);
  table.push_back(std::move(histogram));

  RouteSpec global;
  global.path = "/shap/global";
  global.operation_id = "get_global_importance";
  global.tag = kTag;
  global.summary = "The picture of global importance (beeswarm)";
  global.description = "The one shipped with the data, else drawn from contributions computed now.";
  global.answers = {
      {200, "A PNG picture", "image/png", {}},
      {404, "There is no picture", "application/json", R"({"$ref":"#/components/schemas/Detail"})"},
      service_unavailable()};
  global.handler = with_assets(state, global_importance);
  table.push_back(std::move(global));
}

}  // namespace clairscore::api
