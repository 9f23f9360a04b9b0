#include "benchmark/mixeval/evaluation.h"

#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/baselines.h"
#include "benchmark/mixeval/judged_file.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/option_order.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/score_file.h"
#include "benchmark/unit_errors.h"

namespace assay::mixeval {
namespace {

constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

/// What the original counts as the answer once a provider has refused to give one; it stops asking after eleven refusals.
constexpr const char* kWithheld = "Response not available due to content restrictions.";

/// A filter of the provider stands before the answer, and would again.
bool withheld(const Result<Response>& response) {
  if (response) return response->finish == Finish::content_filter && response->text.empty();
  if (response.error().kind != ErrorKind::bad_request) return false;
  const std::string words = to_string(response.error());
  return contains(words, "Content Exists Risk") || contains(words, "Output data may contain inappropriate content.");
}

class MixevalEvaluation final : public Evaluation {
 public:
  explicit MixevalEvaluation(Prepared prepared) : p_(std::make_shared<const Prepared>(std::move(prepared))) {}

  std::size_t unit_count() const override { return per_iteration() * static_cast<std::size_t>(p_->iterations); }
  Unit unit(std::size_t ordinal) const override {
    return {sample_id(place(ordinal).split, entry(place(ordinal)).id), static_cast<int>(ordinal / per_iteration()) + 1};
  }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {unit(ordinal).id}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const Place at = place(ordinal);
    const Split split = at.split;
    const Entry& one = entry(at);
    const std::string id = sample_id(split, one.id);
    UnitResult result;
    Answer answer;
    if (const auto& held = side(split).held[at.index]) {
      answer.text = *held;
      answer.held = true;
    } else {
      Request request = model_request(at);
      Result<Response> response = co_await context.ask("model", id, std::move(request));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      if (withheld(response)) {
        response = Response();
        response->text = kWithheld;
        response->finish = Finish::content_filter;
      }
      if (!response) {
        result.samples.push_back(no_answer(split, one, response.error()));
        co_return result;
      }
      answer.text = std::move(response->text);
      answer.reasoning = std::move(response->reasoning);
      answer.finish = response->finish;
    }
    std::vector<Reply> replies;
    std::optional<JudgeOutcome> outcome;
    if (p_->settings.wants_judge(split)) {
      outcome.emplace();
      const std::string role(judge_role(split));
      while (!outcome->accepted && !outcome->blocked && outcome->rounds < kJudgeRounds) {
        Request request = judge_request(split, one, answer.text);
        Result<Response> response = co_await context.ask(role, id, std::move(request));
        if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
        Reply reply;
        if (!response && response.error().kind != ErrorKind::bad_request) {
          // The judge is away, not at a loss: asked again by the next run. The original would draw a verdict in the end.
          SampleResult lost = no_answer(split, one, response.error());
          lost.reason = "the judge: " + lost.reason;
          lost.evidence["answer"] = answer.text;
          result.samples.push_back(std::move(lost));
          co_return result;
        }
        if (response) {
          reply.finish = response->finish;
          reply.text = std::move(response->text);
          take_reply(split, reply.text, *outcome);
        } else {
          reply.finish = Finish::error;
          reply.error = to_string(response.error());
          take_reply(split, std::nullopt, *outcome);
          outcome->blocked = true;
        }
        replies.push_back(std::move(reply));
      }
    }
    result.samples.push_back(sample_result(split, one, p_->settings, answer, replies, outcome));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<IterationRows> iterations(static_cast<std::size_t>(p_->iterations));
    auto read = results.for_each_score([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      const std::size_t i = ordinal / per_iteration();
      if (i >= iterations.size()) return true;
      const Place at = place(ordinal);
      Row row;
      row.entry = at.index;
      if (!result.samples.empty()) row = row_of(result.samples.front(), at.index);
      iterations[i].side(at.split).push_back(row);
      return true;
    });
    if (!read) return read;
    if (report.total.name.empty()) report.total.name = p_->benchmark;
    summarize(p_->settings, items_of(p_->free_form.entries), items_of(p_->multiple_choice.entries), iterations, report);
    for (Split split : kSplits) {
      if (!p_->settings.wants_judge(split) || side(split).entries.empty()) continue;
      auto judge = report.roles.find(std::string(judge_role(split)));
      if (judge != report.roles.end() && !contains(judge->second, "gpt-3.5-turbo-0125"))
        report.deviates.push_back(std::string(name(split)) + " answers are judged by " + judge->second + " instead of gpt-3.5-turbo-0125");
    }
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    const Place at = place(ordinal);
    const Entry& one = entry(at);
    const bool judged = p_->settings.wants_judge(at.split);
    std::vector<KnownRequest> out;
    KnownRequest first;
    first.task = name(at.split);
    first.sample = sample_id(at.split, one.id);
    if (const auto& held = side(at.split).held[at.index]) {
      if (!judged) return out;
      first.role = judge_role(at.split);
      first.request = judge_request(at.split, one, *held);
    } else {
      first.role = "model";
      first.request = model_request(at);
      if (judged) pending.push_back("judge of sample " + first.sample);
    }
    if (judged) pending.push_back("judge of sample " + first.sample + " again, up to 10 times in all, only while its words hold no verdict");
    out.push_back(std::move(first));
    return out;
  }

