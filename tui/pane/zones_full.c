/* The full view of Zones: tree, objects, details side by side; two of them under 120 columns, one under 80. UI thread.
 */
#include "backend/base/text.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <string.h>

enum { THREE_PARTS_COLS = 120, TWO_PARTS_COLS = 80, TREE_MIN = 26, TREE_MAX = 36, DETAIL_MIN = 42, DETAIL_MAX = 72 };

static int between(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Frames of the parts; a part that is not shown has no columns. */
static void lay_out(const struct zones_state *state, struct rect rect, struct rect frames[PART_COUNT])
{
    int tree = between(rect.cols / 5, TREE_MIN, TREE_MAX),
        detail = between(rect.cols * 36 / 100, DETAIL_MIN, DETAIL_MAX);
    bool is_tree_shown = true, is_detail_shown = true, is_list_shown = true;
    if (zones_is_bucket_list(state))
        is_tree_shown = is_detail_shown = false;
    else if (rect.cols < TWO_PARTS_COLS) {
        is_tree_shown = state->focus == PART_TREE;
        is_list_shown = state->focus == PART_LIST;
        is_detail_shown = state->focus == PART_DETAIL;
    } else if (rect.cols < THREE_PARTS_COLS) {
        is_tree_shown = state->focus == PART_TREE;
        is_detail_shown = !is_tree_shown;
        detail = between(rect.cols * 46 / 100, 36, DETAIL_MAX);
    }
    tree = !is_tree_shown ? 0 : is_list_shown ? tree : rect.cols;
    detail = !is_detail_shown ? 0 : is_list_shown ? detail : rect.cols;
    int list = is_list_shown ? rect.cols - tree - detail : 0;
    frames[PART_TREE] = (struct rect){.row = rect.row, .col = rect.col, .rows = rect.rows, .cols = tree};
    frames[PART_LIST] = (struct rect){.row = rect.row, .col = rect.col + tree, .rows = rect.rows, .cols = list};
    frames[PART_DETAIL] =
        (struct rect){.row = rect.row, .col = rect.col + rect.cols - detail, .rows = rect.rows, .cols = detail};
}

/* The snapshot may still be that of the place before: then this one is being asked for. */
static void place_status(const struct zones_state *state, struct pane_status *status)
{
    source_status(status, state->place, zones_place_feed(state->zones), state->pane->app);
    const struct place_view *view = zones_place_of(state);
    bool is_empty_failure = view && view->count == 0 && status->err.code != ERR_OK;
    if (view && !is_empty_failure)
        return;
    status->taken_ms = 0;
    if (status->err.code == ERR_OK)
        status->source = SOURCE_LOADING;
}

struct drawing {
    struct zones_state *state;
    struct canvas *canvas;
    struct pane_status totals, place;
    int64_t now_ms;
};

static bool part_has_focus(const struct drawing *drawing, enum zones_part part)
{
    return drawing->state->pane->has_focus && drawing->state->focus == part;
}

static void draw_tree(struct drawing *drawing, struct rect frame)
{
    struct zones_state *state = drawing->state;
    struct rect in = frame_draw(drawing->canvas, frame,
                                &(struct frame){.number = state->pane->ops->number,
                                                .title = state->pane->ops->title,
                                                .status = &drawing->totals,
                                                .has_focus = part_has_focus(drawing, PART_TREE)},
                                drawing->now_ms);
    state->parts[PART_TREE] = in;
    in.rows -= frame_trouble(drawing->canvas, in, &drawing->totals, drawing->now_ms);
    int for_facts = in.rows > 14 ? 6 : 0;
    struct rect rows = {.row = in.row, .col = in.col, .rows = in.rows - for_facts, .cols = in.cols};
    int used = tree_draw(state->tree, drawing->canvas, rows, part_has_focus(drawing, PART_TREE));
    struct rect facts = {.row = in.row + used + 1, .col = in.col + 1, .rows = in.rows - used - 1, .cols = in.cols - 2};
    if (facts.rows > 0)
        zones_draw_facts(state, drawing->canvas, facts, false);
}

static void list_note(const struct zones_state *state, char *out, size_t size)
{
    const struct place_view *view = zones_place_of(state);
    char count[TEXT_SHORT], bytes[TEXT_SHORT];
    size_t marked = grid_marked(state->entry_grid);
    if (!view) {
        snprintf(out, size, "%s", "");
        return;
    }
    const char *more = view->is_complete ? "" : "+";
    size_t objects = view->count - state->prefixes;
    int used = 0;
    if (state->prefixes > 0)
        used = snprintf(out, size, "%s%s prefix%s%s", text_count((int64_t)state->prefixes, count), more,
                        state->prefixes == 1 ? "" : "es", objects > 0 ? " · " : "");
    if ((objects > 0 || state->prefixes == 0) && used >= 0 && (size_t)used < size)
        used += snprintf(out + used, size - (size_t)used, "%s%s %s%s · %s%s", text_count((int64_t)objects, count), more,
                         state->with_versions ? "version" : "object", objects == 1 ? "" : "s",
                         text_bytes((uint64_t)view->bytes, bytes), more);
    if (marked > 0 && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, " · %zu marked", marked);
}

static void draw_buckets(struct drawing *drawing, struct rect frame)
{
    struct zones_state *state = drawing->state;
    struct rect in = frame_draw(drawing->canvas, frame,
                                &(struct frame){.number = state->pane->ops->number,
                                                .title = "Buckets",
                                                .status = &drawing->totals,
                                                .has_focus = state->pane->has_focus},
                                drawing->now_ms);
    state->parts[PART_LIST] = in;
    in.rows -= frame_trouble(drawing->canvas, in, &drawing->totals, drawing->now_ms);
    grid_draw(state->bucket_grid, drawing->canvas, in, state->pane->has_focus, source_is_stale(&drawing->totals),
              drawing->now_ms, app_shows_times(state->pane->app));
    struct rect below = {.row = in.row + 2, .col = in.col + 1, .rows = in.rows - 2, .cols = in.cols - 2};
    if (zones_view_of(state)->bucket_count == 0)
        frame_text(drawing->canvas, below, ROLE_dim, "There is no bucket. `weir pipeline data` makes the demo lake.");
}

/* Nothing is known yet, or nothing could be had: one frame that says which. */
static void draw_unknown(struct drawing *drawing, struct rect frame)
{
    struct zones_state *state = drawing->state;
    struct rect in = frame_draw(drawing->canvas, frame,
                                &(struct frame){.number = state->pane->ops->number,
                                                .title = state->pane->ops->title,
                                                .status = &drawing->totals,
                                                .has_focus = state->pane->has_focus},
                                drawing->now_ms);
    zones_draw_nothing(state, &drawing->totals, drawing->canvas, in, "S3 for the zones of the lake", state->opened_ms);
}

static void draw_entries(struct drawing *drawing, struct rect in)
{
    struct zones_state *state = drawing->state;
    const struct place_view *view = zones_place_of(state);
    if (!view || (view->count == 0 && drawing->place.err.code != ERR_OK)) {
        zones_draw_nothing(state, &drawing->place, drawing->canvas, in, "S3 for the objects here", state->asked_ms);
        return;
    }
    in.rows -= frame_trouble(drawing->canvas, in, &drawing->place, drawing->now_ms);
    grid_draw(state->entry_grid, drawing->canvas, in, part_has_focus(drawing, PART_LIST),
              source_is_stale(&drawing->place), drawing->now_ms, app_shows_times(state->pane->app));
    struct rect below = {.row = in.row + 2, .col = in.col + 1, .rows = in.rows - 2, .cols = in.cols - 2};
    if (view->count == 0 && view->is_complete && below.rows > 0)
        frame_text(drawing->canvas, below, ROLE_dim,
                   state->prefix[0] ? "Nothing is under this prefix. U uploads a file to it."
                                    : state->pane->ops->empty);
    else if (view->count == 0 && below.rows > 0)
        frame_text(drawing->canvas, below, ROLE_dim, "listing");
}

static void draw_list(struct drawing *drawing, struct rect frame)
{
    struct zones_state *state = drawing->state;
    char note[96];
    list_note(state, note, sizeof note);
    const char *title = state->prefix[0]   ? zones_base_name(state->prefix)
                        : state->bucket[0] ? state->bucket
                                           : "objects";
    bool is_alone = state->parts[PART_TREE].cols == 0; /* then it carries the pane's number and state too */
    struct rect in = frame_draw(drawing->canvas, frame,
                                &(struct frame){.number = is_alone ? state->pane->ops->number : -1,
                                                .title = title,
                                                .note = note,
                                                .status = &drawing->place,
                                                .has_focus = part_has_focus(drawing, PART_LIST)},
                                drawing->now_ms);
    state->parts[PART_LIST] = in;
    draw_entries(drawing, in);
}

static void draw_detail(struct drawing *drawing, struct rect frame)
{
    struct zones_state *state = drawing->state;
    zones_settle_detail(state);
    struct rect in = frame_draw(drawing->canvas, frame,
                                &(struct frame){.number = -1,
                                                .title = state->detail_name[0] ? state->detail_name : "details",
                                                .note = state->detail_note,
                                                .has_focus = part_has_focus(drawing, PART_DETAIL)},
                                drawing->now_ms);
    state->parts[PART_DETAIL] = in;
    in.col++;
    in.cols--;
    textview_draw(state->detail, drawing->canvas, in);
}

void zones_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct zones_state *state = pane->state;
    struct rect frames[PART_COUNT];
    struct drawing drawing = {.state = state, .canvas = canvas, .now_ms = clock_wall(app_clock(pane->app))};
    pane->ops->status(pane, &drawing.totals);
    place_status(state, &drawing.place);
    bool had_detail = state->parts[PART_DETAIL].cols > 0;
    lay_out(state, rect, frames);
    for (int part = 0; part < PART_COUNT; part++)
        state->parts[part] = (struct rect){0};
    if (!zones_view_of(state)) {
        draw_unknown(&drawing, rect);
        return;
    }
    if (zones_is_bucket_list(state)) {
        draw_buckets(&drawing, frames[PART_LIST]);
        return;
    }
    if (frames[PART_TREE].cols > 0)
        draw_tree(&drawing, frames[PART_TREE]);
    state->parts[PART_DETAIL] = frames[PART_DETAIL];
    if (!had_detail && frames[PART_DETAIL].cols > 0)
        zones_pick(state); /* details have just come on the screen: from now on the object is asked for */
    if (frames[PART_LIST].cols > 0)
        draw_list(&drawing, frames[PART_LIST]);
    if (frames[PART_DETAIL].cols > 0)
        draw_detail(&drawing, frames[PART_DETAIL]);
}

