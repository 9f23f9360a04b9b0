// Small GGUF models written at test time (native-engine fixtures). The bytes are the same on every machine; no model is
// committed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/llama/gguf_writer.h"

namespace assay::test {

/// Random weights, two layers, byte-level BPE with ChatML.
std::string tiny_bpe_model(GgufType type = GgufType::f32);
/// Random weights, two layers, SentencePiece vocabulary: adds BOS, puts a blank before a text. `add_eos`: and asks for its end behind one.
std::string tiny_spm_model(bool add_eos = false);

/// A model whose logits depend on the current token alone: a test computes every log-likelihood itself.
class BigramModel {
 public:
  /// With `script`: after ChatML's assistant heading the model writes exactly that text and stops. Repeated pieces are no
  /// trouble, the text is one token. With `eos`: the token that the file names as its end, else the one that is its BOS.
  explicit BigramModel(std::string_view script = {}, int eos = -1);
  const std::string& bytes() const { return bytes_; }
  /// ln p(next | current), in double.
  double logprob(int current, int next) const;
  int likeliest(int current) const;
  static constexpr int kVocabulary = 512;

 private:
  std::vector<float> table_;  // [next][current]
  std::string bytes_;
};

}  // namespace assay::test
