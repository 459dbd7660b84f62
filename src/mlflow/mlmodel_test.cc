#include "mlflow/mlmodel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "mlflow/signature.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kUsual =
    "flavors:\n"
    "  python_function:\n"
    "    loader_module: mlflow.sklearn\n"
    "    python_version: 3.12.1\n"
    "  sklearn:\n"
    "    pickled_model: model.pkl\n"
    "    serialization_format: cloudpickle\n"
    "    sklearn_version: 1.6.1\n"
    "metadata:\n"
    "  optimal_threshold: 0.5064\n"
    "  nested: {answer: \"caf\\xE9\"}\n"
    "mlflow_version: 2.22.5\n"
    "model_uuid: 59d97bac\n"
    "run_id: 8f1e\n"
    "signature:\n"
    "  inputs: '[{\"type\": \"string\", \"name\": \"job\", \"required\": true}, {\"type\":\n"
    "    \"double\", \"name\": \"age''s\", \"required\": false}, {\"type\": \"long\", \"name\": "
    "\"n\"}]'\n"
    "  outputs: null\n"
    "utc_time_created: '2026-11-22 23:17:56.093136'\n";

MlModel parse(const std::string& yaml) {
  auto model = parse_mlmodel(yaml, "MLmodel");
  EXPECT_TRUE(model) << to_string(model.error());
  return std::move(*model);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(MlModelTest, ReadsWhatMlflowWrites) {
  const MlModel model = parse(kUsual);
  EXPECT_THAT(model.flavors, ElementsAre("python_function", "sklearn"));
  EXPECT_EQ(model.card.flavor, "sklearn");
  EXPECT_EQ(model.card.library_version, "1.6.1");
  EXPECT_EQ(model.card.python_version, "3.12.1");
  EXPECT_EQ(model.card.mlflow_version, "2.22.5");
  EXPECT_EQ(model.card.serialization_format, "cloudpickle");
  EXPECT_EQ(model.card.run_id, "8f1e");
  EXPECT_EQ(model.card.model_uuid, "59d97bac");
  EXPECT_EQ(model.card.utc_time_created, "2026-11-22 23:17:56.093136");
  EXPECT_EQ(model.model_file.value(), "model.pkl");
  EXPECT_EQ(model.threshold.value(), 0.5064);
  const Signature& signature = model.signature.value();
  ASSERT_EQ(signature.inputs.size(), 3U);
  EXPECT_EQ(signature.inputs[0].name, "job");
  EXPECT_TRUE(signature.inputs[0].is_text());
  EXPECT_TRUE(signature.inputs[0].required);
  EXPECT_EQ(signature.inputs[1].name, "age's");
  EXPECT_EQ(signature.inputs[1].type, SignatureType::kDouble);
  EXPECT_FALSE(signature.inputs[1].required);
  EXPECT_EQ(signature.inputs[2].type, SignatureType::kLong);
  EXPECT_TRUE(signature.inputs[2].required);
}

TEST(MlModelTest, ReadsWindowsLineEndsAndTheModelIdOfMlflow3) {
  std::string yaml;
  for (const char c : replaced(kUsual, "model_uuid: 59d97bac", "model_id: m-1")) {
    if (c == '\n') yaml += '\r';
    yaml += c;
  }
  const MlModel model = parse(yaml);
  EXPECT_EQ(model.card.model_uuid, "m-1");
  EXPECT_EQ(model.signature.value().inputs.size(), 3U);
  EXPECT_EQ(model.threshold.value(), 0.5064);
}

TEST(MlModelTest, TakesAThresholdAsNumberOrText) {
  const auto threshold = [](const std::string& value) {
    return parse(replaced(kUsual, "0.5064", value)).threshold;
  };
  EXPECT_EQ(threshold("'0.25'").value(), 0.25);
  EXPECT_EQ(threshold("2.5e-1").value(), 0.25);
  EXPECT_EQ(threshold("null").value(), std::nullopt);
  EXPECT_EQ(parse("flavors: {}\n").threshold.value(), std::nullopt);
  for (const std::string refused :
       {"0", "1", "1.5", "-0.1", ".nan", "nan", ".inf", "high", "true", "[0.5]", "''", "0,5"}) {
    const auto result = threshold(refused);
    ASSERT_FALSE(result) << refused;
    EXPECT_EQ(result.error().code, ErrorCode::kInput);
    EXPECT_THAT(result.error().what, HasSubstr("metadata.optimal_threshold is "));
    EXPECT_EQ(result.error().where, "MLmodel:10");
    EXPECT_EQ(result.error().accepted, "a number between 0 and 1, both excluded");
  }
  EXPECT_EQ(threshold("high").error().what, "metadata.optimal_threshold is 'high'");
}

TEST(MlModelTest, RefusesAFileOutsideTheFolder) {
  for (const std::string path : {"../model.pkl", "/etc/passwd", "a/../../b.pkl", "\"a\\0b\""}) {
    const auto file = parse(replaced(kUsual, "model.pkl", path)).model_file;
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::kInput);
    EXPECT_THAT(file.error().what, HasSubstr("leaves the folder"));
    EXPECT_EQ(file.error().where, "MLmodel:6");
    EXPECT_EQ(file.error().accepted, "a file inside the folder");
  }
  EXPECT_EQ(parse(replaced(kUsual, "model.pkl", "data/model.pkl")).model_file.value(),
            "data/model.pkl");
}

