/* vi's commands that take no motion: inserting, single characters, putting, joining, undo, marks, scrolling, visual
 * mode. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_vi.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- inserting --- */
static void insert(struct editor *editor, const struct vi_command *command)
{
    vi_insert(editor, command);
}

static void append(struct editor *editor, const struct vi_command *command)
{
    if (editor->cursor < editor_line_end(editor, editor->cursor))
        move_right(editor);
    vi_insert(editor, command);
}

static void insert_at_text(struct editor *editor, const struct vi_command *command)
{
    move_line_text(editor);
    vi_insert(editor, command);
}

static void insert_at_start(struct editor *editor, const struct vi_command *command)
{
    move_line_start(editor);
    vi_insert(editor, command);
}

static void append_at_end(struct editor *editor, const struct vi_command *command)
{
    move_line_end(editor);
    vi_insert(editor, command);
}

static void insert_again(struct editor *editor, const struct vi_command *command)
{
    size_t at = editor->vi->insert_at;
    editor_move_to(editor, at < editor->store.len ? editor_char_start(editor, at) : editor->store.len);
    vi_insert(editor, command);
}

static void open_below(struct editor *editor, const struct vi_command *command)
{
    editor_open_line(editor, editor_line(editor), false);
    vi_insert(editor, command);
    editor->vi->insert_opens = true;
}

static void open_above(struct editor *editor, const struct vi_command *command)
{
    editor_open_line(editor, editor_line(editor), true);
    vi_insert(editor, command);
    editor->vi->insert_opens = true;
}

static void replace_mode(struct editor *editor, const struct vi_command *command)
{
    vi_insert(editor, command);
    editor->vi->mode = VI_REPLACE;
    buf_clear(&editor->vi->over);
}

/* --- characters --- */
/* The next characters of the line; false: there are none. */
static bool chars_ahead(const struct editor *editor, long count, struct vi_range *range)
{
    size_t at = editor->cursor, end = editor_line_end(editor, at);
    *range = (struct vi_range){.from = at};
    for (; count > 0 && at < end; count--)
        at = editor_char_next(editor, at);
    range->to = at;
    return range->to > range->from;
}

static void delete_chars(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    if (chars_ahead(editor, vi_count(command), &range))
        vi_delete(editor, command, range);
    else
        vi_fail(editor);
}

static void delete_chars_before(struct editor *editor, const struct vi_command *command)
{
    size_t at = editor->cursor, home = editor_line_home(editor, at);
    struct vi_range range = {.to = at};
    for (long n = vi_count(command); n > 0 && at > home; n--)
        at = editor_char_prev(editor, at);
    range.from = at;
    if (range.from < range.to)
        vi_delete(editor, command, range);
    else
        vi_fail(editor);
}

static void substitute(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    chars_ahead(editor, vi_count(command), &range);
    vi_change(editor, command, range);
}

static void replace_char(struct editor *editor, const struct vi_command *command)
{
    char text[4] = "\n";
    size_t len = command->arg.code == NAMED_ENTER ? 1 : key_text(command->arg, text);
    size_t at = editor->cursor, end = editor_line_end(editor, at);
    long count = vi_count(command), n = 0;
    for (; n < count && at < end; n++)
        at = editor_char_next(editor, at);
    if (!len || n < count) {
        vi_fail(editor);
        return;
    }
    struct buf all = BUF_INIT((size_t)count * 4 + 1);
    for (n = command->arg.code == NAMED_ENTER ? 1 : count; n > 0; n--)
        buf_append(&all, text, len);
    size_t from = editor->cursor;
    editor_change(editor, from, at - from, buf_text(&all), all.len);
    editor_move_to(editor, text[0] == '\n' ? from + 1 : from + all.len - len);
    buf_done(&all);
}

static void toggle_chars(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    if (!chars_ahead(editor, vi_count(command), &range)) {
        vi_fail(editor);
        return;
    }
    editor_change_case(editor, range.from, range.to, '~');
    editor_move_to(editor, range.to);
}

