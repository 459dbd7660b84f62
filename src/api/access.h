#pragma once

// Who may call what: bearer tokens with roles, or a proxy that has checked the caller. Without
// either, everyone who reaches the server may read and score (the settings allow that beyond this
// machine only when told so), and nobody may operate. Immutable once built; safe from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "api/route_table.h"
#include "base/error.h"
#include "http/message.h"

namespace clairscore::api {

class Access {
 public:
  struct Token {
    Role role = Role::kReader;
    std::string secret;
  };

  /// Everyone may read and score.
  Access() = default;
  /// `tokens`: "reader:SECRET,scorer:SECRET,operator:SECRET", any number of each. `proxy_header`:
  /// the lower-case name of a header that a trusted proxy sets to the caller's name and takes from
  /// everyone else; empty: none. Errors kUsage, which name no secret: an unknown role, a secret of
  /// fewer than 16 characters or with other than visible ASCII ones.
  static Result<Access> build(std::string_view tokens, std::string proxy_header);

  /// Whether reading needs a token or the proxy; a token for operators alone restricts only them.
  bool restricts() const;
  bool has_operator() const;
  /// Whether `guard` refuses some callers of what needs this role with 401 or 403, and others not.
  bool restricts(Role needed) const;
  /// Whether a bearer token is a way to be let in.
  bool takes_tokens() const;

  /// The handler, for those who may. Others get 401 without a token or with an unknown one, 403
  /// with one that does not suffice, and 403 where only a proxy could speak for them. A route for
  /// operators that nobody can be is a 404.
  http::Handler guard(Role needed, http::Handler handler) const;

 private:
  struct Caller {
    Role role = Role::kNobody;
    bool presented = false;  // a bearer token, whichever
    bool known = false;      // and it is one of ours
  };

  /// What the caller may do. Every token is compared, in constant time each.
  Caller caller_of(const http::Request& request) const;
  http::Response refusal(const Caller& caller) const;

  std::vector<Token> tokens_;
  std::string proxy_header_;
};

}  // namespace clairscore::api
