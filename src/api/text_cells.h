#pragma once

// A text column, built cell by cell. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "frame/column.h"

namespace clairscore::api {

class TextCells {
 public:
  void reserve(std::size_t rows) { codes_.reserve(rows); }
  std::size_t size() const { return codes_.size(); }

  void add_missing() { codes_.push_back(kMissingCode); }
  void add(std::string_view text) {
    // Neighbouring rows often agree.
    if (last_ == nullptr || last_->first != text) {
      auto found = known_.find(text);
      if (found == known_.end()) {
        found = known_.emplace(text, static_cast<std::uint32_t>(known_.size())).first;
      }
      last_ = &*found;
    }
    codes_.push_back(last_->second);
  }

  Column take(std::string name) && {
    auto dictionary = std::make_shared<Dictionary>(known_.size());
    for (const auto& [text, code] : known_) (*dictionary)[code] = text;
    return Column::of_text(std::move(name), std::move(dictionary), std::move(codes_));
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Known = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

  std::vector<std::uint32_t> codes_;
  Known known_;
  const Known::value_type* last_ = nullptr;  // nodes of the map stay where they are
};

}  // namespace clairscore::api
