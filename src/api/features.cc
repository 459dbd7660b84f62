// The routes about all applicants together: two inputs against each other, one input's
// distribution, and the picture of global importance.

#include <array>
#include <cmath>
#include <memory>
#include <span>

#include "api/customer_answers.h"
#include "api/routes.h"
#include "base/json_writer.h"
#include "http/negotiate.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Portfolio";
constexpr const char* kOneDay = "public, max-age=86400";
constexpr const char* kNoCache = "no-cache";

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

/// The values of both where both are there.
std::string bivariate_json(std::span<const double> x, std::span<const double> y) {
  JsonWriter json;
  json.begin_object();
  const auto write = [&](const char* key, std::span<const double> wanted) {
    json.key(key).begin_array();
    for (std::size_t row = 0; row < wanted.size(); ++row) {
      if (std::isfinite(x[row]) && std::isfinite(y[row])) json.number(wanted[row]);
    }
    json.end_array();
  };
  write("x_data", x);
  write("y_data", y);
  json.end_object();
  return json.take();
}

Response bivariate(const Request& request, const Served& served) {
  const Assets& assets = served.assets();
  std::vector<Invalid> invalid;
  for (const char* name : {"feat_x", "feat_y"}) {
    const std::string* value = request.query_value(name);
    if (value == nullptr) {
      invalid.push_back({"missing", "query", name, "Field required", {}, {}});
    } else if (value->empty()) {
      invalid.push_back({"string_too_short", "query", name,
                         "String should have at least 1 character", *value, R"({"min_length":1})"});
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
  Response response = Response::json({});
  response.with("cache-control", kPersonal);
  response.with("etag", snapshot_etag(assets, request.raw_query));
  if (!http::accepts_gzip(request)) {
    response.body = bivariate_json(values[0], values[1]);
    return response;
  }
  // A megabyte of numbers takes longer to compress than to write: what was compressed is kept.
  const std::string pair = *request.query_value("feat_x") + '\0' + *request.query_value("feat_y");
  std::shared_ptr<const std::string> compressed = served.find_compressed(pair);
  if (!compressed) {
    std::string json = bivariate_json(values[0], values[1]);
    if (json.size() < http::kGzipThreshold) {
      response.body = std::move(json);
      return response;
    }
    compressed = std::make_shared<const std::string>(http::gzip(json, 1));
    served.keep_compressed(pair, compressed);
  }
  response.with("vary", "accept-encoding").with("content-encoding", "gzip");
  response.shared_body = *compressed;
  response.shared_owner = std::move(compressed);
  return response;
}

Response distribution(const Request& request, const Assets& assets) {
  auto json = assets.histogram_json(request.path_parameter("feature"));
  if (!json) {
    const Error& error = json.error();
    if (error.code != ErrorCode::kNotFound) throw internal_error("distribution", error);
    return Response::detail(404, error.what + ". " + error.accepted);
  }
  Response response = Response::json(std::move(*json));
  response.with("cache-control", kOneDay);
  http::add_etag(response);
  return response;
}

Response picture(const Served& served, Language language, std::string_view cache_control) {
  const Assets& assets = served.assets();
  auto png = assets.global_importance_png(language);
  if (!png) {
    if (png.error().code != ErrorCode::kNotFound) {
      throw internal_error("global importance", png.error());
    }
    return Response::detail(404, png.error().what);
  }
  Response response = Response::shared(*png, as_text(**png), "image/png");
  response.with("cache-control", cache_control);
  response.with("etag", served.picture_etag(language, **png));
  response.with("last-modified", http_date(assets.global_importance_time()));
  return response;
}

Response global_importance(const Request& /*request*/, const Served& served) {
  return picture(served, Language::kFrench, kOneDay);
}

Response importance_picture(const Request& request, const Served& served) {
  const std::string* language = request.query_value("language");
  if (language != nullptr && *language != "fr" && *language != "en") {
    return unprocessable({{"literal_error",
                           "query",
                           "language",
                           "Input should be one of 'fr', 'en'",
                           *language,
                           {}}});
  }
  const bool english = language != nullptr && *language == "en";
  // Unlike the original's, another picture is seen the moment other assets are served.
  return picture(served, english ? Language::kEnglish : Language::kFrench, kNoCache);
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
  pairs.handler = with_served(state, bivariate);
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
  global.description =
      "The one shipped with the data, else drawn from contributions computed now, in French.";
  global.answers = {
      {200, "A PNG picture", "image/png", {}},
      {404, "There is no picture", "application/json", R"({"$ref":"#/components/schemas/Detail"})"},
      service_unavailable()};
  RouteSpec spoken = global;
  spoken.path = "/api/v1/importance/picture";
  spoken.operation_id = "get_importance_picture";
  spoken.summary = "The picture of global importance in a language";
  spoken.description =
      "The one shipped with the data, as it is; else drawn from contributions computed now, with "
      "words of the language.";
  spoken.parameters = {{Parameter::In::kQuery, "language", "Of the words; French unless given",
                        R"({"type":"string","enum":["fr","en"]})", R"("en")", false}};
  spoken.answers.push_back(validation_error());
  spoken.handler = with_served(state, importance_picture);
  global.handler = with_served(state, global_importance);
  table.push_back(std::move(global));
  table.push_back(std::move(spoken));
}

}  // namespace clairscore::api
