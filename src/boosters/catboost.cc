#include "boosters/catboost.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/excerpt.h"
#include "base/numbers.h"
#include "boosters/hashed_categories.h"
#include "model/number_rule.h"

namespace clairscore {

namespace {

constexpr std::string_view kMagic = "CBM1";
constexpr std::size_t kHeaderSize = 8;  // the letters and the size of the document
constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxNodes = 50'000'000;
constexpr std::size_t kMaxFeatures = 1'000'000;

/// Fields of CatBoost's schema, by number.
enum class CoreField : std::size_t { kTrees = 1, kInfo = 2 };
enum class TreesField : std::size_t {
  kDimension = 0,
  kSplits = 1,
  kSizes = 2,
  kCategorical = 4,
  kFloat = 5,
  kOneHot = 6,
  kCtr = 7,
  kLeafValues = 8,
  kLeafWeights = 9,
  kStepNodes = 10,
  kTexts = 12,
  kEstimated = 13,
  kScale = 14,
  kBias = 15,
  kMultiBias = 16,
};
enum class FloatField : std::size_t { kFlatIndex = 2, kBorders = 3, kName = 4, kNan = 5 };
enum class CategoricalField : std::size_t { kIndex = 0, kFlatIndex = 1, kName = 2 };
enum class OneHotField : std::size_t { kCategorical = 0, kHashes = 1 };
constexpr int kNanIsTrue = 2;

/// A FlatBuffers document, every access within bounds.
class Flat {
 public:
  Flat(ByteSpan bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  tl::unexpected<Error> refuse(std::size_t at, std::string what,
                               ErrorCode code = ErrorCode::kInput) const {
    return fail(code, "CatBoost: " + std::move(what),
                name_ + ", byte " + std::to_string(kHeaderSize + at),
                "a model as CatBoost saves it (format cbm)");
  }

  Result<std::uint64_t> number(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) {
      return refuse(at, "the file ends too early");
    }
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) {
      value = value << 8U | std::to_integer<std::uint64_t>(bytes_[at + i]);
    }
    return value;
  }
  Result<std::int32_t> integer(std::size_t at) const {
    ASSIGN_OR_RETURN(const std::uint64_t bits, number(at, 4));
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  }
  Result<double> real(std::size_t at) const {
    ASSIGN_OR_RETURN(const std::uint64_t bits, number(at, 8));
    return std::bit_cast<double>(bits);
  }

  /// Where an offset leads.
  Result<std::size_t> follow(std::size_t at) const {
    ASSIGN_OR_RETURN(const std::uint64_t offset, number(at, 4));
    if (offset == 0 || offset > bytes_.size() - at) return refuse(at, "an offset out of range");
    return at + static_cast<std::size_t>(offset);
  }

  /// Where a field of a table lies; nothing when the table does not have it.
  template <typename Field>
  Result<std::optional<std::size_t>> field(std::size_t table, Field which) const {
    ASSIGN_OR_RETURN(const std::int32_t back, integer(table));
    const std::int64_t vtable = static_cast<std::int64_t>(table) - back;
    if (vtable < 0 || vtable >= static_cast<std::int64_t>(bytes_.size())) {
      return refuse(table, "a table without a layout");
    }
    const auto layout = static_cast<std::size_t>(vtable);
    ASSIGN_OR_RETURN(const std::uint64_t size, number(layout, 2));
    const std::size_t entry = 4 + 2 * static_cast<std::size_t>(which);
    if (entry + 2 > size) return std::optional<std::size_t>();
    ASSIGN_OR_RETURN(const std::uint64_t offset, number(layout + entry, 2));
    if (offset == 0) return std::optional<std::size_t>();
    return std::optional<std::size_t>(table + static_cast<std::size_t>(offset));
  }

  struct Vector {
    std::size_t first = 0;
    std::size_t size = 0;
  };
  /// A vector of elements of a width; empty when the table does not have it.
  template <typename Field>
  Result<Vector> vector(std::size_t table, Field which, std::size_t width) const {
    ASSIGN_OR_RETURN(const auto at, field(table, which));
    if (!at) return Vector{};
    ASSIGN_OR_RETURN(const std::size_t begin, follow(*at));
    ASSIGN_OR_RETURN(const std::uint64_t size, number(begin, 4));
    if (size > (bytes_.size() - begin - 4) / width) {
      return refuse(begin, "a vector that runs over the end");
    }
    return Vector{begin + 4, static_cast<std::size_t>(size)};
  }
  template <typename Field>
  Result<std::string_view> text(std::size_t table, Field which) const {
    ASSIGN_OR_RETURN(const Vector bytes, vector(table, which, 1));
    return as_text(bytes_.subspan(bytes.first, bytes.size));
  }

