// Names for things of foreign files whose ids may repeat: ID, then ID#2, ID#3 and so on, past those that others have as ids of their own.
// Takes time as the things do, however often one id comes.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

namespace assay {

class DistinctNames {
 public:
  /// False: something has that name already.
  bool add(const std::string& id) { return last_.try_emplace(id, 1).second; }
  bool contains(const std::string& id) const { return last_.contains(id); }

  /// A name for a further thing of that id.
  std::string further(const std::string& id) {
    for (;;) {
      std::string name = id + "#" + std::to_string(++last_[id]);
      if (add(name)) return name;
    }
  }
  /// The id itself, or a name for a further thing of it.
  std::string name(const std::string& id) { return add(id) ? id : further(id); }

 private:
  std::unordered_map<std::string, std::size_t> last_;  // the number that a name of its own was given last
};

}  // namespace assay
