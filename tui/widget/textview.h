/* A scrolling text: lines of raw bytes, optionally with a field name before them; wrapped or scrolled sideways;
 * searched with matches shown. Pager, describe, help, log and previews use it. Knows no domain. UI thread. */
#ifndef WEIR_TUI_WIDGET_TEXTVIEW_H
#define WEIR_TUI_WIDGET_TEXTVIEW_H
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include <stdbool.h>
#include <stddef.h>

enum { TEXTVIEW_BYTES_MAX = 16 << 20, TEXTVIEW_LINES_MAX = 1 << 20 };
struct textview;
struct textview *textview_new(void);
void textview_free(struct textview *view);  /* NULL is fine */
void textview_clear(struct textview *view); /* keeps position and search */
/* Adds text, split at newlines; past the maximum it is cut and a last line says so. */
void textview_add(struct textview *view, enum theme_role role, const char *bytes, size_t len);
/* "label    value": the labels of all fields share one column. */
void textview_field(struct textview *view, const char *label, enum theme_role role, const char *text);
/* As textview_field with the label in a role of its own (keys in help). */
void textview_pair(struct textview *view, enum theme_role label_role, const char *label, enum theme_role role,
                   const char *text);
void textview_section(struct textview *view, const char *title); /* a blank line, then the title */
enum textview_wrap {
    WRAP_NONE,   /* long lines are cut and scrolled sideways */
    WRAP_FIELDS, /* values of fields go on under their label; other lines (tables) are cut */
    WRAP_ALL
};
void textview_set_wrap(struct textview *view, enum textview_wrap wrap);
/* Stays at the end while lines are added, until one moves up. */
void textview_set_follow(struct textview *view, bool follows);
bool textview_follows(const struct textview *view);
size_t textview_lines(const struct textview *view);
/* All lines as they were added, labels too (for copying). */
bool textview_text(const struct textview *view, struct buf *out);
/* Shows matches ("" none) and goes to the first at or below the top; false when there is none. */
bool textview_search(struct textview *view, const char *needle);
const char *textview_needle(const struct textview *view);
/* The next (1) or previous (-1) match, going round. */
bool textview_find(struct textview *view, int direction);
/* Moves and sideways scrolling, n and N; true when taken. */
bool textview_act(struct textview *view, enum action action);
bool textview_mouse(struct textview *view, const struct event *event, struct rect rect);
void textview_draw(struct textview *view, struct canvas *canvas, struct rect rect);
/* Share of the text above the end of the screen, 0..100. */
int textview_percent(const struct textview *view);
#endif
