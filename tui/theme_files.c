/* Where themes come from: the user's own files first, then the shipped ones that are compiled in. UI thread, at start
 * and on :theme. */
#include "tui/shipped.h"
#include "tui/theme.h"
#include "tui/tui_files.h"
#include <stdio.h>
#include <string.h>

enum { THEME_BYTES_MAX = 64 * 1024 };

static const struct tui_files theme_files = {.folder = "themes", .suffix = ".theme"};

int theme_names(char names[][THEME_NAME], int max)
{
    return tui_files_names(&theme_files, names, max);
}

bool theme_load(struct theme *theme, const char *name, struct err *err)
{
    struct buf text = BUF_INIT(THEME_BYTES_MAX);
    char where[PATH_SIZE];
    bool ok = tui_files_read(&theme_files, name, &text, where, err) && theme_parse(theme, where, buf_text(&text), err);
    if (ok)
        snprintf(theme->name, sizeof theme->name, "%s", name);
    buf_done(&text);
    return ok;
}
