#include "data/recipe_parser.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/excerpt.h"
#include "base/yaml_check.h"
#include "data/decimal.h"
#include "data/nearest.h"
#include "data/recipe_columns.h"
#include "data/utf8.h"

namespace clairscore {

namespace {

using Names = std::vector<std::string>;

constexpr std::int64_t kLanguageVersion = 1;
constexpr std::size_t kMaxColumns = 10'000;

const Names& recipe_keys() {
  static const Names keys = {"recipe",  "name",  "description",   "decimals",        "identifier",
                             "columns", "steps", "main_features", "protected_inputs"};
  return keys;
}

const Names& step_names() {
  static const Names names = {"missing_markers", "fill_missing", "absolute", "replace", "map",
                              "ratio",           "to_double",    "keep",     "drop",    "rename"};
  return names;
}

std::string kind_of(const YAML::Node& node) {
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a table of key: value";
  if (node.IsScalar()) return quote_excerpt(node.Scalar());
  return "nothing";
}

}  // namespace

/// Reads one document into a recipe. Failures are values; what yaml-cpp throws, parse_recipe
/// catches.
class RecipeParser {
 public:
  explicit RecipeParser(std::string file) : file_(std::move(file)), recipe_(new Recipe()) {}

  Result<std::shared_ptr<const Recipe>> read(const YAML::Node& root);

 private:
  using Entry = std::pair<YAML::Node, YAML::Node>;

  tl::unexpected<Error> refuse(const YAML::Node& node, std::string what,
                               std::string accepted) const;
  /// The entries of a table, each key once.
  Result<std::vector<Entry>> table(const YAML::Node& node, const std::string& what) const;
  /// A table whose keys are all among those known.
  Result<void> check_keys(const YAML::Node& node, const std::string& what,
                          const Names& known) const;
  Result<std::string> text(const YAML::Node& node, const std::string& what) const;
  Result<RecipeValue> value(const YAML::Node& node, const std::string& what) const;
  Result<RecipeValue> number(const YAML::Node& node, const std::string& what) const;
  /// A list of names, each once.
  Result<Names> names(const YAML::Node& node, const std::string& what) const;
  /// The same of columns that exist at this point.
  Result<Names> columns(const YAML::Node& node, const std::string& step);

  Result<void> read_head(const YAML::Node& root);
  Result<void> read_identifier(const YAML::Node& node);
  Result<void> read_steps(const YAML::Node& node);
  Result<void> read_inputs(const YAML::Node& node, const std::string& key, Names& into) const;
  Result<void> read_step(const std::string& name, const YAML::Node& body);
  Result<void> read_missing_markers(const YAML::Node& body);
  Result<void> read_fill_missing(const YAML::Node& body);
  Result<void> read_replace(const YAML::Node& body);
  Result<void> read_map(const YAML::Node& body);
  Result<void> read_ratio(const YAML::Node& body);
  Result<void> read_to_double(const YAML::Node& body);
  Result<void> read_rename(const YAML::Node& body);

  /// Checks that a column exists and that the step may use it so.
  Result<std::string> column(const YAML::Node& node, std::optional<ColumnType> needed);
  Result<void> new_column(const YAML::Node& node, const std::string& name) const;
  template <typename Step>
  void add(const YAML::Node& node, Step step) {
    recipe_->steps_.push_back({std::move(step), line_of(node)});
  }
  static std::size_t line_of(const YAML::Node& node) {
    return static_cast<std::size_t>(std::max(node.Mark().line, 0)) + 1;
  }

