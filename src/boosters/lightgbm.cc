#include "boosters/lightgbm.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/excerpt.h"
#include "base/numbers.h"
#include "transform/chain.h"
#include "transform/columnwise.h"
#include "transform/lookup_encoder.h"

namespace clairscore {

namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30U;
constexpr std::size_t kMaxFeatures = 1'000'000;

/// Bits of decision_type.
constexpr unsigned kCategorical = 1;
constexpr unsigned kDefaultLeft = 2;
/// Values this close to zero are zero before LightGBM compares them.
constexpr double kCountsAsZero = 1e-35F;

/// The threshold that answers the same for the value itself: a test within those values answers for
/// all of them what it answers for zero.
double threshold_for_zeros(double threshold) {
  if (threshold >= 0 && threshold < kCountsAsZero) return kCountsAsZero;
  const bool below_zero = threshold < 0 && threshold >= -kCountsAsZero;
  return below_zero ? std::nextafter(-kCountsAsZero, -1.0) : threshold;
}

enum class MissingRule : unsigned { kNone = 0, kZero = 1, kNan = 2 };

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++number_;
    return true;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (end != 0) found.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return found;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : lines_(text), name_(name) {}

  Result<Booster> read(std::size_t iterations) {
    RETURN_IF_ERROR(read_header());
    RETURN_IF_ERROR(read_categories());
    RETURN_IF_ERROR(read_objective());
    std::size_t kept = blocks_.size();
    if (iterations > 0) kept = std::min(kept, iterations * outputs_);
    booster_.trees.baseline.assign(outputs_, 0.0);
    booster_.trees.features = booster_.features.size();
    codes_.resize(booster_.features.size());
    zero_is_missing_.resize(booster_.features.size());
    tells_missing_from_zero_.resize(booster_.features.size());
    for (std::size_t i = 0; i < kept; ++i) RETURN_IF_ERROR(add_tree(blocks_[i]));
    if (kept % outputs_ != 0) return refuse("a last iteration without all its trees");
    const std::size_t kept_iterations = kept / outputs_;
    if (averaged_) booster_.divisor = std::max(1.0, static_cast<double>(kept_iterations));
    RETURN_IF_ERROR(make_encoder());
    return std::move(booster_);
  }

 private:
  /// "key=value" lines of one tree, and where it begins.
  struct Block {
    std::map<std::string_view, std::string_view> values;
    std::size_t line = 0;
  };

  tl::unexpected<Error> refuse(std::string what, ErrorCode code = ErrorCode::kInput,
                               std::string accepted = "a model as LightGBM saves it") const {
    return fail(code, "LightGBM: " + std::move(what), name_ + ":" + std::to_string(line_),
                std::move(accepted));
  }

  Result<void> read_header() {
    std::string_view line;
    Block* block = nullptr;
    bool ended = false;
    while (lines_.next(line)) {
      line_ = lines_.number();
      if (line == "end of trees") ended = true;
      if (line.starts_with("pandas_categorical:")) pandas_ = line.substr(line.find(':') + 1);
      if (ended) continue;
      if (line == "average_output") averaged_ = true;
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view key = line.substr(0, equals);
      const std::string_view value = line.substr(equals + 1);
      if (key == "Tree") {
        blocks_.push_back({{}, line_});
        block = &blocks_.back();
      } else if (block != nullptr) {
        block->values.emplace(key, value);
      } else {
        header_.emplace(key, value);
      }
    }
    if (!ended) return refuse("the text ends before its trees do");
    return {};
  }

  std::string_view header(std::string_view key) const {
    const auto found = header_.find(key);
    return found == header_.end() ? std::string_view() : found->second;
  }

