// The product's routes for new applications, and the scores of the whole portfolio.

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "api/application_rows.h"
#include "api/customer_answers.h"
#include "api/examples.h"
#include "api/json_body.h"
#include "api/routes.h"
#include "base/json_writer.h"
#include "base/numbers.h"
#include "http/negotiate.h"
#include "service/scoring.h"

namespace clairscore::api {

namespace {

using http::Request;
using http::Response;

constexpr const char* kTag = "New applications";
/// An explanation has a number for every feature.
constexpr std::size_t kMaxExplainedRows = 1000;
constexpr std::size_t kMaxScoredRows = 10'000;
constexpr std::size_t kMaxBodyBytes = std::size_t{16} << 20U;
constexpr std::size_t kCsvPiece = std::size_t{32} * 1024;

constexpr const char* kProblemsSchema =
    R"({"type":"object","required":["detail"],"properties":{"detail":{"type":"array","minItems":1,"items":{)"
    R"("type":"object","required":["type","loc","msg"],"properties":{"type":{"type":"string"},)"
    R"("loc":{"type":"array","items":{"type":["string","integer"]}},"msg":{"type":"string"},)"
    R"("accepted":{"type":"string"}}}},"complete":{"type":"boolean"}}})";

Response problem_response(const ApplicationProblems& problems) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array();
  for (const FieldProblem& problem : problems.problems) {
    json.begin_object().member("type", "application_invalid");
    json.key("loc").begin_array().string("body").string("applications");
    json.integer(static_cast<std::int64_t>(problem.row));
    if (!problem.field.empty()) json.string(problem.field);
    json.end_array().member("msg", problem.what);
    if (!problem.accepted.empty()) json.member("accepted", problem.accepted);
    json.end_object();
  }
  json.end_array().member("complete", problems.complete).end_object();
  Response response = Response::json(json.take(), 422);
  response.with("cache-control", "no-store");
  return response;
}

Response body_problem(std::string_view type, const std::string& message) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array().begin_object().member("type", type);
  json.key("loc").begin_array().string("body").end_array().member("msg", message);
  json.end_object().end_array().end_object();
  return Response::json(json.take(), 422);
}

bool is_json(const Request& request) {
  std::string_view type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type == "application/json";
}

/// Reads {"applications": [...]} and calls answer(applications, scores).
template <typename Answer>
Response for_applications(const Request& request, const Assets& assets, std::size_t max_rows,
                          const Actions& actions, Answer answer) {
  if (!is_json(request)) return Response::detail(415, "The body must be application/json.");
  JsonBody body;
  if (const auto parsed = body.parse(request.body); !parsed) {
    return body_problem("json_invalid", "JSON decode error: " + to_string(parsed.error()));
  }
  simdjson::dom::object members;
  std::optional<simdjson::dom::element> rows;
  simdjson::dom::array list;
  if (body.root().get(members) == simdjson::SUCCESS) rows = member(members, "applications");
  if (!rows || rows->get(list) != simdjson::SUCCESS) {
    return body_problem("missing", R"(The body must be {"applications": [{…}, …]}.)");
  }
  const auto applications = prepare_applications(list, max_rows, assets);
  if (!applications) return problem_response(applications.error());
  const auto scores = score_rows(assets.model(), applications->inputs,
                                 threads_for_rows(applications->inputs.rows()));
  if (!scores) {
    const Error& error = scores.error();
    if (error.code == ErrorCode::kInternal) throw internal_error("scoring", error);
    return problem_response({{{0, {}, error.what, error.accepted}}, true});
  }
  count_scores(actions, *scores);
  return answer(*applications, *scores);
}

void write_score(JsonWriter& json, const Assets& assets, const Applications& applications,
                 const Score& score, std::size_t row) {
  json.member("row", row).key("identifier").raw(applications.identifiers[row]);
  json.member("raw_score", score.raw).member("probability_pos", score.probability_pos);
  json.member("threshold", assets.model().threshold).member("decision", decision_text(score));
}

/// Personal data, and the answer to a body that no cache knows.
Response personal_answer(JsonWriter& json) {
  Response response = Response::json(json.take());
  response.with("cache-control", kPersonal);
  return response;
}

Response score(const Request& request, const Assets& assets, const Actions& actions) {
  return for_applications(request, assets, kMaxScoredRows, actions,
                          [&](const Applications& applications, const std::vector<Score>& scores) {
                            JsonWriter json;
                            json.begin_object().key("scores").begin_array();
                            for (std::size_t row = 0; row < scores.size(); ++row) {
                              json.begin_object();
                              write_score(json, assets, applications, scores[row], row);
                              json.end_object();
                            }
                            json.end_array().end_object();
                            return personal_answer(json);
                          });
}

Response explain(const Request& request, const Served& served, const Actions& actions) {
  const Assets& assets = served.assets();
  return for_applications(
      request, assets, kMaxExplainedRows, actions,
      [&](const Applications& applications, const std::vector<Score>& scores) {
        const auto explanations = assets.explain_rows(applications.inputs);
        if (!explanations) throw internal_error("explanation", explanations.error());
        JsonWriter json;
        json.begin_object().key("feature_names").raw(served.feature_names_json());
        json.key("explanations").begin_array();
        for (std::size_t row = 0; row < scores.size(); ++row) {
          json.begin_object();
          write_score(json, assets, applications, scores[row], row);
          json.member("base_value", (*explanations)[row].base_value);
          json.key("values").numbers((*explanations)[row].values).end_object();
        }
        json.end_array().end_object();
        return personal_answer(json);
      });
}

