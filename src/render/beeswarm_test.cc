#include "render/beeswarm.h"

#include <cairo.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>

#include "render/swarm.h"

namespace clairscore {
namespace {

using namespace render;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The pixels of a PNG, read back by cairo.
class Picture {
 public:
  explicit Picture(ByteSpan png) : rest_(png) {
    const auto read = [](void* closure, unsigned char* data, unsigned size) {
      auto& rest = *static_cast<ByteSpan*>(closure);
      if (rest.size() < size) return CAIRO_STATUS_READ_ERROR;
      std::memcpy(data, rest.data(), size);
      rest = rest.subspan(size);
      return CAIRO_STATUS_SUCCESS;
    };
    surface_.reset(cairo_image_surface_create_from_png_stream(read, &rest_));
    EXPECT_EQ(cairo_surface_status(surface_.get()), CAIRO_STATUS_SUCCESS);
    EXPECT_TRUE(rest_.empty());
  }

  int width() const { return cairo_image_surface_get_width(surface_.get()); }
  int height() const { return cairo_image_surface_get_height(surface_.get()); }
  Colour at(int x, int y) const {
    const unsigned char* pixel =
        cairo_image_surface_get_data(surface_.get()) +
        std::ptrdiff_t{y} * cairo_image_surface_get_stride(surface_.get()) + std::ptrdiff_t{4} * x;
    return {pixel[2], pixel[1], pixel[0]};
  }
  /// Pixels in columns [from, to) near a colour.
  int count(Colour colour, int from, int to, int distance = 24) const {
    int found = 0;
    for (int y = 0; y < height(); ++y) {
      for (int x = from; x < to; ++x) {
        const Colour seen = at(x, y);
        const int apart = std::abs(seen.red - colour.red) + std::abs(seen.green - colour.green) +
                          std::abs(seen.blue - colour.blue);
        found += apart < distance ? 1 : 0;
      }
    }
    return found;
  }

