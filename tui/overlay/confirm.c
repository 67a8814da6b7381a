/* The dialog before anything that changes the platform: it names the object and what will happen. Only 'y' confirms (in
 * a PROD profile after the name was typed); Enter, Ctrl-d and Ctrl-k never do. UI thread. */
#include "backend/base/text.h"
#include "tui/app.h"
#include "tui/frame.h"
#include "tui/overlay.h"
#include "tui/overlay/box.h"
#include "tui/widget/edit.h"
#include <stdlib.h>
#include <string.h>

enum { CONFIRM_LINES = 8 };
struct confirm {
    char *title, *object, *consequence, *must_type;
    struct edit *edit; /* NULL when nothing must be typed */
    void (*done)(void *context);
    void *context;
    void (*free_context)(void *context);
};

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        abort();
    return copy;
}

static bool is_armed(const struct confirm *confirm)
{
    return !confirm->edit || strcmp(edit_text(confirm->edit), confirm->must_type) == 0;
}

static void accept(struct overlay *overlay)
{
    struct confirm *confirm = overlay->state;
    void (*done)(void *context) = confirm->done;
    void (*free_context)(void *context) = confirm->free_context;
    void *context = confirm->context;
    confirm->free_context = NULL; /* done may open another dialog: this one is closed before, its context freed after */
    app_close_overlay(overlay->app, overlay);
    done(context);
    if (free_context)
        free_context(context);
}

static bool confirm_key(struct overlay *overlay, const struct event *event)
{
    struct confirm *confirm = overlay->state;
    bool is_key = event->kind == EVENT_KEY, is_plain = is_key && event->key.mods == 0;
    if (is_key && (event->key.code == NAMED_ESC || key_equal(event->key, (struct key){.code = 'c', .mods = MOD_CTRL}) ||
                   (is_plain && event->key.code == 'n' && !confirm->edit))) {
        app_close_overlay(overlay->app, overlay);
        return true;
    }
    if (is_armed(confirm) && is_plain && event->key.code == 'y') {
        accept(overlay);
        return true;
    }
    if (confirm->edit && edit_key(confirm->edit, event))
        app_dirty(overlay->app);
    return true; /* no other key reaches what is below */
}

static bool confirm_act(struct overlay *overlay, enum action action)
{
    if (action == ACTION_back || action == ACTION_close || action == ACTION_cancel)
        app_close_overlay(overlay->app, overlay);
    return true;
}

static int draw_object(const struct confirm *confirm, struct canvas *canvas, struct rect rect)
{
    int row = 0;
    const char *at = confirm->object;
    for (; *at && row < CONFIRM_LINES && row < rect.rows; row++) {
        size_t len = strcspn(at, "\n");
        canvas_elide(canvas, rect.row + row, rect.col + 2, rect.cols - 2, ROLE_strong, at, len);
        at += len + (at[len] == '\n');
    }
    return row;
}

static void draw_typing(struct confirm *confirm, struct canvas *canvas, struct rect rect)
{
    if (rect.rows < 2)
        return;
    if (is_armed(confirm)) {
        canvas_puts(canvas, rect.row, rect.col, rect.cols, ROLE_danger,
                    "The name matches. y does it; Esc keeps everything.");
        return;
    }
    canvas_printf(canvas, rect.row, rect.col, rect.cols, ROLE_dim, "production: type %s", confirm->must_type);
    edit_draw(confirm->edit, canvas, rect.row + 1, rect.col, rect.cols, true);
}

static void confirm_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct confirm *confirm = overlay->state;
    int lines = 1;
    for (const char *at = confirm->object; (at = strchr(at, '\n')); at++)
        lines++;
    lines = lines < CONFIRM_LINES ? lines : CONFIRM_LINES;
    int width = text_width(confirm->consequence, strlen(confirm->consequence));
    width = width < 56 ? 56 : width > 72 ? 72 : width;
    struct overlay_box box = {
        .title = confirm->title,
        .hint = !is_armed(confirm) ? "Esc no"
                : confirm->edit    ? "y yes   Esc no"
                                   : "y yes   n or Esc no",
        .rows = lines + 5 + (confirm->edit ? 2 : 0),
        .cols = width,
        .border = ROLE_danger,
    };
    struct rect in = overlay_box_draw(canvas, body, &box);
    int pad = in.rows > lines + 3 ? 1 : 0;
    struct rect at = {.row = in.row + pad, .col = in.col, .rows = in.rows - pad, .cols = in.cols};
    struct rect before = canvas_clip(canvas, in);
    int used = draw_object(confirm, canvas, at) + pad;
    at.row += used;
    at.rows -= used;
    used = frame_text(canvas, at, ROLE_dialog, confirm->consequence) + pad;
    at.row += used;
    at.rows -= used;
    if (confirm->edit)
        draw_typing(confirm, canvas, at);
    canvas_clip(canvas, before);
}

static void confirm_close(struct overlay *overlay)
{
    struct confirm *confirm = overlay->state;
    if (confirm->free_context)
        confirm->free_context(confirm->context);
    edit_free(confirm->edit);
    free(confirm->title);
    free(confirm->object);
    free(confirm->consequence);
    free(confirm->must_type);
    free(confirm);
}

static const enum action confirm_footer[] = {ACTION_back, ACTION_none};
static const struct overlay_ops confirm_ops = {
    .name = "confirm",
    .context = CONTEXT_dialog,
    .footer = confirm_footer,
    .takes_text = true,
    .key = confirm_key,
    .act = confirm_act,
    .draw = confirm_draw,
    .close = confirm_close,
};

void overlay_confirm(struct app *app, const struct confirm_options *options)
{
    struct confirm *confirm = calloc(1, sizeof *confirm);
    if (!confirm)
        abort();
    confirm->title = copy_of(options->title);
    confirm->object = copy_of(options->object);
    confirm->consequence = copy_of(options->consequence ? options->consequence : "");
    confirm->must_type = copy_of(options->must_type);
    confirm->edit = options->must_type ? edit_new() : NULL;
    confirm->done = options->done;
    confirm->context = options->context;
    confirm->free_context = options->free_context;
    app_push_overlay(app, &confirm_ops, confirm);
}
