// Where models are found, how a folder and its file go together, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "mlflow/loaded_model.h"

namespace clairscore {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

fs::path fixtures() {
  return fs::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/sklearn";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// A folder of its own for each test, removed afterwards.
class LoadModelTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("load_model_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    yaml_ = read_text_file(fixtures() / "mlflow/MLmodel", 1U << 20U).value();
    model_ = read_text_file(fixtures() / "mlflow/model.pkl", 1U << 20U).value();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    ASSERT_TRUE(write_file_atomically(folder_ / name, as_bytes(text)));
  }
  void write_model(const fs::path& folder = {}) const {
    write(folder / "MLmodel", yaml_);
    write(folder / "model.pkl", model_);
  }
  Error refused(const fs::path& path) const {
    const auto loaded = load_model(path);
    EXPECT_FALSE(loaded);
    return loaded ? Error{} : loaded.error();
  }

  fs::path folder_;
  std::string yaml_;
  std::string model_;
};

/// An MLmodel of a flavour, with a signature of four numbers.
std::string mlmodel_of(const std::string& flavor, const std::string& file,
                       const std::string& more) {
  std::string inputs;
  for (const char* name : {"age", "income", "rate", "count"}) {
    inputs += std::string(inputs.empty() ? "" : ", ") + R"({"type": "double", "name": ")" + name +
              R"(", "required": false})";
  }
  return "flavors:\n  " + flavor + ":\n    code: null\n    data: " + file + "\n" + more +
         "  python_function:\n    data: " + file + "\n    loader_module: mlflow." + flavor +
         "\n    python_version: 3.11.7\nmlflow_version: 3.1.0\nsignature:\n  inputs: '[" + inputs +
         "]'\n";
}

TEST_F(LoadModelTest, ReadsFoldersOfBoostingLibraries) {
  struct Saved {
    const char* flavor;
    const char* fixture;
    const char* file;
    const char* version;
  };
  for (const Saved& saved :
       {Saved{"lightgbm", "lightgbm-4.7.0/binary_text.txt", "model.lgb",
              "    lgb_version: 4.7.0\n"},
        Saved{"lightgbm", "lightgbm-4.7.0/binary_pickle.pkl", "model.pkl",
              "    lgb_version: 4.7.0\n"},
        Saved{"xgboost", "xgboost-3.4.1/binary_ubj.ubj", "model.ubj", "    xgb_version: 3.4.1\n"},
        Saved{"xgboost", "xgboost-3.4.1/binary_json.model.json", "model.json",
              "    xgb_version: 3.4.1\n"},
        Saved{"catboost", "catboost-1.2.10/binary_cbm.cbm", "model.cb",
              "    catboost_version: 1.2.10\n"}}) {
    const auto model =
        read_text_file(fixtures().parent_path() / "versions" / saved.fixture, 1U << 20U);
    ASSERT_TRUE(model);
    write(saved.file, *model);
    for (const bool generic : {false, true}) {
      std::string yaml = mlmodel_of(saved.flavor, saved.file, saved.version);
      // What a model of one's own class around the library is saved as.
      if (generic) yaml = replaced(yaml, std::string("  ") + saved.flavor + ":", "  custom:");
      write("MLmodel", yaml);
      const auto loaded = load_model(folder_);
      ASSERT_TRUE(loaded) << saved.fixture << ": " << to_string(loaded.error());
      EXPECT_EQ((*loaded)->card.flavor, generic ? "custom" : saved.flavor);
      EXPECT_EQ((*loaded)->signature.inputs.size(), 4U);
      EXPECT_EQ((*loaded)->pipeline.estimator()->classes(), (std::vector<std::string>{"0", "1"}));
      if (!generic) {
        EXPECT_THAT(saved.version, HasSubstr((*loaded)->card.library_version));
      }
    }
  }
}

TEST_F(LoadModelTest, ReadsASkopsFolder) {
  const auto model =
      read_text_file(fixtures().parent_path() / "versions/skops-0.16.0/boosting.skops", 1U << 20U);
  ASSERT_TRUE(model);
  write("model.skops", *model);
  std::string yaml = mlmodel_of("sklearn", "model.skops", "    serialization_format: skops\n");
  yaml = replaced(yaml, "    data: model.skops", "    pickled_model: model.skops");
  write("MLmodel", yaml);
  const auto loaded = load_model(folder_);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ((*loaded)->card.serialization_format, "skops");
  EXPECT_EQ((*loaded)->pipeline.estimator()->kind(), "GradientBoostingClassifier");
}

