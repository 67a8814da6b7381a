/* Paths of local files as a user types them in a form. UI thread: looks at the disk, never reads it. */
#ifndef WEIR_TUI_TYPED_PATH_H
#define WEIR_TUI_TYPED_PATH_H
#include "backend/base/path.h"
#include <stdbool.h>
#include <stddef.h>

/* "~" and "~/x" are the home directory's, as in a shell; cut at PATH_SIZE. */
void typed_path(const char *text, char out[PATH_SIZE]);
/* Can a file be made at this path, or in it when it is a directory? False with the reason in words. */
bool typed_path_can_be_made(const char *path, char *why, size_t size);
#endif
