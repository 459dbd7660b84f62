// Models that are not read: each refusal says what was met, where, and what would be accepted.
// oracles/sklearn_models.py made the files, by scikit-learn and by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "mlflow/loaded_model.h"

namespace clairscore {
namespace {

using ::testing::HasSubstr;

struct Refusal {
  std::string file;
  ErrorCode code = ErrorCode::kInput;
  std::string what;
  std::string step;      // the end of `where`, after the byte offset; empty for the root
  std::string accepted;  // a part of it
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.file;
}

constexpr ErrorCode kInput = ErrorCode::kInput;
constexpr ErrorCode kUnsupported = ErrorCode::kUnsupported;
constexpr ErrorCode kLimit = ErrorCode::kLimit;

const std::vector<Refusal>& refusals() {
  static const std::vector<Refusal> kRefusals = {
      // Classes and functions that are not read.
      {"neighbors", kUnsupported,
       "the model sklearn.neighbors._classification.KNeighborsClassifier is not supported", "",
       "nearest of the "},
      {"pipeline_neighbors", kUnsupported,
       "the estimator sklearn.neighbors._classification.KNeighborsClassifier is not supported",
       ", step classifier", "docs/models.md"},
      {"cluster", kUnsupported,
       "the transformer sklearn.cluster._agglomerative.FeatureAgglomeration is not supported",
       ", step group", "FeatureUnion"},
      {"cluster_in_columns", kUnsupported,
       "the transformer sklearn.cluster._agglomerative.FeatureAgglomeration is not supported",
       ", step preprocessor > num > group", "docs/models.md"},
      {"class_by_value", kUnsupported,
       "the transformer an object of class 'Mine' stored by value is not supported", ", step mine",
       "docs/models.md"},
      {"function_by_reference", kUnsupported, "FunctionTransformer: func is numpy.nan_to_num",
       ", step fill", "(a function stored in a model is never run)"},
      {"function_with_keywords", kUnsupported, "FunctionTransformer: kw_args is a dict",
       ", step root", "kw_args: None"},
      {"function_by_value", kUnsupported,
       "FunctionTransformer: func is the function 'own_function' stored by value", ", step double",
       "func: None or one of numpy's log1p, log"},
      {"function_validated", kUnsupported, "FunctionTransformer: validate is True", ", step same",
       "validate: False"},
      {"names_by_function", kUnsupported,
       "OneHotEncoder: feature_name_combiner is the function '<lambda>' stored by value", "",
       "feature_name_combiner: 'concat'"},
      {"verbose_names_by_function", kUnsupported,
       "ColumnTransformer: verbose_feature_names_out is the function '<lambda>' stored by value",
       "", "True, False or a format string"},
      {"poisson", kUnsupported,
       "HistGradientBoostingRegressor with loss 'poisson', whose predictions are not the sum of "
       "the leaves",
       "", "squared_error, absolute_error or quantile"},
      {"gamma", kUnsupported,
       "HistGradientBoostingRegressor with loss 'gamma', whose predictions are not the sum of the "
       "leaves",
       "", "squared_error"},
      // No model, or none yet.
      {"a_dictionary", kInput, "the file holds a dict, which is no model", "", "Pipeline"},
      {"an_array", kInput, "the file holds an array, which is no model", "", "Pipeline"},
      {"not_fitted", kInput, "ColumnTransformer without attribute transformers_", ", step prepare",
       "a fitted ColumnTransformer"},
      {"boosting_not_fitted", kInput, "HistGradientBoostingClassifier without attribute classes_",
       "", "a fitted HistGradientBoostingClassifier"},
      // Encoders whose parts do not fit together.
      {"broken_no_categories", kInput, "OneHotEncoder without attribute categories_", "",
       "a fitted OneHotEncoder"},
      {"broken_categories_kind", kInput, "the string 'auto' where a list is needed", "", "a list"},
      {"broken_categories_twice", kInput,
       "OneHotEncoder, column 1: the category 'a' is listed twice", "", "each category once"},
      {"broken_category_type", kInput, "a byte string where a category or a label was expected", "",
       "a string, a number"},
      {"broken_drop", kInput, "OneHotEncoder: the dropped category 17 of column 0 is out of range",
       "", "0 to 4, exclusive"},
      {"broken_drop_count", kInput, "OneHotEncoder: 1 dropped categories for 3 columns", "",
       "one a column"},
      {"broken_drop_text", kInput,
       "OneHotEncoder: the dropped category a of column 0 is no position", "",
       "None or a position"},
      {"broken_grouping", kInput, "a grouping of 3 categories", "", "5 categories"},
      {"broken_grouping_range", kInput, "an index that is out of range", "", "0 to 5, exclusive"},
      {"broken_grouping_count", kInput, "groupings for 2 columns", "", "3 columns"},
      {"broken_handle_unknown", kUnsupported, "OneHotEncoder: handle_unknown is the string 'shrug'",
       "", "'error', 'ignore', 'infrequent_if_exist' or 'warn'"},
      {"broken_missing_indices", kInput, "OrdinalEncoder: _missing_indices is a dict", "",
       "the position of the last category"},
      {"broken_unknown_value", kInput, "OrdinalEncoder: unknown_value is None", "",
       "a number that the encoder's dtype holds"},
      {"broken_ordinal_dtype", kUnsupported, "OrdinalEncoder: dtype is numpy.complex128", "",
       "float64, float32 or an integer type"},
      {"broken_ordinal_overflow", kUnsupported, "OrdinalEncoder: dtype is numpy.int8", "",
       "a type that holds 128"},
      {"broken_encodings", kInput, "TargetEncoder: 2 encodings for the categories of column 0", "",
       "5 encodings"},
      {"broken_encodings_count", kInput, "TargetEncoder: 2 encodings and 1 means for 3 columns", "",
       "3 encodings and 1 means"},
      {"broken_target_type", kUnsupported, "TargetEncoder: target_type_ is the string 'ranks'", "",
       "'binary', 'continuous' or 'multiclass'"},
      // Columns.
      {"broken_columns", kInput, "OneHotEncoder fitted on 3 columns for 2", ", step cat",
       "as many columns as it was fitted on"},
      {"broken_columns_range", kInput, "an index that is out of range", ", step num",
       "0 to 9, exclusive"},
      {"broken_columns_twice", kInput, "column number 4 selected twice", ", part cat",
       "each column once"},
      {"broken_columns_name", kInput, "no column named weight", ", step num",
       "one of the fitted columns"},
      {"broken_columns_mask", kInput, "a mask of 1 columns", ", step num", "9 columns"},
      {"broken_columns_kind", kUnsupported, "columns chosen by 1.5", ", step num",
       "a column name, a position"},
      {"broken_columns_part", kInput, "ColumnTransformer: a part that is a tuple", "",
       "(name, transformer, columns)"},
      {"broken_names", kInput, "two columns named 'job'", "", "each name once"},
      {"broken_names_kind", kInput, "the column name 3 is no text", "", "names that are strings"},
      {"broken_cycle", kLimit, "steps nested too deeply",
       ", step self > self > self > … > self > self > self", "at most 24 levels"},
      {"broken_deep_tree", kLimit, "a tree 600 tests deep", "", "up to 512"},
      {"broken_depth", kLimit, "steps nested too deeply",
       ", step level39 > level38 > level37 > … > level18 > level17 > level16", "at most 24 levels"},
      // Trees.
      {"broken_node_child", kInput, "a tree node whose left child is out of range", "", ""},
      {"broken_node_cycle", kInput, "child 0 is reached twice", ", tree 0, node 0", ""},
      {"broken_node_feature", kInput, "a tree node whose feature is out of range", "", ""},
      {"broken_node_negative_feature", kInput, "a tree node whose feature is out of range", "", ""},
      {"broken_node_fraction", kInput, "a tree node whose right child is out of range", "", ""},
      {"broken_node_cover", kInput, "a cover that is not a positive number", ", tree 0, node 2",
       ""},
      {"broken_node_value", kInput, "a leaf value that is not a number", ", tree 0, node 2", ""},
      {"broken_node_threshold", kInput, "a threshold that is not a number", ", tree 0, node 0", ""},
      {"broken_node_numeric_category", kInput,
       "a tree node that tests a category of the numeric feature 1", "", ""},
      {"broken_node_set", kInput, "a tree node whose category set is out of range", "", ""},
      {"broken_node_fields", kInput, "tree nodes without a numeric field feature_idx", "",
       "the node records of scikit-learn"},
      {"broken_nodes", kInput, "tree nodes that are no records", "", ""},
      {"broken_sets", kInput, "raw_left_cat_bitsets is not rows of 8 uint32", "", ""},
      {"broken_iteration", kInput, "2 trees in an iteration", "", "1"},
      {"broken_baseline", kInput, "_baseline_prediction is not finite", "", "a finite number"},
      {"broken_baseline_type", kUnsupported, "_baseline_prediction is not of float64", "",
       "float64"},
      {"broken_classes", kInput, "1 outputs for 3 classes", ", HistGradientBoostingClassifier",
       "one output for two classes"},
      {"broken_one_class", kUnsupported, "HistGradientBoostingClassifier: classes_ is an array", "",
       "two classes or more"},
      {"broken_bins", kInput, "_BinMapper: 2 columns for 3 features", "", ""},
      {"broken_known_category", kInput, "_BinMapper: a category that is out of range", "",
       "0 to 255"},
      {"broken_inner_encoder", kUnsupported,
       "_preprocessor: sklearn.preprocessing._encoders.OneHotEncoder", "", "one OrdinalEncoder"},
      {"broken_inner_columns", kInput, "_preprocessor: column 1 twice", "", "each column once"},
      {"broken_inner_missing", kInput, "_preprocessor: 1 of 3 columns", "", "every column once"},
      {"broken_feature_count", kInput, "_BinMapper: 16 columns for 15 features",
       ", step classifier", ""},
  };
  return kRefusals;
}

std::filesystem::path refused_folder() {
  return std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/sklearn/refused";
}

class RefusedModelTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedModelTest, SaysWhatWhereAndWhatWouldBeAccepted) {
  const Refusal& refusal = GetParam();
  const std::string path = (refused_folder() / (refusal.file + ".pkl")).string();
  const auto loaded = load_model(path);
  ASSERT_FALSE(loaded);
  const Error& error = loaded.error();
  EXPECT_EQ(error.code, refusal.code);
  EXPECT_EQ(error.what, refusal.what);
  EXPECT_THAT(error.where, testing::StartsWith(path + ", byte "));
  EXPECT_THAT(error.where, testing::EndsWith(refusal.step));
  if (refusal.step.empty()) {
    EXPECT_THAT(error.where, Not(HasSubstr(", step")));
  }
  EXPECT_FALSE(error.accepted.empty());
  EXPECT_THAT(error.accepted, HasSubstr(refusal.accepted));
  EXPECT_EQ(to_string(error).find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, RefusedModelTest, testing::ValuesIn(refusals()),
                         [](const auto& refusal) { return refusal.param.file; });

TEST(RefusedModelsTest, EveryFileHasATest) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(refused_folder())) {
    files.push_back(entry.path().stem().string());
  }
  std::vector<std::string> tested;
  for (const Refusal& refusal : refusals()) tested.push_back(refusal.file);
  std::sort(files.begin(), files.end());
  std::sort(tested.begin(), tested.end());
  EXPECT_EQ(files, tested);
}

}  // namespace
}  // namespace clairscore
