// Files that Python, numpy and joblib wrote (oracles/pickle_fixtures.py), compared value by value
// with what Python reads in them.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.h"
#include "pickle/ndarray.h"
#include "pickle/unpickle.h"

namespace clairscore::pickle {
namespace {

namespace dom = simdjson::dom;

const std::filesystem::path kFixtures =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/pickle";

std::shared_ptr<const Graph> load(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(MappedFile::open(path).value());
  auto graph = unpickle(file->bytes(), file, path.filename());
  EXPECT_TRUE(graph) << to_string(graph.error());
  return graph.value();
}

std::string hex(ByteSpan bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

// Bit for bit, except that one NaN is as good as another.
void expect_same(double actual, double expected, const std::string& path) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << path;
  } else {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(actual), std::bit_cast<std::uint64_t>(expected))
        << path << ": " << actual << " for " << expected;
  }
}

double number_of(dom::element text) {
  return parse_double(std::string_view(text)).value();
}

/// Decimal text of little-endian two's complement bytes, by repeated division.
std::string decimal(ByteSpan bytes) {
  std::vector<unsigned> digits;
  for (const std::byte byte : bytes) digits.push_back(std::to_integer<unsigned>(byte));
  const bool negative = !digits.empty() && digits.back() >= 0x80;
  if (negative) {
    unsigned carry = 1;
    for (unsigned& digit : digits) {
      carry += ~digit & 0xFFU;
      digit = carry & 0xFFU;
      carry >>= 8U;
    }
  }
  std::string text;
  while (std::any_of(digits.begin(), digits.end(), [](unsigned d) { return d != 0; })) {
    unsigned remainder = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      const unsigned value = remainder * 256 + digits[i];
      digits[i] = value / 10;
      remainder = value % 10;
    }
    text += static_cast<char>('0' + remainder);
  }
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

class Comparison {
 public:
  explicit Comparison(const Graph& graph) : graph_(graph) {}

  void expect(const Value& value, dom::element expected, const std::string& path) {
    ++compared_;
    const dom::array parts = expected;
    const std::string_view kind = parts.at(0);
    if (kind == "none") {
      EXPECT_TRUE(value.is_none()) << path;
    } else if (kind == "bool") {
      EXPECT_EQ(value.boolean(), bool(parts.at(1))) << path;
    } else if (kind == "int") {
      expect_integer(value, std::string_view(parts.at(1)), path);
    } else if (kind == "float") {
      ASSERT_EQ(value.kind(), Kind::kFloat) << path;
      expect_same(value.number().value(), number_of(parts.at(1)), path);
    } else if (kind == "number") {
      expect_same(to_double(value).value(), number_of(parts.at(1)), path);
    } else if (kind == "str") {
      ASSERT_EQ(value.kind(), Kind::kString) << path;
      EXPECT_EQ(hex(as_bytes(*value.string())), std::string_view(parts.at(1))) << path;
    } else if (kind == "bytes") {
      ASSERT_EQ(value.kind(), Kind::kBytes) << path;
      EXPECT_EQ(hex(*value.bytes()), std::string_view(parts.at(1))) << path;
    } else if (kind == "tuple" || kind == "list" || kind == "set") {
      EXPECT_EQ(value.kind(), kind == "tuple"  ? Kind::kTuple
                              : kind == "list" ? Kind::kList
                                               : Kind::kSet)
          << path;
      expect_items(value, parts.at(1), path);
    } else if (kind == "dict") {
      EXPECT_EQ(value.kind(), Kind::kDict) << path;
      expect_entries(value, parts.at(1), path);
    } else if (kind == "array") {
      expect_array(value, parts, path);
    } else if (kind == "global") {
      EXPECT_EQ(value.kind(), Kind::kGlobal) << path;
      EXPECT_EQ(value.qualified_name(), std::string_view(parts.at(1))) << path;
    } else {
      ASSERT_EQ(kind, "object") << path;
      expect_object(value, parts, path);
    }
  }

  int compared() const { return compared_; }

 private:
  static void expect_integer(const Value& value, std::string_view expected,
                             const std::string& path) {
    if (const auto small = parse_integer(expected)) {
      ASSERT_EQ(value.kind(), Kind::kInteger) << path;
      EXPECT_EQ(value.integer(), *small) << path;
    } else {
      ASSERT_EQ(value.kind(), Kind::kBigInteger) << path;
      EXPECT_EQ(decimal(*value.bytes()), expected) << path;
    }
  }

