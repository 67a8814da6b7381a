/* Panes: each is a file tui/pane/NAME.c that ends with `const struct pane_ops pane_NAME`, and a row here. A pane draws
 * from snapshots and its private state only; it never waits, calls or parses. Everything is on the UI thread. NULL op =
 * the shared default. */
#ifndef WEIR_TUI_PANE_H
#define WEIR_TUI_PANE_H
#include "backend/base/err.h"
#include "backend/core/snap.h"
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/keymap.h"

/* X(name): in the order of their numbers. Panes whose issue is still to come have no row and are not shown. */
#define PANES(X)                                                                                                       \
    X(zones)                                                                                                           \
    X(catalog)                                                                                                         \
    X(query)

enum { COPY_ITEMS = 16 };
struct copy_items {
    struct {
        char label[32];  /* "URI" */
        struct buf text; /* exact bytes */
    } item[COPY_ITEMS];
    int count;
};

struct app;
struct session;
enum pane_source {
    SOURCE_LOADING,
    SOURCE_OK,
    SOURCE_REFRESHING,
    SOURCE_RETRYING, /* calls fail and are repeated */
    SOURCE_STALE,
    SOURCE_DENIED,
    SOURCE_CREDENTIALS, /* none, wrong or expired ones, or a clock that spoils them */
    SOURCE_UNREACHABLE,
    SOURCE_ERROR,
    SOURCE_PAUSED,
    SOURCE_REPLAY /* the past is shown */
};
struct pane_status { /* for the frame: the title line carries the truth about the pane */
    enum pane_source source;
    int64_t taken_ms;        /* wall time of the value shown; 0 none */
    struct err err;          /* of the last try; drawn in the pane: one line of cause, one of remedy */
    struct snap_retry retry; /* SOURCE_RETRYING: how often, since when, the next one */
    char note[96];           /* right end of the title line, before age and state ("4 objects, 3.4 MiB") */
    int64_t shown, total;    /* footer "12 of 4 310"; total -1 none */
    bool total_is_at_least;
    bool is_filtered;
};
struct pane {
    const struct pane_ops *ops;
    struct app *app;
    struct session *session;
    void *state; /* private, made by open */
    bool is_zoomed, has_focus;
};
struct pane_ops {
    const char *name;  /* "zones" */
    const char *title; /* "Zones" */
    int number;        /* key and tab */
    enum keymap_context context;
    const enum action *footer; /* the live keys, ends with ACTION_none */
    bool has_parts; /* the full view has several frames and draws them itself (frame.h): its rect is the whole body */
    bool (*open)(struct pane *pane, struct err *err);
    void (*close)(struct pane *pane);
    void (*show)(struct pane *pane, bool visible); /* a hidden pane's feeds sleep */
    /* A snapshot, job or theme may have changed: takes the newest; true when the pane must be drawn again. */
    bool (*changed)(struct pane *pane);
    /* Inside the frame, which the app has drawn. */
    void (*draw_tile)(struct pane *pane, struct canvas *canvas, struct rect rect);
    void (*draw_full)(struct pane *pane, struct canvas *canvas, struct rect rect);
    /* True when it took the action. */
    bool (*act)(struct pane *pane, enum action action);
    bool (*mouse)(struct pane *pane, const struct event *event, struct rect rect);
    /* True while keys and pastes go to key() before the keymap (an editor has the focus); NULL: never. */
    bool (*takes_text)(const struct pane *pane);
    /* A key, or a paste that no overlay takes; true: taken, false: the keymap is asked. */
    bool (*key)(struct pane *pane, const struct event *event);
    enum keymap_context (*context_now)(const struct pane *pane); /* of the part in focus; NULL: context */
    /* Text that another pane hands over (app_hand_over): a name for the editor; false: it cannot be used here now. */
    bool (*receive)(struct pane *pane, const char *text);
    void (*status)(struct pane *pane, struct pane_status *status);
    bool (*crumbs)(struct pane *pane, struct buf *out);  /* "lake-imba > raw > orders", raw text; NULL: none */
    void (*filter)(struct pane *pane, const char *text); /* set or clear ("") the filter; NULL: no filter here */
    const char *(*filter_text)(struct pane *pane);
    /* Sorts by a column's id; false: there is none of that name. NULL: nothing to sort. */
    bool (*sort)(struct pane *pane, const char *column, bool reverse);
    /* Steps through the past: one change back (-1) or forth (+1), 0 to the present. False when there is none that way.
     * NULL: no past is kept. */
    bool (*replay)(struct pane *pane, int step);
    void (*pause)(struct pane *pane, bool is_paused); /* its feeds stop asking; NULL: it has none */
    /* What the copy menu offers; see overlay.h. */
    void (*copy_items)(struct pane *pane, struct copy_items *items);
    bool (*raw_json)(struct pane *pane, struct buf *out); /* what `v` shows: the selected thing as JSON */
    bool (*can)(struct pane *pane, enum action action);   /* false: greyed in footer and help; NULL: all */
    /* A `:` line that is no command of the console: *taken false: nor of this pane; NULL: it has none. */
    bool (*command)(struct pane *pane, const char *line, bool *taken, struct err *err);
    /* Keys that work now and are in no keymap, for help; NULL: none. */
    void (*help)(const struct pane *pane, void (*each)(void *data, const char *keys, const char *help), void *data);
    const char *permissions; /* what `P` shows: the IAM actions that this pane needs, one per line */
    const char *empty;       /* what would fill it */
};
#define X(name) extern const struct pane_ops pane_##name;
PANES(X)
#undef X
extern const struct pane_ops *const pane_rows[]; /* ends with NULL */

void copy_add(struct copy_items *items, const char *label, const char *bytes, size_t len);
#endif
