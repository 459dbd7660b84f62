#pragma once

// The steps of a pickled model and their settings, for people to read. Works on any class, known
// or not; follows only the attributes that hold steps, and stops at limits of its own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pickle/value.h"

namespace clairscore {

struct ObjectTree {
  std::string name;        // of the step; empty for the root
  std::string class_name;  // "sklearn.pipeline.Pipeline", or what it is instead of an object
  std::uint64_t offset = 0;
  bool supported = false;  // a class that is read
  /// Constructor parameters, in the file's order, as Python writes them ("drop", "'if_binary'").
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<ObjectTree> children;
};

ObjectTree describe_object(const pickle::Value& root);

}  // namespace clairscore
