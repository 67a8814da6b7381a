/* The panes there are, in the order of their rows. UI thread. */
#include "tui/pane.h"

const struct pane_ops *const pane_rows[] = {
#define X(name) &pane_##name,
    PANES(X)
#undef X
        NULL};
