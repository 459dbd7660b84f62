// The product's routes about all applicants together: the dictionary of inputs, the distribution of
// any input, its dependence, and the importance of inputs.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "api/customer_answers.h"
#include "api/routes.h"
#include "base/json_writer.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Portfolio";
constexpr std::size_t kBins = 30;
/// Inputs of the importance chart, and applicants in it: more would not change the picture.
constexpr std::size_t kImportantInputs = 15;
constexpr std::size_t kSwarmRows = 400;
constexpr std::size_t kDependenceRows = 3000;

/// Up to `count` rows, evenly spread.
std::vector<std::size_t> spread(std::size_t rows, std::size_t count) {
  count = std::min(rows, count);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(i * rows / count);
  return chosen;
}

/// Finer than any chart; never a negative zero.
double hundredths(double value) {
  return std::round(100 * value) / 100 + 0.0;
}

/// To be asked again each time: other assets may be served by then.
Response fresh(JsonWriter json) {
  return personal(json.take());
}

Response not_ready() {
  Response response =
      Response::detail(503, "The contributions of all applicants are still being computed.");
  response.with("retry-after", "1");
  return response;
}

Response dictionary(const Request& /*request*/, const Assets& assets) {
  const std::vector<std::string>& named = assets.recipe().protected_inputs();
  std::vector<InputDictionary::Asked> asked;
  for (const Column& column : assets.data().inputs().columns()) {
    asked.push_back({column.name(), column.type() == ColumnType::kText,
                     std::ranges::find(named, column.name()) != named.end()});
  }
  JsonWriter json;
  json.begin_object().member("name", assets.dictionary().name()).key("request").begin_array();
  for (const std::string& input : assets.dictionary().request()) {
    if (assets.data().inputs().find(input) != nullptr) json.string(input);
  }
  json.end_array().key("values");
  assets.dictionary().write_values(json);
  json.key("inputs");
  assets.dictionary().write_inputs(json, asked);
  json.end_object();
  return fresh(std::move(json));
}

/// Calls answer(position) for the input that the path names.
template <typename Answer>
Response for_input(const Request& request, const Assets& assets, Answer answer) {
  const std::string& name = request.path_parameter("input");
  const std::vector<Column>& columns = assets.data().inputs().columns();
  const auto found = std::ranges::find(columns, name, &Column::name);
  if (found == columns.end()) {
    return Response::detail(404, "The model has no input '" + name + "'.");
  }
  return answer(static_cast<std::size_t>(found - columns.begin()));
}

void write_counts(JsonWriter& json, const char* key, const std::vector<std::size_t>& counts) {
  json.key(key).begin_array();
  for (const std::size_t count : counts) json.integer(static_cast<std::int64_t>(count));
  json.end_array();
}

void write_numbers(JsonWriter& json, const Column& column, std::span<const Score> scores) {
  std::vector<double> values(column.size());
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = column.number(row);
  const NumberDistribution found = distribution_of(values, scores, kBins);
  json.member("kind", "numbers").member("missing", found.missing);
  json.member("below", found.below).member("above", found.above);
  json.member("minimum", found.minimum).member("maximum", found.maximum);
  json.key("edges").numbers(found.edges);
  write_counts(json, "counts", found.counts);
  write_counts(json, "accepted_counts", found.accepted_counts);
  json.key("percentiles").numbers(found.percentiles);
  json.key("accepted_percentiles").numbers(found.accepted_percentiles);
}

void write_texts(JsonWriter& json, const Column& column, std::span<const Score> scores) {
  const TextDistribution found = distribution_of(column, scores);
  json.member("kind", "texts").member("missing", found.missing).key("categories").begin_array();
  for (const TextDistribution::Category& category : found.categories) {
    json.begin_object().member("value", category.value);
    json.member("count", category.count).member("accepted", category.accepted).end_object();
  }
  json.end_array();
}

Response distribution(const Request& request, const Assets& assets) {
  return for_input(request, assets, [&](std::size_t input) {
    const Column& column = assets.data().inputs().columns()[input];
    JsonWriter json;
    json.begin_object().member("input", column.name());
    json.member("total", column.size());
    json.member("accepted", static_cast<std::size_t>(
                                std::ranges::count(assets.scores(), false, &Score::refused)));
    if (column.type() == ColumnType::kText) {
      write_texts(json, column, assets.scores());
    } else {
      write_numbers(json, column, assets.scores());
    }
    json.end_object();
    return fresh(std::move(json));
  });
}

