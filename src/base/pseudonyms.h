#pragma once

// Names of people as log lines may hold them. Immutable, thread-safe; copies give the same names.

#include <string>
#include <string_view>

namespace clairscore {

class Pseudonyms {
 public:
  /// `plain`: names stay as they are.
  explicit Pseudonyms(bool plain = false);

  /// "hash:0123456789ab", the same for the same name within this process and nowhere else.
  std::string of(std::string_view name) const;

 private:
  bool plain_;
  std::string salt_;
};

}  // namespace clairscore
