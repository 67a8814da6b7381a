/* Commands in words, as vi's `:` line gives them (POSIX ex, Vim's change.txt): lines by number, :s with the C library's
 * regular expressions, :d, :noh. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 10, PATTERN_MAX = 1024 };

struct command {
    const char *at;     /* what is still to be read */
    size_t first, last; /* lines from 0 */
    int addresses;      /* how many were given */
};

static bool read_address(const struct editor *editor, struct command *command, size_t *line)
{
    size_t from = editor->cursor, to = from, end = editor->store.line_count - 1;
    const char *at = command->at;
    if (isdigit((unsigned char)*at)) {
        char *rest;
        unsigned long number = strtoul(at, &rest, 10);
        *line = number ? number - 1 : 0;
        command->at = rest;
    } else if (*at == '.' || *at == '$') {
        *line = *at == '.' ? editor_line(editor) : end;
        command->at++;
    } else if (*at == '\'' && (at[1] == '<' || at[1] == '>') && editor_selection(editor, &from, &to)) {
        *line = store_line_of(&editor->store, at[1] == '<' ? from : to > from ? to - 1 : to);
        command->at += 2;
    } else {
        return false;
    }
    *line = *line < end ? *line : end;
    return true;
}

/* The lines a command is for: those named, else those selected, else the cursor's. */
static void read_range(const struct editor *editor, struct command *command)
{
    size_t from, to;
    command->first = command->last = editor_line(editor);
    if (*command->at == '%') {
        command->at++;
        command->addresses = 2;
        command->first = 0;
        command->last = editor->store.line_count - 1;
        return;
    }
    if (editor_selection(editor, &from, &to)) {
        command->first = store_line_of(&editor->store, from);
        command->last = store_line_of(&editor->store, to > from ? to - 1 : to);
    }
    if (!read_address(editor, command, &command->first))
        return;
    command->last = command->first;
    command->addresses = 1;
    if (*command->at != ',')
        return;
    command->at++;
    command->addresses = 1 + read_address(editor, command, &command->last);
    if (command->last < command->first) {
        size_t swapped = command->first;
        command->first = command->last;
        command->last = swapped;
    }
}

/* --- :s/pattern/replacement/flags --- */
struct substitution {
    regex_t regex;
    char pattern[PATTERN_MAX], with[PATTERN_MAX];
    bool is_global;
    size_t count, lines, last_line; /* what was done */
};

/* Up to the delimiter, which a backslash keeps in the text. */
static bool read_part(const char **at, char delimiter, char out[PATTERN_MAX])
{
    size_t len = 0;
    for (; **at && **at != delimiter; (*at)++) {
        bool is_escape = **at == '\\' && (*at)[1];
        if (is_escape && (*at)[1] == delimiter)
            (*at)++;
        else if (is_escape && len + 2 < PATTERN_MAX)
            out[len++] = *(*at)++;
        if (len + 1 >= PATTERN_MAX)
            return false;
        out[len++] = **at;
    }
    *at += **at == delimiter;
    out[len] = '\0';
    return true;
}

static bool has_capital(const char *text)
{
    for (; *text; text++)
        if (isupper((unsigned char)*text))
            return true;
    return false;
}

static bool read_substitution(struct editor *editor, const char *at, struct substitution *it, struct err *err)
{
    char delimiter = *at++;
    if (!read_part(&at, delimiter, it->pattern) || !read_part(&at, delimiter, it->with))
        return err_set(err, ERR_USAGE, ":s takes at most %d bytes for each part", PATTERN_MAX - 1);
    if (!it->pattern[0] && editor->search.needle_len < PATTERN_MAX)
        memcpy(it->pattern, editor->search.needle, editor->search.needle_len);
    if (!it->pattern[0])
        return err_set(err, ERR_USAGE, "nothing was searched for yet: give :s a pattern");
    bool ignores_case = !has_capital(it->pattern);
    for (; *at; at++) {
        if (*at == 'i' || *at == 'I')
            ignores_case = *at == 'i';
        else if (*at == 'g')
            it->is_global = true;
        else if (*at != ' ')
            return err_set(err, ERR_USAGE, ":s has no flag \"%c\": g all in a line, i any case, I exact case", *at);
    }
    bool showed = editor->search.shows;
    editor_set_needle(editor, it->pattern, strlen(it->pattern), NEEDLE_PATTERN); /* n goes on with it */
    editor->search.shows = showed;
    return editor_compile(it->pattern, ignores_case, &it->regex, err);
}

/* & and \0 the match, \1..\9 its groups, \n a newline, \x any other x itself. */
static void put_replacement(const struct substitution *it, const char *line, const regmatch_t *groups, struct buf *out)
{
    for (const char *at = it->with; *at; at++) {
        int group = *at == '&' ? 0 : *at == '\\' && isdigit((unsigned char)at[1]) ? at[1] - '0' : -1;
        if (group >= 0 && groups[group].rm_so >= 0)
            buf_append(out, line + groups[group].rm_so, (size_t)(groups[group].rm_eo - groups[group].rm_so));
        if (*at == '\\' && at[1])
            at++;
        if (group < 0)
            buf_putc(out, at > it->with && at[-1] == '\\' && (*at == 'n' || *at == 'r') ? '\n' : *at);
    }
}