  std::string file_;
  std::shared_ptr<Recipe> recipe_;
  RecipeColumns columns_;
};

tl::unexpected<Error> RecipeParser::refuse(const YAML::Node& node, std::string what,
                                           std::string accepted) const {
  return fail(ErrorCode::kInput, std::move(what), file_ + ":" + std::to_string(line_of(node)),
              std::move(accepted));
}

Result<std::vector<RecipeParser::Entry>> RecipeParser::table(const YAML::Node& node,
                                                             const std::string& what) const {
  if (!node.IsMap()) {
    return refuse(node, what + " is " + kind_of(node), "a table of key: value");
  }
  std::vector<Entry> entries;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    ASSIGN_OR_RETURN(const std::string key, text(entry.first, "a key of " + what));
    if (!seen.insert(key).second) {
      return refuse(entry.first, key + " stands twice in " + what, "each key once");
    }
    entries.emplace_back(entry.first, entry.second);
  }
  return entries;
}

Result<void> RecipeParser::check_keys(const YAML::Node& node, const std::string& what,
                                      const Names& known) const {
  ASSIGN_OR_RETURN(const auto entries, table(node, what));
  for (const auto& [key, unused] : entries) {
    if (std::ranges::find(known, key.Scalar()) == known.end()) {
      return refuse(key, "unknown key " + key.Scalar() + " in " + what,
                    list_of_names(known) + suggestion(key.Scalar(), known));
    }
  }
  return {};
}

Result<std::string> RecipeParser::text(const YAML::Node& node, const std::string& what) const {
  if (!node.IsScalar() || node.Scalar().empty()) {
    return refuse(node, what + " is " + kind_of(node), "a name (quote one like null)");
  }
  return node.Scalar();
}

Result<RecipeValue> RecipeParser::value(const YAML::Node& node, const std::string& what) const {
  if (!node.IsScalar()) {
    return refuse(node, what + " is " + kind_of(node), "a number or text (quote one like null)");
  }
  const std::string& scalar = node.Scalar();
  // The YAML reader tags plain scalars "?" and quoted ones "!".
  if (node.Tag() == "!") return RecipeValue(scalar);
  if (node.Tag() != "?" && !node.Tag().empty()) {
    return refuse(node, what + " has the tag " + node.Tag(), "no tag; quotes make a number text");
  }
  const IntegerCell integer = parse_integer_cell(scalar);
  if (integer.status == IntegerStatus::kValue) return RecipeValue(integer.value);
  const auto decimal = parse_decimal(scalar, DecimalMode::kExact);
  if (decimal && std::isfinite(*decimal)) return RecipeValue(*decimal);
  return RecipeValue(scalar);
}

Result<RecipeValue> RecipeParser::number(const YAML::Node& node, const std::string& what) const {
  ASSIGN_OR_RETURN(RecipeValue read, value(node, what));
  if (std::holds_alternative<std::string>(read)) {
    return refuse(node, what + " is " + kind_of(node), "a number");
  }
  return read;
}

Result<Names> RecipeParser::names(const YAML::Node& node, const std::string& what) const {
  if (!node.IsSequence()) {
    return refuse(node, what + " is " + kind_of(node), "a list of columns: [A, B]");
  }
  Names list;
  std::set<std::string> seen;
  for (const YAML::Node& item : node) {
    ASSIGN_OR_RETURN(std::string name, text(item, "a column of " + what));
    if (!seen.insert(name).second) {
      return refuse(item, name + " stands twice in " + what, "each column once");
    }
    list.push_back(std::move(name));
  }
  if (list.empty()) return refuse(node, what + " is empty", "at least one column");
  if (list.size() > kMaxColumns) {
    return refuse(node, what + " is too long", "at most " + std::to_string(kMaxColumns));
  }
  return list;
}

Result<std::string> RecipeParser::column(const YAML::Node& node, std::optional<ColumnType> needed) {
  ASSIGN_OR_RETURN(std::string name, text(node, "a column"));
  if (name == recipe_->identifier_) {
    return refuse(node, name + " is the identifier", "steps on other columns");
  }
  if (!columns_.may_exist(name)) {
    return refuse(node, "no column " + name + " at this step",
                  "a column that is read or made before" + suggestion(name, columns_.names()));
  }
  if (needed && !columns_.need(name, *needed)) {
    const bool as_text = *needed == ColumnType::kText;
    return refuse(
        node,
        std::string("column ") + name + " is used as " +
            (as_text ? "text here and as numbers before" : "numbers here and as text before"),
        "one or the other");
  }
  return name;
}

