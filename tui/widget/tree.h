/* A tree already flattened: rows with a depth, a name at the left and a figure at the right; the owner decides what is
 * open. Knows no domain. UI thread. */
#ifndef WEIR_TUI_WIDGET_TREE_H
#define WEIR_TUI_WIDGET_TREE_H
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREE_ROWS_MAX = 4096 };
struct tree_row {
    uint64_t id; /* keeps the cursor on its row when the rows change */
    int depth;
    const char *label; /* raw text */
    size_t label_len;
    const char *note; /* right-aligned; NULL: none */
    enum theme_role role, note_role;
    bool is_here; /* the place shown beside the tree: drawn in the accent */
};
struct tree;
struct tree *tree_new(void);
void tree_free(struct tree *tree); /* NULL is fine */
/* Copies; rows past TREE_ROWS_MAX are left out and counted in a last line. */
void tree_set_rows(struct tree *tree, const struct tree_row *rows, size_t count);
size_t tree_count(const struct tree *tree);
bool tree_current(const struct tree *tree, uint64_t *id);
bool tree_move_to(struct tree *tree, uint64_t id);
bool tree_act(struct tree *tree, enum action action); /* moves */
bool tree_mouse(struct tree *tree, const struct event *event, struct rect rect);
/* Returns the rows used (for what comes below). */
int tree_draw(struct tree *tree, struct canvas *canvas, struct rect rect, bool has_focus);
#endif
