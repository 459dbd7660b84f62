#include "api/path_integer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace clairscore::api {
namespace {

TEST(PathIntegerTest, ReadsWhatPydanticReads) {
  simdjson::dom::parser parser;
  const simdjson::dom::element cases =
      parser.load(CLAIRSCORE_SOURCE_DIR "/tests/fixtures/api/path_integers.json");
  std::size_t count = 0;
  for (const simdjson::dom::element one : cases.get_array()) {
    const std::string_view text = one["text"];
    const PathInteger read = parse_path_integer(text);
    std::string_view expected;
    if (one["value"].get(expected) == simdjson::SUCCESS) {
      EXPECT_EQ(read.kind, PathInteger::Kind::kInteger) << text;
      EXPECT_EQ(read.text, expected) << text;
    } else {
      const std::string_view type = one["type"];
      EXPECT_EQ(read.kind, type == "int_parsing_size" ? PathInteger::Kind::kTooManyDigits
                                                      : PathInteger::Kind::kNotAnInteger)
          << text;
    }
    ++count;
  }
  EXPECT_EQ(count, 72U);
}

TEST(PathIntegerTest, KeepsTheValueWhereItFits) {
  EXPECT_EQ(parse_path_integer("0100285").value, 100285);
  EXPECT_EQ(parse_path_integer("-9223372036854775808").value, INT64_MIN);
  EXPECT_FALSE(parse_path_integer("9223372036854775808").value);
}

}  // namespace
}  // namespace clairscore::api
