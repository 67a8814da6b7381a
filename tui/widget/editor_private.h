/* The inside of the editor: what its files share. The text and its one way to change (editor_change.c), characters and
 * columns (editor_char.c), undo (editor_undo.c), and the state of each part. For tui/widget/editor*.c only. */
#ifndef WEIR_TUI_WIDGET_EDITOR_PRIVATE_H
#define WEIR_TUI_WIDGET_EDITOR_PRIVATE_H
#include "tui/widget/editor.h"
#include "tui/widget/editor_store.h"

enum { EDITOR_TAB = 8, EDITOR_INDENT = 4, EDITOR_NOTE = 160 };

/* A place in a line whose column is known, so that the next question about the line need not begin at its start. */
struct column_mark {
    size_t line_start, at;
    int column;
    bool is_known;
};

struct undo_record {
    size_t at, removed, inserted; /* lengths; the bytes follow each other in undo.bytes */
    size_t bytes;                 /* where */
    size_t cursor;                /* before the change */
    uint32_t group;
    bool is_typed; /* the next typed one may join it */
};
struct undo {
    struct undo_record *records;
    size_t count, cap, done; /* done: those before it are in the text, the others were taken back */
    struct buf bytes;
    size_t max;
    uint32_t group;
    int depth; /* of editor_begin */
};

struct editor_style { /* the keys of one style */
    bool (*key)(struct editor *editor, struct key key);
    void (*enter)(struct editor *editor); /* the style becomes this one */
};

struct editor {
    struct store store;
    const struct editor_language *language;
    void *context;
    void (*copied)(void *context, const char *bytes, size_t len);
    bool (*is_bound)(void *context, struct key key);
    int indent;
    bool has_numbers;
    enum editor_keys keys;

    size_t cursor, anchor; /* anchor: the other end of the selection */
    bool has_selection;
    int goal; /* the column that moving up and down aims at, -1: the cursor's */
    uint64_t generation;
    struct undo undo;
    struct column_mark cursor_mark, view_mark;

    size_t top; /* the line in the first row */
    int left;   /* the column in the first column */
    int page;   /* rows of text last drawn */
    char note[EDITOR_NOTE];
};

/* --- characters: editor_char.c --- */
size_t editor_code_len(const struct editor *editor, size_t at);   /* of a code point, or a byte that is none */
size_t editor_char_start(const struct editor *editor, size_t at); /* of the character that this byte is of */
size_t editor_char_next(const struct editor *editor, size_t at);
size_t editor_char_prev(const struct editor *editor, size_t at);
/* Columns that the character at `at` (before a line's end) takes when it begins in this column. */
int editor_char_columns(const struct editor *editor, size_t at, size_t next, int column);
/* The column of a character of its line; the first character of the line that reaches past a column, or the line's end.
 */
int editor_column_of(struct editor *editor, struct column_mark *mark, size_t at);
size_t editor_at_column(struct editor *editor, struct column_mark *mark, size_t line, int column, int *found);

/* --- changing the text --- */
/* Everything that changes the text comes through here: undo, generation, colours, marks. The cursor moves to behind
 * what was inserted. False, and a note, when the text would pass its maximum. */
bool editor_change(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);
/* The same for text that is typed: one step of undo with what was typed just before. */
bool editor_change_typed(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);
/* The change alone, without a step of undo. */
bool editor_apply(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);
/* What happens between is one step of undo; nests. */
void editor_begin(struct editor *editor);
void editor_end(struct editor *editor);

/* --- undo: editor_undo.c --- */
void undo_init(struct undo *undo, size_t max);
void undo_done(struct undo *undo);
void undo_clear(struct undo *undo);
/* Before the text changes. */
void undo_note(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len, bool is_typed);
void undo_close(struct undo *undo); /* what was typed so far is a step of its own */

/* --- moving --- */
void editor_move_to(struct editor *editor, size_t at); /* forgets the goal */
void editor_move_lines(struct editor *editor, long lines);
void editor_say(struct editor *editor, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const struct editor_style editor_plain;
#endif
