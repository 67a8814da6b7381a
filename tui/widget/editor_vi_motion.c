/* vi's motions: each says where the cursor would go, and whether whole lines or the last character count for an
 * operator. UI thread. */
#include "tui/widget/editor_vi.h"
#include <string.h>

enum { BRACKET_BYTES = 4 << 20 };

static struct vi_target to(size_t at)
{
    return (struct vi_target){.at = at, .goal = -1};
}

/* --- in the line --- */
static bool left(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t at = editor->cursor, home = editor_line_home(editor, at);
    for (long n = vi_count(command); n > 0 && at > home; n--)
        at = editor_char_prev(editor, at);
    *target = to(at);
    return at != editor->cursor;
}

static bool right(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t at = editor->cursor, end = editor_line_end(editor, at);
    for (long n = vi_count(command); n > 0 && at < end; n--)
        at = editor_char_next(editor, at);
    *target = to(at);
    return at != editor->cursor;
}

static bool back(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t at = editor->cursor;
    for (long n = vi_count(command); n > 0; n--)
        at = editor_char_prev(editor, at);
    *target = to(at);
    return at != editor->cursor;
}

static bool forth(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t at = editor->cursor;
    for (long n = vi_count(command); n > 0; n--) {
        at = editor_char_next(editor, at);
        if (!command->op && at < editor->store.len && store_byte(&editor->store, at) == '\n' &&
            at > editor_line_home(editor, at))
            at++;
    }
    *target = to(at);
    return at != editor->cursor;
}

static bool line_start(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    (void)command;
    *target = to(editor_line_home(editor, editor->cursor));
    return true;
}

static bool line_text(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    (void)command;
    *target = to(editor_line_text(editor, editor->cursor));
    return true;
}

/* So many lines below, or the last; false: this is the last, and it is to go down. */
static bool line_below(const struct editor *editor, long lines, size_t *line)
{
    size_t now = editor_line(editor), last = editor->store.line_count - 1;
    *line = now + (size_t)lines < last ? now + (size_t)lines : last;
    return lines == 0 || now < last;
}

static bool line_end(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t line;
    if (!line_below(editor, vi_count(command) - 1, &line))
        return false;
    *target = to(store_line_end(&editor->store, line));
    target->goal = GOAL_END;
    return true;
}

static bool last_text(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t line;
    if (!line_below(editor, vi_count(command) - 1, &line))
        return false;
    size_t start = store_line_start(&editor->store, line), at = store_line_end(&editor->store, line);
    while (at > start && editor_is_blank(store_byte(&editor->store, at - 1)))
        at--;
    *target = to(at > start ? editor_char_prev(editor, at) : at);
    target->is_inclusive = at > start;
    return true;
}

static bool column(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    int wanted = (int)vi_count(command) - 1;
    *target = to(editor_at_column(editor, &editor->cursor_mark, editor_line(editor), wanted, NULL));
    target->goal = wanted;
    return true;
}

/* --- lines --- */
static bool by_lines(struct editor *editor, long lines, struct vi_target *target)
{
    long line = (long)editor_line(editor) + lines, last = (long)editor->store.line_count - 1;
    if (line < 0 || line > last) {
        if ((lines < 0 ? (long)editor_line(editor) : last - (long)editor_line(editor)) == 0)
            return false;
        line = line < 0 ? 0 : last;
    }
    int goal = editor->goal >= 0 ? editor->goal : editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    size_t at = goal == GOAL_END ? store_line_end(&editor->store, (size_t)line)
                                 : editor_at_column(editor, &editor->cursor_mark, (size_t)line, goal, NULL);
    *target = (struct vi_target){.at = at, .goal = goal, .is_lines = true};
    return true;
}

static bool down(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return by_lines(editor, vi_count(command), target);
}

static bool up(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return by_lines(editor, -vi_count(command), target);
}

static void to_line_text(struct editor *editor, size_t line, struct vi_target *target)
{
    *target = to(editor_line_text(editor, store_line_start(&editor->store, line)));
    target->is_lines = true;
}

static bool down_text(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    if (!by_lines(editor, vi_count(command), target))
        return false;
    to_line_text(editor, store_line_of(&editor->store, target->at), target);
    return true;
}

static bool up_text(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    if (!by_lines(editor, -vi_count(command), target))
        return false;
    to_line_text(editor, store_line_of(&editor->store, target->at), target);
    return true;
}

static bool this_text(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t line;
    if (!line_below(editor, vi_count(command) - 1, &line))
        return false;
    to_line_text(editor, line, target);
    return true;
}

static void to_numbered(struct editor *editor, long number, struct vi_target *target)
{
    size_t last = editor->store.line_count - 1, line = (size_t)number - 1;
    to_line_text(editor, line < last ? line : last, target);
}

