// What must hold for every input, tried on hundreds made by dice: keys, canonical JSON, request texts stored as differences.
#include <gtest/gtest.h>
// First gtest, which rapidcheck's header needs and does not include.
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "journal/body_store.h"
#include "journal/interner.h"
#include "journal_fixture.h"
#include "model/request.h"
#include "support/power_loss_vfs.h"

namespace assay::test {
namespace {

/// Text with what breaks writers: quotes, escapes, controls, letters of two to four bytes.
rc::Gen<std::string> text_of() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
                          "a", "b", " ", "\"", "\\", "\n", "\t", std::string(1, '\0'), "\x1f", "\x7f", "ä", "€", "😀", "\u2028", "/", "sample", "\":\""})),
                      [](const std::vector<std::string>& parts) {
                        std::string out;
                        for (const std::string& part : parts) out += part;
                        return out;
                      });
}

json::value value_of(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: {
      double number = *rc::gen::arbitrary<double>();
      return std::isfinite(number) ? number : 0.5;
    }
    case 4: return static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 10;
    case 5: return json::value(*text_of());
    case 6: {
      json::array out;
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) out.push_back(value_of(depth - 1));
      return out;
    }
    default: {
      json::object out;
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) out[*text_of()] = value_of(depth - 1);
      return out;
    }
  }
}

/// The same value with the members of its objects in another order.
json::value shuffled(const json::value& value) {
  if (const json::array* array = value.if_array()) {
    json::array out;
    for (const json::value& one : *array) out.push_back(shuffled(one));
    return out;
  }
  const json::object* object = value.if_object();
  if (!object) return value;
  std::vector<std::string> names;
  for (const auto& member : *object) names.emplace_back(member.key());
  for (std::size_t i = names.size(); i > 1; --i) std::swap(names[i - 1], names[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(i)))]);
  json::object out;
  for (const std::string& name : names) out[name] = shuffled(object->at(name));
  return out;
}

RC_GTEST_PROP(CanonicalJson, ReadsBackAsTheSameValueAndWritesAsTheSameText, ()) {
  json::value value = value_of(3);
  std::string text = write_json(value, JsonStyle::canonical);
  auto again = parse_json(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(write_json(*again, JsonStyle::canonical) == text);
  RC_ASSERT(text.find('\n') == std::string::npos);  // keys join three of them with line feeds
  RC_ASSERT(is_valid_utf8(text));
  for (JsonStyle style : {JsonStyle::compact, JsonStyle::pretty, JsonStyle::python}) {
    auto other = parse_json(write_json(value, style));
    RC_ASSERT(other.has_value());
    RC_ASSERT(write_json(*other, JsonStyle::canonical) == text);
  }
}

RC_GTEST_PROP(CanonicalJson, DoesNotDependOnTheOrderOfMembers, ()) {
  json::value value = value_of(3);
  RC_ASSERT(write_json(shuffled(value), JsonStyle::canonical) == write_json(value, JsonStyle::canonical));
}

RC_GTEST_PROP(JournalKey, EqualForEqualTriplesAndDifferentForOthers, ()) {
  auto make = [] {
    Generate request;
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
      Message message;
      message.role = *rc::gen::elementOf(std::vector<std::string>{"system", "user", "assistant"});
      message.content = *text_of();
      request.messages.push_back(std::move(message));
    }
    if (*rc::gen::arbitrary<bool>()) request.sampling.temperature = *rc::gen::inRange(0, 20) / 10.0;
    Draw draw;
    draw.iteration = *rc::gen::inRange(1, 3);
    draw.ask = *rc::gen::inRange(0, 3);
    draw.epoch = *rc::gen::inRange(0, 2);
    std::string identity = write_json(json::object{{"model", *text_of()}}, JsonStyle::canonical);
    return std::tuple(identity, canonical_json(Request(request)), canonical_json(draw), Request(request), draw);
  };
  auto a = make(), b = make();
  auto key = [](const auto& t) { return request_key(std::get<0>(t), std::get<3>(t), std::get<4>(t)); };
  bool equal = std::get<0>(a) == std::get<0>(b) && std::get<1>(a) == std::get<1>(b) && std::get<2>(a) == std::get<2>(b);
  RC_ASSERT((key(a) == key(b)) == equal);
  RC_ASSERT(key(a) == *journal_key(std::get<0>(a), std::get<1>(a), std::get<2>(a)));
  // What is stored gives the key again: the request that was read back is the request.
  auto body = parse_json(std::get<1>(a));
  RC_ASSERT(body.has_value());
  auto again = request_from_json(*body);
  RC_ASSERT(again.has_value());
  RC_ASSERT(canonical_json(*again) == std::get<1>(a));
  // One byte elsewhere is another key.
  std::string moved = std::get<0>(a) + "x";
  RC_ASSERT(!(*journal_key(moved, std::get<1>(a), std::get<2>(a)) == key(a)));
}

