// Uploads against local stand-ins of the token server, Firestore and Sheets: what is sent is compared to the last byte.
#include "leaderboard/upload/result_upload.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/text.h"
#include "model/http/curl_transport.h"
#include "support/http_stand_in.h"
#include "support/loop.h"
#include "support/rsa_key.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using test::StandInReply;
using test::StandInRequest;

const test::RsaKey& key() {
  static const test::RsaKey one;
  return one;
}

struct FixedClock final : Clock {
  Instant now() const override { return {}; }
  std::int64_t unix_micros() const override { return 1'706'498'894'000'000; }
};

std::string decode_base64url(std::string_view text) {
  auto value = [](char c) {
    return std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").find(c);
  };
  std::string out;
  unsigned bits = 0, held = 0;
  for (char c : text) {
    held = held << 6 | static_cast<unsigned>(value(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(held >> bits & 255);
  }
  return out;
}

json::value parsed(std::string_view text) { return parse_json(text).value_or(nullptr); }

struct Upload : testing::Test {
  test::Loop loop;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  FixedClock clock;
  StandInReply token{.body = R"({"access_token":"ya29.secret","expires_in":3599,"token_type":"Bearer"})"};
  StandInReply store{.body = R"({"name":"projects/my-project/databases/(default)/documents/benchmark_results/abc"})"};
  StandInReply sheet{.body = R"({"sheets":[{"properties":{"sheetId":7,"title":"Later","index":1}},{"properties":{"sheetId":0,"title":"It's 1","index":0}}]})"};
  StandInReply append{.body = R"({"updates":{"updatedRange":"'It''s 1'!A5:N5","updatedRows":1}})"};
  test::HttpStandIn google{[this](const StandInRequest& request) {
    if (request.target == "/token") return token;
    if (request.target.starts_with("/v1/projects/")) return store;
    if (request.target.starts_with("/v4/")) return request.method == "GET" ? sheet : append;
    return StandInReply{.status = 418};
  }};

  ServiceAccount account() {
    ServiceAccount out;
    out.project_id = "my-project";
    out.client_email = "robot@my-project.iam.example";
    out.private_key_id = "k1";
    out.private_key = Secret(key().pem());
    out.token_uri = google.root() + "/token";
    return out;
  }
  std::string key_file() {
    return write_json(json::object{{"type", "service_account"}, {"project_id", "my-project"}, {"private_key_id", "k1"}, {"private_key", key().pem()},
                                   {"client_email", "robot@my-project.iam.example"}, {"token_uri", google.root() + "/token"}});
  }
  UploadOptions options() {
    UploadOptions out;
    out.transport = transport.get();
    out.clock = &clock;
    out.firestore_base = out.sheets_base = google.root();
    out.timeout = std::chrono::seconds(20);
    return out;
  }
  Result<std::string> to_firestore(json::object document) {
    return loop.run(upload_to_firestore(account(), "benchmark_results", std::move(document), options()));
  }
  static constexpr const char* kSheet = "https://docs.google.com/spreadsheets/d/1aB-_9/edit#gid=0";
};

TEST_F(Upload, ADocumentReachesFirestoreAsItsTypesAre) {
  auto name = to_firestore({{"run_id", "1"},
                            {"benchmark_score", 61.79},
                            {"n_questions_parseable", 157.0},
                            {"n_questions_total", 171},
                            {"benchmark_success", true},
                            {"errors", nullptr},
                            {"include_patterns", json::array{}},
                            {"raw_results", json::object{{"1", json::object{{"raw_inference", json::object{{"3", "Müde: \"4\"\n"}}}}}}},
                            {"list", json::array{1, "two"}}});
  ASSERT_TRUE(name) << to_string(name.error());
  EXPECT_EQ(*name, "projects/my-project/databases/(default)/documents/benchmark_results/abc");

  auto seen = google.seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].method + " " + seen[0].target, "POST /token");
  EXPECT_EQ(seen[0].header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(seen[0].header("authorization"), "");
  EXPECT_EQ(seen[1].method + " " + seen[1].target, "POST /v1/projects/my-project/databases/(default)/documents/benchmark_results");
  EXPECT_EQ(seen[1].header("authorization"), "Bearer ya29.secret");
  EXPECT_EQ(seen[1].header("content-type"), "application/json");
  EXPECT_EQ(seen[1].body,
            R"({"fields":{"run_id":{"stringValue":"1"},"benchmark_score":{"doubleValue":61.79},"n_questions_parseable":{"doubleValue":157.0},)"
            R"("n_questions_total":{"integerValue":"171"},"benchmark_success":{"booleanValue":true},"errors":{"nullValue":null},)"
            R"("include_patterns":{"arrayValue":{"values":[]}},"raw_results":{"mapValue":{"fields":{"1":{"mapValue":{"fields":)"
            R"({"raw_inference":{"mapValue":{"fields":{"3":{"stringValue":"Müde: \"4\"\n"}}}}}}}}}},)"
            R"("list":{"arrayValue":{"values":[{"integerValue":"1"},{"stringValue":"two"}]}}}})");
}

