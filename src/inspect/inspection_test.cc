#include "inspect/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <string>

#include "base/bytes.h"

namespace clairscore {
namespace {

namespace fs = std::filesystem;
namespace dom = simdjson::dom;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

fs::path fixtures() {
  return fs::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures";
}

Inspection inspect(const fs::path& path) {
  auto inspection = inspect_path(path);
  EXPECT_TRUE(inspection) << to_string(inspection.error());
  return std::move(*inspection);
}

/// A file of its own for each test, removed afterwards.
class InspectFileTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("inspect_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, std::string_view bytes) const {
    EXPECT_TRUE(write_file_atomically(folder_ / name, as_bytes(bytes)));
    return folder_ / name;
  }
  fs::path folder_;
};

TEST(InspectTest, TellsWhatTheReferenceModelHolds) {
  const Inspection model = inspect(fixtures() / "reference/hub/model");
  EXPECT_FALSE(model.refusal.has_value());
  EXPECT_TRUE(model.is_folder);
  EXPECT_THAT(model.flavors, ElementsAre("python_function", "sklearn"));
  EXPECT_EQ(model.container, "pickle");
  EXPECT_EQ(model.protocol, 4);
  EXPECT_EQ(model.threshold, 0.5064);
  EXPECT_EQ(model.estimator, "HistGradientBoostingClassifier");
  EXPECT_THAT(model.classes, ElementsAre("0", "1"));
  ASSERT_TRUE(model.trees.has_value());
  EXPECT_EQ(model.trees->trees, 100U);
  EXPECT_EQ(model.trees->depth, 7U);
  EXPECT_EQ(model.trees->nodes, 2 * model.trees->leaves - 100);
  EXPECT_EQ(model.trees->categorical_splits, 0U);
  EXPECT_EQ(model.features.size(), 163U);
  EXPECT_TRUE(model.scores);
  EXPECT_TRUE(model.explains);
  EXPECT_THAT(model.card.other_files, testing::Contains("conda.yaml"));
  ASSERT_EQ(model.inputs.size(), 56U);
  EXPECT_EQ(model.inputs[0].name, "NAME_CONTRACT_TYPE");
  EXPECT_EQ(model.inputs[0].type, "string");
  EXPECT_THAT(model.inputs[0].categories, ElementsAre("Cash loans", "Revolving loans"));
  EXPECT_TRUE(model.inputs[4].categories.empty());
  for (const InspectedGlobal& global : model.globals) {
    EXPECT_TRUE(global.listed) << global.module << "." << global.name;
  }
}

TEST(InspectTest, CountsCategoricalSplits) {
  const Inspection model = inspect(fixtures() / "reference/native/model");
  ASSERT_TRUE(model.trees.has_value());
  EXPECT_GT(model.trees->categorical_splits, 0U);
  EXPECT_EQ(model.features.size(), 56U);
}

TEST(InspectTest, ShowsTheStepsWithTheirSettings) {
  const Inspection model = inspect(fixtures() / "reference/hub/model");
  ASSERT_TRUE(model.objects.has_value());
  const ObjectTree& pipeline = *model.objects;
  EXPECT_EQ(pipeline.class_name, "sklearn.pipeline.Pipeline");
  EXPECT_TRUE(pipeline.supported);
  ASSERT_EQ(pipeline.children.size(), 2U);
  const ObjectTree& preprocessor = pipeline.children[0];
  EXPECT_EQ(preprocessor.name, "preprocessor");
  ASSERT_EQ(preprocessor.children.size(), 2U);
  EXPECT_EQ(preprocessor.children[0].name, "cat");
  EXPECT_THAT(preprocessor.children[0].parameters,
              testing::Contains(std::pair<std::string, std::string>("drop", "'if_binary'")));
  EXPECT_THAT(pipeline.children[1].parameters,
              testing::Contains(std::pair<std::string, std::string>("learning_rate", "0.1315")));
}

TEST(InspectTest, WritesTextForATerminal) {
  const std::string text = to_text(inspect(fixtures() / "sklearn/mlflow"));
  EXPECT_THAT(text, HasSubstr("  library       scikit-learn 1.6.1, Python "));
  EXPECT_THAT(text, HasSubstr("  threshold     0.25 (metadata.optimal_threshold)\n"));
  EXPECT_THAT(text, HasSubstr("  trees         4; 28 leaves; "));
  EXPECT_THAT(text, HasSubstr("\nInputs (9)\n"));
  EXPECT_THAT(text, HasSubstr("  job     string    required  chef | clerk | driver | nurse | "
                              "pilot\n"));
  EXPECT_THAT(text, HasSubstr("  accepted: every name in the file is known"));
  EXPECT_THAT(text, HasSubstr("  can score, and explain by path-dependent SHAP values\n"));
  EXPECT_THAT(text, Not(HasSubstr("NOT KNOWN")));
}

TEST(InspectTest, WritesOneJsonObject) {
  const std::string text = to_json(inspect(fixtures() / "sklearn/mlflow"));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  dom::parser parser;
  dom::element json;
  ASSERT_EQ(parser.parse(text).get(json), simdjson::SUCCESS);
  EXPECT_EQ(json["verdict"].get_string().value(), "accepted");
  EXPECT_TRUE(json["reason"].is_null());
  EXPECT_TRUE(json["scores"].get_bool().value());
  EXPECT_EQ(json["file"]["name"].get_string().value(), "model.pkl");
  EXPECT_EQ(json["threshold"].get_double().value(), 0.25);
  EXPECT_EQ(json["estimator"]["trees"]["count"].get_int64().value(), 4);
  EXPECT_EQ(json["inputs"].get_array().value().size(), 9U);
  EXPECT_EQ(json["features"].get_array().value().size(), 16U);
  EXPECT_EQ(json["objects"]["steps"].get_array().value().size(), 2U);
  EXPECT_EQ(json["globals"].at(0)["listed"].get_bool().value(), true);
  EXPECT_EQ(json["other_files"].at(0).get_string().value(), "conda.yaml");
}

TEST(InspectTest, DescribesAModelThatIsRefused) {
  const Inspection model = inspect(fixtures() / "sklearn/refused/pipeline_neighbors.pkl");
  ASSERT_TRUE(model.refusal.has_value());
  EXPECT_THAT(model.refusal->what, HasSubstr("KNeighborsClassifier is not supported"));
  EXPECT_FALSE(model.scores);
  ASSERT_TRUE(model.objects.has_value());
  ASSERT_EQ(model.objects->children.size(), 2U);
  EXPECT_TRUE(model.objects->children[0].supported);
  EXPECT_FALSE(model.objects->children[1].supported);
  const std::string text = to_text(model);
  EXPECT_THAT(text, testing::ContainsRegex("not[ \n]+supported,[ \n]+byte"));
  EXPECT_THAT(text, HasSubstr("  refused: the estimator"));
  dom::parser parser;
  dom::element json;
  ASSERT_EQ(parser.parse(to_json(model)).get(json), simdjson::SUCCESS);
  EXPECT_EQ(json["verdict"].get_string().value(), "refused");
  EXPECT_THAT(std::string(json["reason"]["what"].get_string().value()),
              HasSubstr("KNeighborsClassifier"));
}

TEST(InspectTest, SaysWhenUnknownNamesAreInPartsThatNoPredictionUses) {
  const Inspection model = inspect(fixtures() / "sklearn/scored/boosting_stopped_early.pkl");
  EXPECT_FALSE(model.refusal.has_value());
  const std::string text = to_text(model);
  EXPECT_THAT(text, HasSubstr("NOT KNOWN  cloudpickle.cloudpickle._make_function  (Python would "
                              "call it)"));
  EXPECT_THAT(text, HasSubstr("in parts that no"));
}

TEST(InspectTest, TellsContainersApart) {
  EXPECT_EQ(inspect(fixtures() / "sklearn/scored/pipeline_joblib.joblib").container,
            "pickle in xz");
  const Inspection zlib = inspect(fixtures() / "sklearn/scored/boosting_joblib_zlib.joblib");
  EXPECT_EQ(zlib.container, "pickle in zlib");
  EXPECT_GT(zlib.pickle_bytes, zlib.card.size_bytes);
  EXPECT_EQ(inspect(fixtures() / "sklearn/scored/boosting_protocol_2.pkl").protocol, 2);
}

TEST(InspectTest, DescribesEveryRefusedModelWithoutFailing) {
  for (const auto& entry : fs::directory_iterator(fixtures() / "sklearn/refused")) {
    const Inspection model = inspect(entry.path());
    EXPECT_TRUE(model.refusal.has_value()) << entry.path();
    EXPECT_THAT(to_text(model), HasSubstr("\nVerdict\n  refused: ")) << entry.path();
    EXPECT_THAT(to_json(model), HasSubstr("\"verdict\":\"refused\"")) << entry.path();
  }
}

TEST_F(InspectFileTest, ShowsWhatAHostilePickleWouldDoAndDoesNotDoIt) {
  const fs::path touched = folder_ / "touched";
  const Inspection model =
      inspect(write("evil.pkl", "cposix\nsystem\n(S'touch " + touched.string() + "'\ntR."));
  EXPECT_FALSE(fs::exists(touched));
  ASSERT_EQ(model.globals.size(), 1U);
  EXPECT_EQ(model.globals[0].module, "posix");
  EXPECT_EQ(model.globals[0].name, "system");
  EXPECT_TRUE(model.globals[0].called);
  EXPECT_FALSE(model.globals[0].listed);
  EXPECT_EQ(model.protocol, 0);
  EXPECT_THAT(to_text(model), HasSubstr("NOT KNOWN  posix.system  (Python would call it)"));
  EXPECT_THAT(to_text(model), HasSubstr("refused: the model posix.system is not supported"));
}

TEST_F(InspectFileTest, KeepsControlCharactersOffTheTerminal) {
  const std::string text =
      to_text(inspect(write("names.pkl", "cev\x1b[2Jil\nna\xc2\x9bme\xe2\x80\xae\n)R.")));
  EXPECT_THAT(text, HasSubstr("ev?[2Jil.na?me?"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
}

TEST_F(InspectFileTest, DescribesAFolderWhoseModelCannotBeRead) {
  write("MLmodel",
        read_text_file(fixtures() / "sklearn/mlflow/MLmodel", std::uint64_t{1} << 20U).value());
  Inspection model = inspect(folder_);
  ASSERT_TRUE(model.refusal.has_value());
  EXPECT_EQ(model.refusal->code, ErrorCode::kNotFound);
  EXPECT_EQ(model.inputs.size(), 9U);
  EXPECT_EQ(model.card.library_version, "1.6.1");
  write("model.pkl", "\x80\x04");
  model = inspect(folder_);
  ASSERT_TRUE(model.refusal.has_value());
  EXPECT_THAT(model.refusal->where, HasSubstr("model.pkl, byte "));
  write("MLmodel", "flavors: {onnx: {data: model.onnx}}\n");
  model = inspect(folder_);
  ASSERT_TRUE(model.refusal.has_value());
  EXPECT_EQ(model.refusal->what, "the model's flavors are 'onnx'");
  EXPECT_THAT(to_text(model), HasSubstr("  flavors       onnx\n"));
}

TEST_F(InspectFileTest, TellsWhatADamagedPickleNamesAndWhereItEnds) {
  const std::string whole =
      read_text_file(fixtures() / "reference/hub/model/model.pkl", std::uint64_t{1} << 20U).value();
  const Inspection cut = inspect(write("cut.pkl", whole.substr(0, whole.size() / 2)));
  ASSERT_TRUE(cut.refusal.has_value());
  EXPECT_EQ(cut.refusal->code, ErrorCode::kInput);
  EXPECT_THAT(cut.refusal->where, HasSubstr("cut.pkl, byte "));
  EXPECT_EQ(cut.container, "pickle");
  EXPECT_EQ(cut.card.size_bytes, whole.size() / 2);
  EXPECT_FALSE(cut.card.sha256.empty());
  ASSERT_FALSE(cut.globals.empty());
  EXPECT_TRUE(cut.globals[0].listed);
  EXPECT_THAT(to_json(cut), HasSubstr("\"verdict\":\"refused\""));
}

TEST_F(InspectFileTest, FailsOnWhatCannotBeReadAtAll) {
  EXPECT_EQ(inspect_path(folder_ / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(inspect_path(folder_).error().code, ErrorCode::kInput);
  EXPECT_EQ(inspect_path(write("empty.pkl", "")).error().what, "an empty file");
  EXPECT_FALSE(inspect_path(write("text.pkl", "{\"a\": 1}")));
  write("MLmodel", "a: [");
  EXPECT_THAT(inspect_path(folder_).error().where, HasSubstr("MLmodel:1"));
}

TEST(InspectTest, TellsOfFilesThatAreNoPickle) {
  struct File {
    const char* name;
    const char* container;
    const char* library;
    const char* scale;
  };
  for (const File& file :
       {File{"lightgbm-4.7.0/binary_text.txt", "LightGBM text", "LightGBM", "log-odds"},
        File{"xgboost-3.4.1/binary_ubj.ubj", "XGBoost document", "XGBoost 3.4.1", "log-odds"},
        File{"catboost-1.2.10/binary_cbm.cbm", "CatBoost document", "CatBoost", "log-odds"},
        File{"skops-0.16.0/forest.skops", "skops archive", "scikit-learn 1.9.1", "probability"}}) {
    const Inspection model = inspect(fixtures() / "versions" / file.name);
    EXPECT_FALSE(model.refusal.has_value()) << file.name;
    EXPECT_TRUE(model.scores && model.explains) << file.name;
    EXPECT_EQ(model.container, file.container);
    EXPECT_EQ(model.scale, file.scale);
    EXPECT_TRUE(model.trees.has_value());
    EXPECT_THAT(to_text(model), HasSubstr(file.container));
    EXPECT_THAT(to_json(model), HasSubstr(std::string("\"scale\":\"") + file.scale));
  }
}

TEST(InspectTest, SaysWhyAModelIsNotExplained) {
  const Inspection model = inspect(fixtures() / "versions/sklearn-1.6.1/stacking.joblib");
  EXPECT_TRUE(model.scores);
  EXPECT_FALSE(model.explains);
  EXPECT_THAT(model.why_not_explained, HasSubstr("sees what other models answer"));
  const Inspection linear = inspect(fixtures() / "versions/sklearn-1.6.1/ridge.joblib");
  EXPECT_TRUE(linear.explains);
  EXPECT_THAT(to_text(linear), HasSubstr("explain by the terms of its sum"));
}

}  // namespace
}  // namespace clairscore
