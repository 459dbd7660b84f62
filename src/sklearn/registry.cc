#include "sklearn/registry.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "sklearn/objects.h"
#include "transform/passthrough.h"

namespace clairscore::sklearn {

namespace {

template <typename Reader>
struct Entry {
  std::string_view name;
  std::array<std::string_view, 2> modules;  // every path the class has had; unused ones empty
  Reader reader;
};

constexpr std::array kTransformers = {
    Entry<TransformerReader>{
        "ColumnTransformer", {"sklearn.compose._column_transformer"}, read_column_transformer},
    Entry<TransformerReader>{"FunctionTransformer",
                             {"sklearn.preprocessing._function_transformer"},
                             read_function_transformer},
    Entry<TransformerReader>{
        "OneHotEncoder", {"sklearn.preprocessing._encoders"}, read_one_hot_encoder},
    Entry<TransformerReader>{
        "OrdinalEncoder", {"sklearn.preprocessing._encoders"}, read_ordinal_encoder},
    Entry<TransformerReader>{
        "TargetEncoder", {"sklearn.preprocessing._target_encoder"}, read_target_encoder},
    Entry<TransformerReader>{"LabelEncoder",
                             {"sklearn.preprocessing._label", "sklearn.preprocessing.label"},
                             read_label_encoder},
    Entry<TransformerReader>{
        "StandardScaler", {"sklearn.preprocessing._data"}, read_standard_scaler},
    Entry<TransformerReader>{"RobustScaler", {"sklearn.preprocessing._data"}, read_robust_scaler},
    Entry<TransformerReader>{"MinMaxScaler", {"sklearn.preprocessing._data"}, read_min_max_scaler},
    Entry<TransformerReader>{"MaxAbsScaler", {"sklearn.preprocessing._data"}, read_max_abs_scaler},
    Entry<TransformerReader>{"Normalizer", {"sklearn.preprocessing._data"}, read_normalizer},
    Entry<TransformerReader>{"Binarizer", {"sklearn.preprocessing._data"}, read_binarizer},
    Entry<TransformerReader>{
        "PowerTransformer", {"sklearn.preprocessing._data"}, read_power_transformer},
    Entry<TransformerReader>{
        "QuantileTransformer", {"sklearn.preprocessing._data"}, read_quantile_transformer},
    Entry<TransformerReader>{
        "KBinsDiscretizer", {"sklearn.preprocessing._discretization"}, read_bins_discretizer},
    Entry<TransformerReader>{"PolynomialFeatures",
                             {"sklearn.preprocessing._polynomial", "sklearn.preprocessing._data"},
                             read_polynomial_features},
    Entry<TransformerReader>{
        "SplineTransformer", {"sklearn.preprocessing._polynomial"}, read_spline_transformer},
    Entry<TransformerReader>{"SimpleImputer", {"sklearn.impute._base"}, read_simple_imputer},
    Entry<TransformerReader>{"MissingIndicator", {"sklearn.impute._base"}, read_missing_indicator},
    Entry<TransformerReader>{"KNNImputer", {"sklearn.impute._knn"}, read_knn_imputer},
    Entry<TransformerReader>{"FeatureUnion", {"sklearn.pipeline"}, read_feature_union},
    Entry<TransformerReader>{"VarianceThreshold",
                             {"sklearn.feature_selection._variance_threshold"},
                             read_variance_threshold},
    Entry<TransformerReader>{"SelectKBest",
                             {"sklearn.feature_selection._univariate_selection"},
                             read_univariate_selection},
    Entry<TransformerReader>{"SelectPercentile",
                             {"sklearn.feature_selection._univariate_selection"},
                             read_univariate_selection},
    Entry<TransformerReader>{"SelectFpr",
                             {"sklearn.feature_selection._univariate_selection"},
                             read_univariate_selection},
    Entry<TransformerReader>{"SelectFdr",
                             {"sklearn.feature_selection._univariate_selection"},
                             read_univariate_selection},
    Entry<TransformerReader>{"SelectFwe",
                             {"sklearn.feature_selection._univariate_selection"},
                             read_univariate_selection},
    Entry<TransformerReader>{"RFE", {"sklearn.feature_selection._rfe"}, read_supported_columns},
    Entry<TransformerReader>{"RFECV", {"sklearn.feature_selection._rfe"}, read_supported_columns},
    Entry<TransformerReader>{"SequentialFeatureSelector",
                             {"sklearn.feature_selection._sequential"},
                             read_supported_columns},
    Entry<TransformerReader>{
        "SelectFromModel", {"sklearn.feature_selection._from_model"}, read_select_from_model},
    Entry<TransformerReader>{"PCA", {"sklearn.decomposition._pca"}, read_components},
    Entry<TransformerReader>{
        "TruncatedSVD", {"sklearn.decomposition._truncated_svd"}, read_components},
    Entry<TransformerReader>{
        "OrdinalEncoder", {"category_encoders.ordinal"}, read_plain_ordinal_encoder},
    Entry<TransformerReader>{
        "OneHotEncoder", {"category_encoders.one_hot"}, read_plain_one_hot_encoder},
    Entry<TransformerReader>{
        "TargetEncoder", {"category_encoders.target_encoder"}, read_target_or_woe_encoder},
    Entry<TransformerReader>{"WOEEncoder", {"category_encoders.woe"}, read_target_or_woe_encoder},
    Entry<TransformerReader>{
        "CatBoostEncoder", {"category_encoders.cat_boost"}, read_cat_boost_encoder},
    Entry<TransformerReader>{"CountEncoder", {"category_encoders.count"}, read_count_encoder},
};

constexpr std::array kEstimators = {
    Entry<EstimatorReader>{"HistGradientBoostingClassifier",
                           {"sklearn.ensemble._hist_gradient_boosting.gradient_boosting"},
                           read_hist_gradient_boosting_classifier},
    Entry<EstimatorReader>{"HistGradientBoostingRegressor",
                           {"sklearn.ensemble._hist_gradient_boosting.gradient_boosting"},
                           read_hist_gradient_boosting_regressor},
    Entry<EstimatorReader>{"CatBoostClassifier", {"catboost.core"}, read_catboost_estimator},
    Entry<EstimatorReader>{"CatBoostRegressor", {"catboost.core"}, read_catboost_estimator},
    Entry<EstimatorReader>{"CatBoost", {"catboost.core"}, read_catboost_estimator},
    Entry<EstimatorReader>{"LGBMClassifier", {"lightgbm.sklearn"}, read_lightgbm_estimator},
    Entry<EstimatorReader>{"LGBMRegressor", {"lightgbm.sklearn"}, read_lightgbm_estimator},
    Entry<EstimatorReader>{"XGBClassifier", {"xgboost.sklearn"}, read_xgboost_estimator},
    Entry<EstimatorReader>{"XGBRegressor", {"xgboost.sklearn"}, read_xgboost_estimator},
    Entry<EstimatorReader>{"XGBRFClassifier", {"xgboost.sklearn"}, read_xgboost_estimator},
    Entry<EstimatorReader>{"XGBRFRegressor", {"xgboost.sklearn"}, read_xgboost_estimator},
    Entry<EstimatorReader>{
        "LogisticRegression", {"sklearn.linear_model._logistic"}, read_logistic_regression},
    Entry<EstimatorReader>{
        "LogisticRegressionCV", {"sklearn.linear_model._logistic"}, read_logistic_regression},
    Entry<EstimatorReader>{
        "SGDClassifier", {"sklearn.linear_model._stochastic_gradient"}, read_sgd_classifier},
    Entry<EstimatorReader>{
        "SGDRegressor", {"sklearn.linear_model._stochastic_gradient"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "Perceptron", {"sklearn.linear_model._perceptron"}, read_margin_classifier},
    Entry<EstimatorReader>{"LinearSVC", {"sklearn.svm._classes"}, read_margin_classifier},
    Entry<EstimatorReader>{"LinearSVR", {"sklearn.svm._classes"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "RidgeClassifier", {"sklearn.linear_model._ridge"}, read_ridge_classifier},
    Entry<EstimatorReader>{
        "RidgeClassifierCV", {"sklearn.linear_model._ridge"}, read_ridge_classifier},
    Entry<EstimatorReader>{"Ridge", {"sklearn.linear_model._ridge"}, read_linear_regressor},
    Entry<EstimatorReader>{"RidgeCV", {"sklearn.linear_model._ridge"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "LinearRegression", {"sklearn.linear_model._base"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "Lasso", {"sklearn.linear_model._coordinate_descent"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "LassoCV", {"sklearn.linear_model._coordinate_descent"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "ElasticNet", {"sklearn.linear_model._coordinate_descent"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "ElasticNetCV", {"sklearn.linear_model._coordinate_descent"}, read_linear_regressor},
    Entry<EstimatorReader>{"BayesianRidge", {"sklearn.linear_model._bayes"}, read_linear_regressor},
    Entry<EstimatorReader>{"ARDRegression", {"sklearn.linear_model._bayes"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "HuberRegressor", {"sklearn.linear_model._huber"}, read_linear_regressor},
    Entry<EstimatorReader>{"Lars", {"sklearn.linear_model._least_angle"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "LassoLars", {"sklearn.linear_model._least_angle"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "LassoLarsCV", {"sklearn.linear_model._least_angle"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "LassoLarsIC", {"sklearn.linear_model._least_angle"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "OrthogonalMatchingPursuit", {"sklearn.linear_model._omp"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "QuantileRegressor", {"sklearn.linear_model._quantile"}, read_linear_regressor},
    Entry<EstimatorReader>{
        "TheilSenRegressor", {"sklearn.linear_model._theil_sen"}, read_linear_regressor},
    Entry<EstimatorReader>{"PassiveAggressiveClassifier",
                           {"sklearn.linear_model._passive_aggressive"},
                           read_margin_classifier},
    Entry<EstimatorReader>{"PassiveAggressiveRegressor",
                           {"sklearn.linear_model._passive_aggressive"},
                           read_linear_regressor},
    Entry<EstimatorReader>{"LinearDiscriminantAnalysis",
                           {"sklearn.discriminant_analysis"},
                           read_discriminant_analysis},
    Entry<EstimatorReader>{"GaussianNB", {"sklearn.naive_bayes"}, read_gaussian_nb},
    Entry<EstimatorReader>{
        "CalibratedClassifierCV", {"sklearn.calibration"}, read_calibrated_classifier},
    Entry<EstimatorReader>{"VotingClassifier", {"sklearn.ensemble._voting"}, read_voting},
    Entry<EstimatorReader>{"VotingRegressor", {"sklearn.ensemble._voting"}, read_voting},
    Entry<EstimatorReader>{"StackingClassifier", {"sklearn.ensemble._stacking"}, read_stacking},
    Entry<EstimatorReader>{"StackingRegressor", {"sklearn.ensemble._stacking"}, read_stacking},
    Entry<EstimatorReader>{"DecisionTreeClassifier",
                           {"sklearn.tree._classes", "sklearn.tree.tree"},
                           read_decision_tree},
    Entry<EstimatorReader>{"DecisionTreeRegressor",
                           {"sklearn.tree._classes", "sklearn.tree.tree"},
                           read_decision_tree},
    Entry<EstimatorReader>{
        "ExtraTreeClassifier", {"sklearn.tree._classes", "sklearn.tree.tree"}, read_decision_tree},
    Entry<EstimatorReader>{
        "ExtraTreeRegressor", {"sklearn.tree._classes", "sklearn.tree.tree"}, read_decision_tree},
    Entry<EstimatorReader>{"RandomForestClassifier", {"sklearn.ensemble._forest"}, read_forest},
    Entry<EstimatorReader>{"RandomForestRegressor", {"sklearn.ensemble._forest"}, read_forest},
    Entry<EstimatorReader>{"ExtraTreesClassifier", {"sklearn.ensemble._forest"}, read_forest},
    Entry<EstimatorReader>{"ExtraTreesRegressor", {"sklearn.ensemble._forest"}, read_forest},
    Entry<EstimatorReader>{
        "BalancedRandomForestClassifier", {"imblearn.ensemble._forest"}, read_forest},
    Entry<EstimatorReader>{
        "BalancedBaggingClassifier", {"imblearn.ensemble._bagging"}, read_bagging},
    Entry<EstimatorReader>{
        "EasyEnsembleClassifier", {"imblearn.ensemble._easy_ensemble"}, read_bagging},
    Entry<EstimatorReader>{
        "RUSBoostClassifier", {"imblearn.ensemble._weight_boosting"}, read_ada_boost_classifier},
    Entry<EstimatorReader>{"BaggingClassifier", {"sklearn.ensemble._bagging"}, read_bagging},
    Entry<EstimatorReader>{"BaggingRegressor", {"sklearn.ensemble._bagging"}, read_bagging},
    Entry<EstimatorReader>{
        "AdaBoostClassifier", {"sklearn.ensemble._weight_boosting"}, read_ada_boost_classifier},
    Entry<EstimatorReader>{
        "AdaBoostRegressor", {"sklearn.ensemble._weight_boosting"}, read_ada_boost_regressor},
    Entry<EstimatorReader>{
        "GradientBoostingClassifier", {"sklearn.ensemble._gb"}, read_gradient_boosting_classifier},
    Entry<EstimatorReader>{
        "GradientBoostingRegressor", {"sklearn.ensemble._gb"}, read_gradient_boosting_regressor},
};

/// Two libraries call theirs the same.
constexpr std::array kBoosters = {
    Entry<EstimatorReader>{"Booster", {"lightgbm.basic"}, read_lightgbm_booster},
    Entry<EstimatorReader>{"Booster", {"xgboost.core"}, read_xgboost_booster},
};

constexpr std::array<std::string_view, 2> kPipelineModules = {"sklearn.pipeline",
                                                              "imblearn.pipeline"};
constexpr std::string_view kPipelineName = "Pipeline";

bool is_pipeline_class(std::string_view module, std::string_view name) {
  return name == kPipelineName && std::find(kPipelineModules.begin(), kPipelineModules.end(),
                                            module) != kPipelineModules.end();
}

template <typename Table>
const auto* find(const Table& table, std::string_view module, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) {
    return entry.name == name && !module.empty() &&
           std::find(entry.modules.begin(), entry.modules.end(), module) != entry.modules.end();
  });
  return found == table.end() ? nullptr : &*found;
}

template <typename Table>
void add_names(const Table& table, std::vector<std::string>& names) {
  for (const auto& entry : table) {
    std::string name(entry.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
}

/// The classes whose names are nearest to the object's, and where all are listed: the whole list
/// would fill a screen.
std::string instead_of(const Value& object, std::vector<std::string> names) {
  constexpr std::size_t kShown = 3;
  names.emplace_back(kPipelineName);
  const std::vector<std::string> nearest = nearest_names(short_class_name(object), names, kShown);
  return "nearest of the " + std::to_string(names.size()) +
         " classes that are read: " + list_of_names(nearest) + "; all are listed in docs/models.md";
}

template <typename Table>
auto find_reader(const Table& table, const Value& object) -> decltype(table.front().reader) {
  if (object.kind() != Kind::kObject) return nullptr;
  const Value callable = object.callable();
  const auto* entry = find(table, callable.module(), callable.name());
  return entry == nullptr ? nullptr : entry->reader;
}

struct ListedModule {
  std::string_view module;
  std::string_view names;  // separated by spaces; "*" is every name
};

/// What a fitted model of the classes above is made of besides them. Modules whose names are all
/// inert records or constants are listed whole.
constexpr std::array kListed = {
    ListedModule{"builtins",
                 "slice set frozenset bytearray complex range object list dict tuple "
                 "int float bool str bytes Ellipsis"},
    ListedModule{"collections", "OrderedDict defaultdict"},
    ListedModule{"copyreg", "_reconstructor __newobj__ __newobj_ex__"},
    ListedModule{"_codecs", "encode"},
    ListedModule{"functools", "partial"},
    ListedModule{"joblib.numpy_pickle", "NumpyArrayWrapper"},
    ListedModule{"numpy",
                 "dtype ndarray bool bool_ float16 float32 float64 int8 int16 int32 int64 "
                 "uint8 uint16 uint32 uint64 longlong ulonglong intc object_ str_ bytes_ "
                 "number void datetime64 timedelta64"},
    ListedModule{"numpy._core.multiarray", "_reconstruct scalar"},
    ListedModule{"numpy.core.multiarray", "_reconstruct scalar"},
    ListedModule{"numpy._core.numeric", "_frombuffer"},
    ListedModule{"numpy.core.numeric", "_frombuffer"},
    ListedModule{"numpy.ma.core", "_mareconstruct MaskedArray"},
    ListedModule{"numpy.ma", "_mareconstruct MaskedArray"},
    ListedModule{"numpy.random._pickle",
                 "__randomstate_ctor __generator_ctor __bit_generator_ctor"},
    ListedModule{"numpy.random._pcg64", "PCG64 PCG64DXSM"},
    ListedModule{"numpy.random._mt19937", "MT19937"},
    ListedModule{"numpy.random._philox", "Philox"},
    ListedModule{"numpy.random._sfc64", "SFC64"},
    ListedModule{"numpy.random.bit_generator",
                 "SeedSequence SeedlessSeedSequence __pyx_unpickle_SeedSequence"},
    ListedModule{"numpy.random.mtrand", "RandomState"},
    ListedModule{"scipy.sparse._csr", "csr_matrix csr_array"},
    ListedModule{"sklearn._loss.link", "*"},
    ListedModule{"sklearn._loss.loss", "*"},
    ListedModule{"sklearn._loss._loss", "*"},
    ListedModule{"_loss", "*"},
    ListedModule{"sklearn.compose._column_transformer", "_RemainderColsList make_column_selector"},
    ListedModule{"sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper"},
    ListedModule{"sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"},
    ListedModule{"sklearn.ensemble._hist_gradient_boosting.loss", "*"},
    ListedModule{"sklearn.calibration", "_CalibratedClassifier _SigmoidCalibration"},
    ListedModule{"sklearn.isotonic", "IsotonicRegression"},
    ListedModule{"sklearn.frozen._frozen", "FrozenEstimator"},
    ListedModule{"sklearn.model_selection._search", "GridSearchCV RandomizedSearchCV"},
    ListedModule{"sklearn.model_selection._search_successive_halving",
                 "HalvingGridSearchCV HalvingRandomSearchCV"},
    ListedModule{"sklearn.model_selection._classification_threshold",
                 "TunedThresholdClassifierCV FixedThresholdClassifier _CurveScorer"},
    ListedModule{"sklearn.model_selection._split", "*"},
    ListedModule{"scipy.interpolate._interpolate", "interp1d"},
    ListedModule{"scipy.interpolate.interpolate", "interp1d"},
    ListedModule{"sklearn.linear_model._loss", "*"},
    ListedModule{"sklearn.linear_model._sgd_fast", "*"},
    ListedModule{"sklearn.feature_selection._univariate_selection",
                 "f_classif f_regression chi2 r_regression"},
    ListedModule{"sklearn.feature_selection._mutual_info",
                 "mutual_info_classif mutual_info_regression"},
    ListedModule{"numpy", "log1p log log2 log10 exp expm1 sqrt cbrt square absolute"},
    ListedModule{"numpy.core._multiarray_umath",
                 "log1p log log2 log10 exp expm1 sqrt cbrt square absolute"},
    ListedModule{"pandas", "Series DataFrame Index RangeIndex StringDtype"},
    ListedModule{"pandas.arrays", "StringArray"},
    ListedModule{"pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"},
    ListedModule{"pandas._libs.internals", "_unpickle_block"},
    ListedModule{"pandas.core.series", "Series"},
    ListedModule{"pandas.core.frame", "DataFrame"},
    ListedModule{"pandas.core.indexes.base", "_new_Index Index"},
    ListedModule{"pandas.core.indexes.range", "RangeIndex"},
    ListedModule{"pandas.core.indexes.numeric", "Int64Index UInt64Index Float64Index"},
    ListedModule{"pandas.core.internals.managers", "SingleBlockManager BlockManager"},
    ListedModule{"pandas.core.arrays.string_", "StringDtype StringArray"},
    ListedModule{"scipy.interpolate._bsplines", "BSpline _BSpline"},
    ListedModule{"sklearn.dummy", "DummyClassifier DummyRegressor"},
    ListedModule{"sklearn.ensemble._gb_losses", "*"},
    ListedModule{"sklearn.tree._tree", "Tree"},
    ListedModule{"sklearn.metrics._scorer", "*"},
    ListedModule{"lightgbm.compat", "_LGBMLabelEncoder"},
    ListedModule{"sklearn.preprocessing._label", "LabelEncoder LabelBinarizer"},
    ListedModule{"sklearn.utils._bunch", "Bunch"},
    ListedModule{"sklearn.utils._metadata_requests", "*"},
    ListedModule{"sklearn.utils.validation", "check_array"},
};

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const bool starts = at == 0 || words[at - 1] == ' ';
    const std::size_t end = at + word.size();
    if (starts && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

}  // namespace

TransformerReader find_transformer_reader(const Value& object) {
  return find_reader(kTransformers, object);
}

EstimatorReader find_estimator_reader(const Value& object) {
  if (const EstimatorReader reader = find_reader(kEstimators, object)) return reader;
  return find_reader(kBoosters, object);
}

bool is_pipeline(const Value& object) {
  return object.kind() == Kind::kObject &&
         is_pipeline_class(object.callable().module(), object.callable().name());
}

Result<ReadTransformer> read_transformer(const Value& object, ReadContext& context) {
  if (object.is_none() || object.string() == "passthrough") {
    ReadTransformer read;
    read.transformer = std::make_shared<const Passthrough>();
    return read;
  }
  if (is_pipeline(object)) return read_pipeline_as_transformer(object, context);
  if (const TransformerReader reader = find_transformer_reader(object)) {
    return reader(object, context);
  }
  std::vector<std::string> names;
  add_names(kTransformers, names);
  return ReadContext::refuse(object, ErrorCode::kUnsupported,
                             "the transformer " + describe(object) + " is not supported",
                             instead_of(object, std::move(names)));
}

Result<ReadEstimator> read_estimator(const Value& object, ReadContext& context,
                                     std::string_view what) {
  if (const EstimatorReader reader = find_estimator_reader(object)) return reader(object, context);
  std::vector<std::string> names;
  add_names(kEstimators, names);
  add_names(kTransformers, names);
  return ReadContext::refuse(
      object, ErrorCode::kUnsupported,
      std::string(what).append(" ").append(describe(object)).append(" is not supported"),
      instead_of(object, std::move(names)));
}

bool is_listed_global(std::string_view module, std::string_view name) {
  if (module.empty() || name.empty()) return false;
  if (is_pipeline_class(module, name)) return true;
  if (find(kTransformers, module, name) || find(kEstimators, module, name) ||
      find(kBoosters, module, name))
    return true;
  return std::any_of(kListed.begin(), kListed.end(), [&](const ListedModule& listed) {
    return listed.module == module && (listed.names == "*" || has_word(listed.names, name));
  });
}

}  // namespace clairscore::sklearn
