/* The inside of the editor: what its files share. The text and its one way to change (editor_change.c), characters and
 * columns (editor_char.c), undo, moving, editing, registers, colours, brackets, searching, the popup, and the styles of
 * keys. For tui/widget/editor*.c only. UI thread. */
#ifndef WEIR_TUI_WIDGET_EDITOR_PRIVATE_H
#define WEIR_TUI_WIDGET_EDITOR_PRIVATE_H
#include "tui/widget/editor.h"
#include "tui/widget/editor_store.h"
#include <regex.h>

enum { EDITOR_TAB = 8, EDITOR_INDENT = 4, EDITOR_NOTE = 200, EDITOR_RING = 16, EDITOR_NAMED = 26, EDITOR_PROMPT = 256 };

/* A place in a line whose column is known, so that the next question about the line need not begin at its start. */
struct column_mark {
    size_t line_start, at;
    int column;
    size_t back_at; /* an earlier such place, for when what is behind it changes */
    int back_column;
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
    uint32_t group, lost; /* lost: the step that was too large to keep */
    int depth;            /* of editor_begin */
};

/* Colours: each line's state at its start is kept in the store. Those of lines before `known` are right; those of
 * known..valid were right before the changes in lines up to `dirty`, and are again once one behind it agrees. */
struct color {
    size_t known, valid, dirty;
    uint8_t roles[EDITOR_COLOR_LINE_MAX];
    bool opaque[EDITOR_COLOR_LINE_MAX];
};

struct killed { /* text that was cut or copied */
    char *bytes;
    size_t len;
    bool is_lines; /* whole lines, newline included (vi) */
};
struct registers {
    struct killed ring[EDITOR_RING]; /* newest first; all together at most the text's maximum */
    struct killed named[EDITOR_NAMED], yanked;
    uint64_t kill_sequence; /* when the last kill was: one right behind it joins it */
    uint64_t yank_sequence;
    size_t yank_at, yank_len; /* what the last yank inserted, for going round the ring */
    int yank_index;
};

enum prompt_kind { PROMPT_NONE, PROMPT_SEARCH, PROMPT_REPLACE, PROMPT_REPLACE_WITH, PROMPT_ASK, PROMPT_LINE };
struct search {
    enum prompt_kind prompt;
    char text[EDITOR_PROMPT]; /* what is typed at the prompt */
    size_t text_len;
    char needle[EDITOR_PROMPT]; /* what is searched for */
    size_t needle_len;
    char with[EDITOR_PROMPT];
    size_t with_len;
    regex_t *regex;                        /* of the needle, NULL: it is plain text */
    bool ignores_case, is_word, is_broken; /* is_broken: no pattern, matches nothing */
    bool is_backward, is_failing, shows;   /* shows: matches are marked */
    bool did_wrap;
    size_t origin, origin_top; /* where the cursor was when the prompt opened */
    size_t from, to;           /* the match at the prompt */
    bool has_match;
    size_t ask_behind; /* replacing: the bytes at the text's end that are not looked at */
    size_t replaced;
    void (*done)(struct editor *editor, bool found); /* the prompt was answered (vi's operators wait for it) */
};

struct popup {
    struct editor_candidates found;
    size_t base;            /* where in the text the candidates' text began */
    int at, first;          /* the one chosen, the one in the first row */
    uint64_t sequence;      /* of the key that asked for it */
    bool is_chosen;         /* the user has moved in it: Enter means the candidate, not a new line */
    bool is_open, is_asked; /* is_asked: opened by a key, not by typing */
    struct rect rect;       /* where it was last drawn */
};

struct bracket {
    uint64_t generation;
    size_t cursor, at, mate;
    bool is_current, is_found;
};

struct error_mark {
    bool is_set;
    size_t line, column; /* from 0 and from 1 */
    char text[EDITOR_NOTE];
};

