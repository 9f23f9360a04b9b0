// `for` loops, the recursive ones included.
#include "prompt/jinja_interpreter.h"

namespace assay::jinja {

Interpreter::Flow Interpreter::run_loop(const Statement& s) {
  JinjaValues items = jinja_elements(run_, evaluate(*s.expressions[0]));
  // A recursive loop's body may be run when the block that the loop stands in is over.
  return walk(s, std::move(items), s.recursive ? keep_scope() : scope_, 1);
}

Interpreter::Flow Interpreter::walk(const Statement& s, JinjaValues items, Scope* outside, int depth) {
  if (s.expressions[1]) {  // only those for which the condition holds, before anything is counted
    JinjaValues kept;
    for (JinjaValue& item : items) {
      if (!run_.spend()) break;
      Nested scope(*this, outside);
      assign(s.target, item);
      if (!run_.failed() && truth(*s.expressions[1])) kept.push_back(std::move(item));
    }
    items = std::move(kept);
  }
  if (run_.failed()) return Flow::on;
  if (items.empty()) return s.blocks.size() > 1 ? run(s.blocks[1]) : Flow::on;

  auto index = std::make_shared<std::size_t>(0);
  auto last_seen = std::make_shared<std::optional<JinjaValues>>();
  JinjaValue loop = JinjaValue::dict();
  loop.entries().is_namespace = true;  // its attributes shadow no methods of dict
  auto put = [&](const char* name, JinjaValue value) { loop.entries().set(JinjaValue::string(name), std::move(value)); };
  auto size = static_cast<std::int64_t>(items.size());
  put("length", JinjaValue::integer(size));
  put("depth", JinjaValue::integer(depth));
  put("depth0", JinjaValue::integer(depth - 1));
  put("cycle", jinja_function("cycle", [index](JinjaRun& run, JinjaArguments& a) {
        return a.positional.empty() ? run.fail("cycle needs values") : a.positional[*index % a.positional.size()];
      }));
  put("changed", jinja_function("changed", [last_seen](JinjaRun&, JinjaArguments& a) {
        bool same = *last_seen && JinjaValue::list(**last_seen).equals(JinjaValue::list(a.positional));
        *last_seen = a.positional;
        return JinjaValue::boolean(!same);
      }));
  if (s.recursive)
    loop.entries().call =
        std::make_shared<JinjaCallable>(JinjaCallable{"loop", [this, &s, outside, depth](JinjaRun& run, JinjaArguments& a) {
                                                        if (a.positional.size() != 1)
                                                          return run.fail("a recursive loop is called with what it goes through");
                                                        if (calls_ >= kMaxCalls)
                                                          return run.fail("loops call each other too deeply", ErrorKind::data);
                                                        JinjaValues inner = jinja_elements(run, a.positional[0]);
                                                        std::string text;
                                                        std::string* before = std::exchange(out_, &text);
                                                        ++calls_;
                                                        walk(s, std::move(inner), outside, depth + 1);
                                                        --calls_;
                                                        out_ = before;
                                                        return JinjaValue::string(std::move(text));
                                                      }});
  bool finished = false;  // one pass at least: Jinja takes a loop whose every pass was broken off for one over nothing
  for (std::size_t i = 0; i < items.size() && run_.spend(); ++i) {
    *index = i;
    auto at = static_cast<std::int64_t>(i);
    put("index", JinjaValue::integer(at + 1));
    put("index0", JinjaValue::integer(at));
    put("revindex", JinjaValue::integer(size - at));
    put("revindex0", JinjaValue::integer(size - at - 1));
    put("first", JinjaValue::boolean(i == 0));
    put("last", JinjaValue::boolean(at + 1 == size));
    put("previtem", i > 0 ? items[i - 1] : JinjaValue::undefined("there is no previous item"));
    put("nextitem", i + 1 < items.size() ? items[i + 1] : JinjaValue::undefined("there is no next item"));
    Nested scope(*this, outside);
    scope_->variables["loop"] = loop;
    assign(s.target, items[i]);
    if (run_.failed()) break;
    Flow flow = run(s.blocks[0]);
    finished = finished || flow == Flow::on;
    if (flow == Flow::break_loop) break;
  }
  if (!finished && s.blocks.size() > 1 && !run_.failed()) return run(s.blocks[1]);
  return Flow::on;
}

}  // namespace assay::jinja
