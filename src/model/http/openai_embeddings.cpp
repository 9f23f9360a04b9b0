#include "model/http/openai_embeddings.h"

#include <cmath>

#include "model/embedding.h"
#include "model/http/openai_dialect.h"

namespace assay {
namespace {

Result<Vector> read_vector(const json::value& value) {
  if (value.is_string()) return vector_of_base64_floats(std::string_view(value.get_string().data(), value.get_string().size()));
  const json::array* list = value.if_array();
  if (!list || list->empty()) return fail(ErrorKind::data, "an embedding is no list of numbers");
  // llama-server gives a list of rows where nothing is pooled.
  if (list->front().is_array())
    return list->size() == 1 ? read_vector(list->front()) : fail(ErrorKind::data, "the server gives a vector for each token", {}, "start it with pooling (llama-server: --pooling mean)");
  if (list->size() > kMostDimensions) return fail(ErrorKind::data, "an embedding has more than " + std::to_string(kMostDimensions) + " numbers");
  Vector out;
  out.reserve(list->size());
  for (const json::value& one : *list) {
    auto number = as_number(one);
    if (!number || !std::isfinite(*number)) return fail(ErrorKind::data, "an embedding holds something that is no finite number");
    out.push_back(*number);
  }
  return out;
}

}  // namespace

json::object openai_embeddings_body(const Generate& request, std::string_view model) {
  json::object body;
  if (!model.empty()) body["model"] = model;
  json::array& input = body["input"].emplace_array();
  for (const Message& message : request.messages) input.emplace_back(message.content);
  body["encoding_format"] = "float";
  return body;
}

Result<Response> openai_embeddings_response(const json::value& body, std::size_t count) {
  auto bad = [](std::string message, std::string hint = {}) { return fail(ErrorKind::bad_response, std::move(message), {}, std::move(hint)); };
  const json::value* data = find(body, "data");
  if (!data || !data->is_array()) return bad("the answer has no \"data\"");
  if (data->get_array().size() != count)
    return bad("the answer holds " + std::to_string(data->get_array().size()) + " embeddings for " + std::to_string(count) + " texts");
  std::vector<Vector> vectors(count);
  std::size_t position = 0;
  for (const json::value& item : data->get_array()) {
    const json::value* embedding = find(item, "embedding");
    if (!embedding) return bad("an item of the answer has no \"embedding\"");
    auto vector = read_vector(*embedding);
    if (!vector) return bad(vector.error().message, vector.error().hint);
    const std::int64_t index = get_integer(item, "index").value_or(static_cast<std::int64_t>(position++));
    if (index < 0 || static_cast<std::size_t>(index) >= count || !vectors[static_cast<std::size_t>(index)].empty()) return bad("the answer's indices are not those of the texts");
    vectors[static_cast<std::size_t>(index)] = std::move(*vector);
  }
  for (const Vector& vector : vectors)
    if (vector.size() != vectors.front().size()) return bad("the answer's embeddings have " + std::to_string(vectors.front().size()) + " and " + std::to_string(vector.size()) + " numbers");
  Response out;
  out.text = vectors_text(vectors);
  out.finish = Finish::stop;
  out.usage = openai_usage(body);
  if (out.usage.input_tokens && !out.usage.output_tokens) out.usage.output_tokens = 0;
  out.model_reported = get_string(body, "model").value_or("");
  return out;
}

}  // namespace assay
