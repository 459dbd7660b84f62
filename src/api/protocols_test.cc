// The Open Inference Protocol and the product's routes for new applications, over the reference
// model: requests as NVIDIA's client makes them (oracles/triton_client.py), and every way to be
// wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <cstring>
#include <map>

#include "api/application_rows.h"
#include "api/base64_test_util.h"
#include "api/fake_assets.h"
#include "api/inference_request.h"
#include "api/routes.h"
#include "api/telemetry.h"
#include "base/json_writer.h"
#include "base/log_test_util.h"
#include "data/csv.h"
#include "http/negotiate.h"
#include "service/asset_loader.h"

namespace clairscore::api {
namespace {

using simdjson::dom::element;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kFixtures = CLAIRSCORE_SOURCE_DIR "/tests/fixtures/";
const std::string kHub = kFixtures + "reference/hub/";

AssetsPtr hub_assets() {
  static const AssetsPtr kAssets =
      load_assets({kHub + "model", kHub + "data/application_test.csv", {}}, {}).value();
  return kAssets;
}

class ProtocolsTest : public testing::Test {
 protected:
  void SetUp() override {
    actions_.telemetry = &telemetry_;
    state_.publish(hub_assets());
    router_ = make_router(state_, clock_, actions_, false);
  }

  http::Response ask(const std::string& method, const std::string& target, std::string body = {},
                     http::Fields headers = {{"content-type", "application/json"}}) const {
    http::Request request;
    request.method = method;
    EXPECT_TRUE(http::set_target(request, target));
    request.headers = std::move(headers);
    request.body = std::move(body);
    http::Router::Match match = router_->match(request);
    return match.route == nullptr ? std::move(match.answer) : match.route->handler(request);
  }

