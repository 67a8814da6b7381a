/* What the screen's files share; nobody else includes it. */
#ifndef WEIR_TUI_SCREEN_PRIVATE_H
#define WEIR_TUI_SCREEN_PRIVATE_H
#include "tui/input.h"
#include "tui/screen.h"
#include <termios.h>

enum { SCREEN_PAIRS = 128 };
struct screen_pair {
    int32_t fg, bg;
};
struct screen_look { /* of a role on this terminal */
    unsigned attrs;  /* curses' */
    int pair;
};
struct screen {
    void *terminal; /* curses' SCREEN */
    struct canvas *canvas;
    struct cell *shown; /* what the last frame put on the screen */
    int shown_rows, shown_cols;
    bool is_whole; /* the next frame compares with nothing */
    struct screen_look looks[ROLE_COUNT];
    struct screen_pair pairs[SCREEN_PAIRS];
    int pair_count;
    enum theme_depth depth;
    struct input *input;
    struct termios modes_before;
    bool has_mouse, has_modes, has_unicode;
};

void screen_send(const char *bytes, size_t len); /* past curses, in order with what it has sent */
const char *screen_capability(const char *name); /* of terminfo, "" when there is none */
void screen_paint_start(struct screen *screen, bool color);
/* What a crash restores: the modes before, then (once curses knows the terminal) the handlers. */
void screen_restore_prepare(const struct termios *before);
void screen_restore_arm(void);
void screen_restore_disarm(void);
#endif