  Result<void> read_categories() {
    booster_.library = "LightGBM";
    booster_.kind = "Booster";
    booster_.version = std::string(header("version"));
    const auto last = parse_integer(header("max_feature_idx"));
    if (!last || *last < 0 || *last >= static_cast<std::int64_t>(kMaxFeatures)) {
      return refuse("max_feature_idx is no count of features");
    }
    booster_.features.resize(static_cast<std::size_t>(*last) + 1);
    const std::vector<std::string_view> names = words(header("feature_names"));
    const std::vector<std::string_view> infos = words(header("feature_infos"));
    if (names.size() != booster_.features.size() || infos.size() != names.size()) {
      return refuse("feature_names or feature_infos do not fit max_feature_idx");
    }
    bool made_up = true;
    for (std::size_t f = 0; f < names.size(); ++f) {
      made_up = made_up && names[f] == "Column_" + std::to_string(f);
      booster_.features[f].categorical = infos[f].front() != '[' && infos[f] != "none";
    }
    for (std::size_t f = 0; f < names.size() && !made_up; ++f) {
      booster_.features[f].name = std::string(names[f]);
    }
    return read_pandas_categories();
  }

  /// One list of values for each column of categories, in the order of the columns.
  Result<void> read_pandas_categories() {
    while (!pandas_.empty() && pandas_.back() == ' ') pandas_.remove_suffix(1);
    if (pandas_.empty() || pandas_ == "null" || pandas_ == "[]") return {};
    simdjson::dom::parser parser;
    simdjson::dom::array lists;
    const simdjson::padded_string text(pandas_);
    if (parser.parse(text).get(lists) != simdjson::SUCCESS) {
      return refuse("pandas_categorical is no JSON list");
    }
    std::vector<std::size_t> columns;
    for (std::size_t f = 0; f < booster_.features.size(); ++f) {
      if (booster_.features[f].categorical) columns.push_back(f);
    }
    if (lists.size() != columns.size()) {
      return refuse(std::to_string(lists.size()) + " lists of pandas categories for " +
                        std::to_string(columns.size()) + " features that are categories",
                    ErrorCode::kUnsupported, "categories for every such feature, or none");
    }
    std::size_t next = 0;
    for (const simdjson::dom::element element : lists) {
      BoosterFeature& feature = booster_.features[columns[next++]];
      simdjson::dom::array values;
      if (element.get(values) != simdjson::SUCCESS) return refuse("pandas_categorical");
      for (const simdjson::dom::element value : values) {
        std::string_view string;
        double number = 0;
        bool boolean = false;
        if (value.get(string) == simdjson::SUCCESS) {
          feature.is_text = true;
          feature.categories.emplace_back(string);
          kinds_[&feature].push_back(Category::of_text(std::string(string)));
        } else if (value.get(number) == simdjson::SUCCESS) {
          feature.categories.push_back(double_to_text(number));
          kinds_[&feature].push_back(Category::of_number(number));
        } else if (value.get(boolean) == simdjson::SUCCESS) {
          feature.categories.emplace_back(boolean ? "True" : "False");
          kinds_[&feature].push_back(Category::of_boolean(boolean));
        } else {
          return refuse("a pandas category that is no text and no number", ErrorCode::kUnsupported);
        }
      }
    }
    return {};
  }

