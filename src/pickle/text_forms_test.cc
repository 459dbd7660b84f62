#include "pickle/text_forms.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <string>

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;

std::string text_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::string(as_text(*bytes)) : "nothing";
}

TEST(Utf8, WhatPythonAccepts) {
  for (const std::string& good :
       {""s, "ascii, longer than eight"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s,
        "\xef\xbf\xbf"s, "\xed\xa0\x80"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
    EXPECT_TRUE(is_utf8(as_bytes(good))) << testing::PrintToString(good);
    EXPECT_TRUE(is_utf8(as_bytes("12345678" + good + "12345678")));
  }
  for (const std::string& bad :
       {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x00"s, "\xe0\x9f\xbf"s,
        "\xe1\x80"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s, "\xf8\x88\x80\x80\x80"s, "\xff"s}) {
    EXPECT_FALSE(is_utf8(as_bytes(bad))) << testing::PrintToString(bad);
    EXPECT_FALSE(is_utf8(as_bytes("1234567" + bad)));
  }
}

RC_GTEST_PROP(Utf8, EveryCodePointIsReadBack, ()) {
  const auto code_point = *rc::gen::inRange<std::uint32_t>(0, 0x110000);
  std::string text;
  append_utf8(text, code_point);
  RC_ASSERT(is_utf8(as_bytes(text)));
  RC_ASSERT(!is_utf8(as_bytes(text).first(text.size() - 1)) || text.size() == 1);
  const auto latin1 = latin1_of(text);
  RC_ASSERT(latin1.has_value() == (code_point < 0x100));
  if (latin1) RC_ASSERT(std::to_integer<std::uint32_t>(latin1->at(0)) == code_point);
}

TEST(Latin1, OfTextUpToU00FF) {
  EXPECT_EQ(text_of(latin1_of("a\xc3\xbf")), "a\xff");
  EXPECT_FALSE(latin1_of("\xc4\x80"));
  EXPECT_FALSE(latin1_of("\xc3"));
}

RC_GTEST_PROP(DecimalToBytes, AgreesWithMachineIntegers, (std::int64_t value)) {
  const auto bytes = decimal_to_bytes(std::to_string(value));
  RC_ASSERT(bytes.has_value());
  RC_ASSERT(!bytes->empty() && bytes->size() <= 8U);
  std::uint64_t read = std::to_integer<unsigned>(bytes->back()) >= 0x80 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes->size(); i-- > 0;) {
    read = read << 8U | std::to_integer<std::uint64_t>(bytes->at(i));
  }
  RC_ASSERT(static_cast<std::int64_t>(read) == value);
}

TEST(DecimalToBytes, AreAsFewAsHoldTheValue) {
  EXPECT_EQ(text_of(decimal_to_bytes("0")), "\0"s);
  EXPECT_EQ(text_of(decimal_to_bytes("-0")), "\0"s);
  EXPECT_EQ(text_of(decimal_to_bytes("+127")), "\x7f");
  EXPECT_EQ(text_of(decimal_to_bytes("128")), "\x80\x00"s);
  EXPECT_EQ(text_of(decimal_to_bytes("-128")), "\x80");
  EXPECT_EQ(text_of(decimal_to_bytes("-129")), "\x7f\xff");
  EXPECT_EQ(text_of(decimal_to_bytes("18446744073709551616")), "\0\0\0\0\0\0\0\0\1"s);
  for (const char* bad : {"", "-", "+-1", "1.0", "1 ", "0x1", "1_000"}) {
    EXPECT_FALSE(decimal_to_bytes(bad)) << bad;
  }
  EXPECT_TRUE(decimal_to_bytes(std::string(4300, '9')));
  EXPECT_FALSE(decimal_to_bytes(std::string(4301, '9')));
}

}  // namespace
}  // namespace clairscore::pickle