 private:
  ByteSpan bytes_;
  const std::string& name_;
};

class Reader {
 public:
  Reader(ByteSpan bytes, const std::string& name, std::vector<std::string>& labels)
      : flat_(bytes, name), labels_(labels) {}

  Result<Booster> read() {
    booster_.library = "CatBoost";
    booster_.kind = "CatBoost";
    ASSIGN_OR_RETURN(const std::size_t core, flat_.follow(0));
    ASSIGN_OR_RETURN(const auto trees_field, flat_.field(core, CoreField::kTrees));
    if (!trees_field) return flat_.refuse(core, "no trees");
    ASSIGN_OR_RETURN(trees_, flat_.follow(*trees_field));
    RETURN_IF_ERROR(read_info(core));
    RETURN_IF_ERROR(refuse_what_is_not_read());
    RETURN_IF_ERROR(read_features());
    RETURN_IF_ERROR(read_categorical());
    RETURN_IF_ERROR(read_one_hot());
    if (booster_.features.empty()) return flat_.refuse(trees_, "a model without features");
    RETURN_IF_ERROR(read_link());
    RETURN_IF_ERROR(read_trees());
    make_encoder();
    return std::move(booster_);
  }

 private:
  /// What a level of a tree may ask: is a number above a border, has a category this hash?
  struct Test {
    std::uint32_t feature = 0;
    double threshold = 0;
    bool missing_passes = false;                // a missing value is above every border
    std::optional<std::uint32_t> category_set;  // holds the one category's code
  };

  /// Names of the classes and the loss, from two texts of JSON.
  Result<void> read_info(std::size_t core) {
    ASSIGN_OR_RETURN(const Flat::Vector entries, flat_.vector(core, CoreField::kInfo, 4));
    for (std::size_t i = 0; i < entries.size; ++i) {
      ASSIGN_OR_RETURN(const std::size_t entry, flat_.follow(entries.first + 4 * i));
      ASSIGN_OR_RETURN(const std::string_view key, flat_.text(entry, std::size_t{0}));
      ASSIGN_OR_RETURN(const std::string_view value, flat_.text(entry, std::size_t{1}));
      if (key != "class_params" && key != "params") continue;
      simdjson::dom::parser parser;
      simdjson::dom::element root;
      const simdjson::padded_string padded(value);
      if (parser.parse(padded).get(root) != simdjson::SUCCESS) {
        return flat_.refuse(entry, std::string(key) + " is no JSON");
      }
      if (key == "params") {
        std::string_view loss;
        if (root["loss_function"]["type"].get(loss) == simdjson::SUCCESS) loss_ = loss;
        continue;
      }
      simdjson::dom::array names;
      if (root["class_names"].get(names) != simdjson::SUCCESS) continue;
      for (const simdjson::dom::element name : names) {
        std::string_view text;
        std::int64_t integer = 0;
        double number = 0;
        if (name.get(text) == simdjson::SUCCESS) {
          labels_.emplace_back(text);
        } else if (name.get(integer) == simdjson::SUCCESS) {
          labels_.push_back(std::to_string(integer));
        } else if (name.get(number) == simdjson::SUCCESS) {
          labels_.push_back(double_to_text(number));
        } else {
          return flat_.refuse(entry, "a class without a name");
        }
      }
    }
    return {};
  }

  Result<void> refuse_what_is_not_read() const {
    struct Unread {
      TreesField field;
      const char* what;
    };
    constexpr std::array kUnread = {
        Unread{TreesField::kCtr,
               "a model with statistics of categories (CTR): a categorical feature of more values "
               "than one_hot_max_size"},
        Unread{TreesField::kStepNodes, "trees that are not oblivious (grow_policy)"},
        Unread{TreesField::kTexts, "a model with text features"},
        Unread{TreesField::kEstimated, "a model with estimated features"}};
    for (const Unread& unread : kUnread) {
      ASSIGN_OR_RETURN(const Flat::Vector found, flat_.vector(trees_, unread.field, 4));
      if (found.size > 0) return flat_.refuse(found.first, unread.what, ErrorCode::kUnsupported);
    }
    return {};
  }

