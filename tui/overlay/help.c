/* Help: every key that works where one is, read from the keymap in force, with what cannot be done now in grey;
 * searched with '/'. UI thread. */
#include "tui/overlay/help.h"
#include "tui/app.h"
#include "tui/overlay/reader.h"
#include <stdio.h>
#include <string.h>

enum { HELP_COLS = 84 };
struct filling {
    struct textview *view;
    const struct help_scope *scope;
    enum keymap_context section;
    bool has_section;
};

static void add_binding(void *data, enum keymap_context from, const char *chords, enum action action)
{
    struct filling *filling = data;
    const struct action_row *row = &action_rows[action];
    char title[64], text[192];
    if (!filling->has_section || filling->section != from) {
        snprintf(title, sizeof title, from == CONTEXT_global ? "Everywhere" : "In %s", keymap_context_name(from));
        textview_section(filling->view, title);
        filling->has_section = true;
        filling->section = from;
    }
    bool can = !filling->scope->can || filling->scope->can(filling->scope->context, action);
    bool is_refused = row->writes && filling->scope->is_readonly;
    snprintf(text, sizeof text, "%s%s", row->help, is_refused ? "   (read-only)" : can ? "" : "   (not now)");
    enum theme_role role = can && !is_refused ? ROLE_dialog : ROLE_disabled;
    textview_pair(filling->view, can && !is_refused ? ROLE_key : ROLE_disabled, chords, role, text);
}

void help_fill(struct textview *view, const struct keymap *keymap, const struct help_scope *scope)
{
    struct filling filling = {.view = view, .scope = scope};
    keymap_each(keymap, scope->keys, add_binding, &filling);
    textview_section(view, "Filter");
    textview_field(view, "text", ROLE_dialog, "rows that contain it (capitals count when there are any)");
    textview_field(view, "!text", ROLE_dialog, "rows that do not");
    textview_field(view, "-f text", ROLE_dialog, "fuzzy: its letters in this order");
    textview_field(view, "column:text", ROLE_dialog, "in that column alone");
    textview_field(view, "bytes>10MiB", ROLE_dialog, "compare: > >= < <= =, with 10k, 2h, 50%, 2026-11-24");
}

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

void overlay_help(struct app *app)
{
    struct pane *pane = app_focused(app);
    struct help_scope scope = {
        .keys = pane ? pane->ops->context : CONTEXT_list,
        .is_readonly = app_is_readonly(app),
        .can = pane ? pane_can : NULL,
        .context = pane,
    };
    char title[64];
    snprintf(title, sizeof title, "Keys in %s", pane ? pane->ops->title : "lists");
    struct reader *reader = reader_new(title);
    reader->cols = HELP_COLS;
    help_fill(reader->view, app_keymap(app), &scope);
    app_push_overlay(app, &help_ops, reader);
}
