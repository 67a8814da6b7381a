/* Menus: lines to choose from, optionally narrowed by typing (fuzzy, best first). The palette, the copy menu and
 * choices such as themes are menus. UI thread. */
#include "backend/base/arena.h"
#include "backend/base/text.h"
#include "tui/app.h"
#include "tui/overlay.h"
#include "tui/overlay/box.h"
#include "tui/widget/edit.h"
#include "tui/widget/scroll.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MENU_ARENA_MAX = 4 << 20, MENU_COLS_MAX = 96, MENU_COLS_MIN = 28 };
struct menu_match {
    int line, score;
};
struct menu {
    struct arena *arena;
    const char *title;
    const char **lines, **notes;
    bool *is_off;
    int count, shown;
    struct menu_match *matches; /* what is shown, best first */
    struct scroll scroll;
    struct edit *edit; /* NULL when not searchable */
    struct rect rows;
    struct menu_options options; /* callbacks and context alone are used */
};

static int by_score(const void *left, const void *right)
{
    const struct menu_match *a = left, *b = right;
    return a->score != b->score ? b->score - a->score : a->line - b->line;
}

/* Fuzzy, but a line that begins with what was typed comes first, then one that holds it whole. */
static int score_of(const char *line, const char *needle)
{
    enum { BEGINS = 10000, HOLDS = 1000 };
    int score = text_fuzzy(line, needle);
    const char *at = score > 0 ? text_find(line, needle) : NULL;
    return score + (at == line ? BEGINS : at ? HOLDS : 0);
}

static void narrow(struct menu *menu)
{
    const char *needle = menu->edit ? edit_text(menu->edit) : "";
    menu->shown = 0;
    for (int i = 0; i < menu->count; i++) {
        int score = *needle ? score_of(menu->lines[i], needle) : 1;
        if (score > 0)
            menu->matches[menu->shown++] = (struct menu_match){.line = i, .score = score};
    }
    if (*needle)
        qsort(menu->matches, (size_t)menu->shown, sizeof *menu->matches, by_score);
}

static int current(const struct menu *menu)
{
    return menu->scroll.cursor < (size_t)menu->shown ? menu->matches[menu->scroll.cursor].line : -1;
}

static void moved(struct overlay *overlay)
{
    struct menu *menu = overlay->state;
    if (menu->options.moved && current(menu) >= 0)
        menu->options.moved(overlay->app, menu->options.context, current(menu));
    app_dirty(overlay->app);
}

static void leave(struct overlay *overlay, bool accepts)
{
    struct menu *menu = overlay->state;
    struct app *app = overlay->app;
    struct menu_options options = menu->options;
    int chosen = current(menu);
    if (accepts && (chosen < 0 || menu->is_off[chosen]))
        return;
    menu->options.free_context = NULL;
    app_close_overlay(app, overlay); /* before the callback, which may open the next one */
    if (accepts)
        options.done(app, options.context, chosen);
    else if (options.cancelled)
        options.cancelled(app, options.context);
    if (options.free_context)
        options.free_context(options.context);
}

static bool menu_act(struct overlay *overlay, enum action action)
{
    struct menu *menu = overlay->state;
    if (scroll_act(&menu->scroll, (size_t)menu->shown, action))
        moved(overlay);
    else if (action == ACTION_open)
        leave(overlay, true);
    else if (action == ACTION_back || action == ACTION_close || action == ACTION_cancel)
        leave(overlay, false);
    return true;
}

static bool menu_key(struct overlay *overlay, const struct event *event)
{
    static const struct {
        struct key key;
        enum action action;
    } keys[] = {
        {{.code = NAMED_UP}, ACTION_up},
        {{.code = NAMED_DOWN}, ACTION_down},
        {{.code = NAMED_PGUP}, ACTION_page_up},
        {{.code = NAMED_PGDN}, ACTION_page_down},
        {{.code = NAMED_ENTER}, ACTION_open},
        {{.code = NAMED_ESC}, ACTION_back},
        {{.code = NAMED_TAB}, ACTION_down},
        {{.code = NAMED_TAB, .mods = MOD_SHIFT}, ACTION_up},
        {{.code = 'n', .mods = MOD_CTRL}, ACTION_down},
        {{.code = 'p', .mods = MOD_CTRL}, ACTION_up},
        {{.code = 'c', .mods = MOD_CTRL}, ACTION_back},
    };
    struct menu *menu = overlay->state;
    if (event->kind == EVENT_MOUSE) {
        if (scroll_mouse(&menu->scroll, (size_t)menu->shown, event, menu->rows))
            moved(overlay);
        if (event->mouse == MOUSE_DOUBLE)
            leave(overlay, true);
        return true;
    }
    if (!menu->edit)
        return false;
    for (size_t i = 0; event->kind == EVENT_KEY && i < sizeof keys / sizeof *keys; i++) {
        if (key_equal(keys[i].key, event->key))
            return menu_act(overlay, keys[i].action);
    }
    if (edit_key(menu->edit, event)) {
        narrow(menu);
        menu->scroll.cursor = 0;
        moved(overlay);
    }
    return true;
}

static int widest(const char *const *texts, int count)
{
    int most = 0;
    for (int i = 0; texts && i < count; i++) {
        int width = texts[i] ? text_width(texts[i], strlen(texts[i])) : 0;
        most = width > most ? width : most;
    }
    return most;
}

