/* From a snapshot and its feed to what a frame says of a pane: age, state, error. Shared by all panes. UI thread. */
#ifndef WEIR_TUI_SOURCE_H
#define WEIR_TUI_SOURCE_H
#include "backend/core/feed.h"
#include "backend/core/snap.h"
#include "tui/pane.h"

/* Fills source, taken_ms and err of *status. snap NULL: nothing was published yet. */
void source_status(struct pane_status *status, const struct snap *snap, struct feed *feed, const struct app *app);
/* True when what is shown must be dimmed: it is older than it should be, or the last try failed. */
bool source_is_stale(const struct pane_status *status);
#endif
