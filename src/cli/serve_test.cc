// `clairscore serve` as an operator meets it: what it says of bad input, and how it ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "cli/process_test_util.h"

namespace clairscore {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

class ServeTest : public testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("serve_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  std::string model_ = (kReference / "hub/model").string();
  std::string data_ = (kReference / "hub/data").string();
  int port_ = free_port();
  int api_port_ = free_port();

  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> serve(const std::string& model, const std::string& data) const {
    return {"serve",
            "--model",
            model,
            "--data",
            data,
            "--port",
            std::to_string(port_),
            "--api-port",
            std::to_string(api_port_)};
  }

  /// The reference CSV with its lines changed.
  std::string csv(const std::function<void(std::vector<std::string>& lines)>& change) const {
    std::ifstream in(kReference / "hub/data/application_test.csv");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    change(lines);
    const auto path = folder_ / "applicants.csv";
    std::ofstream out(path);
    for (const std::string& line : lines) out << line << '\n';
    return path.string();
  }

  /// Expects one line on stderr, exit code 3, and nothing on stdout.
  std::string refusal(const std::string& model, const std::string& data) const {
    const Finished ended = run_clairscore(serve(model, data));
    EXPECT_EQ(ended.exit_code, 3) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, StartsWith("clairscore: "));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    return ended.err;
  }

  std::string copied_model() const {
    const auto copy = folder_ / "model";
    std::filesystem::copy(model_, copy, std::filesystem::copy_options::recursive);
    return copy.string();
  }

  bool ready(std::chrono::seconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (Running::get_status(api_port_, "/readyz") == 200) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

TEST_F(ServeTest, ServesOnBothPortsAndEndsWithZeroOnASignal) {
  for (const int signal_number : {SIGTERM, SIGINT}) {
    Running server(serve(model_, data_));
    ASSERT_TRUE(ready(std::chrono::seconds(30)));
    EXPECT_EQ(Running::get_status(port_, "/customers"), 200);
    EXPECT_EQ(Running::get_status(port_, "/"), 200);
    EXPECT_EQ(Running::get_status(api_port_, "/customer/100285/dashboard"), 200);
    EXPECT_EQ(Running::get_status(api_port_, "/"), 404);
    server.send_signal(signal_number);
    const Finished ended = server.wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  }
}

TEST_F(ServeTest, ASignalWhileLoadingEndsWithZero) {
  Running server(serve(model_, data_));
  while (Running::get_status(api_port_, "/livez") != 200) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 0);
}

TEST_F(ServeTest, APortInUseIsNamed) {
  Running first(serve(model_, data_));
  ASSERT_TRUE(ready(std::chrono::seconds(30)));
  const Finished second = run_clairscore(serve(model_, data_));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, AllOf(StartsWith("clairscore: "), HasSubstr(std::to_string(port_))));
  EXPECT_EQ(std::count(second.err.begin(), second.err.end(), '\n'), 1) << second.err;
}

TEST_F(ServeTest, FoldersThatAreNotThereAreNamed) {
  EXPECT_THAT(refusal("/nonexistent/model", data_), HasSubstr("/nonexistent/model"));
  EXPECT_THAT(refusal(model_, "/nonexistent/data"), HasSubstr("/nonexistent/data"));
  EXPECT_THAT(refusal(model_, folder_.string()), HasSubstr("CSV"));
}

TEST_F(ServeTest, ATruncatedOrForeignModelIsRefused) {
  const std::string copy = copied_model();
  const auto pickle = std::filesystem::path(copy) / "model.pkl";
  std::filesystem::resize_file(pickle, std::filesystem::file_size(pickle) / 2);
  EXPECT_THAT(refusal(copy, data_), AllOf(HasSubstr("model.pkl"), HasSubstr("byte")));
  std::ofstream(pickle) << "PK\x03\x04 not a pickle";
  EXPECT_THAT(refusal(copy, data_), HasSubstr("model.pkl"));
}

TEST_F(ServeTest, AnMLmodelWithoutSignatureIsRefused) {
  const std::string copy = copied_model();
  const auto path = std::filesystem::path(copy) / "MLmodel";
  std::string text = read_text_file(path, 1 << 20).value();
  text.erase(text.find("signature:"));
  std::ofstream(path) << text;
  EXPECT_THAT(refusal(copy, data_), AllOf(HasSubstr("MLmodel"), HasSubstr("signature")));
}

