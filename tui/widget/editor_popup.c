/* The popup of completions: asks the language what may stand at the cursor, shows it beside the cursor's line (never on
 * it), and puts what is chosen in. It opens by itself behind a '.' or the second character of a word, and by a key. UI
 * thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <stdlib.h>
#include <string.h>

enum { POPUP_ROWS = 8, POPUP_COLUMNS_MIN = 12, LABEL_COLUMNS = 40, DETAIL_COLUMNS = 40, AUTOMATIC_CHARS = 2 };

bool editor_candidates_add(struct editor_candidates *candidates, const char *label, const char *insertion,
                           const char *kind, const char *detail)
{
    if (candidates->count == EDITOR_CANDIDATES_MAX)
        return false;
    struct editor_candidate *item = &candidates->item[candidates->count++];
    *item = (struct editor_candidate){.label = strdup(label),
                                      .insertion = strdup(insertion ? insertion : label),
                                      .kind = strdup(kind ? kind : ""),
                                      .detail = strdup(detail ? detail : "")};
    if (!item->label || !item->insertion || !item->kind || !item->detail)
        abort();
    return true;
}

static void clear(struct editor_candidates *candidates)
{
    for (int i = 0; i < candidates->count; i++) {
        struct editor_candidate *item = &candidates->item[i];
        free(item->label);
        free(item->insertion);
        free(item->kind);
        free(item->detail);
    }
    candidates->count = 0;
    candidates->start = candidates->end = 0;
}

void popup_done(struct popup *popup)
{
    clear(&popup->found);
}

void popup_close(struct editor *editor)
{
    clear(&editor->popup.found);
    editor->popup.is_open = false;
}

/* Asks the language with what surrounds the cursor. False: nothing to offer. */
static bool ask(struct editor *editor)
{
    struct popup *popup = &editor->popup;
    struct store *store = &editor->store;
    clear(&popup->found);
    popup->at = popup->first = 0;
    popup->is_chosen = false;
    popup->base = 0;
    size_t end = store->len;
    if (editor->cursor > EDITOR_AROUND_MAX) {
        size_t line = store_line_of(store, editor->cursor - EDITOR_AROUND_MAX);
        popup->base = store_line_start(store, line + 1);
        if (popup->base > editor->cursor) /* one long line */
            popup->base = editor_char_start(editor, editor->cursor - EDITOR_AROUND_MAX);
    }
    if (end - editor->cursor > EDITOR_AROUND_MAX)
        end = editor_char_start(editor, editor->cursor + EDITOR_AROUND_MAX);
    const char *text = store_view(store, popup->base, end);
    size_t cursor = editor->cursor - popup->base, len = end - popup->base;
    bool ok = editor->language->candidates(editor->context, text, len, cursor, &popup->found);
    if (!ok || !popup->found.count || popup->found.start > popup->found.end || popup->found.end > len)
        return false;
    return true;
}

/* Is what a candidate would put in there already? */
static bool is_there(struct editor *editor, const struct editor_candidate *item)
{
    const struct popup *popup = &editor->popup;
    size_t from = popup->base + popup->found.start, to = popup->base + popup->found.end;
    return strlen(item->insertion) == to - from &&
           !memcmp(store_view(&editor->store, from, to), item->insertion, to - from);
}

static bool can_complete(const struct editor *editor)
{
    return editor->language && editor->language->candidates;
}

void edit_complete(struct editor *editor)
{
    if (!can_complete(editor))
        return;
    editor->popup.is_open = ask(editor);
    editor->popup.is_asked = true;
    editor->popup.sequence = editor->sequence;
    if (!editor->popup.is_open)
        editor_say(editor, "nothing to complete here");
}

static bool is_in_opaque(struct editor *editor)
{
    size_t line = editor_line(editor), start = store_line_start(&editor->store, line);
    size_t known = editor_color_line(editor, line), at = editor->cursor - start;
    return at > 0 && at - 1 < known && editor->color.opaque[at - 1];
}

/* Is this a place where the popup opens by itself? */
static bool is_worth_it(struct editor *editor)
{
    size_t at = editor->cursor, chars = 0;
    if (at > 0 && store_byte(&editor->store, at - 1) == '.')
        return !is_in_opaque(editor);
    while (at > 0 && chars < AUTOMATIC_CHARS && editor_class(editor, editor_char_prev(editor, at)) == CLASS_WORD) {
        at = editor_char_prev(editor, at);
        chars++;
    }
    bool is_number =
        at < editor->cursor && store_byte(&editor->store, at) >= '0' && store_byte(&editor->store, at) <= '9';
    return chars >= AUTOMATIC_CHARS && !is_number && !is_in_opaque(editor);
}

