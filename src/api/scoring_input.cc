#include "api/scoring_input.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/python_values.h"
#include "api/text_cells.h"
#include "data/csv.h"
#include "data/dataset.h"

namespace clairscore::api {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::array<std::string_view, 4> kFormats = {"dataframe_split", "dataframe_records",
                                                      "instances", "inputs"};
/// Bodies of MLflow's interface for language models, which no table model takes.
constexpr std::array<std::string_view, 3> kLanguageModelKeys = {"messages", "prompt", "input"};

constexpr const char* kRequiredFormat =
    "The input must be a JSON dictionary with exactly one of the input fields "
    "{'dataframe_split', 'dataframe_records', 'instances', 'inputs'}";
constexpr const char* kInvalidParameter = "INVALID_PARAMETER_VALUE";
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

tl::unexpected<ScoringError> bad_request(std::string message) {
  return tl::unexpected<ScoringError>({400, "BAD_REQUEST", std::move(message)});
}

tl::unexpected<ScoringError> invalid_input(const std::string& message) {
  return bad_request("Invalid input. " + message);
}

/// The rows do not fit the signature. MLflow quotes the data here, which are personal: we do not.
tl::unexpected<ScoringError> schema_error(const std::string& message) {
  return tl::unexpected<ScoringError>(
      {400, kInvalidParameter,
       "Failed to predict data. \nError: Failed to enforce schema of data. Error: " + message});
}

tl::unexpected<ScoringError> too_many_rows(std::size_t rows) {
  return bad_request("The request has " + std::to_string(rows) + " rows; at most " +
                     std::to_string(kMaxRequestRows) + " are accepted.");
}

/// `extra`: the names as Python prints them.
std::string extra_inputs(const std::vector<std::string>& extra) {
  if (extra.empty()) return {};
  std::string names;
  for (const std::string& name : extra) names.append(names.empty() ? "" : ", ").append(name);
  return " Note that there were extra inputs: [" + names + "]";
}

/// The two ways in which MLflow makes columns of JSON.
enum class Coercion {
  kPandas,  // dataframe_split, dataframe_records: DataFrame.astype
  kNumpy,   // instances, inputs: numpy.array(…, dtype)
};

std::string_view dtype(SignatureType type) {
  switch (type) {
    case SignatureType::kBoolean:
      return "bool";
    case SignatureType::kInteger:
      return "int32";
    case SignatureType::kLong:
      return "int64";
    case SignatureType::kFloat:
      return "float32";
    case SignatureType::kDouble:
    case SignatureType::kTensor:
      return "float64";
    default:
      return "object";
  }
}

/// One input of the signature, made cell by cell.
class InputColumn {
 public:
  InputColumn(const SignatureColumn& input, Coercion coercion)
      : input_(&input), coercion_(coercion) {}

  /// The request has this column, with so many rows.
  void begin(std::size_t rows) {
    present_ = true;
    input_->is_text() ? texts_.reserve(rows) : cells_.reserve(rows);
  }
  std::size_t size() const { return input_->is_text() ? texts_.size() : cells_.size(); }
  bool present() const { return present_; }
  bool required() const { return input_->required; }
  const std::string& name() const { return input_->name; }

  void add(element value) {
    present_ = true;
    if (input_->is_text()) {
      add_text(value);
      return;
    }
    const auto number = number_of(value);
    if (!number && !error_) error_ = number.error();
    cells_.push_back(number ? *number : std::nan(""));
  }

  /// A row without this cell: NaN, as pandas fills it.
  void add_absent() {
    if (input_->is_text()) {
      texts_.add_missing();
      return;
    }
    if (is_integral() && !error_) {
      error_ = {"IntCastingNaNError", "Cannot convert non-finite values (NA or inf) to integer"};
    }
    cells_.push_back(std::nan(""));
  }

  /// What is wrong with the first cell that does not fit.
  std::optional<ScoringError> fault() const {
    if (nested_text_) return evaluation_error("the input '" + input_->name + "' holds a list");
    if (!error_) return std::nullopt;
    if (coercion_ == Coercion::kNumpy) return invalid_input(error_->message).value();
    return invalid_input("Data is not compatible with model signature. Failed to convert column " +
                         input_->name + " to type '" + std::string(dtype(input_->type)) +
                         "'. Error: '" + python_repr(*error_) + "'")
        .value();
  }

