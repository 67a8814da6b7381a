/* What the files of the Zones pane share. zones.c: the pane's ops and snapshots; zones_tile.c, zones_full.c: drawing;
 * zones_tree.c, zones_detail.c: two of the three parts; zones_act.c: moving about; zones_work.c, zones_job.c: what
 * changes the lake or the local disk; zones_copy.c: what can be copied. Nobody else includes it. */
#ifndef WEIR_TUI_PANE_ZONES_H
#define WEIR_TUI_PANE_ZONES_H
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/core/job.h"
#include "backend/domain/session.h"
#include "backend/domain/zones.h"
#include "tui/app.h"
#include "tui/frame.h"
#include "tui/replay.h"
#include "tui/source.h"
#include "tui/widget/grid.h"
#include "tui/widget/textview.h"
#include "tui/widget/tree.h"

enum { ZONES_KEY = 1025, ZONES_BUCKET = 64, ZONES_TRAIL = 32, ZONES_OPENED = 64, ZONES_TRACKED = 16 };

enum zones_part { PART_TREE, PART_LIST, PART_DETAIL, PART_COUNT };

struct zones_trail { /* what to come back to, one per level drilled into */
    char filter[256];
};

struct zones_tracked { /* a job of ours whose end must be told */
    int id;
    char edited[PATH_SIZE]; /* the file to open in the editor when it is there; "" none */
    char uri[ZONES_KEY + 80];
};

struct zones_state {
    struct pane *pane;
    struct zones *zones;
    int64_t opened_ms, asked_ms; /* wall time of opening, and of asking for the place: "asking ..., for 3s" */
    const struct snap *newest, *place, *object; /* held; NULL before the first */
    const struct snap *totals;                  /* the newest, or one of the past that is looked at; not held */
    struct replay *past;                        /* of the totals of the bucket shown */
    struct grid *zone_grid, *bucket_grid, *entry_grid;
    struct tree *tree;
    struct textview *detail;
    enum zones_part focus;
    struct rect parts[PART_COUNT]; /* of the last drawing, inside the frames; no columns: not on the screen */

    char bucket[ZONES_BUCKET], prefix[ZONES_KEY]; /* the place wanted; bucket "" before one is known */
    bool with_versions;
    char last_bucket[ZONES_BUCKET]; /* what Esc in the list of buckets goes back to */
    struct zones_trail trail[ZONES_TRAIL];
    int depth;
    size_t prefixes;  /* of the entries of the place */
    uint64_t land_on; /* row to put the cursor on once the place is there; 0 none */
    uint64_t opened[ZONES_OPENED];
    int opened_count;

    char key[ZONES_KEY], version[ZONES_KEY]; /* object asked for; key "" none */
    uint64_t detail_of;                      /* identity of the row that the details are for */
    /* While the next object is asked for, the details of the one before stay, under its name, for a moment: most
     * answers come at once, and painting the part twice per key would cost more than it tells. */
    bool is_detail_old;
    int64_t picked_ms;
    char detail_name[ZONES_KEY], detail_note[64]; /* of what the details show */

    struct zones_tracked tracked[ZONES_TRACKED];
    int tracked_count;
};

/* zones.c */
const struct zones_view *zones_view_of(const struct zones_state *state);    /* NULL: not there yet */
const struct place_view *zones_place_of(const struct zones_state *state);   /* NULL: not that of the wanted place */
const struct object_view *zones_object_of(const struct zones_state *state); /* NULL: not that of the chosen object */
bool zones_is_bucket_list(const struct zones_state *state);
void zones_go(struct zones_state *state, const char *bucket, const char *prefix); /* to a place; forgets the trail */
void zones_show_place(struct zones_state *state); /* tells the domain which place is wanted */
void zones_pick(struct zones_state *state);       /* the cursor may have moved: details follow */
uint64_t zones_key_id(const char *key, const char *version);
const struct entry_row *zones_entry(struct zones_state *state); /* under the cursor; NULL none */

/* What an action is about: the row under the cursor of the part in focus, as a name that outlives snapshots. */
struct zones_target {
    char bucket[ZONES_BUCKET], key[ZONES_KEY], version[ZONES_KEY];
    bool is_prefix, is_marker;
    int64_t bytes; /* -1 unknown */
};
bool zones_target(struct zones_state *state, struct zones_target *target);
void zones_uri(const struct zones_target *target, char *out, size_t size); /* "s3://bucket/key", raw */
const char *zones_base_name(const char *key);                              /* last part; of a prefix with its slash */

void zones_age(int64_t ms, int64_t now_ms, char out[TEXT_SHORT]); /* whole minutes from a minute on: nothing ticks */

/* zones_tile.c */
void zones_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect);
/* Flags, totals, freshness; with_name: the bucket's too. Returns the rows used. */
int zones_draw_facts(const struct zones_state *state, struct canvas *canvas, struct rect rect, bool with_name);
void zones_draw_nothing(const struct zones_state *state, const struct pane_status *status, struct canvas *canvas,
                        struct rect rect, const char *asked, int64_t since_ms); /* loading, error, denied */
/* zones_full.c */
void zones_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect);
bool zones_mouse(struct pane *pane, const struct event *event, struct rect rect);
/* zones_tree.c */
void zones_fill_tree(struct zones_state *state);
bool zones_tree_target(struct zones_state *state, struct zones_target *target);
bool zones_tree_is_on_buckets(const struct zones_state *state); /* the line that leads to the list of buckets */
void zones_tree_toggle(struct zones_state *state, bool open);
const struct zone_row *zones_row_of_prefix(const struct zones_state *state, const char *prefix);
/* zones_detail.c */
void zones_fill_detail(struct zones_state *state);
void zones_settle_detail(struct zones_state *state); /* before drawing: what stayed too long gives way */
void zones_describe(struct zones_state *state);
/* zones_act.c */
bool zones_act(struct pane *pane, enum action action);
bool zones_can(struct pane *pane, enum action action);
/* zones_work.c */
void zones_download(struct zones_state *state);
void zones_upload(struct zones_state *state);
void zones_remove(struct zones_state *state);
void zones_edit(struct zones_state *state);
bool zones_export(struct zones_state *state);
void zones_check_jobs(struct zones_state *state); /* tells what ended */
/* zones_copy.c */
void zones_copy_items(struct pane *pane, struct copy_items *items);
bool zones_raw_json(struct pane *pane, struct buf *out);
void zones_web(struct zones_state *state);
void zones_peek(struct zones_state *state);
#endif
