/* vi's operators: what is done to a range. UI thread. */
#include "tui/widget/editor_vi.h"

struct vi_range vi_lines(const struct editor *editor, size_t first, size_t count)
{
    size_t last = first + count - 1, end = editor->store.line_count - 1;
    return (struct vi_range){.from = store_line_start(&editor->store, first),
                             .to = store_line_end(&editor->store, last < end ? last : end),
                             .is_lines = true};
}

static void keep(struct editor *editor, const struct vi_command *command, struct vi_range range, int flags)
{
    size_t to = range.to;
    if (range.is_lines && to < editor->store.len)
        to++;
    editor_keep(editor, command->reg, range.from, to, flags | (range.is_lines ? KILL_LINES : 0));
}

/* Over several lines, with blanks only before and behind: whole lines (vim: change.txt, "d-special"). */
static struct vi_range widened(const struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    size_t home = editor_line_home(editor, range.from), end = editor_line_end(editor, range.to), at = range.to;
    while (at < end && editor_is_blank(store_byte(&editor->store, at)))
        at++;
    bool spans = home != editor_line_home(editor, range.to), is_whole = at == end;
    if (range.is_lines || command->is_visual || !spans || !is_whole ||
        range.from > editor_line_text(editor, range.from))
        return range;
    return (struct vi_range){.from = home, .to = end, .is_lines = true};
}

void vi_delete(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    range = widened(editor, command, range);
    keep(editor, command, range, 0);
    size_t from = range.from, to = range.to;
    editor_move_to(editor, range.is_lines ? editor_line_text(editor, from) : from); /* where undo comes back to */
    if (range.is_lines) {
        if (to < editor->store.len)
            to++;
        else if (from > 0)
            from--; /* the last lines take the newline before them along */
    }
    editor_change(editor, from, to - from, "", 0);
    editor_move_to(editor, range.is_lines ? editor_line_text(editor, from) : from);
}

void vi_change(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    keep(editor, command, range, 0);
    size_t from = range.is_lines ? editor_line_text(editor, range.from) : range.from;
    from = from < range.to ? from : range.to;
    editor_move_to(editor, from);
    editor_change(editor, from, range.to - from, "", 0);
    editor_move_to(editor, from);
    vi_insert(editor, NULL);
}

void vi_yank(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    keep(editor, command, range, KILL_COPIED | KILL_YANKED);
    editor_move_to(editor, range.place);
    size_t lines = store_line_of(&editor->store, range.to) - store_line_of(&editor->store, range.from) + 1;
    if (lines > 2)
        editor_say(editor, "%zu lines copied", lines);
}

static void shift(struct editor *editor, struct vi_range range, int levels)
{
    size_t first = store_line_of(&editor->store, range.from), last = store_line_of(&editor->store, range.to);
    editor_indent_lines(editor, first, last, levels);
    editor_move_to(editor, editor_line_text(editor, store_line_start(&editor->store, first)));
}

/* In visual mode the count is of levels. */
static void indent(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    shift(editor, range, command->is_visual ? (int)vi_count(command) : 1);
}

static void dedent(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    shift(editor, range, command->is_visual ? -(int)vi_count(command) : -1);
}

static void change_case(struct editor *editor, const struct vi_command *command, struct vi_range range, char how)
{
    editor_change_case(editor, range.from, range.to, how);
    size_t text = editor_line_text(editor, range.place);
    bool is_one_line = command->doubled && vi_count(command) == 1; /* as in vim, which goes to the text's start first */
    editor_move_to(editor, is_one_line && text < range.place ? text : range.place);
}

static void lower(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    change_case(editor, command, range, 'u');
}
static void upper(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    change_case(editor, command, range, 'U');
}
static void toggle(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    change_case(editor, command, range, '~');
}

static void comment(struct editor *editor, const struct vi_command *command, struct vi_range range)
{
    (void)command;
    size_t first = store_line_of(&editor->store, range.from);
    editor_comment_lines(editor, first, store_line_of(&editor->store, range.to));
    editor_move_to(editor, editor_line_text(editor, store_line_start(&editor->store, first)));
}

bool vi_is_change(const struct vi_operator *op)
{
    return op && op->run == vi_change;
}

#define CHAR(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c)                                                                                                    \
    }
const struct vi_operator vi_operators[] = {
    {.key = CHAR('d'), .run = vi_delete},
    {.key = CHAR('c'), .run = vi_change},
    {.key = CHAR('y'), .run = vi_yank, .only_looks = true},
    {.key = CHAR('>'), .run = indent},
    {.key = CHAR('<'), .run = dedent},
    {.prefix = 'g', .key = CHAR('u'), .run = lower},
    {.prefix = 'g', .key = CHAR('U'), .run = upper},
    {.prefix = 'g', .key = CHAR('~'), .run = toggle},
    {.prefix = 'g', .key = CHAR('c'), .run = comment},
    {.run = NULL},
};
const struct vi_operator vi_visual_operators[] = {
    {.key = CHAR('d'), .run = vi_delete},
    {.key = CHAR('x'), .run = vi_delete},
    {.key = CHAR(NAMED_DELETE), .run = vi_delete},
    {.key = CHAR('c'), .run = vi_change},
    {.key = CHAR('s'), .run = vi_change},
    {.key = CHAR('y'), .run = vi_yank, .only_looks = true},
    {.key = CHAR('>'), .run = indent},
    {.key = CHAR('<'), .run = dedent},
    {.key = CHAR('u'), .run = lower},
    {.key = CHAR('U'), .run = upper},
    {.key = CHAR('~'), .run = toggle},
    {.prefix = 'g', .key = CHAR('u'), .run = lower},
    {.prefix = 'g', .key = CHAR('U'), .run = upper},
    {.prefix = 'g', .key = CHAR('~'), .run = toggle},
    {.prefix = 'g', .key = CHAR('c'), .run = comment},
    {.run = NULL},
};
/* These take whole lines also of a selection of characters. */
const struct vi_operator vi_visual_line_operators[] = {
    {.key = CHAR('D'), .run = vi_delete},
    {.key = CHAR('X'), .run = vi_delete},
    {.key = CHAR('C'), .run = vi_change},
    {.key = CHAR('S'), .run = vi_change},
    {.key = CHAR('R'), .run = vi_change},
    {.key = CHAR('Y'), .run = vi_yank, .only_looks = true},
    {.run = NULL},
};
