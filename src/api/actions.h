#pragma once

// What callers who know a secret may make the running server do. Functions may be called from any
// thread and return soon.

#include <functional>
#include <string>

#include "base/error.h"

namespace clairscore::api {

struct Actions {
  std::string webhook_secret;  // empty: the webhook is a 404
  std::string admin_token;     // empty: what needs it is a 404
  /// Newer assets may be there: look now.
  std::function<void()> look_for_updates;
  /// Serve the previous good commit of a repository ("model" or "data") until told otherwise, or
  /// (`undo`) follow its branch again. Gives the commit, or the branch.
  std::function<Result<std::string>(const std::string& repository, bool undo)> roll_back;
};

}  // namespace clairscore::api