  State state_;
  SystemClock clock_;
  Telemetry telemetry_{std::make_shared<MemoryLog>(), {}};
  Actions actions_;
  std::shared_ptr<const http::Router> router_;
};

double read_double(std::string_view bytes) {
  double value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

TEST_F(ProtocolsTest, AnswersTritonsClient) {
  simdjson::dom::parser parser;
  const element recording = parser.load(kFixtures + "triton/requests.json");
  std::size_t compared = 0;
  for (const element recorded : recording.get_array()) {
    SCOPED_TRACE(std::string(std::string_view(recorded["note"])));
    const std::string body = decode_base64(std::string_view(recorded["body_base64"]));
    http::Fields headers = {{"content-type", "application/octet-stream"}};
    if (std::int64_t length = 0; recorded["header_length"].get(length) == simdjson::SUCCESS) {
      headers.emplace_back("inference-header-content-length", std::to_string(length));
    }
    for (const bool packed : {false, true}) {
      if (packed) headers.emplace_back("content-encoding", "gzip");
      const http::Response response =
          ask("POST", "/v2/models/clairscore/infer", packed ? http::gzip(body, 1) : body, headers);
      ASSERT_EQ(response.status, 200) << response.body;
      EXPECT_EQ(response.header("cache-control"), "private, no-cache");
      const std::string length(response.header("inference-header-content-length"));
      const std::size_t json_size = length.empty() ? response.body.size() : std::stoul(length);
      std::string_view binary = std::string_view(response.body).substr(json_size);
      simdjson::dom::parser answer_parser;
      const element answer = answer_parser.parse(response.body.substr(0, json_size));
      const auto expected = recorded["probability_pos"].get_array().value();
      for (const element output : answer["outputs"].get_array()) {
        EXPECT_EQ(std::size_t(std::uint64_t(output["shape"].at(0))), expected.size());
        std::uint64_t size = 0;
        const bool is_binary =
            output["parameters"]["binary_data_size"].get(size) == simdjson::SUCCESS;
        if (std::string_view(output["name"]) == "probability_pos") {
          std::size_t row = 0;
          for (const element probability : expected) {
            const double ours = is_binary ? read_double(binary.substr(row * sizeof(double)))
                                          : double(output["data"].at(row));
            EXPECT_NEAR(ours, double(probability), 1e-12);
            ++row;
            ++compared;
          }
        }
        binary.remove_prefix(size);
      }
      EXPECT_TRUE(binary.empty());
    }
  }
  EXPECT_GT(compared, 50U);
  EXPECT_EQ(telemetry_.accepted() + telemetry_.refused(), compared);
}

TEST_F(ProtocolsTest, SaysWhatIsWrongWithTensors) {
  const std::map<std::string, std::string> requests = {
      {"", "Error"},
      {"[]", "the request is no JSON object"},
      {"{}", "no list of inputs"},
      {R"({"inputs":[]})", "missing inputs NAME_CONTRACT_TYPE, CODE_GENDER"},
      {R"({"inputs":[5]})", "an input without a name"},
      {R"({"inputs":[{"name":"AMT_CREDITS"}]})",
       "no such input, input 'AMT_CREDITS', one of its inputs (nearest: AMT_CREDIT)"},
      {R"({"inputs":[{"name":"AMT_CREDIT","shape":[1]}]})", "no datatype"},
      {R"({"inputs":[{"name":"AMT_CREDIT","shape":[1],"datatype":"BYTES"}]})", "datatype 'BYTES'"},
      {R"({"inputs":[{"name":"CODE_GENDER","shape":[1],"datatype":"FP64"}]})", "datatype 'FP64'"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64"}]})", "no shape"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[1,2]}]})", "[n] or [n, 1]"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[-1]}]})", "[n] or [n, 1]"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[0]}]})", "no row"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[18446744073709551615]}]})",
       "at most 100000"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[1]}]})", "no data"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[2],"data":[1]}]})",
       "2 values"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[1],"data":["1"]}]})",
       "numbers"},
      {R"({"inputs":[{"name":"CODE_GENDER","datatype":"BYTES","shape":[1],"data":[1]}]})", "texts"},
      {R"({"inputs":[{"name":"AMT_CREDIT","datatype":"FP64","shape":[1],"parameters":{"binary_data_size":8}}]})",
       "the body ends before the tensor"},
      {R"({"id":5,"inputs":[]})", "an id that is no text"},
      {R"({"outputs":5,"inputs":[]})", "outputs is no list"},
      {R"({"parameters":5,"inputs":[]})", "parameters that are no object"},
      {R"({"parameters":{"binary_data_output":5},"inputs":[]})", "no boolean"},
      {R"({"outputs":[{"name":"decision","parameters":[]}],"inputs":[]})",
       "parameters that are no object, output 'decision'"},
  };
  for (const auto& [body, message] : requests) {
    const http::Response response = ask("POST", "/v2/models/clairscore/infer", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, StartsWith("{\"error\":\"")) << body;
    if (message != "Error") {
      EXPECT_THAT(response.body, HasSubstr(message)) << body;
    }
  }
  EXPECT_EQ(ask("POST", "/v2/models/nothing/infer", "{}").status, 404);
  EXPECT_EQ(ask("GET", "/v2/models/clairscore/versions/2/ready").status, 404);
  EXPECT_EQ(
      ask("POST", "/v2/models/clairscore/infer", "{}", {{"inference-header-content-length", "3"}})
          .status,
      400);
  EXPECT_EQ(ask("POST", "/v2/models/clairscore/infer", "{}", {{"content-encoding", "br"}}).status,
            415);
}

