#include "pickle/ndarray.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pickle/test_support.h"

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Pieces of protocol 0, which is the readable one.

std::string integer(std::int64_t value) {
  return fmt::format("I{}\n", value);
}

std::string shape_of(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (const std::int64_t extent : shape) text += integer(extent);
  return text + "t";
}

std::string dtype_of(const std::string& text, const std::string& order = "<",
                     const std::string& names = "N", const std::string& fields = "N",
                     std::int64_t item_size = -1) {
  return fmt::format("cnumpy\ndtype\n(V{}\nI00\nI01\ntR(I3\nV{}\nN{}{}{}I-1\nI0\ntb", text, order,
                     names, fields, integer(item_size));
}

std::string array_of(const std::vector<std::int64_t>& shape, const std::string& dtype,
                     const std::string& data, bool fortran = false) {
  return fmt::format(
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n{}{}I0{}\n{}tb",
      shape_of(shape), dtype, fortran ? 1 : 0, data);
}

std::string bytes_of(const std::string& bytes) {
  std::string text = "B....";
  for (std::size_t i = 0; i < 4; ++i) text[i + 1] = static_cast<char>(bytes.size() >> 8 * i);
  return text + bytes;
}

std::string error_of(const std::string& pickle) {
  const auto graph = parsed(pickle + ".");
  const auto array = read_ndarray(root(*graph));
  return array ? "no error" : to_string(array.error());
}

TEST(NdArray, TakesItsLayoutFromTheDtype) {
  const auto graph = parsed(array_of({2, 2}, dtype_of("i2"), bytes_of("\1\0\2\0\3\0\4\0"s)) + ".");
  const NdArray array = read_ndarray(root(*graph)).value();
  EXPECT_EQ(array.dtype.kind, 'i');
  EXPECT_EQ(array.dtype.item_size, 2U);
  EXPECT_FALSE(array.dtype.big_endian);
  EXPECT_THAT(array.shape, ElementsAre(2, 2));
  EXPECT_EQ(array.size(), 4U);
  EXPECT_EQ(array.data.size(), 8U);
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(1, 2, 3, 4));
}

TEST(NdArray, FortranOrderIsReadInCOrder) {
  const auto graph =
      parsed(array_of({2, 3}, dtype_of("u1", "|"), bytes_of("\0\3\1\4\2\5"s), true) + ".");
  EXPECT_TRUE(read_ndarray(root(*graph))->fortran_order);
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(NdArray, EitherByteOrder) {
  for (const char* order : {"<", ">"}) {
    const bool big = *order == '>';
    const auto graph = parsed(
        array_of({1}, dtype_of("u4", order), bytes_of(big ? "\1\2\3\4"s : "\4\3\2\1"s)) + ".");
    EXPECT_EQ(to_double(root(*graph)).value(), 0x01020304) << order;
    EXPECT_EQ(to_integer(root(*graph)).value(), 0x01020304) << order;
  }
}

TEST(NdArray, HalfPrecision) {
  // 0x3c00 is 1, 0x0001 the smallest subnormal, 0xfbff the most negative.
  const auto graph =
      parsed(array_of({3}, dtype_of("f2"), bytes_of("\x00\x3c\x01\x00\xff\xfb"s)) + ".");
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(1, 0x1p-24, -65504));
}

TEST(NdArray, IntegersThatDoNotFit) {
  const auto graph = parsed("(" + array_of({1}, dtype_of("u8"), bytes_of(std::string(8, '\xff'))) +
                            array_of({1}, dtype_of("i8"), bytes_of(std::string(8, '\xff'))) + "t.");
  EXPECT_EQ(to_double(root(*graph).at(0)).value(), 0x1p64);
  EXPECT_THAT(to_integer(root(*graph).at(0)).error().what, HasSubstr("over 63 bits"));
  EXPECT_FALSE(to_labels(root(*graph).at(0)));
  EXPECT_EQ(to_integer(root(*graph).at(1)).value(), -1);
}

