/* Where the dashboard's tiles are. Pure. */
#ifndef WEIR_TUI_TILES_H
#define WEIR_TUI_TILES_H
#include "tui/canvas.h"
#include <stdbool.h>

/* Fills rects[count] (1..8 panes) so that they cover body without overlap. With first_on_top the first pane (Flow) is a
 * band over the whole width; the others share the rest in rows of at most three, the last row in fewer, wider tiles. */
void tiles_layout(struct rect body, int count, bool first_on_top, struct rect rects[]);
#endif
