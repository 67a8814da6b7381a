/* The text of help, from the keymap in force: what works where, greyed when it cannot be done now. UI thread. */
#include "tui/overlay/help.h"
#include <stdio.h>

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
