/* vi's keys: what their files share. A command is keys that are parsed anew with each one that comes
 * (editor_vi_parse.c) until they make a whole; then it runs: motions say where to, objects and motions give operators
 * their range, verbs do the rest. The model is vi as POSIX describes it, with what vim's manual (motion.txt,
 * change.txt, visual.txt) adds. For tui/widget/editor_vi*.c only. UI thread. */
#ifndef WEIR_TUI_WIDGET_EDITOR_VI_H
#define WEIR_TUI_WIDGET_EDITOR_VI_H
#include "tui/widget/editor_private.h"

enum {
    VI_PENDING = 24,
    VI_TYPED_MAX = 65536,
    VI_MACRO_MAX = 4096,
    VI_COUNT_MAX = 99999,
    VI_DEPTH_MAX = 20,
    VI_RAW = 8
};
enum vi_mode { VI_NORMAL, VI_INSERT, VI_REPLACE, VI_VISUAL, VI_VISUAL_LINES };

struct vi_target {
    size_t at;
    int goal; /* the column that the next j or k aims at; -1: the cursor's */
    bool is_lines, is_inclusive;
};
struct vi_range {
    size_t from, to; /* lines: from a line's start to a line's end, before its newline */
    bool is_lines;
    size_t place; /* where the cursor goes when the text stays: the earlier end of the motion */
};

struct vi_command;
struct vi_motion {
    uint32_t prefix; /* 'g', 'z' or 0 */
    struct key key;
    bool (*move)(struct editor *editor, const struct vi_command *command, struct vi_target *target); /* false: cannot */
    bool takes_arg, is_jump;
};
struct vi_operator {
    uint32_t prefix;
    struct key key;
    void (*run)(struct editor *editor, const struct vi_command *command, struct vi_range range);
    bool only_looks; /* nothing changes: '.' does not repeat it */
};
struct vi_verb {
    uint32_t prefix;
    struct key key;
    void (*run)(struct editor *editor, const struct vi_command *command);
    bool takes_arg, changes;
};
struct vi_object {
    char name;
    bool (*find)(struct editor *editor, const struct vi_command *command, char name, struct vi_range *range);
};
struct vi_command {
    char reg;   /* 0: none was named */
    long count; /* 0: none was given */
    const struct vi_operator *op;
    const struct vi_motion *motion;
    const struct vi_object *object;
    const struct vi_verb *verb;
    bool around, doubled; /* a not i; dd */
    bool is_visual, visual_lines;
    struct key arg;
    char object_name;
    size_t lines, chars; /* of the selection it was given, so that '.' takes as much */
};

struct vi_keys { /* keys kept to be played again */
    struct key *key;
    size_t count, cap;
};
struct vi {
    enum vi_mode mode;
    struct key pending[VI_PENDING];
    int pending_count;

    struct vi_command last, waiting; /* what '.' repeats; what waits for the search's prompt */
    struct vi_keys typed;            /* of the insertion that '.' repeats */
    long insert_count;
    bool insert_opens; /* o and O: each repetition is a line */
    bool is_replaying, failed;
    struct buf over; /* R: what was written over, each with its length behind it */

    struct key find; /* of f t F T */
    char find_how;
    size_t insert_at;         /* where the last insertion ended */
    enum vi_mode visual_mode; /* of the last selection, for gv */
    size_t visual_anchor, visual_cursor;

    struct vi_keys macros[EDITOR_NAMED];
    char recording, played; /* the register; 0 none */
    int depth;
    char note[EDITOR_NOTE];
};

enum vi_parse { VI_MORE, VI_WHOLE, VI_NONE };
enum vi_parse vi_parse(const struct vi *vi, struct vi_command *command);

extern const struct vi_motion vi_motions[];
extern const struct vi_operator vi_operators[], vi_visual_operators[], vi_visual_line_operators[];
extern const struct vi_verb vi_verbs[], vi_visual_verbs[];
extern const struct vi_object vi_objects[];

static inline long vi_count(const struct vi_command *command)
{
    return command->count > 0 ? command->count : 1;
}
static inline bool vi_is_visual(const struct vi *vi)
{
    return vi->mode == VI_VISUAL || vi->mode == VI_VISUAL_LINES;
}
/* --- editor_vi.c --- */
struct vi *vi_of(struct editor *editor); /* made when first asked for */
void vi_push_key(struct vi_keys *keys, struct key key, size_t max);
void vi_fail(struct editor *editor); /* the command cannot; a macro stops */
void vi_run(struct editor *editor, const struct vi_command *command);
void vi_repeat(struct editor *editor, const struct vi_command *command);
void vi_record(struct editor *editor, const struct vi_command *command);
void vi_play(struct editor *editor, const struct vi_command *command);
/* --- editor_vi_insert.c --- */
void vi_insert(struct editor *editor, const struct vi_command *command); /* NULL: once, whatever the count */
bool vi_typed_key(struct editor *editor, struct key key);
void vi_replay_typed(struct editor *editor);
void vi_leave_insert(struct editor *editor);
bool vi_paste(struct editor *editor, const char *bytes, size_t len);
void vi_completed(struct editor *editor, size_t rubbed, const char *bytes);
/* --- editor_vi_visual.c --- */
void vi_visual(struct editor *editor, enum vi_mode mode); /* begins, changes the kind, or ends */
void vi_leave_visual(struct editor *editor);
struct vi_range vi_visual_range(const struct editor *editor);
bool vi_selection(const struct editor *editor, size_t *start, size_t *end);
void vi_start_visual(struct editor *editor, const struct vi_command *command);
void vi_start_visual_lines(struct editor *editor, const struct vi_command *command);
void vi_start_visual_again(struct editor *editor, const struct vi_command *command);
/* --- editor_vi_verb.c --- */
/* A register's text so many times; false: too long. */
bool vi_repeated(const struct killed *killed, long count, struct buf *out);
/* --- editor_vi_scroll.c --- */
void vi_half_down(struct editor *editor, const struct vi_command *command);
void vi_half_up(struct editor *editor, const struct vi_command *command);
void vi_page_down(struct editor *editor, const struct vi_command *command);
void vi_page_up(struct editor *editor, const struct vi_command *command);
void vi_scroll_down(struct editor *editor, const struct vi_command *command);
void vi_scroll_up(struct editor *editor, const struct vi_command *command);
void vi_scroll_top(struct editor *editor, const struct vi_command *command);
void vi_scroll_middle(struct editor *editor, const struct vi_command *command);
void vi_scroll_bottom(struct editor *editor, const struct vi_command *command);
/* --- editor_vi_word.c: steps of w, e, b and ge --- */
int vi_class(const struct editor *editor, size_t at, bool big);
size_t vi_word_next(const struct editor *editor, size_t at, bool big);
size_t vi_word_end(const struct editor *editor, size_t at, bool big);
size_t vi_word_back(const struct editor *editor, size_t at, bool big);
size_t vi_word_end_back(const struct editor *editor, size_t at, bool big);
/* --- editor_vi_motion.c --- */
bool vi_is_word_motion(const struct vi_motion *motion, bool *big); /* w or W */
bool vi_is_prompt_motion(const struct vi_motion *motion, bool *backward);
/* --- editor_vi_operator.c --- */
void vi_delete(struct editor *editor, const struct vi_command *command, struct vi_range range);
void vi_change(struct editor *editor, const struct vi_command *command, struct vi_range range);
void vi_yank(struct editor *editor, const struct vi_command *command, struct vi_range range);
bool vi_is_change(const struct vi_operator *op);
struct vi_range vi_lines(const struct editor *editor, size_t first, size_t count);
#endif