  json::object manifest() const override { return p_->manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    auto label = [&](std::string_view role) {
      auto it = report.roles.find(std::string(role));
      return it == report.roles.end() ? std::string(role) : it->second;
    };
    std::string model = label("model");
    for (char& c : model)
      if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = '_';
    struct Found {
      std::vector<StoredResponse> responses;
      std::vector<std::size_t> judged_ones;  // of the responses; the others' judge could not be reached
      std::vector<JudgeOutcome> judged;
      std::vector<std::size_t> options;
    };
    Found found[2];
    auto read = results.for_each_answer([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= per_iteration()) return false;
      const Place at = place(ordinal);
      if (result.samples.empty()) return true;
      auto stored = stored_of(at.split, result.samples.front());
      if (!stored) return true;
      Found& own = found[at.split == Split::free_form ? 0 : 1];
      own.responses.push_back({entry(at), std::move(stored->text)});
      json::object& line = own.responses.back().entry.fields;
      line["formated_input"] = input_of(at);
      line["id"] = entry(at).id;
      line["response"] = own.responses.back().response;
      if (stored->lost) return true;
      own.judged_ones.push_back(own.responses.size() - 1);
      own.judged.push_back(std::move(stored->judged));
      own.options.push_back(entry(at).options.size());
      return true;
    });
    if (!read) return std::unexpected(read.error());

    std::vector<OutputFile> out;
    PythonRandom random(42);
    std::vector<SideScores> scores;
    for (Split split : kSplits) {
      Found& own = found[split == Split::free_form ? 0 : 1];
      std::string lines, judged;
      for (const StoredResponse& one : own.responses) {
        append_json(lines, one.entry.fields, JsonStyle::python);
        lines += '\n';
      }
      out.push_back({response_file_name(model, split, p_->settings.hard), std::move(lines)});
      if (p_->settings.inference_only) continue;
      std::vector<Judged> values;
      const bool cut = p_->settings.extract && p_->settings.kind == Kind::base;
      auto part = [&](const std::string& response) { return cut ? std::string(cut_base_output(split, response)) : response; };
      if (p_->settings.parser(split) == Parser::rule) {
        for (std::size_t i : own.judged_ones) {
          const StoredResponse& one = own.responses[i];
          bool right = false;
          if (split == Split::free_form) {
            const std::vector<Normal> parsed = parse_answer(part(one.response));
            right = answer_matches(parsed, one.entry.targets);
            judged += rule_line(one, parsed, right);
          } else {
            const char letter = parse_choice(part(one.response), one.entry.options, random).letter;
            right = letter == option_letter(one.entry.answer);
            judged += rule_line(one, letter, right);
          }
          values.push_back({one.entry.benchmark_name, right ? 1.0 : 0.0});
        }
      } else {
        for (const Verdict& verdict : settle(split, own.judged, own.options, random)) {
          const StoredResponse& one = own.responses[own.judged_ones[verdict.entry]];
          judged += judged_line(split, one, cut ? std::optional(part(one.response)) : std::nullopt, verdict);
          values.push_back({one.entry.benchmark_name, split == Split::free_form ? verdict.score : verdict.option == option_letter(one.entry.answer) ? 1.0 : 0.0});
        }
      }
      out.push_back({judged_file_name(split, p_->settings.parser(split) == Parser::rule ? "" : label(judge_role(split))), std::move(judged)});
      scores.push_back(score_side(values));
    }
    if (p_->settings.inference_only) return out;
    if (const Scores all = combine(scores[0], scores[1], p_->settings.score); !all.empty()) out.push_back({"score.json", score_text(all)});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return make_baselines(p_); }

