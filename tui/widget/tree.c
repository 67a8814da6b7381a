/* The flattened tree. UI thread. */
#include "tui/widget/tree.h"
#include "backend/base/arena.h"
#include "backend/base/text.h"
#include "tui/widget/scroll.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_ARENA_MAX = 8 << 20, TREE_INDENT = 2 };
struct tree {
    struct arena *arena; /* rows and their texts */
    struct tree_row *rows;
    size_t count, left_out;
    struct scroll scroll;
    struct rect drawn; /* rows of the last drawing */
};

struct tree *tree_new(void)
{
    struct tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        abort();
    tree->arena = arena_new(TREE_ARENA_MAX);
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    arena_free(tree->arena);
    free(tree);
}

void tree_set_rows(struct tree *tree, const struct tree_row *rows, size_t count)
{
    uint64_t id = 0;
    bool had_cursor = tree_current(tree, &id);
    arena_reset(tree->arena);
    tree->left_out = count > TREE_ROWS_MAX ? count - TREE_ROWS_MAX : 0;
    tree->count = count - tree->left_out;
    tree->rows = ARENA_ARRAY(tree->arena, struct tree_row, tree->count + 1);
    for (size_t i = 0; i < tree->count; i++) {
        tree->rows[i] = rows[i];
        tree->rows[i].label = arena_strndup(tree->arena, rows[i].label, rows[i].label_len);
        tree->rows[i].note = rows[i].note ? arena_strdup(tree->arena, rows[i].note) : NULL;
        if (!tree->rows[i].label)
            tree->rows[i] = (struct tree_row){.label = ""};
    }
    if (had_cursor)
        tree_move_to(tree, id);
}

size_t tree_count(const struct tree *tree)
{
    return tree->count;
}

bool tree_current(const struct tree *tree, uint64_t *id)
{
    if (tree->scroll.cursor >= tree->count)
        return false;
    *id = tree->rows[tree->scroll.cursor].id;
    return true;
}

bool tree_move_to(struct tree *tree, uint64_t id)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->rows[i].id == id) {
            tree->scroll.cursor = i;
            return true;
        }
    }
    return false;
}

bool tree_act(struct tree *tree, enum action action)
{
    return scroll_act(&tree->scroll, tree->count, action);
}

bool tree_mouse(struct tree *tree, const struct event *event, struct rect rect)
{
    struct rect rows = tree->drawn.rows > 0 ? tree->drawn : rect;
    return scroll_mouse(&tree->scroll, tree->count, event, rows);
}

/* A label that is too wide loses its middle: names that share a beginning are told apart by their end. */
static void draw_label(const struct tree_row *row, struct canvas *canvas, int at_row, int col, int room,
                       enum theme_role role)
{
    char clean[512];
    text_clean_into(row->label, clean, sizeof clean);
    size_t len = strlen(clean), skip = 0;
    int width = text_width(clean, len), used = 0, tail = room / 2;
    if (width <= room || room < 8) {
        canvas_elide(canvas, at_row, col, room, role, row->label, row->label_len);
        return;
    }
    size_t head = text_fit(clean, len, room - tail - 1, &used);
    while (text_width(clean + skip, len - skip) > tail) {
        uint32_t code;
        size_t step = text_decode(clean + skip, len - skip, &code);
        skip += step > 0 ? step : 1;
    }
    col += canvas_text(canvas, at_row, col, room, role, clean, head);
    col += canvas_puts(canvas, at_row, col, 1, role, "…");
    canvas_puts(canvas, at_row, col, tail, role, clean + skip);
}

static void draw_row(const struct tree_row *row, struct canvas *canvas, struct rect bar)
{
    int indent = 1 + row->depth * TREE_INDENT;
    int note = row->note ? text_width(row->note, strlen(row->note)) : 0;
    int room = bar.cols - indent - (note > 0 ? note + 2 : 1);
    enum theme_role role = row->is_here ? ROLE_accent : row->role;
    if (room < 1)
        room = bar.cols - indent;
    else if (note > 0)
        canvas_puts(canvas, bar.row, bar.col + bar.cols - note - 1, note, row->note_role, row->note);
    draw_label(row, canvas, bar.row, bar.col + indent, room, role);
}

int tree_draw(struct tree *tree, struct canvas *canvas, struct rect rect, bool has_focus)
{
    size_t lines = tree->count + (tree->left_out > 0 ? 1 : 0);
    int rows = rect.rows < (int)lines ? rect.rows : (int)lines;
    tree->drawn = (struct rect){.row = rect.row, .col = rect.col, .rows = rows, .cols = rect.cols};
    scroll_fit(&tree->scroll, lines, rows);
    for (int line = 0; line < rows; line++) {
        size_t at = tree->scroll.top + (size_t)line;
        struct rect bar = {.row = rect.row + line, .col = rect.col, .rows = 1, .cols = rect.cols};
        if (at < tree->count)
            draw_row(&tree->rows[at], canvas, bar);
        else
            canvas_printf(canvas, bar.row, bar.col + 1, bar.cols - 1, ROLE_dim, "… %zu more", tree->left_out);
        if (at == tree->scroll.cursor)
            canvas_role(canvas, bar, has_focus ? ROLE_cursor : ROLE_cursor_idle);
    }
    scroll_draw(&tree->scroll, lines, canvas, tree->drawn);
    return rows;
}