TEST_F(LoadModelTest, ReadsAFolderWithItsCard) {
  write_model();
  write("recipe.yaml", "name: mine\n");
  write("code/more/util.py", "");
  write("conda.yaml", "");
  const auto loaded = load_model(folder_);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const LoadedModel& model = **loaded;
  EXPECT_EQ(model.threshold, 0.25);
  EXPECT_TRUE(model.threshold_from_model);
  EXPECT_EQ(model.card.path, folder_.string());
  EXPECT_EQ(model.card.file, "model.pkl");
  EXPECT_EQ(model.card.size_bytes, model_.size());
  EXPECT_EQ(model.card.sha256.size(), 64U);
  EXPECT_EQ(model.card.flavor, "sklearn");
  EXPECT_THAT(model.card.other_files,
              ElementsAre("code/more/util.py", "conda.yaml", "recipe.yaml"));
  EXPECT_EQ(model.recipe_path, folder_ / "recipe.yaml");
  EXPECT_EQ(model.signature.inputs.size(), 9U);
  EXPECT_EQ(model.pipeline.input_names().size(), 9U);
}

TEST_F(LoadModelTest, AThresholdIsAHalfWhereTheModelHasNone) {
  yaml_ = replaced(yaml_, "optimal_threshold", "other");
  write_model();
  const auto loaded = load_model(folder_);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ((*loaded)->threshold, 0.5);
  EXPECT_FALSE((*loaded)->threshold_from_model);
}

TEST_F(LoadModelTest, FindsTheModelInASubfolder) {
  write_model("only");
  EXPECT_TRUE(load_model(folder_));
  EXPECT_TRUE(load_model(folder_ / "only/MLmodel"));
  write_model("gradient_boosting");
  EXPECT_TRUE(load_model(folder_));  // the name of the original's repository wins
  fs::remove_all(folder_ / "gradient_boosting");
  write_model("another");
  const Error error = refused(folder_);
  EXPECT_EQ(error.code, ErrorCode::kInput);
  EXPECT_EQ(error.what, "2 models in one folder (another, only)");
  EXPECT_EQ(error.where, folder_.string());
  EXPECT_EQ(error.accepted, "the folder of one of them");
}

TEST_F(LoadModelTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(refused(folder_ / "none").code, ErrorCode::kNotFound);
  EXPECT_EQ(refused(folder_ / "none").where, (folder_ / "none").string());
  EXPECT_EQ(refused(folder_).what, "a folder without an MLmodel");
  write("MLmodel", yaml_);
  const Error error = refused(folder_);
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_THAT(error.where, HasSubstr((folder_ / "model.pkl").string()));
}

TEST_F(LoadModelTest, RefusesAModelCutShortAnywhere) {
  const std::string whole = model_;
  for (const double share : {0.0, 0.0001, 0.01, 0.3, 0.7, 0.999}) {
    model_ = whole.substr(0, static_cast<std::size_t>(share * static_cast<double>(whole.size())));
    write_model();
    const Error error = refused(folder_);
    EXPECT_EQ(error.code, ErrorCode::kInput) << share;
    EXPECT_THAT(error.where, HasSubstr("model.pkl")) << share;
    EXPECT_FALSE(error.accepted.empty()) << share;
    EXPECT_EQ(to_string(error).find('\n'), std::string::npos);
  }
}

TEST_F(LoadModelTest, RefusesAForeignFile) {
  for (const std::string text : {"hello\n", "{\"a\": 1}",
                                 "\x7f"
                                 "ELF\x02\x01\x01",
                                 "PK\x03\x04"}) {
    model_ = text;
    write_model();
    const Error error = refused(folder_);
    EXPECT_EQ(exit_code(error.code), 3) << text;
    EXPECT_THAT(error.where, HasSubstr("model.pkl")) << text;
    EXPECT_FALSE(error.accepted.empty()) << text;
  }
}

TEST_F(LoadModelTest, NothingInAModelIsEverRun) {
  model_ = "cos\nsystem\n(S'touch " + (folder_ / "touched").string() + "'\ntR.";
  write_model();
  const Error error = refused(folder_);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.what, "the model os.system is not supported");
  EXPECT_FALSE(fs::exists(folder_ / "touched"));
}

TEST_F(LoadModelTest, RefusesAnMlModelThatIsWrongWithItsLine) {
  yaml_ = replaced(yaml_, "0.25", "2");
  write_model();
  Error error = refused(folder_);
  EXPECT_EQ(error.what, "metadata.optimal_threshold is '2'");
  EXPECT_EQ(error.where, (folder_ / "MLmodel").string() + ":17");
  yaml_ = "flavors: [";
  write_model();
  error = refused(folder_);
  EXPECT_THAT(error.where, HasSubstr((folder_ / "MLmodel").string() + ":1"));
  yaml_ = "flavors:\n  sklearn:\n    pickled_model: model.pkl\n";
  write_model();
  EXPECT_EQ(refused(folder_).what, "no signature");
}

