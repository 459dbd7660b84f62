// The batch commands as streams: what is written depends neither on how the rows are cut into
// blocks, nor on threads, nor on where the rows come from.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/bytes.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/process_test_util.h"
#include "cli/stats.h"
#include "data/gzip_text.h"

namespace clairscore {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";
const std::string kModel = (kReference / "hub/model").string();
const std::string kData = (kReference / "hub/data/application_test.csv").string();

std::string text_of(const std::filesystem::path& path) {
  return read_text_file(path, 1U << 28U).value();
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// A folder that goes with the test.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::path(testing::TempDir()) / ("stream_" + name)) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string put(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(write_file_atomically(path_ / name, as_bytes(text)));
    return (path_ / name).string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The reference rows: the header, and the rows one by one.
struct Rows {
  std::string header;
  std::vector<std::string> rows;
};

Rows reference_rows() {
  const std::string text = text_of(kData);
  Rows all;
  std::size_t begin = text.find('\n') + 1;
  all.header = text.substr(0, begin);
  for (std::size_t end = 0; begin < text.size(); begin = end) {
    end = text.find('\n', begin) + 1;
    all.rows.push_back(text.substr(begin, end - begin));
  }
  return all;
}

std::string join(const Rows& rows, std::size_t count) {
  std::string text = rows.header;
  for (std::size_t i = 0; i < count; ++i) text += rows.rows[i];
  return text;
}

RC_GTEST_PROP(BatchStreamProperty, NeitherBlocksNorThreadsChangeWhatIsWritten, ()) {
  static const Folder folder("blocks");
  static const std::string data = folder.put("rows.csv", join(reference_rows(), 120));
  static const auto written = [](std::size_t block_bytes, std::size_t threads, int command) {
    BatchOptions batch;
    batch.model = kModel;
    batch.data = data;
    batch.output = folder.path("out.csv");
    batch.block_bytes = block_bytes;
    batch.threads = threads;
    ExplainCommand explain;
    explain.batch = batch;
    const Result<void> done = command == 0   ? run_score({batch, RowFormat::kJsonLines})
                              : command == 1 ? run_explain(explain)
                              : command == 2 ? run_transform({batch, TransformStage::kModel})
                                             : run_transform({batch, TransformStage::kPrepared});
    return done ? text_of(batch.output) : to_string(done.error());
  };
  static const std::vector<std::string> whole = [] {
    std::vector<std::string> texts;
    for (const int command : {0, 1, 2, 3}) texts.push_back(written(1U << 28U, 1, command));
    return texts;
  }();
  const int command = *rc::gen::inRange(0, 4);
  const auto block_bytes = *rc::gen::inRange<std::size_t>(1, 20'000);
  const auto threads = *rc::gen::inRange<std::size_t>(1, 5);
  const std::string& expected = whole[static_cast<std::size_t>(command)];
  RC_ASSERT(lines_of(expected) == (command == 0 ? 120U : 121U));
  RC_ASSERT(written(block_bytes, threads, command) == expected);
}

TEST(BatchStreamTest, ManyBlocksFromFilesPipesAndGzipGiveTheSameRows) {
  const Folder folder("sources");
  const Rows rows = reference_rows();
  std::string text = rows.header;
  for (int times = 0; times < 4; ++times) {
    for (const std::string& row : rows.rows) text += row;
  }
  ASSERT_GT(text.size(), std::size_t{2} << 20U);
  const std::string once = run_clairscore({"score", "--model", kModel, "--data", kData}).out;
  const std::size_t first_row = once.find('\n') + 1;
  std::string expected = once;
  for (int times = 1; times < 4; ++times) expected += once.substr(first_row);
  const auto score = [&](const std::string& data, const std::string& input) {
    const Finished ended = run_clairscore({"score", "--model", kModel, "--data", data}, input);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    return ended.out == expected;
  };
  EXPECT_TRUE(score(folder.put("rows.csv", text), {}));
  EXPECT_TRUE(score(folder.put("rows.csv.gz", gzipped(text)), {}));
  EXPECT_TRUE(score("-", text));
  EXPECT_TRUE(score("-", gzipped(text)));
}

/// What score writes to standard output of rows with a bad one in a later block.
TEST(BatchStreamTest, ARefusalComesAfterTheRowsBeforeIt) {
  const Folder folder("refusal");
  const Rows rows = reference_rows();
  const std::string good = run_clairscore({"score", "--model", kModel, "--data", kData}).out;
  for (const std::size_t before : {0U, 1U, 700U, 1500U}) {
    const std::string data = folder.put("rows.csv", join(rows, before) + "1,2,3\n" + rows.rows[0]);
    const Finished ended = run_clairscore({"score", "--model", kModel, "--data", data});
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_EQ(lines_of(ended.err), 1U) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(data + ":" + std::to_string(before + 1)));
    EXPECT_EQ(lines_of(ended.out), before == 0 ? 0U : before + 1);
    EXPECT_EQ(ended.out, good.substr(0, ended.out.size()));
    const std::string output = folder.path("out.csv");
    EXPECT_EQ(
        run_clairscore({"score", "--model", kModel, "--data", data, "--output", output}).exit_code,
        3);
    EXPECT_FALSE(std::filesystem::exists(output));
  }
}

/// Rows that can be read, and that the command's work refuses.
RC_GTEST_PROP(BatchStreamProperty, WhatTheModelRefusesIsNamedByItsPlaceInTheFile, ()) {
  static const Folder folder("refused");
  static const std::string data = folder.put("rows.csv", join(reference_rows(), 120));
  const auto bad = *rc::gen::inRange<std::size_t>(0, 120);
  BatchOptions options;
  options.model = kModel;
  options.data = data;
  options.output = folder.path("out.csv");
  options.block_bytes = *rc::gen::inRange<std::size_t>(1, 60'000);
  options.threads = *rc::gen::inRange<std::size_t>(1, 4);
  const std::string odd = reference_rows().rows[bad].substr(0, 6);
  BatchStats stats;
  auto batch = open_batch(options, stats);
  RC_ASSERT(batch.has_value());
  BatchWork work;
  work.append = [&](const PreparedRows& rows, std::string& out) -> Result<void> {
    for (std::size_t row = 0; row < rows.inputs.rows(); ++row) {
      const std::string identifier = std::to_string(rows.identifiers.integers()[row]);
      if (identifier == odd) {
        return fail(ErrorCode::kInput, "odd", "column c, row " + std::to_string(row + 1));
      }
      out.append(identifier).append("\n");
    }
    return {};
  };
  const Result<void> done = run_batch(*batch, options, stats, work);
  RC_ASSERT(!done.has_value());
  RC_ASSERT(done.error().where == data + ":" + std::to_string(bad + 1) + ":c");
  RC_ASSERT(stats.rows == bad);
  RC_ASSERT(!std::filesystem::exists(options.output));
}

TEST(BatchStreamTest, SkippedRowsOfAllBlocksAreListedAndCounted) {
  const Folder folder("skipped");
  const Rows rows = reference_rows();
  std::string text = rows.header;
  for (std::size_t i = 0; i < 1500; ++i) {
    text += rows.rows[i];
    if (i % 50 == 0) text += "7,8\n";
  }
  BatchOptions batch;
  batch.model = kModel;
  batch.data = folder.put("rows.csv", text);
  const Finished ended =
      run_clairscore({"score", "--model", kModel, "--data", batch.data, "--on-bad-row", "skip",
                      "--stats", folder.path("stats.json")});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_EQ(ended.out, run_clairscore({"score", "--model", kModel, "--data", kData}).out);
  EXPECT_EQ(lines_of(ended.err), 21U);
  EXPECT_THAT(ended.err, HasSubstr(batch.data + ":2,"));
  EXPECT_THAT(ended.err, AllOf(HasSubstr("skipped customer 7: "), HasSubstr(batch.data + ":53,")));
  EXPECT_THAT(ended.err, HasSubstr("30 rows skipped, the first of which are listed"));
  simdjson::dom::parser parser;
  const simdjson::dom::element stats = parser.load(folder.path("stats.json"));
  EXPECT_EQ(stats["rows"].get_int64().value(), 1500);
}

TEST(BatchStreamTest, AFileWithoutAGoodRowIsRefused) {
  const Rows rows = reference_rows();
  const auto error_of = [&](const std::string& text) {
    const Finished ended =
        run_clairscore({"score", "--model", kModel, "--data", "-", "--on-bad-row", "skip"}, text);
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_EQ(ended.out, "");
    return ended.err;
  };
  EXPECT_THAT(error_of(rows.header), HasSubstr("the file has a header but no row"));
  EXPECT_THAT(error_of(rows.header + "1,2\n3\n"),
              HasSubstr("every row is bad; the first: 2 fields"));
  EXPECT_THAT(error_of(""), HasSubstr("the file is empty"));
}

TEST(BatchStreamTest, GzipThatEndsTooSoonIsRefusedAfterItsRows) {
  const std::string packed = gzipped(text_of(kData));
  const Finished ended = run_clairscore({"score", "--model", kModel, "--data", "-"},
                                        packed.substr(0, packed.size() - 5));
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.err, HasSubstr("gzip data cut short, standard input, byte"));
}

TEST(StepClockTest, StepsShareTheTimeThatPasses) {
  StepClock clock;
  const auto started = std::chrono::steady_clock::now();
  clock.begin(BatchStep::kRead);
  clock.begin(BatchStep::kScore);
  clock.begin(BatchStep::kScore);
  while (std::chrono::steady_clock::now() - started < std::chrono::milliseconds(2)) {
  }
  clock.end(BatchStep::kScore);
  clock.end(BatchStep::kScore);
  clock.end(BatchStep::kRead);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
  EXPECT_GT(clock.seconds(BatchStep::kScore), clock.seconds(BatchStep::kRead));
  EXPECT_GT(clock.seconds(BatchStep::kRead), 0);
  EXPECT_LE(clock.seconds(BatchStep::kRead) + clock.seconds(BatchStep::kScore), passed.count());
  EXPECT_EQ(clock.seconds(BatchStep::kWrite), 0);
}

/// A terminal's other end.
TEST(BatchStreamTest, ATerminalShowsProgress) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(::grantpt(terminal), 0);
  ASSERT_EQ(::unlockpt(terminal), 0);
  const std::string name = ::ptsname(terminal);
  const int ours = ::open(name.c_str(), O_RDWR | O_NOCTTY);
  const int kept = ::dup(STDERR_FILENO);
  ASSERT_GE(::dup2(ours, STDERR_FILENO), 0);
  BatchOptions batch;
  batch.model = kModel;
  batch.data = kData;
  batch.output = "/dev/null";
  batch.block_bytes = 1U << 17U;
  const Result<void> done = run_score({batch, RowFormat::kCsv});
  ASSERT_GE(::dup2(kept, STDERR_FILENO), 0);
  ::close(kept);
  EXPECT_TRUE(done);
  std::string shown(4096, '\0');
  const ssize_t got = ::read(terminal, shown.data(), shown.size());
  ::close(ours);
  ::close(terminal);
  ASSERT_GT(got, 0);
  EXPECT_THAT(shown, HasSubstr("scoring  ["));
  EXPECT_THAT(shown, HasSubstr("%"));
}

}  // namespace
}  // namespace clairscore