  void expect_items(const Value& value, dom::array expected, const std::string& path) {
    ASSERT_EQ(value.size(), expected.size()) << path;
    std::size_t i = 0;
    for (const dom::element item : expected) {
      expect(value.at(i), item, path + '[' + std::to_string(i) + ']');
      ++i;
    }
  }

  void expect_entries(const Value& value, dom::array expected, const std::string& path) {
    ASSERT_EQ(value.entry_count(), expected.size()) << path;
    std::size_t i = 0;
    for (const dom::element item : expected) {
      const auto [key, content] = value.entry(i);
      const dom::array pair = item;
      expect(key, pair.at(0), path + " key " + std::to_string(i));
      const std::string name(key.string().value_or("entry " + std::to_string(i)));
      std::string inner = path;
      inner += '.';
      inner += name;
      expect(content, pair.at(1), inner);
      if (key.string()) {
        EXPECT_EQ(value.get(name).value().id(), content.id()) << inner;
      }
      ++i;
    }
  }

  void expect_object(const Value& value, dom::array parts, const std::string& path) {
    ASSERT_EQ(value.kind(), Kind::kObject) << path;
    EXPECT_EQ(value.qualified_name(), std::string_view(parts.at(1))) << path;
    const dom::element state = parts.at(2);
    if (state.is_null()) {
      EXPECT_FALSE(value.state()) << path;
    } else if (state.is_array()) {
      ASSERT_TRUE(value.state()) << path;
      expect(*value.state(), state, path + " state");
    }
    expect_items(value, parts.at(3), path);
    expect_entries(value, parts.at(4), path);
  }

  void expect_array(const Value& value, dom::array parts, const std::string& path) {
    EXPECT_TRUE(is_ndarray(value)) << path;
    const auto read = read_ndarray(value);
    ASSERT_TRUE(read) << path << ": " << to_string(read.error());
    const NdArray& array = *read;
    const char kind = std::string_view(parts.at(1))[0];
    EXPECT_EQ(array.dtype.kind, kind) << path;
    EXPECT_EQ(array.dtype.item_size, std::uint64_t(parts.at(2))) << path;
    std::vector<std::size_t> shape;
    for (const dom::element extent : dom::array(parts.at(3))) {
      shape.push_back(std::uint64_t(extent));
    }
    EXPECT_EQ(array.shape, shape) << path;
    const dom::array values = parts.at(5);
    ASSERT_EQ(array.size(), values.size()) << path;
    if (kind == 'O') {
      EXPECT_EQ(array.objects.size(), values.size()) << path;
      std::size_t i = 0;
      for (const dom::element item : values) {
        expect(Value(graph_, array.objects.at(i)), item, path + '{' + std::to_string(i) + '}');
        ++i;
      }
      return;
    }
    EXPECT_EQ(array.data.size(), values.size() * array.dtype.item_size) << path;
    const dom::array fields = parts.at(4);
    if (fields.size() != 0) {
      expect_structures(array, fields, values, path);
    } else if (kind == 'U') {
      const auto labels = to_labels(value).value();
      for (std::size_t i = 0; i < labels.size(); ++i) {
        EXPECT_EQ(labels[i].kind, Label::Kind::kText) << path;
        EXPECT_EQ(labels[i].text, std::string_view(values.at(i))) << path;
      }
    } else if (is_numeric(array.dtype)) {
      expect_numbers(value, kind, values, path);
    } else {
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(hex(array.data.subspan(i * array.dtype.item_size, array.dtype.item_size)),
                  std::string_view(values.at(i)))
            << path;
      }
      EXPECT_FALSE(to_doubles(value)) << path;
      EXPECT_FALSE(to_labels(value)) << path;
    }
  }

  static void expect_structures(const NdArray& array, dom::array fields, dom::array values,
                                const std::string& path) {
    ASSERT_EQ(array.dtype.fields.size(), fields.size()) << path;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const dom::array expected = fields.at(f);
      const std::string name(std::string_view(expected.at(0)));
      const Dtype::Field* field = array.dtype.field(name);
      ASSERT_NE(field, nullptr) << path << '.' << name;
      EXPECT_EQ(field->name, name);
      EXPECT_EQ(field->offset, std::uint64_t(expected.at(1))) << path << '.' << name;
      EXPECT_EQ(field->dtype.item_size, std::uint64_t(expected.at(2))) << path << '.' << name;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::byte* item = array.data.data() + i * array.dtype.item_size + field->offset;
        expect_same(element_to_double(field->dtype, item),
                    number_of(dom::array(values.at(i)).at(f)), name);
      }
    }
    EXPECT_EQ(array.dtype.field("none of them"), nullptr) << path;
  }

  static void expect_numbers(const Value& value, char kind, dom::array values,
                             const std::string& path) {
    const auto numbers = to_doubles(value).value();
    ASSERT_EQ(numbers.size(), values.size()) << path;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      expect_same(numbers[i], number_of(values.at(i)), path);
    }
    if (kind == 'i' || kind == 'b') {
      const auto labels = to_labels(value).value();
      ASSERT_EQ(labels.size(), values.size()) << path;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        EXPECT_EQ(labels[i].integer, parse_integer(std::string_view(values.at(i)))) << path;
      }
    }
  }

  const Graph& graph_;
  int compared_ = 0;
};

