/* The full view of the Catalog: databases or tables above the crawlers at the left; facts of the chosen one above its
 * columns, partitions, versions or first rows at the right. Under 80 columns the part in focus alone. UI thread. */
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <string.h>

enum { WIDE_COLS = 120, TWO_COLS = 80, LIST_MIN = 34, LIST_MAX = 58, TALL_ROWS = 16, CRAWLERS_MIN = 5, FACTS_MIN = 6 };

static int between(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Databases have none, and neither have those without a table. */
static bool has_page(const struct catalog_state *state)
{
    return state->table[0] != '\0';
}

struct drawing {
    struct catalog_state *state;
    struct canvas *canvas;
    struct pane_status all;
    int64_t now_ms;
    bool is_alone; /* one part has the whole body */
    struct rect frames[AREA_COUNT];
};

/* The left column: the list, and below it as many rows as the crawlers need, a third at most. */
static void lay_out_left(struct drawing *drawing, struct rect rect)
{
    const struct catalog_state *state = drawing->state;
    const struct catalog_view *view = catalog_view_of(state);
    int wanted = (view->crawler_err.code != ERR_OK ? 3 : (int)between((int)view->crawler_count, 1, 20)) + 3;
    int crawlers = between(wanted, CRAWLERS_MIN, rect.rows / 3);
    if (rect.rows < TALL_ROWS)
        crawlers = state->focus == AREA_CRAWLERS ? rect.rows : 0;
    drawing->frames[AREA_LIST] =
        (struct rect){.row = rect.row, .col = rect.col, .rows = rect.rows - crawlers, .cols = rect.cols};
    drawing->frames[AREA_CRAWLERS] =
        (struct rect){.row = rect.row + rect.rows - crawlers, .col = rect.col, .rows = crawlers, .cols = rect.cols};
}

static void lay_out_right(struct drawing *drawing, struct rect rect)
{
    const struct catalog_state *state = drawing->state;
    int facts = has_page(state) ? between((int)textview_lines(state->facts) + 2, FACTS_MIN, rect.rows / 2) : rect.rows;
    if (has_page(state) && rect.rows < TALL_ROWS)
        facts = state->focus == AREA_PAGE ? 0 : rect.rows;
    drawing->frames[AREA_FACTS] = (struct rect){.row = rect.row, .col = rect.col, .rows = facts, .cols = rect.cols};
    drawing->frames[AREA_PAGE] =
        (struct rect){.row = rect.row + facts, .col = rect.col, .rows = rect.rows - facts, .cols = rect.cols};
}

static void lay_out(struct drawing *drawing, struct rect rect)
{
    const struct catalog_state *state = drawing->state;
    if (rect.cols < TWO_COLS) {
        drawing->is_alone = true;
        drawing->frames[state->focus] = rect;
        return;
    }
    int share = rect.cols < WIDE_COLS ? 42 : 36;
    int list = between(rect.cols * share / 100, LIST_MIN, LIST_MAX);
    struct rect left = rect, right = rect;
    left.cols = list;
    right.col += list;
    right.cols -= list;
    lay_out_left(drawing, left);
    lay_out_right(drawing, right);
}

static bool has_focus(const struct drawing *drawing, enum catalog_area area)
{
    return drawing->state->pane->has_focus && drawing->state->focus == area;
}

static struct rect draw_frame(struct drawing *drawing, enum catalog_area area, const char *title, const char *note,
                              const struct pane_status *status)
{
    bool is_first = area == AREA_LIST || drawing->is_alone;
    struct rect in = frame_draw(drawing->canvas, drawing->frames[area],
                                &(struct frame){.number = is_first ? drawing->state->pane->ops->number : -1,
                                                .title = title,
                                                .note = note,
                                                .status = status,
                                                .has_focus = has_focus(drawing, area)},
                                drawing->now_ms);
    drawing->state->areas[area] = in;
    return in;
}

static struct rect below_header(struct rect in)
{
    return (struct rect){.row = in.row + 2, .col = in.col + 1, .rows = in.rows - 2, .cols = in.cols - 2};
}

static void draw_grid(struct drawing *drawing, enum catalog_area area, struct grid *grid, struct rect in,
                      const struct pane_status *status)
{
    grid_draw(grid, drawing->canvas, in, has_focus(drawing, area), status && source_is_stale(status), drawing->now_ms,
              app_shows_times(drawing->state->pane->app));
}

/* ---- the list */

static void count_words(size_t count, const char *one, const char *many, char *out, size_t size)
{
    char number[TEXT_SHORT];
    snprintf(out, size, "%s %s", text_count((int64_t)count, number), count == 1 ? one : many);
}

static void draw_tables(struct drawing *drawing)
{
    struct catalog_state *state = drawing->state;
    const struct catalog_database *database = catalog_database_named(state, state->database);
    char note[96] = "";
    if (database && database->err.code == ERR_OK && !database->is_loading)
        count_words(database->table_count, "table", "tables", note, sizeof note);
    struct rect in = draw_frame(drawing, AREA_LIST, state->database, note, &drawing->all);
    in.rows -= frame_trouble(drawing->canvas, in, &drawing->all, drawing->now_ms);
    if (database && database->err.code != ERR_OK) {
        struct pane_status status = drawing->all;
        status.err = database->err;
        status.source = database->err.code == ERR_DENIED ? SOURCE_DENIED : SOURCE_ERROR;
        frame_nothing(drawing->canvas, in, &status, "", 0, drawing->now_ms);
        return;
    }
    if (database && database->is_loading) {
        struct pane_status status = {.source = SOURCE_LOADING};
        frame_nothing(drawing->canvas, in, &status, "Glue for the tables", state->opened_ms, drawing->now_ms);
        return;
    }
    draw_grid(drawing, AREA_LIST, state->table_grid, in, &drawing->all);
    if (!database)
        frame_text(drawing->canvas, below_header(in), ROLE_dim, "This database is gone. Esc goes back.");
    else if (database->table_count == 0)
        frame_text(drawing->canvas, below_header(in), ROLE_dim,
                   "There is no table in this database. R runs its crawler, C creates one.");
}

static void draw_databases(struct drawing *drawing)
{
    struct catalog_state *state = drawing->state;
    const struct catalog_view *view = catalog_view_of(state);
    char note[96];
    count_words(view->database_count, "database", "databases", note, sizeof note);
    struct rect in = draw_frame(drawing, AREA_LIST, state->pane->ops->title, note, &drawing->all);
    in.rows -= frame_trouble(drawing->canvas, in, &drawing->all, drawing->now_ms);
    draw_grid(drawing, AREA_LIST, state->database_grid, in, &drawing->all);
    if (view->database_count == 0)
        frame_text(drawing->canvas, below_header(in), ROLE_dim, state->pane->ops->empty);
}

static void draw_crawlers(struct drawing *drawing)
{
    struct catalog_state *state = drawing->state;
    const struct catalog_view *view = catalog_view_of(state);
    char note[96] = "";
    if (view->crawler_err.code == ERR_OK)
        count_words(view->crawler_count, "crawler", "crawlers", note, sizeof note);
    struct rect in = draw_frame(drawing, AREA_CRAWLERS, "Crawlers", note, drawing->is_alone ? &drawing->all : NULL);
    if (view->crawler_err.code != ERR_OK) {
        struct pane_status status = {.err = view->crawler_err, .source = SOURCE_ERROR};
        frame_nothing(drawing->canvas, in, &status, "", 0, drawing->now_ms);
        return;
    }
    draw_grid(drawing, AREA_CRAWLERS, state->crawler_grid, in, &drawing->all);
    if (view->crawler_count == 0)
        frame_text(drawing->canvas, below_header(in), ROLE_dim, "There is none. C creates one over a place in S3.");
}

/* ---- the chosen one */

static void draw_facts(struct drawing *drawing)
{
    struct catalog_state *state = drawing->state;
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_database *database = catalog_database_of(state);
    struct pane_status status = {.total = -1};
    char title[2 * CATALOG_NAME + 2] = "details";
    if (table)
        snprintf(title, sizeof title, "%s.%s", table->database, table->name);
    else if (database)
        snprintf(title, sizeof title, "%s", database->name);
    source_status(&status, state->detail, catalog_detail_feed(state->catalog), state->pane->app);
    bool is_answered = catalog_detail_of(state) != NULL || status.err.code != ERR_OK;
    if (!is_answered)
        status = (struct pane_status){.source = SOURCE_LOADING};
    struct rect in = draw_frame(drawing, AREA_FACTS, title, "", table ? &status : NULL);
    in.col++;
    in.cols--;
    textview_draw(state->facts, drawing->canvas, in);
}

static void partition_note(const struct catalog_detail *detail, char *out, size_t size)
{
    char number[TEXT_SHORT];
    if (!detail || detail->table.partitions == CATALOG_UNKNOWN)
        return;
    snprintf(out, size, "%s%s%zu missing", text_count(detail->table.partitions, number), detail->gap_count ? " · " : "",
             detail->gap_count);
    if (!detail->gap_count)
        snprintf(out, size, "%s", text_count(detail->table.partitions, number));
}

static void page_note(const struct catalog_state *state, char *out, size_t size)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    const struct catalog_table *table = catalog_table_of(state);
    *out = '\0';
    if (state->page == PAGE_COLUMNS && table)
        count_words(table->column_count, "column", "columns", out, size);
    else if (state->page == PAGE_PARTITIONS)
        partition_note(detail, out, size);
    else if (state->page == PAGE_VERSIONS && detail)
        count_words(detail->version_count, "version", "versions", out, size);
}

