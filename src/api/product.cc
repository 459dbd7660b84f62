// The product's routes about applicants: the list with its search and filters, and one applicant
// with score, reasons, contributions and similar ones, in points.

#include <algorithm>
#include <cmath>

#include "api/customer_answers.h"
#include "api/routes.h"
#include "api/worklist.h"
#include "base/json_writer.h"
#include "base/numbers.h"
#include "service/customer_reasons.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "Applicants";
constexpr std::size_t kDefaultLimit = 50;
constexpr std::size_t kMostLimit = 500;
constexpr std::size_t kMostOffset = 1'000'000'000;  // beyond the list, a page is empty
constexpr std::size_t kSimilar = 5;

/// A whole number of the query; the default when it is not there, nothing when it is none.
std::optional<std::size_t> count_of(const Request& request, const char* name, std::size_t usual,
                                    std::size_t most) {
  const std::string* value = request.query_value(name);
  if (value == nullptr) return usual;
  const auto number = parse_integer(*value);
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) > most) return {};
  return static_cast<std::size_t>(*number);
}

/// Members of an open object: what is said of an applicant in one line.
void write_line(JsonWriter& json, const Assets& assets, const PointScale& points, std::size_t row) {
  const Score score = assets.score(row);
  json.key("id");
  write_identifier(json, assets, row);
  json.member("points", points.displayed(score)).member("decision", decision_text(score));
  json.member("review", points.in_review_zone(score));
}

Response list(const Request& request, const Assets& assets) {
  auto read = read_worklist(request, assets);
  std::vector<Invalid> invalid;
  if (auto* wrong = std::get_if<std::vector<Invalid>>(&read)) invalid = std::move(*wrong);
  const auto limit = count_of(request, "limit", kDefaultLimit, kMostLimit);
  const auto offset = count_of(request, "offset", 0, kMostOffset);
  for (const auto& [name, value] : {std::pair{"limit", limit}, std::pair{"offset", offset}}) {
    if (value) continue;
    invalid.push_back(
        {"int_range",
         "query",
         name,
         "Input should be a whole number from 0 to " +
             std::to_string(name == std::string_view("limit") ? kMostLimit : kMostOffset),
         *request.query_value(name),
         {}});
  }
  const std::string* const ids = request.query_value("ids");
  if (ids != nullptr && *ids != "true" && *ids != "false") {
    invalid.push_back({"bool_parsing", "query", "ids", "Input should be true or false", *ids, {}});
  }
  if (!invalid.empty()) return unprocessable(invalid);

  const std::vector<std::uint32_t> rows = rows_of(std::get<Worklist>(read), assets);
  const PointScale points = assets.points();
  JsonWriter json;
  json.begin_object().member("total", rows.size());
  if (ids != nullptr && *ids == "true") {
    json.key("customer_ids").begin_array();
    for (const std::uint32_t row : rows) write_identifier(json, assets, row);
    json.end_array();
  } else {
    json.member("offset", *offset).key("customers").begin_array();
    for (std::size_t i = *offset; i < std::min(rows.size(), *offset + *limit); ++i) {
      json.begin_object();
      write_line(json, assets, points, rows[i]);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return personal(json.take());
}

class CustomerWriter {
 public:
  CustomerWriter(JsonWriter& json, const Assets& assets, std::size_t row)
      : json_(json), assets_(assets), row_(row), found_(explained(assets, row)) {}

  void write() {
    json_.begin_object();
    write_line(json_, assets_, found_.points, row_);
    write_score();
    write_reasons();
    write_contributions();
    write_similar();
    json_.key("provenance").begin_object();
    assets_.write_provenance(json_);
    json_.end_object().end_object();
  }

 private:
  static CustomerReasons explained(const Assets& assets, std::size_t row) {
    auto found = reasons_of(assets, row);
    if (!found) throw internal_error("explanation", found.error());
    return std::move(*found);
  }

  const std::string& name_of(std::size_t input) const {
    return assets_.data().inputs().columns()[input].name();
  }

  void write_score() {
    const Score score = assets_.score(row_);
    const PointScale& points = found_.points;
    json_.key("score").begin_object();
    json_.member("raw", score.raw).member("probability_pos", score.probability_pos);
    json_.member("threshold", assets_.model().threshold);
    json_.member("points", points.at(score));
    json_.member("threshold_points", points.rule().at_threshold);
    json_.member("review_zone", points.rule().review_zone);
    json_.member("scale", to_string(points.scale()));
    json_.member("points_per_unit", points.per_unit()).end_object();
  }

  void write_list(const char* key, const std::vector<Reason>& reasons) {
    json_.key(key).begin_array();
    for (const Reason& reason : reasons) {
      json_.begin_object().member("input", name_of(reason.input));
      json_.member("points", reason.displayed).member("exact_points", reason.points).end_object();
    }
    json_.end_array();
  }

  void write_reasons() {
    const Reasons& reasons = found_.reasons;
    json_.key("reasons").begin_object().member("base", reasons.base);
    write_list("against", reasons.against);
    write_list("favour", reasons.favour);
    json_.member("others", reasons.others).member("score", reasons.score);
    json_.member("to_review", reasons.to_review).key("strongest");
    if (found_.strongest) {
      json_.string(name_of(*found_.strongest));
    } else {
      json_.null();
    }
    json_.end_object();
  }

  void write_contributions() {
    const std::vector<Column>& columns = assets_.data().inputs().columns();
    json_.member("base_points", found_.base);
    json_.member("shared_points", found_.shared);
    json_.key("inputs").begin_array();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const InputReference& reference = assets_.references()[i];
      json_.begin_object().member("input", columns[i].name()).key("value");
      write_value(json_, columns[i], row_);
      json_.key("reference");
      if (reference.number) {
        json_.number(*reference.number);
      } else if (reference.text) {
        json_.string(*reference.text);
      } else {
        json_.null();
      }
      json_.member("points", found_.inputs[i]).end_object();
    }
    json_.end_array();
  }

  void write_similar() {
    const auto table = assets_.contributions();
    const std::vector<Column>& columns = assets_.data().inputs().columns();
    json_.key("similar");
    if (!table) {
      json_.null();
      return;
    }
    json_.begin_array();
    for (const auto& neighbour : table->nearest(row_, kSimilar)) {
      json_.begin_object();
      write_line(json_, assets_, found_.points, neighbour.row);
      json_.member("distance", std::abs(found_.points.of(neighbour.distance)));
      const Column& differs = columns[neighbour.differs_most];
      json_.member("differs_in", differs.name()).key("value");
      write_value(json_, differs, neighbour.row);
      json_.end_object();
    }
    json_.end_array();
  }

  JsonWriter& json_;
  const Assets& assets_;
  std::size_t row_;
  CustomerReasons found_;
};

Response customer(const Request& request, const Assets& assets) {
  return for_customer(request, assets, [&](std::size_t row) {
    JsonWriter json;
    CustomerWriter(json, assets, row).write();
    return personal(json.take());
  });
}

}  // namespace

