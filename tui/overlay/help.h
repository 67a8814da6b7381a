/* The text of help, apart from the overlay so that tests can read it. */
#ifndef WEIR_TUI_OVERLAY_HELP_H
#define WEIR_TUI_OVERLAY_HELP_H
#include "tui/keymap.h"
#include "tui/widget/textview.h"

struct help_scope {
    enum keymap_context keys;
    bool is_readonly;                               /* actions that write are grey */
    bool (*can)(void *context, enum action action); /* NULL: all */
    void *context;
};
void help_fill(struct textview *view, const struct keymap *keymap, const struct help_scope *scope);
#endif