static bool first_line(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    to_numbered(editor, vi_count(command), target);
    return true;
}

static bool last_line(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    to_numbered(editor, command->count ? command->count : (long)editor->store.line_count, target);
    return true;
}

static bool view_top(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    to_numbered(editor, (long)editor->top + vi_count(command), target);
    return true;
}

static bool view_middle(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    (void)command;
    long last = (long)editor->store.line_count - 1, bottom = (long)editor->top + editor->area.rows - 1;
    bottom = bottom < last ? bottom : last;
    to_numbered(editor, ((long)editor->top + bottom) / 2 + 1, target);
    return true;
}

static bool view_bottom(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    long last = (long)editor->store.line_count - 1, bottom = (long)editor->top + editor->area.rows - 1;
    bottom = (bottom < last ? bottom : last) - (vi_count(command) - 1);
    to_numbered(editor, (bottom > (long)editor->top ? bottom : (long)editor->top) + 1, target);
    return true;
}

/* --- words --- */
static bool repeat(struct editor *editor, const struct vi_command *command, struct vi_target *target,
                   size_t (*step)(const struct editor *, size_t, bool), bool big)
{
    size_t at = editor->cursor;
    for (long n = vi_count(command); n > 0; n--) {
        size_t next = step(editor, at, big);
        if (next == at)
            break;
        at = next;
    }
    *target = to(at);
    return at != editor->cursor;
}

static bool next_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return repeat(editor, command, target, vi_word_next, false);
}
static bool next_big_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return repeat(editor, command, target, vi_word_next, true);
}
static bool end_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    bool ok = repeat(editor, command, target, vi_word_end, false);
    target->is_inclusive = true;
    return ok || (command->op && editor->store.len > 0); /* of the last character itself */
}
static bool end_big_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    bool ok = repeat(editor, command, target, vi_word_end, true);
    target->is_inclusive = true;
    return ok || (command->op && editor->store.len > 0); /* of the last character itself */
}
static bool back_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return repeat(editor, command, target, vi_word_back, false);
}
static bool back_big_word(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return repeat(editor, command, target, vi_word_back, true);
}
static bool back_end(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    bool ok = repeat(editor, command, target, vi_word_end_back, false);
    target->is_inclusive = true;
    return ok;
}
static bool back_big_end(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    bool ok = repeat(editor, command, target, vi_word_end_back, true);
    target->is_inclusive = true;
    return ok;
}

bool vi_is_word_motion(const struct vi_motion *motion, bool *big)
{
    *big = motion && motion->move == next_big_word;
    return motion && (motion->move == next_word || motion->move == next_big_word);
}

/* --- characters in the line --- */
static bool is_at(const struct editor *editor, size_t at, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at + i >= editor->store.len || store_byte(&editor->store, at + i) != (unsigned char)text[i])
            return false;
    return true;
}

/* f, t, F, T: the count-th such character of the line; again: not the one just beside the cursor. */
static bool find_char(struct editor *editor, struct key key, char how, long count, bool again, struct vi_target *target)
{
    char text[4];
    size_t len = key_text(key, text), at = editor->cursor;
    size_t home = editor_line_home(editor, at), end = editor_line_end(editor, at);
    bool backward = how == 'F' || how == 'T', is_till = how == 't' || how == 'T';
    if (!len)
        return false;
    if (again && is_till)
        at =
            backward ? (at > home ? editor_char_prev(editor, at) : at) : (at < end ? editor_char_next(editor, at) : at);
    while (count > 0) {
        if (backward ? at <= home : at >= end)
            return false;
        at = backward ? editor_char_prev(editor, at) : editor_char_next(editor, at);
        if (at < end && is_at(editor, at, text, len))
            count--;
    }
    if (is_till)
        at = backward ? editor_char_next(editor, at) : editor_char_prev(editor, at);
    *target = to(at);
    target->is_inclusive = !backward;
    return true;
}

static bool find_new(struct editor *editor, const struct vi_command *command, struct vi_target *target, char how)
{
    editor->vi->find = command->arg;
    editor->vi->find_how = how;
    return find_char(editor, command->arg, how, vi_count(command), false, target);
}

static bool find_on(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return find_new(editor, command, target, 'f');
}
static bool find_till(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return find_new(editor, command, target, 't');
}
static bool find_back_on(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return find_new(editor, command, target, 'F');
}
static bool find_back_till(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return find_new(editor, command, target, 'T');
}
static bool find_again(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    const struct vi *vi = editor->vi;
    return vi->find_how && find_char(editor, vi->find, vi->find_how, vi_count(command), true, target);
}
static bool find_other(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    const struct vi *vi = editor->vi;
    return vi->find_how && find_char(editor, vi->find, vi->find_how ^ 0x20, vi_count(command), true, target);
}

