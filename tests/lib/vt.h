/* A terminal for tests: runs a program on a pseudo terminal, feeds it keys as bytes, and reads what it draws through
 * libvterm. Tests wait for conditions on the cells, never for time. */
#ifndef WEIR_TESTS_VT_H
#define WEIR_TESTS_VT_H
#include <stdbool.h>
#include <stddef.h>

struct vt;
struct vt_options {
    int rows, cols;
    const char *const *argv; /* ends with NULL; argv[0] is looked up on PATH */
    const char *term;        /* NULL: xterm-256color */
    const char *const *env;  /* "NAME=VALUE" to set, "NAME" to unset; ends with NULL. NULL: none */
};
struct vt_look { /* how a cell looks; colours are palette indexes, -1 the terminal's own, -2 RGB */
    int fg, bg;
    bool bold, reverse, underline;
};
/* The program has the environment of the test, with TERM, ESCDELAY and a UTF-8 locale set; aborts the test program when
 * there is no pseudo terminal. */
struct vt *vt_start(const struct vt_options *options);
/* Ends the program if it still runs (SIGKILL) and frees. Returns its wait status. */
int vt_end(struct vt *vt);
void vt_type(struct vt *vt, const char *bytes);
/* Named keys as a terminal in application mode sends them: "Enter", "Esc", "Tab", "S-Tab", "Up", "Down", "Left",
 * "Right", "PgUp", "PgDn", "Home", "End", "F1", "C-x". */
void vt_key(struct vt *vt, const char *name);
void vt_resize(struct vt *vt, int rows, int cols);
/* Until the text is (or is no longer) on the screen; false after 10 s, with the screen on stderr. */
bool vt_wait(struct vt *vt, const char *text);
bool vt_wait_gone(struct vt *vt, const char *text);
bool vt_wait_exit(struct vt *vt, int *status);
/* Until the program has ended so many more frames (synchronized output, mode 2026). */
bool vt_wait_frames(struct vt *vt, int more);
int vt_frames(const struct vt *vt);            /* ended so far */
bool vt_mode(const struct vt *vt, int number); /* is the private mode ESC [ ? NUMBER h on? */
bool vt_wait_mode(struct vt *vt, int number);  /* until it is on */
bool vt_is_restored(const struct vt *vt);      /* the terminal's own modes (termios) are what they were */
int vt_pid(const struct vt *vt);
void vt_signal(struct vt *vt, int number);
/* Closes the terminal under the program, waits for its end and frees; its wait status. */
int vt_hang_up(struct vt *vt);
bool vt_shows(struct vt *vt, const char *text); /* now */
/* Row and column of the first occurrence. */
bool vt_find(struct vt *vt, const char *text, int *row, int *col);
/* Of the first cell of the text; fails the assumption (all -3) when it is not there. */
struct vt_look vt_look(struct vt *vt, const char *text);
const char *vt_screen(struct vt *vt); /* all rows, ended by \n; valid until the next call */
bool vt_is_plain(struct vt *vt);      /* main screen, cursor visible: what a program must leave behind */
#endif