TEST_F(LoadModelTest, NamesAnInputThatTheSignatureLacks) {
  yaml_ = replaced(yaml_, R"("name": "income")", R"("name": "revenue")");
  write_model();
  const Error error = refused(folder_);
  EXPECT_EQ(error.what, "the model needs a column that the signature lacks");
  EXPECT_EQ(error.where, (folder_ / "MLmodel").string() + ", column income");
}

TEST_F(LoadModelTest, GivesColumnsOfASignatureWithoutNamesThoseOfTheModel) {
  const std::size_t begin = yaml_.find("  inputs:");
  yaml_ = yaml_.substr(0, begin) +
          "  inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"object\", \"shape\": "
          "[-1, 9]}}]'\n";
  write_model();
  const auto loaded = load_model(folder_);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ((*loaded)->signature.inputs[1].name, "income");
}

TEST(LoadModelFileTest, MakesASignatureForAModelFileAlone) {
  const auto loaded = load_model(fixtures() / "scored/pipeline_texts_to_trees.pkl");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const LoadedModel& model = **loaded;
  std::string types;
  for (const SignatureColumn& column : model.signature.inputs) {
    types += column.name + (column.is_text() ? " text, " : " number, ");
    EXPECT_FALSE(column.required);
  }
  // job and city reach the trees' own encoder through a step that passes them on; the five other
  // columns it was fitted on are not used.
  EXPECT_EQ(types, "age number, score number, job text, city text, ");
  EXPECT_FALSE(model.threshold_from_model);
  EXPECT_EQ(model.card.file, "pipeline_texts_to_trees.pkl");
  EXPECT_EQ(model.card.flavor, "sklearn");
  EXPECT_EQ(model.card.library_version, "1.6.1");
  EXPECT_TRUE(model.card.other_files.empty());
}

TEST(LoadModelFileTest, NumbersTheColumnsOfAModelFittedWithoutNames) {
  const auto loaded = load_model(fixtures() / "scored/boosting_array.pkl");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_THAT((*loaded)->pipeline.input_names(), ElementsAre("x0", "x1", "x2", "x3", "x4"));
}

// Folders that MLflow itself wrote (oracles/mlflow_models.py) and that hold no model to read.
TEST(MlflowFolderTest, IsRefusedByNameWhereItHoldsCodeOrAnOldForm) {
  struct Folder {
    const char* path;
    ErrorCode code;
    const char* what;
  };
  for (const Folder& folder :
       {Folder{"mlflow-1.30.1/refused/python_model", ErrorCode::kUnsupported, "'python_function'"},
        Folder{"mlflow-2.22.1/refused/python_model", ErrorCode::kUnsupported, "'python_function'"},
        Folder{"mlflow-3.17.2/refused/python_model", ErrorCode::kUnsupported, "'python_function'"},
        Folder{"mlflow-1.30.1/refused/no_signature", ErrorCode::kInput, "no signature"},
        Folder{"mlflow-2.22.1/refused/no_signature", ErrorCode::kInput, "no signature"},
        Folder{"mlflow-3.17.2/refused/no_signature", ErrorCode::kInput, "no signature"},
        Folder{"mlflow-1.30.1/refused/xgboost_old_binary", ErrorCode::kUnsupported,
               "an XGBoost model in the old binary form"}}) {
    const auto loaded = load_model(fixtures() / "../versions" / folder.path);
    ASSERT_FALSE(loaded) << folder.path;
    EXPECT_EQ(loaded.error().code, folder.code) << folder.path;
    EXPECT_THAT(loaded.error().what, HasSubstr(folder.what)) << folder.path;
    EXPECT_THAT(loaded.error().where, HasSubstr(folder.path));
    EXPECT_FALSE(loaded.error().accepted.empty());
  }
}

TEST(MlflowFolderTest, ListsCodeAndNeverRunsIt) {
  for (const char* version : {"mlflow-1.30.1", "mlflow-2.22.1", "mlflow-3.17.2"}) {
    const auto loaded = load_model(fixtures() / "../versions" / version / "forest_with_code");
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    EXPECT_THAT((*loaded)->card.other_files, testing::Contains("code/p7_utils.py"));
  }
}

}  // namespace
}  // namespace clairscore
