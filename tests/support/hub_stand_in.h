// A model hub on loopback: the API, files beside it, large files behind a redirect to a second port, as the real one has them; and its ways
// to fail.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "support/http_stand_in.h"

namespace assay::test {

class HubStandIn {
 public:
  struct File {
    std::string content;
    bool large = false;  // stored apart: sha256, redirect
  };
  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

  HubStandIn();
  ~HubStandIn();

  std::string endpoint() const;
  std::vector<StandInRequest> seen() const;        // by the hub
  std::vector<StandInRequest> seen_store() const;  // by where large files are
  bool wait_for_store(std::size_t requests) const;

  /// How it behaves; change between requests under lock().
  struct Behaviour {
    std::string repository = "org/model";
    std::map<std::string, File> files;
    std::string token;              // needed, unless empty
    bool gated = false;             // what lacks it is said to be gated
    bool describes = true;          // the API names sizes and sums
    bool ranges = true;             // the store honours Range
    int pauses = 0;                 // so many of the next requests for files are answered 429 with Retry-After: 7
    int cuts = 0;                   // so many of the next answers of the store end in the middle
    int failures = 0;               // so many of the next answers of the store are 503
    std::size_t hang_after = StandInReply::kAll;  // bytes of the store's next answers
    int expired = 0;                // so many of the next answers of the store are 403
    std::string other_content;      // the store sends this in place of any file
    std::string renamed_from;       // asked by this name the hub redirects to `repository`
  };
  std::unique_lock<std::mutex> lock(Behaviour*& behaviour);
  Behaviour behaviour;  // before endpoint() is asked for, with no request under way

 private:
  StandInReply answer(const StandInRequest& request);
  StandInReply answer_store(const StandInRequest& request);
  mutable std::mutex mutex_;
  std::unique_ptr<HttpStandIn> store_, hub_;  // the hub names the store, so it ends first
};

std::string sha256_of(std::string_view content);
std::string git_blob_of(std::string_view content);

}  // namespace assay::test
