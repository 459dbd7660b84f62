#include "base/bytes.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace clairscore {
namespace {

class BytesTest : public testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("bytes_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(BytesTest, WritesAndReadsBack) {
  const auto path = folder_ / "file";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("clair")));
  EXPECT_EQ(read_text_file(path, 5).value(), "clair");
  EXPECT_EQ(as_text(MappedFile::open(path).value().bytes()), "clair");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(BytesTest, RefusesWhatIsOverTheLimit) {
  const auto path = folder_ / "file";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("clair")));
  const auto refused = read_text_file(path, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  EXPECT_EQ(refused.error().where, path.string());
}

TEST_F(BytesTest, NamesWhatIsNotThereAndWhatIsAFolder) {
  EXPECT_EQ(read_file(folder_ / "none", 9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_file(folder_, 9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(MappedFile::open(folder_ / "none").error().code, ErrorCode::kNotFound);
}

TEST_F(BytesTest, AFailedWriteLeavesNothing) {
  EXPECT_FALSE(write_file_atomically(folder_ / "none" / "file", as_bytes("x")));
  std::filesystem::create_directories(folder_ / "taken");
  EXPECT_FALSE(write_file_atomically(folder_ / "taken", as_bytes("x")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(BytesTest, ReadsAFileThatReportsNoSize) {
  EXPECT_FALSE(read_text_file("/proc/self/status", 1 << 20).value().empty());
}

}  // namespace
}  // namespace clairscore
