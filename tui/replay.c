/* The ring of a pane's past. UI thread. */
#include "tui/replay.h"
#include <stdlib.h>
#include <string.h>

struct replay {
    bool (*is_same)(const void *before, const void *now);
    const struct snap *kept[REPLAY_MAX]; /* oldest first */
    int count;
    int at; /* what is shown; -1: the present */
};

struct replay *replay_new(bool (*is_same)(const void *before, const void *now))
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        abort();
    replay->is_same = is_same;
    replay->at = -1;
    return replay;
}

void replay_forget(struct replay *replay)
{
    for (int i = 0; i < replay->count; i++)
        snap_put(replay->kept[i]);
    replay->count = 0;
    replay->at = -1;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    replay_forget(replay);
    free(replay);
}

static void forget_oldest(struct replay *replay)
{
    snap_put(replay->kept[0]);
    replay->count--;
    memmove(replay->kept, replay->kept + 1, (size_t)replay->count * sizeof *replay->kept);
    if (replay->at > 0) /* what is shown stays, unless it was the oldest itself: then the next one is */
        replay->at--;
}

void replay_keep(struct replay *replay, const struct snap *snap)
{
    if (!snap || !snap->value || snap->err.code != ERR_OK)
        return;
    if (replay->count && replay->is_same(replay->kept[replay->count - 1]->value, snap->value))
        return;
    if (replay->count == REPLAY_MAX)
        forget_oldest(replay);
    replay->kept[replay->count++] = snap_get(snap);
}

bool replay_step(struct replay *replay, int step)
{
    if (step == 0) {
        bool was_past = replay->at >= 0;
        replay->at = -1;
        return was_past;
    }
    int newest = replay->count - 1; /* shows what the present shows */
    int at = (replay->at < 0 ? newest : replay->at) + step;
    if (at < 0 || (replay->at < 0 && step > 0))
        return false;
    replay->at = at >= newest ? -1 : at;
    return true;
}

const struct snap *replay_shown(const struct replay *replay)
{
    return replay->at >= 0 ? replay->kept[replay->at] : NULL;
}