 private:
  struct Place {
    Split split;
    std::size_t index;
  };

  std::size_t per_iteration() const { return p_->free_form.entries.size() + p_->multiple_choice.entries.size(); }
  Place place(std::size_t ordinal) const {
    const std::size_t i = ordinal % per_iteration(), ff = p_->free_form.entries.size();
    return i < ff ? Place{Split::free_form, i} : Place{Split::multiple_choice, i - ff};
  }
  const SideData& side(Split split) const { return p_->side(split); }
  const Entry& entry(Place at) const { return side(at.split).entries[at.index]; }
  std::string input_of(Place at) const {
    const std::string& formatted = side(at.split).inputs[at.index];
    return p_->settings.kind == Kind::base && !p_->from_lines ? base_input(p_->texts, at.split, formatted) : formatted;
  }

  Request model_request(Place at) const {
    Generate generate;
    if (p_->settings.kind == Kind::base) {
      generate.prompt = input_of(at);
    } else {
      if (p_->settings.system) {
        Message system;
        system.role = "system";
        system.content = *p_->settings.system;
        generate.messages.push_back(std::move(system));
      }
      Message user;
      user.role = "user";
      user.content = side(at.split).inputs[at.index];
      generate.messages.push_back(std::move(user));
      if (p_->settings.turns) {
        generate.prompt = turns_text(*p_->settings.turns, generate.messages);
        generate.messages.clear();
      }
    }
    generate.sampling.max_tokens = p_->settings.max_tokens;
    const json::value sampling = p_->settings.sampling;
    generate.sampling.temperature = get_number(sampling, "temperature");
    generate.sampling.top_p = get_number(sampling, "top_p");
    if (auto k = get_number(sampling, "top_k")) generate.sampling.top_k = static_cast<int>(*k);
    return generate;
  }

  Request judge_request(Split split, const Entry& one, std::string_view answer) const {
    Generate generate;
    if (p_->settings.extract && p_->settings.kind == Kind::base) answer = cut_base_output(split, answer);
    generate.messages = judge_messages(p_->texts, split, one, answer);
    generate.sampling.max_tokens = p_->settings.judge_max_tokens;
    generate.sampling.temperature = p_->settings.judge_temperature;
    return generate;
  }

  std::shared_ptr<const Prepared> p_;
};

std::string where_of(const DataFile& file, const std::string& role) { return !file.path.empty() ? file.path : file.name.empty() ? role : file.name; }

/// Entries of a split from the data file.
Result<void> read_side(Split split, const std::string& role, DataSource& data, Prepared& out) {
  auto file = data.file(role);
  if (!file) return std::unexpected(file.error());
  SideData& side = out.side(split);
  side.file = role;
  side.sha256 = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
  out.edition = file->edition;
  // A mixture of one's own may have one split alone.
  if (const std::string_view body = strip(file->content); out.edition == "custom" && (body == "{}" || body == "[]")) return {};
  auto entries = read_entries(file->content, split, where_of(*file, role));
  if (!entries) return std::unexpected(entries.error());
  side.entries = std::move(*entries);
  side.in_file = side.entries.size();
  side.held.resize(side.entries.size());
  return {};
}

/// Entries of a split as they were handed over.
Result<void> take_entries(Split split, const json::value& entries, Prepared& out) {
  SideData& side = out.side(split);
  side.file = "entries";
  out.edition = "custom";
  const json::value* own = find(entries, name(split));
  if (!own) return {};
  const std::string text = write_json(*own);
  auto read = read_entries(text, split, "the entries, " + std::string(name(split)));
  if (!read) return std::unexpected(read.error());
  side.sha256 = sha256_hex(text);
  side.entries = std::move(*read);
  side.in_file = side.entries.size();
  side.held.resize(side.entries.size());
  return {};
}

