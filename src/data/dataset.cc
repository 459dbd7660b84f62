#include "data/dataset.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "base/excerpt.h"
#include "base/nearest.h"
#include "base/numbers.h"

namespace clairscore {

namespace {

bool needs_integers(SignatureType type) {
  return type == SignatureType::kInteger || type == SignatureType::kLong ||
         type == SignatureType::kBoolean;
}

bool is_readable(SignatureType type) {
  return needs_integers(type) || type == SignatureType::kFloat || type == SignatureType::kDouble ||
         type == SignatureType::kString;
}

bool without_values(const Column& column) {
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row)) return false;
  }
  return true;
}

Column all_missing_text(const Column& column) {
  return Column::of_text(column.name(), std::make_shared<Dictionary>(),
                         std::vector<std::uint32_t>(column.size(), kMissingCode));
}

Column all_missing_doubles(const Column& column) {
  return Column::of_doubles(column.name(), std::vector<double>(column.size(), NAN));
}

/// The text a cell of numbers stands as in messages.
std::string cell_text(const Column& column, std::size_t row) {
  if (column.type() == ColumnType::kText) return quote_excerpt(column.text(row));
  if (column.type() == ColumnType::kBoolean) return column.integers()[row] != 0 ? "true" : "false";
  if (column.type() == ColumnType::kInteger) return std::to_string(column.integers()[row]);
  return double_to_text(column.doubles()[row]);
}

Result<Column> conform_text(Column column, const RowSource& source) {
  if (column.type() == ColumnType::kText) return column;
  if (without_values(column)) return all_missing_text(column);
  // A recipe maps integers to text only where the whole column is integers: the cell to name is the
  // one that kept it from being so.
  std::size_t row = 0;
  if (column.type() == ColumnType::kDouble) {
    const auto odd = [](double cell) { return std::isnan(cell) || cell != std::trunc(cell); };
    const auto found = std::ranges::find_if(column.doubles(), odd);
    if (found != column.doubles().end()) {
      row = static_cast<std::size_t>(found - column.doubles().begin());
    }
  }
  const std::string value =
      column.is_missing(row) ? "a missing value" : "the number " + cell_text(column, row);
  return fail(ErrorCode::kInput, value + " in a column of numbers where the model needs text",
              source.place(row, column.name()),
              "text, or values that the recipe maps to text in every row");
}

Result<Column> conform_number(Column column, const SignatureColumn& input,
                              const RowSource& source) {
  if (column.type() == ColumnType::kText) {
    if (without_values(column)) return all_missing_doubles(column);
    std::size_t row = 0;
    const auto is_number = [&](std::size_t i) {
      return column.is_missing(i) || parse_decimal(column.text(i), DecimalMode::kExact);
    };
    while (row < column.size() && is_number(row)) ++row;
    if (row == column.size()) row = 0;
    while (column.is_missing(row)) ++row;
    return fail(ErrorCode::kInput, cell_text(column, row) + " where the model needs a number",
                source.place(row, column.name()), "a number");
  }
  if (column.type() != ColumnType::kDouble) return column.as_doubles();
  if (!needs_integers(input.type)) return column;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const double cell = column.doubles()[row];
    if (std::isfinite(cell) && cell == std::trunc(cell)) continue;
    return fail(ErrorCode::kInput,
                (std::isnan(cell) ? "missing value" : double_to_text(cell)) +
                    " where the model needs an integer",
                source.place(row, column.name()), "an integer");
  }
  return column;
}

}  // namespace

Result<Frame> conform_to_signature(Frame prepared, const Signature& signature,
                                   const RowSource& source) {
  std::vector<std::string> missing;
  for (const SignatureColumn& input : signature.inputs) {
    if (prepared.find(input.name) == nullptr) missing.push_back(input.name);
  }
  if (!missing.empty()) {
    const std::vector<std::string> names = prepared.names();
    return fail(
        ErrorCode::kInput,
        (missing.size() == 1 ? "missing input " : "missing inputs ") + list_of_names(missing),
        source.file, "every input of the model's signature" + suggestion(missing.front(), names));
  }
  Frame conformed(prepared.rows());
  for (const SignatureColumn& input : signature.inputs) {
    if (!is_readable(input.type)) {
      return fail(ErrorCode::kUnsupported,
                  "input " + input.name + " of the signature is neither a number nor text",
                  source.file, "boolean, integer, long, float, double and string");
    }
    const auto index = prepared.index_of(input.name);
    if (!index) {
      return fail(ErrorCode::kInput, "input " + input.name + " stands twice in the signature",
                  source.file, "each input once");
    }
    Column column = prepared.remove(*index);
    ASSIGN_OR_RETURN(Column checked, input.is_text()
                                         ? conform_text(std::move(column), source)
                                         : conform_number(std::move(column), input, source));
    RETURN_IF_ERROR(conformed.add(std::move(checked)));
  }
  return conformed;
}

