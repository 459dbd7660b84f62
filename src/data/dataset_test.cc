#include "data/dataset.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "data/choose_recipe.h"
#include "data/frame_text.h"

namespace clairscore {
namespace {

using ::testing::ElementsAre;

const std::string kFixtures = CLAIRSCORE_SOURCE_DIR "/tests/fixtures/";

Signature signature_of(const std::vector<std::pair<std::string, SignatureType>>& inputs) {
  Signature signature;
  for (const auto& [name, type] : inputs) {
    signature.inputs.push_back({.name = name, .type = type, .required = true});
  }
  return signature;
}

/// A recipe of a few steps: flags from integers, one ratio.
RecipePtr small_recipe(
    const std::string& identifier = "identifier: {column: id, type: integer}\n") {
  auto recipe = Recipe::parse(std::string("recipe: 1\nname: small\n")
                                  .append(identifier)
                                  .append("steps:\n"
                                          "- map: {columns: [flag], values: {1: yes, 0: no}}\n"
                                          "- ratio: {r: {numerator: x, denominator: y}}\n"
                                          "- to_double: all_numbers\n"),
                              "small.yaml");
  EXPECT_TRUE(recipe) << to_string(recipe.error());
  return *recipe;
}

Signature small_signature() {
  return signature_of({{"r", SignatureType::kDouble},
                       {"flag", SignatureType::kString},
                       {"job", SignatureType::kString},
                       {"x", SignatureType::kDouble}});
}

Result<Dataset> load(std::string_view csv, OnBadRow on_bad_row = OnBadRow::kRefuse,
                     const RecipePtr& recipe = small_recipe(),
                     const Signature& signature = small_signature()) {
  return Dataset::load(as_bytes(csv), "file.csv", *recipe, signature, on_bad_row, 2);
}

std::string refusal(std::string_view csv, OnBadRow on_bad_row = OnBadRow::kRefuse,
                    const RecipePtr& recipe = small_recipe()) {
  const auto dataset = load(csv, on_bad_row, recipe);
  return dataset ? "accepted" : to_string(dataset.error());
}

TEST(DatasetTest, PutsInputsInTheSignaturesOrder) {
  const auto dataset = load("id,x,y,flag,job\n30,1,4,1,nurse\n10,2,0,0,\n");
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(frame_text(dataset->inputs()),
            "2 rows\n"
            "r double: 3fd0000000000000 missing\n"
            "flag text: 'yes' 'no'\n"
            "job text: 'nurse' missing\n"
            "x double: 3ff0000000000000 4000000000000000\n");
  EXPECT_THAT(dataset->identifiers().integers(), ElementsAre(30, 10));
  EXPECT_EQ(dataset->identifiers().name(), "id");
  EXPECT_EQ(dataset->find(30), 0U);
  EXPECT_EQ(dataset->find(10), 1U);
  EXPECT_EQ(dataset->find(20), std::nullopt);
  EXPECT_EQ(dataset->find("30"), std::nullopt) << "these identifiers are integers";
}

TEST(DatasetTest, FindsEveryIdentifierInAnyOrder) {
  std::string csv = "id,x,y,flag,job\n";
  std::vector<std::int64_t> identifiers;
  for (std::int64_t i = 0; i < 500; ++i) {
    identifiers.push_back((i * 7919) % 1000 - 500);
    csv += fmt::format("{},1,1,1,a\n", identifiers.back());
  }
  const auto dataset = load(csv);
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  for (std::size_t row = 0; row < identifiers.size(); ++row) {
    EXPECT_EQ(dataset->find(identifiers[row]), row);
  }
  EXPECT_EQ(dataset->find(500), std::nullopt);
  EXPECT_EQ(dataset->find(std::numeric_limits<std::int64_t>::min()), std::nullopt);
}

TEST(DatasetTest, IdentifiersMayBeText) {
  const RecipePtr recipe = small_recipe("identifier: id\n");
  const auto dataset =
      load("id,x,y,flag,job\nB-2,1,4,1,a\nA-1,2,1,0,b\n007,1,1,1,c\n", OnBadRow::kRefuse, recipe);
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_FALSE(dataset->integer_identifiers());
  EXPECT_EQ(dataset->find("B-2"), 0U);
  EXPECT_EQ(dataset->find("007"), 2U);
  EXPECT_EQ(dataset->find("C"), std::nullopt);
  EXPECT_EQ(dataset->find(7), std::nullopt);
  const RecipePtr text = small_recipe("identifier: {column: id, type: text}\n");
  EXPECT_EQ(load("id,x,y,flag,job\n007,1,4,1,a\n", OnBadRow::kRefuse, text)->find("007"), 0U);
}

TEST(DatasetTest, RowsWithoutIdentifierAreNumbered) {
  const std::string_view csv = "x,y,flag,job\n1,4,1,a\n1,2,0,b\n";
  for (const char* identifier :
       {"", "identifier: {column: id, type: integer, without: number_rows}\n"}) {
    const auto dataset = load(csv, OnBadRow::kRefuse, small_recipe(identifier));
    ASSERT_TRUE(dataset) << to_string(dataset.error());
    EXPECT_EQ(dataset->identifiers().name(), "row");
    EXPECT_EQ(dataset->find(2), 1U);
  }
  EXPECT_EQ(refusal(csv), "missing identifier column id, file.csv, a file with it");
  EXPECT_EQ(refusal("ID,x,y,flag,job\n1,1,1,1,a\n"),
            "missing identifier column id, file.csv, a file with it (nearest: ID)");
}

TEST(DatasetTest, NamesWrongIdentifiers) {
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n4,1,1,1,a\n5,1,1,1,a\n4,1,1,1,a\n"),
            "identifier 5 is repeated; it stands first at file.csv:1:id, file.csv:3:id, each "
            "identifier once");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\nabc,1,1,1,a\n"),
            "'abc' is not an integer, file.csv:2:id, an integer");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n,1,1,1,a\n"),
            "the row has no identifier, file.csv:2:id, one in every row");
  const RecipePtr recipe = small_recipe("identifier: id\n");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n5.5,1,1,1,a\n", OnBadRow::kRefuse, recipe),
            "5.5 is no identifier, file.csv:2:id, integers or text");
  EXPECT_EQ(
      refusal("id,x,y,flag,job\nb,1,1,1,a\na,1,1,1,a\nb,1,1,1,a\n", OnBadRow::kRefuse, recipe),
      "identifier 'b' is repeated; it stands first at file.csv:1:id, file.csv:3:id, each "
      "identifier once");
  EXPECT_EQ(refusal("id,x,y,flag,job\ntrue,1,1,1,a\n", OnBadRow::kRefuse, recipe),
            "true is no identifier, file.csv:1:id, integers or text");
}

