#include "boosters/xgboost.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/excerpt.h"
#include "boosters/document.h"
#include "model/additive_estimator.h"
#include "model/number_rule.h"
#include "transform/chain.h"
#include "transform/columnwise.h"
#include "transform/lookup_encoder.h"

namespace clairscore {

namespace {

using Node = Document::Node;
using Kind = Document::Kind;

constexpr std::size_t kMaxFeatures = 1'000'000;

class Reader {
 public:
  Reader(const Node& learner, const std::string& name, const XgboostOptions& options)
      : learner_(learner), name_(name), options_(options) {}

  Result<Booster> read(const Node* version) {
    booster_.library = "XGBoost";
    booster_.kind = "Booster";
    if (version != nullptr) {
      for (const double part : version->numbers) {
        if (!booster_.version.empty()) booster_.version += '.';
        booster_.version += std::to_string(static_cast<int>(part));
      }
    }
    RETURN_IF_ERROR(read_features());
    RETURN_IF_ERROR(read_objective());
    RETURN_IF_ERROR(read_base_score());
    const Node* booster = learner_.find("gradient_booster");
    const Node* kind = booster == nullptr ? nullptr : booster->find("name");
    if (kind == nullptr) return refuse("no gradient_booster");
    if (kind->text == "gblinear") {
      RETURN_IF_ERROR(read_linear(*booster));
      return std::move(booster_);
    }
    const Node* drop = nullptr;
    if (kind->text == "dart") {
      drop = booster->find("weight_drop");
      booster = booster->find("gbtree");
    } else if (kind->text != "gbtree") {
      return refuse("a booster of kind " + quote_excerpt(kind->text), ErrorCode::kUnsupported,
                    "gbtree, dart or gblinear");
    }
    const Node* model = booster == nullptr ? nullptr : booster->find("model");
    if (model == nullptr) return refuse("no trees");
    // Since 3.4 a dart booster is a gbtree whose model holds the weights.
    if (drop == nullptr) drop = model->find("weight_drop");
    if (drop != nullptr && drop->numbers.empty()) drop = nullptr;
    RETURN_IF_ERROR(read_trees(*model, drop));
    RETURN_IF_ERROR(make_encoder(*model));
    return std::move(booster_);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, ErrorCode code = ErrorCode::kInput,
                               std::string accepted = "a model as XGBoost saves it") const {
    return fail(code, "XGBoost: " + std::move(what), name_, std::move(accepted));
  }

  Result<double> number(std::initializer_list<std::string_view> names, double fallback) const {
    const Node* node = learner_.at(names);
    if (node == nullptr) return fallback;
    const auto value = node->as_number();
    if (!value) return refuse(std::string(*(names.end() - 1)) + " is no number");
    return *value;
  }

  Result<void> read_features() {
    ASSIGN_OR_RETURN(const double count, number({"learner_model_param", "num_feature"}, 0));
    if (!(count >= 1 && count <= static_cast<double>(kMaxFeatures))) {
      return refuse("num_feature is no count of features");
    }
    booster_.features.resize(static_cast<std::size_t>(count));
    const Node* names = learner_.find("feature_names");
    const Node* types = learner_.find("feature_types");
    for (std::size_t f = 0; f < booster_.features.size(); ++f) {
      if (names != nullptr && f < names->items.size()) {
        booster_.features[f].name = names->items[f].text;
      }
      booster_.features[f].categorical =
          types != nullptr && f < types->items.size() && types->items[f].text == "c";
    }
    ASSIGN_OR_RETURN(const double targets, number({"learner_model_param", "num_target"}, 1));
    if (targets > 1) {
      return refuse("a model of several targets", ErrorCode::kUnsupported, "one target");
    }
    return {};
  }