Result<Names> RecipeParser::columns(const YAML::Node& node, const std::string& step) {
  ASSIGN_OR_RETURN(Names list, names(node, step));
  for (const YAML::Node& item : node) RETURN_IF_ERROR(column(item, std::nullopt));
  return list;
}

Result<void> RecipeParser::new_column(const YAML::Node& node, const std::string& name) const {
  if (name == recipe_->identifier_ || columns_.exists(name)) {
    return refuse(node, "there is a column " + name + " already", "a name that is free");
  }
  return {};
}

Result<std::shared_ptr<const Recipe>> RecipeParser::read(const YAML::Node& root) {
  if (root.IsNull()) {
    return fail(ErrorCode::kInput, "the recipe is empty", file_ + ":1",
                list_of_names(recipe_keys()));
  }
  RETURN_IF_ERROR(check_keys(root, "the recipe", recipe_keys()));
  RETURN_IF_ERROR(read_head(root));
  if (root["steps"]) RETURN_IF_ERROR(read_steps(root["steps"]));
  RETURN_IF_ERROR(read_inputs(root["main_features"], "main_features", recipe_->main_features_));
  RETURN_IF_ERROR(
      read_inputs(root["protected_inputs"], "protected_inputs", recipe_->protected_inputs_));
  if (columns_.complete()) recipe_->outputs_ = columns_.names();
  for (const auto& [name, type] : columns_.needed()) recipe_->declared_types_[name] = type;
  recipe_->columns_after_ = columns_;
  return recipe_;
}

Result<void> RecipeParser::read_head(const YAML::Node& root) {
  const YAML::Node version = root["recipe"];
  const std::string accepted = "recipe: " + std::to_string(kLanguageVersion);
  if (!version) return refuse(root, "the version of the recipe language is missing", accepted);
  ASSIGN_OR_RETURN(const RecipeValue number, value(version, "recipe"));
  if (number != RecipeValue(kLanguageVersion)) {
    return refuse(version, "version " + kind_of(version) + " of the recipe language", accepted);
  }
  if (!root["name"]) return refuse(root, "the recipe has no name", "name: text");
  ASSIGN_OR_RETURN(recipe_->name_, text(root["name"], "name"));
  if (root["description"]) {
    ASSIGN_OR_RETURN(recipe_->description_, text(root["description"], "description"));
  }
  if (const YAML::Node decimals = root["decimals"]) {
    ASSIGN_OR_RETURN(const std::string mode, text(decimals, "decimals"));
    if (mode != "pandas2" && mode != "exact") {
      return refuse(decimals, "decimals is " + quote_excerpt(mode), "exact or pandas2");
    }
    recipe_->decimals_ = mode == "pandas2" ? DecimalMode::kPandas2 : DecimalMode::kExact;
  }
  if (root["identifier"]) RETURN_IF_ERROR(read_identifier(root["identifier"]));
  if (root["columns"]) {
    ASSIGN_OR_RETURN(Names raw, names(root["columns"], "columns"));
    std::erase(raw, recipe_->identifier_);
    columns_ = RecipeColumns(raw);
    if (!recipe_->identifier_.empty()) raw.insert(raw.begin(), recipe_->identifier_);
    recipe_->columns_ = std::move(raw);
  }
  return {};
}