std::map<std::string, ColumnType, std::less<>> raw_types(const Recipe& recipe,
                                                         const Signature& signature) {
  auto types = recipe.declared_types();
  for (const SignatureColumn& input : signature.inputs) {
    const auto raw = recipe.raw_name(input.name);
    if (!raw || !is_readable(input.type)) continue;
    types.emplace(*raw, input.is_text()                         ? ColumnType::kText
                        : input.type == SignatureType::kBoolean ? ColumnType::kBoolean
                                                                : ColumnType::kDouble);
  }
  return types;
}

namespace {

/// Whether a column that was typed by its cells is not what must come of it.
bool is_wrong(ColumnType found, ColumnType needed) {
  if (needed == ColumnType::kInteger) return found != ColumnType::kInteger;
  return needed == ColumnType::kDouble && found == ColumnType::kText;
}

/// Reads the table. With kSkip, a column that a few cells keep from being the numbers it must be is
/// read a second time as those, so that these cells cost their rows and not the column.
Result<CsvTable> read_table(const CsvSource& source, const Recipe& recipe,
                            const Signature& signature, CsvOptions options) {
  ASSIGN_OR_RETURN(CsvTable table, source.read(options));
  if (options.on_bad_row == OnBadRow::kRefuse) return table;
  auto needed = raw_types(recipe, signature);
  if (!options.identifier.empty()) needed.emplace(options.identifier, ColumnType::kInteger);
  bool again = false;
  for (const auto& [name, type] : needed) {
    const Column* const column = table.frame.find(name);
    if (column == nullptr || type == ColumnType::kText || without_values(*column)) continue;
    // Identifiers may be text where the recipe does not say otherwise.
    const bool free_identifier = name == options.identifier && !recipe.identifier_type();
    if (free_identifier && column->type() == ColumnType::kText) continue;
    if (is_wrong(column->type(), type)) again |= options.types.emplace(name, type).second;
  }
  if (!again) return table;
  return source.read(options);
}

Result<CsvOptions> options_for(const std::string& file, const std::vector<std::string>& header,
                               const Recipe& recipe, const PrepareOptions& choices) {
  CsvOptions options;
  options.decimals = recipe.decimals();
  options.on_bad_row = choices.on_bad_row;
  options.columns = recipe.columns();
  options.identifier = recipe.identifier();
  options.threads = choices.threads;
  if (recipe.identifier().empty()) return options;
  if (std::ranges::find(header, recipe.identifier()) != header.end()) {
    if (const auto type = recipe.identifier_type()) {
      options.types.emplace(recipe.identifier(), *type);
    } else if (choices.typing == ColumnTyping::kDeclared) {
      options.types.emplace(recipe.identifier(), ColumnType::kText);  // as it stands in the file
    }
  } else if (recipe.without_identifier() == WithoutIdentifier::kNumberRows) {
    std::erase(options.columns, recipe.identifier());
    options.identifier.clear();
  } else {
    return fail(ErrorCode::kInput, "missing identifier column " + recipe.identifier(), file,
                "a file with it" + suggestion(recipe.identifier(), header));
  }
  return options;
}

Result<Column> take_identifiers(Frame& frame, const std::string& name, const RowSource& source) {
  if (name.empty()) {
    std::vector<std::int64_t> numbers(frame.rows());
    std::iota(numbers.begin(), numbers.end(), 1);
    if (!source.row_numbers.empty()) {
      std::ranges::transform(source.row_numbers, numbers.begin(),
                             [](std::size_t row) { return static_cast<std::int64_t>(row); });
    }
    return Column::of_integers("row", std::move(numbers));
  }
  Column column = frame.remove(*frame.index_of(name));
  if (column.type() == ColumnType::kInteger || column.type() == ColumnType::kText) return column;
  std::size_t row = 0;
  if (column.type() == ColumnType::kDouble) {
    while (row + 1 < column.size() && column.doubles()[row] == std::trunc(column.doubles()[row])) {
      ++row;
    }
  }
  return fail(ErrorCode::kInput, cell_text(column, row) + " is no identifier",
              source.place(row, name), "integers or text");
}

}  // namespace

