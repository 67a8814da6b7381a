/* Paths and small file work: XDG directories, whole-file reads with a maximum, atomic writes. Local files only. */
#ifndef WEIR_BASE_PATH_H
#define WEIR_BASE_PATH_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <sys/types.h>

enum { PATH_SIZE = 4096 };
enum path_xdg { XDG_CONFIG, XDG_STATE, XDG_CACHE, XDG_DATA };
/* "$XDG_STATE_HOME/weir" or the specification's default below HOME. False when HOME is unset or the result is too long.
 */
bool path_xdg_dir(enum path_xdg which, char out[PATH_SIZE], struct err *err);
/* out = dir "/" name; false when too long. */
bool path_join(char out[PATH_SIZE], const char *dir, const char *name, struct err *err);
/* mkdir -p with this mode for what it makes. */
bool path_make_dirs(const char *dir, mode_t mode, struct err *err);
/* Appends the file's bytes; a file over out's maximum is ERR_TOO_LARGE, absent is ERR_NOT_FOUND. */
bool path_read(const char *path, struct buf *out, struct err *err);
/* Writes beside it, fsyncs, renames: the old content or the new, never a part. */
bool path_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err);
bool path_exists(const char *path);
/* rm -r below and including dir; symbolic links are not followed. */
bool path_remove_tree(const char *dir, struct err *err);
/* Opens /dev/null on each of the descriptors 0 to 2 that is closed, so that no file or connection of ours can become
 * standard input, output or error. Only 0 can be read from; writes to 1 and 2 fail as they would have. Main thread,
 * first thing. */
void path_fill_standard_fds(void);
#endif