TEST_F(ServeTest, AMissingColumnIsNamed) {
  const auto path = csv([](std::vector<std::string>& lines) {
    lines[0].replace(lines[0].find("EXT_SOURCE_3"), 12, "SOMETHING");
  });
  EXPECT_THAT(refusal(model_, path), HasSubstr("EXT_SOURCE_3"));
}

TEST_F(ServeTest, ATextInANumberNamesFileRowAndColumn) {
  const auto path = csv([](std::vector<std::string>& lines) {
    // AMT_INCOME_TOTAL is the seventh column.
    std::size_t at = 0;
    for (int commas = 0; commas < 6; ++commas) at = lines[3].find(',', at) + 1;
    lines[3].replace(at, lines[3].find(',', at) - at, "plenty");
  });
  EXPECT_THAT(refusal(model_, path),
              AllOf(HasSubstr(path + ":3:AMT_INCOME_TOTAL"), HasSubstr("plenty")));
}

TEST_F(ServeTest, ARepeatedCustomerIsNamed) {
  const auto path = csv([](std::vector<std::string>& lines) {
    lines[9].replace(0, lines[9].find(','), lines[4].substr(0, lines[4].find(',')));
  });
  EXPECT_THAT(refusal(model_, path), AllOf(HasSubstr("101053"), HasSubstr("SK_ID_CURR")));
}

TEST_F(ServeTest, AnEmptyFileAndAHeaderAloneAreRefused) {
  const auto empty = csv([](std::vector<std::string>& lines) { lines.clear(); });
  EXPECT_THAT(refusal(model_, empty), HasSubstr(empty));
  const auto header = csv([](std::vector<std::string>& lines) { lines.resize(1); });
  EXPECT_THAT(refusal(model_, header), HasSubstr(header));
}

TEST_F(ServeTest, SkipListsBadRowsAndServesTheOthers) {
  const auto path = csv([](std::vector<std::string>& lines) { lines[3] += ",too,many"; });
  EXPECT_THAT(refusal(model_, path), HasSubstr(path + ":3"));
  auto arguments = serve(model_, path);
  arguments.insert(arguments.end(), {"--on-bad-row", "skip"});
  Running server(arguments);
  ASSERT_TRUE(ready(std::chrono::seconds(30)));
  EXPECT_EQ(Running::get_status(api_port_, "/customer/100285/score"), 200);
  EXPECT_EQ(Running::get_status(api_port_, "/customer/100750/score"), 404);
  server.send_signal(SIGTERM);
  const Finished ended = server.wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("skipped customer hash:"), HasSubstr(path + ":3"),
                               Not(HasSubstr("100750"))));

  arguments.insert(arguments.end(), {"--log-ids", "plain"});
  Running plain(arguments);
  ASSERT_TRUE(ready(std::chrono::seconds(30)));
  plain.send_signal(SIGTERM);
  EXPECT_THAT(plain.wait().err, HasSubstr("skipped customer 100750"));
}

TEST_F(ServeTest, AnAddressBeyondThisMachineNeedsOpen) {
  auto arguments = serve(model_, data_);
  arguments.insert(arguments.end(), {"--host", "0.0.0.0"});
  const Finished ended = run_clairscore(arguments);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("0.0.0.0"), HasSubstr("--open")));
}

TEST_F(ServeTest, ABadTokenIsRefusedWithoutBeingShown) {
  auto arguments = serve(model_, data_);
  const Finished ended =
      run_clairscore(arguments, {}, {"CLAIRSCORE_TOKENS=boss:very-secret-very-secret"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown role"));
  EXPECT_THAT(ended.err, Not(HasSubstr("very-secret")));
}

TEST_F(ServeTest, PointsThatDoNotGrowAreRefused) {
  auto arguments = serve(model_, data_);
  arguments.insert(arguments.end(), {"--points-doubling", "0"});
  const Finished ended = run_clairscore(arguments);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, HasSubstr("points_doubling"));
}

TEST_F(ServeTest, WithoutModelOrDataTheSettingsAreNamed) {
  const Finished ended = run_clairscore({"serve"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("--model"), HasSubstr("HF_MODEL_REPO_ID")));
}

TEST_F(ServeTest, PrintsItsSettings) {
  const Finished ended = run_clairscore({"serve", "--port", "1234", "--print-config"}, {},
                                        {"CLAIRSCORE_API_PORT=4321"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.out, testing::ContainsRegex("port +1234 +--port"));
  EXPECT_THAT(ended.out, testing::ContainsRegex("api_port +4321 +CLAIRSCORE_API_PORT"));
}

}  // namespace
}  // namespace clairscore