static bool is_inside(struct rect rect, int row, int col)
{
    return row >= rect.row && row < rect.row + rect.rows && col >= rect.col && col < rect.col + rect.cols;
}

static bool mouse_full(struct zones_state *state, const struct event *event)
{
    for (int part = 0; part < PART_COUNT; part++) {
        struct rect rect = state->parts[part];
        if (!is_inside(rect, event->row, event->col))
            continue;
        if (event->mouse == MOUSE_PRESS || event->mouse == MOUSE_DOUBLE)
            state->focus = (enum zones_part)part;
        if (part == PART_TREE)
            tree_mouse(state->tree, event, rect);
        else if (part == PART_DETAIL)
            textview_mouse(state->detail, event, rect);
        else
            grid_mouse(zones_is_bucket_list(state) ? state->bucket_grid : state->entry_grid, event, rect);
        zones_pick(state);
        return true;
    }
    return false;
}

bool zones_mouse(struct pane *pane, const struct event *event, struct rect rect)
{
    struct zones_state *state = pane->state;
    bool is_taken = pane->is_zoomed
                        ? mouse_full(state, event)
                        : grid_mouse(zones_is_bucket_list(state) ? state->bucket_grid : state->zone_grid, event, rect);
    if (is_taken && event->mouse == MOUSE_DOUBLE)
        zones_act(pane, ACTION_open);
    if (is_taken)
        app_dirty(pane->app);
    return is_taken;
}