Result<void> RecipeParser::read_identifier(const YAML::Node& node) {
  if (node.IsScalar()) {
    ASSIGN_OR_RETURN(recipe_->identifier_, text(node, "identifier"));
    return {};
  }
  RETURN_IF_ERROR(check_keys(node, "identifier", {"column", "type", "without"}));
  if (!node["column"]) {
    return refuse(node, "the identifier names no column", "identifier: {column: NAME}");
  }
  ASSIGN_OR_RETURN(recipe_->identifier_, text(node["column"], "column"));
  if (const YAML::Node type = node["type"]) {
    ASSIGN_OR_RETURN(const std::string name, text(type, "type"));
    if (name != "integer" && name != "text") {
      return refuse(type, "type is " + quote_excerpt(name), "integer or text");
    }
    recipe_->identifier_type_ = name == "integer" ? ColumnType::kInteger : ColumnType::kText;
    recipe_->declared_types_[recipe_->identifier_] = *recipe_->identifier_type_;
  }
  if (const YAML::Node without = node["without"]) {
    ASSIGN_OR_RETURN(const std::string name, text(without, "without"));
    if (name != "refuse" && name != "number_rows") {
      return refuse(without, "without is " + quote_excerpt(name), "refuse or number_rows");
    }
    recipe_->without_identifier_ =
        name == "refuse" ? WithoutIdentifier::kRefuse : WithoutIdentifier::kNumberRows;
  }
  return {};
}

Result<void> RecipeParser::read_inputs(const YAML::Node& node, const std::string& key,
                                       Names& into) const {
  if (!node) return {};
  ASSIGN_OR_RETURN(into, names(node, key));
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (!columns_.may_exist(into[i])) {
      return refuse(node[i], into[i] + " is no column after the steps",
                    "one of those" + suggestion(into[i], columns_.names()));
    }
  }
  return {};
}

Result<void> RecipeParser::read_steps(const YAML::Node& node) {
  if (!node.IsSequence()) return refuse(node, "steps is " + kind_of(node), "a list of steps");
  for (const YAML::Node& item : node) {
    RETURN_IF_ERROR(check_keys(item, "a step", step_names()));
    if (item.size() != 1) {
      return refuse(item, std::to_string(item.size()) + " keys in one step",
                    "one step for each dash");
    }
    const auto step = item.begin();
    RETURN_IF_ERROR(read_step(step->first.Scalar(), step->second));
  }
  return {};
}

Result<void> RecipeParser::read_step(const std::string& name, const YAML::Node& body) {
  if (name == "missing_markers") return read_missing_markers(body);
  if (name == "fill_missing") return read_fill_missing(body);
  if (name == "replace") return read_replace(body);
  if (name == "map") return read_map(body);
  if (name == "ratio") return read_ratio(body);
  if (name == "to_double") return read_to_double(body);
  if (name == "rename") return read_rename(body);
  if (name == "absolute") {
    RETURN_IF_ERROR(names(body, name));
    for (const YAML::Node& item : body) {
      ASSIGN_OR_RETURN(std::string column_name, column(item, ColumnType::kDouble));
      add(item, AbsoluteStep{std::move(column_name)});
    }
    return {};
  }
  ASSIGN_OR_RETURN(Names list, columns(body, name));
  if (name == "keep") {
    columns_.keep(list);
    add(body, KeepStep{std::move(list)});
  } else {
    for (const std::string& dropped : list) columns_.drop(dropped);
    add(body, DropStep{std::move(list)});
  }
  return {};
}