/* Words in place of rows, or NULL: the rows speak. */
static const char *partitions_words(const struct catalog_state *state)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    const struct catalog_table *table = catalog_table_of(state);
    if (table && table->key_count == 0)
        return "This table has no partition keys: every query reads all of it.";
    if (!detail || (detail->table.partitions == CATALOG_UNKNOWN && detail->partition_err.code == ERR_OK))
        return "asking Glue for the partitions";
    return detail->table.partitions == 0
               ? "There is no partition: queries find no row. MSCK REPAIR TABLE or its crawler (R) adds those in S3."
               : NULL;
}

static const char *versions_words(const struct catalog_state *state)
{
    return catalog_detail_of(state) ? NULL : "asking Glue for the versions";
}

static const char *preview_words(const struct catalog_state *state)
{
    const struct catalog_preview *preview = catalog_preview_of(state);
    if (!preview)
        return "w runs a query for the first 100 rows. What it scans is billed; the facts above say what a full scan "
               "costs.";
    return !preview->is_running && preview->rows == 0 ? "The table has no row." : NULL;
}

/* What the page cannot show because it failed; false: nothing failed. */
static bool page_failure(const struct catalog_state *state, struct pane_status *status)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    const struct snap *snap = state->page == PAGE_PREVIEW ? state->preview : state->detail;
    bool is_ours = state->page == PAGE_PREVIEW ? catalog_preview_of(state) != NULL : detail == NULL;
    struct err err = ERR_NONE;
    if (state->page == PAGE_PARTITIONS && detail)
        err = detail->partition_err;
    else if (state->page != PAGE_COLUMNS && is_ours && snap)
        err = snap->err;
    *status = (struct pane_status){.err = err, .source = err.code == ERR_DENIED ? SOURCE_DENIED : SOURCE_ERROR};
    return err.code != ERR_OK;
}

