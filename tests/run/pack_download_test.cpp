// Downloads over a scripted transport: no network, no waiting.
#include "run/pack_download.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// One answer of the scripted server: pieces of body, then an answer or an error.
struct Reply {
  int status = 200;
  std::vector<std::string> pieces{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<Error> error{};
};

class ScriptedTransport final : public Transport {
 public:
  std::deque<Reply> replies;
  std::vector<HttpRequest> seen;

  Async<HttpResponse> send(HttpRequest request) override {
    seen.push_back(request);
    if (replies.empty()) co_return fail(ErrorKind::internal, "an unexpected request: " + request.url);
    Reply reply = replies.front();
    replies.pop_front();
    for (const std::string& piece : reply.pieces)
      if (!request.sink(piece)) co_return fail(ErrorKind::io, "the receiver stopped the transfer");
    if (reply.error) co_return fail(*reply.error);
    HttpResponse response;
    response.status = reply.status;
    response.headers = reply.headers;
    co_return response;
  }
  std::string range(std::size_t request) const {
    for (const HttpHeader& header : seen.at(request).headers)
      if (header.name == "Range") return header.value;
    return "";
  }
};

Error reset() {
  return Error{ErrorKind::network, "connection reset"};
}

struct Download : testing::Test {
  test::TemporaryFolder home;
  ScriptedTransport transport;
  VirtualTimer timer;
  Pack pack{.name = "demo", .title = "T", .licence = "MIT", .homepage = "https://example.org", .files = {}, .own = {}};
  DownloadOptions options;

  Download() {
    add("one", "0123456789");
    options.timer = &timer;
  }
  void add(const std::string& name, const std::string& content, bool optional = false, std::string benchmark = "demo") {
    PackFile file;
    file.name = name;
    file.path = "data/" + name;
    file.url = "https://example.org/" + name;
    file.sha256 = sha256_hex(content);
    file.size = content.size();
    file.optional = optional;
    file.benchmark = std::move(benchmark);
    pack.files.push_back(file);
  }
  static Task<void> keep(Async<DownloadResult> work, std::optional<Result<DownloadResult>>& out) {
    out = co_await std::move(work);
  }
  Result<DownloadResult> run() {
    asio::io_context loop;
    std::optional<Result<DownloadResult>> out;
    asio::co_spawn(loop, keep(download_pack(pack, home.path(), transport, options), out), asio::detached);
    loop.run();
    return *out;
  }
  fs::path place(const std::string& name = "one") { return home / ("packs/demo/data/" + name); }
  fs::path part(const std::string& name = "one") { return home / ("packs/demo/data/" + name + ".part"); }
  void put(const fs::path& path, std::string_view content) { ASSERT_TRUE(write_file(path, content)); }
  std::string content(const fs::path& path) { return read_file(path).value_or("(absent)"); }
};

TEST_F(Download, TakesAFileOutOfAProgram) {
  const std::string prompt = "Judge {writing_prompt} and {test_model_response} by {criteria}.";
  pack.files[0].extract = "judge-prompt";
  pack.files[0].sha256 = sha256_hex(prompt);
  pack.files[0].size = 0;
  transport.replies = {{.error = reset()}, {.pieces = {"judging_prompt = f\"Judge {writing_prompt} and ", "{test_model_response} by {criteria_str}.\""}}};
  auto result = run();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(content(place()), prompt);

  pack.files[0].sha256 = sha256_hex("another");
  transport.replies = {{.pieces = {"judging_prompt = 'x'"}}};
  auto wrong = run();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::data);
  EXPECT_EQ(content(place()), prompt);
}

