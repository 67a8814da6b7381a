/* What every overlay looks like: a framed box over the body, with a title and a line of hints. UI thread. */
#ifndef WEIR_TUI_OVERLAY_BOX_H
#define WEIR_TUI_OVERLAY_BOX_H
#include "tui/canvas.h"

struct overlay_box {
    const char *title; /* raw text */
    const char *note;  /* right end of the top line; NULL: none */
    const char *hint;  /* in the bottom line; NULL: none */
    int rows, cols;    /* wanted inside the frame; 0: as many as there are */
    enum theme_role border;
    bool at_bottom; /* on the last rows of the body instead of its middle */
};
/* Draws it, cleared, and returns what is inside; as large as the body allows. */
struct rect overlay_box_draw(struct canvas *canvas, struct rect body, const struct overlay_box *box);
/* Writes a note over the frame already drawn (what is only known once the inside is). */
void overlay_box_note(struct canvas *canvas, struct rect body, const struct overlay_box *box, const char *note);
#endif