struct editor_binding {
    struct key key;
    void (*run)(struct editor *editor);
    bool moves; /* only the cursor; with Shift it selects */
};
struct editor_style { /* the keys of one style */
    bool (*key)(struct editor *editor, struct key key);
    bool (*paste)(struct editor *editor, const char *bytes, size_t len); /* NULL: inserted */
    /* A completion rubbed out so many characters and put this in; NULL: nobody wants to know. */
    void (*completed)(struct editor *editor, size_t rubbed, const char *bytes);
    void (*reset)(struct editor *editor);  /* what is going on is over: the text or the style becomes another */
    void (*settle)(struct editor *editor); /* puts the cursor where the style lets it stand; NULL: anywhere */
    const char *(*note)(const struct editor *editor);                           /* the mode, in words; NULL: none */
    bool (*selection)(const struct editor *editor, size_t *start, size_t *end); /* NULL: anchor to cursor */
    void (*leave_selection)(struct editor *editor);                             /* NULL: there is no other than that */
    bool (*takes_text)(const struct editor *editor);                            /* NULL: always */
    bool has_block_cursor; /* the cursor stands on a character, also at a line's end */
};

struct vi;
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
    bool is_marking; /* emacs: moving extends the selection */
    int goal;        /* the column that moving up and down aims at, -1: the cursor's; GOAL_END: line ends */
    uint64_t generation, sequence; /* changes of the text; keys */
    struct undo undo;
    struct column_mark cursor_mark, view_mark;
    size_t marks[EDITOR_NAMED], jump; /* vi's, and where the cursor was before the last jump */

    struct color color;
    struct registers registers;
    struct search search;
    struct popup popup;
    struct bracket bracket;
    struct error_mark error;
    struct vi *vi;

    size_t top;       /* the line in the first row */
    int left;         /* the column in the first column */
    struct rect area; /* of text, last drawn */
    char note[EDITOR_NOTE];
};
enum { GOAL_END = 1 << 30 };

/* --- characters: editor_char.c --- */
size_t editor_code_len(const struct editor *editor, size_t at);   /* of a code point, or a byte that is none */
size_t editor_char_start(const struct editor *editor, size_t at); /* of the character that this byte is of */
size_t editor_char_next(const struct editor *editor, size_t at);
size_t editor_char_prev(const struct editor *editor, size_t at);
/* Columns that the character at `at` (before a line's end) takes when it begins in this column. */
int editor_char_columns(const struct editor *editor, size_t at, int column);
/* The column of a character of its line; the first character of the line that reaches past a column, or the line's end.
 */
int editor_column_of(struct editor *editor, struct column_mark *mark, size_t at);
size_t editor_at_column(struct editor *editor, struct column_mark *mark, size_t line, int column, int *found);
/* Kinds of characters: words are letters, digits, '_' and all beyond ASCII. */
enum char_class { CLASS_BLANK, CLASS_WORD, CLASS_OTHER };
static inline bool editor_is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}
enum char_class editor_class(const struct editor *editor, size_t at); /* a newline and the end are blank */

/* --- changing the text: editor_change.c --- */
/* Everything that changes the text comes through here: undo, generation, colours, marks. The cursor moves to behind
 * what was inserted. False, and a note, when the text would pass its maximum. */
bool editor_change(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);
/* The same for text that is typed or rubbed out: one step of undo with what was typed just before. */
bool editor_change_typed(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);
/* The change alone, without a step of undo. */
bool editor_apply(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len);

/* --- undo: editor_undo.c --- */
void undo_init(struct undo *undo, size_t max);
void undo_done(struct undo *undo);
void undo_clear(struct undo *undo);
/* Before the text changes. */
void undo_note(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len, bool is_typed);
void undo_close(struct undo *undo); /* what was typed so far is a step of its own */
/* What happens between is one step of undo; nests. */
void editor_begin(struct editor *editor);
void editor_end(struct editor *editor);