TEST(NdArray, ListsOfNumbersAreNumbersToo) {
  const auto graph = parsed("(I1\nF2.5\nI01\nl.");
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(1, 2.5, 1));
  const auto mixed = parsed("(I1\nVa\nl.");
  EXPECT_THAT(to_doubles(root(*mixed)).error().what, HasSubstr("a string where a number"));
  EXPECT_EQ(to_doubles(root(*mixed)).error().where, "test.pkl, byte 4");
}

TEST(NdArray, ObjectsAreNodes) {
  const auto graph = parsed(array_of({2}, dtype_of("O8", "|"), "(I1\nVa\nl") + ".");
  const NdArray array = read_ndarray(root(*graph)).value();
  EXPECT_EQ(array.dtype.kind, 'O');
  EXPECT_THAT(array.data, IsEmpty());
  ASSERT_EQ(array.objects.size(), 2U);
  EXPECT_EQ(Value(*graph, array.objects[1]).string(), "a");
}

TEST(NdArray, RefusesWhatDoesNotFillItsShape) {
  EXPECT_THAT(error_of(array_of({3}, dtype_of("f8"), bytes_of(std::string(16, '\0')))),
              HasSubstr("16 bytes that do not fill its shape"));
  EXPECT_THAT(error_of(array_of({1}, dtype_of("f8"), bytes_of(std::string(16, '\0')))),
              HasSubstr("do not fill"));
  EXPECT_THAT(error_of(array_of({1}, dtype_of("f8"), "N")), HasSubstr("whose data is None"));
  EXPECT_THAT(error_of(array_of({1, 1LL << 40, 1LL << 40}, dtype_of("f8"), bytes_of("abcdefgh"))),
              HasSubstr("do not fill"));
  EXPECT_THAT(error_of(array_of({-1}, dtype_of("f8"), bytes_of(""))), HasSubstr("not a count"));
  EXPECT_THAT(error_of(array_of(std::vector<std::int64_t>(65, 1), dtype_of("u1"), bytes_of("a"))),
              HasSubstr("the shape of an array"));
  EXPECT_THAT(error_of(array_of({3}, dtype_of("O"), "(I1\nl")), HasSubstr("whose list"));
  EXPECT_THAT(error_of(array_of({1}, dtype_of("O"), bytes_of("a"))), HasSubstr("whose list"));
  EXPECT_THAT(error_of("cnumpy.core.multiarray\n_reconstruct\n)R"), HasSubstr("without its state"));
  EXPECT_THAT(error_of("cnumpy.core.numeric\n_frombuffer\n)R"), HasSubstr("without its buffer"));
  EXPECT_THAT(error_of("N"), HasSubstr("None where a numpy array was expected"));
  EXPECT_THAT(error_of("cm\nC\n)R"), HasSubstr("an object of m.C where"));
}

// An empty array may have any other extent, however large.
TEST(NdArray, NoElementsAreNoBytes) {
  const auto graph =
      parsed(array_of({1LL << 40, 0, 1LL << 40}, dtype_of("f8"), bytes_of("")) + ".");
  EXPECT_EQ(read_ndarray(root(*graph))->size(), 0U);
  EXPECT_THAT(to_doubles(root(*graph)).value(), IsEmpty());
  EXPECT_FALSE(to_double(root(*graph)));
}

