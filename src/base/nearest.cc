#include "base/nearest.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace clairscore {

namespace {

/// Longer names are not compared: the work grows with the square of the length.
constexpr std::size_t kLongestName = 200;

/// Twice the edit distance, a change of case counting one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = 2 * j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = 2 * i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto x = static_cast<unsigned char>(a[i - 1]);
      const auto y = static_cast<unsigned char>(b[j - 1]);
      std::size_t replace = 2;
      if (x == y) {
        replace = 0;
      } else if (std::tolower(x) == std::tolower(y)) {
        replace = 1;
      }
      const std::size_t best = std::min({row[j] + 2, row[j - 1] + 2, diagonal + replace});
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view written,
                                        std::span<const std::string> names) {
  if (written.size() > kLongestName) return std::nullopt;
  const std::string* best = nullptr;
  // A third of the letters, and always one, may be wrong.
  std::size_t bound = std::max<std::size_t>(written.size() / 3, 1) * 2 + 1;
  for (const std::string& name : names) {
    if (name.size() > kLongestName) continue;
    const std::size_t found = distance(written, name);
    if (found < bound) {
      bound = found;
      best = &name;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

std::vector<std::string> nearest_names(std::string_view written, std::span<const std::string> names,
                                       std::size_t count) {
  written = written.substr(0, kLongestName);
  std::vector<std::pair<std::size_t, std::size_t>> order;  // distance, place
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].size() <= kLongestName) order.emplace_back(distance(written, names[i]), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) {
    nearest.push_back(names[order[i].second]);
  }
  return nearest;
}

std::string suggestion(std::string_view written, std::span<const std::string> names) {
  const auto name = nearest_name(written, names);
  return name ? " (nearest: " + *name + ")" : "";
}

std::string list_of_names(std::span<const std::string> names) {
  constexpr std::size_t kShown = 8;
  std::string list;
  const std::size_t shown = names.size() > kShown + 1 ? kShown : names.size();
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) list += i + 1 == names.size() ? " and " : ", ";
    list += names[i];
  }
  if (shown < names.size()) list += " and " + std::to_string(names.size() - shown) + " more";
  return list;
}

}  // namespace clairscore
