/* The Zones tile: a row per zone, what is to be said of the bucket, totals, raw against curated. UI thread. */
#include "backend/base/text.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <string.h>

struct pen { /* writes words side by side, going to the next line when one does not fit */
    struct canvas *canvas;
    struct rect rect;
    int row, col;
};

static void pen_put(struct pen *pen, enum theme_role role, const char *word)
{
    int width = text_width(word, strlen(word));
    if (pen->col > 0 && pen->col + width > pen->rect.cols) {
        pen->row++;
        pen->col = 0;
    }
    if (pen->row < pen->rect.rows)
        pen->col += canvas_elide(pen->canvas, pen->rect.row + pen->row, pen->rect.col + pen->col,
                                 pen->rect.cols - pen->col, role, word, strlen(word)) +
                    2;
}

static void pen_line(struct pen *pen)
{
    pen->row += pen->col > 0;
    pen->col = 0;
}

/* One fact about a bucket: its words for yes and no, and which of the two is a warning. */
static void put_flag(struct pen *pen, enum flag_state state, const char *yes, const char *no, int warns,
                     const char *what)
{
    char words[64];
    if (state == FLAG_YES || state == FLAG_NO) {
        bool is_yes = state == FLAG_YES;
        const char *word = is_yes ? yes : no;
        if (*word)
            pen_put(pen, warns == (is_yes ? 1 : 0) ? ROLE_warn : ROLE_dim, word);
        return;
    }
    snprintf(words, sizeof words, "%s %s", what, state == FLAG_DENIED ? "denied" : "unknown");
    pen_put(pen, ROLE_unknown, words);
}

static const char *encryption_word(const struct bucket_flags *flags, char out[48])
{
    const bool is_s3 = strcmp(flags->encryption, "AES256") == 0;
    snprintf(out, 48, "%s",
             is_s3                                           ? "sse-s3"
             : strncmp(flags->encryption, "aws:kms", 7) == 0 ? "sse-kms"
             : flags->encryption[0]                          ? flags->encryption
                                                             : "encrypted");
    return out;
}

static void put_flags(struct pen *pen, const struct bucket_flags *flags, int64_t now_ms)
{
    char encryption[48], uploads[96], age[TEXT_SHORT];
    put_flag(pen, flags->versioned, "versioned", "not versioned", -1, "versioning");
    put_flag(pen, flags->encrypted, encryption_word(flags, encryption), "unencrypted", 0, "encryption");
    put_flag(pen, flags->is_public, "PUBLIC", "private", 1, "public access");
    if (flags->object_lock == FLAG_YES)
        pen_put(pen, ROLE_dim, "object lock");
    if (flags->orphan_uploads > 0) {
        text_duration((now_ms - flags->oldest_upload_ms) / 60000 * 60000, age);
        snprintf(uploads, sizeof uploads, "%lld unfinished upload%s, oldest %s", (long long)flags->orphan_uploads,
                 flags->orphan_uploads == 1 ? "" : "s", age);
        pen_put(pen, ROLE_warn, uploads);
    }
}

static int64_t newest_of(const struct zones_view *view, const char *zone)
{
    for (size_t i = 0; i < view->zone_count; i++) {
        if (strcmp(view->zones[i].name, zone) == 0)
            return view->zones[i].totals.newest_ms;
    }
    return 0;
}

static void put_age(struct pen *pen, const char *name, int64_t newest_ms, int64_t now_ms)
{
    char age[TEXT_SHORT], words[64];
    zones_age(newest_ms, now_ms, age);
    snprintf(words, sizeof words, "%s %s", name, age);
    pen_put(pen, ROLE_dim, words);
}

static void put_freshness(struct pen *pen, const struct zones_state *state, const struct zones_view *view,
                          int64_t now_ms)
{
    int64_t raw = newest_of(view, "raw/"), curated = newest_of(view, "curated/");
    if (!raw || !curated || view->curated_behind_ms == INT64_MIN)
        return;
    char words[96], behind[TEXT_SHORT];
    int64_t limit = app_config(state->pane->app)->fresh_ms, late = view->curated_behind_ms;
    pen_line(pen);
    put_age(pen, "raw", raw, now_ms);
    put_age(pen, "curated", curated, now_ms);
    bool is_late = late > 0 && limit > 0 && late > limit;
    if (late > 0) {
        snprintf(words, sizeof words, "curated is %s behind raw", text_duration(late / 1000 * 1000, behind));
        pen_put(pen, is_late ? ROLE_warn : ROLE_dim, words);
    } else {
        pen_put(pen, ROLE_dim, "curated is up to date");
    }
}