TEST(DatasetTest, NamesWhatTheModelCannotUse) {
  EXPECT_EQ(refusal("id,x,y,job\n5,1,1,a\n"), "missing column flag, file.csv, a file with it");
  EXPECT_EQ(refusal("id,x,y,flag\n5,1,1,1\n"),
            "missing input job, file.csv, every input of the model's signature");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n6,abc,1,1,a\n"),
            "'abc' in a column of numbers, file.csv:2:x, a number");
  EXPECT_EQ(refusal("id,x,y,flag,job\n"),
            "the file has a header but no row, file.csv, at least one row");
  EXPECT_EQ(refusal(""), "the file is empty, file.csv, CSV whose first line names the columns");
  // A flag with a missing cell makes its column doubles, which the recipe does not map.
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n6,1,1,,a\n7,1,1,0,a\n"),
            "a missing value in a column of numbers where the model needs text, file.csv:2:flag, "
            "text, or values that the recipe maps to text in every row");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\n6,1,1,0.5,a\n"),
            "the number 0.5 in a column of numbers where the model needs text, file.csv:2:flag, "
            "text, or values that the recipe maps to text in every row");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,12\n"),
            "the number 12.0 in a column of numbers where the model needs text, file.csv:1:job, "
            "text, or values that the recipe maps to text in every row");
}