void popup_after(struct editor *editor, bool typed)
{
    struct popup *popup = &editor->popup;
    if (!can_complete(editor) || (!popup->is_open && !typed))
        return;
    popup->is_asked = popup->is_open && popup->is_asked;
    popup->is_open = (popup->is_asked || is_worth_it(editor)) && ask(editor);
    if (!popup->is_open) {
        popup_close(editor);
        return;
    }
    bool is_complete = popup->found.count == 1 && is_there(editor, &popup->found.item[0]);
    bool has_nothing = popup->found.start == popup->found.end && !typed;
    if (is_complete || has_nothing)
        popup_close(editor);
}

static void move(struct editor *editor, int by)
{
    struct popup *popup = &editor->popup;
    popup->is_chosen = true;
    int count = popup->found.count, at = popup->at + by;
    bool is_step = by == 1 || by == -1;
    popup->at = at < 0 ? (is_step ? count - 1 : 0) : at >= count ? (is_step ? 0 : count - 1) : at;
}

static bool accept(struct editor *editor)
{
    struct popup *popup = &editor->popup;
    struct editor_candidate *item = &popup->found.item[popup->at];
    size_t from = popup->base + popup->found.start, to = popup->base + popup->found.end;
    bool changes = !is_there(editor, item);
    if (changes) {
        size_t rubbed = 0;
        for (size_t at = from; at < editor->cursor; at = editor_char_next(editor, at))
            rubbed++;
        editor_begin(editor);
        bool ok = editor_change(editor, from, to - from, item->insertion, strlen(item->insertion));
        editor_end(editor);
        if (ok && editor_style(editor)->completed)
            editor_style(editor)->completed(editor, rubbed, item->insertion);
    } else {
        editor_move_to(editor, to);
    }
    popup_close(editor);
    return changes;
}

static bool run_up(struct editor *editor)
{
    move(editor, -1);
    return true;
}
static bool run_down(struct editor *editor)
{
    move(editor, 1);
    return true;
}
static bool run_page_up(struct editor *editor)
{
    move(editor, -POPUP_ROWS);
    return true;
}
static bool run_page_down(struct editor *editor)
{
    move(editor, POPUP_ROWS);
    return true;
}
static bool run_accept(struct editor *editor)
{
    accept(editor);
    return true;
}
/* A popup that came by itself does not stand between a line and its end; what is there already ends the line too. */
static bool run_enter(struct editor *editor)
{
    if (editor->popup.is_asked || editor->popup.is_chosen)
        return accept(editor);
    popup_close(editor);
    return false;
}
static bool run_escape(struct editor *editor)
{
    popup_close(editor);
    return editor->keys != EDITOR_VI; /* there it also ends the insertion */
}
static bool run_close(struct editor *editor)
{
    popup_close(editor);
    return true;
}

static const struct {
    struct key key;
    bool (*run)(struct editor *editor);
} popup_rows[] = {
    {.key = {.code = NAMED_UP}, .run = run_up},
    {.key = {.code = 'p', .mods = MOD_CTRL}, .run = run_up},
    {.key = {.code = NAMED_TAB, .mods = MOD_SHIFT}, .run = run_up},
    {.key = {.code = NAMED_DOWN}, .run = run_down},
    {.key = {.code = 'n', .mods = MOD_CTRL}, .run = run_down},
    {.key = {.code = NAMED_PGUP}, .run = run_page_up},
    {.key = {.code = NAMED_PGDN}, .run = run_page_down},
    {.key = {.code = NAMED_TAB}, .run = run_accept},
    {.key = {.code = 'y', .mods = MOD_CTRL}, .run = run_accept},
    {.key = {.code = NAMED_ENTER}, .run = run_enter},
    {.key = {.code = NAMED_ESC}, .run = run_escape},
    {.key = {.code = 'g', .mods = MOD_CTRL}, .run = run_close},
    {.key = {.code = 'e', .mods = MOD_CTRL}, .run = run_close},
};

