/* vi's keys: the modes, running a command once its keys are whole, '.', and recorded keys. UI thread. */
#include "tui/widget/editor_vi.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vi *vi_of(struct editor *editor)
{
    if (!editor->vi) {
        editor->vi = calloc(1, sizeof *editor->vi);
        if (!editor->vi)
            abort();
        editor->vi->over = BUF_INIT(EDITOR_BYTES_MAX);
    }
    return editor->vi;
}

void vi_free(struct vi *vi)
{
    if (!vi)
        return;
    for (int i = 0; i < EDITOR_NAMED; i++)
        free(vi->macros[i].key);
    free(vi->typed.key);
    buf_done(&vi->over);
    free(vi);
}

void vi_push_key(struct vi_keys *keys, struct key key, size_t max)
{
    if (keys->count >= max)
        return;
    if (keys->count == keys->cap) {
        size_t cap = keys->cap ? keys->cap * 2 : 32;
        struct key *bigger = realloc(keys->key, cap * sizeof *bigger);
        if (!bigger)
            abort();
        keys->key = bigger;
        keys->cap = cap;
    }
    keys->key[keys->count++] = key;
}

void vi_fail(struct editor *editor)
{
    editor->vi->failed = true;
}

/* The cursor stands on a character, at a line's end on its last one. */
static void settle(struct editor *editor)
{
    size_t at = editor->cursor;
    int goal = editor->goal;
    if ((editor->vi && editor->vi->mode != VI_NORMAL) || at != editor_line_end(editor, at) ||
        at == editor_line_home(editor, at))
        return;
    editor_move_to(editor, editor_char_prev(editor, at));
    editor->goal = goal;
}

/* --- operators and their ranges --- */
static struct vi_range lines_between(const struct editor *editor, size_t from, size_t to)
{
    return (struct vi_range){
        .from = editor_line_home(editor, from), .to = editor_line_end(editor, to), .is_lines = true};
}

/* An exclusive motion that ends at a line's start ends at the end of the line before; from the first text of a line on
 * it is of whole lines (vim: motion.txt, "exclusive"). */
static void pull_back(const struct editor *editor, struct vi_range *range)
{
    size_t line = store_line_of(&editor->store, range->to);
    if (range->to != store_line_start(&editor->store, line) || store_line_of(&editor->store, range->from) == line)
        return;
    range->to = store_line_end(&editor->store, line - 1);
    if (range->from <= editor_line_text(editor, range->from))
        *range = lines_between(editor, range->from, range->to);
}

/* The last word moved over ends its line: the range ends there too. */
static void end_with_word(const struct editor *editor, struct vi_range *range)
{
    size_t line = store_line_of(&editor->store, range->to), first = store_line_of(&editor->store, range->from);
    while (line > first && range->to <= editor_line_text(editor, range->to))
        range->to = store_line_end(&editor->store, --line);
}

/* cw on a word is ce: the blanks behind it stay. */
static bool change_word_range(struct editor *editor, const struct vi_command *command, bool big, struct vi_range *range)
{
    size_t at = editor->cursor, end = editor_line_end(editor, at);
    if (at >= end || editor_class(editor, at) == CLASS_BLANK)
        return false;
    size_t next = editor_char_next(editor, at);
    int class = editor_class(editor, at);
    bool ends_here =
        next >= end || (big ? editor_class(editor, next) == CLASS_BLANK : (int)editor_class(editor, next) != class);
    size_t to = ends_here ? at : vi_word_end(editor, at, big);
    for (long n = vi_count(command); n > 1; n--)
        to = vi_word_end(editor, to, big);
    *range = (struct vi_range){.from = at, .to = editor_char_next(editor, to)};
    return true;
}

static bool range_of(struct editor *editor, const struct vi_command *command, struct vi_range *range)
{
    if (command->doubled) {
        *range = vi_lines(editor, editor_line(editor), (size_t)vi_count(command));
        range->place = editor->cursor;
        return editor_line(editor) + (size_t)vi_count(command) <= editor->store.line_count || vi_count(command) == 1 ||
               editor_line(editor) + 1 < editor->store.line_count;
    }
    if (command->object)
        return command->object->find(editor, command, command->object_name, range);
    bool big, is_word = vi_is_word_motion(command->motion, &big);
    if (is_word && vi_is_change(command->op) && change_word_range(editor, command, big, range))
        return true;
    struct vi_target target = {.goal = -1};
    if (!command->motion->move(editor, command, &target))
        return false;
    size_t at = editor->cursor, from = at < target.at ? at : target.at, to = at < target.at ? target.at : at;
    if (target.is_lines) {
        *range = lines_between(editor, from, to);
        range->place = from;
        return true;
    }
    *range = (struct vi_range){.from = from, .to = target.is_inclusive ? editor_char_next(editor, to) : to};
    if (is_word)
        end_with_word(editor, range);
    else if (!target.is_inclusive)
        pull_back(editor, range);
    return true;
}

