/* The dialog of fields (paths of uploads and downloads): Enter accepts once every field is valid. UI thread. */
#include "tui/widget/form.h"
#include "tui/app.h"
#include "tui/overlay.h"
#include "tui/overlay/box.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct form_dialog {
    char *title, *note;
    char hint[96];
    struct form *form;
    void (*done)(struct app *app, void *context, const struct form *form);
    void *context;
    void (*free_context)(void *context);
};

static void accept(struct overlay *overlay)
{
    struct form_dialog *dialog = overlay->state;
    if (!form_check(dialog->form)) {
        app_dirty(overlay->app);
        return;
    }
    struct form_dialog taken = *dialog; /* done may open another dialog: this one is closed before, freed after */
    struct app *app = overlay->app;
    dialog->form = NULL;
    dialog->free_context = NULL;
    app_close_overlay(app, overlay);
    taken.done(app, taken.context, taken.form);
    if (taken.free_context)
        taken.free_context(taken.context);
    form_free(taken.form);
}

static bool dialog_key(struct overlay *overlay, const struct event *event)
{
    struct form_dialog *dialog = overlay->state;
    if (form_key(dialog->form, event)) {
        app_dirty(overlay->app);
        return true;
    }
    if (event->kind != EVENT_KEY)
        return true;
    if (event->key.code == NAMED_ENTER) {
        accept(overlay);
        return true;
    }
    if (event->key.code == NAMED_ESC || key_equal(event->key, (struct key){.code = 'c', .mods = MOD_CTRL}))
        app_close_overlay(overlay->app, overlay);
    return true;
}

static bool dialog_act(struct overlay *overlay, enum action action)
{
    if (action == ACTION_back || action == ACTION_close || action == ACTION_cancel)
        app_close_overlay(overlay->app, overlay);
    return true;
}

static void dialog_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct form_dialog *dialog = overlay->state;
    int notes = dialog->note ? 2 : 0;
    struct overlay_box box = {
        .title = dialog->title,
        .hint = dialog->hint,
        .rows = form_rows(dialog->form) + notes + 1,
        .cols = 72,
        .border = ROLE_dialog_border,
    };
    struct rect in = overlay_box_draw(canvas, body, &box);
    struct rect before = canvas_clip(canvas, in);
    if (in.rows > form_rows(dialog->form)) { /* a blank line at the top, when there is room */
        in.row++;
        in.rows--;
    }
    if (dialog->note && in.rows > 2) {
        canvas_elide(canvas, in.row, in.col, in.cols, ROLE_strong, dialog->note, strlen(dialog->note));
        in.row += notes;
        in.rows -= notes;
    }
    form_draw(dialog->form, canvas, in, true);
    canvas_clip(canvas, before);
}

static void dialog_close(struct overlay *overlay)
{
    struct form_dialog *dialog = overlay->state;
    if (dialog->free_context)
        dialog->free_context(dialog->context);
    form_free(dialog->form);
    free(dialog->title);
    free(dialog->note);
    free(dialog);
}

static const enum action dialog_footer[] = {ACTION_back, ACTION_none};
static const struct overlay_ops form_ops = {
    .name = "form",
    .context = CONTEXT_form,
    .footer = dialog_footer,
    .takes_text = true,
    .key = dialog_key,
    .act = dialog_act,
    .draw = dialog_draw,
    .close = dialog_close,
};

void overlay_form(struct app *app, const struct form_options *options)
{
    struct form_dialog *dialog = calloc(1, sizeof *dialog);
    if (!dialog)
        abort();
    dialog->title = strdup(options->title);
    dialog->note = options->note ? strdup(options->note) : NULL;
    snprintf(dialog->hint, sizeof dialog->hint, "Enter %s   Tab next field   Esc cancel", options->accept);
    dialog->form = form_new(options->fields);
    dialog->done = options->done;
    dialog->context = options->context;
    dialog->free_context = options->free_context;
    app_push_overlay(app, &form_ops, dialog);
}