TEST(InferenceRequest, ReadsEveryDatatype) {
  const Signature signature{{{"x", SignatureType::kDouble}}, false};
  const auto number = [&](const std::string& datatype, const std::string& bytes) {
    const std::string json = R"({"inputs":[{"name":"x","shape":[1,1],"datatype":")" + datatype +
                             R"(","parameters":{"binary_data_size":)" +
                             std::to_string(bytes.size()) + "}}]}";
    const auto request = parse_inference_request(json + bytes, json.size(), signature, 10);
    return request ? request->inputs.column(0).doubles()[0] : std::nan("");
  };
  using namespace std::string_literals;
  EXPECT_EQ(number("BOOL", "\x01"s), 1);
  EXPECT_EQ(number("INT8", "\xFE"s), -2);
  EXPECT_EQ(number("UINT8", "\xFE"s), 254);
  EXPECT_EQ(number("INT16", "\xFE\xFF"s), -2);
  EXPECT_EQ(number("UINT16", "\xFE\xFF"s), 65534);
  EXPECT_EQ(number("INT32", "\xFE\xFF\xFF\xFF"s), -2);
  EXPECT_EQ(number("UINT32", "\xFE\xFF\xFF\xFF"s), 4294967294.0);
  EXPECT_EQ(number("INT64", "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), -2);
  EXPECT_EQ(number("UINT64", "\x02\0\0\0\0\0\0\0"s), 2);
  EXPECT_EQ(number("FP32", "\0\0\xC0\x3F"s), 1.5);
  EXPECT_EQ(number("FP64", "\0\0\0\0\0\0\xF8\x3F"s), 1.5);
  EXPECT_TRUE(std::isnan(number("FP16", "\0\0"s)));
  EXPECT_TRUE(std::isnan(number("FP64", "\0\0"s)));
}

TEST(InferenceRequest, ReadsTextsAndWhatIsMissing) {
  using namespace std::string_literals;
  const Signature signature{{{"job", SignatureType::kString}}, false};
  const auto parse = [&](const std::string& bytes) {
    const std::string json =
        R"({"inputs":[{"name":"job","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":)" +
        std::to_string(bytes.size()) + "}}]}";
    return parse_inference_request(json + bytes, json.size(), signature, 10);
  };
  const auto request = parse("\x04\0\0\0cook\0\0\0\0"s);
  ASSERT_TRUE(request) << to_string(request.error());
  EXPECT_EQ(request->inputs.column(0).text(0), "cook");
  EXPECT_TRUE(request->inputs.column(0).is_missing(1));
  EXPECT_FALSE(parse("\x04\0\0\0cook"s));
  EXPECT_FALSE(parse("\x04\0\0\0cook\xFF\xFF\xFF\xFF"s));
  EXPECT_FALSE(parse("\x04\0\0\0cook\x01\0\0\0\xFF"s));
  EXPECT_FALSE(parse("\x04\0\0\0cook\0\0\0\0x"s));
  const auto nulls = parse_inference_request(
      R"({"inputs":[{"name":"job","shape":[2,1],"datatype":"BYTES","data":[["cook"],[null]]}]})",
      std::nullopt, signature, 10);
  ASSERT_TRUE(nulls) << to_string(nulls.error());
  EXPECT_TRUE(nulls->inputs.column(0).is_missing(1));
}

/// Rows of the reference's CSV as JSON objects of raw fields.
std::vector<std::string> raw_rows(std::size_t count) {
  CsvOptions options;
  const auto table =
      read_csv(std::filesystem::path(kHub + "data/application_test.csv"), options).value();
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < count; ++row) {
    JsonWriter json;
    json.begin_object();
    for (const Column& column : table.frame.columns()) {
      json.key(column.name());
      if (column.is_missing(row)) {
        json.null();
      } else if (column.type() == ColumnType::kText) {
        json.string(column.text(row));
      } else if (column.type() == ColumnType::kInteger) {
        json.integer(column.integers()[row]);
      } else {
        json.number(column.number(row));
      }
    }
    json.end_object();
    rows.push_back(json.take());
  }
  return rows;
}

std::string applications(const std::vector<std::string>& rows) {
  std::string body = R"({"applications":[)";
  for (const std::string& row : rows) body.append(body.back() == '[' ? "" : ",").append(row);
  return body + "]}";
}

