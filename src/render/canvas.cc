#include "render/canvas.h"

#include <cairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
// Fontconfig keeps the pattern of a font for the life of the program behind pointers that it stores
// as offsets: the leak checker takes it, once for any number of pictures, for lost.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig\n";
}
#endif

namespace clairscore::render {
namespace {

constexpr const char* kFont = "DejaVu Sans";
// Dots sit at multiples of a quarter of a pixel: finer cannot be seen.
constexpr int kSubpixels = 4;

struct SurfaceDelete {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextDelete {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

/// How much of each pixel a disc covers, of 256, for each place of its centre within a pixel.
class DiscMasks {
 public:
  DiscMasks(double radius, double opacity) : reach_(static_cast<int>(std::ceil(radius + 0.5))) {
    const int side = 2 * reach_ + 1;
    for (int sy = 0; sy < kSubpixels; ++sy) {
      for (int sx = 0; sx < kSubpixels; ++sx) {
        const double cx = (sx + 0.5) / kSubpixels;
        const double cy = (sy + 0.5) / kSubpixels;
        for (int y = 0; y < side; ++y) {
          for (int x = 0; x < side; ++x) {
            const double distance = std::hypot(x - reach_ + 0.5 - cx, y - reach_ + 0.5 - cy);
            const double covered = std::clamp(radius + 0.5 - distance, 0.0, 1.0);
            cover_.push_back(static_cast<std::uint16_t>(std::lround(256 * covered * opacity)));
          }
        }
      }
    }
  }

  int reach() const { return reach_; }
  /// Row-major, (2 reach + 1)².
  const std::uint16_t* mask(int sx, int sy) const {
    const std::ptrdiff_t side = 2 * reach_ + 1;
    return cover_.data() + (std::ptrdiff_t{sy} * kSubpixels + sx) * side * side;
  }