/// Entries of a split from response lines.
Result<void> take_lines(Split split, const json::value& lines, Prepared& out) {
  SideData& side = out.side(split);
  const json::value* own = find(lines, name(split));
  if (!own) return {};
  if (!own->is_array()) return fail(ErrorKind::data, "the response lines are no list", std::string(name(split)));
  std::string all;
  for (const json::value& line : own->get_array()) append_json(all, line), all += '\n';
  auto read = read_responses(all, split, "the responses, " + std::string(name(split)), nullptr);
  if (!read) return std::unexpected(read.error());
  for (StoredResponse& one : read->lines) {
    std::string input;
    if (auto stored = get_string(json::value(one.entry.fields), "formated_input")) input = std::move(*stored);
    side.inputs.push_back(std::move(input));
    side.entries.push_back(std::move(one.entry));
    side.held.emplace_back(std::move(one.response));
  }
  side.in_file = side.entries.size();
  side.file = "responses";
  side.sha256 = sha256_hex(all);
  return {};
}

void keep_only(SideData& side, const std::vector<std::size_t>& chosen) {
  if (chosen.size() == side.entries.size()) return;
  SideData out;
  for (std::size_t i : chosen) {
    out.entries.push_back(std::move(side.entries[i]));
    out.held.push_back(std::move(side.held[i]));
    if (!side.inputs.empty()) out.inputs.push_back(std::move(side.inputs[i]));
  }
  side.entries = std::move(out.entries);
  side.held = std::move(out.held);
  side.inputs = std::move(out.inputs);
}

Result<void> select(const PrepareSettings& settings, Prepared& out) {
  if (!settings.limit && settings.samples.empty()) return {};
  std::unordered_set<std::string> wanted(settings.samples.begin(), settings.samples.end());
  std::vector<std::size_t> chosen[2];
  std::vector<std::string> ids;
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t i = 0; i < out.side(kSplits[s]).entries.size(); ++i) {
      ids.push_back(sample_id(kSplits[s], out.side(kSplits[s]).entries[i].id));
      if (settings.samples.empty() || wanted.erase(ids.back())) chosen[s].push_back(i);
    }
  if (!wanted.empty()) {
    std::vector<std::string> near = did_you_mean(*wanted.begin(), ids);
    return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 40) + "\"", {},
                near.empty() ? "samples are ff:ID of free-form and mc:ID of multiple-choice entries" : "did you mean " + join(near, ", ") + "?");
  }
  if (settings.limit) {
    // Half of each split, so that both are seen; what one lacks the other gives.
    std::size_t mc = std::min(*settings.limit / 2, chosen[1].size());
    const std::size_t ff = std::min(*settings.limit - mc, chosen[0].size());
    mc = std::min(*settings.limit - ff, chosen[1].size());
    chosen[0].resize(ff);
    chosen[1].resize(mc);
  }
  if (chosen[0].empty() && chosen[1].empty()) return fail(ErrorKind::usage, "the selection leaves no entry");
  for (std::size_t s = 0; s < 2; ++s) keep_only(out.side(kSplits[s]), chosen[s]);
  return {};
}

/// The texts that this run needs.
Result<void> read_texts(DataSource& data, Prepared& out) {
  auto text = [&](const std::string& role) -> Result<DataFile> {
    auto file = data.file(role);
    if (file) out.text_sums[role] = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
    return file;
  };
  for (Split split : kSplits) {
    if (out.side(split).entries.empty()) continue;
    bool asks = false;
    for (const auto& held : out.side(split).held) asks = asks || !held;
    if (out.settings.kind == Kind::base && asks) {
      auto prefix = text("prompts/five-shot/" + std::string(name(split)));
      if (!prefix) return std::unexpected(prefix.error());
      (split == Split::free_form ? out.texts.prefix_free_form : out.texts.prefix_multiple_choice) = std::move(prefix->content);
    }
    if (out.settings.wants_judge(split)) {
      const std::string role = "prompts/judge/" + std::string(name(split));
      auto judge = text(role);
      if (!judge) return std::unexpected(judge.error());
      auto made = judge_template(split, judge->content, where_of(*judge, role));
      if (!made) return std::unexpected(made.error());
      (split == Split::free_form ? out.texts.judge_free_form : out.texts.judge_multiple_choice) = std::move(*made);
    }
  }
  return {};
}

}  // namespace

