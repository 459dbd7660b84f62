#pragma once

// A picture to draw on, over cairo: the only place that includes it. Coordinates are in points from
// the top left; a point is `scale` pixels. Opaque white to begin with. One canvas, one thread.

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "render/swarm.h"

namespace clairscore::render {

struct Dot {
  float x = 0;
  float y = 0;
  Colour colour;
};

enum class Align { kLeft, kCentre, kRight };

class Canvas {
 public:
  /// Pixels, each up to 32767; scale > 0. kInternal when cairo refuses.
  static Result<Canvas> create(int width, int height, double scale);
  Canvas(Canvas&&) noexcept;
  ~Canvas();

  void line(double x0, double y0, double x1, double y1, double width, Colour colour);
  void dotted_line(double x0, double y0, double x1, double y1, double width, Colour colour);
  void rectangle(double x, double y, double width, double height, Colour colour);
  /// y is the middle of the letters' height.
  void text(double x, double y, const std::string& text, double size, Align align, Colour colour);
  /// The same, read upwards, centred on (x, y).
  void text_upwards(double x, double y, const std::string& text, double size, Colour colour);
  double text_width(const std::string& text, double size);

  /// Discs with soft edges, each over those before it. Written straight to the pixels: a million
  /// take a tenth of a second. Dots outside are cut off.
  void dots(std::span<const Dot> dots, double radius, double opacity);

  Result<Bytes> png();

 private:
  struct Handles;
  Canvas(std::unique_ptr<Handles> handles, double scale);
  void set(Colour colour);
  void font(double size);

  std::unique_ptr<Handles> handles_;
  double scale_;
};

}  // namespace clairscore::render