TEST_F(Download, FetchesVerifiesAndPutsIntoPlace) {
  transport.replies = {{.pieces = {"01234", "56789"}}};
  std::vector<std::uint64_t> done;
  options.progress = [&](const DownloadProgress& p) {
    done.push_back(p.done);
    EXPECT_EQ(p.total, 10u);
    EXPECT_EQ(p.finished, done.size() == 4);
  };
  auto result = run();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->downloaded, Names{"one"});
  EXPECT_EQ(result->bytes, 10u);
  EXPECT_EQ(content(place()), "0123456789");
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_EQ(transport.seen[0].method, "GET");
  EXPECT_EQ(transport.seen[0].url, "https://example.org/one");
  EXPECT_TRUE(transport.seen[0].follow_redirects);
  EXPECT_EQ(transport.range(0), "");
  EXPECT_EQ(done, (std::vector<std::uint64_t>{0, 5, 10, 10}));

  auto again = run();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->unchanged, Names{"one"});
  EXPECT_EQ(transport.seen.size(), 1u);
}

TEST_F(Download, ContinuesWhatWasInterrupted) {
  transport.replies = {{.pieces = {"0123"}, .error = reset()},
                       {.status = 206, .pieces = {"456789"}, .headers = {{"content-range", "bytes 4-9/10"}}}};
  Instant before = timer.clock().now();
  auto result = run();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(transport.range(1), "bytes=4-");
  EXPECT_EQ(content(place()), "0123456789");
  EXPECT_EQ(timer.clock().now() - before, std::chrono::seconds(1));
}

TEST_F(Download, ContinuesInALaterRun) {
  options.tries = 1;
  transport.replies = {{.pieces = {"0123"}, .error = reset()}};
  auto failed = run();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::network);
  EXPECT_EQ(failed.error().where, "https://example.org/one");
  EXPECT_TRUE(contains(failed.error().hint, "assay data pull demo")) << failed.error().hint;
  EXPECT_EQ(content(part()), "0123");
  EXPECT_FALSE(fs::exists(place()));

  transport.replies = {{.status = 206, .pieces = {"456789"}, .headers = {{"content-range", "bytes 4-9/10"}}}};
  ASSERT_TRUE(run());
  EXPECT_EQ(content(place()), "0123456789");
}

TEST_F(Download, AWholePartNeedsNoRequest) {
  put(part(), "0123456789");
  ASSERT_TRUE(run());
  EXPECT_TRUE(transport.seen.empty());
  EXPECT_EQ(content(place()), "0123456789");
}

TEST_F(Download, AServerThatSendsTheWholeFileAgainIsFine) {
  put(part(), "0123");
  transport.replies = {{.pieces = {"0123456789"}}};
  auto result = run();
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(content(place()), "0123456789");
}

TEST_F(Download, AnUselessPartIsThrownAway) {
  const Reply whole{.pieces = {"0123456789"}};
  const Reply useless[] = {
      {.status = 206, .pieces = {"456789"}, .headers = {{"content-range", "bytes 4-9/10"}}},  // the part was of another file
      {.status = 206, .pieces = {"789"}, .headers = {{"content-range", "bytes 7-9/10"}}},     // not what was asked for
      {.status = 206, .pieces = {"456789"}},
      {.status = 416},
  };
  options.tries = 1;
  for (const Reply& reply : useless) {
    fs::remove(place());
    put(part(), "XXXX");
    transport.replies = {reply, whole};
    transport.seen.clear();
    auto result = run();
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(transport.range(1), "");
    EXPECT_EQ(content(place()), "0123456789");
  }
  // Longer than the file can be.
  fs::remove(place());
  put(part(), "01234567890123");
  transport.replies = {whole};
  transport.seen.clear();
  ASSERT_TRUE(run());
  EXPECT_EQ(transport.range(0), "");
}

TEST_F(Download, AWrongSumIsNeverPutIntoPlace) {
  put(place(), "older");
  transport.replies = {{.pieces = {"<html>log in here</html>"}}};
  auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  std::string told = to_string(result.error());
  for (std::string_view part_of_it : {std::string_view("https://example.org/one"), std::string_view(pack.files[0].sha256),
                                      std::string_view("assay data import demo --from DIR")})
    EXPECT_TRUE(contains(told, part_of_it)) << told;
  EXPECT_TRUE(contains(told, sha256_hex("<html>log in here</html>"))) << told;
  EXPECT_EQ(content(place()), "older");
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_EQ(transport.seen.size(), 1u) << "asking again would bring the same";
}

