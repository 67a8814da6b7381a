/* A cursor in a list of rows and the part of it that is on the screen: what simple lists (tree, menu, jobs) share. */
#ifndef WEIR_TUI_WIDGET_SCROLL_H
#define WEIR_TUI_WIDGET_SCROLL_H
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include <stdbool.h>
#include <stddef.h>

struct scroll {
    size_t cursor, top;
    int page; /* rows of the last drawing */
};
/* Moves for up, down, pages, first, last; true when the action is one of these. */
bool scroll_act(struct scroll *scroll, size_t count, enum action action);
/* Before drawing: keeps the cursor inside count and on the screen of that many rows. */
void scroll_fit(struct scroll *scroll, size_t count, int rows);
/* Wheel moves, a press puts the cursor; true when taken (rect: the rows alone). */
bool scroll_mouse(struct scroll *scroll, size_t count, const struct event *event, struct rect rect);
/* A thumb in the last column of rect, only when count rows do not fit. */
void scroll_draw(const struct scroll *scroll, size_t count, struct canvas *canvas, struct rect rect);
#endif
