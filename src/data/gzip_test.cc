#include "data/gzip.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "data/csv.h"
#include "data/gzip_text.h"

namespace clairscore {
namespace {

TEST(GzipTest, CsvIsReadThroughIt) {
  const std::string packed = gzipped("a,b\n1,x\n2,y\n");
  const auto table = read_csv(as_bytes(packed), "file.csv.gz", {});
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(table->frame.column(0).integers()[1], 2);
  const auto names = read_csv_header(as_bytes(packed), "file.csv.gz");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 2U);
}

TEST(GzipTest, JoinsMembers) {
  const std::string packed = gzipped("a\n1\n") + gzipped("") + gzipped("2\n");
  const auto plain = gunzip(as_bytes(packed), 100, "f");
  ASSERT_TRUE(plain);
  EXPECT_EQ(as_text(*plain), "a\n1\n2\n");
}

TEST(GzipTest, RefusesDamage) {
  const std::string packed = gzipped(std::string(5000, 'a') + "b");
  const auto error_of = [&](const std::string& bytes) {
    const auto plain = gunzip(as_bytes(bytes), 1 << 20, "f.gz");
    return plain ? Error{} : plain.error();
  };
  const Error cut = error_of(packed.substr(0, packed.size() - 3));
  EXPECT_EQ(cut.code, ErrorCode::kInput);
  EXPECT_EQ(cut.what, "gzip data cut short");
  EXPECT_EQ(cut.where, "f.gz, byte " + std::to_string(packed.size() - 3));
  EXPECT_EQ(error_of(packed.substr(0, 2)).what, "gzip data cut short");
  std::string wrong = packed;
  wrong[packed.size() - 6] = static_cast<char>(wrong[packed.size() - 6] ^ 1);
  EXPECT_EQ(error_of(wrong).what, "damaged gzip data");
  EXPECT_EQ(error_of(packed + "more").what, "damaged gzip data");
}

TEST(GzipTest, StopsAtItsLimit) {
  const std::string packed = gzipped(std::string(1'000'000, 'a'));
  const auto refused = gunzip(as_bytes(packed), 999'999, "f.gz");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  EXPECT_TRUE(gunzip(as_bytes(packed), 1'000'000, "f.gz"));
  EXPECT_EQ(gunzip_start(as_bytes(packed), 10, "f.gz")->size(), 10U);
}

RC_GTEST_PROP(GzipProperty, GivesBackWhatWasPacked, (const std::string& text)) {
  const std::string packed = gzipped(text);
  const auto plain = gunzip(as_bytes(packed), text.size(), "f");
  RC_ASSERT(plain.has_value());
  RC_ASSERT(as_text(*plain) == text);
}

}  // namespace
}  // namespace clairscore