/* The number at or behind the cursor in its line, changed by so much; its width is kept where it has leading zeros. */
static void add(struct editor *editor, long by)
{
    size_t at = editor->cursor, home = editor_line_home(editor, at), end = editor_line_end(editor, at);
    const char *line = store_view(&editor->store, home, end);
    size_t from = at - home, len = end - home;
    while (from > 0 && from < len && isdigit((unsigned char)line[from]) && isdigit((unsigned char)line[from - 1]))
        from--;
    while (from < len && !isdigit((unsigned char)line[from]))
        from++;
    size_t to = from;
    while (to < len && isdigit((unsigned char)line[to]))
        to++;
    if (to == from || to - from > 18) {
        vi_fail(editor);
        return;
    }
    bool has_sign = from > 0 && line[from - 1] == '-' && (from == 1 || !isalnum((unsigned char)line[from - 2]));
    char digits[32];
    memcpy(digits, line + from, to - from);
    digits[to - from] = '\0';
    long long value = strtoll(digits, NULL, 10);
    value = (has_sign ? -value : value) + by;
    struct buf text = BUF_INIT(64);
    int width = digits[0] == '0' ? (int)(to - from) : 1;
    buf_printf(&text, value < 0 ? "-%0*lld" : "%0*lld", width, value < 0 ? -value : value);
    from -= has_sign;
    editor_change(editor, home + from, to - from, buf_text(&text), text.len);
    editor_move_to(editor, home + from + text.len - 1);
    buf_done(&text);
}

static void increment(struct editor *editor, const struct vi_command *command)
{
    add(editor, vi_count(command));
}
static void decrement(struct editor *editor, const struct vi_command *command)
{
    add(editor, -vi_count(command));
}

/* --- lines --- */
/* To the end of the line, or of one so many below; false: there is none below. */
static bool to_end(const struct editor *editor, const struct vi_command *command, struct vi_range *range)
{
    size_t now = editor_line(editor), line = now + (size_t)vi_count(command) - 1, last = editor->store.line_count - 1;
    line = line < last ? line : last;
    *range = (struct vi_range){.from = editor->cursor, .to = store_line_end(&editor->store, line)};
    return vi_count(command) == 1 || line > now;
}

static void change_to_end(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    if (to_end(editor, command, &range))
        vi_change(editor, command, range);
    else
        vi_fail(editor);
}

static void delete_to_end(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    if (to_end(editor, command, &range))
        vi_delete(editor, command, range);
    else
        vi_fail(editor);
}

static void substitute_lines(struct editor *editor, const struct vi_command *command)
{
    vi_change(editor, command, vi_lines(editor, editor_line(editor), (size_t)vi_count(command)));
}

static void yank_lines(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range = vi_lines(editor, editor_line(editor), (size_t)vi_count(command));
    range.place = editor->cursor;
    vi_yank(editor, command, range);
}

static void join(struct editor *editor, const struct vi_command *command, bool keeps_blanks)
{
    long count = vi_count(command);
    if (editor_line(editor) + 1 >= editor->store.line_count)
        vi_fail(editor);
    editor_join_lines(editor, editor_line(editor), count > 2 ? (size_t)count - 1 : 1, keeps_blanks);
}

static void join_lines(struct editor *editor, const struct vi_command *command)
{
    join(editor, command, false);
}
static void join_as_they_are(struct editor *editor, const struct vi_command *command)
{
    join(editor, command, true);
}

/* --- putting --- */
bool vi_repeated(const struct killed *killed, long count, struct buf *out)
{
    for (; count > 0; count--)
        buf_append(out, killed->bytes, killed->len);
    return !out->failed;
}

static void put_lines(struct editor *editor, struct buf *text, bool after, bool goes_behind)
{
    size_t line = editor_line(editor) + (after ? 1 : 0), at = store_line_start(&editor->store, line), first = at;
    size_t lines = editor->store.line_count;
    if (line >= lines) { /* behind the last line, which has no newline */
        text->len--;
        editor_change(editor, at, 0, "\n", 1);
        first = ++at;
    }
    if (!editor_change(editor, at, 0, text->data, text->len))
        return;
    if (goes_behind)
        editor_move_to(editor, line < lines ? at + text->len : editor_line_home(editor, editor->store.len));
    else
        editor_move_to(editor, editor_line_text(editor, first));
}