static void put_totals(struct pen *pen, const struct zones_view *view)
{
    char count[TEXT_SHORT], bytes[TEXT_SHORT], words[96];
    const char *more = view->all.is_complete ? "" : "+";
    pen_line(pen);
    if (!view->all.is_complete && view->all.objects == 0) {
        pen_put(pen, ROLE_unknown, view->is_listing ? "counting" : "not counted");
        return;
    }
    snprintf(words, sizeof words, "%s%s objects", text_count(view->all.objects, count), more);
    pen_put(pen, ROLE_dim, words);
    snprintf(words, sizeof words, "%s%s", text_bytes((uint64_t)view->all.bytes, bytes), more);
    pen_put(pen, ROLE_dim, words);
    if (!view->all.is_complete && view->is_listing)
        pen_put(pen, ROLE_dim, "still counting");
}

int zones_draw_facts(const struct zones_state *state, struct canvas *canvas, struct rect rect, bool with_name)
{
    const struct zones_view *view = zones_view_of(state);
    int64_t now_ms = clock_wall(app_clock(state->pane->app));
    if (!view || !view->bucket[0] || rect.rows < 1)
        return 0;
    struct pen pen = {.canvas = canvas, .rect = rect};
    if (with_name)
        pen_put(&pen, ROLE_text, view->bucket);
    put_flags(&pen, &view->flags, now_ms);
    put_totals(&pen, view);
    put_freshness(&pen, state, view, now_ms);
    pen_line(&pen);
    return pen.row < rect.rows ? pen.row : rect.rows;
}

void zones_draw_nothing(const struct zones_state *state, const struct pane_status *status, struct canvas *canvas,
                        struct rect rect, const char *asked, int64_t since_ms)
{
    frame_nothing(canvas, rect, status, asked, since_ms, clock_wall(app_clock(state->pane->app)));
}

static void draw_zones(struct zones_state *state, const struct pane_status *status, struct canvas *canvas,
                       struct rect rect)
{
    struct pane *pane = state->pane;
    const struct zones_view *view = zones_view_of(state);
    int64_t now_ms = clock_wall(app_clock(pane->app));
    rect.rows -= frame_trouble(canvas, rect, status, now_ms);
    bool is_list = zones_is_bucket_list(state);
    struct grid *grid = is_list ? state->bucket_grid : state->zone_grid;
    size_t rows = grid_shown(grid) + 1;
    int for_grid = (int)rows < rect.rows ? (int)rows : rect.rows, left = rect.rows - for_grid;
    if (left < 3 && rect.rows > 8) { /* the facts matter more than the last zones, which scroll */
        for_grid = rect.rows - 3;
        left = 3;
    }
    struct rect rows_rect = {.row = rect.row, .col = rect.col, .rows = for_grid, .cols = rect.cols};
    grid_draw(grid, canvas, rows_rect, pane->has_focus, source_is_stale(status), now_ms, app_shows_times(pane->app));
    int gap = left > 3 ? 1 : 0;
    struct rect facts = {
        .row = rect.row + for_grid + gap, .col = rect.col + 1, .rows = left - gap, .cols = rect.cols - 2};
    if (!is_list && view->zone_count == 0)
        frame_text(canvas, facts, ROLE_dim, pane->ops->empty);
    else if (is_list && view->bucket_count == 0)
        frame_text(canvas, facts, ROLE_dim, "There is no bucket. `weir pipeline data` makes the demo lake.");
    else if (!is_list)
        zones_draw_facts(state, canvas, facts, true);
}

void zones_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct zones_state *state = pane->state;
    struct pane_status status;
    pane->ops->status(pane, &status);
    if (zones_view_of(state))
        draw_zones(state, &status, canvas, rect);
    else
        zones_draw_nothing(state, &status, canvas, rect, "S3 for the zones of the lake", state->opened_ms);
}