class Fixtures : public testing::Test {
 protected:
  dom::parser parser_;
  dom::element expected_;
  void SetUp() override {
    expected_ = parser_.parse(read_text_file(kFixtures / "expected.json", 1 << 20).value());
  }
};

TEST_F(Fixtures, HoldWhatPythonReadsInThem) {
  int files = 0;
  for (const auto& [name, index] : dom::object(expected_["files"])) {
    SCOPED_TRACE(name);
    const auto graph = load(kFixtures / name);
    Comparison comparison(*graph);
    comparison.expect(root(*graph), dom::array(expected_["contents"]).at(std::uint64_t(index)), "");
    EXPECT_GE(comparison.compared(), 1);
    ++files;
  }
  EXPECT_EQ(files, 25);
}

TEST_F(Fixtures, SharedAndCyclicValuesStayTheSameObject) {
  const auto graph = load(kFixtures / "cycle.pkl");
  const Value list = root(*graph);
  EXPECT_EQ(list.at(1).get("self").value().id(), list.id());
  const auto everything = load(kFixtures / "everything_p5.pkl");
  const Value shared = root(*everything).get("shared").value();
  EXPECT_EQ(shared.at(0).id(), shared.at(1).id());
}

TEST_F(Fixtures, SlotsAndDictAreBothAttributes) {
  const auto graph = load(kFixtures / "everything_p4.pkl");
  const Value object = root(*graph).get("slots").value().at(0);
  EXPECT_EQ(object.attribute("left").value().integer(), 1);
  EXPECT_EQ(object.attribute("right").value().integer(), 2);
  EXPECT_EQ(object.attribute("more").value().string(), "dict");
  EXPECT_FALSE(object.attribute("neither"));
}

TEST_F(Fixtures, KeywordArgumentsAreKept) {
  const auto graph = load(kFixtures / "everything_p4.pkl");
  const Value object = root(*graph).get("keywords").value().at(0);
  EXPECT_EQ(object.arguments().size(), 2U);
  EXPECT_EQ(object.arguments().at(1).string(), "two");
  EXPECT_EQ(object.keywords().value().get("three").value().number(), 3.0);
}

TEST_F(Fixtures, LabelsAreTypedAsPythonHasThem) {
  for (const char* name : {"arrays_p0.pkl", "arrays_p5.pkl", "arrays.joblib"}) {
    const auto graph = load(kFixtures / name);
    const auto labels = to_labels(root(*graph).get("labels").value()).value();
    std::vector<std::string> texts;
    std::vector<Label::Kind> kinds;
    for (const Label& label : labels) {
      texts.push_back(to_text(label));
      kinds.push_back(label.kind);
    }
    EXPECT_EQ(texts, (std::vector<std::string>{"a", "None", "nan", "1", "2.5", "True"}));
    using enum Label::Kind;
    EXPECT_EQ(kinds, (std::vector<Label::Kind>{kText, kNone, kNan, kInteger, kFloat, kBoolean}));
  }
}

