#include "api/inference_request.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "api/json_body.h"
#include "api/python_values.h"
#include "api/text_cells.h"
#include "base/excerpt.h"
#include "base/nearest.h"
#include "data/utf8.h"

static_assert(std::endian::native == std::endian::little, "binary tensors are little-endian");

namespace clairscore::api {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

enum class Datatype {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFp32,
  kFp64,
  kBytes
};

struct DatatypeInfo {
  std::string_view name;
  Datatype type;
  std::size_t bytes;  // 0: as long as each value says
};
constexpr std::array<DatatypeInfo, 12> kDatatypes = {{{"BOOL", Datatype::kBool, 1},
                                                      {"INT8", Datatype::kInt8, 1},
                                                      {"INT16", Datatype::kInt16, 2},
                                                      {"INT32", Datatype::kInt32, 4},
                                                      {"INT64", Datatype::kInt64, 8},
                                                      {"UINT8", Datatype::kUint8, 1},
                                                      {"UINT16", Datatype::kUint16, 2},
                                                      {"UINT32", Datatype::kUint32, 4},
                                                      {"UINT64", Datatype::kUint64, 8},
                                                      {"FP32", Datatype::kFp32, 4},
                                                      {"FP64", Datatype::kFp64, 8},
                                                      {"BYTES", Datatype::kBytes, 0}}};

const DatatypeInfo* find_datatype(std::string_view name) {
  for (const DatatypeInfo& info : kDatatypes) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

bool needs_integers(SignatureType type) {
  return type == SignatureType::kInteger || type == SignatureType::kLong ||
         type == SignatureType::kBoolean;
}

template <typename T>
std::vector<double> read_numbers(std::string_view bytes) {
  std::vector<double> numbers(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    T value{};
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    numbers[i] = static_cast<double>(value);
  }
  return numbers;
}

std::vector<double> read_numbers(Datatype type, std::string_view bytes) {
  switch (type) {
    case Datatype::kInt8:
      return read_numbers<std::int8_t>(bytes);
    case Datatype::kInt16:
      return read_numbers<std::int16_t>(bytes);
    case Datatype::kInt32:
      return read_numbers<std::int32_t>(bytes);
    case Datatype::kInt64:
      return read_numbers<std::int64_t>(bytes);
    case Datatype::kBool:
    case Datatype::kUint8:
      return read_numbers<std::uint8_t>(bytes);
    case Datatype::kUint16:
      return read_numbers<std::uint16_t>(bytes);
    case Datatype::kUint32:
      return read_numbers<std::uint32_t>(bytes);
    case Datatype::kUint64:
      return read_numbers<std::uint64_t>(bytes);
    case Datatype::kFp32:
      return read_numbers<float>(bytes);
    default:
      return read_numbers<double>(bytes);
  }
}

/// One tensor of the request.
class TensorReader {
 public:
  TensorReader(const SignatureColumn& input, const DatatypeInfo& datatype, std::size_t rows)
      : input_(input), datatype_(datatype), rows_(rows) {}

  Result<Column> from_bytes(std::string_view bytes) const {
    if (datatype_.type == Datatype::kBytes) return texts_from_bytes(bytes);
    if (bytes.size() != rows_ * datatype_.bytes) {
      return refuse(std::to_string(bytes.size()) + " bytes of data",
                    std::to_string(rows_ * datatype_.bytes) + " bytes");
    }
    return numbers(read_numbers(datatype_.type, bytes));
  }

  /// [1, 2], or nested as the shape is: [[1], [2]].
  Result<Column> from_json(const array& data) const {
    std::vector<element> cells;
    cells.reserve(rows_);
    for (const element value : data) {
      array inner;
      if (value.get(inner) != simdjson::SUCCESS) {
        cells.push_back(value);
        continue;
      }
      for (const element cell : inner) cells.push_back(cell);
      if (cells.size() > rows_) break;
    }
    if (cells.size() != rows_) {
      return refuse("data of another length than the shape says",
                    std::to_string(rows_) + " values");
    }
    if (datatype_.type == Datatype::kBytes) return texts_from_json(cells);
    std::vector<double> values(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      const element cell = cells[row];
      const bool special = cell.is_string() && special_number(cell);
      if (!cell.is_number() && !cell.is_null() && !cell.is_bool() && !special) {
        return refuse(quote_excerpt(simdjson::minify(cell)) + " among the data", "numbers");
      }
      values[row] = *python_float(cell);
    }
    return numbers(std::move(values));
  }

 private:
  tl::unexpected<Error> refuse(std::string what, std::string accepted) const {
    return fail(ErrorCode::kInput, std::move(what), "input " + input_.name, std::move(accepted));
  }

  Result<Column> numbers(std::vector<double> values) const {
    for (double& value : values) {
      if (input_.type == SignatureType::kFloat)
        value = static_cast<double>(static_cast<float>(value));
      if (!needs_integers(input_.type)) continue;
      if (!std::isfinite(value) || value != std::trunc(value)) {
        return refuse("a value that is no integer", "integers");
      }
    }
    return Column::of_doubles(input_.name, std::move(values));
  }

  Result<Column> texts_from_bytes(std::string_view bytes) const {
    TextCells cells;
    cells.reserve(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      std::uint32_t length = 0;
      if (bytes.size() < sizeof length) return refuse("data that end within a length", "4 bytes");
      std::memcpy(&length, bytes.data(), sizeof length);
      bytes.remove_prefix(sizeof length);
      if (bytes.size() < length) return refuse("data that end within a text", "whole texts");
      RETURN_IF_ERROR(add_text(cells, bytes.substr(0, length)));
      bytes.remove_prefix(length);
    }
    if (!bytes.empty())
      return refuse("data after the last text", "as many texts as the shape says");
    return std::move(cells).take(input_.name);
  }

  Result<Column> texts_from_json(const std::vector<element>& values) const {
    TextCells cells;
    cells.reserve(rows_);
    for (const element value : values) {
      std::string_view text;
      const bool special = value.is_string() && special_number(value);
      if (value.is_null() || (special && std::isnan(*special_number(value)))) {
        cells.add_missing();
      } else if (special || value.get(text) != simdjson::SUCCESS) {
        return refuse(quote_excerpt(simdjson::minify(value)) + " among the data", "texts");
      } else {
        RETURN_IF_ERROR(add_text(cells, text));
      }
    }
    return std::move(cells).take(input_.name);
  }

  Result<void> add_text(TextCells& cells, std::string_view text) const {
    if (!is_clean_utf8(text)) return refuse("a text that is not UTF-8, or has a NUL", "UTF-8");
    text.empty() ? cells.add_missing() : cells.add(text);
    return {};
  }

  const SignatureColumn& input_;
  const DatatypeInfo& datatype_;
  std::size_t rows_;
};

class Parser {
 public:
  Parser(const Signature& signature, std::size_t max_rows)
      : signature_(signature), max_rows_(max_rows), columns_(signature.inputs.size()) {}

  Result<InferenceRequest> parse(std::string_view body, std::optional<std::size_t> header_length) {
    if (header_length.value_or(0) > body.size()) {
      return refuse("Inference-Header-Content-Length is longer than the body", {},
                    "the length of the JSON that the tensors follow");
    }
    binary_ = header_length ? body.substr(*header_length) : std::string_view();
    JsonBody json;
    RETURN_IF_ERROR(json.parse(body.substr(0, header_length.value_or(body.size()))));
    object root;
    if (json.root().get(root) != simdjson::SUCCESS) {
      return refuse("the request is no JSON object", {}, "an inference request");
    }
    RETURN_IF_ERROR(read_settings(root));
    const auto inputs = member(root, "inputs");
    array tensors;
    if (!inputs || inputs->get(tensors) != simdjson::SUCCESS) {
      return refuse("no list of inputs", {}, "one tensor per input of the model");
    }
    for (const element tensor : tensors) RETURN_IF_ERROR(read_tensor(tensor));
    if (!binary_.empty()) {
      return refuse(std::to_string(binary_.size()) + " bytes after the last tensor", {},
                    "binary_data_size of every binary tensor");
    }
    return finish();
  }

 private:
  static tl::unexpected<Error> refuse(std::string what, std::string where, std::string accepted,
                                      ErrorCode code = ErrorCode::kInput) {
    return fail(code, std::move(what), std::move(where), std::move(accepted));
  }

  /// Parameters may be left out, or null.
  static Result<std::optional<object>> parameters_of(const object& owner,
                                                     const std::string& where) {
    const auto value = member(owner, "parameters");
    if (!value || value->is_null()) return std::nullopt;
    object parameters;
    if (value->get(parameters) != simdjson::SUCCESS) {
      return refuse("parameters that are no object", where, "an object");
    }
    return parameters;
  }

  Result<void> read_settings(const object& root) {
    if (const auto id = member(root, "id"); id && !id->is_null()) {
      std::string_view text;
      if (id->get(text) != simdjson::SUCCESS) return refuse("an id that is no text", {}, "a text");
      request_.id = text;
    }
    ASSIGN_OR_RETURN(const auto parameters, parameters_of(root, "the request"));
    if (parameters) {
      if (const auto binary = member(*parameters, "binary_data_output")) {
        if (!binary->is_bool()) {
          return refuse("a binary_data_output that is no boolean", {}, "true or false");
        }
        request_.binary_by_default = bool(*binary);
      }
    }
    const auto outputs = member(root, "outputs");
    if (!outputs || outputs->is_null()) return {};
    array wanted;
    if (outputs->get(wanted) != simdjson::SUCCESS)
      return refuse("outputs is no list", {}, "a list");
    for (const element value : wanted) {
      object output;
      std::string_view name;
      if (value.get(output) != simdjson::SUCCESS || output["name"].get(name) != simdjson::SUCCESS) {
        return refuse("an output without a name", {}, "{\"name\": \"probability_pos\"}");
      }
      bool binary = request_.binary_by_default;
      ASSIGN_OR_RETURN(const auto own, parameters_of(output, "output " + quote_excerpt(name)));
      if (own) {
        if (const auto wish = member(*own, "binary_data")) {
          if (!wish->is_bool())
            return refuse("a binary_data that is no boolean", {}, "true or false");
          binary = bool(*wish);
        }
      }
      request_.outputs.push_back({std::string(name), binary});
    }
    return {};
  }

  Result<std::size_t> read_shape(const object& tensor, const std::string& where) const {
    array shape;
    if (tensor["shape"].get(shape) != simdjson::SUCCESS) return refuse("no shape", where, "[n]");
    std::vector<std::uint64_t> sizes;
    for (const element value : shape) {
      std::uint64_t size = 0;
      if (value.get(size) != simdjson::SUCCESS || sizes.size() == 2) {
        return refuse("a shape that is no column", where, "[n] or [n, 1]");
      }
      sizes.push_back(size);
    }
    if (sizes.empty() || (sizes.size() == 2 && sizes[1] != 1)) {
      return refuse("a shape that is no column", where, "[n] or [n, 1]");
    }
    if (sizes[0] > max_rows_) {
      return refuse(std::to_string(sizes[0]) + " rows", where,
                    "at most " + std::to_string(max_rows_), ErrorCode::kLimit);
    }
    if (sizes[0] == 0) return refuse("no row", where, "at least one");
    return static_cast<std::size_t>(sizes[0]);
  }

  Result<void> read_tensor(element value) {
    object tensor;
    std::string_view text;
    if (value.get(tensor) != simdjson::SUCCESS || tensor["name"].get(text) != simdjson::SUCCESS) {
      return refuse("an input without a name", {}, "{\"name\", \"shape\", \"datatype\", \"data\"}");
    }
    const std::string name(text);
    const std::string where = "input " + quote_excerpt(name);
    std::size_t index = 0;
    while (index < columns_.size() && signature_.inputs[index].name != name) ++index;
    if (index == columns_.size()) {
      std::vector<std::string> names;
      for (const SignatureColumn& input : signature_.inputs) names.push_back(input.name);
      return refuse("the model has no such input", where,
                    "one of its inputs" + suggestion(name, names));
    }
    if (columns_[index]) return refuse("the input stands twice", where, "each input once");
    const SignatureColumn& input = signature_.inputs[index];
    const bool typed = tensor["datatype"].get(text) == simdjson::SUCCESS;
    const DatatypeInfo* const datatype = typed ? find_datatype(text) : nullptr;
    if (datatype == nullptr || (datatype->type == Datatype::kBytes) != input.is_text()) {
      return refuse(typed ? "datatype " + quote_excerpt(text) : "no datatype", where,
                    input.is_text() ? "BYTES" : "BOOL, a sized integer, FP32 or FP64");
    }
    ASSIGN_OR_RETURN(const std::size_t rows, read_shape(tensor, where));
    if (rows_ && *rows_ != rows)
      return refuse("another number of rows", where, "one for all inputs");
    rows_ = rows;
    const TensorReader reader(input, *datatype, rows);
    std::uint64_t size = 0;
    array data;
    ASSIGN_OR_RETURN(const auto parameters, parameters_of(tensor, where));
    const auto binary_size = parameters ? member(*parameters, "binary_data_size") : std::nullopt;
    if (binary_size) {
      if (binary_size->get(size) != simdjson::SUCCESS) {
        return refuse("a binary_data_size that is no length", where, "a number of bytes");
      }
      if (size > binary_.size()) {
        return refuse("the body ends before the tensor", where, "binary_data_size bytes");
      }
      ASSIGN_OR_RETURN(columns_[index], reader.from_bytes(binary_.substr(0, size)));
      binary_.remove_prefix(size);
    } else if (tensor["data"].get(data) == simdjson::SUCCESS) {
      ASSIGN_OR_RETURN(columns_[index], reader.from_json(data));
    } else {
      return refuse("no data", where, "data, or parameters.binary_data_size");
    }
    return {};
  }

  Result<InferenceRequest> finish() {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i]) missing.push_back(signature_.inputs[i].name);
    }
    if (!missing.empty()) {
      return refuse(
          (missing.size() == 1 ? "missing input " : "missing inputs ") + list_of_names(missing), {},
          "one tensor per input of the model");
    }
    request_.inputs = Frame(rows_.value_or(0));
    for (std::optional<Column>& column : columns_) {
      RETURN_IF_ERROR(request_.inputs.add(std::move(*column)));
    }
    return std::move(request_);
  }

  const Signature& signature_;
  std::size_t max_rows_;
  std::string_view binary_;  // of tensors not read yet
  std::optional<std::size_t> rows_;
  std::vector<std::optional<Column>> columns_;  // by input
  InferenceRequest request_;
};

}  // namespace

Result<InferenceRequest> parse_inference_request(std::string_view body,
                                                 std::optional<std::size_t> header_length,
                                                 const Signature& signature, std::size_t max_rows) {
  return Parser(signature, max_rows).parse(body, header_length);
}

std::string_view tensor_datatype(SignatureType type) {
  switch (type) {
    case SignatureType::kString:
      return "BYTES";
    case SignatureType::kBoolean:
      return "BOOL";
    case SignatureType::kInteger:
      return "INT32";
    case SignatureType::kLong:
      return "INT64";
    case SignatureType::kFloat:
      return "FP32";
    default:
      return "FP64";
  }
}

}  // namespace clairscore::api