TEST_F(ProtocolsTest, ScoresApplicationsAsTheBatchDoes) {
  const std::size_t count = 200;
  const http::Response response = ask("POST", "/api/v1/score", applications(raw_rows(count)));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.header("cache-control"), "private, no-cache");
  simdjson::dom::parser parser;
  const element body = parser.parse(response.body);
  const AssetsPtr assets = hub_assets();
  std::size_t row = 0;
  for (const element score : body["scores"].get_array()) {
    EXPECT_EQ(std::int64_t(score["identifier"]), assets->data().identifiers().integers()[row]);
    EXPECT_EQ(double(score["raw_score"]), assets->score(row).raw);
    EXPECT_EQ(double(score["probability_pos"]), assets->score(row).probability_pos);
    EXPECT_EQ(std::string_view(score["decision"]), decision_text(assets->score(row)));
    ++row;
  }
  EXPECT_EQ(row, count);
}

TEST_F(ProtocolsTest, EveryScoreOfAnApplicationIsCounted) {
  constexpr std::uint64_t kRows = 200;
  const std::string body = applications(raw_rows(kRows));
  std::uint64_t refused = 0;
  for (std::size_t row = 0; row < kRows; ++row) refused += hub_assets()->score(row).refused ? 1 : 0;
  ASSERT_GT(refused, 0U);
  const auto expect = [&](std::uint64_t times) {
    EXPECT_EQ(telemetry_.refused(), times * refused);
    EXPECT_EQ(telemetry_.accepted(), times * (kRows - refused));
  };
  ASSERT_EQ(ask("POST", "/api/v1/score", body).status, 200);
  expect(1);
  ASSERT_EQ(ask("POST", "/api/v1/explain", body).status, 200);
  expect(2);
  ASSERT_EQ(ask("POST", "/invocations?recipe=default",
                R"({"dataframe_records":)" + body.substr(body.find('[')))
                .status,
            200);
  expect(3);
  ASSERT_EQ(ask("POST", "/api/v1/score", R"({"applications":[{}]})").status, 422);
  expect(3);
  EXPECT_THAT(
      ask("GET", "/metrics").body,
      HasSubstr("clairscore_scores_total{advice=\"refused\"} " + std::to_string(3 * refused)));
}

TEST_F(ProtocolsTest, ExplainsApplicationsAsTheServedOnes) {
  const http::Response response = ask("POST", "/api/v1/explain", applications(raw_rows(3)));
  ASSERT_EQ(response.status, 200) << response.body;
  simdjson::dom::parser parser;
  const element body = parser.parse(response.body);
  EXPECT_EQ(body["feature_names"].get_array().value().size(), hub_assets()->feature_names().size());
  std::size_t row = 0;
  for (const element explanation : body["explanations"].get_array()) {
    const Explanation served = hub_assets()->explain(row).value();
    double sum = double(explanation["base_value"]);
    EXPECT_NEAR(sum, served.base_value, 1e-12);
    std::size_t feature = 0;
    for (const element value : explanation["values"].get_array()) {
      EXPECT_NEAR(double(value), served.values[feature++], 1e-12);
      sum += double(value);
    }
    EXPECT_NEAR(sum, double(explanation["raw_score"]), 1e-9);
    ++row;
  }
  EXPECT_EQ(row, 3U);
}