/* '.' of what was done to a selection: as many lines, or characters, from the cursor on. */
static struct vi_range same_extent(const struct editor *editor, const struct vi_command *command)
{
    size_t line = editor_line(editor);
    if (command->visual_lines)
        return vi_lines(editor, line, command->lines);
    size_t last = line + command->lines - 1, end = editor->store.line_count - 1;
    size_t at = command->lines > 1 ? store_line_start(&editor->store, last < end ? last : end) : editor->cursor;
    size_t stop = editor_line_end(editor, at);
    for (size_t n = command->chars; n > 0 && at < stop; n--)
        at = editor_char_next(editor, at);
    return (struct vi_range){.from = editor->cursor, .to = at};
}

static void note_extent(const struct editor *editor, struct vi_command *command, struct vi_range range)
{
    size_t first = store_line_of(&editor->store, range.from), last = store_line_of(&editor->store, range.to);
    command->lines = last - first + 1;
    command->visual_lines = range.is_lines;
    command->chars = 0;
    size_t at = last > first ? store_line_start(&editor->store, last) : range.from;
    for (; at < range.to; at = editor_char_next(editor, at))
        command->chars++;
}

static void run_visual(struct editor *editor, struct vi_command *command)
{
    struct vi_range range = vi_visual_range(editor);
    if (command->visual_lines)
        range = lines_between(editor, range.from, range.to > range.from ? range.to - 1 : range.to);
    note_extent(editor, command, range);
    range.place = range.from;
    if (range.is_lines && editor->cursor < editor_line_home(editor, editor->anchor))
        range.place = editor->cursor;
    vi_leave_visual(editor);
    command->op->run(editor, command, range);
}

static void run_operator(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range = {.from = editor->cursor};
    if (command->is_visual)
        range = same_extent(editor, command);
    else if (!range_of(editor, command, &range)) {
        vi_fail(editor);
        return;
    }
    if (!range.is_lines || command->object)
        range.place = range.from;
    command->op->run(editor, command, range);
}

static void select_object(struct editor *editor, const struct vi_command *command)
{
    struct vi_range range;
    if (!command->object->find(editor, command, command->object_name, &range) || range.to <= range.from) {
        vi_fail(editor);
        return;
    }
    editor->anchor = range.from;
    editor_move_to(editor, editor_char_prev(editor, range.to));
    editor->vi->mode = range.is_lines ? VI_VISUAL_LINES : VI_VISUAL;
}

static void run_motion(struct editor *editor, const struct vi_command *command)
{
    struct vi_target target = {.goal = -1};
    if (!command->motion->move(editor, command, &target)) {
        vi_fail(editor);
        return;
    }
    if (command->motion->is_jump)
        editor->jump = editor->cursor;
    editor_move_to(editor, target.at);
    editor->goal = target.goal;
}

/* --- searching at a prompt --- */
static void search_done(struct editor *editor, bool found)
{
    struct vi *vi = editor->vi;
    struct vi_command command = vi->waiting;
    vi->waiting.op = NULL;
    if (!found || !command.op) {
        settle(editor);
        return;
    }
    size_t at = editor->cursor, origin = editor->search.origin;
    struct vi_range range = {.from = at < origin ? at : origin, .to = at < origin ? origin : at};
    editor_move_to(editor, origin);
    pull_back(editor, &range);
    editor_begin(editor);
    command.op->run(editor, &command, range);
    if (vi->mode != VI_INSERT)
        editor_end(editor);
    settle(editor);
}

static void search_at_prompt(struct editor *editor, const struct vi_command *command, bool backward)
{
    editor->vi->waiting = *command;
    search_open(editor, backward);
    editor->search.done = search_done;
}

/* --- running --- */
static void run_whole(struct editor *editor, struct vi_command *command)
{
    bool backward;
    if (vi_is_prompt_motion(command->motion, &backward))
        search_at_prompt(editor, command, backward);
    else if (command->op && command->is_visual && vi_is_visual(editor->vi))
        run_visual(editor, command);
    else if (command->op)
        run_operator(editor, command);
    else if (command->verb)
        command->verb->run(editor, command);
    else if (command->object)
        select_object(editor, command);
    else
        run_motion(editor, command);
}

void vi_run(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    struct vi_command now = *command;
    int depth = editor->undo.depth;
    editor_begin(editor);
    run_whole(editor, &now);
    bool inserts = vi->mode == VI_INSERT || vi->mode == VI_REPLACE;
    while (editor->undo.depth > depth + inserts) /* an insertion ends its step itself */
        editor_end(editor);
    bool changes = (now.op && !now.op->only_looks) || (now.verb && now.verb->changes);
    if (changes && !vi->is_replaying && !vi->failed)
        vi->last = now;
    settle(editor);
}

void vi_repeat(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    if ((!vi->last.op && !vi->last.verb) || vi->is_replaying) {
        vi_fail(editor);
        return;
    }
    struct vi_command again = vi->last;
    if (command->count)
        again.count = vi->last.count = command->count;
    vi->is_replaying = true;
    run_whole(editor, &again);
    if (vi->mode == VI_INSERT || vi->mode == VI_REPLACE) {
        editor_begin(editor); /* vi_leave_insert ends one */
        vi_replay_typed(editor);
        vi_leave_insert(editor);
    }
    vi->is_replaying = false;
}