Result<void> RecipeParser::read_missing_markers(const YAML::Node& body) {
  ASSIGN_OR_RETURN(const auto entries, table(body, "missing_markers"));
  for (const auto& [key, markers] : entries) {
    MissingMarkersStep step;
    const std::string what = "the marker of " + key.Scalar();
    if (markers.IsSequence()) {
      for (const YAML::Node& item : markers) {
        ASSIGN_OR_RETURN(RecipeValue marker, value(item, what));
        step.markers.push_back(std::move(marker));
      }
    } else {
      ASSIGN_OR_RETURN(RecipeValue marker, value(markers, what));
      step.markers.push_back(std::move(marker));
    }
    if (step.markers.empty()) return refuse(markers, what + " is an empty list", "a value");
    const auto is_text = [](const RecipeValue& marker) {
      return std::holds_alternative<std::string>(marker);
    };
    const bool text_marker = is_text(step.markers.front());
    if (!std::ranges::all_of(step.markers,
                             [&](const auto& marker) { return is_text(marker) == text_marker; })) {
      return refuse(markers, "numbers and text among the markers of " + key.Scalar(),
                    "one or the other; quotes make a number text");
    }
    ASSIGN_OR_RETURN(step.column,
                     column(key, text_marker ? ColumnType::kText : ColumnType::kDouble));
    if (!text_marker) columns_.may_make_doubles(step.column);
    add(key, std::move(step));
  }
  return {};
}

Result<void> RecipeParser::read_fill_missing(const YAML::Node& body) {
  ASSIGN_OR_RETURN(const auto entries, table(body, "fill_missing"));
  for (const auto& [key, node] : entries) {
    FillMissingStep step;
    ASSIGN_OR_RETURN(step.value, value(node, "the value of " + key.Scalar()));
    const bool text = std::holds_alternative<std::string>(step.value);
    ASSIGN_OR_RETURN(step.column, column(key, text ? ColumnType::kText : ColumnType::kDouble));
    add(key, std::move(step));
  }
  return {};
}

Result<void> RecipeParser::read_replace(const YAML::Node& body) {
  ASSIGN_OR_RETURN(const auto entries, table(body, "replace"));
  for (const auto& [key, node] : entries) {
    ReplaceStep step;
    ASSIGN_OR_RETURN(const auto replacements, table(node, "replace of " + key.Scalar()));
    for (const auto& [from, to] : replacements) {
      ASSIGN_OR_RETURN(RecipeValue old_value, number(from, "a number to replace"));
      ASSIGN_OR_RETURN(RecipeValue new_value, number(to, "the replacement of " + from.Scalar()));
      step.replacements.emplace_back(std::move(old_value), std::move(new_value));
    }
    if (step.replacements.empty()) {
      return refuse(node, "nothing to replace in " + key.Scalar(), "{old: new}");
    }
    ASSIGN_OR_RETURN(step.column, column(key, ColumnType::kDouble));
    if (std::ranges::any_of(step.replacements, [](const auto& pair) {
          return std::holds_alternative<double>(pair.second);
        })) {
      columns_.may_make_doubles(step.column);
    }
    add(key, std::move(step));
  }
  return {};
}

Result<void> RecipeParser::read_map(const YAML::Node& body) {
  RETURN_IF_ERROR(check_keys(body, "map", {"columns", "values"}));
  for (const char* key : {"columns", "values"}) {
    if (!body[key]) {
      return refuse(body, std::string("map has no ") + key,
                    "map: {columns: [A, B], values: {1: yes, 0: no}}");
    }
  }
  MapStep step;
  ASSIGN_OR_RETURN(const auto values, table(body["values"], "values"));
  if (values.empty()) return refuse(body["values"], "values is empty", "{1: yes, 0: no}");
  std::set<RecipeValue> seen;  // 1 and 01 are one key
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [key, target] = values[i];
    ASSIGN_OR_RETURN(RecipeValue from, value(key, "a key of values"));
    const bool integer = std::holds_alternative<std::int64_t>(from);
    if (std::holds_alternative<double>(from)) {
      return refuse(key, "the key " + key.Scalar() + " of values is a decimal",
                    "integers or text; quotes make a number text");
    }
    if (i > 0 && integer != step.integer_keys) {
      return refuse(key, "integers and text among the keys of values",
                    "one or the other; quotes make a number text");
    }
    step.integer_keys = integer;
    ASSIGN_OR_RETURN(const RecipeValue to, value(target, "the value of " + key.Scalar()));
    if (!std::holds_alternative<std::string>(to)) {
      return refuse(target, "the value of " + key.Scalar() + " is the number " + target.Scalar(),
                    "text; quotes make a number text");
    }
    if (!seen.insert(from).second) {
      return refuse(key, key.Scalar() + " stands twice in values", "each key once");
    }
    step.values.emplace_back(std::move(from), std::get<std::string>(to));
  }
  RETURN_IF_ERROR(names(body["columns"], "columns"));
  for (const YAML::Node& item : body["columns"]) {
    ASSIGN_OR_RETURN(step.column,
                     column(item, step.integer_keys ? ColumnType::kInteger : ColumnType::kText));
    if (step.integer_keys && columns_.maybe_doubles(step.column)) {
      return refuse(item,
                    "the cells of " + step.column +
                        " decide whether it is integers here: a step before may leave missing "
                        "cells or decimals in it",
                    "the map before that step");
    }
    columns_.make(step.column, ColumnType::kText);
    add(item, step);
  }
  return {};
}