bool popup_key(struct editor *editor, struct key key)
{
    if (!editor->popup.is_open)
        return false;
    for (size_t i = 0; i < sizeof popup_rows / sizeof *popup_rows; i++)
        if (key_equal(popup_rows[i].key, key))
            return popup_rows[i].run(editor);
    return false;
}

bool popup_click(struct editor *editor, int row, int col)
{
    struct popup *popup = &editor->popup;
    const struct rect *rect = &popup->rect;
    bool is_inside =
        row >= rect->row && row < rect->row + rect->rows && col >= rect->col && col < rect->col + rect->cols;
    if (!popup->is_open || !is_inside || popup->first + row - rect->row >= popup->found.count)
        return false;
    popup->at = popup->first + row - rect->row;
    accept(editor);
    return true;
}

/* --- the picture --- */
static int width_of(const char *text, int most)
{
    struct buf clean = BUF_INIT(4096);
    text_clean(text, strlen(text), &clean);
    int width = text_width(buf_text(&clean), clean.len);
    buf_done(&clean);
    return width < most ? width : most;
}

struct columns {
    int label, kind, detail;
};

static struct columns measure(const struct popup *popup)
{
    struct columns columns = {.label = POPUP_COLUMNS_MIN};
    for (int i = 0; i < popup->found.count; i++) {
        const struct editor_candidate *item = &popup->found.item[i];
        int label = width_of(item->label, LABEL_COLUMNS), kind = width_of(item->kind, LABEL_COLUMNS);
        int detail = width_of(item->detail, DETAIL_COLUMNS);
        columns.label = label > columns.label ? label : columns.label;
        columns.kind = kind > columns.kind ? kind : columns.kind;
        columns.detail = detail > columns.detail ? detail : columns.detail;
    }
    return columns;
}

static void draw_row(struct canvas *canvas, struct rect row, const struct editor_candidate *item,
                     struct columns columns, bool is_chosen)
{
    canvas_fill(canvas, row, ROLE_popup);
    int col = row.col + 1, end = row.col + row.cols - 1;
    canvas_elide(canvas, row.row, col, end - col < columns.label ? end - col : columns.label, ROLE_popup, item->label,
                 strlen(item->label));
    col += columns.label + 2;
    if (col < end)
        canvas_elide(canvas, row.row, col, end - col, ROLE_popup_detail, item->kind, strlen(item->kind));
    col += columns.kind + 2;
    if (col < end)
        canvas_elide(canvas, row.row, col, end - col, ROLE_popup_detail, item->detail, strlen(item->detail));
    if (is_chosen)
        canvas_role(canvas, row, ROLE_popup_cursor);
}

/* Where it fits: below the cursor's row when there is room for all or more than above, else above. */
static struct rect place(struct popup *popup, struct rect rect, int row, int col, int width)
{
    int below = rect.row + rect.rows - row - 1, above = row - rect.row;
    int wanted = popup->found.count < POPUP_ROWS ? popup->found.count : POPUP_ROWS;
    bool is_below = below >= wanted || below >= above;
    int room = is_below ? below : above, rows = wanted < room ? wanted : room;
    int cols = width < rect.cols ? width : rect.cols;
    if (col + cols > rect.col + rect.cols)
        col = rect.col + rect.cols - cols;
    return (struct rect){.row = is_below ? row + 1 : row - rows, .col = col, .rows = rows, .cols = cols};
}

void popup_draw(struct editor *editor, struct canvas *canvas, struct rect rect, int row, int col)
{
    struct popup *popup = &editor->popup;
    popup->rect = (struct rect){.rows = 0};
    if (!popup->is_open)
        return;
    struct columns columns = measure(popup);
    int width = columns.label + 2 + (columns.kind ? columns.kind + 2 : 0) + (columns.detail ? columns.detail + 2 : 0);
    struct rect box = place(popup, rect, row, col, width);
    if (box.rows < 1 || box.cols < 3)
        return;
    popup->rect = box;
    if (popup->at < popup->first)
        popup->first = popup->at;
    if (popup->at >= popup->first + box.rows)
        popup->first = popup->at - box.rows + 1;
    for (int i = 0; i < box.rows && popup->first + i < popup->found.count; i++) {
        struct rect line = {.row = box.row + i, .col = box.col, .rows = 1, .cols = box.cols};
        draw_row(canvas, line, &popup->found.item[popup->first + i], columns, popup->first + i == popup->at);
    }
}