TEST(NdArray, RefusesItemsOfNoBytes) {
  // A billion empty strings would need no bytes in the file.
  for (const char* text : {"U0", "S0", "V0"}) {
    EXPECT_THAT(error_of(array_of({1'000'000'000}, dtype_of(text), bytes_of(""))),
                HasSubstr("with items of 0 bytes"));
  }
}

TEST(Dtype, RefusesTheUnknown) {
  for (const char* text :
       {"", "x8", "f", "f3", "i16", "b2", "f8f8", "f-8", "U99999999999", "M4", "<", "?2"}) {
    EXPECT_THAT(error_of(array_of({0}, dtype_of(text), bytes_of(""))), HasSubstr("dtype")) << text;
  }
  EXPECT_THAT(error_of(array_of({0}, "N", bytes_of(""))), HasSubstr("None where a numpy dtype"));
  EXPECT_THAT(error_of(array_of({0}, "cnumpy\ndtype\n)R", bytes_of(""))), HasSubstr("dtype"));
  EXPECT_THAT(error_of(array_of({0}, "cnumpy\ndtype\n(Vf8\ntRNb", bytes_of(""))),
              HasSubstr("unknown state"));
}

TEST(Dtype, WithoutAStateIsNative) {
  const auto graph = parsed(
      array_of({1}, "cnumpy\ndtype\n(Vf8\nI00\nI01\ntR", bytes_of("\0\0\0\0\0\0\xf8\x3f"s)) + ".");
  EXPECT_EQ(to_double(root(*graph)).value(), 1.5);
}

std::string fields_of(const std::string& name, const std::string& dtype, std::int64_t offset) {
  return fmt::format("(V{}\n({}{}td", name, dtype, integer(offset));
}

TEST(Dtype, FieldsLieWithinTheItem) {
  const auto structure = [](std::int64_t offset, const std::string& field = dtype_of("f8")) {
    return dtype_of("V16", "|", "(Va\nt", fields_of("a", field, offset), 16);
  };
  const auto graph = parsed(array_of({1}, structure(8), bytes_of(std::string(16, '\0'))) + ".");
  const NdArray array = read_ndarray(root(*graph)).value();
  ASSERT_NE(array.dtype.field("a"), nullptr);
  EXPECT_EQ(array.dtype.field("a")->offset, 8U);
  for (const std::int64_t offset : {std::int64_t{9}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    EXPECT_THAT(error_of(array_of({0}, structure(offset), bytes_of(""))),
                HasSubstr("'a' is not within its item"));
  }
  EXPECT_THAT(
      error_of(array_of({0}, dtype_of("V8", "|", "(Vb\nt", fields_of("a", dtype_of("f8"), 0), 8),
                        bytes_of(""))),
      HasSubstr("fields are not (dtype, offset)"));
  EXPECT_THAT(error_of(array_of({0}, dtype_of("V8", "|", "(Va\nt", "N", 8), bytes_of(""))),
              HasSubstr("fields are not (dtype, offset)"));
  EXPECT_THAT(error_of(array_of({0}, dtype_of("V8", "|", "(I1\nt", "(I1\nI2\nd", 8), bytes_of(""))),
              HasSubstr("fields are not (dtype, offset)"));
}

TEST(Dtype, RefusesFieldsThatCostMoreThanTheySay) {
  EXPECT_THAT(error_of(array_of({0}, dtype_of("V8", "|", "(Va\nt", "(Va\n(NI0\ntI1\nNI2\nNd", 8),
                                bytes_of(""))),
              HasSubstr("fields are not those it names"));
  const std::string name(300, 'a');
  EXPECT_THAT(error_of(array_of({0},
                                dtype_of("V8", "|", fmt::format("(V{}\nt", name),
                                         fields_of(name, dtype_of("f8"), 0), 8),
                                bytes_of(""))),
              HasSubstr("endless field name"));
}

// Each level names the one below forty times: 40^n fields in n lines.
TEST(Dtype, ALaughingDtypeIsRefused) {
  std::string dtype = dtype_of("u1", "|") + "p0\n";
  for (int level = 0; level < 4; ++level) {
    std::string names = "(";
    std::string fields = "(";
    for (int i = 0; i < 40; ++i) {
      names += fmt::format("V{}\n", i);
      fields += fmt::format("V{}\n(g{}\nI0\nt", i, level);
    }
    dtype +=
        "0" + dtype_of("V1", "|", names + "t", fields + "d", 1) + fmt::format("p{}\n", level + 1);
  }
  EXPECT_THAT(error_of(array_of({0}, dtype, bytes_of(""))), HasSubstr("too many fields"));

  std::string deep = dtype_of("u1", "|");
  for (int level = 0; level < 6; ++level) {
    deep = dtype_of("V1", "|", "(Va\nt", fields_of("a", deep, 0), 1);
  }
  EXPECT_THAT(error_of(array_of({0}, deep, bytes_of(""))), HasSubstr("nested too deeply"));
}

TEST(Labels, AreWhatPythonsStrWrites) {
  const auto graph = parsed("(Va\nNFnan\nI1\nF1.5\nF3\nI01\nl.");
  std::vector<std::string> texts;
  const auto labels = to_labels(root(*graph)).value();
  texts.reserve(labels.size());
  for (const Label& label : labels) texts.push_back(to_text(label));
  EXPECT_THAT(texts, ElementsAre("a", "None", "nan", "1", "1.5", "3.0", "True"));
}

TEST(Labels, NumpyScalarsInObjectArrays) {
  const std::string scalar = fmt::format("cnumpy.core.multiarray\nscalar\n({}{}tR", dtype_of("i8"),
                                         bytes_of("\7\0\0\0\0\0\0\0"s));
  const std::string text =
      fmt::format("cnumpy.core.multiarray\nscalar\n({}{}tR", dtype_of("U2", "<", "N", "N", 8),
                  bytes_of("a\0\0\0\0\0\0\0"s));
  const auto graph = parsed(array_of({2}, dtype_of("O", "|"), "(" + scalar + text + "l") + ".");
  const auto labels = to_labels(root(*graph)).value();
  EXPECT_EQ(labels.at(0).integer, 7);
  EXPECT_EQ(labels.at(1).text, "a");
}

TEST(Labels, RefusesWhatIsNone) {
  const auto graph = parsed("(cm\nC\n)Rl.");
  EXPECT_THAT(to_labels(root(*graph)).error().what, HasSubstr("an object of m.C where a category"));
  const auto bytes = parsed(array_of({1}, dtype_of("S1", "|", "N", "N", 1), bytes_of("a")) + ".");
  EXPECT_THAT(to_labels(root(*bytes)).error().what, HasSubstr("kind 'S'"));
  const auto surrogate =
      parsed(array_of({1}, dtype_of("U1", "<", "N", "N", 4), bytes_of("\xff\xff\xff\x7f")) + ".");
  EXPECT_FALSE(to_labels(root(*surrogate)));
}

TEST(Numbers, ComeFromScalarsOfAnyKind) {
  const auto scalar = [](const std::string& dtype, const std::string& data) {
    return parsed(fmt::format("cnumpy.core.multiarray\nscalar\n({}{}tR.", dtype, data));
  };
  EXPECT_EQ(to_double(root(*scalar(dtype_of("f8"), bytes_of("\0\0\0\0\0\0\xf8\x3f"s)))).value(),
            1.5);
  EXPECT_EQ(to_double(root(*scalar(dtype_of("O"), "F2.5\n"))).value(), 2.5);
  EXPECT_EQ(to_integer(root(*scalar(dtype_of("O"), "I3\n"))).value(), 3);
  EXPECT_FALSE(to_double(root(*scalar(dtype_of("f8"), bytes_of("short")))));
  EXPECT_FALSE(to_double(root(*scalar(dtype_of("f8"), "N"))));
  EXPECT_FALSE(to_double(root(*scalar(dtype_of("U1", "<", "N", "N", 4), bytes_of("a\0\0\0"s)))));
  EXPECT_FALSE(to_integer(root(*scalar(dtype_of("f8"), bytes_of("\0\0\0\0\0\0\xf8\x3f"s)))));
  const auto plain = parsed("F1\n.");
  EXPECT_THAT(to_integer(root(*plain)).error().what, HasSubstr("a float where an integer"));
  const auto none = parsed("N.");
  EXPECT_THAT(to_double(root(*none)).error().what, HasSubstr("None where a number"));
}

}  // namespace
}  // namespace clairscore::pickle