TEST_F(Upload, TheAssertionIsSignedWithTheAccountsKey) {
  ASSERT_TRUE(to_firestore({{"a", 1}}));
  std::string body = google.seen().at(0).body;
  const std::string prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(body.starts_with(prefix)) << body;
  auto parts = split(std::string_view(body).substr(prefix.size()), '.');
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(decode_base64url(parts[0]), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(parsed(decode_base64url(parts[1])),
            (json::value{{"iss", "robot@my-project.iam.example"}, {"scope", "https://www.googleapis.com/auth/datastore"},
                         {"aud", google.root() + "/token"}, {"iat", 1706498894}, {"exp", 1706502494}}));
  EXPECT_TRUE(key().verifies(parts[0] + "." + parts[1], decode_base64url(parts[2])));
  EXPECT_FALSE(key().verifies(parts[0] + "." + parts[1] + "x", decode_base64url(parts[2])));
  EXPECT_FALSE(test::RsaKey().verifies(parts[0] + "." + parts[1], decode_base64url(parts[2])));
}

TEST_F(Upload, ARowGoesBehindTheFirstWorksheet) {
  json::array row{"1", "2024-01-29 03:28:14", "ChatML", 61.79, 1, nullptr};
  auto range = loop.run(append_to_sheet(account(), kSheet, row, options()));
  ASSERT_TRUE(range) << to_string(range.error());
  EXPECT_EQ(*range, "'It''s 1'!A5:N5");
  auto seen = google.seen();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_TRUE(contains(decode_base64url(split(seen[0].body, '.').at(1)), "https://www.googleapis.com/auth/spreadsheets"));
  EXPECT_EQ(seen[1].method + " " + seen[1].target, "GET /v4/spreadsheets/1aB-_9?fields=sheets.properties");
  EXPECT_EQ(seen[2].method + " " + seen[2].target, "POST /v4/spreadsheets/1aB-_9/values/%27It%27%27s%201%27:append?valueInputOption=RAW");
  EXPECT_EQ(seen[2].header("authorization"), "Bearer ya29.secret");
  EXPECT_EQ(seen[2].body, R"({"values":[["1","2024-01-29 03:28:14","ChatML",61.79,1,null]]})");
}

TEST_F(Upload, WrongCredentialsSayWhatToDo) {
  token = {.status = 400, .body = R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})"};
  auto refused = to_firestore({{"a", 1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(refused.error().message, "invalid_grant, Invalid JWT Signature.")) << refused.error().message;
  EXPECT_TRUE(contains(refused.error().hint, "new key"));
  EXPECT_EQ(google.seen().size(), 1u) << "nothing is sent without a token";

  token = {.body = R"({"token_type":"Bearer"})"};
  EXPECT_EQ(to_firestore({{"a", 1}}).error().kind, ErrorKind::bad_response);
  token = {.status = 503, .body = "<html>"};
  EXPECT_EQ(to_firestore({{"a", 1}}).error().kind, ErrorKind::server);
}

TEST_F(Upload, AForbiddenStoreSaysWhoNeedsTheRight) {
  store = {.status = 403, .body = R"({"error":{"code":403,"message":"Missing permissions, ya29.secret.","status":"PERMISSION_DENIED"}})"};
  auto refused = to_firestore({{"a", 1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(refused.error().message, "Missing permissions")) << refused.error().message;
  EXPECT_FALSE(contains(to_string(refused.error()), "ya29")) << "the token never shows";
  EXPECT_TRUE(contains(refused.error().hint, "robot@my-project.iam.example"));
  for (std::size_t before = 385; before < 405; ++before) {  // nor a part of it, where long words are cut
    store.body = write_json(json::object{{"error", json::object{{"message", std::string(before, 'x') + "ya29.secret"}}}});
    EXPECT_FALSE(contains(to_string(to_firestore({{"a", 1}}).error()), "ya29")) << before;
  }

  sheet = {.status = 403, .body = R"({"error":{"message":"The caller does not have permission"}})"};
  auto unshared = loop.run(append_to_sheet(account(), kSheet, {"x"}, options()));
  EXPECT_TRUE(contains(unshared.error().hint, "share the sheet with robot@"));
  sheet = {.body = "{}"};
  EXPECT_EQ(loop.run(append_to_sheet(account(), kSheet, {"x"}, options())).error().kind, ErrorKind::bad_response);
}

TEST_F(Upload, AServerThatNeverAnswersCostsOneTimeout) {
  store = {.body = "{}", .hang_after = 0};
  auto few = options();
  few.timeout = std::chrono::milliseconds(200);
  auto late = loop.run(upload_to_firestore(account(), "benchmark_results", {{"a", 1}}, few));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
}

TEST_F(Upload, OneFailureDoesNotKeepTheOtherFromBeingSent) {
  store = {.status = 500, .body = "oops"};
  UploadTargets targets{.firestore = account(), .sheets = account(), .spreadsheet_url = kSheet};
  UploadedResult result{.collection = "benchmark_results", .document = {{"a", 1}}, .row = json::array{"r"}};
  auto failed = loop.run(upload_result(targets, result, options()));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_TRUE(failed[0].message.starts_with("the result was not sent to Firestore (it is kept here): ")) << failed[0].message;
  EXPECT_EQ(google.seen().back().body, R"({"values":[["r"]]})");

  std::size_t before = google.seen().size();
  EXPECT_TRUE(loop.run(upload_result({}, result, options())).empty());
  EXPECT_TRUE(loop.run(upload_result(targets, {}, options())).empty());
  EXPECT_EQ(google.seen().size(), before) << "off unless configured";
}

TEST_F(Upload, TargetsAreOffUnlessTheirFilesAreThere) {
  test::TemporaryFolder folder;
  std::vector<Error> warnings;
  EXPECT_FALSE(find_upload_targets(folder.path(), kSheet, warnings).any());
  ASSERT_TRUE(write_file(folder / "firebase_creds.json", key_file()));
  ASSERT_TRUE(write_file(folder / "google_creds.json", key_file()));
  auto both = find_upload_targets(folder.path(), kSheet, warnings);
  EXPECT_TRUE(both.firestore && both.sheets);
  EXPECT_EQ(both.firestore->project_id, "my-project");
  EXPECT_FALSE(find_upload_targets(folder.path(), "", warnings).sheets) << "no address, no sheet";
  EXPECT_TRUE(warnings.empty());

  EXPECT_FALSE(find_upload_targets(folder.path(), "https://example.org/", warnings).sheets);
  ASSERT_EQ(warnings.size(), 1u);
  ASSERT_TRUE(write_file(folder / "firebase_creds.json", "{"));
  auto one = find_upload_targets(folder.path(), kSheet, warnings);
  EXPECT_TRUE(!one.firestore && one.sheets);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_TRUE(contains(warnings[1].message, "results are not sent to Firestore"));
  EXPECT_TRUE(contains(warnings[1].where, "firebase_creds.json"));
}

TEST(FirestoreDocument, NumbersAndNamesThatJsonOrFirestoreDoNotKnow) {
  json::object document{{"nan", std::nan("")}, {"inf", -std::numeric_limits<double>::infinity()}, {"big", std::numeric_limits<std::uint64_t>::max()},
                        {"", 1}, {"__x__", 2}, {std::string(1499, 'a') + "ü", 3}};
  json::object fields = firestore_document(document)["fields"].as_object();
  EXPECT_EQ(fields["nan"], (json::value{{"doubleValue", "NaN"}}));
  EXPECT_EQ(fields["inf"], (json::value{{"doubleValue", "-Infinity"}}));
  EXPECT_TRUE(fields["big"].as_object()["doubleValue"].is_double());
  EXPECT_TRUE(fields.contains("(empty)"));
  EXPECT_TRUE(fields.contains("(__x__)"));
  EXPECT_TRUE(fields.contains(std::string(1499, 'a')));
}

TEST(SpreadsheetId, OfAnAddress) {
  EXPECT_EQ(spreadsheet_id("https://docs.google.com/spreadsheets/d/1aB-_9/edit#gid=0"), "1aB-_9");
  EXPECT_EQ(spreadsheet_id("/spreadsheets/d//spreadsheets/d/x"), "x");
  EXPECT_EQ(spreadsheet_id("https://docs.google.com/spreadsheets/d/"), std::nullopt);
  EXPECT_EQ(spreadsheet_id(""), std::nullopt);
}

TEST_F(Upload, KeyFilesThatCannotBeUsed) {
  auto good = read_service_account(key_file(), "creds.json");
  ASSERT_TRUE(good) << to_string(good.error());
  EXPECT_EQ(good->client_email, "robot@my-project.iam.example");
  EXPECT_EQ(good->private_key_id, "k1");

  const std::string pem = key().pem();
  auto with = [&](std::string_view name, json::value value) {
    json::value document = parsed(key_file());
    document.as_object()[name] = std::move(value);
    return read_service_account(write_json(document), "creds.json");
  };
  std::vector<Result<ServiceAccount>> bad;
  for (const char* name : {"type", "private_key", "client_email", "token_uri", "project_id"}) {
    bad.push_back(with(name, nullptr));
    bad.push_back(with(name, 5));
  }
  bad.push_back(with("type", "authorized_user"));
  bad.push_back(with("private_key", json::value(pem.substr(0, pem.size() / 2))));
  bad.push_back(with("private_key", json::value(test::RsaKey(1024).pem())));
  bad.push_back(with("private_key", json::value(key().pem("hunter2"))));
  bad.push_back(with("token_uri", "http://tokens.example.org/token"));
  bad.push_back(with("token_uri", "https://a@b/"));
  bad.push_back(with("project_id", "a/../b"));
  bad.push_back(with("client_email", "a\nb"));
  bad.push_back(read_service_account("{\"private_key\": \"" + pem.substr(0, 60), "creds.json"));
  bad.push_back(read_service_account("[]", "creds.json"));
  for (auto& result : bad) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::data);
    EXPECT_EQ(result.error().where, "creds.json");
    EXPECT_FALSE(contains(to_string(result.error()), pem.substr(30, 20))) << to_string(result.error());
  }
}

}  // namespace
}  // namespace assay
