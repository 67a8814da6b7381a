/* The `:` line, the filter line and the theme menu. A command is a row here, a pane's name, or an action's id; nothing
 * else is. UI thread. */
#include "backend/base/text.h"
#include "tui/app_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64, CANDIDATES_MAX = 128 };

struct command {
    const char *name;
    bool (*run)(struct app *app, const char *argument, struct err *err);
    int (*values)(char names[][TUI_FILE_NAME], int max); /* for completion */
};

static bool run_quit(struct app *app, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    app_act(app, ACTION_quit);
    return true;
}

static bool run_quit_now(struct app *app, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    app_quit(app);
    return true;
}

static bool run_log(struct app *app, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    app_act(app, ACTION_logs);
    return true;
}

static bool run_theme(struct app *app, const char *argument, struct err *err)
{
    if (!argument[0]) {
        app_choose_theme(app);
        return true;
    }
    if (!app_set_theme(app, argument, err))
        return false;
    app_say(app, "theme %s", argument);
    return true;
}

static bool run_keymap(struct app *app, const char *argument, struct err *err)
{
    if (!app_set_keymap(app, argument[0] ? argument : "default", err))
        return false;
    app_say(app, "keymap %s", argument[0] ? argument : "default");
    return true;
}

static bool run_filter(struct app *app, const char *argument, struct err *err)
{
    struct pane *pane = app_focused(app);
    if (!pane || !pane->ops->filter)
        return err_set(err, ERR_USAGE, "there is nothing to filter here");
    pane->ops->filter(pane, argument);
    return true;
}

static bool run_sort(struct app *app, const char *argument, struct err *err)
{
    struct pane *pane = app_focused(app);
    bool is_reverse = argument[0] == '-';
    if (!pane || !pane->ops->sort)
        return err_set(err, ERR_USAGE, "there is nothing to sort here");
    if (!argument[0]) {
        app_act(app, ACTION_sort);
        return true;
    }
    return pane->ops->sort(pane, argument + is_reverse, is_reverse) ||
           err_set(err, ERR_USAGE, "there is no column \"%.40s\" here", argument + is_reverse);
}

/* The switches that can be thrown while the console runs; all others are read once at start. */
static bool run_set(struct app *app, const char *argument, struct err *err)
{
    char name[32] = "", value[64] = "";
    sscanf(argument, "%31s %63s", name, value);
    bool on = !strcmp(value, "on") || !strcmp(value, "true") || !strcmp(value, "yes") || !strcmp(value, "1");
    if (!strcmp(name, "theme"))
        return run_theme(app, value, err);
    if (!strcmp(name, "keymap"))
        return run_keymap(app, value, err);
    if (!strcmp(name, "mouse") && on != app->has_mouse)
        app_act(app, ACTION_mouse);
    else if (!strcmp(name, "times") && on != app->shows_times)
        app_act(app, ACTION_time_format);
    else if (!strcmp(name, "unicode"))
        canvas_set_unicode(screen_canvas(app->screen), on && screen_has_unicode(app->screen));
    else if (strcmp(name, "mouse") && strcmp(name, "times"))
        return err_set(err, ERR_USAGE,
                       "set knows theme, keymap, mouse, times and unicode; other options are read at start, from the "
                       "configuration or flags");
    app->is_dirty = true;
    return true;
}

static const struct command commands[] = {
    {.name = "q", .run = run_quit},
    {.name = "q!", .run = run_quit_now},
    {.name = "log", .run = run_log},
    {.name = "theme", .run = run_theme, .values = theme_names},
    {.name = "keymap", .run = run_keymap, .values = keymap_names},
    {.name = "sort", .run = run_sort},
    {.name = "filter", .run = run_filter},
    {.name = "set", .run = run_set},
    {.name = NULL},
};

/* Edits from a to b (Levenshtein), for "did you mean"; short words only. */
static int distance(const char *a, const char *b)
{
    int row[48], n = (int)strlen(b);
    if (n >= 48)
        return 99;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            int least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = cost < least ? cost : least;
        }
    }
    return row[n];
}

static void consider(const char *name, const char *word, const char **best, int *least)
{
    int far = distance(word, name);
    if (far < *least) {
        *least = far;
        *best = name;
    }
}

static bool set_unknown(const struct app *app, const char *word, struct err *err)
{
    const char *best = NULL;
    int least = 3 < (int)strlen(word) ? 3 : (int)strlen(word);
    for (const struct command *command = commands; command->name; command++)
        consider(command->name, word, &best, &least);
    for (int i = 0; i < app->pane_count; i++)
        consider(app->panes[i].ops->name, word, &best, &least);
    for (int i = ACTION_none + 1; i < ACTION_COUNT; i++)
        consider(action_rows[i].id, word, &best, &least);
    if (best)
        return err_set(err, ERR_USAGE, "there is no command \"%.40s\"; did you mean %s?", word, best);
    return err_set(err, ERR_USAGE, "there is no command \"%.40s\"; Tab completes, Ctrl-p lists all", word);
}

static bool run_pane(struct app *app, const char *word, const char *argument)
{
    for (int i = 0; i < app->pane_count; i++) {
        struct pane *pane = &app->panes[i];
        if (strcmp(pane->ops->name, word))
            continue;
        app_focus(app, i);
        app_zoom(app, true);
        if (argument[0] && pane->ops->filter)
            pane->ops->filter(pane, argument);
        return true;
    }
    return false;
}