  Result<void> read_objective() {
    const Node* objective = learner_.at({"objective", "name"});
    if (objective == nullptr) return refuse("no objective");
    ASSIGN_OR_RETURN(const double classes, number({"learner_model_param", "num_class"}, 0));
    const std::string& name = objective->text;
    constexpr std::array<std::string_view, 6> kPlain = {"reg:squarederror",  "reg:linear",
                                                        "reg:absoluteerror", "reg:pseudohubererror",
                                                        "reg:quantileerror", "reg:squaredlogerror"};
    if (name == "binary:logistic") {
      // Not binary:logitraw, whose predict_proba is the margin, and decides at a margin of 0.5.
      logistic_base_ = true;
      booster_.classes = 2;
      booster_.link = {Link::Kind::kLogistic, 1};
    } else if (name == "multi:softprob" || name == "multi:softmax") {
      if (!(classes >= 2 && classes <= 10'000)) return refuse("num_class is no number of classes");
      booster_.classes = static_cast<std::size_t>(classes);
      if (booster_.classes == 2) {
        return refuse("multi:softprob with two classes", ErrorCode::kUnsupported,
                      "binary:logistic for two classes");
      }
      outputs_ = booster_.classes;
      booster_.link = {Link::Kind::kSoftmax, 1};
    } else if (std::find(kPlain.begin(), kPlain.end(), name) != kPlain.end()) {
      booster_.scale = ScoreScale::kPrediction;
    } else {
      return refuse("the objective " + quote_excerpt(name), ErrorCode::kUnsupported,
                    "binary:logistic, multi:softprob, multi:softmax, or a "
                    "regression whose prediction is the sum of the leaves");
    }
    return {};
  }

  /// base_score is in the units of the prediction: one number, or, since 3.1, one an output.
  Result<void> read_base_score() {
    std::vector<double> scores;
    const Node* node = learner_.at({"learner_model_param", "base_score"});
    if (node == nullptr) return refuse("no base_score");
    std::string_view text = node->text;
    if (node->kind == Kind::kText && text.starts_with('[') && text.ends_with(']')) {
      text = text.substr(1, text.size() - 2);
      while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const auto value = parse(text.substr(0, comma));
        if (!value) return refuse("base_score is no number");
        scores.push_back(*value);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
      }
    } else {
      const auto value = node->as_number();
      if (!value) return refuse("base_score is no number");
      scores.push_back(*value);
    }
    if (scores.size() == 1) scores.resize(outputs_, scores.front());
    if (scores.size() != outputs_) return refuse("base_score for another number of outputs");
    for (double& score : scores) {
      if (!logistic_base_) continue;
      if (!(score > 0 && score < 1)) return refuse("a base_score that is no probability");
      // In float32, as XGBoost does.
      score = static_cast<double>(-std::log(1.0F / static_cast<float>(score) - 1.0F));
    }
    booster_.trees.baseline = std::move(scores);
    return {};
  }

  static std::optional<double> parse(std::string_view text) {
    Node node;
    node.kind = Kind::kText;
    node.text = std::string(text);
    return node.as_number();
  }

  /// How many of the trees count; all of them, or those up to the best iteration.
  Result<std::size_t> iterations_kept(std::size_t iterations) const {
    const Node* best = learner_.at({"attributes", "best_iteration"});
    const bool wrapped = learner_.at({"attributes", "scikit_learn"}) != nullptr;
    if (best == nullptr || !(options_.cut_at_best || wrapped)) return iterations;
    const auto value = best->as_number();
    if (!value || *value < 0) return refuse("best_iteration is no number");
    return std::min(iterations, static_cast<std::size_t>(*value) + 1);
  }

  Result<void> read_trees(const Node& model, const Node* drop) {
    const Node* trees = model.find("trees");
    const Node* info = model.find("tree_info");
    const Node* parallel = model.at({"gbtree_model_param", "num_parallel_tree"});
    if (trees == nullptr || info == nullptr || info->numbers.size() != trees->items.size()) {
      return refuse("trees and tree_info do not fit");
    }
    const double at_once = parallel == nullptr ? 1 : parallel->as_number().value_or(1);
    const std::size_t per_output =
        at_once >= 1 && at_once < 1e6 ? static_cast<std::size_t>(at_once) : 1;
    const std::size_t per_iteration = per_output * outputs_;
    ASSIGN_OR_RETURN(const std::size_t iterations,
                     iterations_kept(trees->items.size() / per_iteration));
    if (trees->items.size() % per_iteration != 0)
      return refuse("a last iteration without all trees");
    booster_.trees.features = booster_.features.size();
    codes_.resize(booster_.features.size());
    RETURN_IF_ERROR(collect_categories(*trees));
    // Trees of one output one after the other; the ensemble takes them in turns.
    std::vector<std::vector<Tree>> by_output(outputs_);
    for (std::size_t t = 0; t < iterations * per_iteration; ++t) {
      const double output = info->numbers[t];
      if (!(output >= 0 && output < static_cast<double>(outputs_))) {
        return refuse("a tree of an output that is not there");
      }
      double weight = 1;
      if (drop != nullptr) {
        if (t >= drop->numbers.size()) return refuse("fewer weights than trees");
        weight = drop->numbers[t];
      }
      ASSIGN_OR_RETURN(Tree tree, read_tree(trees->items[t], t, weight));
      by_output[static_cast<std::size_t>(output)].push_back(std::move(tree));
    }
    for (std::size_t i = 0; i < by_output.front().size(); ++i) {
      for (std::vector<Tree>& own : by_output) {
        if (own.size() != by_output.front().size()) return refuse("outputs of unequal trees");
        booster_.trees.trees.push_back(std::move(own[i]));
      }
    }
    return {};
  }

  tl::unexpected<Error> refuse_tree(std::size_t tree, const std::string& what,
                                    ErrorCode code = ErrorCode::kInput) const {
    return refuse("tree " + std::to_string(tree) + ": " + what, code);
  }

  Result<const std::vector<double>*> array(const Node& tree, std::string_view key,
                                           std::size_t index) const {
    const Node* node = tree.find(key);
    if (node == nullptr || node->kind != Kind::kNumbers) {
      return refuse_tree(index, "no numbers " + std::string(key));
    }
    return &node->numbers;
  }

  /// The categories that any test names get the codes 0, 1, …; all others share one.
  Result<void> collect_categories(const Node& trees) {
    for (std::size_t t = 0; t < trees.items.size(); ++t) {
      const Node& tree = trees.items[t];
      const Node* nodes = tree.find("categories_nodes");
      if (nodes == nullptr || nodes->numbers.empty()) continue;
      ASSIGN_OR_RETURN(const auto* features, array(tree, "split_indices", t));
      for (std::size_t i = 0; i < nodes->numbers.size(); ++i) {
        const double node = nodes->numbers[i];
        if (!(node >= 0 && node < static_cast<double>(features->size()))) {
          return refuse_tree(t, "a split on categories that is not there");
        }
        const double feature = (*features)[static_cast<std::size_t>(node)];
        if (!(feature >= 0 && feature < static_cast<double>(codes_.size()))) {
          return refuse_tree(t, "a feature that is out of range");
        }
        ASSIGN_OR_RETURN(const std::vector<std::int64_t> set, categories_of(tree, i, t));
        CategoryCodes& codes = codes_[static_cast<std::size_t>(feature)];
        for (const std::int64_t category : set) {
          if (!codes.add(category)) {
            return refuse_tree(t, "a feature that tests more than 255 categories",
                               ErrorCode::kLimit);
          }
        }
        booster_.features[static_cast<std::size_t>(feature)].categorical = true;
      }
    }
    return {};
  }

  /// The categories of the i-th split on categories.
  Result<std::vector<std::int64_t>> categories_of(const Node& tree, std::size_t i,
                                                  std::size_t index) const {
    ASSIGN_OR_RETURN(const auto* all, array(tree, "categories", index));
    ASSIGN_OR_RETURN(const auto* segments, array(tree, "categories_segments", index));
    ASSIGN_OR_RETURN(const auto* sizes, array(tree, "categories_sizes", index));
    const auto length = static_cast<double>(all->size());
    if (i >= segments->size() || i >= sizes->size() || !((*segments)[i] >= 0) ||
        !((*sizes)[i] >= 0) || !((*segments)[i] + (*sizes)[i] <= length)) {
      return refuse_tree(index, "categories out of range");
    }
    std::vector<std::int64_t> set;
    const auto first = static_cast<std::size_t>((*segments)[i]);
    for (std::size_t c = first; c < first + static_cast<std::size_t>((*sizes)[i]); ++c) {
      const double category = (*all)[c];
      if (!(category >= 0 && category < 16777216)) {
        return refuse_tree(index, "a category out of range");
      }
      set.push_back(static_cast<std::int64_t>(category));
    }
    return set;
  }

  Result<Tree> read_tree(const Node& source, std::size_t index, double weight) {
    ASSIGN_OR_RETURN(const auto* left, array(source, "left_children", index));
    ASSIGN_OR_RETURN(const auto* right, array(source, "right_children", index));
    ASSIGN_OR_RETURN(const auto* feature, array(source, "split_indices", index));
    ASSIGN_OR_RETURN(const auto* condition, array(source, "split_conditions", index));
    ASSIGN_OR_RETURN(const auto* default_left, array(source, "default_left", index));
    ASSIGN_OR_RETURN(const auto* cover, array(source, "sum_hessian", index));
    const std::size_t size = left->size();
    for (const auto* other : {right, feature, condition, default_left, cover}) {
      if (other->size() != size) return refuse_tree(index, "arrays of unequal length");
    }
    if (size == 0) return refuse_tree(index, "no nodes");
    // The split on categories of each node, if it is one.
    std::vector<std::size_t> split(size, size);
    if (const Node* nodes = source.find("categories_nodes")) {
      for (std::size_t i = 0; i < nodes->numbers.size(); ++i) {
        const double node = nodes->numbers[i];
        if (!(node >= 0 && node < static_cast<double>(size))) {
          return refuse_tree(index, "a split on categories that is not there");
        }
        split[static_cast<std::size_t>(node)] = i;
      }
    }
    // Nodes that were pruned away stay in the arrays; only those that are reached are taken.
    Tree tree;
    std::vector<std::pair<std::size_t, std::size_t>> open{{0, 0}};  // in the arrays, in the tree
    tree.emplace_back();
    while (!open.empty()) {
      const auto [from, to] = open.back();
      open.pop_back();
      TreeNode node;
      node.cover = (*cover)[from];
      if ((*left)[from] == -1) {
        // Leaves are float32, and so is a leaf times the weight dart gives its tree.
        node.value = static_cast<double>(static_cast<float>((*condition)[from]) *
                                         static_cast<float>(weight));
        tree[to] = node;
        continue;
      }
      const auto in_range = [&](double child) {
        return child > 0 && child < static_cast<double>(size) && child == std::trunc(child);
      };
      if (!in_range((*left)[from]) || !in_range((*right)[from]) || tree.size() + 2 > size) {
        return refuse_tree(index, "a child that is out of range or reached twice");
      }
      if (!((*feature)[from] >= 0 &&
            (*feature)[from] < static_cast<double>(booster_.features.size()))) {
        return refuse_tree(index, "a feature that is out of range");
      }
      node.feature = static_cast<std::uint32_t>((*feature)[from]);
      node.missing_goes_left = (*default_left)[from] != 0;
      if (split[from] < size) {
        RETURN_IF_ERROR(make_categorical(source, split[from], index, node));
      } else {
        node.kind = TreeNode::Kind::kNumeric;
        node.threshold = float32_test_below(static_cast<float>((*condition)[from]));
      }
      node.left = static_cast<std::uint32_t>(tree.size());
      node.right = node.left + 1;
      open.emplace_back(static_cast<std::size_t>((*left)[from]), node.left);
      open.emplace_back(static_cast<std::size_t>((*right)[from]), node.right);
      tree[to] = node;
      tree.resize(tree.size() + 2);
    }
    return tree;
  }

  /// All codes but those of the set go left.
  Result<void> make_categorical(const Node& source, std::size_t split, std::size_t index,
                                TreeNode& node) {
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> right, categories_of(source, split, index));
    node.kind = TreeNode::Kind::kCategorical;
    node.category_set = static_cast<std::uint32_t>(booster_.trees.category_sets.size());
    CategorySet& set = booster_.trees.category_sets.emplace_back();
    set.words.fill(0xFFFFFFFFU);
    for (const std::int64_t category : right) {
      const std::uint8_t code = codes_[node.feature].find(category).value_or(255);
      set.words[code / 32U] &= ~(1U << (code % 32U));
    }
    return {};
  }

