/* An editor under test: keys written as chords, texts with the cursor as '|', a small language of words. */
#ifndef WEIR_TESTS_LIB_EDITOR_H
#define WEIR_TESTS_LIB_EDITOR_H
#include "tui/widget/editor.h"

struct editor_case {
    const char *before; /* '|' is the cursor, '^' the other end of a selection (exclusive end) */
    const char *keys;   /* chords separated by blanks; "'...'" types its text; "<...>" pastes it */
    const char *after;  /* '|' is the cursor */
};
/* Runs the cases in editors of their own; fails with the case that is not as it says. */
void editor_check(const struct editor_options *options, const struct editor_case *cases, size_t n);

void editor_press(struct editor *editor, const char *keys);
/* The text with '|' at the cursor; valid until the next call. */
const char *editor_shown(struct editor *editor);
void editor_show(struct editor *editor, const char *text); /* the reverse */
/* What is drawn in so many rows and columns; valid until the next call. */
const char *editor_picture(struct editor *editor, int rows, int cols);
#endif