TEST_F(Fixtures, NumpyScalarsAreNumbers) {
  const auto graph = load(kFixtures / "arrays_p5.pkl");
  const Value scalars = root(*graph).get("scalars").value();
  EXPECT_EQ(to_integer(scalars.at(2)).value(), -7);
  EXPECT_EQ(to_integer(scalars.at(3)).value(), 200);
  EXPECT_EQ(to_integer(scalars.at(4)).value(), 1);
  EXPECT_FALSE(to_integer(scalars.at(0)));
  EXPECT_EQ(to_double(root(*graph).get("scalar_shape").value()).value(), 7.25);
  EXPECT_FALSE(to_double(root(*graph).get("many").value()));
}

// GradientBoosting keeps its trees in an object array: in joblib, whole trees in a nested pickle.
TEST_F(Fixtures, TreesInsideAnObjectArray) {
  const dom::element expected = expected_["models"]["boosting"];
  for (const char* name : {"boosting.joblib", "boosting.joblib.gz"}) {
    const auto graph = load(kFixtures / name);
    const auto estimators = read_ndarray(root(*graph).attribute("estimators_").value()).value();
    EXPECT_EQ(estimators.shape, (std::vector<std::size_t>{3, 1}));
    ASSERT_EQ(estimators.objects.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      const Value tree = Value(*graph, estimators.objects[i]).attribute("tree_").value();
      EXPECT_EQ(tree.qualified_name(), "sklearn.tree._tree.Tree");
      EXPECT_EQ(tree.attribute("node_count").value().integer(),
                std::int64_t(expected["node_counts"].at(i)));
      const auto nodes = read_ndarray(tree.attribute("nodes").value()).value();
      const Dtype::Field* threshold = nodes.dtype.field("threshold");
      ASSERT_NE(threshold, nullptr);
      const dom::array thresholds = expected["thresholds"].at(i);
      ASSERT_EQ(nodes.size(), thresholds.size());
      for (std::size_t n = 0; n < nodes.size(); ++n) {
        expect_same(
            element_to_double(threshold->dtype,
                              nodes.data.data() + n * nodes.dtype.item_size + threshold->offset),
            number_of(thresholds.at(n)), name);
      }
    }
  }
}

TEST_F(Fixtures, AModelOfEachProtocolReadsTheSame) {
  const dom::element expected = expected_["models"]["histogram"];
  for (const char* name : {"histogram_p0.pkl", "histogram_p2.pkl", "histogram_p5.pkl"}) {
    SCOPED_TRACE(name);
    const auto graph = load(kFixtures / name);
    const Value model = root(*graph);
    EXPECT_EQ(model.qualified_name(),
              "sklearn.ensemble._hist_gradient_boosting.gradient_boosting."
              "HistGradientBoostingClassifier");
    EXPECT_EQ(model.arguments().size(), 0U);
    expect_same(to_double(model.attribute("_baseline_prediction").value()).value(),
                number_of(expected["baseline"]), name);
    const Value predictors = model.attribute("_predictors").value();
    ASSERT_EQ(predictors.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      const Value nodes = predictors.at(i).at(0).attribute("nodes").value();
      const auto array = read_ndarray(nodes).value();
      const dom::array values = expected["values"].at(i);
      ASSERT_EQ(array.size(), std::uint64_t(expected["node_counts"].at(i)));
      const Dtype::Field* value = array.dtype.field("value");
      ASSERT_NE(value, nullptr);
      for (std::size_t n = 0; n < array.size(); ++n) {
        expect_same(element_to_double(value->dtype, array.data.data() + n * array.dtype.item_size +
                                                        value->offset),
                    number_of(values.at(n)), name);
      }
    }
  }
}

// What is not compressed is not copied either.
TEST_F(Fixtures, ArraysOfAPlainFileAreViewsOfIt) {
  for (const char* name : {"arrays.joblib", "arrays_p5.pkl"}) {
    auto file = std::make_shared<const MappedFile>(MappedFile::open(kFixtures / name).value());
    const auto graph = unpickle(file->bytes(), file, name).value();
    const auto many = read_ndarray(root(*graph).get("many").value()).value();
    EXPECT_GE(many.data.data(), file->bytes().data());
    EXPECT_LE(many.data.data() + many.data.size(), file->bytes().data() + file->bytes().size());
  }
}

}  // namespace
}  // namespace clairscore::pickle
