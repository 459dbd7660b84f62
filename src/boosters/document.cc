#include "boosters/document.h"

#include <simdjson.h>

#include <bit>
#include <cstring>
#include <limits>

#include "base/numbers.h"

namespace clairscore {

namespace {

using Node = Document::Node;
using Kind = Document::Kind;

/// An array whose items are all numbers becomes one of numbers.
void pack(Node& array) {
  for (const Node& item : array.items) {
    if (item.kind != Kind::kNumber) return;
  }
  array.kind = Kind::kNumbers;
  array.numbers.reserve(array.items.size());
  for (const Node& item : array.items) array.numbers.push_back(item.number);
  array.items.clear();
  array.items.shrink_to_fit();
}

class JsonReader {
 public:
  JsonReader(const std::string& name, const DocumentLimits& limits)
      : name_(name), limits_(limits) {}

  Result<void> convert(simdjson::dom::element element, std::size_t depth, Node& node) {
    if (depth > limits_.max_depth || ++values_ > limits_.max_values) {
      return fail(ErrorCode::kLimit, "JSON nested too deeply or with too many values", name_);
    }
    switch (element.type()) {
      case simdjson::dom::element_type::ARRAY: {
        node.kind = Kind::kArray;
        for (const simdjson::dom::element item : simdjson::dom::array(element)) {
          RETURN_IF_ERROR(convert(item, depth + 1, node.items.emplace_back()));
        }
        pack(node);
        return {};
      }
      case simdjson::dom::element_type::OBJECT: {
        node.kind = Kind::kObject;
        for (const auto member : simdjson::dom::object(element)) {
          node.members.push_back({std::string(member.key), {}});
          RETURN_IF_ERROR(convert(member.value, depth + 1, node.members.back().value));
        }
        return {};
      }
      case simdjson::dom::element_type::STRING:
        node.kind = Kind::kText;
        node.text = std::string(std::string_view(element));
        return {};
      case simdjson::dom::element_type::BOOL:
        node.kind = Kind::kBoolean;
        node.number = bool(element) ? 1 : 0;
        return {};
      case simdjson::dom::element_type::NULL_VALUE:
        return {};
      default:
        node.kind = Kind::kNumber;
        node.number = double(element);
        return {};
    }
  }

 private:
  const std::string& name_;
  const DocumentLimits& limits_;
  std::size_t values_ = 0;
};

/// UBJSON: a type byte, then the value; strings and sizes have a number before them. XGBoost uses
/// typed arrays ("[$l#…") and big-endian numbers.
class UbjsonReader {
 public:
  UbjsonReader(ByteSpan bytes, const std::string& name, const DocumentLimits& limits)
      : bytes_(bytes), name_(name), limits_(limits) {}

  Result<void> read(Node& root) {
    ASSIGN_OR_RETURN(const char type, next_type());
    RETURN_IF_ERROR(read_value(type, 0, root));
    if (at_ != bytes_.size()) return refuse("bytes after the end of the document");
    return {};
  }

 private:
  tl::unexpected<Error> refuse(std::string what, ErrorCode code = ErrorCode::kInput) const {
    return fail(code, "UBJSON: " + std::move(what), name_ + ", byte " + std::to_string(at_),
                "a document as XGBoost saves it");
  }

  Result<char> next_byte() {
    if (at_ >= bytes_.size()) return refuse("the file ends too early");
    return static_cast<char>(bytes_[at_++]);
  }
  /// The next byte that is no no-op.
  Result<char> next_type() {
    for (;;) {
      ASSIGN_OR_RETURN(const char type, next_byte());
      if (type != 'N') return type;
    }
  }

  static std::size_t width_of(char type) {
    switch (type) {
      case 'i':
      case 'U':
        return 1;
      case 'I':
        return 2;
      case 'l':
      case 'd':
        return 4;
      case 'L':
      case 'D':
        return 8;
      default:
        return 0;
    }
  }

  double number_at(char type, std::size_t offset) const {
    std::uint64_t bits = 0;
    const std::size_t width = width_of(type);
    for (std::size_t i = 0; i < width; ++i) {
      bits = bits << 8U | std::to_integer<std::uint64_t>(bytes_[offset + i]);
    }
    switch (type) {
      case 'i':
        return static_cast<std::int8_t>(bits);
      case 'I':
        return static_cast<std::int16_t>(bits);
      case 'l':
        return static_cast<std::int32_t>(bits);
      case 'L':
        return static_cast<double>(static_cast<std::int64_t>(bits));
      case 'd':
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      case 'D':
        return std::bit_cast<double>(bits);
      default:
        return static_cast<double>(bits);
    }
  }

  Result<double> read_number(char type) {
    const std::size_t width = width_of(type);
    if (width == 0) return refuse("a type of number that is not known");
    if (bytes_.size() - at_ < width) return refuse("the file ends within a number");
    const double value = number_at(type, at_);
    at_ += width;
    return value;
  }

  /// A size: never more than the bytes that are left, unless items take none.
  Result<std::size_t> read_size() {
    ASSIGN_OR_RETURN(const char type, next_type());
    ASSIGN_OR_RETURN(const double size, read_number(type));
    if (!(size >= 0 && size <= static_cast<double>(bytes_.size() - at_))) {
      return refuse("a size of more than the file holds");
    }
    return static_cast<std::size_t>(size);
  }