  Column take() && {
    if (input_->is_text()) return std::move(texts_).take(input_->name);
    return Column::of_doubles(input_->name, std::move(cells_));
  }

 private:
  bool is_integral() const {
    return input_->type == SignatureType::kInteger || input_->type == SignatureType::kLong ||
           input_->type == SignatureType::kBoolean;
  }

  tl::expected<double, PythonError> number_of(element value) const {
    if (!is_integral()) {
      auto number = python_float(value);
      if (number && input_->type == SignatureType::kFloat) {
        number = static_cast<double>(static_cast<float>(*number));
      }
      return number;
    }
    const auto number = python_int(value);
    if (!number) return tl::unexpected(number.error());
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (input_->type == SignatureType::kInteger) {
      least = std::numeric_limits<std::int32_t>::min();
      most = std::numeric_limits<std::int32_t>::max();
    } else if (input_->type == SignatureType::kBoolean) {
      least = 0;
      most = 1;
    }
    if (*number >= least && *number <= most) return static_cast<double>(*number);
    return tl::unexpected(PythonError{"OverflowError", "Python integer " + std::to_string(*number) +
                                                           " out of bounds for " +
                                                           std::string(dtype(input_->type))});
  }

  void add_text(element value) {
    const element_type type = value.type();
    const bool pandas = coercion_ == Coercion::kPandas;
    if (type == element_type::STRING) {
      const std::string_view text = value;
      const auto special = special_number(text);
      if (!special) return texts_.add(text);
      if (pandas && std::isnan(*special)) return texts_.add_missing();
    }
    nested_text_ |= type == element_type::ARRAY || type == element_type::OBJECT;
    const std::string text = python_str(value);
    texts_.add(pandas ? not_text(text) : text);
  }

  const SignatureColumn* input_;
  Coercion coercion_;
  bool present_ = false;
  bool nested_text_ = false;
  std::optional<PythonError> error_;
  std::vector<double> cells_;
  TextCells texts_;
};

/// The columns of one request: from its rows, or from its columns.
class InputTable {
 public:
  InputTable(const Signature& signature, Coercion coercion) : signature_(signature) {
    columns_.reserve(signature.inputs.size());
    for (const SignatureColumn& input : signature.inputs) {
      positions_.emplace(input.name, columns_.size());
      columns_.emplace_back(input, coercion);
    }
  }

  ScoringResult<Frame> from_split(element value);
  ScoringResult<Frame> from_records(const array& records);
  /// instances: rows as objects, each column the values that there are.
  ScoringResult<Frame> from_instances(const array& records);
  ScoringResult<Frame> from_columns(const object& columns, bool same_length);
  /// Rows as lists, or one column as a list of values, for a model without column names.
  ScoringResult<Frame> from_matrix(const array& rows);

  /// The rows have no column that the model knows; `extra` are those they have.
  tl::unexpected<ScoringError> nothing_known(const std::vector<std::string>& extra) const {
    std::vector<std::string> missing;
    for (const InputColumn& column : columns_) {
      if (column.required()) missing.push_back(column.name());
    }
    return schema_error("Model is missing inputs " + python_list(missing) + "." +
                        extra_inputs(extra));
  }

 private:
  std::size_t find(std::string_view name) const {
    const auto found = positions_.find(name);
    return found == positions_.end() ? kNowhere : found->second;
  }

  /// "Model is missing inputs [...]", or nothing when all that are required are there.
  std::string missing_inputs(const std::vector<std::string>& extra) const {
    std::vector<std::string> missing;
    for (const InputColumn& column : columns_) {
      if (!column.present() && column.required()) missing.push_back(column.name());
    }
    if (missing.empty()) return {};
    std::string message = "Model is missing inputs " + python_list(missing) + ".";
    return message + extra_inputs(extra);
  }

  ScoringResult<Frame> finish(std::size_t rows, const std::vector<std::string>& extra);

