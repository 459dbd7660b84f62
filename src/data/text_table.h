#pragma once

// The distinct strings of a text column and their codes, in order of first appearance: builds a
// Dictionary. Open addressing with a keyed hash, so that a file made to collide cannot make reading
// quadratic. One object, one thread.

#include <cstdint>
#include <string_view>
#include <vector>

#include "frame/column.h"

namespace clairscore {

class TextTable {
 public:
  TextTable();

  /// The code of a string, a new one when it was not there.
  std::uint32_t insert(std::string_view text);

  const Dictionary& strings() const { return strings_; }
  /// Takes the dictionary; the table is empty afterwards.
  Dictionary take();

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t code_plus_one = 0;  // 0: free
  };
  void grow();

  std::vector<Slot> slots_;
  Dictionary strings_;
  std::uint32_t last_ = 0;  // the code given last: cells repeat
};

}  // namespace clairscore