static void put(struct editor *editor, const struct vi_command *command, bool after, bool goes_behind)
{
    const struct killed *killed = editor_kept(editor, command->reg);
    struct buf text = BUF_INIT(editor->store.max + 1);
    if (!killed || !vi_repeated(killed, vi_count(command), &text)) {
        editor_say(editor, killed ? "the text would be too long" : "nothing is in that register");
        vi_fail(editor);
    } else if (killed->is_lines) {
        put_lines(editor, &text, after, goes_behind);
    } else if (text.len) {
        size_t at = editor->cursor;
        if (after && at < editor_line_end(editor, at))
            at = editor_char_next(editor, at);
        if (editor_change(editor, at, 0, text.data, text.len) && !goes_behind)
            editor_move_to(editor, memchr(text.data, '\n', text.len) ? at : editor_char_prev(editor, at + text.len));
    }
    buf_done(&text);
}

static void put_after(struct editor *editor, const struct vi_command *command)
{
    put(editor, command, true, false);
}
static void put_before(struct editor *editor, const struct vi_command *command)
{
    put(editor, command, false, false);
}
static void put_after_behind(struct editor *editor, const struct vi_command *command)
{
    put(editor, command, true, true);
}
static void put_before_behind(struct editor *editor, const struct vi_command *command)
{
    put(editor, command, false, true);
}

/* --- undo, marks --- */
/* Where the step of this record begins in the text, and where the cursor was before it. */
static struct vi_range step_of(const struct undo *log, size_t record)
{
    struct vi_range step = {.from = SIZE_MAX};
    uint32_t group = record < log->count ? log->records[record].group : 0;
    while (record > 0 && record < log->count && log->records[record - 1].group == group)
        record--;
    for (; record < log->count && log->records[record].group == group; record++) {
        step.place = step.from == SIZE_MAX ? log->records[record].cursor : step.place;
        step.from = log->records[record].at < step.from ? log->records[record].at : step.from;
    }
    return step;
}

/* To where the cursor was when that is in the line that changed, else to that line's text (as vim does). */
static void move_to_step(struct editor *editor, struct vi_range step, bool is_undo)
{
    const struct store *store = &editor->store;
    size_t at = step.from < store->len ? step.from : store->len, line = store_line_of(store, at);
    size_t was = step.place < store->len ? step.place : store->len, was_line = store_line_of(store, was);
    bool is_next = is_undo && at < store->len && store_byte(store, at) == '\n' && was_line == line + 1;
    editor_move_to(editor, was_line == line || is_next ? editor_char_start(editor, was) : editor_line_text(editor, at));
}

static void undo(struct editor *editor, const struct vi_command *command)
{
    for (long n = vi_count(command); n > 0; n--) {
        struct vi_range step = step_of(&editor->undo, editor->undo.done - 1);
        if (!editor_undo(editor)) {
            editor_say(editor, "nothing to undo");
            vi_fail(editor);
            return;
        }
        move_to_step(editor, step, true);
    }
}

static void redo(struct editor *editor, const struct vi_command *command)
{
    for (long n = vi_count(command); n > 0; n--) {
        struct vi_range step = step_of(&editor->undo, editor->undo.done);
        if (!editor_redo(editor)) {
            editor_say(editor, "nothing to redo");
            vi_fail(editor);
            return;
        }
        move_to_step(editor, step, false);
    }
}

static void set_mark(struct editor *editor, const struct vi_command *command)
{
    uint32_t name = command->arg.code;
    if (name >= 'a' && name <= 'z')
        editor->marks[name - 'a'] = editor->cursor;
    else
        vi_fail(editor);
}

static void replace_text(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    edit_replace(editor);
}

#define CHAR(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c)                                                                                                    \
    }
#define CTRL(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c), .mods = MOD_CTRL                                                                                  \
    }