  Result<void> read_linear(const Node& booster) {
    const Node* weights = booster.at({"model", "weights"});
    const std::size_t features = booster_.features.size();
    if (weights == nullptr || weights->numbers.size() != (features + 1) * outputs_) {
      return refuse("weights that do not fit the features");
    }
    AdditiveParts parts;
    parts.kind = "Booster";
    parts.features = features;
    parts.rule = {};
    if (outputs_ > 1) {
      for (std::size_t k = 0; k < outputs_; ++k) parts.classes.push_back(std::to_string(k));
    }
    for (std::size_t k = 0; k < outputs_; ++k) {
      parts.base.push_back(booster_.trees.baseline[k] + weights->numbers[features * outputs_ + k]);
      for (std::size_t f = 0; f < features; ++f) {
        parts.terms.push_back({{.slope = weights->numbers[f * outputs_ + k]}});
      }
    }
    parts.rule = {.missing = false, .infinite = false};
    ASSIGN_OR_RETURN(booster_.linear, make_additive_estimator(std::move(parts)));
    return {};
  }

  /// Values of the container that holds the categories of the training table (3.1 and later).
  Result<std::vector<Category>> training_categories(const Node& model, std::size_t feature,
                                                    BoosterFeature& described) const {
    std::vector<Category> categories;
    const Node* encodings = model.at({"cats", "enc"});
    if (encodings == nullptr || feature >= encodings->items.size()) return categories;
    const Node& encoding = encodings->items[feature];
    const Node* values = encoding.find("values");
    const Node* offsets = encoding.find("offsets");
    if (values == nullptr || values->numbers.empty()) return categories;
    if (offsets == nullptr) {
      for (const double value : values->numbers) {
        categories.push_back(Category::of_number(value));
        described.categories.push_back(std::to_string(static_cast<std::int64_t>(value)));
      }
      return categories;
    }
    described.is_text = true;
    for (std::size_t c = 0; c + 1 < offsets->numbers.size(); ++c) {
      const double begin = offsets->numbers[c];
      const double end = offsets->numbers[c + 1];
      if (!(begin >= 0 && begin <= end && end <= static_cast<double>(values->numbers.size()))) {
        return refuse("categories whose texts do not fit");
      }
      std::string text;
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        text += static_cast<char>(static_cast<int>(values->numbers[i]));
      }
      described.categories.push_back(text);
      categories.push_back(Category::of_text(std::move(text)));
    }
    return categories;
  }

