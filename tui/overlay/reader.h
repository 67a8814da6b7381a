/* A large box with a scrolling text that is searched with '/': what pager, help and log share. UI thread. */
#ifndef WEIR_TUI_OVERLAY_READER_H
#define WEIR_TUI_OVERLAY_READER_H
#include "tui/overlay.h"
#include "tui/widget/textview.h"

struct reader {
    char title[256];
    struct textview *view; /* owned */
    int cols;              /* wanted; 0: as wide as possible */
    void *data;            /* of the overlay that is a reader; freed with free() */
    void (*refill)(struct overlay *overlay);
};
/* Ready ops for overlays whose state is a struct reader. */
bool reader_act(struct overlay *overlay, enum action action);
bool reader_key(struct overlay *overlay, const struct event *event); /* mouse */
void reader_draw(struct overlay *overlay, struct canvas *canvas, struct rect body);
void reader_close(struct overlay *overlay);
struct reader *reader_new(const char *title);
extern const enum action reader_footer[];
#endif
