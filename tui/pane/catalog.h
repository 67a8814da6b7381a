/* What the files of the Catalog pane share. catalog.c: the pane's ops, snapshots, where one is; catalog_source.c: the
 * rows of its grids; catalog_tile.c, catalog_full.c: drawing; catalog_facts.c: what is said of a table, database,
 * crawler; catalog_versions.c: two of its versions; catalog_act.c: what the keys do; catalog_work.c: crawlers,
 * previews, other panes; catalog_copy.c: what can be taken elsewhere. Nobody else includes it. */
#ifndef WEIR_TUI_PANE_CATALOG_H
#define WEIR_TUI_PANE_CATALOG_H
#include "backend/base/text.h"
#include "backend/core/job.h"
#include "backend/domain/catalog.h"
#include "backend/domain/session.h"
#include "tui/app.h"
#include "tui/frame.h"
#include "tui/source.h"
#include "tui/widget/grid.h"
#include "tui/widget/textview.h"

enum { CATALOG_TRACKED = 16 };
enum catalog_area { AREA_LIST, AREA_CRAWLERS, AREA_FACTS, AREA_PAGE, AREA_COUNT };
enum catalog_page { PAGE_COLUMNS, PAGE_PARTITIONS, PAGE_VERSIONS, PAGE_PREVIEW, PAGE_COUNT };

struct catalog_state {
    struct pane *pane;
    struct catalog *catalog;
    int64_t opened_ms, picked_ms;                         /* wall time of opening, of choosing the table */
    const struct snap *all, *detail, *location, *preview; /* held; NULL before the first */
    struct grid *tile_grid, *database_grid, *table_grid, *crawler_grid, *page_grids[PAGE_COUNT];
    struct textview *facts;
    enum catalog_area focus;
    enum catalog_page page;
    struct rect areas[AREA_COUNT]; /* of the last drawing, inside the frames; no columns: not on the screen */

    char database[CATALOG_NAME];          /* whose tables are listed; "" the databases */
    char table[CATALOG_NAME];             /* whose details are shown; "" none */
    char land_on[CATALOG_NAME];           /* table to put the cursor on once it is listed; "" none */
    struct catalog_partition *partitions; /* the detail's, with what was listed; owned */
    size_t partition_count;
    struct column *preview_columns; /* of the preview's snapshot, owned; ends with .id NULL */
    uint64_t preview_generation;

    int tracked[CATALOG_TRACKED]; /* jobs of ours whose end must be told */
    int tracked_count;
};

/* catalog.c */
const struct catalog_view *catalog_view_of(const struct catalog_state *state);         /* NULL: not there yet */
const struct catalog_detail *catalog_detail_of(const struct catalog_state *state);     /* NULL: not that of the table */
const struct catalog_location *catalog_location_of(const struct catalog_state *state); /* NULL: the same */
const struct catalog_preview *catalog_preview_of(const struct catalog_state *state);   /* NULL: the same */
const struct catalog_database *catalog_database_named(const struct catalog_state *state, const char *name);
/* The chosen row; NULL: none. In the tile the row of all tables, zoomed that of the database's. */
const struct catalog_table *catalog_table_of(const struct catalog_state *state);
const struct catalog_database *catalog_database_of(const struct catalog_state *state);    /* chosen or drilled into */
void catalog_enter(struct catalog_state *state, const char *database, const char *table); /* table NULL: the first */
void catalog_leave(struct catalog_state *state);                                          /* to the databases */
void catalog_pick(struct catalog_state *state); /* the cursor may have moved: details follow */
/* The grid that keys go to; NULL: a text has the focus. */
struct grid *catalog_grid(const struct catalog_state *state);
void catalog_show_page(struct catalog_state *state, enum catalog_page page);
void catalog_track(struct catalog_state *state, int job);

/* catalog_source.c */
void catalog_make_grids(struct catalog_state *state);
void catalog_free_grids(struct catalog_state *state);
void catalog_join(struct catalog_state *state);        /* partitions with what was listed */
void catalog_new_preview(struct catalog_state *state); /* columns of another preview */

/* catalog_facts.c */
void catalog_fill_facts(struct catalog_state *state);
void catalog_age(int64_t ms, int64_t now_ms, char out[TEXT_SHORT]); /* whole minutes from a minute on: nothing ticks */
void catalog_money(double dollars, char out[TEXT_SHORT]);
void catalog_describe(struct catalog_state *state); /* what is under the cursor, in the pager */
void catalog_show_diff(
    struct catalog_state *state); /* catalog_versions.c: of the version under the cursor, or of two marked ones */

/* catalog_tile.c */
void catalog_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect);
/* catalog_full.c */
void catalog_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect);
bool catalog_mouse(struct pane *pane, const struct event *event, struct rect rect);
/* catalog_act.c */
bool catalog_act(struct pane *pane, enum action action);
bool catalog_can(struct pane *pane, enum action action);
/* catalog_work.c */
const struct catalog_crawler *catalog_crawler_of(const struct catalog_state *state); /* that a key is about; NULL */
void catalog_ask_crawl(struct catalog_state *state);
void catalog_ask_stop(struct catalog_state *state);
void catalog_ask_crawler(struct catalog_state *state);
void catalog_ask_preview(struct catalog_state *state);
void catalog_insert(struct catalog_state *state);
void catalog_go_to_location(struct catalog_state *state);
void catalog_check_jobs(struct catalog_state *state); /* tells what ended */
/* catalog_copy.c */
void catalog_copy_items(struct pane *pane, struct copy_items *items);
bool catalog_raw_json(struct pane *pane, struct buf *out);
void catalog_web(struct catalog_state *state);
void catalog_peek(struct catalog_state *state);
#endif
