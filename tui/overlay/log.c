/* The log: the ring of the last trace lines, at its end until one scrolls up (Space or G follows again). UI thread. */
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "tui/app.h"
#include "tui/overlay/reader.h"
#include <stdio.h>
#include <stdlib.h>

enum { LOG_LINES = 1024 };
struct log_state {
    uint64_t newest;
    struct log_line lines[LOG_LINES];
};

static const enum theme_role level_roles[] = {
    [LOG_ERROR] = ROLE_fail, [LOG_WARN] = ROLE_warn, [LOG_INFO] = ROLE_dialog, [LOG_DEBUG] = ROLE_dim};
static const char *const level_words[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "", [LOG_DEBUG] = ""};

static void fill(struct reader *reader)
{
    struct log_state *state = reader->data;
    int count = log_read(0, state->lines, LOG_LINES);
    textview_clear(reader->view);
    for (int i = 0; i < count; i++) {
        const struct log_line *line = &state->lines[i];
        char time[TEXT_SHORT], label[48], text[320];
        text_time(line->wall_ms, time);
        snprintf(label, sizeof label, "%s %s", time + 11, log_area_name(line->area));
        const char *word = level_words[line->level];
        snprintf(text, sizeof text, "%s%s%s", word, *word ? ": " : "", line->text);
        textview_field(reader->view, label, level_roles[line->level], text);
        state->newest = line->sequence;
    }
    if (count == 0)
        textview_add(reader->view, ROLE_dim, "nothing yet; `--log-areas http,feed` traces more", 49);
}

static bool log_changed(struct overlay *overlay)
{
    struct reader *reader = overlay->state;
    struct log_state *state = reader->data;
    struct log_line next;
    if (log_read(state->newest, &next, 1) == 0)
        return false;
    fill(reader);
    return true;
}

static bool log_act(struct overlay *overlay, enum action action)
{
    struct reader *reader = overlay->state;
    bool is_taken = reader_act(overlay, action);
    if (action == ACTION_last || action == ACTION_mark) {
        textview_set_follow(reader->view, true);
        app_dirty(overlay->app);
        return true;
    }
    return is_taken;
}

static const struct overlay_ops log_ops = {
    .name = "log",
    .context = CONTEXT_log,
    .footer = reader_footer,
    .key = reader_key,
    .act = log_act,
    .changed = log_changed,
    .draw = reader_draw,
    .close = reader_close,
};

void overlay_log(struct app *app)
{
    struct reader *reader = reader_new("Log");
    reader->data = calloc(1, sizeof(struct log_state));
    if (!reader->data)
        abort();
    textview_set_follow(reader->view, true);
    fill(reader);
    app_push_overlay(app, &log_ops, reader);
}
