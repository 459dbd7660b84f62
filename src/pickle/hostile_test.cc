// Files made to cost more than they weigh, and random ones.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "pickle/graph.h"
#include "pickle/ndarray.h"
#include "pickle/test_support.h"

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

Limits small() {
  Limits limits;
  limits.max_graph_bytes = std::uint64_t{1} << 20U;
  return limits;
}

void expect_over_limit(std::string pickle, std::string_view what) {
  const auto graph = parse(std::move(pickle), small());
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::kLimit);
  EXPECT_THAT(graph.error().what, HasSubstr(what));
}

TEST(Hostile, ABillionLaughsAreAFewNodes) {
  // Thirty lists, each ten times the one before: 10^30 values when unfolded.
  std::string pickle = "]q\x00"s;
  for (int level = 1; level < 30; ++level) {
    pickle += "0](";
    pickle += repeated("h"s + static_cast<char>(level - 1), 10);
    pickle += "eq"s + static_cast<char>(level);
  }
  const auto graph = parsed(pickle + ".");
  EXPECT_EQ(graph->node_count(), 30U);
  EXPECT_EQ(root(*graph).size(), 10U);
  EXPECT_FALSE(to_doubles(root(*graph)));
  EXPECT_FALSE(to_labels(root(*graph)));
}

TEST(Hostile, DeepNestingNeedsNoRecursion) {
  constexpr std::size_t depth = 200'000;
  const auto graph = parsed(repeated("]", depth) + repeated("a", depth - 1) + ".");
  EXPECT_EQ(graph->node_count(), depth);
  EXPECT_EQ(root(*graph).describe(), "a list");
  const auto tuples = parsed(")" + repeated("\x85", depth) + ".");
  EXPECT_EQ(root(*tuples).size(), 1U);
}

TEST(Hostile, OpenMarksAreLimited) {
  EXPECT_TRUE(parse(repeated("(", 10'000) + repeated("t", 10'000) + "."));
  const auto graph = parse(repeated("(", 10'001) + repeated("t", 10'001) + ".");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::kLimit);
  EXPECT_EQ(graph.error().where, "test.pkl, byte 10000");
}

