#include "pickle/decompress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "pickle/test_support.h"

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

const std::filesystem::path kFixtures =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/pickle";

constexpr Compression kAll[] = {Compression::kZlib, Compression::kGzip, Compression::kBz2,
                                Compression::kXz,   Compression::kLzma, Compression::kLz4};

/// arrays.joblib, as joblib compressed it.
Bytes fixture(Compression compression) {
  const auto path = kFixtures / ("arrays.joblib." + std::string(to_string(compression)));
  return read_file(path, 1 << 20).value();
}

std::string zlib_of(const std::string& content) {
  uLongf size = compressBound(content.size());
  std::string out(size, '\0');
  EXPECT_EQ(compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                      reinterpret_cast<const Bytef*>(content.data()), content.size(), 1),
            Z_OK);
  out.resize(size);
  return out;
}

TEST(Decompress, IsToldByTheFirstBytes) {
  for (const Compression compression : kAll) {
    EXPECT_EQ(detect_compression(fixture(compression)), compression);
  }
  for (const std::string& plain : {""s, "\x80\x04"s, "(lp0"s, "]"s, "\x5d\x94"s, "\x1f"s, "B"s}) {
    EXPECT_FALSE(detect_compression(as_bytes(plain))) << testing::PrintToString(plain);
  }
}

TEST(Decompress, EveryCompressorGivesTheSameBytes) {
  const Bytes plain = read_file(kFixtures / "arrays.joblib", 1 << 20).value();
  // Compressed, the arrays are at other offsets and padded otherwise: only lengths are near.
  std::string first;
  for (const Compression compression : kAll) {
    const auto content = decompress(fixture(compression), compression, "file", {});
    ASSERT_TRUE(content) << to_string(content.error());
    if (first.empty()) first = as_text(content->bytes);
    EXPECT_EQ(as_text(content->bytes), first) << to_string(compression);
  }
  EXPECT_NEAR(static_cast<double>(first.size()), static_cast<double>(plain.size()), 1000);
}

TEST(Decompress, RefusesEveryBeginning) {
  for (const Compression compression : kAll) {
    const Bytes whole = fixture(compression);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 200);
    for (std::size_t length = 0; length < whole.size(); length += step) {
      const auto cut = decompress(ByteSpan(whole).first(length), compression, "file", {});
      ASSERT_FALSE(cut) << to_string(compression) << " of " << length;
      EXPECT_EQ(cut.error().code, ErrorCode::kInput);
      EXPECT_THAT(cut.error().where, HasSubstr("of the compressed file"));
    }
  }
}

TEST(Decompress, RefusesBytesAfterTheEnd) {
  for (const Compression compression : kAll) {
    Bytes whole = fixture(compression);
    whole.resize(whole.size() + 3);
    const auto longer = decompress(whole, compression, "file", {});
    ASSERT_FALSE(longer) << to_string(compression);
    EXPECT_EQ(longer.error().what,
              "3 bytes after the end of the " + std::string(to_string(compression)) + " data");
  }
}

TEST(Decompress, RefusesWhatIsCorrupt) {
  for (const Compression compression : kAll) {
    Bytes whole = fixture(compression);
    for (std::size_t i = 14; i < 40; ++i) whole[i] ^= std::byte{0x5a};
    const auto corrupt = decompress(whole, compression, "file", {});
    ASSERT_FALSE(corrupt) << to_string(compression);
    EXPECT_EQ(corrupt.error().code, ErrorCode::kInput);
  }
}

TEST(Decompress, StopsAtTheLimitOfBytes) {
  const Bytes whole = fixture(Compression::kZlib);
  const std::size_t size = decompress(whole, Compression::kZlib, "file", {})->bytes.size();
  Limits limits;
  limits.max_bytes = size;
  EXPECT_TRUE(decompress(whole, Compression::kZlib, "file", limits));
  limits.max_bytes = size - 1;
  const auto refused = decompress(whole, Compression::kZlib, "file", limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  EXPECT_THAT(refused.error().what, HasSubstr("expands too far"));
  EXPECT_EQ(refused.error().accepted, "up to " + std::to_string(size - 1) + " bytes");
}

TEST(Decompress, StopsWhereItExpandsTooMuch) {
  const std::string bomb = zlib_of(std::string(std::size_t{65} << 20U, ']'));
  ASSERT_LT(bomb.size(), 500'000U);
  const auto refused = decompress(as_bytes(bomb), Compression::kZlib, "file", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimit);
  EXPECT_THAT(refused.error().what, HasSubstr("expands more than 100 times"));
}

// Small files may expand as they like: an array of zeros does.
TEST(Decompress, TheFirst64MegabytesMayComeOfLittle) {
  const std::string zeros(std::size_t{4} << 20U, '\0');
  const std::string small = zlib_of(zeros);
  const auto content = decompress(as_bytes(small), Compression::kZlib, "file", {});
  ASSERT_TRUE(content);
  EXPECT_EQ(as_text(content->bytes), zeros);
}

TEST(Decompress, APickleOfAnyProtocolMayBeCompressed) {
  EXPECT_EQ(read(zlib_of("\x80\x04K\x05.")), "5");
  EXPECT_EQ(read(zlib_of("I5\n.")), "5");
  EXPECT_THAT(read(zlib_of("")), HasSubstr("without STOP"));
  EXPECT_THAT(read(zlib_of("N.N")), HasSubstr("1 bytes after the end of the pickle"));
}

}  // namespace
}  // namespace clairscore::pickle