static void draw_running(struct drawing *drawing, const struct catalog_preview *preview, struct rect in)
{
    char scanned[TEXT_SHORT], words[192];
    snprintf(words, sizeof words, "%s: the first 100 rows of %.60s, %s scanned so far; Ctrl-c cancels", preview->state,
             preview->table, preview->scanned < 0 ? "unknown" : text_bytes((uint64_t)preview->scanned, scanned));
    frame_text(drawing->canvas, in, ROLE_running, words);
}

/* Below the rows: what they cost. */
static int draw_bill(struct drawing *drawing, const struct catalog_preview *preview, struct rect in)
{
    char rows[TEXT_SHORT], scanned[TEXT_SHORT], cost[TEXT_SHORT], took[TEXT_SHORT], words[192];
    if (!preview || preview->is_running || in.rows < 4)
        return 0;
    catalog_money(preview->cost, cost);
    snprintf(words, sizeof words, "%s row%s   %s scanned   %s%s   %s", text_count((int64_t)preview->rows, rows),
             preview->rows == 1 ? "" : "s",
             preview->scanned < 0 ? "unknown" : text_bytes((uint64_t)preview->scanned, scanned),
             preview->cost < 0 ? "cost " : "about ", cost,
             preview->took_ms < 0 ? "unknown time" : text_duration(preview->took_ms, took));
    canvas_elide(drawing->canvas, in.row + in.rows - 1, in.col + 1, in.cols - 2, ROLE_dim, words, strlen(words));
    return 1;
}

static void draw_page_rows(struct drawing *drawing, struct rect in)
{
    static const char *(*const words_of[PAGE_COUNT])(const struct catalog_state *) = {
        [PAGE_PARTITIONS] = partitions_words, [PAGE_VERSIONS] = versions_words, [PAGE_PREVIEW] = preview_words};
    struct catalog_state *state = drawing->state;
    const struct catalog_preview *preview = state->page == PAGE_PREVIEW ? catalog_preview_of(state) : NULL;
    struct rect text = {.row = in.row, .col = in.col + 1, .rows = in.rows, .cols = in.cols - 2};
    struct pane_status status;
    const char *words = words_of[state->page] ? words_of[state->page](state) : NULL;
    in.rows -= draw_bill(drawing, preview, in);
    if (page_failure(state, &status))
        frame_nothing(drawing->canvas, in, &status, "", 0, drawing->now_ms);
    else if (preview && preview->is_running)
        draw_running(drawing, preview, text);
    else if (words)
        frame_text(drawing->canvas, text, ROLE_dim, words);
    else
        draw_grid(drawing, AREA_PAGE, state->page_grids[state->page], in, NULL);
}