 private:
  struct Delete {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };
  ByteSpan rest_;
  std::unique_ptr<cairo_surface_t, Delete> surface_;
};

Bytes rendered(const BeeswarmInput& input) {
  Result<Bytes> png = render_beeswarm(input);
  EXPECT_TRUE(png) << to_string(png.error());
  return png ? *png : Bytes{};
}

/// High values to the right, low ones to the left, some missing in the middle.
BeeswarmInput example() {
  BeeswarmInput input;
  for (const char* name : {"EXT_SOURCE_3", "DAYS_EMPLOYED"}) {
    BeeswarmFeature feature{name, {}, {}};
    for (int i = 0; i < 400; ++i) {
      const double value = (i - 200) / 100.0;
      feature.contributions.push_back(value);
      feature.values.push_back(i % 10 == 0 && std::fabs(value) < 0.3 ? kNan : value);
    }
    input.features.push_back(std::move(feature));
  }
  return input;
}

// The swarms lie between the names and the legend; the middle of that is right of the picture's.
constexpr int kLegendPixels = 2 * (84 + 14);

TEST(Beeswarm, IsAPngOfTheSizeItSays) {
  const Bytes png = rendered(example());
  EXPECT_EQ(as_text(png).substr(0, 8), "\x89PNG\r\n\x1a\n");
  const Picture picture(png);
  EXPECT_EQ(picture.width(), beeswarm_size(2).width);
  EXPECT_EQ(picture.height(), beeswarm_size(2).height);
  EXPECT_EQ(picture.at(0, 0), (Colour{255, 255, 255}));
}

TEST(Beeswarm, HasTheSameBytesEachTime) {
  EXPECT_TRUE(rendered(example()) == rendered(example()));
}

TEST(Beeswarm, ColoursLieWhereTheContributionsAre) {
  const Picture picture(rendered(example()));
  const int right = picture.width() - kLegendPixels;
  const int left = 2 * 150;
  const int third = (right - left) / 3;
  EXPECT_GT(picture.count(value_colour(0), left, left + third), 200);
  EXPECT_EQ(picture.count(value_colour(1), left, left + third), 0);
  EXPECT_GT(picture.count(value_colour(1), right - third, right), 200);
  EXPECT_EQ(picture.count(value_colour(0), right - third, right), 0);
  EXPECT_GT(picture.count(kMissingColour, left + third, right - third), 20);
}

TEST(Beeswarm, TheLegendNamesMissingValuesOnlyWhereThereAreSome) {
  BeeswarmInput input = example();
  const int from = 2 * 960 - kLegendPixels;
  EXPECT_GT(Picture(rendered(input)).count(kMissingColour, from, 2 * 960, 3), 20);
  for (BeeswarmFeature& feature : input.features) {
    for (double& value : feature.values) value = std::isnan(value) ? 0 : value;
  }
  const Picture without(rendered(input));
  const Picture with(rendered(example()));
  EXPECT_LT(without.count(kMissingColour, from, 2 * 960, 3),
            with.count(kMissingColour, from, 2 * 960, 3));
}

TEST(Beeswarm, DegenerateInputIsDrawn) {
  const double most = std::numeric_limits<double>::max();
  const std::vector<std::vector<double>> contributions{
      {0.3}, {0, 0, 0}, {kNan, kNan}, {kNan, 1}, {most, -most}, {1e-310, 0}, {5e300, 1}};
  for (const std::vector<double>& values : contributions) {
    const Picture picture(rendered({{{"a", values, values}, {"b", values, {}}}}));
    EXPECT_EQ(picture.height(), beeswarm_size(2).height);
  }
}

TEST(Beeswarm, AllZeroIsOneStackAtZero) {
  const std::vector<double> zeros(50, 0.0);
  const Picture picture(rendered({{{"a", zeros, {}}}}));
  // The neutral colour: in the middle of the plot, and nowhere left or right of it.
  const int right = picture.width() - kLegendPixels;
  const int left = 2 * 60;
  const int middle = (left + right) / 2;
  EXPECT_GT(picture.count(kNeutralColour, middle - 80, middle + 80, 60), 50);
  EXPECT_EQ(picture.count(kNeutralColour, right - 200, right, 10), 0);
}

TEST(Beeswarm, AnyNameIsDrawn) {
  const std::vector<double> values{1, 2};
  const std::string invalid = "\xFF\xFE\x01 broken";
  const std::string endless(100000, 'x');
  const Bytes png =
      rendered({{{invalid, values, values}, {endless, values, values}, {"", values, values}}});
  EXPECT_EQ(Picture(png).width(), beeswarm_size(3).width);
}

TEST(Beeswarm, WhatCannotBeDrawnIsRefused) {
  const std::vector<double> two{1, 2};
  const std::vector<double> three{1, 2, 3};
  const BeeswarmInput refused[] = {
      {},
      {{{"a", {}, {}}}},
      {{{"a", two, {}}, {"b", three, {}}}},
      {{{"a", two, three}}},
      {std::vector<BeeswarmFeature>(101, {"a", two, two})},
  };
  for (const BeeswarmInput& input : refused) {
    const Result<Bytes> png = render_beeswarm(input);
    ASSERT_FALSE(png);
    EXPECT_EQ(png.error().code, ErrorCode::kInput);
  }
}

TEST(BeeswarmInput, PicksTheMostImportantAndSumsTheRest) {
  const std::vector<std::string> names{"a", "b", "c", "d"};
  const std::vector<double> contributions{1, -5, 0.5,  2,  //
                                          1, 5,  -0.5, -3};
  const std::vector<double> values{10, 11, 12, 13, 20, 21, 22, 23};
  const BeeswarmInput input = beeswarm_input(names, contributions, values, 2);
  ASSERT_EQ(input.features.size(), 3U);
  EXPECT_EQ(input.features[0].name, "b");
  EXPECT_EQ(input.features[0].contributions, (std::vector<double>{-5, 5}));
  EXPECT_EQ(input.features[0].values, (std::vector<double>{11, 21}));
  EXPECT_EQ(input.features[1].name, "d");
  EXPECT_EQ(input.features[2].name, "Les 2 autres variables");
  EXPECT_EQ(input.features[2].contributions, (std::vector<double>{1.5, 0.5}));
  EXPECT_TRUE(input.features[2].values.empty());
}

TEST(BeeswarmInput, TakesAllWhereFewAreLeft) {
  const std::vector<std::string> names{"a", "b", "c"};
  const std::vector<double> contributions{1, 2, 2};
  for (const std::size_t most : {2U, 3U, 20U}) {
    const BeeswarmInput input = beeswarm_input(names, contributions, {}, most);
    ASSERT_EQ(input.features.size(), 3U) << most;
    EXPECT_EQ(input.features[0].name, "b");  // ties in the order given
    EXPECT_EQ(input.features[1].name, "c");
    EXPECT_TRUE(input.features[0].values.empty());
  }
  EXPECT_TRUE(beeswarm_input({}, {}, {}).features.empty());
}

TEST(BeeswarmInput, NanDoesNotHideAFeature) {
  const std::vector<std::string> names{"a", "b"};
  const std::vector<double> contributions{kNan, 1, 9, 1};
  EXPECT_EQ(beeswarm_input(names, contributions, {}, 20).features[0].name, "a");
}

TEST(Beeswarm, IsTheSamePictureInEveryLanguageButForItsWords) {
  BeeswarmInput french = example();
  BeeswarmInput english = example();
  french.labels = BeeswarmLabels::french();
  english.labels = BeeswarmLabels::english();
  const Picture left(rendered(french));
  const Picture right(rendered(english));
  ASSERT_EQ(left.width(), right.width());
  ASSERT_EQ(left.height(), right.height());
  const int axis = left.height() - 2 * 58;
  const int legend = left.width() - kLegendPixels;
  int swarm = 0;
  int words = 0;
  for (int y = 0; y < left.height(); ++y) {
    for (int x = 0; x < left.width(); ++x) {
      if (left.at(x, y) == right.at(x, y)) continue;
      ++(y < axis && x < legend ? swarm : words);
    }
  }
  EXPECT_EQ(swarm, 0);
  EXPECT_GT(words, 1000);
}

TEST(Beeswarm, TheLineOfTheOthersSpeaksTheLanguage) {
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  const std::vector<double> contributions = {4, 3, 2, 1};
  const auto last = [&](BeeswarmLabels labels) {
    return beeswarm_input(names, contributions, {}, 2, std::move(labels)).features.back().name;
  };
  EXPECT_EQ(last(BeeswarmLabels::french()), "Les 2 autres variables");
  EXPECT_EQ(last(BeeswarmLabels::english()), "The other 2 features");
}

}  // namespace
}  // namespace clairscore
