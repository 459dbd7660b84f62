#include "base/error.h"

namespace clairscore {

namespace {

void append_part(std::string& line, const std::string& part) {
  if (part.empty()) return;
  if (!line.empty()) line += ", ";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    line += (byte < 0x20 || byte == 0x7f) ? '?' : c;
  }
}

}  // namespace

std::string to_string(const Error& error) {
  std::string line;
  append_part(line, error.what);
  append_part(line, error.where);
  append_part(line, error.accepted);
  return line;
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return 1;
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kInput:
    case ErrorCode::kUnsupported:
    case ErrorCode::kLimit:
    case ErrorCode::kNotFound:
      return 3;
    case ErrorCode::kNetwork:
      return 4;
  }
  return 1;
}

}  // namespace clairscore