static void draw_line(const struct menu *menu, int line, struct canvas *canvas, struct rect bar, bool is_current)
{
    bool is_off = menu->is_off[line];
    int note = menu->notes && menu->notes[line] ? text_width(menu->notes[line], strlen(menu->notes[line])) : 0;
    int room = bar.cols - 2 - (note > 0 ? note + 2 : 0);
    if (room < bar.cols / 3) { /* the name matters more than the note */
        note = bar.cols / 2 - 2;
        room = bar.cols - 4 - note;
    }
    canvas_elide(canvas, bar.row, bar.col + 1, room, is_off ? ROLE_disabled : ROLE_dialog, menu->lines[line],
                 strlen(menu->lines[line]));
    if (note > 0)
        canvas_right(canvas, bar.row, bar.col + bar.cols - 1 - note, note, is_off ? ROLE_disabled : ROLE_dim,
                     menu->notes[line]);
    if (is_current)
        canvas_role(canvas, bar, ROLE_cursor);
}

static void menu_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct menu *menu = overlay->state;
    int cols = widest(menu->lines, menu->count) + widest(menu->notes, menu->count) + 6, head = menu->edit ? 2 : 0;
    cols = cols < MENU_COLS_MIN ? MENU_COLS_MIN : cols > MENU_COLS_MAX ? MENU_COLS_MAX : cols;
    char note[48] = "";
    if (menu->edit)
        snprintf(note, sizeof note, "%d of %d", menu->shown, menu->count);
    struct overlay_box box = {
        .title = menu->title, .note = note, .rows = menu->count + head, .cols = cols, .border = ROLE_dialog_border};
    if (box.rows > body.rows * 3 / 4 && body.rows > 12)
        box.rows = body.rows * 3 / 4;
    struct rect in = overlay_box_draw(canvas, body, &box);
    struct rect before = canvas_clip(canvas, in);
    if (menu->edit) {
        canvas_puts(canvas, in.row, in.col, 2, ROLE_accent, "› ");
        edit_draw(menu->edit, canvas, in.row, in.col + 2, in.cols - 2, true);
    }
    menu->rows = (struct rect){.row = in.row + head, .col = in.col, .rows = in.rows - head, .cols = in.cols};
    scroll_fit(&menu->scroll, (size_t)menu->shown, menu->rows.rows);
    for (int i = 0; i < menu->rows.rows && menu->scroll.top + (size_t)i < (size_t)menu->shown; i++) {
        size_t at = menu->scroll.top + (size_t)i;
        struct rect bar = {.row = menu->rows.row + i, .col = in.col, .rows = 1, .cols = in.cols};
        draw_line(menu, menu->matches[at].line, canvas, bar, at == menu->scroll.cursor);
    }
    if (menu->shown == 0)
        canvas_puts(canvas, menu->rows.row, in.col + 1, in.cols - 1, ROLE_dim, "nothing matches");
    scroll_draw(&menu->scroll, (size_t)menu->shown, canvas, menu->rows);
    canvas_clip(canvas, before);
}

static void menu_close(struct overlay *overlay)
{
    struct menu *menu = overlay->state;
    if (menu->options.free_context)
        menu->options.free_context(menu->options.context);
    edit_free(menu->edit);
    arena_free(menu->arena);
    free(menu);
}

static const enum action menu_footer[] = {ACTION_open, ACTION_back, ACTION_none};
static const struct overlay_ops menu_ops = {
    .name = "menu",
    .context = CONTEXT_menu,
    .footer = menu_footer,
    .key = menu_key,
    .act = menu_act,
    .draw = menu_draw,
    .close = menu_close,
};
static const struct overlay_ops search_menu_ops = {
    .name = "menu",
    .context = CONTEXT_menu,
    .footer = menu_footer,
    .takes_text = true,
    .key = menu_key,
    .act = menu_act,
    .draw = menu_draw,
    .close = menu_close,
};

void overlay_menu(struct app *app, const struct menu_options *options)
{
    struct menu *menu = calloc(1, sizeof *menu);
    if (!menu)
        abort();
    size_t count = options->count > 0 ? (size_t)options->count : 0;
    menu->arena = arena_new(MENU_ARENA_MAX);
    menu->title = arena_strdup(menu->arena, options->title);
    menu->lines = ARENA_ARRAY(menu->arena, const char *, count + 1);
    menu->notes = ARENA_ARRAY(menu->arena, const char *, count + 1);
    menu->is_off = ARENA_ARRAY(menu->arena, bool, count + 1);
    menu->matches = ARENA_ARRAY(menu->arena, struct menu_match, count + 1);
    for (size_t i = 0; i < count; i++) {
        menu->lines[i] = arena_strdup(menu->arena, options->lines[i]);
        menu->notes[i] = options->notes && options->notes[i] ? arena_strdup(menu->arena, options->notes[i]) : NULL;
        menu->is_off[i] = options->is_off && options->is_off[i];
    }
    menu->count = (int)count;
    menu->options = *options;
    menu->edit = options->is_searchable ? edit_new() : NULL;
    narrow(menu);
    menu->scroll.cursor = options->selected > 0 ? (size_t)options->selected : 0;
    app_push_overlay(app, options->is_searchable ? &search_menu_ops : &menu_ops, menu);
}