/// A text as a CSV field. One that a spreadsheet would take for a formula gets an apostrophe in
/// front, which makes it text there (OWASP, "CSV injection").
void append_csv_text(std::string& out, std::string_view text) {
  constexpr std::string_view kFormula = "=+-@\t\r\n";
  const bool formula = !text.empty() && kFormula.find(text.front()) != std::string_view::npos;
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

/// Appends rows from `row` on until there are enough for a piece; gives the row after them.
std::size_t append_scores(std::string& csv, const Assets& assets, std::size_t row) {
  const Column& identifiers = assets.data().identifiers();
  const std::string threshold = double_to_text(assets.model().threshold);
  for (; row < identifiers.size() && csv.size() < kCsvPiece; ++row) {
    const Score score = assets.score(row);
    if (identifiers.type() == ColumnType::kText) {
      append_csv_text(csv, identifiers.text(row));
    } else {
      csv += std::to_string(identifiers.integers()[row]);
    }
    csv += ',';
    append_double(csv, score.raw);
    csv += ',';
    append_double(csv, score.probability_pos);
    csv.append(",").append(threshold).append(",").append(decision_text(score)).append("\n");
  }
  return row;
}

/// All applicants of one snapshot, which lives as long as the download.
Response portfolio_scores(ServedPtr served) {
  Response response;
  response.with("content-type", "text/csv; charset=utf-8; header=present");
  response.with("cache-control", kPersonal);
  response.with("etag", snapshot_etag(served->assets(), "scores.csv"));
  response.with("content-disposition", "attachment; filename=\"scores.csv\"");
  response.pieces = [served = std::move(served), row = std::size_t{0}, begun = false]() mutable {
    std::string csv;
    if (!begun) {
      append_csv_text(csv, served->assets().data().identifiers().name());
      csv += ",raw_score,probability_pos,threshold,decision\n";
      begun = true;
    }
    row = append_scores(csv, served->assets(), row);
    return csv;
  };
  return response;
}

std::string score_members() {
  return R"("row":{"type":"integer"},"identifier":{"type":["integer","string","null"]},)"
         R"("raw_score":{"type":"number","description":"Log-odds"},"probability_pos":{"type":"number"},)"
         R"("threshold":{"type":"number"},"decision":{"type":"string","enum":["accepted","refused"]})";
}

RouteSpec application_route(std::string path, std::string operation_id, std::string summary,
                            std::size_t max_rows, std::string schema, http::Handler handler) {
  RouteSpec route;
  route.method = "POST";
  route.path = std::move(path);
  route.operation_id = std::move(operation_id);
  route.tag = kTag;
  route.summary = std::move(summary);
  route.description = fmt::format(
      "Each application is an object of the raw fields that the recipe reads, prepared exactly as "
      "the served applicants were; a value that is not known is null. Other fields are ignored. "
      "When something is wrong nothing is scored, and every problem of every field is listed (the "
      "first {}). At most {} applications a request.",
      kMaxListedProblems, max_rows);
  route.bodies = {
      {"application/json",
       fmt::format(
           R"({{"type":"object","required":["applications"],"properties":{{"applications":{{)"
           R"("type":"array","minItems":1,"maxItems":{},"items":{{"type":"object",)"
           R"("additionalProperties":{{"type":["number","string","boolean","null"]}}}}}}}}}})",
           max_rows),
       std::string(R"({"applications":[)") + kExampleApplication + "]}"}};
  route.answers = {
      {200, "One entry an application, in their order", "application/json", std::move(schema)},
      {413, "The body is too large", "application/json",
       R"({"$ref":"#/components/schemas/Detail"})"},
      {415, "The body is not application/json", "application/json",
       R"({"$ref":"#/components/schemas/Detail"})"},
      {422, "Every problem of the applications", "application/json", kProblemsSchema},
      service_unavailable()};
  route.handler = std::move(handler);
  route.body_bytes = kMaxBodyBytes;
  route.role = Role::kScorer;
  return route;
}

}  // namespace

void add_application_routes(RouteTable& table, const State& state, const Actions& actions) {
  table.push_back(application_route(
      "/api/v1/score", "score_applications", "Scores new applications", kMaxScoredRows,
      R"({"type":"object","required":["scores"],"properties":{"scores":{"type":"array","items":{"type":"object","properties":{)" +
          score_members() + "}}}}}",
      with_assets(state, [&actions](const Request& request, const Assets& assets) {
        return score(request, assets, actions);
      })));
  table.push_back(application_route(
      "/api/v1/explain", "explain_applications",
      "Scores new applications and says what each feature contributed", kMaxExplainedRows,
      R"({"type":"object","required":["feature_names","explanations"],"properties":{"feature_names":{"type":"array","items":{"type":"string"}},"explanations":{"type":"array","items":{"type":"object","properties":{)" +
          score_members() +
          R"(,"base_value":{"type":"number","description":"base_value + values adds up to raw_score"},"values":{"type":"array","items":{"type":"number"}}}}}}})",
      with_served(state, [&actions](const Request& request, const Served& served) {
        return explain(request, served, actions);
      })));

  RouteSpec csv;
  csv.path = "/api/v1/portfolio/scores.csv";
  csv.operation_id = "get_portfolio_scores";
  csv.tag = "Applicants";
  csv.summary = "Scores of all applicants, in file order, as CSV";
  csv.description =
      "Written while it is sent, from one snapshot. The columns of `clairscore score`. Identifiers "
      "that a spreadsheet would take for a formula "
      "begin with an apostrophe.";
  csv.answers = {
      {200, "Identifier, raw_score, probability_pos, threshold, decision", "text/csv", {}},
      service_unavailable()};
  csv.handler = [&state](const Request& /*request*/) {
    ServedPtr served = state.served();
    if (!served) return Response::detail(503, "Service is unavailable.");
    return portfolio_scores(std::move(served));
  };
  table.push_back(std::move(csv));
}

}  // namespace clairscore::api