TEST_F(ProtocolsTest, ListsEveryProblemOfEveryField) {
  std::vector<std::string> rows = raw_rows(2);
  const auto replace = [](std::string& row, const std::string& from, const std::string& to) {
    const std::size_t at = row.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    row.replace(at, from.size(), to);
  };
  replace(rows[0], R"("CODE_GENDER":)", R"("CODE_GENDERS":)");
  replace(rows[0], R"("NAME_CONTRACT_TYPE":"Cash loans")", R"("NAME_CONTRACT_TYPE":7)");
  replace(rows[1], R"("FLAG_MOBIL":1)", R"("FLAG_MOBIL":null)");
  replace(rows[1], R"("AMT_CREDIT":)", R"("AMT_CREDIT":"12", "AMT_CREDIT_OLD":)");
  const http::Response response = ask("POST", "/api/v1/score", applications(rows));
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(
      response.body,
      HasSubstr(
          R"x("loc":["body","applications",0,"CODE_GENDER"],"msg":"the field is missing (nearest: CODE_GENDERS)")x"));
  EXPECT_THAT(
      response.body,
      HasSubstr(
          R"("loc":["body","applications",0,"NAME_CONTRACT_TYPE"],"msg":"7 where text is needed")"));
  EXPECT_THAT(
      response.body,
      HasSubstr(
          R"("loc":["body","applications",1,"FLAG_MOBIL"],"msg":"null where an integer is needed")"));
  EXPECT_THAT(
      response.body,
      HasSubstr(
          R"("loc":["body","applications",1,"AMT_CREDIT"],"msg":"'12' where a number is needed")"));
  EXPECT_THAT(response.body, HasSubstr(R"("complete":true)"));

  // What only the recipe and the model can say is listed as well.
  rows = raw_rows(1);
  replace(rows[0], R"("FLAG_MOBIL":1)", R"("FLAG_MOBIL":5)");
  replace(rows[0], R"("FLAG_EMAIL":0)", R"("FLAG_EMAIL":9)");
  const http::Response outside = ask("POST", "/api/v1/score", applications(rows));
  EXPECT_EQ(outside.status, 422);
  EXPECT_THAT(outside.body, HasSubstr(R"(0,"FLAG_MOBIL"],"msg":"the number 5.0 in a column)"));
  EXPECT_THAT(outside.body, HasSubstr(R"(0,"FLAG_EMAIL"],"msg":"the number 9.0 in a column)"));
}

TEST_F(ProtocolsTest, RefusesWhatIsNoApplication) {
  const std::map<std::string, std::string> bodies = {
      {"", "json_invalid"},
      {"{", "json_invalid"},
      {"[]", R"("loc":["body"])"},
      {"{}", R"("loc":["body"])"},
      {R"({"applications":{}})", R"("loc":["body"])"},
      {R"({"applications":[]})", "there is no application"},
      {R"({"applications":[5]})", "5 is no application"},
      {std::string(200, '[') + std::string(200, ']'), "nested too deeply"},
  };
  for (const auto& [body, message] : bodies) {
    const http::Response response = ask("POST", "/api/v1/score", body);
    EXPECT_EQ(response.status, 422) << body;
    EXPECT_THAT(response.body, HasSubstr(message)) << body;
  }
  EXPECT_EQ(ask("POST", "/api/v1/score", "{}", {{"content-type", "text/plain"}}).status, 415);
  std::string many = R"({"applications":[{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  EXPECT_THAT(ask("POST", "/api/v1/explain", many + "]}").body, HasSubstr("at most 1000 rows"));
}

TEST_F(ProtocolsTest, MlflowTakesApplicationsToo) {
  const std::string csv =
      std::string(as_text(*read_file(kHub + "data/application_test.csv", 1U << 24U)));
  const http::Response from_csv =
      ask("POST", "/invocations?recipe=default",
          csv.substr(0, csv.find('\n', csv.find('\n') + 1) + 1), {{"content-type", "text/csv"}});
  ASSERT_EQ(from_csv.status, 200) << from_csv.body;
  EXPECT_EQ(from_csv.header("cache-control"), "private, no-cache");
  const std::string row = raw_rows(1).front();
  for (const std::string& body : {R"({"dataframe_records":[)" + row + "]}",
                                  R"({"instances":[)" + row + "]}", R"({"inputs":)" + row + "}"}) {
    const http::Response response = ask("POST", "/invocations?recipe=default", body);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, from_csv.body);
  }
  EXPECT_EQ(ask("POST", "/invocations?recipe=other", "{}").status, 400);
  EXPECT_THAT(ask("POST", "/invocations?recipe=default", R"({"inputs":{"AMT_CREDIT":[1,2]}})").body,
              HasSubstr("the field is missing (row 1, NAME_CONTRACT_TYPE)"));
}

