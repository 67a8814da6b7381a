/* Turns a terminal's bytes into events: keys in either cursor form, modifiers, UTF-8, bracketed paste, focus, SGR
 * mouse. No curses and no waiting: curses' own getch() sleeps ESCDELAY inside, and drops what it does not know. Time
 * comes from the caller. UI thread. */
#ifndef WEIR_TUI_INPUT_H
#define WEIR_TUI_INPUT_H
#include "tui/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INPUT_PASTE_MAX = 1024 * 1024, INPUT_CHUNK = 4096 };

struct input;
/* escdelay_ms: how long after a lone ESC byte more of a sequence may come. */
struct input *input_new(int64_t escdelay_ms);
void input_free(struct input *input);
/* A sequence of this terminal (terminfo), before the built-in ones; false when there is no room. */
bool input_add(struct input *input, const char *sequence, struct key key);
/* Adds bytes (at most INPUT_CHUNK); call input_next until it is false before the next. */
void input_feed(struct input *input, const char *bytes, size_t len, int64_t now_ms);
/* The next event; false when the bytes so far hold no further one. */
bool input_next(struct input *input, int64_t now_ms, struct event *event);
/* Milliseconds until input_next may have one without further bytes (a lone ESC); -1: only bytes help. */
int64_t input_wait_ms(const struct input *input, int64_t now_ms);
#endif
