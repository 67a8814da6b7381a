/* The palette: every action with its key, and the commands that choose themes and keymaps, narrowed by fuzzy typing.
 * What cannot be done here is grey. UI thread. */
#include "tui/app.h"
#include "tui/keymap.h"
#include "tui/overlay.h"
#include "tui/theme.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PALETTE_NAMES = 64, PALETTE_MAX = ACTION_COUNT + 2 * PALETTE_NAMES, PALETTE_LINE = 128 };
struct palette {
    int count;
    char line[PALETTE_MAX][PALETTE_LINE], note[PALETTE_MAX][PALETTE_LINE];
    bool is_off[PALETTE_MAX];
    enum action action[PALETTE_MAX];         /* ACTION_none: a command */
    char command[PALETTE_MAX][PALETTE_LINE]; /* "theme light" */
    char themes[PALETTE_NAMES][THEME_NAME], keymaps[PALETTE_NAMES][KEYMAP_NAME];
};

static bool is_possible(const struct app *app, enum action action)
{
    struct pane *pane = app_focused(app);
    bool is_refused = action_rows[action].writes && app_is_readonly(app);
    return !is_refused && (!pane || !pane->ops->can || pane->ops->can(pane, action));
}

static void add_action(struct palette *palette, const struct app *app, enum action action)
{
    struct pane *pane = app_focused(app);
    enum keymap_context context = pane ? pane->ops->context : CONTEXT_list;
    struct buf chord = BUF_INIT(64);
    int at = palette->count++;
    snprintf(palette->line[at], PALETTE_LINE, "%s: %s", action_rows[action].label, action_rows[action].help);
    if (keymap_chord(app_keymap(app), context, action, &chord))
        snprintf(palette->note[at], PALETTE_LINE, "%s", buf_text(&chord));
    buf_done(&chord);
    palette->action[at] = action;
    palette->is_off[at] = !is_possible(app, action);
}

static void add_command(struct palette *palette, const char *verb, const char *name)
{
    int at = palette->count++;
    snprintf(palette->command[at], PALETTE_LINE, "%s %s", verb, name);
    snprintf(palette->line[at], PALETTE_LINE, "%s: %s", verb, name);
    snprintf(palette->note[at], PALETTE_LINE, ":%s %s", verb, name);
}

static void chosen(struct app *app, void *context, int index)
{
    const struct palette *palette = context;
    struct err err = ERR_NONE;
    if (palette->action[index] != ACTION_none)
        app_act(app, palette->action[index]);
    else if (!app_command(app, palette->command[index], &err))
        app_say_error(app, &err);
}

void overlay_palette(struct app *app)
{
    struct palette *palette = calloc(1, sizeof *palette);
    if (!palette)
        abort();
    for (int action = ACTION_none + 1; action < ACTION_COUNT; action++)
        add_action(palette, app, (enum action)action);
    int count = theme_names(palette->themes, PALETTE_NAMES);
    for (int i = 0; i < count; i++)
        add_command(palette, "theme", palette->themes[i]);
    count = keymap_names(palette->keymaps, PALETTE_NAMES);
    for (int i = 0; i < count; i++)
        add_command(palette, "keymap", palette->keymaps[i]);
    const char *lines[PALETTE_MAX], *notes[PALETTE_MAX];
    for (int i = 0; i < palette->count; i++) {
        lines[i] = palette->line[i];
        notes[i] = palette->note[i];
    }
    overlay_menu(app, &(struct menu_options){.title = "Palette",
                                             .lines = lines,
                                             .notes = notes,
                                             .is_off = palette->is_off,
                                             .count = palette->count,
                                             .is_searchable = true,
                                             .done = chosen,
                                             .context = palette,
                                             .free_context = free});
}
