/* The two kinds of small text files that users may add to: themes and keymaps. A name is looked up in the user's
 * configuration first, then among the shipped ones. UI thread. */
#ifndef WEIR_TUI_TUI_FILES_H
#define WEIR_TUI_TUI_FILES_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/path.h"

enum { TUI_FILE_NAME = 64 };
struct tui_files {
    const char *folder; /* "themes" */
    const char *suffix; /* ".theme" */
};
/* Appends the text called NAME to out and tells in where what to call it in errors ("themes/light.theme", a path). A
 * name that is not there: ERR_CONFIG with the names that are. */
bool tui_files_read(const struct tui_files *files, const char *name, struct buf *out, char where[PATH_SIZE],
                    struct err *err);
/* Names in order: shipped, then the user's own that are not shipped too. Returns how many, at most max. */
int tui_files_names(const struct tui_files *files, char names[][TUI_FILE_NAME], int max);
#endif
