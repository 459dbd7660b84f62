#pragma once

// Random numbers that are the same on every machine. One object, one thread.

#include <bit>
#include <cstdint>

namespace clairscore::synth {

/// xoshiro256++ of D. Blackman and S. Vigna ("Scrambled Linear Pseudorandom Number Generators",
/// ACM TOMS 47(4), 2021), its state filled by SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA
/// 2014), as its authors advise. Streams of one seed start from unrelated states.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) {
    std::uint64_t mix = split_mix(seed) ^ (stream * 0xD1342543DE82EF95U);
    for (auto& word : state_) word = split_mix(mix);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// A multiple of 2^-53 in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// A whole number in [0, count), count < 2^32. The bias of count / 2^32 does not matter here.
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((next() >> 32) * count) >> 32);
  }

  bool chance(double probability) { return uniform() < probability; }

 private:
  /// Advances the state and returns its next output.
  static std::uint64_t split_mix(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  std::uint64_t state_[4];
};

}  // namespace clairscore::synth
