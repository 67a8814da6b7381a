/* What was cut and copied: the ring of kills (emacs' kill ring, GNU Emacs manual "Killing by Other Commands"), vi's
 * named registers, and the way out to the terminal's clipboard. UI thread. */
#include "tui/widget/editor_private.h"
#include <stdlib.h>
#include <string.h>

void registers_done(struct registers *registers)
{
    for (int i = 0; i < EDITOR_RING; i++)
        free(registers->ring[i].bytes);
    for (int i = 0; i < EDITOR_NAMED; i++)
        free(registers->named[i].bytes);
    free(registers->yanked.bytes);
}

static size_t kept_bytes(const struct registers *registers)
{
    size_t total = registers->yanked.len;
    for (int i = 0; i < EDITOR_RING; i++)
        total += registers->ring[i].len;
    for (int i = 0; i < EDITOR_NAMED; i++)
        total += registers->named[i].len;
    return total;
}

static void forget(struct killed *killed)
{
    free(killed->bytes);
    *killed = (struct killed){.len = 0};
}

/* All together hold at most twice the text's maximum: the oldest kills go first. */
static void make_room(struct editor *editor, size_t len)
{
    struct registers *registers = &editor->registers;
    for (int i = EDITOR_RING - 1; i > 0 && kept_bytes(registers) + len > 2 * editor->store.max; i--)
        forget(&registers->ring[i]);
}

static struct killed copy_of(struct editor *editor, size_t from, size_t to, bool is_lines)
{
    struct killed killed = {.len = to - from, .is_lines = is_lines};
    bool lacks_newline = is_lines && (to == from || store_byte(&editor->store, to - 1) != '\n');
    killed.bytes = malloc(killed.len + 1);
    if (!killed.bytes)
        abort();
    store_copy(&editor->store, from, to, killed.bytes);
    if (lacks_newline)
        killed.bytes[killed.len++] = '\n';
    return killed;
}

static void join(struct killed *killed, const struct killed *more, bool before)
{
    char *bytes = malloc(killed->len + more->len + 1);
    if (!bytes)
        abort();
    memcpy(bytes, before ? more->bytes : killed->bytes, before ? more->len : killed->len);
    memcpy(bytes + (before ? more->len : killed->len), before ? killed->bytes : more->bytes,
           before ? killed->len : more->len);
    free(killed->bytes);
    killed->bytes = bytes;
    killed->len += more->len;
    killed->is_lines = killed->is_lines || more->is_lines;
    free(more->bytes);
}

static void push(struct registers *registers, struct killed killed)
{
    free(registers->ring[EDITOR_RING - 1].bytes);
    memmove(registers->ring + 1, registers->ring, (EDITOR_RING - 1) * sizeof *registers->ring);
    registers->ring[0] = killed;
}

static void keep_named(struct registers *registers, char name, struct killed killed)
{
    struct killed *named = &registers->named[(name | 0x20) - 'a'];
    if (name < 'a' && named->bytes) {
        join(named, &killed, false);
        return;
    }
    forget(named);
    *named = killed;
}

void editor_keep(struct editor *editor, char name, size_t from, size_t to, int flags)
{
    struct registers *registers = &editor->registers;
    if (name == '_' || to < from)
        return;
    make_room(editor, to - from);
    bool is_lines = flags & KILL_LINES;
    if (name && ((name | 0x20) >= 'a' && (name | 0x20) <= 'z'))
        keep_named(registers, name, copy_of(editor, from, to, is_lines));
    if (flags & KILL_YANKED) {
        forget(&registers->yanked);
        registers->yanked = copy_of(editor, from, to, is_lines);
    }
    push(registers, copy_of(editor, from, to, is_lines));
    if (editor->copied && (flags & KILL_COPIED || name == '+' || name == '*'))
        editor->copied(editor->context, registers->ring[0].bytes, registers->ring[0].len);
}

const struct killed *editor_kept(const struct editor *editor, char name)
{
    const struct registers *registers = &editor->registers;
    const struct killed *killed = &registers->ring[0];
    if (name && (name | 0x20) >= 'a' && (name | 0x20) <= 'z')
        killed = &registers->named[(name | 0x20) - 'a'];
    else if (name == '0')
        killed = &registers->yanked;
    else if (name >= '1' && name <= '9')
        killed = &registers->ring[name - '1'];
    return killed->bytes ? killed : NULL;
}

void editor_kill(struct editor *editor, size_t from, size_t to, int flags)
{
    struct registers *registers = &editor->registers;
    if (from >= to)
        return;
    if (registers->kill_sequence && registers->kill_sequence + 1 == editor->sequence && registers->ring[0].bytes) {
        struct killed more = copy_of(editor, from, to, false);
        join(&registers->ring[0], &more, flags & KILL_BACKWARD);
    } else {
        editor_keep(editor, 0, from, to, flags);
    }
    registers->kill_sequence = editor->sequence;
    editor_change(editor, from, to - from, "", 0);
}

void edit_cut(struct editor *editor)
{
    size_t from, to;
    if (!editor_selection(editor, &from, &to)) {
        editor_say(editor, "nothing is selected");
        return;
    }
    editor_keep(editor, 0, from, to, KILL_COPIED);
    editor_change(editor, from, to - from, "", 0);
}

void edit_copy(struct editor *editor)
{
    size_t from, to;
    if (!editor_selection(editor, &from, &to)) {
        editor_say(editor, "nothing is selected");
        return;
    }
    editor_keep(editor, 0, from, to, KILL_COPIED);
    editor->has_selection = editor->is_marking = false;
    editor_say(editor, "copied");
}

static void put(struct editor *editor, const struct killed *killed, size_t from, size_t to)
{
    struct registers *registers = &editor->registers;
    editor_begin(editor);
    if (editor_change(editor, from, to - from, killed->bytes, killed->len)) {
        registers->yank_at = from;
        registers->yank_len = killed->len;
        registers->yank_sequence = editor->sequence;
    }
    editor_end(editor);
}

void edit_paste(struct editor *editor)
{
    const struct killed *killed = editor_kept(editor, 0);
    size_t from = editor->cursor, to = from;
    if (!killed) {
        editor_say(editor, "nothing was cut or copied here yet; the terminal's own paste works too");
        return;
    }
    editor_selection(editor, &from, &to);
    editor->registers.yank_index = 0;
    put(editor, killed, from, to);
}

void edit_paste_older(struct editor *editor)
{
    struct registers *registers = &editor->registers;
    if (!registers->yank_sequence || registers->yank_sequence + 1 != editor->sequence) {
        editor_say(editor, "only right behind a paste");
        return;
    }
    registers->yank_index = (registers->yank_index + 1) % EDITOR_RING;
    if (!registers->ring[registers->yank_index].bytes)
        registers->yank_index = 0;
    put(editor, &registers->ring[registers->yank_index], registers->yank_at, registers->yank_at + registers->yank_len);
}

void edit_kill_line(struct editor *editor)
{
    size_t end = editor_line_end(editor, editor->cursor);
    editor_kill(editor, editor->cursor, end > editor->cursor ? end : editor_char_next(editor, end), 0);
}

void edit_kill_word_right(struct editor *editor)
{
    editor_kill(editor, editor->cursor, editor_word_right(editor, editor->cursor), 0);
}

void edit_kill_word_left(struct editor *editor)
{
    editor_kill(editor, editor_word_left(editor, editor->cursor), editor->cursor, KILL_BACKWARD);
}