TEST(MlModelTest, RefusesOtherFlavorsAndFormats) {
  const auto other = parse(replaced(kUsual, "  sklearn:", "  onnx:")).model_file;
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(other.error().what, "the model's flavors are 'python_function', 'onnx'");
  EXPECT_EQ(other.error().accepted, "the sklearn, lightgbm, xgboost or catboost flavor");
  EXPECT_EQ(parse("a: 1\n").model_file.error().what, "no flavors");
  const auto format = parse(replaced(kUsual, "cloudpickle", "onnx")).model_file;
  EXPECT_EQ(format.error().what, "serialization_format is 'onnx'");
  EXPECT_EQ(format.error().accepted, "pickle, cloudpickle, joblib or skops");
  const auto nameless = parse(replaced(kUsual, "pickled_model", "other")).model_file;
  EXPECT_EQ(nameless.error().what, "the flavor has no pickled_model");
  const auto nothing = parse(replaced(kUsual, "  sklearn:", "  lightgbm:")).model_file;
  EXPECT_EQ(nothing.error().what, "the flavor has no data");
}

TEST(MlModelTest, RefusesTextThatIsNoMapping) {
  const auto refused = [](const std::string& yaml) {
    const auto model = parse_mlmodel(yaml, "MLmodel");
    return model ? Error{} : model.error();
  };
  EXPECT_EQ(refused("").what, "no YAML mapping");
  EXPECT_EQ(refused("- a\n- b\n").what, "no YAML mapping");
  EXPECT_EQ(refused("a: [1\nb: 2\n").where, "MLmodel:2");
  EXPECT_THAT(refused("a: {").what, HasSubstr("no YAML"));
  EXPECT_EQ(refused(std::string(100'000, '[')).code, ErrorCode::kInput);
}

TEST(MlModelTest, RefusesAliasesAndHugeFiles) {
  const auto bomb = parse_mlmodel("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "MLmodel");
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, ErrorCode::kInput);
  EXPECT_EQ(bomb.error().what, "a YAML alias");
  const auto huge = parse_mlmodel(std::string((10U << 20U) + 1, ' '), "MLmodel");
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::kLimit);
  EXPECT_EQ(huge.error().accepted, "an MLmodel of at most 10 MiB");
}

TEST(MlModelTest, RefusesAModelWithoutSignature) {
  for (const std::string& yaml :
       {replaced(kUsual, "signature:", "other:"), replaced(kUsual, "inputs:", "params:"),
        std::string("flavors: {}\nsignature:\n  inputs: null\n")}) {
    const auto signature = parse(yaml).signature;
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().code, ErrorCode::kInput);
    EXPECT_EQ(signature.error().what, "no signature");
    EXPECT_EQ(signature.error().where, "MLmodel");
    EXPECT_THAT(signature.error().accepted, HasSubstr("infer_signature"));
  }
  EXPECT_EQ(parse("signature: {inputs: [1]}\n").signature.error().what,
            "signature.inputs is no text");
}

TEST(SignatureTest, ReadsEveryTypeOfColumn) {
  std::string json;
  for (const std::string type :
       {"boolean", "integer", "long", "float", "double", "string", "binary", "datetime"}) {
    json += json.empty() ? "[" : ", ";
    json += R"({"type": ")";
    json += type;
    json += R"(", "name": ")";
    json += type;
    json += R"("})";
  }
  const auto signature = parse_signature(json + "]", "MLmodel").value();
  ASSERT_EQ(signature.inputs.size(), 8U);
  for (const SignatureColumn& column : signature.inputs) {
    EXPECT_EQ(to_string(column.type), column.name);
  }
}