  /// Makes room for a feature at the position that its table holds.
  template <typename Field>
  Result<std::size_t> place_feature(std::size_t table, Field which) {
    ASSIGN_OR_RETURN(const auto index_field, flat_.field(table, which));
    if (!index_field) return flat_.refuse(table, "a feature without an index");
    ASSIGN_OR_RETURN(const std::int32_t index, flat_.integer(*index_field));
    if (index < 0 || index >= static_cast<std::int32_t>(kMaxFeatures)) {
      return flat_.refuse(table, "a feature's index that is out of range");
    }
    const auto feature = static_cast<std::size_t>(index);
    if (feature >= booster_.features.size()) booster_.features.resize(feature + 1);
    return feature;
  }

  Result<void> read_features() {
    ASSIGN_OR_RETURN(const Flat::Vector features, flat_.vector(trees_, TreesField::kFloat, 4));
    for (std::size_t i = 0; i < features.size; ++i) {
      ASSIGN_OR_RETURN(const std::size_t table, flat_.follow(features.first + 4 * i));
      ASSIGN_OR_RETURN(const std::size_t feature, place_feature(table, FloatField::kFlatIndex));
      ASSIGN_OR_RETURN(const std::string_view name, flat_.text(table, FloatField::kName));
      booster_.features[feature].name = std::string(name);
      bool missing_passes = false;
      ASSIGN_OR_RETURN(const auto nan_field, flat_.field(table, FloatField::kNan));
      if (nan_field) {
        ASSIGN_OR_RETURN(const std::uint64_t treatment, flat_.number(*nan_field, 1));
        missing_passes = treatment == kNanIsTrue;
      }
      ASSIGN_OR_RETURN(const Flat::Vector borders, flat_.vector(table, FloatField::kBorders, 4));
      for (std::size_t b = 0; b < borders.size; ++b) {
        ASSIGN_OR_RETURN(const std::uint64_t bits, flat_.number(borders.first + 4 * b, 4));
        const float border = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        if (std::isnan(border)) return flat_.refuse(borders.first, "a border that is no number");
        tests_.push_back({static_cast<std::uint32_t>(feature),
                          float32_test(static_cast<double>(border)),
                          missing_passes,
                          {}});
      }
    }
    return {};
  }

  /// Which positions hold categories, whether or not a test asks for one.
  Result<void> read_categorical() {
    ASSIGN_OR_RETURN(const Flat::Vector features,
                     flat_.vector(trees_, TreesField::kCategorical, 4));
    for (std::size_t i = 0; i < features.size; ++i) {
      ASSIGN_OR_RETURN(const std::size_t table, flat_.follow(features.first + 4 * i));
      ASSIGN_OR_RETURN(const std::size_t feature,
                       place_feature(table, CategoricalField::kFlatIndex));
      ASSIGN_OR_RETURN(const std::string_view name, flat_.text(table, CategoricalField::kName));
      BoosterFeature& read = booster_.features[feature];
      read.name = std::string(name);
      read.categorical = true;
      read.is_text = true;
      ASSIGN_OR_RETURN(const auto index_field, flat_.field(table, CategoricalField::kIndex));
      if (!index_field) return flat_.refuse(table, "a categorical feature without an index");
      ASSIGN_OR_RETURN(const std::int32_t index, flat_.integer(*index_field));
      if (!categorical_.emplace(index, feature).second) {
        return flat_.refuse(table, "two categorical features of one index");
      }
    }
    return {};
  }

  Result<void> read_one_hot() {
    codes_.resize(booster_.features.size());
    ASSIGN_OR_RETURN(const Flat::Vector features, flat_.vector(trees_, TreesField::kOneHot, 4));
    for (std::size_t i = 0; i < features.size; ++i) {
      ASSIGN_OR_RETURN(const std::size_t table, flat_.follow(features.first + 4 * i));
      ASSIGN_OR_RETURN(const auto index_field, flat_.field(table, OneHotField::kCategorical));
      if (!index_field) return flat_.refuse(table, "a one-hot feature without an index");
      ASSIGN_OR_RETURN(const std::int32_t index, flat_.integer(*index_field));
      const auto known = categorical_.find(index);
      if (known == categorical_.end()) {
        return flat_.refuse(table, "a one-hot feature of no categorical one");
      }
      ASSIGN_OR_RETURN(const Flat::Vector hashes, flat_.vector(table, OneHotField::kHashes, 4));
      for (std::size_t h = 0; h < hashes.size; ++h) {
        ASSIGN_OR_RETURN(const std::uint64_t hash, flat_.number(hashes.first + 4 * h, 4));
        const auto code = codes_[known->second].add(static_cast<std::int64_t>(hash));
        if (!code) {
          return flat_.refuse(hashes.first, "a feature that tests more than 255 categories",
                              ErrorCode::kLimit);
        }
        const auto set = static_cast<std::uint32_t>(booster_.trees.category_sets.size());
        booster_.trees.category_sets.emplace_back().insert(*code);
        tests_.push_back({static_cast<std::uint32_t>(known->second), 0, false, set});
      }
    }
    return {};
  }

