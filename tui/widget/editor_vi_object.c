/* vi's text objects (vim: motion.txt, "Text object selection"): words, quotes, brackets, paragraphs. UI thread. */
#include "tui/widget/editor_vi.h"
#include <string.h>

/* Behind the run of one class, within the line. */
static size_t run_end(const struct editor *editor, size_t at, size_t end, bool big)
{
    int class = vi_class(editor, at, big);
    while (at < end && vi_class(editor, at, big) == class)
        at = editor_char_next(editor, at);
    return at;
}

static size_t run_start(const struct editor *editor, size_t at, size_t home, bool big)
{
    int class = vi_class(editor, at, big);
    while (at > home && vi_class(editor, editor_char_prev(editor, at), big) == class)
        at = editor_char_prev(editor, at);
    return at;
}

static bool find_word(struct editor *editor, const struct vi_command *command, bool big, struct vi_range *range)
{
    size_t home = editor_line_home(editor, editor->cursor), end = editor_line_end(editor, editor->cursor);
    size_t from = editor->cursor, to = from;
    if (from >= end) {
        *range = (struct vi_range){.from = home, .to = end};
        return false;
    }
    from = run_start(editor, from, home, big);
    for (long n = vi_count(command); n > 0 && to < end; n--) {
        bool began_blank = vi_class(editor, to, big) == CLASS_BLANK;
        to = run_end(editor, to, end, big);
        if (command->around && began_blank && to < end)
            to = run_end(editor, to, end, big);
        else if (command->around && to < end && vi_class(editor, to, big) == CLASS_BLANK)
            to = run_end(editor, to, end, big);
        else if (command->around && n == 1 && !began_blank && editor_line_text(editor, home) < from) {
            while (editor_is_blank(store_byte(&editor->store, from - 1)))
                from--; /* no blanks behind: those before, but not the line's indent */
        }
    }
    *range = (struct vi_range){.from = from, .to = to};
    return true;
}

static bool word(struct editor *editor, const struct vi_command *command, char name, struct vi_range *range)
{
    return find_word(editor, command, name == 'W', range);
}

/* The pair of quotes around the cursor, or the first behind it; pairs are counted from the line's start. */
static bool quotes(struct editor *editor, const struct vi_command *command, char name, struct vi_range *range)
{
    size_t at = editor_line_home(editor, editor->cursor), end = editor_line_end(editor, editor->cursor);
    size_t open = SIZE_MAX;
    for (; at < end; at++) {
        if (store_byte(&editor->store, at) != (unsigned char)name)
            continue;
        if (open == SIZE_MAX) {
            open = at;
            continue;
        }
        if (at >= editor->cursor)
            break;
        open = SIZE_MAX;
    }
    if (at >= end)
        return false;
    bool takes_quotes = command->around || vi_count(command) > 1;
    *range = (struct vi_range){.from = takes_quotes ? open : open + 1, .to = takes_quotes ? at + 1 : at};
    while (command->around && range->to < end && editor_is_blank(store_byte(&editor->store, range->to)))
        range->to++;
    while (command->around && range->to == at + 1 && range->from > editor_line_home(editor, open) &&
           editor_is_blank(store_byte(&editor->store, range->from - 1)))
        range->from--;
    return true;
}

/* Inside brackets that stand on lines of their own, the lines between. */
static void inner_lines(struct editor *editor, size_t open, size_t close, struct vi_range *range)
{
    bool opens_line = store_byte(&editor->store, open + 1) == '\n',
         closes_line = editor_line_text(editor, close) == close;
    size_t first = store_line_of(&editor->store, open) + 1, last = store_line_of(&editor->store, close);
    if (!opens_line || !closes_line || last <= first)
        return;
    *range = (struct vi_range){.from = store_line_start(&editor->store, first),
                               .to = store_line_end(&editor->store, last - 1),
                               .is_lines = true};
}

/* Outside of any such brackets the next ones count. */
static bool next_block(struct editor *editor, char open, char close, size_t *from, size_t *to)
{
    size_t at = editor->cursor;
    while (at < editor->store.len && store_byte(&editor->store, at) != (unsigned char)open)
        at++;
    return editor_enclosing(editor, at, open, close, from, to) && *from == at;
}

static bool block(struct editor *editor, const struct vi_command *command, char name, struct vi_range *range)
{
    static const char pairs[] = "()[]{}<>";
    char open = name == 'b' ? '(' : name == 'B' ? '{' : pairs[(size_t)(strchr(pairs, name) - pairs) & ~(size_t)1];
    char close = strchr(pairs, open)[1];
    size_t at = editor->cursor, from, to;
    for (long n = vi_count(command); n > 0; n--) {
        bool found = editor_enclosing(editor, at, open, close, &from, &to) ||
                     (at == editor->cursor && next_block(editor, open, close, &from, &to));
        if (!found)
            return false;
        if (n > 1 && from == 0)
            return false;
        at = n > 1 ? from - 1 : from;
    }
    *range = (struct vi_range){.from = command->around ? from : from + 1, .to = command->around ? to + 1 : to};
    if (!command->around)
        inner_lines(editor, from, to, range);
    return true;
}

static bool is_empty(const struct editor *editor, size_t line)
{
    return store_line_start(&editor->store, line) == store_line_end(&editor->store, line);
}

/* The last line of the run of empty or of other lines that this line is in. */
static size_t run_of_lines(const struct editor *editor, size_t line)
{
    size_t end = editor->store.line_count - 1;
    bool empty = is_empty(editor, line);
    while (line < end && is_empty(editor, line + 1) == empty)
        line++;
    return line;
}

static bool paragraph(struct editor *editor, const struct vi_command *command, char name, struct vi_range *range)
{
    size_t line = editor_line(editor), first = line, last = line, end = editor->store.line_count - 1;
    (void)name;
    while (first > 0 && is_empty(editor, first - 1) == is_empty(editor, line))
        first--;
    bool has_blanks = is_empty(editor, first); /* before it, or later behind it */
    for (long n = vi_count(command); n > 0; n--) {
        if (n < vi_count(command) && last++ == end)
            return false;
        last = run_of_lines(editor, last);
        if (command->around && last < end) {
            has_blanks = has_blanks || is_empty(editor, last + 1);
            last = run_of_lines(editor, last + 1);
        }
    }
    while (command->around && !has_blanks && first > 0 && is_empty(editor, first - 1))
        first--;
    *range = (struct vi_range){
        .from = store_line_start(&editor->store, first), .to = store_line_end(&editor->store, last), .is_lines = true};
    return true;
}

const struct vi_object vi_objects[] = {
    {.name = 'w', .find = word},
    {.name = 'W', .find = word},
    {.name = '"', .find = quotes},
    {.name = '\'', .find = quotes},
    {.name = '`', .find = quotes},
    {.name = '(', .find = block},
    {.name = ')', .find = block},
    {.name = 'b', .find = block},
    {.name = '[', .find = block},
    {.name = ']', .find = block},
    {.name = '{', .find = block},
    {.name = '}', .find = block},
    {.name = 'B', .find = block},
    {.name = '<', .find = block},
    {.name = '>', .find = block},
    {.name = 'p', .find = paragraph},
    {.find = NULL},
};