  Result<std::string> read_text() {
    ASSIGN_OR_RETURN(const std::size_t size, read_size());
    std::string text(as_text(bytes_.subspan(at_, size)));
    at_ += size;
    return text;
  }

  Result<void> count(std::size_t more = 1) {
    values_ += more;
    if (values_ > limits_.max_values) return refuse("too many values", ErrorCode::kLimit);
    return {};
  }

  Result<void> read_value(char type, std::size_t depth, Node& node) {
    RETURN_IF_ERROR(count());
    if (depth > limits_.max_depth) return refuse("nested too deeply", ErrorCode::kLimit);
    switch (type) {
      case 'Z':
        return {};
      case 'T':
      case 'F':
        node.kind = Kind::kBoolean;
        node.number = type == 'T' ? 1 : 0;
        return {};
      case 'S':
      case 'H': {
        node.kind = Kind::kText;
        ASSIGN_OR_RETURN(node.text, read_text());
        return {};
      }
      case 'C': {
        node.kind = Kind::kText;
        ASSIGN_OR_RETURN(const char byte, next_byte());
        node.text = byte;
        return {};
      }
      case '[':
        return read_array(depth, node);
      case '{':
        return read_object(depth, node);
      default: {
        node.kind = Kind::kNumber;
        ASSIGN_OR_RETURN(node.number, read_number(type));
        return {};
      }
    }
  }

  Result<void> read_array(std::size_t depth, Node& node) {
    node.kind = Kind::kArray;
    ASSIGN_OR_RETURN(char type, next_type());
    if (type == '$') {
      ASSIGN_OR_RETURN(const char item, next_type());
      ASSIGN_OR_RETURN(const char hash, next_type());
      if (hash != '#') return refuse("a typed array without a size");
      ASSIGN_OR_RETURN(const std::size_t size, read_size());
      const std::size_t width = width_of(item);
      if (width == 0) return refuse("an array of a type that is no number");
      if ((bytes_.size() - at_) / width < size) return refuse("an array longer than the file");
      RETURN_IF_ERROR(count(size));
      node.kind = Kind::kNumbers;
      node.numbers.reserve(size);
      for (std::size_t i = 0; i < size; ++i)
        node.numbers.push_back(number_at(item, at_ + i * width));
      at_ += size * width;
      return {};
    }
    if (type == '#') {
      ASSIGN_OR_RETURN(const std::size_t size, read_size());
      for (std::size_t i = 0; i < size; ++i) {
        ASSIGN_OR_RETURN(const char item, next_type());
        RETURN_IF_ERROR(read_value(item, depth + 1, node.items.emplace_back()));
      }
    } else {
      while (type != ']') {
        RETURN_IF_ERROR(read_value(type, depth + 1, node.items.emplace_back()));
        ASSIGN_OR_RETURN(type, next_type());
      }
    }
    pack(node);
    return {};
  }

  Result<void> read_object(std::size_t depth, Node& node) {
    node.kind = Kind::kObject;
    for (;;) {
      ASSIGN_OR_RETURN(const char type, next_type());
      if (type == '}') return {};
      --at_;  // the type of the key's size
      ASSIGN_OR_RETURN(std::string key, read_text());
      node.members.push_back({std::move(key), {}});
      ASSIGN_OR_RETURN(const char value, next_type());
      RETURN_IF_ERROR(read_value(value, depth + 1, node.members.back().value));
    }
  }

  ByteSpan bytes_;
  const std::string& name_;
  const DocumentLimits& limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

const Node* Document::Node::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

const Node* Document::Node::at(std::initializer_list<std::string_view> names) const {
  const Node* node = this;
  for (const std::string_view name : names) {
    node = node == nullptr ? nullptr : node->find(name);
  }
  return node;
}

std::optional<double> Document::Node::as_number() const {
  if (kind == Kind::kNumber || kind == Kind::kBoolean) return number;
  if (kind == Kind::kNumbers && numbers.size() == 1) return numbers.front();
  if (kind != Kind::kText) return std::nullopt;
  std::string_view digits = text;
  if (digits.size() > 2 && digits.front() == '[' && digits.back() == ']') {
    digits = digits.substr(1, digits.size() - 2);
  }
  return parse_double(digits);
}

Result<Document> Document::read_json(std::string_view text, const std::string& name,
                                     const DocumentLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorCode::kLimit, std::to_string(text.size()) + " bytes", name, "a smaller file");
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(root)) {
    return fail(ErrorCode::kInput, std::string("no JSON (") + simdjson::error_message(error) + ")",
                name, "a model as XGBoost saves it");
  }
  Document document;
  RETURN_IF_ERROR(JsonReader(name, limits).convert(root, 0, *document.root_));
  return document;
}

Result<Document> Document::read_ubjson(ByteSpan bytes, const std::string& name,
                                       const DocumentLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return fail(ErrorCode::kLimit, std::to_string(bytes.size()) + " bytes", name, "a smaller file");
  }
  Document document;
  RETURN_IF_ERROR(UbjsonReader(bytes, name, limits).read(*document.root_));
  return document;
}

}  // namespace clairscore
