#include "api/application_rows.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "api/json_body.h"
#include "api/python_values.h"
#include "api/text_cells.h"
#include "base/excerpt.h"
#include "base/nearest.h"
#include "data/dataset.h"
#include "service/scoring.h"

namespace clairscore::api {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr const char* kSource = "the request";

/// Gathers problems up to the limit.
class Problems {
 public:
  void add(std::size_t row, std::string_view field, std::string what, std::string accepted) {
    if (found_.problems.size() == kMaxListedProblems) {
      found_.complete = false;
      return;
    }
    found_.problems.push_back({row, std::string(field), std::move(what), std::move(accepted)});
  }
  bool none() const { return found_.problems.empty(); }
  bool full() const { return !found_.complete; }
  tl::unexpected<ApplicationProblems> take() {
    std::ranges::stable_sort(found_.problems, {}, &FieldProblem::row);
    return tl::unexpected(std::move(found_));
  }

 private:
  ApplicationProblems found_;
};

tl::unexpected<ApplicationProblems> refuse(std::size_t row, std::string what,
                                           std::string accepted) {
  Problems problems;
  problems.add(row, {}, std::move(what), std::move(accepted));
  return problems.take();
}

/// What a value is, for messages.
std::string describe(element value) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return "null";
    case element_type::STRING:
      return special_number(value) ? python_str(value) : quote_excerpt(std::string_view(value));
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::BOOL:
      return bool(value) ? "true" : "false";
    default:
      return python_str(value);
  }
}

struct CellFault {
  std::string what;
  std::string accepted;
};

/// One raw column, cell by cell.
class RawColumn {
 public:
  explicit RawColumn(RawField field) : field_(std::move(field)) {}

  const std::string& name() const { return field_.name; }
  std::size_t size() const { return size_; }

  /// The fault of a cell that is not of the column's type, which then counts as missing.
  std::optional<CellFault> add(element value) {
    ++size_;
    const bool text = value.is_string() && !special_number(value);
    if (!field_.type && !value.is_null()) {
      field_.type = text ? ColumnType::kText : ColumnType::kDouble;
      for (std::size_t i = 0; i + 1 < size_; ++i) add_missing();
    }
    if (!field_.type) return std::nullopt;
    auto fault = add_typed(value, text);
    if (fault) add_missing();
    return fault;
  }
  void add_absent() {
    ++size_;
    if (field_.type) add_missing();
  }

  Column take() && {
    if (!field_.type) field_.type = ColumnType::kDouble;
    switch (*field_.type) {
      case ColumnType::kText:
        return std::move(texts_).take(field_.name);
      case ColumnType::kInteger:
        return Column::of_integers(field_.name, std::move(integers_));
      case ColumnType::kBoolean:
        return Column::of_booleans(field_.name, std::move(integers_));
      case ColumnType::kDouble:
        break;
    }
    doubles_.resize(size_, std::nan(""));
    return Column::of_doubles(field_.name, std::move(doubles_));
  }

 private:
  void add_missing() {
    switch (*field_.type) {
      case ColumnType::kText:
        return texts_.add_missing();
      case ColumnType::kInteger:
      case ColumnType::kBoolean:
        return integers_.push_back(0);  // only beside a fault
      case ColumnType::kDouble:
        return doubles_.push_back(std::nan(""));
    }
  }