/* --- recorded keys --- */
void vi_record(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    uint32_t name = command->arg.code;
    if (name < 'a' || name > 'z') {
        vi_fail(editor);
        return;
    }
    vi->recording = (char)name;
    vi->macros[name - 'a'].count = 0;
}

void vi_play(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    uint32_t name = command->arg.code == '@' ? (uint32_t)vi->played : command->arg.code;
    if (name < 'a' || name > 'z' || vi->depth >= VI_DEPTH_MAX || (char)name == vi->recording) {
        vi_fail(editor);
        return;
    }
    const struct vi_keys *macro = &vi->macros[name - 'a'];
    vi->played = (char)name;
    vi->depth++;
    for (long n = vi_count(command); n > 0 && !vi->failed; n--)
        for (size_t i = 0; i < macro->count && !vi->failed; i++) {
            struct event event = {.kind = EVENT_KEY, .key = macro->key[i]};
            if (!editor->search.prompt || !prompt_key(editor, event.key))
                editor_vi.key(editor, event.key);
        }
    vi->depth--;
}

static bool command_key(struct editor *editor, struct key key)
{
    struct vi *vi = editor->vi;
    struct vi_command command;
    bool is_escape = key.code == NAMED_ESC || (key.code == 'c' && key.mods == MOD_CTRL);
    if (is_escape && !vi_is_visual(vi)) {
        bool was_pending = vi->pending_count > 0;
        vi->pending_count = 0;
        editor->search.shows = false;
        return was_pending || key.code == NAMED_ESC; /* pressed "to be sure" it must not leave the editor */
    }
    if (key.code == 'q' && !key.mods && !vi->pending_count && vi->recording) {
        vi->recording = 0;
        return true;
    }
    if (vi->pending_count == VI_PENDING)
        vi->pending_count = 0;
    vi->pending[vi->pending_count++] = key;
    bool is_first = vi->pending_count == 1;
    enum vi_parse result = vi_parse(vi, &command);
    if (result == VI_MORE)
        return true;
    vi->pending_count = 0;
    if (result == VI_NONE)
        return !is_first;
    vi_run(editor, &command);
    return true;
}

static bool vi_key(struct editor *editor, struct key key)
{
    struct vi *vi = vi_of(editor);
    bool records = vi->recording && !vi->depth;
    char name = vi->recording;
    if (!vi->depth)
        vi->failed = false;
    bool taken = vi->mode == VI_INSERT || vi->mode == VI_REPLACE ? vi_typed_key(editor, key) : command_key(editor, key);
    if (records && taken && vi->recording == name)
        vi_push_key(&vi->macros[name - 'a'], key, VI_MACRO_MAX);
    return taken;
}

static void vi_reset(struct editor *editor)
{
    struct vi *vi = editor->vi;
    if (!vi)
        return;
    if (vi->mode == VI_INSERT || vi->mode == VI_REPLACE)
        editor_end(editor);
    vi->mode = VI_NORMAL;
    vi->visual_mode = VI_NORMAL;
    vi->pending_count = 0;
    vi->recording = 0;
}

static void end_visual(struct editor *editor)
{
    if (editor->vi && vi_is_visual(editor->vi))
        vi_leave_visual(editor);
}

static bool vi_takes_text(const struct editor *editor)
{
    return editor->vi && (editor->vi->mode == VI_INSERT || editor->vi->mode == VI_REPLACE);
}

static const char *vi_note(const struct editor *editor)
{
    static const char *const modes[] = {
        [VI_NORMAL] = "",
        [VI_INSERT] = "-- INSERT --",
        [VI_REPLACE] = "-- REPLACE --",
        [VI_VISUAL] = "-- VISUAL --",
        [VI_VISUAL_LINES] = "-- VISUAL LINE --",
    };
    struct vi *vi = editor->vi;
    if (!vi)
        return "";
    struct buf note = BUF_INIT(EDITOR_NOTE);
    buf_puts(&note, modes[vi->mode]);
    if (vi->recording)
        buf_printf(&note, "%srecording @%c", note.len ? "  " : "", vi->recording);
    if (vi->pending_count && note.len)
        buf_puts(&note, "  ");
    for (int i = 0; i < vi->pending_count; i++)
        key_format(vi->pending[i], &note);
    snprintf(vi->note, sizeof vi->note, "%s", buf_text(&note));
    buf_done(&note);
    return vi->note;
}

const struct editor_style editor_vi = {
    .key = vi_key,
    .paste = vi_paste,
    .completed = vi_completed,
    .reset = vi_reset,
    .settle = settle,
    .note = vi_note,
    .selection = vi_selection,
    .leave_selection = end_visual,
    .takes_text = vi_takes_text,
    .has_block_cursor = true,
};
