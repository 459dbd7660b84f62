#pragma once

// A document of JSON's shape, read from JSON or from UBJSON (the binary form XGBoost saves by
// default). Arrays of numbers are kept as numbers. Immutable; a Node is valid while its Document
// lives.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace clairscore {

struct DocumentLimits {
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;
  std::size_t max_depth = 64;
  std::size_t max_values = 50'000'000;  // nodes and numbers
};

class Document {
 public:
  enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kText, kNumbers, kArray, kObject };
  struct Member;
  struct Node {
    Kind kind = Kind::kNull;
    double number = 0;  // kNumber; kBoolean as 1 and 0
    std::string text;
    std::vector<double> numbers;  // an array that holds only numbers (or nothing)
    std::vector<Node> items;
    std::vector<Member> members;

    /// The member of that name, or nullptr.
    const Node* find(std::string_view name) const;
    /// find() several levels deep.
    const Node* at(std::initializer_list<std::string_view> names) const;
    /// kNumber, or the number that a text holds ("5E-1", "[5E-1]").
    std::optional<double> as_number() const;
  };
  struct Member {
    std::string key;
    Node value;
  };

  /// Errors kInput with "name, byte N" or simdjson's reason; kLimit.
  static Result<Document> read_json(std::string_view text, const std::string& name,
                                    const DocumentLimits& limits = {});
  static Result<Document> read_ubjson(ByteSpan bytes, const std::string& name,
                                      const DocumentLimits& limits = {});

  const Node& root() const { return *root_; }

 private:
  std::unique_ptr<Node> root_ = std::make_unique<Node>();
};

}  // namespace clairscore