/* The names of the pages on the frame's top line, the one shown in the accent. */
static void draw_page(struct drawing *drawing)
{
    static const char *const names[PAGE_COUNT] = {"columns", "partitions", "versions", "preview"};
    struct catalog_state *state = drawing->state;
    struct rect frame = drawing->frames[AREA_PAGE];
    char note[128];
    page_note(state, note, sizeof note);
    struct rect in = draw_frame(drawing, AREA_PAGE, "columns  partitions  versions  preview", note,
                                drawing->is_alone ? &drawing->all : NULL);
    int col = frame.col + 3 + (drawing->is_alone ? 2 : 0), end = frame.col + frame.cols - 3;
    for (int page = 0; page < PAGE_COUNT && in.rows > 0; page++) {
        int width = (int)strlen(names[page]);
        if (col + width <= end)
            canvas_role(drawing->canvas, (struct rect){.row = frame.row, .col = col, .rows = 1, .cols = width},
                        page == (int)state->page ? ROLE_tab_focus : ROLE_dim);
        col += width + 2;
    }
    draw_page_rows(drawing, in);
}

static void (*const draw_area[AREA_COUNT])(struct drawing *drawing) = {
    [AREA_CRAWLERS] = draw_crawlers, [AREA_FACTS] = draw_facts, [AREA_PAGE] = draw_page};

static void draw_unknown(struct drawing *drawing, struct rect rect)
{
    struct catalog_state *state = drawing->state;
    drawing->frames[AREA_LIST] = rect;
    struct rect in = draw_frame(drawing, AREA_LIST, state->pane->ops->title, "", &drawing->all);
    frame_nothing(drawing->canvas, in, &drawing->all, "Glue for databases and tables", state->opened_ms,
                  drawing->now_ms);
}

void catalog_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct catalog_state *state = pane->state;
    struct drawing drawing = {.state = state, .canvas = canvas, .now_ms = clock_wall(app_clock(pane->app))};
    pane->ops->status(pane, &drawing.all);
    memset(state->areas, 0, sizeof state->areas);
    if (!catalog_view_of(state)) {
        draw_unknown(&drawing, rect);
        return;
    }
    catalog_pick(state); /* the pane may have just been zoomed */
    if (state->focus == AREA_PAGE && !has_page(state))
        state->focus = AREA_LIST;
    lay_out(&drawing, rect);
    for (int area = 0; area < AREA_COUNT; area++) {
        if (drawing.frames[area].cols == 0 || drawing.frames[area].rows == 0)
            continue;
        if (draw_area[area])
            draw_area[area](&drawing);
        else if (state->database[0])
            draw_tables(&drawing);
        else
            draw_databases(&drawing);
    }
}

static bool is_inside(struct rect rect, int row, int col)
{
    return row >= rect.row && row < rect.row + rect.rows && col >= rect.col && col < rect.col + rect.cols;
}

static bool mouse_full(struct catalog_state *state, const struct event *event)
{
    for (int area = 0; area < AREA_COUNT; area++) {
        struct rect rect = state->areas[area];
        if (!is_inside(rect, event->row, event->col))
            continue;
        if (event->mouse == MOUSE_PRESS || event->mouse == MOUSE_DOUBLE)
            state->focus = (enum catalog_area)area;
        enum catalog_area before = state->focus;
        state->focus = (enum catalog_area)area;
        struct grid *grid = catalog_grid(state);
        if (grid)
            grid_mouse(grid, event, rect);
        else
            textview_mouse(state->facts, event, rect);
        state->focus = before; /* the wheel turns what is under it, and the focus stays */
        catalog_pick(state);
        return true;
    }
    return false;
}

bool catalog_mouse(struct pane *pane, const struct event *event, struct rect rect)
{
    struct catalog_state *state = pane->state;
    bool is_taken = pane->is_zoomed ? mouse_full(state, event) : grid_mouse(state->tile_grid, event, rect);
    if (is_taken && event->mouse == MOUSE_DOUBLE)
        catalog_act(pane, ACTION_open);
    if (is_taken)
        app_dirty(pane->app);
    return is_taken;
}