RC_GTEST_PROP(BodyDifference, GivesTheTextBackAndCutsBetweenLetters, ()) {
  std::string head = *text_of(), tail = *text_of();
  std::string base = head + *text_of() + tail, text = *rc::gen::arbitrary<bool>() ? head + *text_of() + tail : *text_of();
  Overlap shared = overlap(text, base);
  RC_ASSERT(shared.bytes() <= std::min(text.size(), base.size()));
  std::string middle = text.substr(shared.head, text.size() - shared.bytes());
  RC_ASSERT(is_valid_utf8(middle));
  RC_ASSERT(is_valid_utf8(text.substr(0, shared.head)));
  auto whole = whole_body(middle, base, static_cast<std::int64_t>(shared.head), static_cast<std::int64_t>(shared.tail));
  RC_ASSERT(whole.has_value());
  RC_ASSERT(*whole == text);
}

RC_GTEST_PROP(SplitOriginProperty, PartsMakeTheOriginAgain, ()) {
  std::string origin = write_json(value_of(2), JsonStyle::canonical);
  if (*rc::gen::arbitrary<bool>()) origin = write_json(json::object{{"benchmark", *text_of()}, {"sample", *text_of()}, {"task", *text_of()}}, JsonStyle::canonical);
  auto split = split_origin(origin);
  RC_ASSERT(std::string(split.head) + std::string(split.sample.value_or("")) + std::string(split.tail) == origin);
}

/// The journal against a map: any series of answers, failures, flushes and reopenings.
RC_GTEST_FIXTURE_PROP(JournalTest, BehavesAsAMapThatNeverForgetsAnAnswer, ()) {
  PowerLossVfs fast;  // it never waits for the real disk
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  std::map<std::string, Answer> want;
  auto journal = open();
  int steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    int what = *rc::gen::inRange(0, 10);
    if (what == 0) {
      RC_ASSERT(journal->flush().has_value());
    } else if (what == 1) {
      journal.reset();
      journal = open();
    } else {
      Answer answer = make_answer(*rc::gen::inRange(0, 8), what < 5 ? AnswerStatus::failed : AnswerStatus::answered);
      answer.response = "{\"text\":\"" + std::to_string(step) + "\"}";
      answer.created += step;
      journal->put_answer(answer);
      auto known = want.find(answer.key.hex());
      if (known == want.end() || known->second.status == AnswerStatus::failed) want[answer.key.hex()] = answer;
    }
    for (int n = 0; n < 8; ++n) {
      Key key = make_answer(n).key;
      auto found = journal->find(key);
      RC_ASSERT(found.has_value());
      auto known = want.find(key.hex());
      RC_ASSERT(found->has_value() == (known != want.end()));
      if (found->has_value()) RC_ASSERT((*found)->response == known->second.response);
    }
  }
  auto problems = journal->verify(journal_key);
  journal.reset();
  RC_ASSERT(problems.has_value());
  RC_ASSERT(problems->empty());
}

}  // namespace
}  // namespace assay::test
