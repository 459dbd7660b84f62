#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace clairscore {
namespace {

TEST(JsonWriterTest, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object().member("a", 1).member("b", 2.5).member("c", "x").member("d", true);
  json.key("e").numbers(std::vector<double>{1, NAN, INFINITY}).key("f").begin_array().end_array();
  json.key("g").begin_object().end_object().key("h").null().end_object();
  EXPECT_EQ(json.text(),
            R"({"a":1,"b":2.5,"c":"x","d":true,"e":[1.0,null,null],"f":[],"g":{},"h":null})");
}

TEST(JsonWriterTest, EscapesAndRepairsStrings) {
  std::string out;
  append_json_string(out, std::string_view("\"\\\n\t\x01é€😀\x7f", 15));
  EXPECT_EQ(out, "\"\\\"\\\\\\n\\t\\u0001é€😀\\u007f\"");
  const auto repaired = [](std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
  };
  EXPECT_EQ(repaired("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(repaired("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(repaired("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
  EXPECT_EQ(repaired("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // cut short
}

}  // namespace
}  // namespace clairscore