  Result<void> make_encoder(const Node& model) {
    const std::size_t count = booster_.features.size();
    std::vector<std::optional<LookupEncoder::InputColumn>> tables(count);
    std::vector<Columnwise::Function> functions(count);
    bool any_table = false;
    const auto is_missing = [missing = options_.missing,
                             absent = options_.zeros_are_absent](double x) {
      return std::isnan(x) || x == missing || (absent && x == 0);
    };
    const bool other_missing = !std::isnan(options_.missing) || options_.zeros_are_absent;
    bool any_function = other_missing;
    for (std::size_t f = 0; f < count; ++f) {
      BoosterFeature& feature = booster_.features[f];
      if (feature.categorical) {
        // Every code is known: those outside a test's set go right.
        booster_.trees.known_categories.resize(count);
        booster_.trees.known_categories[f].words.fill(0xFFFFFFFFU);
      }
      if (!feature.categorical) {
        if (other_missing) {
          functions[f] = [is_missing](double x) { return is_missing(x) ? std::nan("") : x; };
        }
        continue;
      }
      ASSIGN_OR_RETURN(const std::vector<Category> categories,
                       training_categories(model, f, feature));
      const CategoryCodes& codes = codes_[f];
      if (categories.empty()) {
        any_function = true;
        functions[f] = [codes, is_missing](double x) {
          if (is_missing(x)) return std::nan("");
          const bool in_range = x >= 0 && x < 16777216;
          const auto code = in_range ? codes.find(static_cast<std::int64_t>(x)) : std::nullopt;
          return static_cast<double>(code.value_or(codes.other()));
        };
        continue;
      }
      any_table = true;
      auto built = CategoryIndex::build(categories);
      if (!built) return refuse("feature " + std::to_string(f) + ": " + built.error().what);
      LookupEncoder::InputColumn column{
          .categories = std::move(*built), .values = {}, .unknown = {}};
      for (std::size_t c = 0; c < categories.size(); ++c) {
        const auto code = codes.find(static_cast<std::int64_t>(c));
        column.values.push_back(static_cast<double>(code.value_or(codes.other())));
      }
      // XGBoost refuses a category it was not trained with; a missing cell is missing.
      column.unknown = std::vector<double>{std::nan("")};
      tables[f] = std::move(column);
    }
    TransformerPtr by_table;
    if (any_table) {
      ASSIGN_OR_RETURN(by_table, LookupEncoder::build(std::move(tables)));
    }
    if (!any_function) {
      booster_.encoder = std::move(by_table);
      return {};
    }
    booster_.encoder = std::make_shared<const Columnwise>(std::move(functions), NumberRule{});
    if (by_table) {
      booster_.encoder = std::make_shared<const Chain>(std::vector<Chain::Step>{
          {"missing", std::move(booster_.encoder)}, {"categories", std::move(by_table)}});
    }
    return {};
  }

