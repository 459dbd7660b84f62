#include "pickle/joblib.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pickle/test_support.h"

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kDtype = "cnumpy\ndtype\n(Vu1\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntb";
constexpr std::string_view kObjectDtype =
    "cnumpy\ndtype\n(VO8\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI63\ntb";

/// The wrapper up to and with its BUILD; the array follows.
std::string wrapper(const std::string& shape, std::string_view dtype = kDtype,
                    const std::string& order = "C", const std::string& more = "") {
  return fmt::format(
      "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R}}(Vshape\n({}tVdtype\n{}Vorder\nV{}\n{}ub",
      shape, dtype, order, more);
}

TEST(JoblibArrays, FollowInTheStream) {
  const auto graph = parsed("(" + wrapper("I2\nI3\n") + "\1\2\3\4\5\6"s + wrapper("I1\n") + "\7t.");
  const Value both = root(*graph);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both.at(0).kind(), Kind::kRawArray);
  EXPECT_TRUE(is_ndarray(both.at(0)));
  EXPECT_THAT(read_ndarray(both.at(0))->shape, ElementsAre(2, 3));
  EXPECT_THAT(to_doubles(both.at(0)).value(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(to_doubles(both.at(1)).value(), ElementsAre(7));
}

TEST(JoblibArrays, FortranOrder) {
  const auto graph = parsed(wrapper("I2\nI3\n", kDtype, "F") + "\1\4\2\5\3\6.");
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(JoblibArrays, PaddingIsSkipped) {
  const std::string aligned = "Vnumpy_array_alignment_bytes\nI16\n";
  const auto graph = parsed(wrapper("I2\n", kDtype, "C", aligned) + "\3\xff\xff\xff\1\2.");
  EXPECT_THAT(to_doubles(root(*graph)).value(), ElementsAre(1, 2));
  const auto none =
      parsed(wrapper("I2\n", kDtype, "C", "Vnumpy_array_alignment_bytes\nN") + "\1\2.");
  EXPECT_THAT(to_doubles(root(*none)).value(), ElementsAre(1, 2));
}

TEST(JoblibArrays, OfNoDimensionHoldOneItem) {
  const auto graph = parsed(wrapper("") + "\x2a.");
  EXPECT_EQ(to_double(root(*graph)).value(), 42);
}

// A nested pickle has its own memo and STOP, and the outer one goes on after it.
TEST(JoblibArrays, ObjectsAreANestedPickle) {
  const std::string nested = fmt::format(
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntRp0\n"
      "(I1\n(I2\nt{}I00\n(g0\nVx\nltb.",
      kObjectDtype);
  const auto graph = parsed("(Vouter\np0\n" + wrapper("I2\n", kObjectDtype) + nested + "g0\nt.");
  const Value all = root(*graph);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.at(2).string(), "outer");
  const NdArray array = read_ndarray(all.at(1)).value();
  ASSERT_EQ(array.objects.size(), 2U);
  EXPECT_EQ(Value(*graph, array.objects[0]).qualified_name(), "numpy.core.multiarray._reconstruct");
  EXPECT_EQ(Value(*graph, array.objects[1]).string(), "x");
}

TEST(JoblibArrays, AWrapperInANestedPickleIsAnObjectLikeAnyOther) {
  const auto graph = parsed(wrapper("I1\n", kObjectDtype) + wrapper("I1\n") + "..");
  EXPECT_EQ(root(*graph).kind(), Kind::kRawArray);
  EXPECT_THAT(read_ndarray(root(*graph)).error().what,
              HasSubstr("NumpyArrayWrapper where a numpy array was expected"));
}

TEST(JoblibArrays, Refusals) {
  EXPECT_THAT(read(wrapper("I9\n") + "short."), HasSubstr("larger than the rest of the file"));
  EXPECT_THAT(read(wrapper("I4611686018427387904\nI4611686018427387904\n") + "."),
              HasSubstr("larger than the rest of the file"));
  EXPECT_THAT(read(wrapper("I-1\n") + "."), HasSubstr("not a count"));
  EXPECT_THAT(read(wrapper("I1\n", "N") + "x."), HasSubstr("None where a numpy dtype"));
  EXPECT_THAT(read(wrapper("I1\n", kDtype, "C", "Vnumpy_array_alignment_bytes\nI16\n") + "\x09x."),
              HasSubstr("ends within"));
  EXPECT_THAT(read("cjoblib.numpy_pickle\nNumpyArrayWrapper\n)RNb."),
              HasSubstr("without its description"));
  EXPECT_THAT(read("cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R}b."),
              HasSubstr("without shape, dtype or order"));
  EXPECT_THAT(read(wrapper("I1\n", kObjectDtype) + "x"), HasSubstr("is not a pickle opcode"));
  EXPECT_THAT(read(wrapper("I1\n", kObjectDtype) + "N"), HasSubstr("without STOP"));
}

TEST(JoblibArrays, DoNotLieWithinAFrame) {
  const std::string whole = wrapper("I1\n");
  const auto framed = [&](std::size_t length) {
    std::string pickle = "\x80\x04\x95";
    for (std::size_t i = 0; i < 8; ++i) pickle += static_cast<char>(length >> 8 * i);
    return pickle + whole + "x.";
  };
  EXPECT_EQ(read(framed(whole.size())), "array");
  EXPECT_THAT(read(framed(whole.size() + 1)), HasSubstr("array bytes within a frame"));
}

}  // namespace
}  // namespace clairscore::pickle