/* --- moving: editor_move.c; each is a command without a selection of its own --- */
void editor_move_to(struct editor *editor, size_t at); /* forgets the goal */
void editor_move_lines(struct editor *editor, long lines);
size_t editor_line(const struct editor *editor); /* of the cursor, from 0 */
size_t editor_line_home(const struct editor *editor, size_t at);
size_t editor_line_end(const struct editor *editor, size_t at);
size_t editor_line_text(const struct editor *editor, size_t at); /* its first character that is no blank */
bool editor_is_blank_line(const struct editor *editor, size_t line);
size_t editor_word_right(const struct editor *editor, size_t at); /* behind the next word's end */
size_t editor_word_left(const struct editor *editor, size_t at);  /* start of the word before */
size_t editor_paragraph(const struct editor *editor, size_t at, bool backward);
void editor_scroll(struct editor *editor, long lines); /* the view; the cursor stays in it */
void move_left(struct editor *editor);
void move_right(struct editor *editor);
void move_up(struct editor *editor);
void move_down(struct editor *editor);
void move_home(struct editor *editor); /* first character, then first column */
void move_line_start(struct editor *editor);
void move_line_end(struct editor *editor);
void move_line_text(struct editor *editor);
void move_word_left(struct editor *editor);
void move_word_right(struct editor *editor);
void move_page_up(struct editor *editor);
void move_page_down(struct editor *editor);
void move_half_up(struct editor *editor);
void move_half_down(struct editor *editor);
void move_first(struct editor *editor);
void move_last(struct editor *editor);
void move_paragraph_up(struct editor *editor);
void move_paragraph_down(struct editor *editor);
void move_to_bracket(struct editor *editor);

/* --- editing: editor_edit.c and editor_lines.c; commands --- */
bool editor_type(struct editor *editor, struct key key); /* the text of a key; false: it types none */
void edit_newline(struct editor *editor);
void edit_backspace(struct editor *editor);
void edit_delete(struct editor *editor);
void edit_delete_word_left(struct editor *editor);
void edit_delete_word_right(struct editor *editor);
void edit_delete_to_start(struct editor *editor);
void edit_tab(struct editor *editor);
void edit_untab(struct editor *editor);
void edit_comment(struct editor *editor);
void edit_duplicate(struct editor *editor);
void edit_line_up(struct editor *editor);
void edit_line_down(struct editor *editor);
void edit_delete_line(struct editor *editor);
void edit_undo(struct editor *editor);
void edit_redo(struct editor *editor);
void edit_select_all(struct editor *editor);
/* Lines from..last (from 0) moved by levels; commented, or uncommented when all are; joined with the next. */
void editor_indent_lines(struct editor *editor, size_t from, size_t last, int levels);
void editor_comment_lines(struct editor *editor, size_t from, size_t last);
void editor_join_lines(struct editor *editor, size_t line, size_t count, bool keeps_blanks);
void editor_open_line(struct editor *editor, size_t line, bool above); /* indented; the cursor is in it */
/* Changes the case of ASCII letters: 'u' lower, 'U' upper, '~' the other, 'c' capitalised. */
void editor_change_case(struct editor *editor, size_t from, size_t to, char how);

/* --- registers: editor_register.c --- */
enum { KILL_BACKWARD = 1, KILL_LINES = 2, KILL_COPIED = 4, KILL_YANKED = 8 };
void registers_done(struct registers *registers);
/* Keeps a piece of text: name 0 the ring (joined with a kill right before it when may_join), '_' nowhere, a letter a
 * register (capital: joined), + and * the ring and the terminal. */
void editor_keep(struct editor *editor, char name, size_t from, size_t to, int flags);
void editor_kill(struct editor *editor, size_t from, size_t to, int flags); /* kept in the ring, joining, and removed */
const struct killed *editor_kept(const struct editor *editor, char name);   /* NULL: nothing */
void edit_cut(struct editor *editor);
void edit_copy(struct editor *editor);
void edit_paste(struct editor *editor);
void edit_paste_older(struct editor *editor); /* right behind a paste: the one before instead */
void edit_kill_line(struct editor *editor);
void edit_kill_word_right(struct editor *editor);
void edit_kill_word_left(struct editor *editor);

