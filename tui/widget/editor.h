/* The editor of many lines: text of up to some MiB that is typed, pasted, selected, searched, undone and coloured, with
 * the keys of plain editors, vi or emacs, and a popup of completions. It knows no language: colours and candidates come
 * from callbacks. A character is a code point with the combining marks behind it; a byte that is not UTF-8 is a
 * character of its own and is kept as it is. What it does after a key depends on what is on the screen and on the
 * lines touched, not on the size of the text. UI thread. */
#ifndef WEIR_TUI_WIDGET_EDITOR_H
#define WEIR_TUI_WIDGET_EDITOR_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/theme.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EDITOR_BYTES_MAX = 16 << 20,    /* the default maximum of a text */
    EDITOR_AROUND_MAX = 64 << 10,   /* of the text before, and of that behind the cursor, that candidates see */
    EDITOR_COLOR_LINE_MAX = 4 << 10 /* bytes of a line that are coloured; the rest is plain */
};

/* --- the language --- */
struct editor_token {
    size_t start, len; /* bytes of the text given */
    enum theme_role role;
    bool is_opaque; /* a string, comment or quoted name: brackets inside match nothing */
};
enum { EDITOR_CANDIDATES_MAX = 200 };
struct editor_candidate {
    char *label;     /* what the list shows; matched against nothing by the editor */
    char *insertion; /* what takes the place of start..end */
    char *kind;      /* one word: "table", "keyword" */
    char *detail;    /* "bigint, partition key"; may be "" */
};
struct editor_candidates {
    size_t start, end;                                   /* the bytes of the text given that an accepted one replaces */
    struct editor_candidate item[EDITOR_CANDIDATES_MAX]; /* best first */
    int count;
};
/* Copies the strings; insertion NULL: the label. False when the list is full. */
bool editor_candidates_add(struct editor_candidates *candidates, const char *label, const char *insertion,
                           const char *kind, const char *detail);

struct editor_language { /* every member may be NULL */
    /* The token of one line (with its newline) at *offset, which moves behind it; false at the line's end. *state
     * carries over lines what is still open, 0 at the beginning of a text. */
    bool (*token)(void *context, const char *text, size_t len, size_t *offset, int *state, struct editor_token *token);
    /* What may stand at the cursor (a byte of text, which is what surrounds it, cut at line starts beyond
     * EDITOR_AROUND_MAX). Never waits; false or none: no popup. */
    bool (*candidates)(void *context, const char *text, size_t len, size_t cursor, struct editor_candidates *out);
    const char *line_comment; /* "--": for the comment action; NULL: there is none */
};

/* --- life --- */
enum editor_keys { EDITOR_PLAIN, EDITOR_VI, EDITOR_EMACS };
/* The style that goes with a keymap's name: "vi", "emacs", any other is plain. */
enum editor_keys editor_keys_of(const char *keymap_name);

struct editor_options {
    size_t max_bytes;  /* of the text; 0: EDITOR_BYTES_MAX, which is also the most */
    size_t undo_bytes; /* of the removed and inserted text kept for undo; 0, or less than that: twice max_bytes */
    enum editor_keys keys;
    int indent; /* columns of one level; 0: 4 */
    bool no_line_numbers;
    const struct editor_language *language; /* borrowed; NULL: plain text */
    void *context;                          /* given to all callbacks */
    /* Text was cut or copied (for the terminal's clipboard). NULL: kept inside only. */
    void (*copied)(void *context, const char *bytes, size_t len);
    /* Does the keymap's own context bind this chord? Then editor_key leaves it. Asked for chords that type no text. */
    bool (*is_bound)(void *context, struct key key);
};
struct editor;
struct editor *editor_new(const struct editor_options *options);
void editor_free(struct editor *editor); /* NULL is fine */
void editor_set_keys(struct editor *editor, enum editor_keys keys);

/* --- text; offsets are bytes --- */
/* A new text: undo begins anew, the cursor is at its start. False, and nothing changed, when it is over the maximum. */
bool editor_set_text(struct editor *editor, const char *bytes, size_t len);
/* Replaces the whole text as one undo step (format, external editor), keeping the cursor's line and column where it
 * can. */
bool editor_replace_text(struct editor *editor, const char *bytes, size_t len);
bool editor_text(const struct editor *editor, struct buf *out); /* appends */
size_t editor_len(const struct editor *editor);
size_t editor_lines(const struct editor *editor); /* at least 1 */
/* Inserts at the cursor (in place of the selection) as one undo step; false when it would pass the maximum. */
bool editor_insert(struct editor *editor, const char *bytes, size_t len);
/* Changes whenever the text does. */
uint64_t editor_generation(const struct editor *editor);
/* Takes back, does again; false when there is nothing left. */
bool editor_undo(struct editor *editor);
bool editor_redo(struct editor *editor);

/* --- where --- */
struct editor_position {
    size_t byte;
    size_t line, column; /* from 1; the column in code points, as Athena counts */
};
struct editor_position editor_cursor(const struct editor *editor);
/* To a line and column (both from 1, clamped to the text). */
void editor_set_cursor(struct editor *editor, size_t line, size_t column);
void editor_set_cursor_byte(struct editor *editor, size_t byte);
/* The bytes selected, as the user sees them (vi's last character and whole lines included); false: none. */
bool editor_selection(const struct editor *editor, size_t *start, size_t *end);
void editor_select(struct editor *editor, size_t start, size_t end);

/* --- interaction --- */
/* A key or paste; false: not the editor's (the keymap's turn). */
bool editor_key(struct editor *editor, const struct event *event);
/* An action of the keymap, as editor_key. */
bool editor_act(struct editor *editor, enum action action);
/* A command in words, as vi's `:` line has it: a line's number, [range]s/pattern/replacement/[gi], [range]d, noh; a
 * range is % or N,M with . $ '< '> (none: the selected lines, or the cursor's). *taken false: it is none of these. */
bool editor_command(struct editor *editor, const char *line, bool *taken, struct err *err);
/* A mouse event inside the rectangle that was last drawn. */
bool editor_mouse(struct editor *editor, const struct event *event);
void editor_draw(struct editor *editor, struct canvas *canvas, struct rect rect, bool has_focus);
/* Marks a line as wrong from a column on, with the reason behind its end, until that line changes. NULL text removes
 * the mark. */
void editor_mark_error(struct editor *editor, size_t line, size_t column, const char *text);
/* The keys of its style that are in no keymap, in words, for help. */
void editor_each_key(const struct editor *editor, void (*each)(void *data, const char *keys, const char *help),
                     void *data);
/* For the status line: vi's mode, a pending command, a search, the last message; "" when there is nothing to say. */
const char *editor_note(const struct editor *editor);
#endif