 private:
  int reach_;
  std::vector<std::uint16_t> cover_;
};

std::uint32_t blend(std::uint32_t below, Colour over, std::uint32_t cover) {
  const auto channel = [&](std::uint32_t from, std::uint32_t to) {
    return (from * (256 - cover) + to * cover) >> 8;
  };
  return channel((below >> 16) & 0xFF, over.red) << 16 |
         channel((below >> 8) & 0xFF, over.green) << 8 | channel(below & 0xFF, over.blue);
}

}  // namespace

struct Canvas::Handles {
  std::unique_ptr<cairo_surface_t, SurfaceDelete> surface;
  std::unique_ptr<cairo_t, ContextDelete> context;
};

Canvas::Canvas(std::unique_ptr<Handles> handles, double scale)
    : handles_(std::move(handles)), scale_(scale) {}
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas::~Canvas() = default;

Result<Canvas> Canvas::create(int width, int height, double scale) {
  auto handles = std::make_unique<Handles>();
  handles->surface.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  handles->context.reset(cairo_create(handles->surface.get()));
  cairo_t* context = handles->context.get();
  cairo_set_source_rgb(context, 1, 1, 1);
  cairo_paint(context);
  cairo_scale(context, scale, scale);
  cairo_select_font_face(context, kFont, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  if (const cairo_status_t status = cairo_status(context); status != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::kInternal, std::string("cairo: ") + cairo_status_to_string(status));
  }
  return Canvas(std::move(handles), scale);
}

void Canvas::set(Colour colour) {
  cairo_set_source_rgb(handles_->context.get(), colour.red / 255.0, colour.green / 255.0,
                       colour.blue / 255.0);
}

void Canvas::font(double size) {
  cairo_set_font_size(handles_->context.get(), size);
}

void Canvas::line(double x0, double y0, double x1, double y1, double width, Colour colour) {
  cairo_t* context = handles_->context.get();
  set(colour);
  cairo_set_line_width(context, width);
  cairo_move_to(context, x0, y0);
  cairo_line_to(context, x1, y1);
  cairo_stroke(context);
}

void Canvas::dotted_line(double x0, double y0, double x1, double y1, double width, Colour colour) {
  cairo_t* context = handles_->context.get();
  constexpr std::array<double, 2> dashes{1, 4};
  cairo_set_dash(context, dashes.data(), static_cast<int>(dashes.size()), 0);
  line(x0, y0, x1, y1, width, colour);
  cairo_set_dash(context, nullptr, 0, 0);
}

void Canvas::rectangle(double x, double y, double width, double height, Colour colour) {
  cairo_t* context = handles_->context.get();
  set(colour);
  cairo_rectangle(context, x, y, width, height);
  cairo_fill(context);
}

double Canvas::text_width(const std::string& text, double size) {
  font(size);
  cairo_text_extents_t extents;
  cairo_text_extents(handles_->context.get(), text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(double x, double y, const std::string& text, double size, Align align,
                  Colour colour) {
  if (align != Align::kLeft) x -= text_width(text, size) * (align == Align::kCentre ? 0.5 : 1);
  font(size);
  set(colour);
  // Capitals of this font are 0.73 of its size high.
  cairo_move_to(handles_->context.get(), x, y + 0.365 * size);
  cairo_show_text(handles_->context.get(), text.c_str());
}

void Canvas::text_upwards(double x, double y, const std::string& text, double size, Colour colour) {
  cairo_t* context = handles_->context.get();
  cairo_save(context);
  cairo_translate(context, x, y);
  cairo_rotate(context, -1.5707963267948966);
  this->text(0, 0, text, size, Align::kCentre, colour);
  cairo_restore(context);
}

void Canvas::dots(std::span<const Dot> dots, double radius, double opacity) {
  cairo_surface_t* surface = handles_->surface.get();
  cairo_surface_flush(surface);
  const int width = cairo_image_surface_get_width(surface);
  const int height = cairo_image_surface_get_height(surface);
  const int stride = cairo_image_surface_get_stride(surface) / 4;
  auto* pixels = reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(surface));
  const DiscMasks masks(radius * scale_, opacity);
  const int reach = masks.reach();
  for (const Dot& dot : dots) {
    const double px = dot.x * scale_;
    const double py = dot.y * scale_;
    const bool inside = px > -reach && px < width + reach && py > -reach && py < height + reach;
    if (!inside) continue;
    const int cx = static_cast<int>(std::floor(px));
    const int cy = static_cast<int>(std::floor(py));
    const std::uint16_t* mask = masks.mask(static_cast<int>((px - cx) * kSubpixels),
                                           static_cast<int>((py - cy) * kSubpixels));
    const int side = 2 * reach + 1;
    for (int y = std::max(0, reach - cy); y < side && cy - reach + y < height; ++y) {
      std::uint32_t* row = pixels + static_cast<std::ptrdiff_t>(cy - reach + y) * stride;
      for (int x = std::max(0, reach - cx); x < side && cx - reach + x < width; ++x) {
        const std::uint32_t cover = mask[y * side + x];
        std::uint32_t& pixel = row[cx - reach + x];
        if (cover > 0) pixel = blend(pixel, dot.colour, cover);
      }
    }
  }
  cairo_surface_mark_dirty(surface);
}

Result<Bytes> Canvas::png() {
  const cairo_status_t drawn = cairo_status(handles_->context.get());
  if (drawn != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::kInternal, std::string("cairo: ") + cairo_status_to_string(drawn));
  }
  Bytes bytes;
  const auto append = [](void* closure, const unsigned char* data, unsigned size) {
    const auto piece = std::as_bytes(std::span<const unsigned char>(data, size));
    auto& out = *static_cast<Bytes*>(closure);
    out.insert(out.end(), piece.begin(), piece.end());
    return CAIRO_STATUS_SUCCESS;
  };
  const cairo_status_t written =
      cairo_surface_write_to_png_stream(handles_->surface.get(), append, &bytes);
  if (written != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::kInternal, std::string("cairo: ") + cairo_status_to_string(written));
  }
  return bytes;
}

}  // namespace clairscore::render
