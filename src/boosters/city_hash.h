#pragma once

// CityHash64 as its first version (1.0) defines it, which CatBoost keeps for the names of
// categories: later versions give other numbers. Written from the description that its authors, G.
// Pike and J. Alakuijala, published with it (github.com/google/cityhash, 2011): which words of the
// text are multiplied, turned and added in which order. Only for telling names apart, never where
// somebody who chooses the text must not choose the hash.

#include <cstdint>
#include <string_view>

namespace clairscore {

std::uint64_t city_hash(std::string_view text);

}  // namespace clairscore