  Result<void> read_objective() {
    const auto per_iteration = parse_integer(header("num_tree_per_iteration"));
    if (!per_iteration || *per_iteration < 1 || *per_iteration > 10'000) {
      return refuse("num_tree_per_iteration is no number of trees");
    }
    outputs_ = static_cast<std::size_t>(*per_iteration);
    const std::vector<std::string_view> objective = words(header("objective"));
    const std::string_view name = objective.empty() ? std::string_view() : objective.front();
    const auto option = [&](std::string_view key, double fallback) {
      for (const std::string_view word : objective) {
        if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == ':') {
          return parse_double(word.substr(key.size() + 1)).value_or(fallback);
        }
      }
      return fallback;
    };
    if (name == "binary" || name == "cross_entropy" || name == "xentropy") {
      booster_.classes = 2;
      booster_.link = {Link::Kind::kLogistic, option("sigmoid", 1)};
    } else if (name == "multiclass" || name == "multiclassova") {
      booster_.classes = outputs_;
      const bool each = name == "multiclassova";
      booster_.link = {each ? Link::Kind::kIndependent : Link::Kind::kSoftmax,
                       each ? option("sigmoid", 1) : 1};
    } else if (is_plain_regression(objective)) {
      booster_.scale = ScoreScale::kPrediction;
    } else {
      return refuse(
          "the objective " + quote_excerpt(header("objective")), ErrorCode::kUnsupported,
          "binary, cross_entropy, multiclass, multiclassova, or a regression without a transform");
    }
    const std::size_t expected = booster_.classes <= 2 ? 1 : booster_.classes;
    if (outputs_ != expected) return refuse("another number of trees an iteration than of classes");
    return {};
  }

  static bool is_plain_regression(const std::vector<std::string_view>& objective) {
    constexpr std::array<std::string_view, 8> kPlain = {
        "regression", "regression_l2", "regression_l1", "huber", "fair", "quantile", "mape", "l2"};
    if (objective.empty()) return false;
    if (std::find(objective.begin(), objective.end(), "sqrt") != objective.end()) return false;
    return std::find(kPlain.begin(), kPlain.end(), objective.front()) != kPlain.end();
  }

  Result<std::vector<double>> numbers(const Block& block, std::string_view key,
                                      std::size_t expected) {
    line_ = block.line;
    const auto found = block.values.find(key);
    std::vector<double> values;
    if (found != block.values.end()) {
      for (const std::string_view word : words(found->second)) {
        const auto value = parse_double(word);
        if (!value) return refuse(std::string(key) + " holds " + quote_excerpt(word));
        values.push_back(*value);
      }
    }
    if (values.size() == expected) return values;
    return refuse(std::string(key) + " has " + std::to_string(values.size()) + " values where " +
                  std::to_string(expected) + " are needed");
  }

  static std::string_view value_of(const Block& block, std::string_view key) {
    const auto found = block.values.find(key);
    return found == block.values.end() ? std::string_view() : found->second;
  }

  Result<void> add_tree(const Block& block) {
    line_ = block.line;
    if (value_of(block, "is_linear") == "1") {
      return refuse("a tree with linear models in its leaves", ErrorCode::kUnsupported,
                    "trees with constant leaves (linear_tree=false)");
    }
    const auto count = parse_integer(value_of(block, "num_leaves"));
    if (!count || *count < 1 || *count > 10'000'000) return refuse("num_leaves is no count");
    const auto leaves = static_cast<std::size_t>(*count);
    const std::size_t inner = leaves - 1;
    ASSIGN_OR_RETURN(const std::vector<double> leaf_value, numbers(block, "leaf_value", leaves));
    Tree tree(inner + leaves);
    for (std::size_t l = 0; l < leaves; ++l) {
      tree[inner + l].value = leaf_value[l];
      tree[inner + l].cover = 1;
    }
    if (inner > 0) RETURN_IF_ERROR(read_inner(block, inner, tree));
    booster_.trees.trees.push_back(std::move(tree));
    return {};
  }

  Result<void> read_inner(const Block& block, std::size_t inner, Tree& tree) {
    const std::size_t leaves = inner + 1;
    ASSIGN_OR_RETURN(const std::vector<double> feature, numbers(block, "split_feature", inner));
    ASSIGN_OR_RETURN(const std::vector<double> threshold, numbers(block, "threshold", inner));
    ASSIGN_OR_RETURN(const std::vector<double> decision, numbers(block, "decision_type", inner));
    ASSIGN_OR_RETURN(const std::vector<double> left, numbers(block, "left_child", inner));
    ASSIGN_OR_RETURN(const std::vector<double> right, numbers(block, "right_child", inner));
    ASSIGN_OR_RETURN(const std::vector<double> leaf_count, numbers(block, "leaf_count", leaves));
    ASSIGN_OR_RETURN(const std::vector<double> inner_count,
                     numbers(block, "internal_count", inner));
    ASSIGN_OR_RETURN(const auto sets, read_sets(block));
    const auto child = [&](double reference) -> std::optional<std::uint32_t> {
      const bool is_leaf = reference < 0;
      const double index = is_leaf ? -reference - 1 : reference;
      const double below = static_cast<double>(is_leaf ? leaves : inner);
      if (!(index >= 0 && index < below) || index != std::trunc(index)) return std::nullopt;
      return static_cast<std::uint32_t>(index) + (is_leaf ? static_cast<std::uint32_t>(inner) : 0);
    };
    for (std::size_t l = 0; l < leaves; ++l) tree[inner + l].cover = leaf_count[l];
    for (std::size_t n = 0; n < inner; ++n) {
      TreeNode& node = tree[n];
      const auto l = child(left[n]);
      const auto r = child(right[n]);
      if (!l || !r) return refuse("a child that is out of range");
      if (!(feature[n] >= 0 && feature[n] < static_cast<double>(booster_.features.size()))) {
        return refuse("a feature that is out of range");
      }
      if (!(decision[n] >= 0 && decision[n] < 16)) return refuse("a decision_type out of range");
      node.feature = static_cast<std::uint32_t>(feature[n]);
      node.left = *l;
      node.right = *r;
      node.cover = inner_count[n];
      const auto type = static_cast<unsigned>(decision[n]);
      if ((type & kCategorical) != 0) {
        RETURN_IF_ERROR(make_categorical(node, threshold[n], sets));
        continue;
      }
      node.kind = TreeNode::Kind::kNumeric;
      node.threshold = threshold_for_zeros(threshold[n]);
      const bool default_left = (type & kDefaultLeft) != 0;
      const bool zero_left = 0 <= node.threshold;
      switch (static_cast<MissingRule>(type >> 2U)) {
        case MissingRule::kNan:
          node.missing_goes_left = default_left;
          tells_missing_from_zero_[node.feature] = true;
          break;
        case MissingRule::kNone:
          node.missing_goes_left = zero_left;
          break;
        case MissingRule::kZero:
          node.missing_goes_left = default_left;
          if (default_left != zero_left) zero_is_missing_[node.feature] = true;
          break;
        default:
          return refuse("a decision_type without meaning");
      }
    }
    return {};
  }

  /// For each set of a tree the categories in it.
  Result<std::vector<std::vector<std::int64_t>>> read_sets(const Block& block) {
    std::vector<std::vector<std::int64_t>> sets;
    const auto count = parse_integer(value_of(block, "num_cat"));
    if (!count || *count <= 0) return sets;
    if (*count > 10'000'000) return refuse("num_cat is no count");
    ASSIGN_OR_RETURN(const std::vector<double> bounds,
                     numbers(block, "cat_boundaries", static_cast<std::size_t>(*count) + 1));
    const double last = bounds.back();
    if (!(last >= 0 && last < 1e8)) return refuse("cat_boundaries are out of range");
    ASSIGN_OR_RETURN(const std::vector<double> bits,
                     numbers(block, "cat_threshold", static_cast<std::size_t>(last)));
    for (std::size_t s = 0; s + 1 < bounds.size(); ++s) {
      std::vector<std::int64_t> set;
      if (!(bounds[s] >= 0 && bounds[s] <= bounds[s + 1] && bounds[s + 1] <= last)) {
        return refuse("cat_boundaries do not ascend");
      }
      const auto first = static_cast<std::size_t>(bounds[s]);
      for (std::size_t w = first; w < static_cast<std::size_t>(bounds[s + 1]); ++w) {
        if (!(bits[w] >= 0 && bits[w] < 4294967296.0)) return refuse("cat_threshold out of range");
        const auto word = static_cast<std::uint32_t>(bits[w]);
        for (std::uint32_t b = 0; b < 32; ++b) {
          if (((word >> b) & 1U) != 0) {
            set.push_back(static_cast<std::int64_t>((w - first) * 32 + b));
          }
        }
      }
      sets.push_back(std::move(set));
    }
    return sets;
  }

  Result<void> make_categorical(TreeNode& node, double index,
                                const std::vector<std::vector<std::int64_t>>& sets) {
    if (!(index >= 0 && index < static_cast<double>(sets.size()))) {
      return refuse("a set of categories that is not there");
    }
    booster_.features[node.feature].categorical = true;
    node.kind = TreeNode::Kind::kCategorical;
    node.missing_goes_left = false;
    node.category_set = static_cast<std::uint32_t>(booster_.trees.category_sets.size());
    CategorySet& set = booster_.trees.category_sets.emplace_back();
    for (const std::int64_t category : sets[static_cast<std::size_t>(index)]) {
      const auto code = codes_[node.feature].add(category);
      if (!code) {
        return refuse("a feature that tests more than 255 categories", ErrorCode::kLimit,
                      "up to 255 categories in the tests of one feature");
      }
      set.insert(*code);
    }
    return {};
  }

  /// Categories become codes; every one that no test names goes right, as a missing one does.
  Result<void> make_encoder() {
    std::vector<std::optional<LookupEncoder::InputColumn>> tables(booster_.features.size());
    std::vector<Columnwise::Function> functions(booster_.features.size());
    bool any_table = false;
    bool any_function = false;
    const double missing = std::nan("");
    for (std::size_t f = 0; f < booster_.features.size(); ++f) {
      BoosterFeature& feature = booster_.features[f];
      if (!feature.categorical) {
        if (!zero_is_missing_[f]) continue;
        // The rule is a feature's, so no other test on it asks anything else.
        if (tells_missing_from_zero_[f]) {
          return refuse("a feature for which zero is missing in some tests and not in others");
        }
        any_function = true;
        functions[f] = [missing](double x) { return std::fabs(x) <= kCountsAsZero ? missing : x; };
        continue;
      }
      const CategoryCodes& codes = codes_[f];
      const auto kinds = kinds_.find(&feature);
      if (kinds == kinds_.end()) {
        any_function = true;
        functions[f] = [codes, missing](double x) {
          if (!(x > -1 && x < 2147483648.0)) return missing;
          const auto code = codes.find(static_cast<std::int64_t>(x));
          return code ? static_cast<double>(*code) : missing;
        };
        continue;
      }
      any_table = true;
      auto index = CategoryIndex::build(kinds->second);
      if (!index) return refuse("feature " + std::to_string(f) + ": " + index.error().what);
      LookupEncoder::InputColumn column{
          .categories = std::move(*index), .values = {}, .unknown = {}};
      for (std::size_t c = 0; c < kinds->second.size(); ++c) {
        const auto code = codes.find(static_cast<std::int64_t>(c));
        column.values.push_back(code ? static_cast<double>(*code) : missing);
      }
      column.unknown = std::vector<double>{missing};
      tables[f] = std::move(column);
    }
    if (!any_function && !any_table) return {};
    TransformerPtr by_function =
        std::make_shared<const Columnwise>(std::move(functions), NumberRule{});
    if (any_table) {
      ASSIGN_OR_RETURN(booster_.encoder, LookupEncoder::build(std::move(tables)));
    }
    if (any_function && any_table) {
      booster_.encoder = std::make_shared<const Chain>(std::vector<Chain::Step>{
          {"zeros", std::move(by_function)}, {"categories", std::move(booster_.encoder)}});
    } else if (any_function) {
      booster_.encoder = std::move(by_function);
    }
    return {};
  }

  Lines lines_;
  const std::string& name_;
  std::size_t line_ = 1;
  std::map<std::string_view, std::string_view> header_;
  std::vector<Block> blocks_;
  std::string_view pandas_;
  std::map<const BoosterFeature*, std::vector<Category>> kinds_;
  std::vector<CategoryCodes> codes_;
  std::vector<bool> zero_is_missing_;  // by feature: some test sends zeros where none else goes
  std::vector<bool> tells_missing_from_zero_;
  std::size_t outputs_ = 1;
  bool averaged_ = false;
  Booster booster_;
};

}  // namespace

bool is_lightgbm_text(std::string_view text) {
  return text.starts_with("tree\n") || text.starts_with("tree\r\n");
}

Result<Booster> read_lightgbm(std::string_view text, const std::string& name,
                              std::size_t iterations) {
  if (text.size() > kMaxTextBytes) {
    return fail(ErrorCode::kLimit, std::to_string(text.size()) + " bytes", name, "up to 1 GiB");
  }
  if (!is_lightgbm_text(text)) {
    return fail(ErrorCode::kInput, "no LightGBM model", name + ":1",
                "text that begins with 'tree'");
  }
  return Reader(text, name).read(iterations);
}

}  // namespace clairscore
