#include "support/hub_stand_in.h"

#include <charconv>

#include "base/hash.h"
#include "base/json.h"
#include "base/stream_hash.h"

namespace assay::test {
namespace {

StandInReply refusal(int status, std::string code, std::string words) {
  return {.status = status, .body = write_json(json::object{{"error", words}}), .headers = {{"X-Error-Code", code}, {"X-Error-Message", words}}};
}

}  // namespace

std::string sha256_of(std::string_view content) { return sha256_hex(content); }
std::string git_blob_of(std::string_view content) {
  StreamHash hash = git_blob_hash(content.size());
  hash.update(content);
  return hash.hex();
}

HubStandIn::HubStandIn() {
  store_ = std::make_unique<HttpStandIn>([this](const StandInRequest& request) { return answer_store(request); });
  hub_ = std::make_unique<HttpStandIn>([this](const StandInRequest& request) { return answer(request); });
}
HubStandIn::~HubStandIn() = default;
std::string HubStandIn::endpoint() const {
  std::lock_guard guard(mutex_);  // what was written to `behaviour` up to now is seen by whoever answers later
  return hub_->root();
}
std::vector<StandInRequest> HubStandIn::seen() const { return hub_->seen(); }
std::vector<StandInRequest> HubStandIn::seen_store() const { return store_->seen(); }
bool HubStandIn::wait_for_store(std::size_t requests) const { return store_->wait_for(requests); }
std::unique_lock<std::mutex> HubStandIn::lock(Behaviour*& out) {
  out = &behaviour;
  return std::unique_lock(mutex_);
}

StandInReply HubStandIn::answer(const StandInRequest& request) {
  std::lock_guard guard(mutex_);
  Behaviour& b = behaviour;
  if (!b.token.empty() && request.header("authorization") != "Bearer " + b.token) {
    if (b.gated) return refusal(request.header("authorization").empty() ? 401 : 403, "GatedRepo", "Access to model " + b.repository + " is restricted.");
    return refusal(401, "RepoNotFound", "Repository not found");
  }
  const std::string api = (b.repository.starts_with("datasets/") ? "/api/" : "/api/models/") + b.repository + "/revision/", files = "/" + b.repository + "/resolve/" + std::string(kCommit) + "/";
  std::string_view target = request.target;
  if (!b.renamed_from.empty() && target.starts_with("/api/models/" + b.renamed_from + "/"))
    return {.status = 307, .body = "moved", .headers = {{"Location", "/api/models/" + b.repository + std::string(target.substr(12 + b.renamed_from.size()))}}};
  if (target.starts_with(api)) {
    target.remove_prefix(api.size());
    bool blobs = target.ends_with("?blobs=true") && b.describes;
    target = target.substr(0, target.find('?'));
    if (target != "main" && target != kCommit && target != "refs%2Fpr%2F1" && target != "refs%2Fconvert%2Fparquet") return refusal(404, "RevisionNotFound", "Invalid rev id: " + std::string(target));
    json::array siblings;
    for (const auto& [path, file] : b.files) {
      json::object one{{"rfilename", path}};
      if (blobs) one["size"] = file.content.size();
      if (blobs) one["blobId"] = git_blob_of(file.large ? "pointer" : file.content);
      if (blobs && file.large) one["lfs"] = {{"sha256", sha256_of(file.content)}, {"size", file.content.size()}, {"pointerSize", 134}};
      siblings.push_back(std::move(one));
    }
    return {.body = write_json(json::object{{"id", b.repository}, {"sha", kCommit}, {"siblings", std::move(siblings)}})};
  }
  if (!target.starts_with(files)) return refusal(404, "RepoNotFound", "Repository not found");
  if (b.pauses > 0) {
    --b.pauses;
    return {.status = 429, .body = "slow down", .headers = {{"Retry-After", "7"}}};
  }
  auto file = b.files.find(std::string(target.substr(files.size())));
  if (file == b.files.end()) return refusal(404, "EntryNotFound", "Entry not found");
  if (!file->second.large) return {.body = file->second.content, .headers = {{"ETag", "\"" + git_blob_of(file->second.content) + "\""}, {"X-Repo-Commit", kCommit}}};
  std::string sum = sha256_of(file->second.content);
  return {.status = 302,
          .body = "Found. Redirecting to a very long address",
          .headers = {{"Location", store_->root() + "/" + sum + "?signature=abc"}, {"X-Linked-Etag", "\"" + sum + "\""},
                      {"X-Linked-Size", std::to_string(file->second.content.size())}, {"X-Repo-Commit", kCommit}}};
}

StandInReply HubStandIn::answer_store(const StandInRequest& request) {
  std::lock_guard guard(mutex_);
  Behaviour& b = behaviour;
  if (!request.header("authorization").empty()) return {.status = 400, .body = "only one way to authorise is allowed"};
  if (b.expired > 0) return --b.expired, StandInReply{.status = 403, .body = "expired"};
  if (b.failures > 0) return --b.failures, StandInReply{.status = 503, .body = "a page that is no part of the file"};
  std::string content = b.other_content;
  if (content.empty())
    for (const auto& [path, file] : b.files)
      if (request.target.starts_with("/" + sha256_of(file.content) + "?")) content = file.content;
  if (content.empty()) return {.status = 404, .body = "no such blob"};
  StandInReply reply;
  std::string range = request.header("range");
  if (b.ranges && range.starts_with("bytes=")) {
    std::size_t first = 0, last = content.size() - 1;
    const char *at = range.data() + 6, *end = range.data() + range.size();
    at = std::from_chars(at, end, first).ptr;
    if (at < end) std::from_chars(at + 1, end, last);
    if (first >= content.size()) return {.status = 416};
    last = std::min(last, content.size() - 1);
    reply.status = 206;
    reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(content.size()));
    content = content.substr(first, last - first + 1);
  }
  reply.hang_after = b.hang_after;
  if (b.cuts > 0) --b.cuts, reply.cut_after = content.size() / 2;
  reply.body = std::move(content);
  return reply;
}

}  // namespace assay::test
