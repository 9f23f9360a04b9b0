// The dialogue about one story: a writer is asked until its story is long enough, a judge until scores can be read from its words.
// A state machine without any asking in it: the coroutines of Creative Writing and Judgemark and the golden vectors drive the same.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/story_judgement.h"
#include "benchmark/story_score.h"

namespace assay::story {

struct Protocol {
  std::string program = "2.4";     // the release of the original program that is reproduced
  double writer_temperature = 0.7;
  double writer_limit = 1.0;       // no warmer than this
  std::optional<double> min_p;     // of the writer
  double judge_temperature = 0.01;
  int max_tokens = 3000;           // of both
  bool remove_marks = true;        // '*', '[' and ']' are deleted before parsing (since 2.4)
  Negatives negatives = Negatives::v2_4;
};
/// `engine`: the original's name of what runs the writer; transformers and ooba sample at 1.0 with min_p 0.1. `usage` errors for
/// an unknown engine or program (2.4, 2.3).
Result<Protocol> make_protocol(std::string_view program, std::string_view engine);

enum class Side { writer, judge };

/// One request and what came of it.
struct Ask {
  Side side = Side::writer;
  int round = 1;
  double temperature = 0;
  bool has_text = false;
  std::string text;                              // stripped
  Scores scores;                                 // a judge's
  std::vector<std::pair<std::size_t, std::size_t>> spans;  // of the scores in `text`
  std::string stored;                            // a judge's: what the original keeps of the text
  bool used = false;                             // the story that was judged, the judgement that counts
  std::string why;                               // why it was not
};

class Rounds {
 public:
  static constexpr std::size_t kShortest = 300;   // code points a story needs
  static constexpr std::size_t kHeldShortest = 400;  // a story from a file needs more than so many
  static constexpr int kRounds = 4, kStoryTries = 4, kJudgeTries = 3;

  /// `given`: a story that is there already and is only judged. `protocol` outlives this object.
  explicit Rounds(const Protocol& protocol, std::optional<std::string> given = std::nullopt);

  bool done() const { return end_ != End::none; }
  Side next() const { return side_; }
  /// Of the next request, as the floating-point sums the original makes.
  double temperature() const { return side_ == Side::writer ? writer_temperature_ : judge_temperature_; }
  /// The answer to the request, or nullopt when none came. A blank answer is asked for again as one that did not come is, but a judge
  /// that ends a round with it is asked warmer in the next.
  const Ask& give(std::optional<std::string_view> text);

  /// The story to judge, or that was judged.
  const std::string& story() const { return story_; }
  const std::vector<Ask>& all() const { return all_; }
  bool judged() const { return end_ == End::judged; }
  /// No story was long enough: the item is given up at once.
  bool no_story() const { return end_ == End::no_story; }
  /// The ask with the scores that count. Null unless judged().
  const Ask* judgement() const { return judged() ? &all_.back() : nullptr; }

 private:
  enum class End { none, judged, no_story, no_judgement };
  void begin_round();
  void end_round();

  const Protocol& protocol_;
  std::optional<std::string> given_;
  std::string story_;
  std::optional<std::size_t> story_ask_;
  Side side_ = Side::writer;
  int round_ = 1, tries_ = 0;
  double writer_temperature_ = 0, judge_temperature_ = 0;
  End end_ = End::none;
  std::vector<Ask> all_;
};

}  // namespace assay::story
