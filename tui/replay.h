/* A pane's past: the last snapshots of one source that differed from the one before, to step through. It grows to
 * REPLAY_MAX and then forgets the oldest. UI thread. */
#ifndef WEIR_TUI_REPLAY_H
#define WEIR_TUI_REPLAY_H
#include "backend/core/snap.h"

enum { REPLAY_MAX = 60 };
struct replay;
/* is_same: do two values of the source show the same? */
struct replay *replay_new(bool (*is_same)(const void *before, const void *now));
void replay_free(struct replay *replay);
/* A new snapshot; one without a value, or whose last try failed, is not kept. */
void replay_keep(struct replay *replay, const struct snap *snap);
void replay_forget(struct replay *replay); /* the past is of something else; back to the present */
/* One change back (-1) or forth (+1); 0: to the present. False when there is none. */
bool replay_step(struct replay *replay, int step);
/* What is shown instead of the newest; NULL: the present. Valid until the next call of the others. */
const struct snap *replay_shown(const struct replay *replay);
#endif
