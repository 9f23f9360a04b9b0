#include "model/http/bedrock.h"

#include "base/text.h"
#include "model/http/bedrock_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class SigningTransport final : public Transport {
 public:
  SigningTransport(Transport& inner, Clock& clock, AwsCredentials credentials, SigV4Scope scope)
      : inner_(inner), clock_(clock), credentials_(std::move(credentials)), scope_(std::move(scope)) {}

  Async<HttpResponse> send(HttpRequest request) override {
    if (credentials_.access_key_id.empty() || credentials_.secret_access_key.empty())
      co_return fail(ErrorKind::auth, "there are no AWS credentials to sign the request with", shown_url(request.url),
                     "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    sign(request);
    Result<HttpResponse> response = co_await inner_.send(std::move(request));
    if (response) {
      redact(*response, credentials_.secret_access_key);
      redact(*response, credentials_.session_token);
      redact(*response, Secret(credentials_.access_key_id));
    }
    co_return response;
  }

 private:
  void sign(HttpRequest& request) const {
    const std::string date = amz_date(clock_.unix_micros());
    SigV4Request signing;
    signing.method = request.method;
    signing.body = request.body;
    std::string_view rest = request.url;
    const bool tls = rest.starts_with("https:");
    if (std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) rest.remove_prefix(scheme + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string host(rest.substr(0, slash));
    if (std::string_view usual = tls ? ":443" : ":80"; host.ends_with(usual)) host.resize(host.size() - usual.size());  // not sent
    rest.remove_prefix(slash);
    const std::size_t query = std::min(rest.find('?'), rest.size());
    signing.path = rest.substr(0, query);
    if (query < rest.size()) signing.query = rest.substr(query + 1);
    signing.headers = {{"host", std::move(host)}, {"x-amz-date", date}};
    for (const HttpHeader& header : request.headers)
      if (lower(header.name) == "content-type") signing.headers.emplace_back("content-type", header.value);
    request.headers.push_back({"X-Amz-Date", date});
    if (!credentials_.session_token.empty()) {
      signing.headers.emplace_back("x-amz-security-token", std::string(credentials_.session_token.reveal()));
      request.headers.push_back({"X-Amz-Security-Token", "", credentials_.session_token});
    }
    request.headers.push_back({"Authorization", "", Secret(sigv4_authorization(signing, date, scope_, credentials_))});
  }

  Transport& inner_;
  Clock& clock_;
  AwsCredentials credentials_;
  SigV4Scope scope_;
};

}  // namespace

std::unique_ptr<Transport> make_signing_transport(Transport& inner, Clock& clock, AwsCredentials credentials, SigV4Scope scope) {
  return std::make_unique<SigningTransport>(inner, clock, std::move(credentials), std::move(scope));
}

std::unique_ptr<Model> make_bedrock_model(BedrockOptions options, Transport& transport, Clock& clock) {
  if (options.region.empty()) options.region = "us-west-2";
  const std::string own = "https://bedrock-runtime." + options.region + ".amazonaws.com";
  HostedDialect dialect = bedrock_dialect();
  const bool unsigned_yet = options.credentials.access_key_id.empty() || options.credentials.secret_access_key.empty();
  AwsCredentials credentials = std::move(options.credentials);  // before what all models have is taken out of `options`
  SigV4Scope scope{std::move(options.region), "bedrock"};
  HttpModelOptions http = static_cast<HttpModelOptions&&>(std::move(options));
  if (http.base.empty()) http.base = own;
  http.key = Secret();
  dialect.key_needed = unsigned_yet;  // nothing can be asked without credentials, at whatever address: identify() says so
  dialect.base = http.base;
  if (http.key_source.empty()) http.key_source = std::string(dialect.key_source);
  auto layer = make_signing_transport(transport, clock, std::move(credentials), std::move(scope));
  return make_hosted_model(std::move(dialect), std::move(http), transport, clock, std::move(layer));
}

}  // namespace assay