/* --- blocks, brackets, marks --- */
/* False also when there are fewer of them. */
static bool blocks(struct editor *editor, long count, bool backward, struct vi_target *target)
{
    size_t at = editor->cursor;
    for (; count > 0; count--) {
        size_t next = editor_paragraph(editor, at, backward);
        if (next == at)
            return false;
        at = next;
    }
    *target = to(at);
    return true;
}

static bool paragraph_down(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return blocks(editor, vi_count(command), false, target);
}

static bool paragraph_up(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return blocks(editor, vi_count(command), true, target);
}

static bool bracket(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    size_t at = editor->cursor, end = editor_line_end(editor, at), mate;
    if (command->count) { /* so many percent of the text */
        to_numbered(editor, (command->count * (long)editor->store.line_count + 99) / 100, target);
        return command->count <= 100;
    }
    while (at < end && !strchr("()[]{}", store_byte(&editor->store, at)))
        at = editor_char_next(editor, at);
    if (at >= end || !editor_match_bracket(editor, at, BRACKET_BYTES, &mate))
        return false;
    *target = to(mate);
    target->is_inclusive = true;
    return true;
}

static bool mark_place(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    uint32_t name = command->arg.code;
    bool is_named = name >= 'a' && name <= 'z';
    size_t at = is_named ? editor->marks[name - 'a'] : editor->jump;
    if ((!is_named && name != '\'' && name != '`') || at > editor->store.len) {
        editor_say(editor, "mark not set");
        return false;
    }
    *target = to(editor_char_start(editor, at));
    return true;
}

static bool mark_line(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    if (!mark_place(editor, command, target))
        return false;
    to_line_text(editor, store_line_of(&editor->store, target->at), target);
    return true;
}

/* --- searching --- */
static bool search_on(struct editor *editor, const struct vi_command *command, struct vi_target *target, bool backward)
{
    size_t at = editor->cursor, from, end;
    bool wrapped = false, any_wrapped = false;
    if (!editor->search.needle_len) {
        editor_say(editor, "nothing was searched for yet");
        return false;
    }
    editor->search.shows = true;
    for (long n = vi_count(command); n > 0; n--) {
        if (!editor_find(editor, backward ? at : editor_char_next(editor, at), backward, &from, &end, &wrapped)) {
            editor_say(editor, "not found: %.*s", (int)editor->search.needle_len, editor->search.needle);
            return false;
        }
        at = from;
        any_wrapped = any_wrapped || wrapped;
    }
    if (any_wrapped)
        editor_say(editor, backward ? "search went on from the end" : "search went on from the start");
    *target = to(at);
    return true;
}

static bool search_next(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_on(editor, command, target, editor->search.is_backward);
}
static bool search_prev(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_on(editor, command, target, !editor->search.is_backward);
}

static bool search_word(struct editor *editor, const struct vi_command *command, struct vi_target *target,
                        bool backward, bool is_whole)
{
    size_t at = editor->cursor, end = editor_line_end(editor, at);
    while (at < end && editor_class(editor, at) != CLASS_WORD)
        at = editor_char_next(editor, at);
    if (at >= end)
        return false;
    size_t to_end = editor_word_right(editor, at), from = editor_word_left(editor, to_end);
    char word[EDITOR_PROMPT];
    if (to_end - from > sizeof word)
        return false;
    store_copy(&editor->store, from, to_end, word);
    editor_set_needle(editor, word, to_end - from, is_whole ? NEEDLE_WORD : NEEDLE_PLAIN);
    editor->search.is_backward = backward;
    size_t cursor = editor->cursor;
    editor->cursor = from; /* the word itself is not found again */
    bool ok = search_on(editor, command, target, backward);
    editor->cursor = cursor;
    return ok;
}

static bool word_forward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_word(editor, command, target, false, true);
}
static bool word_backward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_word(editor, command, target, true, true);
}
static bool part_forward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_word(editor, command, target, false, false);
}
static bool part_backward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    return search_word(editor, command, target, true, false);
}

/* These two never move: vi_run opens the prompt, and its answer moves. */
static bool prompt_forward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    (void)editor, (void)command, (void)target;
    return false;
}
static bool prompt_backward(struct editor *editor, const struct vi_command *command, struct vi_target *target)
{
    (void)editor, (void)command, (void)target;
    return false;
}

bool vi_is_prompt_motion(const struct vi_motion *motion, bool *backward)
{
    *backward = motion && motion->move == prompt_backward;
    return motion && (motion->move == prompt_forward || motion->move == prompt_backward);
}

#define CHAR(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c)                                                                                                    \
    }