TEST(DatasetTest, SkipsRowsWithACellTheModelCannotUse) {
  const auto dataset = load(
      "id,x,y,flag,job\n"
      "5,1,2,1,a\n"
      "6,abc,1,1,b\n"
      "7,1,1,,c\n"
      "x,1,1,1,d\n"
      ",1,1,1,e\n"
      "8,2,2\n"
      "9,3,2,0,\n",
      OnBadRow::kSkip);
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(frame_text(dataset->inputs()),
            "2 rows\n"
            "r double: 3fe0000000000000 3ff8000000000000\n"
            "flag text: 'yes' 'no'\n"
            "job text: 'a' missing\n"
            "x double: 3ff0000000000000 4008000000000000\n");
  EXPECT_THAT(dataset->identifiers().integers(), ElementsAre(5, 9));
  EXPECT_EQ(dataset->find(9), 1U);
  std::vector<std::string> skipped;
  for (const BadRow& bad : dataset->skipped()) {
    skipped.push_back(fmt::format("{}:{}", bad.identifier, to_string(bad.error)));
  }
  EXPECT_THAT(skipped,
              ElementsAre("6:'abc' is not a number, file.csv:2:x, a number",
                          "7:missing value, file.csv:3:flag, an integer",
                          "x:'x' is not an integer, file.csv:4:id, an integer",
                          ":the row has no identifier, file.csv:5:id, one in every row",
                          "8:3 fields in a table of 5 columns, file.csv:6, as many fields as the "
                          "header has"));
}

TEST(DatasetTest, SkippingChangesNothingWhereNoRowIsBad) {
  const std::string_view csv = "id,x,y,flag,job\n5,00012345678901234567.5,2,1,a\n6,2,3,0,b\n";
  EXPECT_EQ(frame_text(load(csv, OnBadRow::kSkip)->inputs()), frame_text(load(csv)->inputs()));
  EXPECT_TRUE(load(csv, OnBadRow::kSkip)->skipped().empty());
}

TEST(DatasetTest, SkippingDoesNotChooseBetweenRepeatedIdentifiers) {
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,a\nbad\n5,1,1,1,a\n", OnBadRow::kSkip),
            "identifier 5 is repeated; it stands first at file.csv:1:id, file.csv:3:id, each "
            "identifier once");
  EXPECT_EQ(refusal("id,x,y,flag,job\n5\n6\n", OnBadRow::kSkip),
            "every row is bad; the first: 1 field in a table of 5 columns, file.csv:1, as many "
            "fields as the header has");
}

TEST(DatasetTest, RefusesRowsThatAColumnOfTheWrongSortMakesBad) {
  EXPECT_EQ(refusal("id,x,y,flag,job\n5,1,1,1,12\n6,1,1,1,13\n", OnBadRow::kSkip),
            "the number 12.0 in a column of numbers where the model needs text, file.csv:1:job, "
            "text, or values that the recipe maps to text in every row");
}

// --- the signature ---

std::string conformed(std::string_view csv, SignatureType type) {
  auto table = read_csv(as_bytes(csv), "file.csv", {});
  EXPECT_TRUE(table);
  const auto frame =
      conform_to_signature(std::move(table->frame), signature_of({{"x", type}}), {"file.csv", {}});
  return frame ? frame_text(*frame) : to_string(frame.error());
}

TEST(SignatureTest, TakesMissingValuesWhereMlflowDoes) {
  EXPECT_EQ(conformed("x,y\n1,1\n,1\n", SignatureType::kDouble),
            "2 rows\nx double: 3ff0000000000000 missing\n");
  EXPECT_EQ(conformed("x,y\na,1\n,1\n", SignatureType::kString), "2 rows\nx text: 'a' missing\n");
  EXPECT_EQ(conformed("x,y\n1,1\n,1\n", SignatureType::kLong),
            "missing value where the model needs an integer, file.csv:2:x, an integer");
  EXPECT_EQ(conformed("x,y\n1.5,1\n", SignatureType::kInteger),
            "1.5 where the model needs an integer, file.csv:1:x, an integer");
}