  /// The place of every value of the object in columns_, as they stood in the row before: rows of
  /// one request name their columns in one order.
  std::size_t place(std::size_t index, std::string_view name) {
    if (index < seen_.size() && seen_[index].first == name) return seen_[index].second;
    const std::size_t found = find(name);
    if (index == seen_.size()) seen_.emplace_back(name, found);
    return found;
  }

  const Signature& signature_;
  std::vector<InputColumn> columns_;
  std::unordered_map<std::string_view, std::size_t> positions_;
  std::vector<std::pair<std::string_view, std::size_t>> seen_;
};

ScoringResult<Frame> InputTable::finish(std::size_t rows, const std::vector<std::string>& extra) {
  for (const InputColumn& column : columns_) {
    if (!column.present()) continue;
    if (const auto fault = column.fault()) return tl::unexpected(*fault);
  }
  if (std::string message = missing_inputs(extra); !message.empty()) return schema_error(message);
  if (rows == 0) return tl::unexpected(evaluation_error("there is no row"));
  Frame frame(rows);
  for (InputColumn& column : columns_) {
    if (!column.present()) {
      return tl::unexpected(evaluation_error("the input '" + column.name() + "' is missing"));
    }
    if (!frame.add(std::move(column).take())) {
      return schema_error("the columns are not of one length");
    }
  }
  return frame;
}

tl::unexpected<ScoringError> bad_split(const std::string& error) {
  return invalid_input(
      "Provided dataframe_split field is not a valid dataframe representation in 'split' format. "
      "Error: '" +
      error + "'");
}

ScoringResult<Frame> InputTable::from_split(element value) {
  object split;
  if (value.get(split) != simdjson::SUCCESS) {
    return invalid_input("Dataframe split format must be a dictionary. Got " +
                         (value.is_array()
                              ? std::string("list")
                              : "type <class '" + std::string(python_type(value)) + "'>") +
                         ".");
  }
  std::string keys;
  bool strange = false;
  for (const auto [key, unused] : split) {
    keys.append(keys.empty() ? "" : ", ").append(python_repr(key));
    strange |= key != "columns" && key != "data" && key != "index";
  }
  const auto data = member(split, "data");
  if (!data || strange) {
    return invalid_input(
        "Dataframe split format must have 'data' field and optionally 'columns' and 'index' "
        "fields. Got {" +
        keys + "}.'");
  }
  array rows;
  if (data->get(rows) != simdjson::SUCCESS) {
    return bad_split("DataFrame constructor not properly called!");
  }
  std::size_t count = 0;
  std::size_t width = 0;
  for (const element row : rows) {
    array cells;
    if (row.get(cells) != simdjson::SUCCESS) return bad_split("a row that is no list");
    // array::size() stops counting at 2^24.
    width = std::max(width, cells.size());
    ++count;
  }
  if (count > kMaxRequestRows) return too_many_rows(count);
  if (const auto index = member(split, "index"); index && !index->is_null()) {
    array labels;
    if (index->get(labels) != simdjson::SUCCESS) {
      return bad_split("Index(...) must be called with a collection of some kind, " +
                       python_repr(python_str(*index)) + " was passed");
    }
    if (labels.size() != count) {
      return bad_split("Length of values (" + std::to_string(count) +
                       ") does not match length of index (" + std::to_string(labels.size()) + ")");
    }
  }
  std::vector<std::size_t> places;
  std::vector<std::string> extra;
  const auto columns = member(split, "columns");
  if (columns && !columns->is_null()) {
    array names;
    if (columns->get(names) != simdjson::SUCCESS) {
      return bad_split("Index(...) must be called with a collection of some kind, " +
                       python_repr(python_str(*columns)) + " was passed");
    }
    std::vector<bool> taken(columns_.size());
    for (const element name : names) {
      const std::string text = python_str(name);
      std::size_t at = name.is_string() ? find(text) : kNowhere;
      if (signature_.by_position) at = places.size() < columns_.size() ? places.size() : kNowhere;
      if (at == kNowhere) {
        extra.push_back(name.is_string() ? python_repr(text) : text);
      } else if (taken[at]) {
        return schema_error("the input '" + text + "' stands twice");
      } else {
        taken[at] = true;
      }
      places.push_back(at);
    }
    if (count > 0 && places.size() != width) {
      return bad_split(std::to_string(places.size()) + " columns passed, passed data had " +
                       std::to_string(width) + " columns");
    }
  } else {
    for (std::size_t i = 0; i < width; ++i) {
      extra.push_back(std::to_string(i));
      places.push_back(signature_.by_position && i < columns_.size() ? i : kNowhere);
    }
  }
  for (const std::size_t at : places) {
    if (at != kNowhere) columns_[at].begin(count);
  }
  for (const element row : rows) {
    std::size_t i = 0;
    array row_cells;
    if (row.get(row_cells) != simdjson::SUCCESS) continue;  // seen above to be a list
    for (const element cell : row_cells) {
      if (places[i] != kNowhere) columns_[places[i]].add(cell);
      ++i;
    }
    // A row that ends early is filled with what is missing.
    for (; i < places.size(); ++i) {
      if (places[i] != kNowhere) columns_[places[i]].add_absent();
    }
  }
  return finish(count, extra);
}

ScoringResult<Frame> InputTable::from_records(const array& records) {
  std::size_t rows = 0;
  std::vector<std::string> extra;
  for (const element record : records) {
    object cells;
    if (record.get(cells) != simdjson::SUCCESS) return nothing_known({"0"});
    if (++rows > kMaxRequestRows) return too_many_rows(rows);
    std::size_t index = 0;
    for (const auto [name, value] : cells) {
      const std::size_t at = place(index++, name);
      if (at == kNowhere) {
        if (rows == 1) extra.push_back(python_repr(name));
        continue;
      }
      InputColumn& column = columns_[at];
      while (column.size() + 1 < rows) column.add_absent();  // it begins later than the rows
      if (column.size() == rows) {
        return schema_error("the input '" + column.name() + "' stands twice");
      }
      column.add(value);
    }
  }
  for (InputColumn& column : columns_) {
    while (column.present() && column.size() < rows) column.add_absent();
  }
  return finish(rows, extra);
}

ScoringResult<Frame> InputTable::from_instances(const array& records) {
  std::size_t rows = 0;
  std::vector<std::string> extra;
  for (const element record : records) {
    object cells;
    if (record.get(cells) != simdjson::SUCCESS) {
      return invalid_input(
          "Ensure that the input is a valid JSON-formatted string.\nError: " +
          python_repr(PythonError{"AttributeError", "'" + std::string(python_type(record)) +
                                                        "' object has no attribute 'items'"}));
    }
    if (++rows > kMaxRequestRows) return too_many_rows(rows);
    std::size_t index = 0;
    for (const auto [name, value] : cells) {
      const std::size_t at = place(index++, name);
      if (at != kNowhere) {
        columns_[at].add(value);
      } else if (rows == 1) {
        extra.push_back(python_repr(name));
      }
    }
  }
  for (const InputColumn& column : columns_) {
    if (!column.present() || column.size() == rows) continue;
    if (column.required()) {
      return invalid_input("The length of values for each input/column name are not the same");
    }
    return schema_error(
        "This model contains a column-based signature, which suggests a DataFrame input. There "
        "was an error casting the input data to a DataFrame: All arrays must be of the same "
        "length");
  }
  return finish(rows, extra);
}

ScoringResult<Frame> InputTable::from_columns(const object& columns, bool same_length) {
  std::vector<std::string> extra;
  std::vector<std::pair<std::size_t, element>> single;
  std::optional<std::size_t> rows;
  bool ragged = false;
  bool required_ragged = false;
  for (const auto [name, value] : columns) {
    const std::size_t at = find(name);
    if (at == kNowhere) {
      extra.push_back(python_repr(name));
      continue;
    }
    if (columns_[at].present())
      return schema_error("the input '" + std::string(name) + "' stands twice");
    array cells;
    if (value.get(cells) != simdjson::SUCCESS) {
      single.emplace_back(at, value);
      continue;
    }
    for (const element cell : cells) {
      if (columns_[at].size() >= kMaxRequestRows) return too_many_rows(kMaxRequestRows + 1);
      columns_[at].add(cell);
    }
    const std::size_t length = columns_[at].size();
    if (!rows) rows = length;
    if (*rows != length) {
      ragged = true;
      required_ragged |= columns_[at].required();
    }
  }
  if (ragged && same_length && required_ragged) {
    return invalid_input("The length of values for each input/column name are not the same");
  }
  if (ragged) {
    return schema_error(
        "This model contains a column-based signature, which suggests a DataFrame input. There "
        "was an error casting the input data to a DataFrame: All arrays must be of the same "
        "length");
  }
  // A single value beside lists stands for every row.
  const std::size_t count = rows.value_or(single.empty() ? 0 : 1);
  for (const auto& [at, value] : single) {
    if (columns_[at].present()) {
      return schema_error("the input '" + columns_[at].name() + "' stands twice");
    }
    for (std::size_t row = 0; row < count; ++row) columns_[at].add(value);
  }
  return finish(count, extra);
}

ScoringResult<Frame> InputTable::from_matrix(const array& rows) {
  std::size_t count = 0;
  for (const element row : rows) {
    if (++count > kMaxRequestRows) return too_many_rows(count);
    array cells;
    if (row.get(cells) != simdjson::SUCCESS) {
      if (columns_.size() != 1) {
        return schema_error("rows of 1 input, and the model has " +
                            std::to_string(columns_.size()));
      }
      columns_[0].add(row);
      continue;
    }
    std::size_t i = 0;
    for (const element cell : cells) {
      if (i < columns_.size()) columns_[i].add(cell);
      ++i;
    }
    if (i != columns_.size()) {
      return schema_error("a row of " + std::to_string(i) + " inputs, and the model has " +
                          std::to_string(columns_.size()));
    }
  }
  return finish(count, {});
}

ScoringResult<Frame> read_tensors(const Signature& signature, std::string_view format,
                                  element value) {
  InputTable table(signature, Coercion::kNumpy);
  const bool instances = format == "instances";
  object columns;
  if (value.get(columns) == simdjson::SUCCESS) return table.from_columns(columns, instances);
  array rows;
  if (value.get(rows) != simdjson::SUCCESS) return table.nothing_known({"0"});
  const auto begin = rows.begin();
  if (!(begin != rows.end())) return table.nothing_known({});
  if ((*begin).is_object()) {
    return instances ? table.from_instances(rows) : table.from_records(rows);
  }
  if (signature.by_position) return table.from_matrix(rows);
  std::vector<std::string> extra;
  array first;
  const std::size_t width = (*begin).get(first) == simdjson::SUCCESS ? first.size() : 1;
  for (std::size_t i = 0; i < width; ++i) extra.push_back(std::to_string(i));
  return table.nothing_known(extra);
}

}  // namespace

