/* What the files of the Query pane share. query.c: the pane's ops and snapshots; query_draw.c: the picture;
 * query_act.c: what keys do; query_tab.c: buffers, their drafts and files; query_language.c: colours and completion;
 * query_work.c: running, estimates, errors; query_grid.c: results as a grid; query_find.c: looking through them;
 * query_task.c, query_take.c: jobs, and what can be copied or exported. Nobody else includes it. */
#ifndef WEIR_TUI_PANE_QUERY_H
#define WEIR_TUI_PANE_QUERY_H
#include "backend/core/feed.h"
#include "backend/core/snap.h"
#include "backend/domain/catalog.h"
#include "backend/domain/estimate.h"
#include "backend/domain/query.h"
#include "backend/domain/query_buffers.h"
#include "backend/domain/result.h"
#include "backend/domain/session.h"
#include "tui/app.h"
#include "tui/frame.h"
#include "tui/grid_result.h"
#include "tui/widget/editor.h"
#include "tui/widget/grid.h"
#include "tui/widget/tree.h"

enum { QUERY_TABS_MAX = QUERY_BUFFERS_MAX, QUERY_TASKS_MAX = 16, QUERY_TEXT_MAX = EDITOR_BYTES_MAX };

enum query_part { QUERY_EDITOR, QUERY_RESULT, QUERY_CATALOG, QUERY_PARTS };
enum { QUERY_OPENED_MAX = 64 };

/* Statements of one run, in order, and where in the buffer they began. */
struct query_request {
    char **sql;
    size_t *starts; /* bytes */
    size_t count;
    bool only_reads, scans;
};

struct query_tab { /* a buffer with what it ran last */
    struct query_pane *state;
    int id;                         /* of its draft */
    char title[QUERY_BUFFER_TITLE]; /* name of its saved query; "" none */
    char database[256];             /* of names without one: the configuration's until USE names another */
    struct editor *editor;
    uint64_t put_generation;   /* of the editor, when it was last handed to the drafts */
    uint64_t saved_generation; /* when it was as its file is */
    bool is_put;
    uint64_t judged_generation; /* of the text and place of the cursor for which only_reads holds */
    size_t judged_byte;
    bool only_reads;
    /* the last run */
    int64_t first_id;
    size_t run_count, *starts;
    bool follows;      /* shows the statement of the run that runs now */
    int64_t placed_id; /* whose error the cursor was put to */
    /* what is shown below */
    int64_t shown_id;  /* 0: nothing */
    int64_t result_id; /* whose result this is */
    int64_t opened_id; /* of the history: whose result was asked for */
    int64_t fills;     /* whose whole statement is awaited, for the text to become it; 0 none */
    struct result *result;
    struct grid_result source;
    struct grid *grid; /* NULL until there are columns */
    bool shows_summary;
    int summary_column;
    struct query_chart *chart; /* in place of the grid; NULL none */
    char find_text[256];       /* "" none yet */
    bool is_finding, finds_backward, has_found_all;
};

struct query_task;
struct query_pane {
    struct pane *pane;
    struct queries *queries;
    struct query_buffers *buffers;
    const struct snap *view, *catalog; /* held; NULL before the first */
    struct query_tab *tabs[QUERY_TABS_MAX];
    int tab_count, tab;
    enum query_part focus;
    bool shows_history;
    struct grid *history, *recent;  /* the same rows, whole and for the tile */
    struct rect parts[QUERY_PARTS]; /* of the last drawing, inside the frames; no columns: not on the screen */
    struct query_task *tasks[QUERY_TASKS_MAX];
    int task_count;
    struct query_task *estimating; /* one of them; a run waits for it */
    char estimate[160];            /* last estimate in words; "" none */
    int64_t asked_ms;              /* when it was asked for */
    int64_t catalog_asked_ms;
    bool has_catalog;            /* there is room for it */
    struct tree *tree;           /* the catalog */
    struct query_entry *entries; /* of its rows */
    size_t entry_count;
    uint64_t opened[QUERY_OPENED_MAX];
    int opened_count;
    bool is_restored;
    bool recent_moved; /* a row of the tile was chosen: Enter opens it, not the editor */
};

/* query.c */
const struct queries_view *query_view_of(const struct query_pane *state);
const struct catalog_view *query_catalog_of(const struct query_pane *state);
struct query_tab *query_tab_now(const struct query_pane *state);
const struct query_row *query_shown(const struct query_pane *state); /* of the tab in front; NULL none */
struct grid *query_grid_now(const struct query_pane *state);         /* history or result; NULL none */
int64_t query_now(const struct query_pane *state);
void query_want_catalog(struct query_pane *state); /* asks for it when it is old; never waits */

/* query_draw.c */
void query_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect);
void query_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect);
bool query_mouse(struct pane *pane, const struct event *event, struct rect rect);
/* An error where it happened: cause, then remedy; returns the rows used. */
int query_draw_error(struct canvas *canvas, struct rect rect, const struct err *err);
/* query_side.c: the panel beside the result */
void query_draw_summary(struct query_pane *state, struct canvas *canvas, struct rect rect);