void add_product_routes(RouteTable& table, const State& state) {
  RouteSpec customers;
  customers.path = "/api/v1/customers";
  customers.operation_id = "find_customers";
  customers.tag = kTag;
  customers.summary = "Search and filter applicants";
  customers.description =
      "All conditions hold together. Points are whole, as the screen shows them.";
  customers.parameters = worklist_parameters();
  customers.parameters.push_back({Parameter::In::kQuery, "offset", "Applicants to leave out first",
                                  R"({"type":"integer","minimum":0,"maximum":1000000000})", "0",
                                  false});
  customers.parameters.push_back({Parameter::In::kQuery, "limit", "Applicants in the answer",
                                  R"({"type":"integer","minimum":0,"maximum":500})", "50", false});
  customers.parameters.push_back({Parameter::In::kQuery, "ids",
                                  "true: the identifiers of the whole list instead of a page",
                                  R"({"type":"boolean"})", "false", false});
  customers.answers = {{200, "The applicants found", "application/json",
                        R"({"$ref":"#/components/schemas/CustomerList"})"},
                       validation_error(),
                       service_unavailable()};
  customers.handler = with_assets(state, list);
  table.push_back(std::move(customers));

  table.push_back(customer_route(
      "/api/v1/customers/{customer_id}", "get_customer",
      "One applicant: score, principal reasons, every input, similar applicants",
      "In points: higher is better, the threshold stands at threshold_points. base_points + the "
      "points of all inputs + shared_points is the score; the whole numbers of `reasons` add up "
      "exactly. reasons.strongest is the heaviest reason that has a value; reasons.to_review says "
      "that a protected or unrelated input is among the four heaviest. `similar` is null until the "
      "contributions of everybody have been computed. The answer holds no time of asking (the "
      "header Date does): it stays the same until what it rests on changes, and whoever asks again "
      "with If-None-Match gets a 304.",
      R"({"$ref":"#/components/schemas/Customer"})", http::Cost::kWorker,
      with_assets(state, customer)));
}

}  // namespace clairscore::api