TEST(SignatureTest, AColumnWithoutValuesIsEither) {
  EXPECT_EQ(conformed("x,y\n,1\nNA,1\n", SignatureType::kString),
            "2 rows\nx text: missing missing\n");
  EXPECT_EQ(conformed("x,y\n,1\n", SignatureType::kDouble), "1 rows\nx double: missing\n");
}

TEST(SignatureTest, NumbersBecomeDoubles) {
  EXPECT_EQ(conformed("x\n3\n", SignatureType::kLong), "1 rows\nx double: 4008000000000000\n");
  EXPECT_EQ(conformed("x\ntrue\nfalse\n", SignatureType::kBoolean),
            "2 rows\nx double: 3ff0000000000000 0000000000000000\n");
  EXPECT_EQ(conformed("x\n3\n", SignatureType::kFloat), "1 rows\nx double: 4008000000000000\n");
}

TEST(SignatureTest, NamesTheCellOfTheWrongSort) {
  EXPECT_EQ(conformed("x\n1\n2\nabc\n", SignatureType::kDouble),
            "'abc' where the model needs a number, file.csv:3:x, a number");
  EXPECT_EQ(conformed("x\n1\n1e999\n", SignatureType::kDouble),
            "'1e999' where the model needs a number, file.csv:2:x, a number");
  EXPECT_EQ(conformed("x\ntrue\n", SignatureType::kString),
            "the number true in a column of numbers where the model needs text, file.csv:1:x, "
            "text, or values that the recipe maps to text in every row");
  EXPECT_EQ(conformed("z\n1\n", SignatureType::kDouble),
            "missing input x, file.csv, every input of the model's signature (nearest: z)");
  EXPECT_EQ(conformed("x\n1\n", SignatureType::kDatetime),
            "input x of the signature is neither a number nor text, file.csv, boolean, integer, "
            "long, float, double and string");
}

TEST(SignatureTest, TypesOfRawColumnsFollowFromRecipeAndSignature) {
  const auto types = raw_types(*small_recipe(), small_signature());
  const std::map<std::string, ColumnType, std::less<>> expected = {{"id", ColumnType::kInteger},
                                                                   {"flag", ColumnType::kInteger},
                                                                   {"x", ColumnType::kDouble},
                                                                   {"y", ColumnType::kDouble},
                                                                   {"job", ColumnType::kText}};
  EXPECT_EQ(types, expected);
}

// --- which recipe ---

TEST(ChooseRecipeTest, TakesTheOneThatMakesTheModelsInputs) {
  Signature signature;
  std::optional<std::filesystem::path> shipped;
  const auto chosen = [&](std::string_view asked, const std::vector<std::string>& header) {
    const auto recipe = choose_recipe(asked, signature, shipped, header);
    return recipe ? (*recipe)->name() : to_string(recipe.error());
  };
  signature = signature_of(
      {{"PAYMENT_RATE", SignatureType::kDouble}, {"CODE_GENDER", SignatureType::kString}});
  EXPECT_EQ(chosen("", {"SK_ID_CURR", "CODE_GENDER"}), "home_credit");
  EXPECT_EQ(chosen("", {"CODE_GENDER", "PAYMENT_RATE"}), "none") << "prepared already";
  EXPECT_EQ(chosen("none", {}), "none");
  EXPECT_EQ(chosen("home_credit", {}), "home_credit");
  EXPECT_EQ(chosen("other", {}), "no built-in recipe named other, home_credit, none, or a file");
  EXPECT_EQ(chosen("/nowhere/r.yaml", {}),
            "no such file, /nowhere/r.yaml, the path of an existing file");
  signature = signature_of({{"salary", SignatureType::kDouble}});
  EXPECT_EQ(chosen("", {"SK_ID_CURR"}), "none");
  shipped = "/nowhere/recipe.yaml";
  EXPECT_EQ(chosen("", {}), "no such file, /nowhere/recipe.yaml, the path of an existing file");
}