  void make_encoder() {
    if (categorical_.empty()) return;
    std::vector<std::optional<HashedCategories>> columns(booster_.features.size());
    for (const auto& [index, feature] : categorical_) {
      columns[feature].emplace(std::move(codes_[feature]));
    }
    booster_.encoder = std::make_shared<const HashedEncoder>(std::move(columns));
  }

  Result<void> read_link() {
    ASSIGN_OR_RETURN(const auto dimension_field, flat_.field(trees_, TreesField::kDimension));
    std::int32_t dimension = 0;
    if (dimension_field) {
      ASSIGN_OR_RETURN(dimension, flat_.integer(*dimension_field));
    }
    if (dimension < 1 || dimension > 10'000) {
      return flat_.refuse(trees_, "a number of outputs that is out of range");
    }
    outputs_ = static_cast<std::size_t>(dimension);
    constexpr std::array<std::string_view, 9> kPlain = {
        "RMSE", "MAE", "Quantile", "MAPE", "Huber", "LogCosh", "Lq", "Expectile", "SMAPE"};
    if (outputs_ == 1 && (loss_ == "Logloss" || loss_ == "CrossEntropy")) {
      booster_.classes = 2;
      booster_.link.kind = Link::Kind::kLogistic;
    } else if (outputs_ > 2 && loss_ == "MultiClass") {
      booster_.classes = outputs_;
      booster_.link.kind = Link::Kind::kSoftmax;
    } else if (outputs_ > 2 && loss_ == "MultiClassOneVsAll") {
      booster_.classes = outputs_;
      booster_.link.kind = Link::Kind::kIndependent;
    } else if (outputs_ == 1 && std::find(kPlain.begin(), kPlain.end(), loss_) != kPlain.end()) {
      booster_.scale = ScoreScale::kPrediction;
      labels_.clear();
    } else {
      return flat_.refuse(
          trees_,
          "the loss " + quote_excerpt(loss_) + " with " + std::to_string(outputs_) + " outputs",
          ErrorCode::kUnsupported);
    }
    booster_.trees.baseline.assign(outputs_, 0.0);
    ASSIGN_OR_RETURN(const auto scale, flat_.field(trees_, TreesField::kScale));
    if (scale) {
      ASSIGN_OR_RETURN(booster_.factor, flat_.real(*scale));
    }
    ASSIGN_OR_RETURN(const auto bias, flat_.field(trees_, TreesField::kBias));
    if (bias) {
      ASSIGN_OR_RETURN(booster_.offset, flat_.real(*bias));
    }
    ASSIGN_OR_RETURN(const Flat::Vector biases, flat_.vector(trees_, TreesField::kMultiBias, 8));
    if (biases.size != 0 && biases.size != outputs_) {
      return flat_.refuse(biases.first, "biases of another number of outputs");
    }
    for (std::size_t k = 0; k < biases.size; ++k) {
      ASSIGN_OR_RETURN(const double value, flat_.real(biases.first + 8 * k));
      if (outputs_ == 1) {
        booster_.offset = value;
      } else {
        booster_.trees.baseline[k] = value / booster_.factor;
      }
    }
    if (!std::isfinite(booster_.factor) || booster_.factor == 0 ||
        !std::isfinite(booster_.offset)) {
      return flat_.refuse(trees_, "a scale or bias that is not finite");
    }
    return {};
  }