Result<void> Dataset::index_identifiers(const RowSource& source) {
  by_identifier_.resize(rows());
  std::iota(by_identifier_.begin(), by_identifier_.end(), 0U);
  const auto sort_by = [&](auto key) {
    if (!std::ranges::is_sorted(by_identifier_, {}, key)) {
      std::ranges::sort(by_identifier_, [&](std::uint32_t a, std::uint32_t b) {
        return key(a) != key(b) ? key(a) < key(b) : a < b;
      });
    }
    // The repeated row that comes first in the file is the one to name.
    std::optional<std::pair<std::uint32_t, std::uint32_t>> repeated;
    for (std::size_t i = 1; i < by_identifier_.size(); ++i) {
      const std::uint32_t first = by_identifier_[i - 1];
      const std::uint32_t second = by_identifier_[i];
      if (key(first) == key(second) && (!repeated || second < repeated->second)) {
        repeated = {first, second};
      }
    }
    return repeated;
  };
  const auto repeated =
      integer_identifiers()
          ? sort_by([&](std::uint32_t row) { return identifiers_.integers()[row]; })
          : sort_by([&](std::uint32_t row) { return identifiers_.text(row); });
  if (!repeated) return {};
  const auto [first, second] = *repeated;
  const std::string identifier = integer_identifiers()
                                     ? std::to_string(identifiers_.integers()[first])
                                     : quote_excerpt(identifiers_.text(first));
  return fail(ErrorCode::kInput,
              "identifier " + identifier + " is repeated; it stands first at " +
                  source.place(first, identifiers_.name()),
              source.place(second, identifiers_.name()), "each identifier once");
}

CsvSource csv_source(const std::filesystem::path& path) {
  return {path.string(), [path](const CsvOptions& options) { return read_csv(path, options); },
          [path] { return read_csv_header(path); }};
}

CsvSource csv_source(ByteSpan bytes, const std::string& name) {
  return {name, [bytes, name](const CsvOptions& options) { return read_csv(bytes, name, options); },
          [bytes, name] { return read_csv_header(bytes, name); }};
}

namespace {

/// For a model without column names: the file's columns in their order, when they do not bear the
/// made-up names, without the identifier. Nothing when the names are to be used.
Result<std::optional<std::vector<std::string>>> columns_by_position(const std::string& file,
                                                                    std::vector<std::string> header,
                                                                    const Recipe& recipe,
                                                                    const Signature& signature) {
  if (!signature.by_position || recipe.name() != "none") return std::nullopt;
  const bool named = std::ranges::all_of(signature.inputs, [&](const SignatureColumn& input) {
    return std::ranges::find(header, input.name) != header.end();
  });
  if (named) return std::nullopt;
  if (!recipe.identifier().empty()) std::erase(header, recipe.identifier());
  if (header.size() != signature.inputs.size()) {
    return fail(ErrorCode::kInput, "a file of " + std::to_string(header.size()) + " columns", file,
                "the model's " + std::to_string(signature.inputs.size()) +
                    " columns in their order, since it was fitted without names");
  }
  return header;
}

}  // namespace

Result<RowPreparer> RowPreparer::make(std::string file, const std::vector<std::string>& header,
                                      const Recipe& recipe, const Signature& signature,
                                      const PrepareOptions& choices) {
  RowPreparer preparer(std::move(file), recipe, signature);
  preparer.typing_ = choices.typing;
  ASSIGN_OR_RETURN(preparer.positions_,
                   columns_by_position(preparer.file_, header, recipe, signature));
  ASSIGN_OR_RETURN(preparer.csv_options_, options_for(preparer.file_, header, recipe, choices));
  auto& types = preparer.csv_options_.types;
  if (choices.typing == ColumnTyping::kDeclared) types.merge(raw_types(recipe, signature));
  if (preparer.positions_) {
    for (std::size_t i = 0; i < preparer.positions_->size(); ++i) {
      types.emplace((*preparer.positions_)[i],
                    signature.inputs[i].is_text() ? ColumnType::kText : ColumnType::kDouble);
    }
  }
  return preparer;
}

