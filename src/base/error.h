#pragma once

// How this program says no.
//
// Untrusted input never throws: a function that reads it returns Result<T>, whose Error is a closed
// code, what is wrong, where (file, row and column, or byte offset), and what would be accepted.
// Exceptions are left for the impossible and for start-up, and are caught in main and in the HTTP
// handler wrapper only. Values of these types may be used from any thread, one thread at a time.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace clairscore {

enum class ErrorCode {
  kInternal,     // a bug or a failed system call of ours (a port in use counts here): exit 1
  kUsage,        // the command line or a setting: exit 2
  kInput,        // input refused: malformed, hostile, or not what the model needs: exit 3
  kUnsupported,  // well-formed input of a kind this program does not read: exit 3
  kLimit,        // input over one of the limits: exit 3
  kNotFound,     // a file, column or customer that is not there: exit 3
  kNetwork,      // the Hub or the network: exit 4
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string what;      // what is wrong, without a full stop
  std::string where;     // "file:row:column", "model.pkl, byte 1042", or empty
  std::string accepted;  // what would be accepted, or empty
};

template <typename T>
using Result = tl::expected<T, Error>;

/// An Error as a Result's unexpected value: `return fail(ErrorCode::kInput, "what", "where");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what,
                                                std::string where = {}, std::string accepted = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(where), std::move(accepted)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

/// One line: what, where, what would be accepted; the parts that are empty are left out. Control
/// characters that came from the input are replaced, so that the line stays one line.
std::string to_string(const Error& error);

/// The process exit code of an error: 1, 2, 3 or 4 as listed at ErrorCode.
int exit_code(ErrorCode code);

}  // namespace clairscore

#define CLAIRSCORE_CONCAT_INNER(a, b) a##b
#define CLAIRSCORE_CONCAT(a, b) CLAIRSCORE_CONCAT_INNER(a, b)

/// RETURN_IF_ERROR(expr): returns the Error of a Result from the enclosing function.
#define RETURN_IF_ERROR(expr)                                                                \
  do {                                                                                       \
    auto&& clairscore_result = (expr);                                                       \
    if (!clairscore_result) return ::clairscore::fail(std::move(clairscore_result.error())); \
  } while (false)

/// ASSIGN_OR_RETURN(auto x, expr): x is the value of a Result, or its Error is returned.
#define ASSIGN_OR_RETURN(declaration, expr) \
  ASSIGN_OR_RETURN_INNER(CLAIRSCORE_CONCAT(clairscore_result_, __LINE__), declaration, expr)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expr)            \
  auto result = (expr);                                              \
  if (!result) return ::clairscore::fail(std::move(result.error())); \
  declaration = std::move(*result)
