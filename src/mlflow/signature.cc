#include "mlflow/signature.h"

#include <simdjson.h>

#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/excerpt.h"

namespace clairscore {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxColumns = 100'000;

constexpr std::array<std::pair<std::string_view, SignatureType>, 8> kTypes = {{
    {"boolean", SignatureType::kBoolean},
    {"integer", SignatureType::kInteger},
    {"long", SignatureType::kLong},
    {"float", SignatureType::kFloat},
    {"double", SignatureType::kDouble},
    {"string", SignatureType::kString},
    {"binary", SignatureType::kBinary},
    {"datetime", SignatureType::kDatetime},
}};

std::string position_name(std::size_t position) {
  return std::string("x").append(std::to_string(position));
}

class Parser {
 public:
  explicit Parser(const std::string& where) : where_(where) {}

  Result<Signature> parse(std::string_view json) {
    dom::parser parser;
    const simdjson::padded_string text(json);
    dom::element root;
    if (const auto error = parser.parse(text).get(root)) {
      return refuse(std::string("inputs are no JSON (") + simdjson::error_message(error) + ")");
    }
    dom::array columns;
    if (root.get(columns) != simdjson::SUCCESS) return refuse("inputs are no list");
    for (const dom::element column : columns) {
      dom::object object;
      if (column.get(object) != simdjson::SUCCESS) {
        return refuse("an input that is no object");
      }
      RETURN_IF_ERROR(add(object));
    }
    if (signature_.inputs.empty()) return refuse("no inputs");
    return std::move(signature_);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, ErrorCode code = ErrorCode::kInput) const {
    return fail(code, "signature: " + std::move(what), where_,
                "signature.inputs as mlflow.models.infer_signature writes it for a table");
  }

  Result<void> add(const dom::object& object) {
    SignatureColumn column;
    std::string_view text;
    bool named = false;
    if (object["name"].get(text) == simdjson::SUCCESS) {
      column.name = text;
      named = true;
    } else {
      column.name = position_name(signature_.inputs.size());
    }
    bool flag = false;
    if (object["required"].get(flag) == simdjson::SUCCESS) column.required = flag;
    if (object["optional"].get(flag) == simdjson::SUCCESS) column.required = !flag;
    if (object["type"].get(text) != simdjson::SUCCESS) {
      return refuse("the input " + quote_excerpt(column.name) + " has no type");
    }
    if (text == "tensor") return add_tensor(object, std::move(column), named);
    for (const auto& [name, type] : kTypes) {
      if (text != name) continue;
      column.type = type;
      return add_column(std::move(column));
    }
    return refuse("the input " + quote_excerpt(column.name) + " is of type " + quote_excerpt(text),
                  ErrorCode::kUnsupported);
  }

  /// [-1] is one column; [-1, n] is n columns when the tensor is all there is.
  Result<void> add_tensor(const dom::object& object, SignatureColumn column, bool named) {
    dom::array shape;
    std::string_view dtype;
    if (object["tensor-spec"]["shape"].get(shape) != simdjson::SUCCESS ||
        object["tensor-spec"]["dtype"].get(dtype) != simdjson::SUCCESS) {
      return refuse("a tensor without tensor-spec");
    }
    std::vector<std::int64_t> sizes;
    for (const dom::element element : shape) {
      std::int64_t size = 0;
      if (element.get(size) != simdjson::SUCCESS) return refuse("a tensor's shape is no integers");
      sizes.push_back(size);
    }
    const bool rows_first = !sizes.empty() && sizes.size() <= 2 && sizes[0] == -1;
    const std::int64_t width = sizes.size() == 2 ? sizes[1] : 1;
    if (!rows_first || width < 1 || width > static_cast<std::int64_t>(kMaxColumns) ||
        (named && width != 1)) {
      return refuse("a tensor that is no table", ErrorCode::kUnsupported);
    }
    const bool text = dtype == "object" || dtype == "str" || dtype == "string";
    column.type = text ? SignatureType::kString : SignatureType::kDouble;
    column.required = false;  // a missing element of a tensor is NaN
    if (named) return add_column(std::move(column));
    for (std::int64_t i = 0; i < width; ++i) {
      column.name = position_name(signature_.inputs.size());
      RETURN_IF_ERROR(add_column(column));
    }
    return {};
  }

  Result<void> add_column(SignatureColumn column) {
    if (signature_.inputs.size() >= kMaxColumns) return refuse("more than 100000 inputs");
    if (!names_.insert(column.name).second) {
      return refuse("two inputs named " + quote_excerpt(column.name));
    }
    signature_.inputs.push_back(std::move(column));
    return {};
  }

  const std::string& where_;
  Signature signature_;
  std::unordered_set<std::string> names_;
};

}  // namespace

Result<Signature> parse_signature(std::string_view json, const std::string& where) {
  return Parser(where).parse(json);
}

bool is_unnamed(const Signature& signature) {
  for (std::size_t i = 0; i < signature.inputs.size(); ++i) {
    if (signature.inputs[i].name != position_name(i)) return false;
  }
  return true;
}

std::string_view to_string(SignatureType type) {
  for (const auto& [name, known] : kTypes) {
    if (known == type) return name;
  }
  return "tensor";
}

}  // namespace clairscore
