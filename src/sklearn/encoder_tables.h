#pragma once

// What the encoders of the package category_encoders share.
//
// All work alike: some columns of a table are replaced, the others pass, and columns that did not
// vary in training may be dropped. For each replaced column a table says what its categories
// become, and so do two rules for cells that are missing or hold another category. Target, WOE and
// OneHot go by way of the codes of an ordinal encoder of their own: -1 is an unknown category, -2 a
// missing one that training did not show.
//
// Values, one thread. Errors as of readers.h: kInput where the object is not what the package
// writes, kUnsupported where it is not read, each with the object's place.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pickle/ndarray.h"
#include "sklearn/objects.h"
#include "sklearn/read_context.h"
#include "sklearn/readers.h"

namespace clairscore::sklearn {

inline constexpr std::int64_t kUnknownCode = -1;
inline constexpr std::int64_t kMissingCode = -2;

/// What a cell becomes, one value an output column; nothing where the library raises an error.
using Encoded = std::optional<std::vector<double>>;

/// What becomes of one column.
struct ColumnCode {
  std::vector<pickle::Label> categories;  // without missing ones
  std::vector<Encoded> values;            // of each category
  Encoded missing;
  Encoded unknown;
  std::vector<std::string> names;  // of the outputs; empty: the column keeps its own
};

/// The replaced columns, by name.
using ColumnCodes = std::map<std::string, ColumnCode>;

/// handle_unknown or handle_missing.
struct CellPolicy {
  std::string way;               // 'value', 'return_nan', 'error', 'indicator'; empty for a number
  std::optional<double> number;  // put instead
};

/// One column of an ordinal encoder's mapping.
struct OrdinalCodes {
  std::vector<pickle::Label> categories;
  std::vector<double> codes;
  std::optional<double> missing;
};

/// What an ordinal encoder makes of a column's cells: NaN where it puts none.
struct OrdinalColumn {
  std::string name;
  OrdinalCodes codes;
  std::optional<double> missing;  // nothing: an error
  std::optional<double> unknown;
};

/// One entry of the attribute `mapping`.
struct NamedMapping {
  std::string column;
  Value mapping;
};

bool is_missing(const pickle::Label& label);

/// A column's name, or its number when the encoder was fitted on an array.
Result<std::string> column_name(const Value& value);

/// `value` of the object's attribute; texts of older versions are taken for today's.
Result<CellPolicy> policy_of(const Value& object, std::string_view attribute, const Value& value);
/// The attribute's; 'value' where there is none.
Result<CellPolicy> read_policy(const Value& object, std::string_view attribute);

/// Of an attribute [{"col": NAME, "mapping": …}, …].
Result<std::vector<NamedMapping>> read_mappings(const Value& object);
/// Of an attribute {NAME: …}.
Result<std::vector<NamedMapping>> read_column_tables(const Value& object);

/// The columns of an OrdinalEncoder.
Result<std::vector<OrdinalColumn>> read_ordinal(const Value& object, ReadContext& context);

/// Columns whose codes a second table turns into values. `row` gives those of a code.
ColumnCode through_codes(const OrdinalColumn& column, const CellPolicy& unknown,
                         const CellPolicy& missing,
                         const std::function<std::vector<double>(double)>& row);

/// {label: its group's name} of one column: rare categories stand together.
Result<void> add_group_members(const Value& object, const Value& groups, ColumnCode& code);

/// The transformer of an encoder that makes `codes` of its columns: with the columns that pass, and
/// without those it drops.
Result<ReadTransformer> finish_encoder(const Value& object, ColumnCodes codes,
                                       ReadContext& context);

}  // namespace clairscore::sklearn
