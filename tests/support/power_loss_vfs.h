// A disk that forgets: while it lives, every SQLite file of this process goes through it, and it remembers each write and each
// sync. Afterwards disk_after() makes the disk as a power failure at any moment could have left it: what was synced is there,
// what was not is there, is missing, or is torn in its last sector, as the dice say. Threading: SQLite may use it from any thread;
// the rest belongs to one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace assay::test {

class PowerLossVfs {
 public:
  /// Becomes SQLite's default file system; the one before again when destroyed. One at a time.
  PowerLossVfs();
  ~PowerLossVfs();
  PowerLossVfs(const PowerLossVfs&) = delete;
  PowerLossVfs& operator=(const PowerLossVfs&) = delete;

  /// A file that was whole on the disk before. Counts as two events.
  void begin_with(const std::filesystem::path& path, std::string content);
  /// Writes, truncations, syncs and deletions so far: the moments at which the power can fail.
  std::size_t events() const;
  /// How many of them are syncs.
  std::size_t syncs() const;

  enum class Unsynced {
    lost,      // nothing that was not synced has reached the disk
    in_order,  // everything has, up to the last write, which is torn in a sector
    any        // each write by itself has, has not, or is torn: disks reorder
  };
  /// File contents by name (without folder) as the disk may hold them when the power fails right before event `moment`.
  /// `random` gives numbers of 32 bits. `honest` false: a disk that says "synced" and did nothing, to see that a test can fail.
  std::map<std::string, std::string> disk_after(std::size_t moment, Unsynced unsynced, const std::function<std::uint32_t()>& random,
                                                bool honest = true) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace assay::test