Response dependence(const Request& request, const Assets& assets) {
  return for_input(request, assets, [&](std::size_t input) {
    const auto table = assets.contributions();
    if (!table) return not_ready();
    const Column& column = assets.data().inputs().columns()[input];
    const std::vector<std::size_t> rows = spread(column.size(), kDependenceRows);
    const PointScale points = assets.points();
    JsonWriter json;
    json.begin_object().member("input", column.name()).member("total", column.size());
    json.key("values").begin_array();
    for (const std::size_t row : rows) write_value(json, column, row);
    json.end_array().key("points").begin_array();
    for (const std::size_t row : rows) {
      json.number(hundredths(points.of(static_cast<double>(table->of(input)[row]))));
    }
    json.end_array().end_object();
    return fresh(std::move(json));
  });
}

/// Where the values of the rows stand among themselves, 0 to 1; nothing for texts and missing ones.
void write_places(JsonWriter& json, const Column& column, const std::vector<std::size_t>& rows) {
  json.key("places").begin_array();
  std::vector<double> sorted;
  if (column.type() != ColumnType::kText) {
    for (const std::size_t row : rows) {
      if (!column.is_missing(row)) sorted.push_back(column.number(row));
    }
  }
  std::ranges::sort(sorted);
  for (const std::size_t row : rows) {
    if (column.type() == ColumnType::kText || column.is_missing(row) || sorted.size() < 2) {
      json.null();
      continue;
    }
    const auto [first, last] = std::ranges::equal_range(sorted, column.number(row));
    const auto middle = static_cast<double>((first - sorted.begin()) + (last - sorted.begin()) - 1);
    json.number(hundredths(middle / 2 / static_cast<double>(sorted.size() - 1)));
  }
  json.end_array();
}

Response importance(const Request& /*request*/, const Assets& assets) {
  const auto table = assets.contributions();
  if (!table) return not_ready();
  const std::vector<Column>& columns = assets.data().inputs().columns();
  const PointScale points = assets.points();
  const std::vector<double> sizes = table->mean_sizes();
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t input) { return sizes[input]; });
  const std::vector<std::size_t> rows = spread(assets.data().rows(), kSwarmRows);

  JsonWriter json;
  json.begin_object().member("total", assets.data().rows()).key("customers").begin_array();
  for (const std::size_t row : rows) write_identifier(json, assets, row);
  json.end_array().key("inputs").begin_array();
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const std::size_t input = order[rank];
    json.begin_object().member("input", columns[input].name());
    json.member("mean_points", std::abs(points.of(sizes[input])));
    if (rank < kImportantInputs) {
      json.key("points").begin_array();
      for (const std::size_t row : rows) {
        json.number(hundredths(points.of(static_cast<double>(table->of(input)[row]))));
      }
      json.end_array();
      write_places(json, columns[input], rows);
    }
    json.end_object();
  }
  json.end_array().end_object();
  return fresh(std::move(json));
}

RouteSpec portfolio_route(std::string path, std::string operation_id, std::string summary,
                          const char* schema, http::Handler handler) {
  RouteSpec route;
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.answers = {{200, "Known", "application/json",
                    std::string(R"({"$ref":"#/components/schemas/)") + schema + "\"}"}};
  route.handler = std::move(handler);
  return route;
}

void take_input(RouteSpec& route) {
  route.parameters = {{Parameter::In::kPath, "input", "An input of the model",
                       R"({"type":"string"})", R"("EXT_SOURCE_3")"}};
  route.answers.push_back(
      {404, "No such input", "application/json", R"({"$ref":"#/components/schemas/Detail"})"});
}

}  // namespace

void add_portfolio_routes(RouteTable& table, const State& state) {
  RouteSpec words = portfolio_route("/api/v1/dictionary", "get_dictionary",
                                    "What the inputs of the model are called and mean",
                                    "Dictionary", with_assets(state, dictionary));
  words.answers.push_back(service_unavailable());
  table.push_back(std::move(words));

  RouteSpec one = portfolio_route(
      "/api/v1/inputs/{input}/distribution", "get_input_distribution",
      "How any input is distributed, among all applicants and those the model advises to accept",
      "InputDistribution", with_assets(state, distribution));
  take_input(one);
  one.answers.push_back(service_unavailable());
  table.push_back(std::move(one));

  const Answer computing = {503, "Nothing is loaded yet, or contributions are still being computed",
                            "application/json", R"({"$ref":"#/components/schemas/Detail"})"};
  RouteSpec effect = portfolio_route("/api/v1/inputs/{input}/dependence", "get_input_dependence",
                                     "What an input's values do to the score, for a sample",
                                     "InputDependence", with_assets(state, dependence));
  take_input(effect);
  effect.answers.push_back(computing);
  table.push_back(std::move(effect));

  RouteSpec all = portfolio_route(
      "/api/v1/importance", "get_importance",
      "The inputs from the most to the least important, the first with a sample of applicants",
      "Importance", with_assets(state, importance));
  all.answers.push_back(computing);
  table.push_back(std::move(all));
}

}  // namespace clairscore::api