std::string not_text(std::string_view text) {
  return std::string("\xFF").append(text);
}

ScoringError evaluation_error(std::string_view reason) {
  return {400, "BAD_REQUEST",
          "Encountered an unexpected error while evaluating the model. Verify that the serialized "
          "input Dataframe is compatible with the model for inference. Error: " +
              std::string(reason)};
}

ScoringResult<ScoringPayload> find_payload(std::string_view body, JsonBody& json) {
  if (const auto parsed = json.parse(body); !parsed) {
    return invalid_input("Ensure that input is a valid JSON formatted string. Error: '" +
                         to_string(parsed.error()) + "'");
  }
  const element root = json.root();
  object members;
  if (root.get(members) != simdjson::SUCCESS) {
    const std::string received = root.is_array() ? "Received a list."
                                                 : "Received unexpected input type '<class '" +
                                                       std::string(python_type(root)) + "'>.";
    return invalid_input(std::string(kRequiredFormat) + ". " + received);
  }
  std::string keys;
  ScoringPayload payload;
  std::size_t formats = 0;
  bool language_model = false;
  for (const auto [key, value] : members) {
    for (const std::string_view format : kFormats) {
      if (key != format) continue;
      keys.append(keys.empty() ? "" : ", ").append(python_repr(key));
      if (payload.format != format) ++formats;
      payload = {format, value};  // the last of a name counts
    }
    language_model |= std::ranges::find(kLanguageModelKeys, key) != kLanguageModelKeys.end();
  }
  if (language_model) {
    return schema_error(
        "'messages', 'prompt' and 'input' are for language models; this model "
        "takes the inputs of a table.");
  }
  if (formats != 1) {
    return bad_request(std::string(kRequiredFormat) + ". Received dictionary with input fields: [" +
                       keys +
                       "]. IMPORTANT: The MLflow Model scoring protocol has changed in MLflow "
                       "version 2.0.");
  }
  return payload;
}