// --- the original's preparation ---

/// A column's cells as oracles/data_fixtures.py hashes them.
std::string cells_hash(const Column& column) {
  std::string bytes;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.type() == ColumnType::kText) {
      bytes.append(column.is_missing(row) ? std::string_view("\x01") : column.text(row));
      bytes.push_back('\0');
    } else {
      const double cell = column.doubles()[row];
      const double value = std::isnan(cell) ? std::numeric_limits<double>::quiet_NaN() : cell;
      bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }
  return sha256_hex(as_bytes(bytes));
}

TEST(HomeCreditTest, PreparesEveryCellAsPandasDoes) {
  simdjson::dom::parser parser;
  const simdjson::dom::element expected = parser.load(kFixtures + "data/home_credit.json");
  Signature signature;
  for (const simdjson::dom::element column : expected["columns"]) {
    const bool text = column["type"].get_string().value() == "text";
    signature.inputs.push_back({.name = std::string(column["name"].get_string().value()),
                                .type = text ? SignatureType::kString : SignatureType::kDouble,
                                .required = true});
  }
  const auto recipe = Recipe::built_in("home_credit");
  ASSERT_TRUE(recipe);
  const auto dataset = Dataset::load(kFixtures + "reference/hub/data/application_test.csv",
                                     **recipe, signature, OnBadRow::kRefuse, 2);
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  ASSERT_EQ(dataset->rows(), expected["rows"].get_uint64().value());
  ASSERT_EQ(dataset->inputs().columns().size(), 56U);

  std::vector<std::size_t> rows;
  for (const simdjson::dom::element row : expected["sample_rows"]) rows.push_back(row.get_uint64());
  std::size_t place = 0;
  for (const simdjson::dom::element identifier : expected["identifiers"]) {
    EXPECT_EQ(dataset->find(identifier.get_int64()), rows[place++]);
  }
  std::size_t index = 0;
  for (const simdjson::dom::element wanted : expected["columns"]) {
    const Column& column = dataset->inputs().column(index++);
    EXPECT_EQ(column.name(), wanted["name"].get_string().value());
    EXPECT_EQ(cells_hash(column), wanted["sha256"].get_string().value()) << column.name();
    place = 0;
    for (const simdjson::dom::element cell : wanted["sample"]) {
      const std::string text = cell.is_null() ? "missing"
                               : column.type() == ColumnType::kText
                                   ? fmt::format("'{}'", cell.get_string().value())
                                   : std::string(cell.get_string().value());
      EXPECT_EQ(cell_text(column, rows[place++]), text) << column.name();
    }
  }
}

TEST(ChooseRecipeTest, RawRowsArePreparedEvenWhenTheyHoldEveryInputByName) {
  Signature signature;
  signature.inputs = {{"AMT_CREDIT", SignatureType::kDouble, true},
                      {"DAYS_EMPLOYED", SignatureType::kDouble, true}};
  const RecipePtr home_credit = Recipe::built_in("home_credit").value();
  std::vector<std::string> raw = home_credit->columns();
  EXPECT_EQ(choose_recipe("", signature, std::nullopt, raw).value()->name(), "home_credit");
  // Prepared rows hold what the recipe makes, rows of another portfolio not its raw columns.
  std::vector<std::string> prepared = home_credit->outputs();
  prepared.emplace_back("SK_ID_CURR");
  EXPECT_EQ(choose_recipe("", signature, std::nullopt, prepared).value()->name(), "none");
  EXPECT_EQ(
      choose_recipe("", signature, std::nullopt, {"DAYS_EMPLOYED", "AMT_CREDIT"}).value()->name(),
      "none");
}

