/* Help: every key that works where one is, read from the keymap in force, with what cannot be done now in grey;
 * searched with '/'. UI thread. */
#include "tui/overlay/help.h"
#include "tui/app.h"
#include "tui/overlay/reader.h"
#include <stdio.h>

enum { HELP_COLS = 84 };
static bool pane_can(void *context, enum action action)
{
    struct pane *pane = context;
    return !pane->ops->can || pane->ops->can(pane, action);
}

static const struct overlay_ops help_ops = {
    .name = "help",
    .context = CONTEXT_help,
    .footer = reader_footer,
    .key = reader_key,
    .act = reader_act,
    .draw = reader_draw,
    .close = reader_close,
};

struct own_keys {
    const struct pane *pane;
    struct textview *view;
    bool has_section;
};

static void add_key(void *data, const char *keys, const char *help)
{
    struct own_keys *own = data;
    char title[64];
    if (!own->has_section) {
        snprintf(title, sizeof title, "Typing in %s", own->pane->ops->title);
        textview_section(own->view, title);
        own->has_section = true;
    }
    textview_pair(own->view, ROLE_key, keys, ROLE_dialog, help);
}

/* Keys that are in no keymap come first: who types wants to know these. */
static void add_own_keys(const struct pane *pane, struct textview *view)
{
    struct own_keys own = {.pane = pane, .view = view};
    if (pane && pane->ops->help)
        pane->ops->help(pane, add_key, &own);
}

void overlay_help(struct app *app)
{
    struct pane *pane = app_focused(app);
    struct help_scope scope = {
        .keys = !pane                    ? CONTEXT_list
                : pane->ops->context_now ? pane->ops->context_now(pane)
                                         : pane->ops->context,
        .is_readonly = app_is_readonly(app),
        .can = pane ? pane_can : NULL,
        .context = pane,
    };
    char title[64];
    snprintf(title, sizeof title, "Keys in %s", pane ? pane->ops->title : "lists");
    struct reader *reader = reader_new(title);
    reader->cols = HELP_COLS;
    add_own_keys(pane, reader->view);
    help_fill(reader->view, app_keymap(app), &scope);
    app_push_overlay(app, &help_ops, reader);
}