TEST_F(Download, AnEndlessBodyIsStopped) {
  Reply flood;
  flood.pieces.assign(40, std::string(100'000, 'x'));
  transport.replies = {flood};
  auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  EXPECT_LE(fs::file_size(part()), std::uint64_t{2} << 20);
}

TEST_F(Download, ErrorsOfTheServer) {
  put(part(), "0123");
  transport.replies = {{.status = 404, .pieces = {"not found, sorry, and a long page about it"}}};
  auto gone = run();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::data);
  EXPECT_EQ(gone.error().http_status, 404);
  EXPECT_TRUE(contains(gone.error().message, "no longer there"));
  EXPECT_EQ(content(part()), "0123") << "the error's page is no part of the file";

  Instant before = timer.clock().now();
  transport.replies = {{.status = 503}, {.status = 429, .headers = {{"retry-after", "30"}}}, {.pieces = {"0123456789"}}};
  ASSERT_TRUE(run());
  EXPECT_EQ(timer.clock().now() - before, std::chrono::seconds(31));

  fs::remove(place());
  transport.replies.assign(3, {.status = 500});
  auto down = run();
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().kind, ErrorKind::server);
  EXPECT_TRUE(transport.replies.empty());

  transport.replies = {{.error = Error{ErrorKind::usage, "--offline allows loopback addresses only"}}};
  auto offline = run();
  ASSERT_FALSE(offline);
  EXPECT_EQ(offline.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(offline.error().hint, "assay data import demo"));
}

TEST_F(Download, TheFirstFailureEndsItAndWhatWasBeforeStays) {
  add("two", "22");
  add("three", "333");
  transport.replies = {{.pieces = {"0123456789"}}, {.status = 404}};
  EXPECT_FALSE(run());
  EXPECT_TRUE(fs::exists(place("one")));
  EXPECT_FALSE(fs::exists(place("three")));
}

TEST_F(Download, OptionalFilesComeWhenTheyAreAskedFor) {
  add("extra", "e", true, "other");
  add("t/x", "x", true, "templates");
  add("t/y", "y", true, "templates");
  add("needed", "n", true);
  pack.files.back().needed_for = "a metric";
  transport.replies = {{.pieces = {"0123456789"}}, {.pieces = {"n"}}};
  EXPECT_EQ(run()->downloaded, (Names{"one", "needed"}));
  options.wanted = {"t/"};
  transport.replies = {{.pieces = {"x"}}, {.pieces = {"y"}}};
  EXPECT_EQ(run()->downloaded, (Names{"t/x", "t/y"}));
  options.wanted = {"other", "one"};
  transport.replies = {{.pieces = {"e"}}};
  auto result = run();
  EXPECT_EQ(result->downloaded, Names{"extra"});
  EXPECT_EQ(result->unchanged, Names{"one"});
  options.wanted = {"extro"};
  auto unknown = run();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_TRUE(contains(unknown.error().hint, "extra"));
}

TEST_F(Download, WritesThroughNoLink) {
  put(home / "victim/one", "precious");
  fs::create_directories(home / "packs/demo");
  fs::create_directory_symlink(home / "victim", home / "packs/demo/data");
  auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);

  fs::remove(home / "packs/demo/data");
  fs::create_directories(home / "packs/demo/data");
  fs::create_symlink(home / "victim/one", part());
  EXPECT_EQ(run().error().kind, ErrorKind::io);
  EXPECT_EQ(content(home / "victim/one"), "precious");
  EXPECT_TRUE(transport.seen.empty());
}

TEST_F(Download, TellsALineAFile) {
  transport.replies = {{.pieces = {"0123456789"}}};
  std::vector<std::string> lines;
  asio::io_context loop;
  std::optional<Result<DownloadResult>> out;
  std::function<void(std::string_view)> tell = [&](std::string_view line) { lines.emplace_back(line); };
  asio::co_spawn(loop, keep(download_pack(pack, home.path(), transport, tell), out), asio::detached);
  loop.run();
  ASSERT_TRUE(*out);
  EXPECT_EQ(lines, Names{"[1/1] one  10 bytes, sum verified"});
}

}  // namespace
}  // namespace assay
