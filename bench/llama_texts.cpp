// Multiple-choice texts for bench/p8, in the forms that llama.cpp's own tool reads, and the same texts through our engine.
//
//   bench-llama-texts write SHAPE FILE                                  what llama-perplexity reads
//   bench-llama-texts run SHAPE reproducible|fast MODEL.gguf THREADS    prints: requests, evaluated, one-by-one and unique tokens
//   bench-llama-texts engine WORKLOAD MODEL.gguf ROUNDS                 `assay bench engine` on one thread, in seconds of the processor instead
//                                                                       of the clock's, which other programs do not disturb much; best of ROUNDS
//   bench-llama-texts model FILE                                        the bench model (124 million random weights, Q8_0)
//
// SHAPE: hellaswag (nothing shared between documents), hellaswag-shared, mmlu, truthfulqa (a prefix before every document), winogrande.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "model/llama/bench_model.h"
#include "model/llama/engine_bench.h"

namespace assay {
namespace {

struct Shape {
  const char *name, *form;  // form: how llama-perplexity reads it
  EngineWorkload work;
};

const Shape kShapes[] = {{"hellaswag", "hellaswag", {"", "", 24, 0, 274, 4, 20}},
                         {"hellaswag-shared", "hellaswag", {"", "", 40, 550, 75, 4, 12}},
                         {"mmlu", "multiple-choice", {"", "", 40, 600, 64, 4, 1}},
                         {"truthfulqa", "multiple-choice", {"", "", 40, 300, 20, 7, 12}},
                         {"winogrande", "winogrande", {"", "", 120, 0, 12, 2, 9}}};

std::string words(Random& random, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += bench_word(random.below(kBenchWords));
  return out;
}

// Two sentences that differ in one word in the middle: the second half is what is scored.
std::vector<LoglikelihoodGroup> sentences(const EngineWorkload& work) {
  Random random(7);
  std::vector<LoglikelihoodGroup> out;
  for (int d = 0; d < work.documents; ++d) {
    LoglikelihoodGroup group;
    const std::string first = words(random, work.question), second = words(random, work.ending);
    for (int e = 0; e < work.endings; ++e) group.items.push_back({first + words(random, 1), second});
    out.push_back(std::move(group));
  }
  return out;
}

std::vector<LoglikelihoodGroup> documents(const Shape& shape) {
  return std::strcmp(shape.form, "winogrande") == 0 ? sentences(shape.work) : make_requests(shape.work, 7);
}

void append_number(std::string& out, std::uint32_t number) { out.append(reinterpret_cast<const char*>(&number), sizeof number); }
void append_text(std::string& out, std::string_view text) {
  append_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string file_of(const Shape& shape) {
  const auto groups = documents(shape);
  std::string out;
  if (std::strcmp(shape.form, "hellaswag") == 0) {
    for (const LoglikelihoodGroup& group : groups) {
      out += group.shared_prefix + group.items[0].context + "\n0\n";
      for (const auto& item : group.items) out += item.continuation.substr(1) + "\n";  // the tool puts the blank there
    }
    out.pop_back();
  } else if (std::strcmp(shape.form, "winogrande") == 0) {
    int number = 0;
    for (const LoglikelihoodGroup& group : groups) {
      const std::string& a = group.items[0].context;
      const std::string& b = group.items[1].context;
      const std::size_t word = bench_word(0).size() - 1;
      out += std::to_string(number++) + "," + a.substr(0, a.size() - word) + "_" + group.items[0].continuation + "," + a.substr(a.size() - word) + "," +
             b.substr(b.size() - word) + ",1\n";
    }
  } else {
    std::string tasks;
    std::vector<std::uint32_t> places;
    for (const LoglikelihoodGroup& group : groups) {
      places.push_back(static_cast<std::uint32_t>(tasks.size()));
      append_text(tasks, group.shared_prefix + group.items[0].context);
      for (int kind = 0; kind < 2; ++kind) {  // one right answer; several
        append_number(tasks, static_cast<std::uint32_t>(group.items.size()));
        for (const auto& item : group.items) append_text(tasks, item.continuation.substr(1));
        for (std::size_t i = 0; i < group.items.size(); ++i) append_number(tasks, i == 0);
      }
    }
    append_number(out, static_cast<std::uint32_t>(groups.size()));
    const auto begin = static_cast<std::uint32_t>((groups.size() + 1) * sizeof(std::uint32_t));
    for (std::uint32_t place : places) append_number(out, begin + place);
    out += tasks;
  }
  return out;
}

int fail_with(const Error& error) {
  std::fprintf(stderr, "bench-llama-texts: %s\n", to_string(error).c_str());
  return 1;
}

class ProcessorClock final : public Clock {
 public:
  Instant now() const override {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return Instant(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
  }
  std::int64_t unix_micros() const override { return 0; }
};

int engine(const char* name, const char* model, int rounds) {
  const ProcessorClock clock;
  LlamaSettings settings;
  settings.path = model;
  settings.threads = 1;
  settings.flash_attn = true;
  settings.n_ctx = 4096;
  auto bench = EngineBench::create(settings, clock);
  if (!bench) return fail_with(bench.error());
  for (const EngineWorkload& work : engine_workloads()) {
    if (work.name != name) continue;
    const auto groups = make_requests(work, 7);
    const bool one_token = work.ending == 1;
    const int own = work.question + (one_token ? 0 : work.endings * (work.ending - 1));
    double prompt = 0, single = 0, plain = 0;
    EngineMeasurement reproducible, fast;
    for (int round = 0; round < rounds; ++round) {
      auto speed = (*bench)->prompt_speed(work.prefix, own);
      auto one = (*bench)->one_by_one(groups, 4), library = (*bench)->one_by_one(groups, 4, true);
      auto a = (*bench)->shared(groups, false), b = (*bench)->shared(groups, true);
      if (!speed) return fail_with(speed.error());
      if (!one) return fail_with(one.error());
      if (!library) return fail_with(library.error());
      if (!a) return fail_with(a.error());
      if (!b) return fail_with(b.error());
      prompt = std::max(prompt, *speed);
      single = std::max(single, one->requests_per_second());
      plain = std::max(plain, library->requests_per_second());
      if (a->requests_per_second() > reproducible.requests_per_second()) reproducible = *a;
      if (b->requests_per_second() > fast.requests_per_second()) fast = *b;
    }
    const auto print = [&](const char* mode, const EngineMeasurement& m) {
      std::printf("%s %s: %.2f requests/s, %lld evaluated, %.0f tokens/s, %.1f times one by one, %.1f times the library's, %.1f %% of the prompt's %.0f\n",
                  name,
                  mode, m.requests_per_second(), static_cast<long long>(m.evaluated), m.tokens_per_second(),
                  m.requests_per_second() / single, m.requests_per_second() / plain, 100 * m.tokens_per_second() / prompt, prompt);
    };
    print("reproducible", reproducible);
    print("fast", fast);
  }
  return 0;
}

int main_(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "model" && argc == 3) {
    auto done = write_file(argv[2], make_bench_model(GgufType::q8_0));
    return done ? 0 : fail_with(done.error());
  }
  if (verb == "engine" && argc == 5) return engine(argv[2], argv[3], std::max(1, std::atoi(argv[4])));
  const Shape* shape = nullptr;
  for (const Shape& one : kShapes)
    if (argc > 2 && std::strcmp(argv[2], one.name) == 0) shape = &one;
  if (!shape) {
    std::fputs("bench-llama-texts: write SHAPE FILE | run SHAPE MODE MODEL THREADS | engine WORKLOAD MODEL ROUNDS | model FILE; shapes: ", stderr);
    for (const Shape& one : kShapes) std::fprintf(stderr, "%s (%s) ", one.name, one.form);
    std::fputs("\n", stderr);
    return 2;
  }
  if (verb == "write" && argc == 4) {
    auto done = write_file(argv[3], file_of(*shape));
    return done ? 0 : fail_with(done.error());
  }
  if (verb != "run" || argc != 6) return 2;
  const auto groups = documents(*shape);
  LlamaSettings settings;
  settings.path = argv[4];
  settings.threads = std::atoi(argv[5]);
  settings.flash_attn = true;
  settings.kv_type = "f16";
  auto bench = EngineBench::create(settings, system_clock());
  if (!bench) return fail_with(bench.error());
  auto unique = (*bench)->unique_tokens(groups);
  if (!unique) return fail_with(unique.error());
  auto measured = (*bench)->shared(groups, std::strcmp(argv[3], "fast") == 0);
  if (!measured) return fail_with(measured.error());
  std::printf("%lld %lld %lld %lld\n", static_cast<long long>(measured->requests), static_cast<long long>(measured->evaluated),
              static_cast<long long>(measured->naive), static_cast<long long>(*unique));
  return 0;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return assay::main_(argc, argv); }