/* query_act.c */
bool query_act(struct pane *pane, enum action action);
bool query_can(struct pane *pane, enum action action);

/* query_tab.c */
struct query_tab *query_tab_new(struct query_pane *state, const char *text, size_t len,
                                const char *title); /* NULL: too many */
void query_tab_free(struct query_tab *tab);
void query_tab_show(struct query_pane *state, int index);
void query_tab_close(struct query_pane *state);
void query_tab_name(const struct query_tab *tab, char out[QUERY_BUFFER_TITLE + 16]);
bool query_tab_is_modified(const struct query_tab *tab); /* against its file */
bool query_tab_text(const struct query_tab *tab, struct buf *out);
void query_tabs_restore(struct query_pane *state); /* once the drafts are read */
void query_tabs_put(struct query_pane *state);     /* hands what has changed to the drafts */
void query_saved_menu(struct query_pane *state);
void query_saved_ask(struct query_pane *state);
void query_edit_outside(struct query_pane *state);
void query_format(struct query_pane *state);

/* query_language.c */
extern const struct editor_language query_language;

/* query_work.c */
void query_start(struct query_pane *state, bool is_all);
void query_estimate(struct query_pane *state);
void query_explain(struct query_pane *state);
bool query_cancel(struct query_pane *state);        /* false: nothing runs here */
bool query_may_run(const struct query_pane *state); /* what the cursor is in is not refused by --readonly */
void query_place_errors(struct query_pane *state, struct query_tab *tab);
void query_reopen(struct query_pane *state, const struct query_row *row);
bool query_is_running(const struct query_pane *state, const struct query_tab *tab);

/* query_grid.c */
void query_tab_follow(struct query_tab *tab); /* takes the result that is there, makes or drops the grid */
void query_tab_drop_result(struct query_tab *tab);

/* query_find.c */
void query_find(struct query_pane *state, bool is_backward);
bool query_find_stop(struct query_pane *state);           /* false: nothing was looked for */
bool query_tab_is_cut_short(const struct query_tab *tab); /* the result's rows are not all, nor will they be */
/* query_grid.c: the sort, filter or summary at work is given up; false: none is */
bool query_arrange_stop(struct query_pane *state);
void query_find_follow(struct query_tab *tab); /* to what has been found meanwhile */

/* query_tree.c */
void query_tree_fill(struct query_pane *state); /* the catalog, the buffer or what is open has changed */
void query_tree_draw(struct query_pane *state, struct canvas *canvas, struct rect in, bool has_focus);
bool query_tree_act(struct query_pane *state, enum action action);

/* query_chart.c */
struct query_chart;
void query_chart_toggle(struct query_pane *state);
void query_chart_draw(struct query_chart *chart, struct canvas *canvas, struct rect rect);
bool query_chart_act(struct query_chart *chart, enum action action); /* scrolls bars */
void query_chart_free(struct query_chart *chart);                    /* NULL is fine */

/* query_take.c */
void query_copy_menu(struct query_pane *state);
void query_peek(struct query_pane *state);
void query_export(struct query_pane *state);
bool query_raw_json(struct pane *pane, struct buf *out);
void query_describe(struct query_pane *state);

/* query_task.c: work off the UI thread. run is on a pool thread and touches the task alone; done is the UI thread's,
 * and not called when the pane has closed meanwhile. */
struct query_task_ops {
    const char *kind;
    bool (*run)(struct query_task *task, struct err *err);
    void (*done)(struct query_pane *state, struct query_task *task);
};
enum query_wish { QUERY_WISH_RUN, QUERY_WISH_ESTIMATE };
struct query_task {
    const struct query_task_ops *ops;
    struct session *session;
    struct job *job; /* while run runs */
    const struct cancel *cancel;
    int job_id;
    struct err err;
    bool ok, is_dropped; /* its answer is no longer wanted */
    /* what it works on and makes; freed with it */
    struct query_request *request;
    enum query_wish wish;
    int64_t price_cents, max_scan;
    char database[256], dir[PATH_SIZE], name[QUERY_BUFFER_TITLE];
    struct estimate sum;
    struct err refusal;
    struct result *result; /* held */
    struct result_take_options take;
    uint64_t row, rows;
    bool is_peek, all_rows, may_overwrite;
    enum result_format format;
    struct query_chart *chart;
    struct buf text;
    char title[160];
    char (*names)[QUERY_SAVED_NAME];
    int name_count, tab_id;
    uint64_t generation;
};
struct query_task *query_task_new(struct query_pane *state, const struct query_task_ops *ops);
/* Takes it over. False: the queue is full (said, and freed). */
bool query_task_start(struct query_pane *state, struct query_task *task, const char *title);
void query_task_free(struct query_task *task); /* one that was not started */
void query_tasks_check(struct query_pane *state);
void query_tasks_drop(struct query_pane *state); /* the pane closes */
void query_request_free(struct query_request *request);
#endif
