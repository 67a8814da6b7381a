/* What the screen tests share: a private home, the program on a terminal, names of keys, and leaving it as a user does.
 * A failure ends the running test (cmocka). */
#ifndef WEIR_TESTS_LIB_SCREEN_H
#define WEIR_TESTS_LIB_SCREEN_H
#include "tests/lib/tempdir.h"
#include "tests/lib/vt.h"

/* Esc in a form that does not mean Alt with what follows (CSI u), so that nothing has to be waited for. */
#define SCREEN_ESC "\033[27u"

/* The directory is the home and all that XDG names; nothing of the user's own settings is left, the built programs are
 * first on PATH. */
void screen_home(struct tempdir *home);
/* Runs a shell command in the home; its output goes to sh.log there. It must succeed. */
void screen_sh(const struct tempdir *home, const char *command);
/* Named keys (vt.h) side by side: "g g Enter". */
void screen_keys(struct vt *vt, const char *names);
/* :q; the program must end with 0 and leave a plain terminal with its own modes. Frees vt. */
void screen_leave(struct vt *vt);
#endif
