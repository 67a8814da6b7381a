/* The terminal: curses output of a canvas, input bytes to events, modes, resize, suspend, and a clean terminal left
 * behind whatever happens. The only files that include curses are screen*.c. One screen per process. UI thread. */
#ifndef WEIR_TUI_SCREEN_H
#define WEIR_TUI_SCREEN_H
#include "backend/base/err.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/theme.h"

struct screen;
struct screen_options {
    bool color, unicode, mouse; /* unicode: also needs a UTF-8 locale */
    int64_t escdelay_ms;
};
/* Takes the terminal on standard input and output over. NULL with *err when it cannot move its cursor (TERM=dumb). */
struct screen *screen_open(const struct screen_options *options, struct err *err);
void screen_close(struct screen *screen); /* NULL is fine */
struct canvas *screen_canvas(struct screen *screen);
void screen_set_theme(struct screen *screen, const struct theme *theme);
enum theme_depth screen_depth(const struct screen *screen);
/* Sends what has changed since the last time, as one frame; nothing when nothing has. */
bool screen_draw(struct screen *screen);    /* false: nothing was to be changed */
void screen_repaint(struct screen *screen); /* the next frame is a whole one */
/* Reads the bytes there are (never waits), then gives events one by one. False from screen_read: the terminal hung up.
 */
bool screen_read(struct screen *screen, int64_t now_ms);
bool screen_next(struct screen *screen, int64_t now_ms, struct event *event);
int64_t screen_wait_ms(const struct screen *screen, int64_t now_ms); /* input.h */
/* The window may have another size (SIGWINCH): true when it has; the canvas is cleared. */
bool screen_fit(struct screen *screen);
void screen_set_mouse(struct screen *screen, bool on);
/* Gives the terminal back for a while (a child, a stop) and takes it again. */
void screen_leave(struct screen *screen);
void screen_return(struct screen *screen);
/* Is there a shell that could continue us? A session leader is in an orphaned process group: a stop would be ignored.
 */
bool screen_has_shell(void);
/* Stops the process group as ^Z does, and comes back when it goes on. False, and nothing happens, without a shell. */
bool screen_suspend(struct screen *screen);
bool screen_has_unicode(const struct screen *screen); /* the locale is UTF-8 */
/* OSC 52, wrapped for tmux; false when there are more than SCREEN_CLIP_MAX bytes. There is no answer: it was sent. */
enum { SCREEN_CLIP_MAX = 74 * 1024 };
bool screen_clip(struct screen *screen, const char *bytes, size_t len);
#endif