Result<void> RecipeParser::read_ratio(const YAML::Node& body) {
  ASSIGN_OR_RETURN(const auto entries, table(body, "ratio"));
  for (const auto& [key, node] : entries) {
    const Names parts = {"numerator", "denominator"};
    RETURN_IF_ERROR(check_keys(node, "the ratio " + key.Scalar(), parts));
    for (const std::string& part : parts) {
      if (!node[part]) {
        return refuse(node, "the ratio " + key.Scalar() + " has no " + part,
                      "{numerator: A, denominator: B}");
      }
    }
    RatioStep step;
    step.column = key.Scalar();
    ASSIGN_OR_RETURN(step.numerator, column(node["numerator"], ColumnType::kDouble));
    ASSIGN_OR_RETURN(step.denominator, column(node["denominator"], ColumnType::kDouble));
    RETURN_IF_ERROR(new_column(key, step.column));
    columns_.make(step.column, ColumnType::kDouble);
    add(key, std::move(step));
  }
  return {};
}

Result<void> RecipeParser::read_to_double(const YAML::Node& body) {
  if (body.IsScalar() && body.Scalar() == "all_numbers") {
    add(body, ToDoubleStep{});
    return {};
  }
  if (!body.IsSequence()) {
    return refuse(body, "to_double is " + kind_of(body), "all_numbers, or a list of columns");
  }
  ASSIGN_OR_RETURN(Names list, names(body, "to_double"));
  for (const YAML::Node& item : body) RETURN_IF_ERROR(column(item, ColumnType::kDouble));
  add(body, ToDoubleStep{std::move(list)});
  return {};
}

Result<void> RecipeParser::read_rename(const YAML::Node& body) {
  ASSIGN_OR_RETURN(const auto entries, table(body, "rename"));
  for (const auto& [key, node] : entries) {
    RenameStep step;
    ASSIGN_OR_RETURN(step.from, column(key, std::nullopt));
    ASSIGN_OR_RETURN(step.to, text(node, "the new name of " + key.Scalar()));
    RETURN_IF_ERROR(new_column(node, step.to));
    columns_.rename(step.from, step.to);
    add(key, std::move(step));
  }
  return {};
}

Result<std::shared_ptr<const Recipe>> parse_recipe(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kMaxRecipeBytes) {
    return fail(ErrorCode::kLimit, "recipe too large", name,
                "at most " + std::to_string(kMaxRecipeBytes) + " bytes");
  }
  if (!is_clean_utf8(yaml)) {
    return fail(ErrorCode::kInput, "the recipe is not UTF-8 text", name, "a file saved as UTF-8");
  }
  RETURN_IF_ERROR(check_yaml(yaml, name));
  try {
    return RecipeParser(name).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    const int line = std::max(error.mark.line, 0) + 1;
    return fail(ErrorCode::kInput, "no YAML (" + error.msg + ")", name + ":" + std::to_string(line),
                "YAML");
  }
}

}  // namespace clairscore
