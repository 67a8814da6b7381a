/* Input events: what screen.c decodes from the terminal's bytes. A key is a code point or a named key, with modifiers;
 * its text form is a chord: "a", "G", "C-f", "M-Enter", "F5", "Up", "S-Tab", "Space". */
#ifndef WEIR_TUI_EVENT_H
#define WEIR_TUI_EVENT_H
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* X(ID, name in keymap files) */
#define NAMED_KEYS(X)                                                                                                  \
    X(ENTER, "Enter")                                                                                                  \
    X(ESC, "Esc")                                                                                                      \
    X(TAB, "Tab")                                                                                                      \
    X(BACKSPACE, "Backspace")                                                                                          \
    X(SPACE, "Space")                                                                                                  \
    X(UP, "Up")                                                                                                        \
    X(DOWN, "Down")                                                                                                    \
    X(LEFT, "Left")                                                                                                    \
    X(RIGHT, "Right")                                                                                                  \
    X(HOME, "Home")                                                                                                    \
    X(END, "End")                                                                                                      \
    X(PGUP, "PgUp")                                                                                                    \
    X(PGDN, "PgDn")                                                                                                    \
    X(INSERT, "Insert")                                                                                                \
    X(DELETE, "Delete")                                                                                                \
    X(F1, "F1")                                                                                                        \
    X(F2, "F2")                                                                                                        \
    X(F3, "F3")                                                                                                        \
    X(F4, "F4") X(F5, "F5") X(F6, "F6") X(F7, "F7") X(F8, "F8") X(F9, "F9") X(F10, "F10") X(F11, "F11") X(F12, "F12")
enum {
    KEY_NAMED_FIRST = 0x200000, /* above every code point */
#define X(id, name) NAMED_##id,
    NAMED_KEYS(X)
#undef X
};
enum { MOD_CTRL = 1, MOD_ALT = 2, MOD_SHIFT = 4 };
struct key {
    uint32_t code; /* code point (printable) or NAMED_*; Ctrl-f is {'f', MOD_CTRL} */
    unsigned mods;
};
enum event_kind {
    EVENT_NONE,
    EVENT_KEY,
    EVENT_PASTE,
    EVENT_MOUSE,
    EVENT_RESIZE,
    EVENT_FOCUS,
    EVENT_UNFOCUS,
    EVENT_HANGUP
};
enum mouse_kind { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN, MOUSE_DOUBLE };
struct event {
    enum event_kind kind;
    struct key key;
    const char *paste; /* EVENT_PASTE: raw bytes, borrowed until the next event */
    size_t paste_len;
    bool paste_cut; /* the paste was longer than the maximum (1 MiB) */
    enum mouse_kind mouse;
    int row, col;
};
/* Parses one chord ("C-x"); false when it is none. Modifiers may also be written in full ("Ctrl-x"); Shift goes with
 * named keys only; chords that terminals cannot tell apart are one key (C-i is Tab, C-m Enter, C-[ Esc, C-A is C-a). */
bool key_parse(const char *chord, size_t len, struct key *key);
bool key_format(struct key key, struct buf *out); /* "C-x" */
bool key_label(struct key key, struct buf *out);  /* "Ctrl-x", for footer and help */
bool key_equal(struct key a, struct key b);
/* The text a key types: its code point without Ctrl/Alt, as UTF-8; returns the length, 0 when it types nothing. */
size_t key_text(struct key key, char out[4]);
#endif
