/* The reader behind pager, help and log. UI thread. */
#include "tui/overlay/reader.h"
#include "tui/app.h"
#include "tui/overlay/box.h"
#include <stdio.h>
#include <stdlib.h>

enum { COPY_MAX = TEXTVIEW_BYTES_MAX + (1 << 20) };
const enum action reader_footer[] = {ACTION_filter, ACTION_find_next, ACTION_copy, ACTION_back, ACTION_none};

struct reader *reader_new(const char *title)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        abort();
    snprintf(reader->title, sizeof reader->title, "%s", title);
    reader->view = textview_new();
    return reader;
}

/* The prompt sits on top of the reader, which therefore lives at least as long. */
static void searched(struct app *app, void *context, const char *text)
{
    struct reader *reader = context;
    bool is_found = textview_search(reader->view, text);
    if (*text && !is_found)
        app_say(app, "not found: %s", text);
    app_dirty(app);
}

static void search_changed(struct app *app, void *context, const char *text)
{
    struct reader *reader = context;
    textview_search(reader->view, text);
    app_dirty(app);
}

static void search_cancelled(struct app *app, void *context)
{
    search_changed(app, context, "");
}

static void ask_search(struct overlay *overlay)
{
    struct reader *reader = overlay->state;
    overlay_prompt(overlay->app, &(struct prompt_options){.label = "find ",
                                                          .initial = textview_needle(reader->view),
                                                          .history = "find",
                                                          .changed = search_changed,
                                                          .done = searched,
                                                          .cancelled = search_cancelled,
                                                          .context = reader});
}

static void copy_all(struct overlay *overlay)
{
    struct reader *reader = overlay->state;
    struct buf text = BUF_INIT(COPY_MAX);
    if (textview_text(reader->view, &text))
        app_copy(overlay->app, buf_text(&text), text.len);
    buf_done(&text);
}

static void go_back(struct overlay *overlay)
{
    struct reader *reader = overlay->state;
    if (textview_needle(reader->view)[0]) { /* Esc first takes the search away */
        textview_search(reader->view, "");
        app_dirty(overlay->app);
        return;
    }
    app_close_overlay(overlay->app, overlay);
}

static void close_it(struct overlay *overlay)
{
    app_close_overlay(overlay->app, overlay);
}

bool reader_act(struct overlay *overlay, enum action action)
{
    static const struct {
        enum action action;
        void (*run)(struct overlay *overlay);
    } rows[] = {
        {ACTION_filter, ask_search}, {ACTION_copy, copy_all},   {ACTION_back, go_back},
        {ACTION_close, close_it},    {ACTION_cancel, close_it},
    };
    struct reader *reader = overlay->state;
    if (textview_act(reader->view, action)) {
        app_dirty(overlay->app);
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].action == action) {
            rows[i].run(overlay);
            return true;
        }
    }
    return false;
}

bool reader_key(struct overlay *overlay, const struct event *event)
{
    struct reader *reader = overlay->state;
    if (event->kind != EVENT_MOUSE)
        return false;
    struct rect everywhere = {.rows = 1 << 15, .cols = 1 << 15};
    if (textview_mouse(reader->view, event, everywhere))
        app_dirty(overlay->app);
    return true;
}

void reader_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct reader *reader = overlay->state;
    char note[32];
    struct overlay_box box = {.title = reader->title, .cols = reader->cols, .border = ROLE_dialog_border};
    struct rect in = overlay_box_draw(canvas, body, &box);
    struct rect before = canvas_clip(canvas, in);
    textview_draw(reader->view, canvas, in);
    canvas_clip(canvas, before);
    int percent = textview_percent(reader->view);
    snprintf(note, sizeof note, percent < 100 ? "%d %%" : "end", percent);
    overlay_box_note(canvas, body, &box, note);
}

void reader_close(struct overlay *overlay)
{
    struct reader *reader = overlay->state;
    textview_free(reader->view);
    free(reader->data);
    free(reader);
}