TEST(SignatureTest, NamesColumnsThatHaveNoneByPosition) {
  const auto columns =
      parse_signature(R"([{"type": "double"}, {"type": "string", "optional": true}])", "m").value();
  EXPECT_EQ(columns.inputs[0].name, "x0");
  EXPECT_EQ(columns.inputs[1].name, "x1");
  EXPECT_FALSE(columns.inputs[1].required);
  EXPECT_TRUE(is_unnamed(columns));
  EXPECT_FALSE(is_unnamed(parse_signature(R"([{"type": "double", "name": "a"}])", "m").value()));
}

TEST(SignatureTest, ReadsATensorAsATable) {
  const auto tensor = [](const std::string& name, const std::string& dtype,
                         const std::string& shape) {
    std::string json = R"([{"type": "tensor", )";
    json += name;
    json += R"("tensor-spec": {"dtype": ")";
    json += dtype;
    json += R"(", "shape": )";
    json += shape;
    json += "}}]";
    return parse_signature(json, "MLmodel");
  };
  const auto table = tensor("", "float64", "[-1, 3]").value();
  ASSERT_EQ(table.inputs.size(), 3U);
  EXPECT_EQ(table.inputs[2].name, "x2");
  EXPECT_EQ(table.inputs[2].type, SignatureType::kDouble);
  EXPECT_FALSE(table.inputs[2].required);
  EXPECT_TRUE(tensor("\"name\": \"a\", ", "object", "[-1]").value().inputs[0].is_text());
  for (const std::string shape : {"[3, 4]", "[-1, 2, 2]", "[]", "[-1, -1]", "[-1, 9999999]"}) {
    const auto refused = tensor("", "float64", shape);
    ASSERT_FALSE(refused) << shape;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(refused.error().what, "signature: a tensor that is no table");
  }
  EXPECT_FALSE(tensor("\"name\": \"a\", ", "float64", "[-1, 2]"));
}

TEST(SignatureTest, RefusesWhatIsNoListOfColumns) {
  const auto refused = [](const std::string& json) {
    const auto signature = parse_signature(json, "MLmodel:14");
    EXPECT_FALSE(signature) << json;
    return signature ? Error{} : signature.error();
  };
  EXPECT_THAT(refused("").what, HasSubstr("inputs are no JSON"));
  EXPECT_THAT(refused("[{\"type\": ").what, HasSubstr("inputs are no JSON"));
  EXPECT_EQ(refused("{}").what, "signature: inputs are no list");
  EXPECT_EQ(refused("[1]").what, "signature: an input that is no object");
  EXPECT_EQ(refused("[]").what, "signature: no inputs");
  EXPECT_EQ(refused(R"([{"name": "a"}])").what, "signature: the input 'a' has no type");
  EXPECT_EQ(refused(R"([{"name": "a", "type": "array"}])").what,
            "signature: the input 'a' is of type 'array'");
  const Error twice =
      refused(R"([{"name": "a", "type": "double"}, {"name": "a", "type": "string"}])");
  EXPECT_EQ(twice.what, "signature: two inputs named 'a'");
  EXPECT_EQ(twice.where, "MLmodel:14");
  EXPECT_THAT(twice.accepted, HasSubstr("infer_signature"));
  EXPECT_THAT(refused(std::string(5000, '[')).what, HasSubstr("no JSON"));
}

}  // namespace
}  // namespace clairscore
