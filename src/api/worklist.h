#pragma once

// Which applicants a list holds and in which order: the query of /api/v1/customers, read and
// answered.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/routes.h"
#include "http/message.h"
#include "service/assets.h"

namespace clairscore::api {

struct Worklist {
  enum class Advice { kAny, kFavourable, kUnfavourable, kReview };
  enum class Order { kFile, kBorderline, kLowest, kHighest };

  /// One condition on an input of the model.
  struct Filter {
    std::size_t input = 0;
    bool missing = false;
    std::optional<std::uint32_t> code;  // a text, as the column holds it; nothing: no such text
    double low = 0;                     // a number from low to high, both included
    double high = 0;
  };

  std::string prefix;
  Advice advice = Advice::kAny;
  // Whole points, as they are shown.
  std::optional<double> min_points;
  std::optional<double> max_points;
  std::optional<double> max_distance;  // to the threshold, either way
  std::vector<Filter> filters;
  Order order = Order::kFile;
};

/// Reads the query; or what is wrong with it, for a 422.
std::variant<Worklist, std::vector<Invalid>> read_worklist(const http::Request& request,
                                                           const Assets& assets);

/// The rows of the list, in its order.
std::vector<std::uint32_t> rows_of(const Worklist& list, const Assets& assets);

/// The parameters that read_worklist() understands.
std::vector<Parameter> worklist_parameters();

}  // namespace clairscore::api