/* The focused pane's own commands; *taken false: it has none of that name. */
static bool ask_pane(struct app *app, const char *line, bool *taken, struct err *err)
{
    struct pane *pane = app_focused(app);
    *taken = false;
    return !pane || !pane->ops->command || pane->ops->command(pane, line, taken, err);
}

bool app_command(struct app *app, const char *line, struct err *err)
{
    char word[64] = "";
    line += strspn(line, " \t:");
    size_t len = strcspn(line, " \t");
    if (!len)
        return true;
    snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), line);
    const char *argument = line + len + strspn(line + len, " \t");
    for (const struct command *command = commands; command->name; command++)
        if (!strcmp(command->name, word))
            return command->run(app, argument, err);
    if (run_pane(app, word, argument))
        return true;
    enum action action = action_find(word);
    if (action != ACTION_COUNT && action != ACTION_none) {
        app_act(app, action);
        return true;
    }
    bool taken, ok = ask_pane(app, line, &taken, err);
    app->is_dirty = true;
    return taken ? ok : set_unknown(app, word, err);
}

/* --- the `:` line --- */

static void add_candidate(char **list, int *count, const char *name, const char *line, int start, int end)
{
    if (*count < CANDIDATES_MAX && !strncmp(name, line + start, (size_t)(end - start)))
        list[(*count)++] = strdup(name);
}

static void add_values(char **list, int *count, const char *line, int start, int end)
{
    for (const struct command *command = commands; command->name; command++) {
        size_t len = strlen(command->name);
        if (!command->values || strncmp(line, command->name, len) || line[len] != ' ')
            continue;
        char names[NAMES_MAX][TUI_FILE_NAME];
        int n = command->values(names, NAMES_MAX);
        for (int i = 0; i < n; i++)
            add_candidate(list, count, names[i], line, start, end);
    }
}

static char **complete_command(struct app *app, const char *line, int start, int end)
{
    char **list = calloc(CANDIDATES_MAX + 1, sizeof *list);
    int count = 0;
    if (!list)
        abort();
    if (start > 0) {
        add_values(list, &count, line, start, end);
        return list;
    }
    for (const struct command *command = commands; command->name; command++)
        add_candidate(list, &count, command->name, line, start, end);
    for (int i = 0; i < app->pane_count; i++)
        add_candidate(list, &count, app->panes[i].ops->name, line, start, end);
    for (int i = ACTION_none + 1; i < ACTION_COUNT; i++)
        add_candidate(list, &count, action_rows[i].id, line, start, end);
    return list;
}

static void do_command(struct app *app, void *context, const char *text)
{
    struct err err = ERR_NONE;
    (void)context;
    if (!app_command(app, text, &err))
        app_say_error(app, &err);
}

void app_ask_command(struct app *app)
{
    overlay_prompt(app, &(struct prompt_options){
                            .label = ":", .history = "command", .complete = complete_command, .done = do_command});
}

/* --- the filter line: live; Esc brings back what was there --- */

static void set_filter(struct app *app, void *context, const char *text)
{
    struct pane *pane = context;
    pane->ops->filter(pane, text);
    app->is_dirty = true;
}

static void restore_filter(struct app *app, void *context)
{
    set_filter(app, context, app->filter_before);
}

void app_ask_filter(struct app *app)
{
    struct pane *pane = app_focused(app);
    if (!pane || !pane->ops->filter) {
        app_say(app, "there is nothing to filter here");
        return;
    }
    const char *now = pane->ops->filter_text ? pane->ops->filter_text(pane) : "";
    snprintf(app->filter_before, sizeof app->filter_before, "%s", now);
    overlay_prompt(app, &(struct prompt_options){.label = "/",
                                                 .initial = app->filter_before,
                                                 .history = "filter",
                                                 .changed = set_filter,
                                                 .done = set_filter,
                                                 .cancelled = restore_filter,
                                                 .context = pane});
}

/* --- themes, with a preview while one moves --- */

static void preview_theme(struct app *app, void *context, int index)
{
    char names[NAMES_MAX][THEME_NAME];
    struct err err = ERR_NONE;
    (void)context;
    if (index < theme_names(names, NAMES_MAX) && !app_set_theme(app, names[index], &err))
        app_say_error(app, &err);
}

static void choose_theme(struct app *app, void *context, int index)
{
    preview_theme(app, context, index);
    if (!app->is_said_an_error)
        app_say(app, "theme %s; to keep it: theme = %s in config.ini", app->theme.name, app->theme.name);
}

static void restore_theme(struct app *app, void *context)
{
    struct err err = ERR_NONE;
    (void)context;
    if (!app_set_theme(app, app->theme_before, &err))
        app_say_error(app, &err);
}

void app_choose_theme(struct app *app)
{
    char names[NAMES_MAX][THEME_NAME];
    const char *lines[NAMES_MAX];
    int n = theme_names(names, NAMES_MAX), selected = 0;
    for (int i = 0; i < n; i++) {
        lines[i] = names[i];
        selected = strcmp(names[i], app->theme.name) ? selected : i;
    }
    snprintf(app->theme_before, sizeof app->theme_before, "%s", app->theme.name);
    overlay_menu(app, &(struct menu_options){.title = "Theme",
                                             .lines = lines,
                                             .count = n,
                                             .selected = selected,
                                             .moved = preview_theme,
                                             .done = choose_theme,
                                             .cancelled = restore_theme});
}