  const Node& learner_;
  const std::string& name_;
  const XgboostOptions& options_;
  std::size_t outputs_ = 1;
  bool logistic_base_ = false;
  std::vector<CategoryCodes> codes_;
  Booster booster_;
};

}  // namespace

bool is_old_xgboost_binary(ByteSpan bytes) {
  // "binf" or nothing, 136 bytes of numbers, then the names of the objective and of the booster,
  // each after its length.
  const std::size_t numbers = as_text(bytes).starts_with("binf") ? 140 : 136;
  constexpr std::size_t kLongestName = 64;
  const auto name_at = [&](std::size_t at) -> std::string_view {
    if (bytes.size() < at + 8) return {};
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) {
      length = length << 8U | std::to_integer<std::uint64_t>(bytes[at + i]);
    }
    if (length > kLongestName || bytes.size() - at - 8 < length) return {};
    return as_text(bytes.subspan(at + 8, static_cast<std::size_t>(length)));
  };
  const std::string_view objective = name_at(numbers);
  if (objective.find(':') == std::string_view::npos) return false;
  const std::string_view booster = name_at(numbers + 8 + objective.size());
  return booster == "gbtree" || booster == "dart" || booster == "gblinear";
}

bool is_xgboost_bytes(ByteSpan bytes) {
  // The first key of every form is one of two.
  const std::string_view text = as_text(bytes.subspan(0, std::min<std::size_t>(bytes.size(), 64)));
  const bool named = text.find("learner") != std::string_view::npos ||
                     text.find("Config") != std::string_view::npos;
  if (!text.starts_with('{') || !named) return false;
  const std::size_t next = text.find_first_not_of(" \t\r\n", 1);
  if (next == std::string_view::npos) return false;
  return text[next] == '"' || text[next] == 'L' || text[next] == 'i' || text[next] == 'U' ||
         text[next] == 'I' || text[next] == 'l';
}

Result<Booster> read_xgboost(ByteSpan bytes, const std::string& name,
                             const XgboostOptions& options) {
  if (!is_xgboost_bytes(bytes)) {
    return fail(ErrorCode::kInput, "no XGBoost model", name, "a model saved as JSON or UBJSON");
  }
  const std::string_view text = as_text(bytes);
  const bool json = text[text.find_first_not_of(" \t\r\n", 1)] == '"';
  ASSIGN_OR_RETURN(const Document document,
                   json ? Document::read_json(text, name) : Document::read_ubjson(bytes, name));
  // A pickled Booster holds {Config, Model}.
  const Node* model = document.root().find("Model");
  const Node& root = model == nullptr ? document.root() : *model;
  const Node* learner = root.find("learner");
  if (learner == nullptr) {
    return fail(ErrorCode::kInput, "a document without a learner", name,
                "a model as XGBoost saves it");
  }
  return Reader(*learner, name, options).read(root.find("version"));
}

}  // namespace clairscore
