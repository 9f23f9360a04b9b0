#include "support/power_loss_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace assay::test {
namespace {

constexpr std::size_t kSector = 512;

struct Event {
  enum class Kind { write, truncate, sync, remove } kind;
  std::string file;         // its name without folder
  std::int64_t offset = 0;  // write; truncate: the new size
  std::string bytes;
  bool folder = false;  // remove, sync: the folder was synced with it
};

struct Log {
  sqlite3_vfs vfs{};
  sqlite3_vfs* inner = nullptr;
  mutable std::mutex mutex;
  std::vector<Event> events;
  void add(Event event) {
    std::lock_guard lock(mutex);
    events.push_back(std::move(event));
  }
};

/// What SQLite allocates for an open file; the inner file system's own follows it.
struct File {
  sqlite3_file base;
  Log* log;
  std::string* name;
  bool new_name;  // made just now: its first sync makes its name, and all other changes of the folder, durable
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

std::string base_name(const char* path) {
  return path ? std::filesystem::path(path).filename().string() : std::string();
}

int close_file(sqlite3_file* file) {
  int code = of(file)->inner()->pMethods->xClose(of(file)->inner());
  delete of(file)->name;
  return code;
}
int read_file(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
  return of(file)->inner()->pMethods->xRead(of(file)->inner(), into, bytes, offset);
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  int code = of(file)->inner()->pMethods->xWrite(of(file)->inner(), from, bytes, offset);
  if (code == SQLITE_OK)
    of(file)->log->add({Event::Kind::write, *of(file)->name, offset, std::string(static_cast<const char*>(from), static_cast<std::size_t>(bytes))});
  return code;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  int code = of(file)->inner()->pMethods->xTruncate(of(file)->inner(), size);
  if (code == SQLITE_OK) of(file)->log->add({Event::Kind::truncate, *of(file)->name, size, {}});
  return code;
}
/// The real disk need not work: what counts is the log.
int sync_file(sqlite3_file* file, int) {
  of(file)->log->add({Event::Kind::sync, *of(file)->name, 0, {}, std::exchange(of(file)->new_name, false)});
  return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return of(file)->inner()->pMethods->xFileSize(of(file)->inner(), size); }
int lock(sqlite3_file* file, int level) { return of(file)->inner()->pMethods->xLock(of(file)->inner(), level); }
int unlock(sqlite3_file* file, int level) { return of(file)->inner()->pMethods->xUnlock(of(file)->inner(), level); }
int check_lock(sqlite3_file* file, int* out) { return of(file)->inner()->pMethods->xCheckReservedLock(of(file)->inner(), out); }
int file_control(sqlite3_file* file, int what, void* argument) {
  return of(file)->inner()->pMethods->xFileControl(of(file)->inner(), what, argument);
}
int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
/// Promises nothing: no atomic writes, no order, no safe overwrite.
int characteristics(sqlite3_file*) { return 0; }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return of(file)->inner()->pMethods->xShmMap(of(file)->inner(), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return of(file)->inner()->pMethods->xShmLock(of(file)->inner(), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { of(file)->inner()->pMethods->xShmBarrier(of(file)->inner()); }
int shm_unmap(sqlite3_file* file, int remove) { return of(file)->inner()->pMethods->xShmUnmap(of(file)->inner(), remove); }

// Version 2: with shared memory for the log's index (not on the disk), without memory mapping past xWrite.
const sqlite3_io_methods kMethods{2,         close_file,  read_file,  write_file,   truncate_file, sync_file,       file_size, lock,        unlock,
                                  check_lock, file_control, sector_size, characteristics, shm_map,      shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

Log* log_of(sqlite3_vfs* vfs) { return static_cast<Log*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  Log* log = log_of(vfs);
  File* file = of(out);
  file->base.pMethods = nullptr;
  int code = log->inner->xOpen(log->inner, path, file->inner(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  file->log = log;
  file->name = new std::string(base_name(path));
  // As SQLite's own file system for Unix does it: it syncs the folder with a new journal or log, not with a new database.
  file->new_name = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  file->base.pMethods = &kMethods;
  return SQLITE_OK;
}
int remove_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  int code = log_of(vfs)->inner->xDelete(log_of(vfs)->inner, path, 0);
  if (code == SQLITE_OK) log_of(vfs)->add({Event::Kind::remove, base_name(path), 0, {}, sync_folder != 0});
  return code;
}

/// A file on the way through the events: as the disk surely has it, and what lies between that and what programs see.
struct Image {
  bool there = false;                  // on the disk for sure
  std::string synced;                  // its content there
  std::vector<const Event*> unsynced;  // since then
  bool ghost = false;                  // a deleted one of that name may still be on the disk
  std::string ghost_content;
};

void apply(std::string& content, const Event& event, std::size_t most) {
  if (event.kind == Event::Kind::truncate) {
    content.resize(static_cast<std::size_t>(event.offset));
    return;
  }
  std::size_t bytes = std::min(event.bytes.size(), most), offset = static_cast<std::size_t>(event.offset);
  if (bytes == 0) return;
  if (content.size() < offset + bytes) content.resize(offset + bytes);
  content.replace(offset, bytes, event.bytes, 0, bytes);
}

}  // namespace

struct PowerLossVfs::State : Log {};

PowerLossVfs::PowerLossVfs() : state_(std::make_unique<State>()) {
  Log& log = *state_;
  log.inner = sqlite3_vfs_find(nullptr);
  if (!log.inner) throw std::runtime_error("SQLite has no file system");
  log.vfs = *log.inner;
  log.vfs.zName = "assay-power-loss";
  log.vfs.pAppData = &log;
  log.vfs.pNext = nullptr;
  log.vfs.szOsFile = static_cast<int>(sizeof(File)) + log.inner->szOsFile;
  log.vfs.xOpen = open_file;
  log.vfs.xDelete = remove_file;
  // The rest of the inner file system finds its own data through its own object.
  log.vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return log_of(vfs)->inner->xAccess(log_of(vfs)->inner, path, flags, out);
  };
  log.vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return log_of(vfs)->inner->xFullPathname(log_of(vfs)->inner, path, size, out);
  };
  log.vfs.xRandomness = [](sqlite3_vfs* vfs, int size, char* out) { return log_of(vfs)->inner->xRandomness(log_of(vfs)->inner, size, out); };
  log.vfs.xSleep = [](sqlite3_vfs* vfs, int micros) { return log_of(vfs)->inner->xSleep(log_of(vfs)->inner, micros); };
  log.vfs.xCurrentTime = [](sqlite3_vfs* vfs, double* out) { return log_of(vfs)->inner->xCurrentTime(log_of(vfs)->inner, out); };
  log.vfs.xCurrentTimeInt64 = [](sqlite3_vfs* vfs, sqlite3_int64* out) {
    return log_of(vfs)->inner->xCurrentTimeInt64(log_of(vfs)->inner, out);
  };
  log.vfs.xGetLastError = [](sqlite3_vfs* vfs, int size, char* out) { return log_of(vfs)->inner->xGetLastError(log_of(vfs)->inner, size, out); };
  if (sqlite3_vfs_register(&log.vfs, 1) != SQLITE_OK) throw std::runtime_error("SQLite does not take the file system");
}

PowerLossVfs::~PowerLossVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->inner, 1);
}

void PowerLossVfs::begin_with(const std::filesystem::path& path, std::string content) {
  state_->add({Event::Kind::write, path.filename().string(), 0, std::move(content)});
  state_->add({Event::Kind::sync, path.filename().string(), 0, {}, true});
}

std::size_t PowerLossVfs::events() const {
  std::lock_guard lock(state_->mutex);
  return state_->events.size();
}

std::size_t PowerLossVfs::syncs() const {
  std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(
      std::count_if(state_->events.begin(), state_->events.end(), [](const Event& event) { return event.kind == Event::Kind::sync; }));
}

std::map<std::string, std::string> PowerLossVfs::disk_after(std::size_t moment, Unsynced unsynced,
                                                            const std::function<std::uint32_t()>& random, bool honest) const {
  std::lock_guard lock(state_->mutex);
  std::map<std::string, Image> images;
  const Event* last = nullptr;  // the last change of content, wherever
  for (std::size_t i = 0; i < std::min(moment, state_->events.size()); ++i) {
    const Event& event = state_->events[i];
    Image& image = images[event.file];
    switch (event.kind) {
      case Event::Kind::write:
      case Event::Kind::truncate:
        image.unsynced.push_back(&event);
        last = &event;
        break;
      case Event::Kind::sync:
        if (!honest) break;
        for (const Event* done : image.unsynced) apply(image.synced, *done, SIZE_MAX);
        image.unsynced.clear();
        image.there = true;
        image.ghost = false;
        if (event.folder)
          for (auto& [name, other] : images) other.ghost = false;
        break;
      case Event::Kind::remove:
        if (image.there && !event.folder) {
          image.ghost = true;
          image.ghost_content = std::move(image.synced);
        }
        image.there = false;
        image.synced.clear();
        image.unsynced.clear();
        break;
    }
  }
  std::map<std::string, std::string> out;
  for (const auto& [name, image] : images) {
    std::string content = image.synced;
    bool any = false;
    if (unsynced != Unsynced::lost) {
      for (const Event* event : image.unsynced) {
        std::size_t most = SIZE_MAX;
        bool torn = unsynced == Unsynced::in_order ? event == last : random() % 3 == 0;
        if (unsynced == Unsynced::any && random() % 3 == 0) continue;
        if (torn) most = random() % (event->bytes.size() / kSector + 1) * kSector;
        apply(content, *event, most);
        if (torn && event->kind == Event::Kind::write && most < event->bytes.size() && random() % 2 == 0) {
          // The sector that the head was over is neither old nor new.
          std::string noise(std::min(kSector, event->bytes.size() - most), '\0');
          for (char& c : noise) c = static_cast<char>(random());
          Event mess{Event::Kind::write, name, event->offset + static_cast<std::int64_t>(most), std::move(noise)};
          apply(content, mess, SIZE_MAX);
        }
        any = true;
      }
    }
    if (image.there || any) {
      out[name] = std::move(content);
    } else if (image.ghost && (unsynced == Unsynced::lost || (unsynced == Unsynced::any && random() % 2 == 0))) {
      out[name] = image.ghost_content;
    }
  }
  return out;
}

}  // namespace assay::test