static void substitute_line(struct substitution *it, const char *line, size_t len, struct buf *out)
{
    size_t at = 0;
    while (at <= len && !out->failed) {
        regmatch_t groups[GROUPS] = {{.rm_so = (regoff_t)at, .rm_eo = (regoff_t)len}};
        if (regexec(&it->regex, line, GROUPS, groups, REG_STARTEND | (at ? REG_NOTBOL : 0)))
            break;
        size_t from = (size_t)groups[0].rm_so, to = (size_t)groups[0].rm_eo;
        buf_append(out, line + at, from - at);
        put_replacement(it, line, groups, out);
        it->count++;
        at = to;
        if (to == from && at < len) /* an empty match: go on behind the next byte */
            buf_putc(out, line[at++]);
        else if (to == from)
            at++;
        if (!it->is_global)
            break;
    }
    if (at < len)
        buf_append(out, line + at, len - at);
}

static void substitute_lines(struct editor *editor, const struct command *command, struct substitution *it,
                             struct buf *out)
{
    struct store *store = &editor->store;
    size_t from = store_line_start(store, command->first), end = store_line_end(store, command->last);
    const char *text = store_view(store, from, end);
    for (size_t line = command->first; line <= command->last; line++) {
        size_t start = store_line_start(store, line), before = it->count;
        substitute_line(it, text + (start - from), store_line_end(store, line) - start, out);
        if (line < command->last)
            buf_putc(out, '\n');
        it->lines += it->count > before;
        it->last_line = it->count > before ? line : it->last_line;
    }
}

static bool run_substitute(struct editor *editor, const struct command *command, struct err *err)
{
    struct substitution it = {.count = 0};
    if (!read_substitution(editor, command->at + 1, &it, err))
        return false;
    struct buf out = BUF_INIT(editor->store.max + 1);
    substitute_lines(editor, command, &it, &out);
    regfree(&it.regex);
    size_t from = store_line_start(&editor->store, command->first), end = store_line_end(&editor->store, command->last);
    bool ok = !out.failed || err_set(err, ERR_USAGE, "the text would be too long: nothing was replaced");
    ok = ok && (it.count > 0 || err_set(err, ERR_NOT_FOUND, "not found: %.80s", it.pattern));
    if (ok && editor_change(editor, from, end - from, buf_text(&out), out.len)) {
        editor_move_to(editor, editor_line_text(editor, store_line_start(&editor->store, it.last_line)));
        editor_say(editor, "%zu replaced in %zu %s", it.count, it.lines, it.lines == 1 ? "line" : "lines");
    }
    buf_done(&out);
    return ok;
}

static bool run_delete(struct editor *editor, const struct command *command, struct err *err)
{
    (void)err;
    size_t from = store_line_start(&editor->store, command->first);
    size_t to = store_line_start(&editor->store, command->last + 1);
    editor_keep(editor, 0, from, to, KILL_LINES);
    if (command->last + 1 >= editor->store.line_count && from > 0)
        from--;
    editor_change(editor, from, to - from, "", 0);
    editor_move_to(editor, editor_line_text(editor, from));
    return true;
}

static bool run_no_highlight(struct editor *editor, const struct command *command, struct err *err)
{
    (void)command, (void)err;
    editor->search.shows = false;
    return true;
}

static bool run_goto(struct editor *editor, const struct command *command, struct err *err)
{
    (void)err;
    editor->jump = editor->cursor;
    editor_move_to(editor, editor_line_text(editor, store_line_start(&editor->store, command->last)));
    return true;
}

static bool is_substitute(const struct command *command)
{
    return command->at[0] == 's' && ispunct((unsigned char)command->at[1]) && command->at[1] != '"';
}
static bool is_delete(const struct command *command)
{
    return command->addresses > 0 && !strcmp(command->at, "d");
}
static bool is_no_highlight(const struct command *command)
{
    return !strncmp(command->at, "noh", 3) && !strncmp("nohlsearch", command->at, strlen(command->at));
}
static bool is_goto(const struct command *command)
{
    return command->addresses > 0 && !command->at[0];
}

static const struct {
    bool (*is)(const struct command *command);
    bool (*run)(struct editor *editor, const struct command *command, struct err *err);
} commands[] = {
    {.is = is_substitute, .run = run_substitute},
    {.is = is_delete, .run = run_delete},
    {.is = is_no_highlight, .run = run_no_highlight},
    {.is = is_goto, .run = run_goto},
};

bool editor_command(struct editor *editor, const char *line, bool *taken, struct err *err)
{
    struct command command = {.at = line};
    read_range(editor, &command);
    *taken = false;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!commands[i].is(&command))
            continue;
        *taken = true;
        editor->sequence++;
        editor_end_selection(editor);
        editor_begin(editor);
        bool ok = commands[i].run(editor, &command, err);
        editor_end(editor);
        editor_settle(editor);
        return ok;
    }
    return true;
}