  Result<void> read_trees() {
    booster_.trees.features = booster_.features.size();
    ASSIGN_OR_RETURN(const Flat::Vector splits, flat_.vector(trees_, TreesField::kSplits, 4));
    ASSIGN_OR_RETURN(const Flat::Vector sizes, flat_.vector(trees_, TreesField::kSizes, 4));
    ASSIGN_OR_RETURN(const Flat::Vector values, flat_.vector(trees_, TreesField::kLeafValues, 8));
    ASSIGN_OR_RETURN(const Flat::Vector weights, flat_.vector(trees_, TreesField::kLeafWeights, 8));
    std::size_t split = 0;
    std::size_t value = 0;
    std::size_t weight = 0;
    std::size_t nodes = 0;
    for (std::size_t t = 0; t < sizes.size; ++t) {
      ASSIGN_OR_RETURN(const std::int32_t depth_read, flat_.integer(sizes.first + 4 * t));
      if (depth_read < 0 || depth_read > static_cast<std::int32_t>(kMaxDepth)) {
        return flat_.refuse(sizes.first + 4 * t, "a tree of a depth that is out of range",
                            ErrorCode::kLimit);
      }
      const auto depth = static_cast<std::size_t>(depth_read);
      const std::size_t leaves = std::size_t{1} << depth;
      nodes += 2 * leaves * outputs_;
      if (splits.size - split < depth || (values.size - value) / outputs_ < leaves ||
          nodes > kMaxNodes) {
        return flat_.refuse(sizes.first + 4 * t, "more tests or leaves than the file holds");
      }
      const bool weighted = weights.size - weight >= leaves;
      Tree tree(2 * leaves - 1);
      for (std::size_t n = 0; n + 1 < leaves; ++n) {
        // Nodes as in a heap. The last test is the root: so do CatBoost's own contributions walk,
        // and the leaves come in the order of their numbers.
        const auto level = static_cast<std::size_t>(std::bit_width(n + 1) - 1);
        const std::size_t at = splits.first + 4 * (split + depth - 1 - level);
        ASSIGN_OR_RETURN(const std::int32_t number, flat_.integer(at));
        if (number < 0 || static_cast<std::size_t>(number) >= tests_.size()) {
          return flat_.refuse(at, "a test that is not there");
        }
        const Test& test = tests_[static_cast<std::size_t>(number)];
        TreeNode& node = tree[n];
        node.feature = test.feature;
        node.left = static_cast<std::uint32_t>(2 * n + 1);
        node.right = static_cast<std::uint32_t>(2 * n + 2);
        if (test.category_set) {
          // A number above its border and the category asked for go the same way.
          node.kind = TreeNode::Kind::kCategorical;
          node.category_set = *test.category_set;
          std::swap(node.left, node.right);
          continue;
        }
        node.kind = TreeNode::Kind::kNumeric;
        node.threshold = test.threshold;
        node.missing_goes_left = !test.missing_passes;
      }
      for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
        double cover = 1;
        if (weighted) {
          ASSIGN_OR_RETURN(cover, flat_.real(weights.first + 8 * (weight + leaf)));
        }
        tree[leaves - 1 + leaf].cover = std::max(cover, kNoRows);
      }
      for (std::size_t n = leaves - 1; n-- > 0;) {
        tree[n].cover = tree[2 * n + 1].cover + tree[2 * n + 2].cover;
      }
      for (std::size_t k = 0; k < outputs_; ++k) {
        for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
          const std::size_t at = values.first + 8 * (value + leaf * outputs_ + k);
          ASSIGN_OR_RETURN(tree[leaves - 1 + leaf].value, flat_.real(at));
        }
        booster_.trees.trees.push_back(tree);
      }
      split += depth;
      value += leaves * outputs_;
      weight += weighted ? leaves : 0;
    }
    return {};
  }

  /// The weight of a leaf without rows: nothing beside any other.
  static constexpr double kNoRows = 1e-30;

  Flat flat_;
  std::vector<std::string>& labels_;
  std::size_t trees_ = 0;
  std::string loss_;
  std::vector<Test> tests_;  // in the order that trees number them
  std::map<std::int32_t, std::size_t>
      categorical_;                   // position of a feature by CatBoost's own index
  std::vector<CategoryCodes> codes_;  // by position: hashes that tests name
  std::size_t outputs_ = 1;
  Booster booster_;
};

}  // namespace

bool is_catboost_bytes(ByteSpan bytes) {
  return as_text(bytes).starts_with(kMagic);
}

Result<Booster> read_catboost(ByteSpan bytes, const std::string& name,
                              std::vector<std::string>& labels) {
  labels.clear();
  if (!is_catboost_bytes(bytes) || bytes.size() < kHeaderSize + 4) {
    return fail(ErrorCode::kInput, "no CatBoost model", name, "bytes that begin with CBM1");
  }
  return Reader(bytes.subspan(kHeaderSize), name, labels).read();
}

}  // namespace clairscore
