// Where the names of points go, so that none lies on another or on a point. Greedy and deterministic: earlier wishes choose first.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace assay::chart {

struct PointPlace {
  double percent = 0, y = 0;  // across in percent of the chart's width, down in pixels
};
struct LabelWish {
  PointPlace at;
  double width = 0;  // of the text in pixels
};
struct LabelField {
  double left = 0, right = 100;  // percent
  double top = 0, bottom = 0;    // pixels
};
struct PlacedLabel {
  bool shown = false;
  double dx = 0, dy = 0;  // pixels from the point to the text's anchor on its base line
  std::string_view anchor = "start";
  bool leader = false;  // so far away that a line should join them
};

/// A name is placed only where it is free at every width that the page may give the chart, since percentages move and pixels do not.
std::vector<PlacedLabel> place_labels(std::span<const LabelWish> wishes, std::span<const PointPlace> points, const LabelField& field);
/// What 11-pixel text of the page's font needs, a little more rather than less.
double text_width(std::string_view text);

}  // namespace assay::chart