std::string all_pieces(const http::Response& response) {
  std::string all;
  for (std::string piece; !(piece = response.pieces()).empty();) {
    EXPECT_LT(piece.size(), 40'000U) << "a piece is small, however many applicants there are";
    all += piece;
  }
  return all;
}

TEST_F(ProtocolsTest, ThePortfolioAsCsv) {
  http::Response response = ask("GET", "/api/v1/portfolio/scores.csv");
  EXPECT_EQ(response.header("cache-control"), "private, no-cache");
  ASSERT_TRUE(response.pieces);
  const std::string csv = all_pieces(response);
  const auto table = read_csv(as_bytes(csv), "scores.csv", CsvOptions());
  ASSERT_TRUE(table) << to_string(table.error());
  const AssetsPtr assets = hub_assets();
  ASSERT_EQ(table->frame.rows(), assets->data().rows());
  for (std::size_t row = 0; row < table->frame.rows(); ++row) {
    EXPECT_EQ(table->frame.find("raw_score")->doubles()[row], assets->score(row).raw);
  }
  http::Response packed =
      ask("GET", "/api/v1/portfolio/scores.csv", {}, {{"accept-encoding", "gzip"}});
  http::Request request;
  request.headers = {{"accept-encoding", "gzip"}};
  http::compress(request, packed);
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_EQ(http::gunzip(all_pieces(packed), 1U << 24U).value(), csv);
  EXPECT_EQ(packed.header("etag"), response.header("etag"));
}

TEST(Protocols, NoIdentifierIsAFormulaForASpreadsheet) {
  // As a CSV file holds the identifier, as ours gives it back.
  for (const auto& [identifier, given] : std::vector<std::pair<std::string, std::string>>{
           {"=1+1", "'=1+1"},
           {"+33612345678", "'+33612345678"},
           {"-2+3", "'-2+3"},
           {"@SUM(A1:A9)", "'@SUM(A1:A9)"},
           {"\"\t=1\"", "'\t=1"},
           {"\"\r=1\"", "\"'\r=1\""},
           {"\"\n=1\"", "\"'\n=1\""},
           {"\"=HYPERLINK(\"\"http://a\"\",1)\"", "\"'=HYPERLINK(\"\"http://a\"\",1)\""},
           {"\"=1,=2\"", "\"'=1,=2\""},
           {"\"a,=2\"", "\"a,=2\""},
           {"\"a\"\",=2\"", "\"a\"\",=2\""},
           {"a=1", "a=1"},
           {"A-7", "A-7"},
       }) {
    State state;
    const SystemClock clock;
    state.publish(FakeAssets::make(identifier, "text"));
    const auto router = make_router(state, clock, Actions(), false);
    http::Request request;
    request.method = "GET";
    request.path = "/api/v1/portfolio/scores.csv";
    const auto match = router->match(request);
    ASSERT_NE(match.route, nullptr);
    const std::string csv = all_pieces(match.route->handler(request));
    const std::string header = "ID,raw_score,probability_pos,threshold,decision\n";
    EXPECT_EQ(csv.substr(0, header.size() + given.size() + 1), header + given + ",") << identifier;
  }
}

TEST(Protocols, AnswerBeforeThereIsAModel) {
  const State state;
  const SystemClock clock;
  const auto router = make_router(state, clock, Actions(), false);
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{{"GET", "/ping"},
                                                        {"GET", "/version"},
                                                        {"POST", "/invocations"},
                                                        {"GET", "/v2/health/ready"},
                                                        {"POST", "/v2/models/clairscore/infer"},
                                                        {"POST", "/api/v1/score"},
                                                        {"GET", "/api/v1/portfolio/scores.csv"}}) {
    http::Request request;
    request.method = method;
    request.path = path;
    const auto match = router->match(request);
    ASSERT_NE(match.route, nullptr) << path;
    EXPECT_EQ(match.route->handler(request).status, 503) << path;
  }
}

}  // namespace
}  // namespace clairscore::api