const struct vi_verb vi_verbs[] = {
    {.key = CHAR('i'), .run = insert, .changes = true},
    {.key = CHAR(NAMED_INSERT), .run = insert, .changes = true},
    {.key = CHAR('a'), .run = append, .changes = true},
    {.key = CHAR('I'), .run = insert_at_text, .changes = true},
    {.prefix = 'g', .key = CHAR('I'), .run = insert_at_start, .changes = true},
    {.prefix = 'g', .key = CHAR('i'), .run = insert_again, .changes = true},
    {.key = CHAR('A'), .run = append_at_end, .changes = true},
    {.key = CHAR('o'), .run = open_below, .changes = true},
    {.key = CHAR('O'), .run = open_above, .changes = true},
    {.key = CHAR('R'), .run = replace_mode, .changes = true},
    {.key = CHAR('x'), .run = delete_chars, .changes = true},
    {.key = CHAR(NAMED_DELETE), .run = delete_chars, .changes = true},
    {.key = CHAR('X'), .run = delete_chars_before, .changes = true},
    {.key = CHAR('s'), .run = substitute, .changes = true},
    {.key = CHAR('S'), .run = substitute_lines, .changes = true},
    {.key = CHAR('C'), .run = change_to_end, .changes = true},
    {.key = CHAR('D'), .run = delete_to_end, .changes = true},
    {.key = CHAR('Y'), .run = yank_lines},
    {.key = CHAR('p'), .run = put_after, .changes = true},
    {.key = CHAR('P'), .run = put_before, .changes = true},
    {.prefix = 'g', .key = CHAR('p'), .run = put_after_behind, .changes = true},
    {.prefix = 'g', .key = CHAR('P'), .run = put_before_behind, .changes = true},
    {.key = CHAR('J'), .run = join_lines, .changes = true},
    {.prefix = 'g', .key = CHAR('J'), .run = join_as_they_are, .changes = true},
    {.key = CHAR('r'), .run = replace_char, .takes_arg = true, .changes = true},
    {.key = CHAR('~'), .run = toggle_chars, .changes = true},
    {.key = CTRL('a'), .run = increment, .changes = true},
    {.key = CTRL('x'), .run = decrement, .changes = true},
    {.key = CHAR('u'), .run = undo},
    {.key = CTRL('r'), .run = redo},
    {.key = CHAR('.'), .run = vi_repeat},
    {.key = CHAR('m'), .run = set_mark, .takes_arg = true},
    {.key = CHAR('q'), .run = vi_record, .takes_arg = true},
    {.key = CHAR('@'), .run = vi_play, .takes_arg = true},
    {.key = {.code = '%', .mods = MOD_ALT}, .run = replace_text},
    {.key = {.code = 'r', .mods = MOD_ALT}, .run = replace_text},
    {.key = CHAR('v'), .run = vi_start_visual},
    {.key = CHAR('V'), .run = vi_start_visual_lines},
    {.prefix = 'g', .key = CHAR('v'), .run = vi_start_visual_again},
    {.key = CTRL('d'), .run = vi_half_down},
    {.key = CTRL('u'), .run = vi_half_up},
    {.key = CTRL('f'), .run = vi_page_down},
    {.key = CHAR(NAMED_PGDN), .run = vi_page_down},
    {.key = CTRL('b'), .run = vi_page_up},
    {.key = CHAR(NAMED_PGUP), .run = vi_page_up},
    {.key = CTRL('e'), .run = vi_scroll_down},
    {.key = CTRL('y'), .run = vi_scroll_up},
    {.prefix = 'z', .key = CHAR('t'), .run = vi_scroll_top},
    {.prefix = 'z', .key = CHAR(NAMED_ENTER), .run = vi_scroll_top},
    {.prefix = 'z', .key = CHAR('z'), .run = vi_scroll_middle},
    {.prefix = 'z', .key = CHAR('.'), .run = vi_scroll_middle},
    {.prefix = 'z', .key = CHAR('b'), .run = vi_scroll_bottom},
    {.prefix = 'z', .key = CHAR('-'), .run = vi_scroll_bottom},
    {.run = NULL},
};
