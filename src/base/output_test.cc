#include "base/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/bytes.h"

namespace clairscore {
namespace {

class OutputTest : public testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("output_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  auto files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }
};

TEST_F(OutputTest, AppearsWholeOnCommit) {
  const auto path = folder_ / "out.csv";
  const std::string long_text(std::size_t{1} << 20U, 'x');
  {
    auto file = OutputFile::open(path.string()).value();
    ASSERT_TRUE(file.write("a\n"));
    ASSERT_TRUE(file.write(long_text));
    EXPECT_FALSE(std::filesystem::exists(path));
    ASSERT_TRUE(file.commit());
  }
  EXPECT_EQ(read_text_file(path, 1 << 22).value(), "a\n" + long_text);
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputTest, AbandonedAFileIsGoneAndAPipeHasItAll) {
  {
    auto file = OutputFile::open((folder_ / "out.csv").string()).value();
    ASSERT_TRUE(file.write("a\n"));
    ASSERT_TRUE(file.abandon());
  }
  EXPECT_EQ(files(), 0);
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto file = OutputFile::open(pipe.string()).value();
  ASSERT_TRUE(file.write("a\n"));
  ASSERT_TRUE(file.abandon());
  std::string got(10, '\0');
  EXPECT_EQ(::read(reader, got.data(), got.size()), 2);
  ::close(reader);
}

TEST_F(OutputTest, IsGoneWithoutCommitAndLeavesTheOldFile) {
  const auto path = folder_ / "out.csv";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("old")));
  {
    auto file = OutputFile::open(path.string()).value();
    ASSERT_TRUE(file.write("new"));
  }
  EXPECT_EQ(read_text_file(path, 9).value(), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputTest, WritesToADeviceWithoutReplacingIt) {
  auto file = OutputFile::open("/dev/null").value();
  ASSERT_TRUE(file.write("x"));
  ASSERT_TRUE(file.commit());
  struct stat status{};
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(OutputTest, SaysWhereItCannotWrite) {
  const auto no_folder = OutputFile::open((folder_ / "none" / "out").string());
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().where, (folder_ / "none" / "out").string());
  EXPECT_FALSE(OutputFile::open(folder_.string()));
  auto full = OutputFile::open("/dev/full").value();
  ASSERT_TRUE(full.write("x"));
  const auto refused = full.commit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      to_string(refused.error()),
      "cannot write: No space left on device, /dev/full, a file in a folder that exists and may "
      "be written");
}

}  // namespace
}  // namespace clairscore