  std::optional<CellFault> add_typed(element value, bool text) {
    switch (*field_.type) {
      case ColumnType::kText: {
        if (value.is_null()) {
          add_missing();
          return std::nullopt;
        }
        if (!text) return CellFault{describe(value) + " where text is needed", "a text, or null"};
        const std::string_view cell = value;
        if (cell.find('\0') != std::string_view::npos) {
          return CellFault{"a text with a NUL character", "a text without"};
        }
        cell.empty() ? texts_.add_missing() : texts_.add(cell);
        return std::nullopt;
      }
      case ColumnType::kInteger: {
        const auto number = value.is_number() ? python_int(value) : tl::unexpected(PythonError{});
        if (!number)
          return CellFault{describe(value) + " where an integer is needed", "an integer"};
        integers_.push_back(*number);
        return std::nullopt;
      }
      case ColumnType::kBoolean:
        if (!value.is_bool()) {
          return CellFault{describe(value) + " where true or false is needed", "true or false"};
        }
        integers_.push_back(bool(value) ? 1 : 0);
        return std::nullopt;
      case ColumnType::kDouble: {
        if (value.is_null()) {
          add_missing();
          return std::nullopt;
        }
        if (!value.is_number()) {
          return CellFault{describe(value) + " where a number is needed", "a number, or null"};
        }
        doubles_.push_back(value.get_double().value_unsafe());
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  RawField field_;
  std::size_t size_ = 0;
  TextCells texts_;
  std::vector<double> doubles_;
  std::vector<std::int64_t> integers_;
};

/// The rows of a request, field by field.
class RawTable {
 public:
  explicit RawTable(const Assets& assets)
      : assets_(assets), identifier_(assets.recipe().identifier()) {
    for (RawField& field : raw_fields(assets.recipe(), assets.model().signature)) {
      columns_.emplace_back(std::move(field));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) positions_.emplace(columns_[i].name(), i);
  }

  void begin_row() {
    identifiers_.emplace_back("null");
    others_.clear();
  }
  void add(std::string_view name, element value) {
    const std::size_t row = identifiers_.size() - 1;
    if (!identifier_.empty() && name == identifier_) {
      if (value.is_string() || value.is_int64()) {
        identifiers_.back() = simdjson::minify(value);
      } else if (!value.is_null()) {
        problems_.add(row, name, describe(value) + " is no identifier", "an integer or a text");
      }
    }
    const auto found = positions_.find(name);
    if (found == positions_.end()) {
      others_.push_back(name);
      return;
    }
    RawColumn& column = columns_[found->second];
    if (column.size() > row) {
      problems_.add(row, name, "the field stands twice", "each field once");
    } else if (const auto fault = column.add(value)) {
      problems_.add(row, name, fault->what, fault->accepted);
    }
  }
  void end_row() {
    const std::size_t row = identifiers_.size() - 1;
    for (RawColumn& column : columns_) {
      if (column.size() > row) continue;
      column.add_absent();
      const std::vector<std::string> others(others_.begin(), others_.end());
      problems_.add(row, column.name(), "the field is missing" + suggestion(column.name(), others),
                    "the field, null where its value is not known");
    }
  }

  ApplicationsResult prepare() &&;

 private:
  /// Every problem of every row, one row and one input at a time.
  void find_problems(const Frame& raw);

  const Assets& assets_;
  const std::string& identifier_;
  std::vector<RawColumn> columns_;
  std::unordered_map<std::string_view, std::size_t> positions_;
  std::vector<std::string> identifiers_;
  std::vector<std::string_view> others_;  // of the row: names that no field has
  Problems problems_;
};

/// The field that an error is about: the end of "file:row:column".
std::string field_of(const Error& error) {
  const std::size_t row = error.where.find(':');
  if (row == std::string::npos) return {};
  const std::size_t column = error.where.find(':', row + 1);
  return column == std::string::npos ? std::string() : error.where.substr(column + 1);
}

void RawTable::find_problems(const Frame& raw) {
  const Signature& signature = assets_.model().signature;
  for (std::size_t row = 0; row < raw.rows() && !problems_.full(); ++row) {
    const RowSource source{kSource, {row + 1}};
    const auto add = [&](const Error& error) {
      problems_.add(row, field_of(error), error.what, error.accepted);
    };
    const auto prepared = assets_.recipe().apply(raw.slice(row, 1), source);
    if (!prepared) {
      add(prepared.error());
      continue;
    }
    for (const SignatureColumn& input : signature.inputs) {
      Frame alone(1);
      const Column* const column = prepared->find(input.name);
      if (column != nullptr && !alone.add(*column)) continue;
      const auto fits = conform_to_signature(std::move(alone), {{input}, false}, source);
      if (!fits) add(fits.error());
    }
  }
}

ApplicationsResult RawTable::prepare() && {
  if (!problems_.none()) return problems_.take();
  Frame raw(identifiers_.size());
  for (RawColumn& column : columns_) {
    if (!raw.add(std::move(column).take())) return refuse(0, "columns of different length", {});
  }
  const auto prepare_all = [&]() -> Result<Frame> {
    const RowSource source{kSource, {}};
    ASSIGN_OR_RETURN(Frame prepared, assets_.recipe().apply(raw, source));
    return conform_to_signature(std::move(prepared), assets_.model().signature, source);
  };
  auto inputs = prepare_all();
  if (inputs) return Applications{std::move(*inputs), std::move(identifiers_)};
  find_problems(raw);
  if (problems_.none()) return refuse(0, inputs.error().what, inputs.error().accepted);
  return problems_.take();
}

tl::unexpected<ApplicationProblems> too_many(std::size_t max_rows) {
  return refuse(max_rows, "more rows than a request may have",
                "at most " + std::to_string(max_rows) + " rows");
}

ApplicationsResult prepare_split(const object& split, const array& rows, std::size_t max_rows,
                                 const Assets& assets) {
  const auto columns = member(split, "columns");
  array listed;
  if (!columns || columns->get(listed) != simdjson::SUCCESS) {
    return refuse(0, "no list of columns", "{\"columns\": [...], \"data\": [[...], ...]}");
  }
  std::vector<std::string_view> names;
  for (const element name : listed) {
    std::string_view text;
    if (name.get(text) != simdjson::SUCCESS) return refuse(0, "a column without a name", "a text");
    names.push_back(text);
  }
  RawTable table(assets);
  std::size_t row = 0;
  for (const element cells : rows) {
    array list;
    if (row == max_rows) return too_many(max_rows);
    if (cells.get(list) != simdjson::SUCCESS || list.size() != names.size()) {
      return refuse(row, "a row that is no list of a value for each column",
                    std::to_string(names.size()) + " values");
    }
    table.begin_row();
    std::size_t i = 0;
    for (const element cell : list) table.add(names[i++], cell);
    table.end_row();
    ++row;
  }
  if (row == 0) return refuse(0, "there is no row", "at least one row");
  return std::move(table).prepare();
}

ApplicationsResult prepare_columns(const object& columns, std::size_t max_rows,
                                   const Assets& assets) {
  std::vector<std::pair<std::string_view, std::vector<element>>> lists;
  std::optional<std::size_t> rows;
  for (const auto [name, value] : columns) {
    array list;
    std::vector<element> cells;
    if (value.get(list) == simdjson::SUCCESS) {
      for (const element cell : list) {
        if (cells.size() == max_rows) return too_many(max_rows);
        cells.push_back(cell);
      }
    } else {
      cells.push_back(value);
    }
    if (rows && *rows != cells.size()) {
      return refuse(0, "columns of different length", "lists of one length");
    }
    rows = cells.size();
    lists.emplace_back(name, std::move(cells));
  }
  if (rows.value_or(0) == 0) return refuse(0, "there is no row", "at least one row");
  RawTable table(assets);
  for (std::size_t row = 0; row < *rows; ++row) {
    table.begin_row();
    for (const auto& [name, cells] : lists) table.add(name, cells[row]);
    table.end_row();
  }
  return std::move(table).prepare();
}

}  // namespace

std::string to_string(const ApplicationProblems& problems) {
  const FieldProblem& first = problems.problems.front();
  std::string text = first.what + " (row " + std::to_string(first.row + 1);
  if (!first.field.empty()) text += ", " + first.field;
  text += ")";
  if (!first.accepted.empty()) text += "; accepted: " + first.accepted;
  const std::size_t others = problems.problems.size() - 1;
  if (others > 0) {
    text += "; and " + std::to_string(others) + (problems.complete ? "" : " or more") +
            " other problems";
  }
  return text;
}

std::vector<RawField> raw_fields(const Recipe& recipe, const Signature& signature) {
  const auto types = raw_types(recipe, signature);
  std::vector<RawField> fields;
  const auto add = [&](const std::string& name) {
    if (name == recipe.identifier()) return;
    const auto is_name = [&](const RawField& field) { return field.name == name; };
    if (std::ranges::any_of(fields, is_name)) return;
    const auto type = types.find(name);
    fields.push_back(
        {name, type == types.end() ? std::nullopt : std::optional<ColumnType>(type->second)});
  };
  for (const std::string& name : recipe.columns()) add(name);
  if (recipe.columns().empty()) {
    for (const SignatureColumn& input : signature.inputs) {
      if (const auto raw = recipe.raw_name(input.name)) {
        add(*raw);
      } else if (recipe.name() == "none") {
        add(input.name);
      }
    }
    for (const auto& [name, type] : types) add(name);
  }
  return fields;
}

ApplicationsResult prepare_applications(const array& rows, std::size_t max_rows,
                                        const Assets& assets) {
  RawTable table(assets);
  std::size_t row = 0;
  for (const element value : rows) {
    object fields;
    if (row == max_rows) return too_many(max_rows);
    if (value.get(fields) != simdjson::SUCCESS) {
      return refuse(row, describe(value) + " is no application", "an object of raw fields");
    }
    table.begin_row();
    for (const auto [name, cell] : fields) table.add(name, cell);
    table.end_row();
    ++row;
  }
  if (row == 0) return refuse(0, "there is no application", "at least one");
  return std::move(table).prepare();
}

ApplicationsResult prepare_application_payload(element data, std::size_t max_rows,
                                               const Assets& assets) {
  array rows;
  if (data.get(rows) == simdjson::SUCCESS) return prepare_applications(rows, max_rows, assets);
  object table;
  if (data.get(table) != simdjson::SUCCESS) {
    return refuse(0, describe(data) + " is no table", "a list of objects, or columns and data");
  }
  const auto cells = member(table, "data");
  if (cells && cells->get(rows) == simdjson::SUCCESS && member(table, "columns")) {
    return prepare_split(table, rows, max_rows, assets);
  }
  return prepare_columns(table, max_rows, assets);
}

Result<Frame> prepare_application_csv(std::string_view csv, std::size_t max_rows,
                                      const Assets& assets) {
  CsvSource source = csv_source(as_bytes(csv), kSource);
  source.read = [csv, max_rows](CsvOptions options) {
    options.limits.max_rows = max_rows;
    options.limits.max_unpacked_bytes = 0;
    return read_csv(as_bytes(csv), kSource, options);
  };
  PrepareOptions options;
  options.threads = 1;
  ASSIGN_OR_RETURN(PreparedRows rows,
                   prepare_rows(source, assets.recipe(), assets.model().signature, options));
  return std::move(rows.inputs);
}

}  // namespace clairscore::api
