/* Frames: the box around a pane or a part of one, whose top line carries the truth about it: number, name, note, age of
 * the data, state of the source. Used by the app for tiles and by panes whose full view has several parts. UI thread.
 */
#ifndef WEIR_TUI_FRAME_H
#define WEIR_TUI_FRAME_H
#include "tui/pane.h"

struct frame {
    int number;                       /* key of the pane; -1: none */
    const char *title;                /* raw text */
    const char *note;                 /* at the right end before age and state; NULL or "": none */
    const struct pane_status *status; /* age and state (its note is used when note is NULL); NULL: neither */
    bool has_focus;
};
/* Draws it and returns what is inside (empty when rect is too small for a box). */
struct rect frame_draw(struct canvas *canvas, struct rect rect, const struct frame *frame, int64_t now_ms);
/* Age and state in words ("4s ago", "refreshing", "stale since 14:29:02Z", "denied") into out; returns its role. */
enum theme_role frame_state(const struct pane_status *status, int64_t now_ms, char *out, size_t size);
/* What failed where it happened: the cause, then the remedy and how it is being tried again (both wrapped to the
 * width), from the top of rect; returns the rows used. */
int frame_failure(struct canvas *canvas, struct rect rect, const struct pane_status *status, int64_t now_ms);
/* There is nothing to show yet, inside the frame: what is being asked and since when (wall time), or what failed. */
void frame_nothing(struct canvas *canvas, struct rect rect, const struct pane_status *status, const char *asked,
                   int64_t since_ms, int64_t now_ms);
/* The last try failed although figures are shown: said on the last lines of rect. Returns the rows used. */
int frame_trouble(struct canvas *canvas, struct rect rect, const struct pane_status *status, int64_t now_ms);
/* Wraps raw text at blanks over the rows of rect; returns the rows used. */
int frame_text(struct canvas *canvas, struct rect rect, enum theme_role role, const char *text);
#endif
