/* vi's visual mode: what is selected, and the commands that work on it. UI thread. */
#include "tui/widget/editor_vi.h"
#include <string.h>

static void remember_visual(struct editor *editor)
{
    struct vi *vi = editor->vi;
    vi->visual_mode = vi->mode;
    vi->visual_anchor = editor->anchor;
    vi->visual_cursor = editor->cursor;
}

void vi_visual(struct editor *editor, enum vi_mode mode)
{
    struct vi *vi = editor->vi;
    if (vi->mode == mode) {
        vi_leave_visual(editor);
        return;
    }
    if (vi->mode == VI_NORMAL)
        editor->anchor = editor->cursor;
    vi->mode = mode;
}

void vi_leave_visual(struct editor *editor)
{
    remember_visual(editor);
    editor->vi->mode = VI_NORMAL;
    editor->has_selection = false;
}

struct vi_range vi_visual_range(const struct editor *editor)
{
    const struct store *store = &editor->store;
    size_t anchor = editor->anchor < store->len ? editor->anchor : store->len;
    size_t from = anchor < editor->cursor ? anchor : editor->cursor;
    size_t to = anchor < editor->cursor ? editor->cursor : anchor;
    if (editor->vi->mode == VI_VISUAL_LINES)
        return (struct vi_range){
            .from = editor_line_home(editor, from), .to = editor_line_end(editor, to), .is_lines = true};
    return (struct vi_range){.from = from, .to = editor_char_next(editor, to)};
}

bool vi_selection(const struct editor *editor, size_t *start, size_t *end)
{
    if (!editor->vi || !vi_is_visual(editor->vi))
        return false;
    struct vi_range range = vi_visual_range(editor);
    *start = range.from;
    *end = range.is_lines && range.to < editor->store.len ? range.to + 1 : range.to;
    return *end > *start;
}

void vi_start_visual(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    vi_visual(editor, VI_VISUAL);
}
void vi_start_visual_lines(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    vi_visual(editor, VI_VISUAL_LINES);
}

void vi_start_visual_again(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    size_t len = editor->store.len;
    (void)command;
    if (!vi->visual_mode) {
        vi_fail(editor);
        return;
    }
    editor->anchor = editor_char_start(editor, vi->visual_anchor < len ? vi->visual_anchor : len);
    editor_move_to(editor, editor_char_start(editor, vi->visual_cursor < len ? vi->visual_cursor : len));
    vi->mode = vi->visual_mode;
}

static void other_end(struct editor *editor, const struct vi_command *command)
{
    size_t anchor = editor->anchor;
    (void)command;
    editor->anchor = editor->cursor;
    editor_move_to(editor, anchor);
}

static void leave_visual(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    vi_leave_visual(editor);
}

static void visual_put(struct editor *editor, const struct vi_command *command)
{
    const struct killed *killed = editor_kept(editor, command->reg);
    struct vi_range range = vi_visual_range(editor);
    if (!killed) {
        vi_fail(editor);
        return;
    }
    struct buf text = BUF_INIT(editor->store.max + 2);
    bool needs_newline = killed->is_lines && !range.is_lines;
    if (needs_newline)
        buf_putc(&text, '\n');
    vi_repeated(killed, vi_count(command), &text);
    if (range.is_lines && killed->is_lines && text.len)
        text.len--; /* the newline of the last line is there */
    vi_leave_visual(editor);
    size_t to = range.is_lines && range.to < editor->store.len ? range.to + 1 : range.to;
    struct vi_command kept = {.count = 0};
    editor_keep(editor, kept.reg, range.from, to, range.is_lines ? KILL_LINES : 0);
    if (editor_change(editor, range.from, range.to - range.from, buf_text(&text), text.len) && text.len)
        editor_move_to(editor, killed->is_lines ? editor_line_text(editor, range.from + needs_newline)
                                                : editor_char_prev(editor, range.from + text.len));
    buf_done(&text);
}

static void visual_replace(struct editor *editor, const struct vi_command *command)
{
    char text[4] = "\n";
    size_t len = command->arg.code == NAMED_ENTER ? 1 : key_text(command->arg, text);
    struct vi_range range = vi_visual_range(editor);
    vi_leave_visual(editor);
    if (!len)
        return;
    struct buf all = BUF_INIT(4 * editor->store.max + 4);
    for (size_t at = range.from; at < range.to; at = editor_char_next(editor, at)) {
        if (store_byte(&editor->store, at) == '\n')
            buf_putc(&all, '\n');
        else
            buf_append(&all, text, len);
    }
    editor_change(editor, range.from, range.to - range.from, buf_text(&all), all.len);
    editor_move_to(editor, range.from);
    buf_done(&all);
}

static void visual_join(struct editor *editor, bool keeps_blanks)
{
    struct vi_range range = vi_visual_range(editor);
    size_t first = store_line_of(&editor->store, range.from), last = store_line_of(&editor->store, range.to);
    if (last > first && !range.is_lines && range.to == store_line_start(&editor->store, last))
        last--;
    vi_leave_visual(editor);
    editor_join_lines(editor, first, last > first ? last - first : 1, keeps_blanks);
}

static void visual_join_lines(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    visual_join(editor, false);
}
static void visual_join_as_they_are(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    visual_join(editor, true);
}

static void visual_insert(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    struct vi_range range = vi_visual_range(editor);
    vi_leave_visual(editor);
    editor_move_to(editor, range.from);
    vi_insert(editor, NULL);
}

static void visual_append(struct editor *editor, const struct vi_command *command)
{
    (void)command;
    struct vi_range range = vi_visual_range(editor);
    vi_leave_visual(editor);
    size_t end = editor_line_end(editor, range.from);
    editor_move_to(editor, range.to < end || range.is_lines ? range.to : end);
    vi_insert(editor, NULL);
}

#define CHAR(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c)                                                                                                    \
    }
#define CTRL(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c), .mods = MOD_CTRL                                                                                  \
    }
const struct vi_verb vi_visual_verbs[] = {
    {.key = CHAR('v'), .run = vi_start_visual},
    {.key = CHAR('V'), .run = vi_start_visual_lines},
    {.key = CHAR('o'), .run = other_end},
    {.key = CHAR('O'), .run = other_end},
    {.key = CHAR(NAMED_ESC), .run = leave_visual},
    {.key = CTRL('c'), .run = leave_visual},
    {.key = CHAR('p'), .run = visual_put},
    {.key = CHAR('P'), .run = visual_put},
    {.key = CHAR('r'), .run = visual_replace, .takes_arg = true},
    {.key = CHAR('J'), .run = visual_join_lines},
    {.prefix = 'g', .key = CHAR('J'), .run = visual_join_as_they_are},
    {.key = CHAR('I'), .run = visual_insert},
    {.key = CHAR('A'), .run = visual_append},
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
    {.prefix = 'z', .key = CHAR('z'), .run = vi_scroll_middle},
    {.prefix = 'z', .key = CHAR('b'), .run = vi_scroll_bottom},
    {.run = NULL},
};
