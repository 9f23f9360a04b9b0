#include "run/label_placement.h"

#include <array>

#include "base/text.h"

namespace assay::chart {
namespace {

constexpr std::array<double, 4> kWidths{540, 660, 840, 1140};  // of the chart on the page; where it is narrower, the page shows no names
constexpr double kAscent = 9, kDescent = 3, kPoint = 5.5;

struct Box {
  double left, right, top, bottom;
  bool meets(const Box& other) const { return left < other.right && other.left < right && top < other.bottom && other.top < bottom; }
};

struct Candidate {
  double dx, dy;
  std::string_view anchor;
  bool leader;
};
// Right and left of the point first, then above and below, then the corners, then further away with a line.
constexpr Candidate kCandidates[] = {
    {8, 4, "start", false},    {-8, 4, "end", false},     {0, -9, "middle", false},  {0, 18, "middle", false},  {7, -6, "start", false},
    {-7, -6, "end", false},    {7, 14, "start", false},   {-7, 14, "end", false},    {16, -16, "start", true},  {-16, -16, "end", true},
    {16, 25, "start", true},   {-16, 25, "end", true},    {26, 4, "start", true},    {-26, 4, "end", true},     {24, -30, "start", true},
    {-24, -30, "end", true},   {24, 39, "start", true},   {-24, 39, "end", true},    {0, -34, "middle", true},  {0, 44, "middle", true},
    {34, -46, "start", true},  {-34, -46, "end", true},   {34, 54, "start", true},   {-34, 54, "end", true},    {52, -14, "start", true},
    {-52, -14, "end", true},   {52, 22, "start", true},   {-52, 22, "end", true}};

/// Where the line to a far name runs, at a few places between both.
constexpr std::array<double, 4> kAlong{0.35, 0.55, 0.75, 0.95};

Box box_of(const LabelWish& wish, const Candidate& candidate, double width) {
  const double x = wish.at.percent * width / 100 + candidate.dx, y = wish.at.y + candidate.dy;
  const double left = candidate.anchor == "start" ? x : candidate.anchor == "end" ? x - wish.width : x - wish.width / 2;
  return {left, left + wish.width, y - kAscent, y + kDescent};
}

}  // namespace

std::vector<PlacedLabel> place_labels(std::span<const LabelWish> wishes, std::span<const PointPlace> points, const LabelField& field) {
  std::vector<PlacedLabel> out(wishes.size());
  std::vector<std::array<Box, kWidths.size()>> taken;
  struct Stroke {
    PointPlace from;
    double dx, dy;
  };
  std::vector<Stroke> strokes;
  auto crosses = [](const Box& box, const Stroke& stroke, double width) {
    for (double t : kAlong) {
      const double x = stroke.from.percent * width / 100 + stroke.dx * t, y = stroke.from.y + (stroke.dy - 3) * t;
      if (x > box.left && x < box.right && y > box.top && y < box.bottom) return true;
    }
    return false;
  };
  auto free_at = [&](const std::array<Box, kWidths.size()>& boxes) {
    for (std::size_t w = 0; w < kWidths.size(); ++w) {
      const Box& box = boxes[w];
      if (box.left < field.left * kWidths[w] / 100 || box.right > field.right * kWidths[w] / 100) return false;
      if (box.top < field.top || box.bottom > field.bottom) return false;
      for (const auto& other : taken)
        if (box.meets(other[w])) return false;
      for (const Stroke& stroke : strokes)
        if (crosses(box, stroke, kWidths[w])) return false;
      for (const PointPlace& point : points) {
        const double x = point.percent * kWidths[w] / 100;
        if (box.meets({x - kPoint, x + kPoint, point.y - kPoint, point.y + kPoint})) return false;
      }
    }
    return true;
  };
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    for (const Candidate& candidate : kCandidates) {
      std::array<Box, kWidths.size()> boxes;
      for (std::size_t w = 0; w < kWidths.size(); ++w) boxes[w] = box_of(wishes[i], candidate, kWidths[w]);
      if (!free_at(boxes)) continue;
      if (candidate.leader) {
        const Stroke stroke{wishes[i].at, candidate.dx, candidate.dy};
        bool crossed = false;
        for (const auto& other : taken)
          for (std::size_t w = 0; w < kWidths.size() && !crossed; ++w) crossed = crosses(other[w], stroke, kWidths[w]);
        if (crossed) continue;
        strokes.push_back(stroke);
      }
      taken.push_back(boxes);
      out[i] = {true, candidate.dx, candidate.dy, candidate.anchor, candidate.leader};
      break;
    }
  }
  return out;
}

double text_width(std::string_view text) {
  return 6.2 * static_cast<double>(display_width(text)) + 2;
}

}  // namespace assay::chart