json::object Prepared::manifest() const {
  json::object out{{"benchmark", benchmark}};
  for (auto& member : settings.manifest()) out[member.key()] = member.value();
  json::object data, selection{{"iterations", iterations}};
  std::size_t held = 0;
  for (Split split : kSplits) {
    const SideData& own = side(split);
    const std::string key(name(split));
    data[key] = json::object{{"file", own.file}, {"sha256", own.sha256}, {"edition", edition}, {"in_file", own.in_file}};
    selection[key] = own.entries.size();
    for (const auto& one : own.held) held += one ? 1 : 0;
    if (own.entries.size() != own.in_file) {
      json::array& ids = selection[key + " ids"].emplace_array();
      for (const Entry& entry : own.entries) ids.emplace_back(entry.id);
    }
  }
  if (held) selection["held"] = held;
  out["data"] = std::move(data);
  out["texts"] = text_sums;
  json::object judging;
  for (Split split : kSplits) {
    if (!settings.wants_judge(split)) continue;
    const json::value* prompt = text_sums.if_contains("prompts/judge/" + std::string(name(split)));
    judging[std::string(judge_role(split))] = {
        {"prompt", prompt ? *prompt : json::value(nullptr)},
        {"parser", std::string(name(split))},
        {"sampling", {{"temperature", settings.judge_temperature ? json::value(*settings.judge_temperature) : json::value(nullptr)}, {"max_tokens", settings.judge_max_tokens}}}};
  }
  if (!judging.empty()) out["judging"] = std::move(judging);
  out["selection"] = std::move(selection);
  return out;
}

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data) {
  auto made = make_settings(settings.ref.name, settings.ref.version, settings.options);
  if (!made) return std::unexpected(made.error());
  if (settings.iterations < 1) return fail(ErrorKind::usage, "the number of iterations must be at least 1");
  Prepared out;
  out.settings = std::move(*made);
  out.iterations = settings.iterations;
  out.benchmark = settings.ref.text();
  const json::value* lines = settings.held ? find(*settings.held, "lines") : nullptr;
  out.from_lines = lines != nullptr;
  const json::value* entries = settings.held ? find(*settings.held, "entries") : nullptr;
  for (Split split : kSplits) {
    auto read = lines     ? take_lines(split, *lines, out)
                : entries ? take_entries(split, *entries, out)
                          : read_side(split, settings.ref.version + "/" + settings.ref.name + "/" + std::string(name(split)), data, out);
    if (!read) return std::unexpected(read.error());
  }
  if (out.side(Split::free_form).entries.empty() && out.side(Split::multiple_choice).entries.empty())
    return fail(ErrorKind::data, "neither split has entries", out.benchmark);
  if (out.settings.shuffle_options) {
    if (settings.held) return fail(ErrorKind::usage, "option shuffle_options is for answers that are asked for now: those of a file were given to the options in their order");
    for (Entry& entry : out.multiple_choice.entries) shuffle_options(entry, *out.settings.shuffle_options);
  }
  if (auto chosen = select(settings, out); !chosen) return std::unexpected(chosen.error());
  if (const json::value* held = settings.held ? find(*settings.held, "responses") : nullptr; held && held->is_object())
    for (Split split : kSplits)
      for (std::size_t i = 0; i < out.side(split).entries.size(); ++i)
        if (auto text = get_string(*held, sample_id(split, out.side(split).entries[i].id))) out.side(split).held[i] = std::move(*text);
  if (!lines)
    for (Split split : kSplits)
      for (const Entry& entry : out.side(split).entries) {
        auto input = formatted_input(split, entry);
        if (!input) return std::unexpected(input.error());
        out.side(split).inputs.push_back(std::move(*input));
      }
  if (auto read = read_texts(data, out); !read) return std::unexpected(read.error());
  return out;
}

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) { return std::make_shared<MixevalEvaluation>(std::move(prepared)); }

}  // namespace assay::mixeval
