// Providers that answer one POST, and differ in addresses, bodies and answers alone: those differences as pure functions, and the one
// Model over all of them. Dialects: bedrock_dialect.h, cohere_dialect.h, hugging_face_dialect.h, jina_dialect.h,
// reka_dialect.h.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

struct HostedBody {
  json::object json;
  std::set<std::string> sent;           // the parameters in it that could be left out, by OpenAI's names
  std::vector<std::string> left_out;    // asked for, not sent
  std::vector<std::string> deviations;  // whole sentences
  bool logprobs_unasked = false;        // they come with something that was asked for: the answer goes without them
};

struct HostedDialect {
  std::string_view backend;     // "cohere"
  std::string base;             // the provider's own address; "" = there is none
  std::string_view key_source;  // "COHERE_API_KEY"
  HttpHeader key_header;        // what stands before the key
  Capabilities can;
  bool key_needed = true;  // at the provider's own address

  /// What follows the base, "/" included.
  std::string (*path)(const Generate& request, std::string_view model) = nullptr;
  /// `refused`: parameters that the model is known not to take. Errors: unsupported.
  Result<HostedBody> (*body)(const Generate& request, std::string_view model, const std::set<std::string>& refused) = nullptr;
  /// Errors: bad_response, server (the answer says that generation failed).
  Result<Response> (*response)(const json::value& body) = nullptr;
  /// Members of `extra` go here: "" = beside the others; else into that member of the body, where there is one.
  std::string_view extra_into;
  /// GET of this path tells who the model is; "" = nothing does.
  std::string (*probe)(std::string_view model) = nullptr;
  std::vector<std::string_view> probe_members{};
  /// May change the kind of a refusal that means something else here than elsewhere.
  void (*refusal)(Error& error, const HttpResponse& response) = nullptr;
};

/// `layer`: a transport that the model owns and asks through in place of `transport` (request signing); else null. `transport` and `clock`
/// outlive the model.
std::unique_ptr<Model> make_hosted_model(HostedDialect dialect, HttpModelOptions options, Transport& transport, Clock& clock,
                                         std::unique_ptr<Transport> layer = nullptr);

/// Writes the sampling parameters of a request under a dialect's own names, and remembers which were sent and which left out.
class HostedWriter {
 public:
  /// All outlive the writer; parameters go into `target`, which may be a part of `body.json`.
  HostedWriter(HostedBody& body, json::object& target, const std::set<std::string>& refused)
      : body_(body), target_(target), refused_(refused) {}
  template <class T>
  void optional(const char* name, const char* here, const std::optional<T>& value) {
    if (value) set(name, here, json::value(*value));
  }
  void texts(const char* name, const char* here, const std::vector<std::string>& values) {
    if (!values.empty()) set(name, here, json::array(values.begin(), values.end()));
  }
  void set(const char* name, const char* here, json::value value);
  /// The provider has no such parameter.
  void none(const char* name, bool asked) {
    if (asked) body_.left_out.emplace_back(name);
  }

 private:
  HostedBody& body_;
  json::object& target_;
  const std::set<std::string>& refused_;
};

/// The system messages' texts, and the others, in order.
struct SplitMessages {
  std::string system;
  std::vector<Message> turns;
};
SplitMessages split_messages(const std::vector<Message>& messages);

/// Ends the answer before the first of the texts that were to end it: some providers hand that text over, some pay it no heed. What was
/// cut so has ended, whatever the provider says. Where the stop is among what was `left_out`, the answer stays as it is.
void cut_at_stop(Result<Response>& answer, const std::vector<std::string>& stops, const std::vector<std::string>& left_out);

/// The text of `value` if it is one; "" else.
std::string hosted_text(const json::value* value);

}  // namespace assay