#define CTRL(c)                                                                                                        \
    {                                                                                                                  \
        .code = (c), .mods = MOD_CTRL                                                                                  \
    }
const struct vi_motion vi_motions[] = {
    {.key = CHAR('h'), .move = left},
    {.key = CHAR(NAMED_LEFT), .move = left},
    {.key = CTRL('h'), .move = back},
    {.key = CHAR(NAMED_BACKSPACE), .move = back},
    {.key = CHAR('l'), .move = right},
    {.key = CHAR(NAMED_RIGHT), .move = right},
    {.key = CHAR(NAMED_SPACE), .move = forth},
    {.key = CHAR('j'), .move = down},
    {.key = CHAR(NAMED_DOWN), .move = down},
    {.key = CTRL('n'), .move = down},
    {.prefix = 'g', .key = CHAR('j'), .move = down},
    {.key = CHAR('k'), .move = up},
    {.key = CHAR(NAMED_UP), .move = up},
    {.prefix = 'g', .key = CHAR('k'), .move = up},
    {.key = CHAR('+'), .move = down_text},
    {.key = CHAR(NAMED_ENTER), .move = down_text},
    {.key = CHAR('-'), .move = up_text},
    {.key = CHAR('_'), .move = this_text},
    {.key = CHAR('0'), .move = line_start},
    {.key = CHAR(NAMED_HOME), .move = line_start},
    {.prefix = 'g', .key = CHAR('0'), .move = line_start},
    {.key = CHAR('^'), .move = line_text},
    {.prefix = 'g', .key = CHAR('^'), .move = line_text},
    {.key = CHAR('$'), .move = line_end},
    {.key = CHAR(NAMED_END), .move = line_end},
    {.prefix = 'g', .key = CHAR('$'), .move = line_end},
    {.prefix = 'g', .key = CHAR('_'), .move = last_text},
    {.key = CHAR('|'), .move = column},
    {.key = CHAR('w'), .move = next_word},
    {.key = {.code = NAMED_RIGHT, .mods = MOD_CTRL}, .move = next_word},
    {.key = CHAR('W'), .move = next_big_word},
    {.key = CHAR('e'), .move = end_word},
    {.key = CHAR('E'), .move = end_big_word},
    {.key = CHAR('b'), .move = back_word},
    {.key = {.code = NAMED_LEFT, .mods = MOD_CTRL}, .move = back_word},
    {.key = CHAR('B'), .move = back_big_word},
    {.prefix = 'g', .key = CHAR('e'), .move = back_end},
    {.prefix = 'g', .key = CHAR('E'), .move = back_big_end},
    {.prefix = 'g', .key = CHAR('g'), .move = first_line, .is_jump = true},
    {.key = {.code = NAMED_HOME, .mods = MOD_CTRL}, .move = first_line, .is_jump = true},
    {.key = CHAR('G'), .move = last_line, .is_jump = true},
    {.key = {.code = NAMED_END, .mods = MOD_CTRL}, .move = last_line, .is_jump = true},
    {.key = CHAR('H'), .move = view_top, .is_jump = true},
    {.key = CHAR('M'), .move = view_middle, .is_jump = true},
    {.key = CHAR('L'), .move = view_bottom, .is_jump = true},
    {.key = CHAR('f'), .move = find_on, .takes_arg = true},
    {.key = CHAR('t'), .move = find_till, .takes_arg = true},
    {.key = CHAR('F'), .move = find_back_on, .takes_arg = true},
    {.key = CHAR('T'), .move = find_back_till, .takes_arg = true},
    {.key = CHAR(';'), .move = find_again},
    {.key = CHAR(','), .move = find_other},
    {.key = CHAR('}'), .move = paragraph_down, .is_jump = true},
    {.key = CHAR('{'), .move = paragraph_up, .is_jump = true},
    {.key = CHAR('%'), .move = bracket, .is_jump = true},
    {.key = CHAR('`'), .move = mark_place, .takes_arg = true, .is_jump = true},
    {.key = CHAR('\''), .move = mark_line, .takes_arg = true, .is_jump = true},
    {.key = CHAR('/'), .move = prompt_forward},
    {.key = CHAR('?'), .move = prompt_backward},
    {.key = CHAR('n'), .move = search_next, .is_jump = true},
    {.key = CHAR('N'), .move = search_prev, .is_jump = true},
    {.key = CHAR('*'), .move = word_forward, .is_jump = true},
    {.key = CHAR('#'), .move = word_backward, .is_jump = true},
    {.prefix = 'g', .key = CHAR('*'), .move = part_forward, .is_jump = true},
    {.prefix = 'g', .key = CHAR('#'), .move = part_backward, .is_jump = true},
    {.move = NULL},
};