TEST(Hostile, ValuesAreLimited) {
  expect_over_limit(repeated("N0", 60'000) + "N.", "too many values");
  expect_over_limit("N" + repeated("2", 400'000) + ".", "too many values");
  expect_over_limit("N" + repeated("\x94", 400'000) + ".", "too many values");
  expect_over_limit("]Nq\x00"s + repeated("ah\x00"s, 400'000) + "a.", "too many values");
}

TEST(Hostile, AMemoIndexCannotReserveMemory) {
  const std::string filler = repeated("N0", 20'000);
  // As far as the pickle is long, and no further.
  EXPECT_THAT(read(filler + "Nr\xff\xff\xff\x7f."), HasSubstr("far beyond"));
  EXPECT_EQ(read(filler + "Nr\x10\x27\x00\x00."s), "None");
  const std::string long_bytes = "B\x00\x00\x20\x00"s + std::string(0x200000, 'x') + "0";
  expect_over_limit(long_bytes + "Nr\x00\x00\x20\x00."s, "remembers too many values");
}

TEST(Hostile, TextIsDecodedOnce) {
  // One latin-1 text of 1 MB, encoded a thousand times.
  const std::string encode = "c_codecs\nencode\nq\x00"s;
  const std::string text = "X\x00\x00\x10\x00"s + std::string(0x100000, 'x') + "q\x01";
  const std::string pickle =
      encode + text + "Vlatin1\nq\x02" + "000" + repeated("h\x00h\x01h\x02\x86R0"s, 1000) + "N.";
  const auto graph = parse(pickle);
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, ErrorCode::kLimit);
  EXPECT_EQ(graph.error().what, "the pickle decodes the same text again and again");
}

TEST(Hostile, CopiesCountAsValues) {
  const std::string list =
      "](" + repeated("N", 1000) + "eq\x01" + "0(cm\nC\n" + repeated("N", 1000) + "tq\x02" + "0";
  EXPECT_EQ(read(list + "c__builtin__\nset\n(h\x01tR0N."), "None");
  for (const char* call : {"c__builtin__\nset\n(h\x01tR0",
                           "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nlist\nh\x01tR0",
                           "ccopy_reg\n__newobj__\nh\x02R0"}) {
    expect_over_limit(list + repeated(call, 1000) + "N.", "too many values");
  }
}

// Two lists that take turns would be moved at every step if their runs did not grow by doubling.
TEST(Hostile, InterleavedListsStayLinear) {
  constexpr std::size_t count = 20'000;
  const auto graph =
      parsed("(]q\x00]q\x01t0"s + repeated("h\x00Na0h\x01Na0"s, count) + "h\x00h\x01\x86."s);
  EXPECT_EQ(root(*graph).at(0).size(), count);
  EXPECT_EQ(root(*graph).at(1).size(), count);
  EXPECT_LT(graph->memory(), count * 2 * (sizeof(Node) + 9 * sizeof(NodeId)));
}

// Keys are compared once, however many dictionaries they are in.
TEST(Hostile, LongAlikeKeysAreComparedOnce) {
  const std::string a = std::string(200'000, 'k') + "a";
  const std::string b = std::string(200'000, 'k') + "b";
  const auto key = [](const std::string& text) {
    std::string opcode = "X";
    for (std::size_t i = 0; i < 4; ++i) opcode += static_cast<char>(text.size() >> 8 * i);
    return opcode + text;
  };
  constexpr std::size_t count = 20'000;
  const auto graph = parsed("]" + key(a) + "q\x00"s + "0" + key(b) + "q\x01" + "0" +
                            repeated("}(h\x00Nh\x01Nh\x00\x88ua"s, count) + ".");
  ASSERT_EQ(root(*graph).size(), count);
  EXPECT_EQ(root(*graph).at(count - 1).entry_count(), 2U);
  EXPECT_EQ(root(*graph).at(7).get(a).value().boolean(), true);
}

// A wrapper's description is looked up while its dict is still unsorted.
TEST(Hostile, AWrapperWithAHugeDescriptionIsRefused) {
  std::string state = "}(";
  for (int i = 0; i < 100; ++i) state += fmt::format("V{}\nN", i);
  EXPECT_THAT(read("cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R" + state + "ub."),
              HasSubstr("without its description"));
}

// Labels are copies: a thousand names of one text of 1 MB would be a gigabyte.
TEST(Hostile, LabelsOfOneLongTextAreLimited) {
  const auto graph = parsed("](X\x00\x00\x10\x00"s + std::string(0x100000, 'x') + "q\x01" +
                            repeated("h\x01", 1000) + "e.");
  const auto labels = to_labels(root(*graph));
  ASSERT_FALSE(labels);
  EXPECT_EQ(labels.error().code, ErrorCode::kLimit);
}

// Every wrapper keeps the dtype it names: many of one large dtype count as the memory they take.
TEST(Hostile, ArraysOfAWideDtypeAreLimited) {
  std::string names = "(";
  std::string fields = "(";
  for (int i = 0; i < 120; ++i) {
    names += fmt::format("V{}\n", i);
    fields += fmt::format("V{}\n(h\x03I0\nt", i);
  }
  const std::string byte = "cnumpy\ndtype\n(Vu1\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntbq\x03";
  const std::string wide =
      "cnumpy\ndtype\n(VV1\nI00\nI01\ntR(I3\nV|\nN" + names + "t" + fields + "dI1\nI1\nI0\ntbq\x01";
  const std::string state = "}(Vshape\n(I0\ntVdtype\nh\x01Vorder\nVC\nuq\x02";
  const std::string wrapper =
      "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)Rh\x02"
      "b0";
  EXPECT_EQ(read(byte + "0" + wide + "0" + state + "0" + repeated(wrapper, 10) + "N."), "None");
  expect_over_limit(byte + "0" + wide + "0" + state + "0" + repeated(wrapper, 1000) + "N.",
                    "too many values");
}

// ---- At random

/// Everything a reader may ask of a graph, with no more work than there are nodes.
void read_everything(const Graph& graph) {
  std::size_t checked = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Value value(graph, id);
    checked += value.describe().size() + value.size() + value.entry_count();
    if (value.size() != 0) checked += value.at(value.size() - 1).id();
    if (value.entry_count() != 0) checked += value.entry(value.entry_count() - 1).first.id();
    checked += value.get("a").has_value() ? 1 : 0;
    checked += value.attribute("shape").has_value() ? 1 : 0;
    if (!is_ndarray(value)) continue;
    const auto array = read_ndarray(value);
    if (array && array->size() < 10'000) {
      const auto numbers = to_doubles(value);
      const auto labels = to_labels(value);
      if (numbers) RC_ASSERT(numbers->size() == array->size());
      if (labels) RC_ASSERT(labels->size() == array->size());
    }
  }
  RC_ASSERT(checked < std::uint64_t{1} << 40U);
}

std::vector<std::string> valid_files() {
  std::vector<std::string> files;
  const auto folder = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/pickle";
  for (const char* name :
       {"arrays_p0.pkl", "arrays_p2.pkl", "arrays_p5.pkl", "arrays.joblib", "arrays_p2.joblib",
        "arrays.joblib.zlib", "arrays.joblib.lz4", "arrays.joblib.xz", "boosting.joblib",
        "histogram_p5.pkl", "everything_p0.pkl", "everything_p4.pkl"}) {
    files.push_back(read_text_file(folder / name, 1 << 20).value());
  }
  return files;
}

RC_GTEST_PROP(Random, BytesNeverCrash, (const std::string& bytes)) {
  const auto graph = parse(bytes, small());
  RC_CLASSIFY(graph.has_value(), "read");
  if (graph) {
    read_everything(**graph);
  } else {
    RC_ASSERT(!graph.error().what.empty());
    RC_ASSERT(graph.error().where.starts_with("test.pkl"));
  }
}

// Opcodes alone, with small arguments: most are well-formed for a while.
RC_GTEST_PROP(Random, OpcodesNeverCrash, ()) {
  static const std::vector<std::string> pieces = {"(",
                                                  ".",
                                                  "0",
                                                  "1",
                                                  "2",
                                                  "N",
                                                  "K\x05",
                                                  "M\x01\x02",
                                                  "\x88",
                                                  "]",
                                                  "}",
                                                  ")",
                                                  "\x8f",
                                                  "t",
                                                  "l",
                                                  "d",
                                                  "e",
                                                  "a",
                                                  "u",
                                                  "s",
                                                  "\x90",
                                                  "\x91",
                                                  "\x85",
                                                  "\x86",
                                                  "\x87",
                                                  "\x94",
                                                  "h\x01",
                                                  "q\x01",
                                                  "R",
                                                  "\x81",
                                                  "\x92",
                                                  "\x93",
                                                  "b",
                                                  "Vdtype\n",
                                                  "C\x02zz",
                                                  "cnumpy\ndtype\n",
                                                  "\x8c\x02\x66\x38",
                                                  "cjoblib.numpy_pickle\nNumpyArrayWrapper\n",
                                                  "cbuiltins\nset\n",
                                                  "cnumpy.core.multiarray\n_reconstruct\n",
                                                  "c_codecs\nencode\n",
                                                  "Vshape\n",
                                                  "Vorder\n",
                                                  "Vlatin1\n",
                                                  "ccopyreg\n_reconstructor\n",
                                                  "cbuiltins\nlist\n"};
  const auto chosen = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, pieces.size()));
  std::string pickle = "\x80\x04";
  for (const std::size_t i : chosen) pickle += pieces[i];
  const auto graph = parse(pickle + ".", small());
  RC_CLASSIFY(graph.has_value(), "read");
  if (graph) read_everything(**graph);
}

RC_GTEST_PROP(Random, MutationsOfValidFilesNeverCrash, ()) {
  static const std::vector<std::string> files = valid_files();
  std::string file = files[*rc::gen::inRange<std::size_t>(0, files.size())];
  const int changes = *rc::gen::inRange(1, 8);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, file.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        file[at] = static_cast<char>(*rc::gen::inRange(0, 256));
        break;
      case 1:
        file.insert(at, 1, static_cast<char>(*rc::gen::inRange(0, 256)));
        break;
      case 2:
        file.erase(at, *rc::gen::inRange<std::size_t>(1, 20));
        break;
      default:
        file.resize(std::max<std::size_t>(at, 1));
        break;
    }
    if (file.empty()) return;
  }
  const auto graph = parse(std::move(file));
  RC_CLASSIFY(graph.has_value(), "read");
  if (graph) read_everything(**graph);
}

}  // namespace
}  // namespace clairscore::pickle