TEST(ChooseRecipeTest, WithoutARecipeTheIdentifierIsStillKnown) {
  Signature signature;
  signature.inputs = {{"income", SignatureType::kDouble, true}};
  const auto identifier = [&](const std::vector<std::string>& header) {
    return choose_recipe("none", signature, std::nullopt, header).value()->identifier();
  };
  EXPECT_EQ(identifier({"SK_ID_CURR", "income"}), "SK_ID_CURR");
  EXPECT_EQ(identifier({"income", "id"}), "");
  signature.inputs.push_back({"SK_ID_CURR", SignatureType::kDouble, true});
  EXPECT_EQ(identifier({"SK_ID_CURR", "income"}), "") << "an input is no identifier";

  signature.inputs = {{"x0", SignatureType::kDouble, false}, {"x1", SignatureType::kDouble, false}};
  signature.by_position = true;
  const auto rows = prepare_rows(csv_source(as_bytes("age,SK_ID_CURR,debt\n1,700,2\n"), "f.csv"),
                                 *Recipe::none("SK_ID_CURR"), signature, {});
  ASSERT_TRUE(rows) << to_string(rows.error());
  EXPECT_EQ(rows->identifiers.name(), "SK_ID_CURR");
  EXPECT_EQ(rows->identifiers.text(0), "700");
  EXPECT_EQ(rows->inputs.find("x1")->doubles()[0], 2);
}

TEST(PrepareRowsTest, AModelWithoutColumnNamesTakesColumnsInTheirOrder) {
  Signature signature;
  signature.inputs = {{"x0", SignatureType::kDouble, false}, {"x1", SignatureType::kDouble, false}};
  signature.by_position = true;
  const auto prepare = [&](std::string_view csv) {
    return prepare_rows(csv_source(as_bytes(csv), "f.csv"), *Recipe::none(), signature, {});
  };
  const auto by_position = prepare("age,debt\n1,2\n");
  ASSERT_TRUE(by_position) << to_string(by_position.error());
  EXPECT_EQ(by_position->inputs.find("x0")->doubles()[0], 1);
  const auto by_name = prepare("x1,x0\n1,2\n");
  ASSERT_TRUE(by_name) << to_string(by_name.error());
  EXPECT_EQ(by_name->inputs.find("x0")->doubles()[0], 2);
  EXPECT_EQ(prepare("a,b,c\n1,2,3\n").error().what, "a file of 3 columns");
}

TEST(PrepareRowsTest, BooleanInputsAreReadAsWordsOrDigits) {
  Signature signature;
  signature.inputs = {{"b", SignatureType::kBoolean, true}};
  const std::string csv = "b\nTrue\nfalse\n1\n0\n";
  const auto rows =
      prepare_rows(csv_source(as_bytes(csv), "f.csv"), *Recipe::none(), signature, {});
  ASSERT_TRUE(rows) << to_string(rows.error());
  const auto values = rows->inputs.find("b")->doubles();
  EXPECT_EQ(std::vector<double>(values.begin(), values.end()), (std::vector<double>{1, 0, 1, 0}));
}

TEST(PrepareRowsTest, WithDeclaredTypesNoRowDependsOnAnother) {
  const auto recipe = Recipe::parse(
      "recipe: 1\nname: r\nsteps:\n  - map: {columns: [c], values: {1: yes, 0: no}}\n",
      "recipe.yaml");
  ASSERT_TRUE(recipe) << to_string(recipe.error());
  Signature signature;
  signature.inputs = {{"c", SignatureType::kString, true}};
  const auto prepared = [&](const std::string& cells) {
    const auto rows =
        prepare_rows(csv_source(as_bytes("c\n" + cells), "f.csv"), **recipe, signature, {});
    return rows ? std::string(rows->inputs.column(0).text(rows->inputs.rows() - 1))
                : to_string(rows.error());
  };
  EXPECT_EQ(prepared("1\n"), "yes");
  EXPECT_EQ(prepared("1\n7\n"), "7");
  EXPECT_EQ(prepared("7\n"), "7") << "whether or not another row has a key";
}

}  // namespace
}  // namespace clairscore