ScoringResult<Frame> read_scoring_json(std::string_view body, const Signature& signature) {
  JsonBody json;
  const auto payload = find_payload(body, json);
  if (!payload) return tl::unexpected(payload.error());
  if (payload->format == "dataframe_split") {
    return InputTable(signature, Coercion::kPandas).from_split(payload->data);
  }
  if (payload->format == "dataframe_records") {
    array records;
    if (payload->data.get(records) != simdjson::SUCCESS) {
      return invalid_input(
          "Dataframe records format must be a list of records. Got " +
          (payload->data.is_object()
               ? std::string("dictionary")
               : "type <class '" + std::string(python_type(payload->data)) + "'>") +
          ".");
    }
    return InputTable(signature, Coercion::kPandas).from_records(records);
  }
  return read_tensors(signature, payload->format, payload->data);
}

ScoringResult<Frame> read_scoring_csv(std::string_view body, const Signature& signature) {
  CsvOptions options;
  options.decimals = DecimalMode::kPandas2;
  options.limits.max_rows = kMaxRequestRows;
  options.limits.max_unpacked_bytes = 0;  // no gzip within a request
  for (const SignatureColumn& input : signature.inputs) {
    const bool boolean = input.type == SignatureType::kBoolean;
    const bool integer =
        input.type == SignatureType::kInteger || input.type == SignatureType::kLong;
    options.types.emplace(input.name, input.is_text() ? ColumnType::kText
                                      : boolean       ? ColumnType::kBoolean
                                      : integer       ? ColumnType::kInteger
                                                      : ColumnType::kDouble);
  }
  auto table = read_csv(as_bytes(body), "the body", options);
  if (!table) {
    return bad_request(
        "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid "
        "CSV-formatted Pandas DataFrame produced using the `pandas.DataFrame.to_csv()` method. "
        "Error: '" +
        to_string(table.error()) + "'");
  }
  Frame& frame = table->frame;
  if (signature.by_position && frame.columns().size() >= signature.inputs.size()) {
    Frame renamed(frame.rows());
    std::vector<Column> columns = std::move(frame).take_columns();
    for (std::size_t i = 0; i < signature.inputs.size(); ++i) {
      columns[i].rename(signature.inputs[i].name);
      if (!renamed.add(std::move(columns[i]))) return schema_error("a column stands twice");
    }
    frame = std::move(renamed);
  }
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::string optional;
  for (const SignatureColumn& input : signature.inputs) {
    if (frame.find(input.name) != nullptr) continue;
    if (input.required) {
      missing.push_back(input.name);
    } else if (optional.empty()) {
      optional = input.name;
    }
  }
  for (const std::string& name : frame.names()) {
    const auto is_name = [&](const SignatureColumn& input) { return input.name == name; };
    if (std::ranges::none_of(signature.inputs, is_name)) extra.push_back(python_repr(name));
  }
  if (!missing.empty()) {
    std::string message = "Model is missing inputs " + python_list(missing) + ".";
    return schema_error(message + extra_inputs(extra));
  }
  if (frame.rows() == 0) return tl::unexpected(evaluation_error("there is no row"));
  if (!optional.empty()) {
    return tl::unexpected(evaluation_error("the input '" + optional + "' is missing"));
  }
  auto conformed = conform_to_signature(std::move(frame), signature, {"the body", {}});
  if (!conformed) return schema_error(to_string(conformed.error()));
  return std::move(*conformed);
}

}  // namespace clairscore::api