Result<PreparedRows> RowPreparer::prepare(CsvTable table) const {
  if (positions_) {
    for (std::size_t i = 0; i < positions_->size(); ++i) {
      const std::size_t index = *table.frame.index_of((*positions_)[i]);
      Column column = table.frame.column(index);
      column.rename(signature_->inputs[i].name);
      table.frame.replace(index, std::move(column));
    }
  }
  RowSource rows{file_, std::move(table.row_numbers)};
  const auto started = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(Column identifiers,
                   take_identifiers(table.frame, csv_options_.identifier, rows));
  ASSIGN_OR_RETURN(Frame prepared, recipe_->apply(std::move(table.frame), rows, typing_));
  ASSIGN_OR_RETURN(Frame inputs, conform_to_signature(std::move(prepared), *signature_, rows));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
  return PreparedRows{std::move(identifiers), std::move(inputs), std::move(table.skipped),
                      std::move(rows), taken.count()};
}

Error no_row_left(const std::string& file, const std::vector<BadRow>& skipped) {
  if (skipped.empty()) {
    return {ErrorCode::kInput, "the file has a header but no row", file, "at least one row"};
  }
  const Error& first = skipped.front().error;
  return {ErrorCode::kInput, "every row is bad; the first: " + first.what, first.where,
          first.accepted};
}

Result<PreparedRows> prepare_rows(const CsvSource& source, const Recipe& recipe,
                                  const Signature& signature, const PrepareOptions& choices) {
  ASSIGN_OR_RETURN(const std::vector<std::string> header, source.header());
  ASSIGN_OR_RETURN(const RowPreparer preparer,
                   RowPreparer::make(source.name, header, recipe, signature, choices));
  ASSIGN_OR_RETURN(CsvTable table, read_table(source, recipe, signature, preparer.csv_options()));
  if (table.frame.rows() == 0) return fail(no_row_left(source.name, table.skipped));
  return preparer.prepare(std::move(table));
}

Result<Dataset> Dataset::load(const std::filesystem::path& csv, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row,
                              std::size_t threads) {
  return load(csv_source(csv), recipe, signature, on_bad_row, threads);
}

Result<Dataset> Dataset::load(ByteSpan csv, const std::string& name, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row,
                              std::size_t threads) {
  return load(csv_source(csv, name), recipe, signature, on_bad_row, threads);
}

Result<Dataset> Dataset::load(const CsvSource& source, const Recipe& recipe,
                              const Signature& signature, OnBadRow on_bad_row,
                              std::size_t threads) {
  ASSIGN_OR_RETURN(
      PreparedRows rows,
      prepare_rows(source, recipe, signature, {on_bad_row, threads, ColumnTyping::kWholeFile}));
  Dataset dataset(std::move(rows.identifiers), std::move(rows.inputs));
  dataset.skipped_ = std::move(rows.skipped);
  RETURN_IF_ERROR(dataset.index_identifiers(rows.source));
  return dataset;
}

template <typename Key, typename KeyOfRow>
std::optional<std::size_t> Dataset::find_row(Key key, KeyOfRow key_of_row) const {
  const auto found = std::ranges::lower_bound(by_identifier_, key, {}, key_of_row);
  if (found == by_identifier_.end() || key_of_row(*found) != key) return std::nullopt;
  return *found;
}

std::optional<std::size_t> Dataset::find(std::int64_t identifier) const {
  if (!integer_identifiers()) return std::nullopt;
  return find_row(identifier, [&](std::uint32_t row) { return identifiers_.integers()[row]; });
}

std::optional<std::size_t> Dataset::find(std::string_view identifier) const {
  if (integer_identifiers()) return std::nullopt;
  return find_row(identifier, [&](std::uint32_t row) { return identifiers_.text(row); });
}

}  // namespace clairscore