/* --- colours and brackets: editor_color.c, editor_bracket.c --- */
void color_changed(struct editor *editor, size_t line, size_t removed_lines, size_t inserted_lines);
void color_clear(struct editor *editor);
/* Fills color.roles and color.opaque for the first bytes of a line; returns how many. */
size_t editor_color_line(struct editor *editor, size_t line);
/* The bracket that goes with the one at `at`; looks at most at so many bytes. */
bool editor_match_bracket(struct editor *editor, size_t at, size_t max, size_t *mate);
/* The pair around `at` of this kind: the opening one's place and the closing one's. */
bool editor_enclosing(struct editor *editor, size_t at, char open, char close, size_t *from, size_t *to);
/* The pair at the cursor, worked out once for each place and text. */
bool editor_cursor_bracket(struct editor *editor, size_t *at, size_t *mate);

/* --- searching: editor_search.c (finding), editor_prompt.c (asking) --- */
/* The next match from `at` on (or the last before it); goes round; *wrapped says so. */
bool editor_find(struct editor *editor, size_t at, bool backward, size_t *from, size_t *to, bool *wrapped);
/* The first match in at..limit. */
bool editor_find_between(struct editor *editor, size_t at, size_t limit, size_t *from, size_t *to);
enum needle_kind { NEEDLE_PLAIN, NEEDLE_WORD, NEEDLE_PATTERN };
void editor_set_needle(struct editor *editor, const char *bytes, size_t len, enum needle_kind kind);
/* A basic regular expression of the C library; back-references and intervals, whose cost has no bound, are refused. */
bool editor_compile(const char *pattern, bool ignores_case, regex_t *regex, struct err *err);
void search_free(struct search *search);
bool editor_find_again(struct editor *editor, bool backward); /* moves the cursor; a note when there is none */
void search_open(struct editor *editor, bool backward);
void edit_find(struct editor *editor);
void edit_find_backward(struct editor *editor);
void edit_find_next(struct editor *editor);
void edit_find_prev(struct editor *editor);
void edit_replace(struct editor *editor);
void edit_goto_line(struct editor *editor);
bool prompt_key(struct editor *editor, struct key key); /* false: the prompt is over, the key is another's */
void prompt_open(struct editor *editor, enum prompt_kind kind);
void prompt_close(struct editor *editor);
void prompt_paste(struct editor *editor, const char *bytes, size_t len);
bool prompt_label(const struct editor *editor, struct buf *out); /* false: there is none */

/* --- replacing: editor_replace.c; what its prompts do --- */
void replace_what(struct editor *editor);
void replace_with(struct editor *editor);
void replace_key(struct editor *editor, struct key key);

/* --- the popup: editor_popup.c --- */
void edit_complete(struct editor *editor);
bool popup_key(struct editor *editor, struct key key);     /* true: taken */
void popup_after(struct editor *editor, bool typed);       /* after any key that it did not take */
bool popup_click(struct editor *editor, int row, int col); /* false: not in it */
void popup_close(struct editor *editor);
void popup_done(struct popup *popup);
void popup_draw(struct editor *editor, struct canvas *canvas, struct rect rect, int row, int col);

/* --- keys --- */
void editor_settle(struct editor *editor);        /* the cursor is where the style lets it stand */
void editor_end_selection(struct editor *editor); /* of any kind */
/* Runs what a table binds to the key; a Shift that the table does not know selects. */
bool editor_run(struct editor *editor, const struct editor_binding *table, size_t n, struct key key);
void editor_say(struct editor *editor, const char *format, ...) __attribute__((format(printf, 2, 3)));
const struct editor_style *editor_style(const struct editor *editor);
extern const struct editor_style editor_plain, editor_emacs, editor_vi;
bool editor_shared_key(struct editor *editor, struct key key); /* what all styles share when text is typed */
void vi_free(struct vi *vi);
#endif
