#pragma once

// What the routes may use beside the snapshot: who may call what, what is counted, and what callers
// may make the running server do. Functions may be called from any thread and return soon.

#include <functional>
#include <string>

#include "api/access.h"
#include "base/error.h"
#include "http/server.h"

namespace clairscore::api {

class Telemetry;

struct Actions {
  Access access;
  Telemetry* telemetry = nullptr;               // null: nothing is counted
  std::function<http::ServerFigures()> server;  // what the server holds now; may be empty
  std::string webhook_secret;                   // empty: the webhook is a 404
  /// Newer assets may be there: look now.
  std::function<void()> look_for_updates;
  /// Serve the previous good commit of a repository ("model" or "data") until told otherwise, or
  /// (`undo`) follow its branch again. Gives the commit, or the branch.
  std::function<Result<std::string>(const std::string& repository, bool undo)> roll_back;
};

}  // namespace clairscore::api
