// What `mlflow models serve` (2.22 and 3) answered to valid and invalid requests over the models of
// tests/fixtures/reference and one with a column of every type, replayed over our routes. The
// recordings are oracles/mlflow_serving.py's. Where ours differ on purpose, differences() says how.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include "api/base64_test_util.h"
#include "api/fake_assets.h"
#include "api/routes.h"
#include "base/bytes.h"
#include "http/negotiate.h"
#include "http/router.h"

namespace clairscore::api {
namespace {

using simdjson::dom::element;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kFixtures = CLAIRSCORE_SOURCE_DIR "/tests/fixtures/";

std::string text(const element& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::string body_of(const element& recorded) {
  if (std::string_view body; recorded["body"].get(body) == simdjson::SUCCESS)
    return std::string(body);
  if (std::string_view body; recorded["body_base64"].get(body) == simdjson::SUCCESS) {
    return decode_base64(body);
  }
  const auto repeated = recorded["body_repeat"].get_array().value();
  const std::string_view what = repeated.at(0);
  return std::string(static_cast<std::size_t>(std::int64_t(repeated.at(1))), what.front());
}

/// One model behind the routes.
class ServedModel {
 public:
  ServedModel(const std::string& name, const std::string& mlflow_version) {
    const bool typed = name == "typed";
    const std::string folder =
        kFixtures + (typed ? "mlflow_serving/typed" : "reference/" + name + "/model");
    const auto loaded = load_model(folder);
    if (!loaded) throw std::runtime_error(to_string(loaded.error()));
    auto model = std::make_shared<LoadedModel>(**loaded);
    model->card.mlflow_version = mlflow_version;
    const RecipePtr recipe = typed ? Recipe::none() : Recipe::built_in("home_credit").value();
    constexpr std::string_view kTyped = "flag,count,amount,rate,ratio,job\nTrue,1,1,1,1,cook\n";
    auto data = typed ? Dataset::load(as_bytes(kTyped), "typed.csv", *recipe, model->signature,
                                      OnBadRow::kRefuse, 1)
                      : Dataset::load(kFixtures + "reference/hub60/application_test.csv", *recipe,
                                      model->signature, OnBadRow::kRefuse, 1);
    if (!data) throw std::runtime_error(to_string(data.error()));
    state_.publish(std::make_shared<FakeAssets>(std::move(model), recipe, std::move(*data)));
    router_ = make_router(state_, clock_, actions_, false);
  }

  http::Response ask(const element& recorded) const {
    http::Request request;
    request.method = text(recorded, "method");
    request.target = request.path = text(recorded, "path");
    if (const std::string type = text(recorded, "content_type"); !type.empty()) {
      request.headers.emplace_back("content-type", type);
    }
    request.body = body_of(recorded);
    http::Router::Match match = router_->match(request);
    return match.route == nullptr ? std::move(match.answer) : match.route->handler(request);
  }

 private:
  State state_;
  SystemClock clock_;
  Actions actions_;
  std::shared_ptr<const http::Router> router_;
};

/// What is answered on purpose where MLflow answered something else.
struct Difference {
  const char* why;
  std::function<bool(const element& recorded)> matches;
  int status;
  std::string in_body;  // of ours
};

/// Notes of the form "INPUT VALUE in FORMAT".
bool is_note(const element& recorded, std::string_view begin) {
  return text(recorded, "note").starts_with(begin);
}
bool is_value(const element& recorded, const std::string& value) {
  return text(recorded, "note").find(" " + value + " in ") != std::string::npos;
}
/// In a format that numpy reads.
bool is_tensor(const element& recorded) {
  const std::string note = text(recorded, "note");
  return note.ends_with("in instances") || note.ends_with("in inputs");
}
bool has(const element& recorded, std::string_view part) {
  return body_of(recorded).find(part) != std::string::npos;
}
bool ends(const element& recorded, std::string_view end) {
  return body_of(recorded).ends_with(end);
}

const std::vector<Difference>& differences() {
  static const std::vector<Difference> kDifferences = {
      {"a list is no value, though numpy makes a number of an empty one",
       [](const element& r) {
         return is_tensor(r) && (is_note(r, "AMT_CREDIT [") || is_note(r, "rate ["));
       },
       400, "setting an array element with a sequence"},
      {"the same without a note: a column of lists",
       [](const element& r) {
         return ends(r, R"("CREDIT_PER_PERSON": [743674.5, 332101.95]}})") &&
                has(r, R"("AMT_CREDIT": [[1], [2]])");
       },
       400, "setting an array element with a sequence"},
      {"an object is no text",
       [](const element& r) { return is_tensor(r) && is_note(r, "CODE_GENDER {}"); }, 400,
       "the input 'CODE_GENDER' holds a list"},
      {"what is no integer is refused, not cut, wrapped or made up",
       [](const element& r) {
         return (is_note(r, "count ") || is_note(r, "amount ")) &&
                (is_value(r, "1.5") || is_value(r, "2147483648") ||
                 is_value(r, "9223372036854775808") || is_value(r, "1e+30") || is_value(r, "[1]") ||
                 is_value(r, "NaN")) &&
                !(is_note(r, "amount ") && is_value(r, "2147483648"));
       },
       400, R"("error_code":"BAD_REQUEST","message":"Invalid input. )"},
      {"only 0, 1, true and false are booleans",
       [](const element& r) {
         return is_note(r, "flag ") && !is_value(r, "0") && !is_value(r, "1") &&
                !is_value(r, "1.0") && !is_value(r, "true") && !is_value(r, "\"1\"");
       },
       400, R"("error_code":"BAD_REQUEST","message":"Invalid input. )"},
      {"the same where one cell of two is null",
       [](const element& r) {
         return text(r, "model") == "typed" &&
                (has(r, "[null, 2, 100000000000, 0.25, null") ||
                 has(r, "[false, null, 100000000000, 0.25") || has(r, "[false, 2, null, 0.25")) &&
                text(r, "note").empty();
       },
       400, "Failed to convert column"},
      {"an input that stands twice is named",
       [](const element& r) { return ends(r, R"(332101.95, "Cash loans"]]}})"); }, 400,
       "the input 'NAME_CONTRACT_TYPE' stands twice"},
      {"requests for language models",
       [](const element& r) {
         return has(r, R"({"messages")") || has(r, R"({"prompt")") || has(r, R"({"input":)");
       },
       400, "this model takes the inputs of a table"},
      {"500 there: no content type",
       [](const element& r) {
         return text(r, "method") == "POST" && text(r, "path") == "/invocations" &&
                text(r, "content_type").empty();
       },
       415, "only supports the following content types"},
      {"500 there: text that is not UTF-8, or nested without end",
       [](const element& r) { return has(r, "{\"a\": \"\xFF") || has(r, "[[[[[[[["); }, 400,
       "Ensure that input is a valid JSON formatted string"},
      {"500 there: a CSV that is not UTF-8", [](const element& r) { return has(r, "a\xFF,b"); },
       400, "is not UTF-8"},
      {"a row of a CSV with too few fields is refused",
       [](const element& r) {
         return text(r, "content_type") == "text/csv" && ends(r, "\n1,2,3\n");
       },
       400, "as many fields as the header has"},
      {"a boolean of a CSV is no number",
       [](const element& r) { return text(r, "content_type") == "text/csv" && has(r, ",True,"); },
       400, "'True' is not a number"},
  };
  return kDifferences;
}

/// The part of a text between the last `begin` and `end`; from the start or to the end where they
/// are not in it.
std::string_view between(std::string_view message, std::string_view begin, std::string_view end) {
  if (const std::size_t at = message.rfind(begin); at != std::string_view::npos) {
    message.remove_prefix(at + begin.size());
  }
  return message.substr(0, message.find(end));
}

/// Messages are compared as far as they do not quote the data, Python's internals or the order of a
/// Python set.
void expect_message(std::string_view ours, std::string_view theirs) {
  if (theirs.starts_with("Failed to predict data")) {
    constexpr std::size_t kEnd = 200;
    const std::string_view end = between(theirs, "Error: ", {"\0", 1});
    EXPECT_THAT(ours, testing::EndsWith(end.substr(end.size() - std::min(end.size(), kEnd))));
    return;
  }
  for (const std::string_view open :
       {"input is a valid JSON formatted s", "`pandas.DataFrame.to_csv()` method. Error: '",
        "and 'index' fields. Got {",
        "valid dataframe representation in 'split' format. Error: '"}) {
    const std::size_t at = theirs.find(open);
    if (at == std::string_view::npos) continue;
    EXPECT_THAT(ours, StartsWith(theirs.substr(0, at + open.size())));
    return;
  }
  if (theirs.find("exactly one of the input fields {") != std::string_view::npos) {
    EXPECT_EQ(between(ours, "}. ", " IMPORTANT"), between(theirs, "}. ", " IMPORTANT"));
    return;
  }
  if (theirs.starts_with("Encountered an unexpected error")) {
    EXPECT_THAT(ours, StartsWith(theirs));
    return;
  }
  EXPECT_EQ(ours, theirs);
}

void expect_predictions(const element& ours, const element& theirs) {
  const auto left = ours["predictions"].get_array().value();
  const auto right = theirs["predictions"].get_array().value();
  ASSERT_EQ(left.size(), right.size());
  auto mine = left.begin();
  for (const element row : right) {
    if (row.is_array()) {
      for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_NEAR(double((*mine).at(k)), double(row.at(k)), 1e-15);
      }
    } else {
      EXPECT_EQ(simdjson::minify(*mine), simdjson::minify(row));
    }
    ++mine;
  }
}

void expect_recorded(const http::Response& response, const element& recorded) {
  ASSERT_EQ(response.status, std::int64_t(recorded["status"])) << response.body;
  EXPECT_EQ(response.header("content-type"), text(recorded, "type"));
  element answer;
  if (recorded["answer"].get(answer) != simdjson::SUCCESS) {
    const std::string theirs = text(recorded, "text");
    if (response.status == 415) {
      EXPECT_THAT(response.body, StartsWith(between(theirs.substr(0, theirs.find("Types: ")),
                                                    {"\0", 1}, "IMPORTANT")));
    } else {
      EXPECT_EQ(response.body, theirs);
    }
    return;
  }
  simdjson::dom::parser parser;
  element body;
  ASSERT_EQ(parser.parse(response.body).get(body), simdjson::SUCCESS) << response.body;
  if (response.status == 200) {
    expect_predictions(body, answer);
    return;
  }
  if (response.status != 400) {
    EXPECT_EQ(simdjson::minify(body), simdjson::minify(answer));
    return;
  }
  for (const char* const name : {"error_code", "sqlstate", "error_class"}) {
    EXPECT_EQ(text(body, name), text(answer, name)) << name << " " << response.body;
  }
  expect_message(text(body, "message"), text(answer, "message"));
}

class MlflowReplayTest : public testing::TestWithParam<const char*> {};

TEST_P(MlflowReplayTest, AnswersAsMlflowDoes) {
  const auto file =
      read_file(kFixtures + "mlflow_serving/" + GetParam() + ".json.gz", std::uint64_t{1} << 24U)
          .value();
  const auto recording_text = http::gunzip(as_text(file), std::size_t{64} << 20U);
  ASSERT_TRUE(recording_text) << to_string(recording_text.error());
  simdjson::dom::parser parser;
  element recording;
  ASSERT_EQ(parser.parse(*recording_text).get(recording), simdjson::SUCCESS);
  const std::string version = text(recording, "version");
  std::map<std::string, std::unique_ptr<ServedModel>> models;
  std::map<const Difference*, std::size_t> used;
  std::size_t compared = 0;
  for (const element recorded : recording["answers"].get_array()) {
    const std::string name = text(recorded, "model");
    auto& model = models[name];
    if (!model) model = std::make_unique<ServedModel>(name, version);
    const http::Response response = model->ask(recorded);
    const std::string body = body_of(recorded);
    SCOPED_TRACE(name + " " + text(recorded, "method") + " " + text(recorded, "path") + " " +
                 text(recorded, "content_type") + " " + text(recorded, "note") + " …" +
                 body.substr(body.size() - std::min<std::size_t>(body.size(), 90)));
    const auto difference = std::ranges::find_if(
        differences(), [&](const Difference& one) { return one.matches(recorded); });
    if (difference == differences().end()) {
      expect_recorded(response, recorded);
      ++compared;
    } else {
      EXPECT_EQ(response.status, difference->status) << difference->why;
      EXPECT_THAT(response.body, HasSubstr(difference->in_body)) << difference->why;
      ++used[&*difference];
    }
  }
  EXPECT_EQ(used.size(), differences().size());
  EXPECT_GT(compared, 600U);
}

INSTANTIATE_TEST_SUITE_P(Versions, MlflowReplayTest, testing::Values("2", "3"));

}  // namespace
}  // namespace clairscore::api
