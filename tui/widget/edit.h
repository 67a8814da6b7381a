/* One line of editable text: typed, pasted and moved over by whole characters (a code point with its combining marks; a
 * byte that is not UTF-8 counts as one). Emacs keys inside: Ctrl-a e b f d h k u w, Alt-b f d, Home, End, Delete. */
#ifndef WEIR_TUI_WIDGET_EDIT_H
#define WEIR_TUI_WIDGET_EDIT_H
#include "tui/canvas.h"
#include "tui/event.h"
#include <stdbool.h>
#include <stddef.h>

enum { EDIT_BYTES_MAX = 4096 };
struct edit;
struct edit *edit_new(void);
void edit_free(struct edit *edit); /* NULL is fine */
/* Replaces the text (cut at the maximum, at a character) and puts the cursor at its end. */
void edit_set(struct edit *edit, const char *text);
const char *edit_text(const struct edit *edit);
/* True when the key or paste was for it. Newlines in a paste become blanks, control characters are left out. */
bool edit_key(struct edit *edit, const struct event *event);
void edit_draw(struct edit *edit, struct canvas *canvas, int row, int col, int cols, bool has_focus);
#endif
