/* The shell of weir sql: GNU readline with a history of its own and completion from the catalog, which is read in the
 * background (the Catalog's feed). Ctrl-C at the prompt forgets the line; while a query runs it stops the query at the
 * service and waits for its last word, and a second one leaves (cli.c). Readline keeps its state in globals and calls
 * back without a context, therefore there is one shell and one pointer to it. Main thread. */
#include "backend/base/clock.h"
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/core/feed.h"
#include "backend/core/snap.h"
#include "backend/domain/completion.h"
#include "tui/cli/sql.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>
/* readline wants stdio first */
#include <readline/history.h>
#include <readline/readline.h>

enum {
    HISTORY_MAX = 2000,
    HISTORY_LINE_MAX = SQL_TEXT_MAX,
    NEWLINE_MARK = '\001',
    PROMPT_MAX = 320,
    CATALOG_WAIT_MS = 3000
};

struct shell {
    struct sql_session session;
    struct catalog *catalog;
    struct completion completion;
    char history[PATH_SIZE]; /* "" none */
    int wake_fd;
    bool is_interrupted; /* Ctrl-C at the prompt */
    bool has_waited;     /* for the catalog's first snapshot */
};
static struct shell *the_shell; /* readline's callbacks have no context */

/* --- the terminal --- */
static void wake(void *context)
{
    uint64_t one = 1;
    ssize_t ignored = write(((struct shell *)context)->wake_fd, &one, sizeof one);
    (void)ignored;
}

/* A signal came: one that ends programs, or an interrupt whose query has ended (Ctrl-C itself is a key here). */
static bool has_to_leave(void)
{
    uint64_t count;
    ssize_t ignored = read(the_shell->wake_fd, &count, sizeof count);
    (void)ignored;
    if (cli_take_interrupt(the_shell->session.sql->cli))
        return false;
    the_shell->session.is_leaving = true;
    rl_done = 1;
    return true;
}

/* One byte of the terminal; EOF when a signal ended the program's work. */
static int read_byte(FILE *stream)
{
    (void)stream;
    for (;;) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = the_shell->wake_fd, .events = POLLIN}};
        unsigned char byte;
        if (poll(fds, 2, -1) < 0) {
            if (errno != EINTR)
                return EOF;
            rl_check_signals(); /* the size of the terminal, Ctrl-Z */
            continue;
        }
        if (fds[1].revents && has_to_leave())
            return EOF;
        if (!fds[0].revents)
            continue;
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n == 1)
            return byte;
        if (n == 0 || errno != EINTR)
            return EOF;
    }
}

/* Ctrl-C is a key at the prompt, a signal while a query runs. */
static void prepare_terminal(int meta)
{
    struct termios mode;
    rl_prep_terminal(meta);
    if (tcgetattr(STDIN_FILENO, &mode) != 0)
        return;
    mode.c_cc[VINTR] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

static int forget_line(int count, int key)
{
    (void)count;
    (void)key;
    the_shell->is_interrupted = true;
    rl_point = rl_end;
    rl_redisplay();
    fputs("^C", rl_outstream);
    rl_replace_line("", 0);
    rl_done = 1;
    return 0;
}

/* --- history: one line of the file for each statement, its line ends as a mark --- */
static void swap_bytes(char *text, char from, char to)
{
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

static void load_history(struct shell *shell)
{
    char dir[PATH_SIZE];
    using_history();
    stifle_history(HISTORY_MAX);
    if (!path_xdg_dir(XDG_STATE, dir, NULL) || !path_join(shell->history, dir, "history-sql", NULL)) {
        *shell->history = '\0';
        return;
    }
    read_history(shell->history); /* none yet is no error */
    for (int i = 0; i < history_length; i++)
        swap_bytes(history_get(history_base + i)->line, NEWLINE_MARK, '\n');
    using_history();
}

static void remember(const char *text)
{
    struct shell *shell = the_shell;
    char dir[PATH_SIZE];
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (!*text || strlen(text) > HISTORY_LINE_MAX || (last && strcmp(last->line, text) == 0))
        return;
    add_history(text);
    if (!*shell->history || !path_xdg_dir(XDG_STATE, dir, NULL) || !path_make_dirs(dir, 0700, NULL))
        return;
    int fd = open(shell->history, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char *line = strdup(text);
    if (fd >= 0 && line) {
        swap_bytes(line, '\n', NEWLINE_MARK);
        dprintf(fd, "%s\n", line);
    }
    free(line);
    if (fd >= 0)
        close(fd);
}

static bool print_history(FILE *out)
{
    struct buf clean = BUF_INIT(8 * HISTORY_LINE_MAX);
    for (int i = 0; i < history_length; i++) {
        const char *line = history_get(history_base + i)->line;
        if (out != stdout) {
            fprintf(out, "%s\n", line);
            continue;
        }
        buf_clear(&clean);
        for (const char *at = line; *at; at += *at == '\n') {
            size_t len = strcspn(at, "\n");
            text_clean(at, len, &clean);
            buf_puts(&clean, "\n");
            at += len;
        }
        fputs(buf_text(&clean), out);
    }
    buf_done(&clean);
    return !ferror(out);
}

/* The file holds what the memory does: not more than HISTORY_MAX. */
static void trim_history(const struct shell *shell)
{
    if (*shell->history)
        history_truncate_file(shell->history, HISTORY_MAX);
}

/* --- completion --- */
/* A label that readline can show as it is. */
static bool is_printable(const char *label)
{
    struct buf clean = BUF_INIT(64 * 1024);
    text_clean(label, strlen(label), &clean);
    bool same = strcmp(buf_text(&clean), label) == 0;
    buf_done(&clean);
    return same;
}

static size_t common_length(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] && a[len] == b[len])
        len++;
    return len;
}

/* The list as readline wants it: [0] what all have in common, or what is typed when that would be lost. */
static char **list_of(char **words, size_t count, const char *typed)
{
    char **list = calloc(count + 2, sizeof *list);
    size_t common = strlen(words[0]);
    for (size_t i = 1; i < count; i++) {
        size_t same = common_length(words[0], words[i]);
        common = same < common ? same : common;
    }
    if (!list)
        return NULL;
    list[0] = count == 1 || common >= strlen(typed) ? strndup(words[0], common) : strdup(typed);
    for (size_t i = 0; i < count; i++) /* of one word readline takes [0] alone */
        if (count == 1)
            free(words[i]);
        else
            list[i + 1] = words[i];
    return list;
}

/* Does the candidate go on from what is typed, but for a quote that it adds? */
static bool goes_on(const char *label, const char *typed)
{
    bool adds_quote = (*label == '"' || *label == '`') && *typed != *label;
    return strncasecmp(label + adds_quote, typed, strlen(typed)) == 0;
}

static char append_character(const struct completion_item *only)
{
    if (only && only->kind == COMPLETION_FUNCTION)
        return '(';
    return only && only->kind == COMPLETION_KEYWORD ? ' ' : '\0';
}

/* text: what the candidates replace; readline replaces only what is behind `before` bytes of it. Candidates that go on
 * from it, or, when none does, all. */
static char **matches_of(const struct completion *found, const char *text, size_t len, size_t before)
{
    char **words = calloc(found->count + 1, sizeof *words), **list = NULL;
    char *typed = strndup(text, len);
    const struct completion_item *only = NULL;
    bool any = false;
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++)
        any = any || goes_on(found->items[i].label, typed);
    for (size_t i = 0; words && i < found->count; i++) {
        const char *label = found->items[i].label;
        bool fits = strlen(label) >= before && strncasecmp(label, typed, before) == 0 && is_printable(label);
        if (!fits || (any && !goes_on(label, typed)))
            continue;
        only = &found->items[i];
        words[count++] = strdup(label + before);
    }
    rl_completion_append_character = append_character(count == 1 ? only : NULL);
    if (count)
        list = list_of(words, count, typed + before);
    free(words);
    free(typed);
    return list;
}

/* Or a failure: then none will come. */
static bool has_tables(const struct snap *snap)
{
    const struct catalog_view *view = snap ? snap->value : NULL;
    return view ? !view->is_loading : snap != NULL;
}

/* The catalog's newest snapshot. The first time it, or its tables, may still be on the way: the wait for them has an
 * end and happens once. NULL: none yet. */
static const struct snap *take_catalog(struct shell *shell)
{
    const struct snap *snap = snap_slot_get(catalog_slot(shell->catalog));
    int64_t end_ms = clock_mono(&clock_system) + CATALOG_WAIT_MS, left;
    while (!has_tables(snap) && !shell->has_waited && (left = end_ms - clock_mono(&clock_system)) > 0 &&
           cli_wait_change(shell->session.sql->cli, left)) {
        snap_put(snap);
        snap = snap_slot_get(catalog_slot(shell->catalog));
    }
    shell->has_waited = true;
    return snap;
}

/* Candidates at the cursor of a text; `word` is where readline's word begins in it. */
static char **complete_text(struct shell *shell, const struct buf *text, size_t cursor, size_t word)
{
    const struct snap *snap = take_catalog(shell);
    struct completion *found = &shell->completion;
    struct completion_request request = {.view = snap ? snap->value : NULL,
                                         .database = shell->session.sql->database,
                                         .text = buf_text(text),
                                         .len = text->len,
                                         .cursor = cursor};
    char **list = NULL;
    completion_find(&request, found);
    if (found->count && found->start <= word)
        list = matches_of(found, request.text + found->start, cursor - found->start, word - found->start);
    completion_done(found);
    snap_put(snap);
    return list;
}

/* The statement typed so far with the present line. */
static char **complete_statement(struct shell *shell, int start)
{
    struct buf text = BUF_INIT(SQL_SCRIPT_MAX);
    size_t before = shell->session.query.len;
    buf_append(&text, buf_text(&shell->session.query), before);
    buf_append(&text, rl_line_buffer, (size_t)rl_end);
    char **list = text.failed ? NULL : complete_text(shell, &text, before + (size_t)rl_point, before + (size_t)start);
    buf_done(&text);
    return list;
}

static char *next_command(const char *text, int state)
{
    static const char *const *at; /* readline asks one by one */
    if (state == 0)
        at = sql_meta_names();
    while (*at) {
        const char *name = *at++;
        if (strncmp(name, text, strlen(text)) == 0)
            return strdup(name);
    }
    return NULL;
}

/* A command's own name, or its argument: what a statement would take there. */
static char **complete_command(struct shell *shell, const char *text, int start)
{
    static const struct {
        const char *command, *statement;
    } like[] = {{.command = "\\d ", .statement = "DESCRIBE "},
                {.command = "\\dt ", .statement = "DESCRIBE "},
                {.command = "\\c ", .statement = "USE "},
                {.command = "\\connect ", .statement = "USE "}};
    static const char *const files[] = {"\\i ", "\\o ", "\\g ", "\\gx ", "\\e ", "\\s "};
    rl_completion_append_character = ' ';
    if (!memchr(rl_line_buffer, ' ', (size_t)rl_point))
        return rl_completion_matches(text, next_command);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strncmp(rl_line_buffer, files[i], strlen(files[i])) == 0)
            rl_attempted_completion_over = 0; /* names of files */
    for (size_t i = 0; i < sizeof like / sizeof *like; i++) {
        size_t len = strlen(like[i].command), size = strlen(like[i].statement);
        if (strncmp(rl_line_buffer, like[i].command, len) != 0 || (size_t)start < len)
            continue;
        struct buf line = BUF_INIT(SQL_TEXT_MAX);
        buf_puts(&line, like[i].statement);
        buf_append(&line, rl_line_buffer + len, (size_t)rl_point - len);
        char **list = line.failed ? NULL : complete_text(shell, &line, line.len, size + (size_t)start - len);
        buf_done(&line);
        return list;
    }
    return NULL;
}

static char **complete(const char *text, int start, int end)
{
    struct shell *shell = the_shell;
    (void)end;
    rl_attempted_completion_over = 1; /* never file names of its own accord */
    rl_sort_completion_matches = 0;   /* they come best first */
    if (*rl_line_buffer == '\\' && shell->session.query.len == 0)
        return complete_command(shell, text, start);
    return complete_statement(shell, start);
}

/* --- the loop --- */
static void make_prompt(const struct shell *shell, char out[PROMPT_MAX])
{
    struct dialect_part part;
    size_t offset = 0;
    char database[SQL_NAME_MAX];
    bool is_begun = dialect_split(buf_text(&shell->session.query), shell->session.query.len, &offset, &part);
    text_clean_into(shell->session.sql->database, database, sizeof database);
    snprintf(out, PROMPT_MAX, "%s%s> ", database, part.is_open ? "'" : is_begun ? "-" : "=");
}

static void catalog_changed(struct sql_session *session)
{
    feed_refresh(catalog_feed(session_catalog(session->sql->cli->session)));
}

static void set_up(struct shell *shell)
{
    the_shell = shell;
    load_history(shell);
    rl_readline_name = "weir-sql"; /* for $if in inputrc */
    rl_getc_function = read_byte;
    rl_prep_term_function = prepare_terminal;
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = " \t\n\\,;()=<>+-*/%|'[]{}:.?!^&";
    rl_completer_quote_characters = NULL;
    rl_variable_bind("completion-ignore-case", "on");
    rl_variable_bind("enable-bracketed-paste", "on");
    rl_initialize();
    rl_bind_key(CTRL('C'), forget_line);
    rl_bind_key_in_map(CTRL('C'), forget_line, vi_insertion_keymap);
    rl_bind_key_in_map(CTRL('C'), forget_line, vi_movement_keymap);
    shell->catalog = session_catalog(shell->session.sql->cli->session);
    feed_refresh(catalog_feed(shell->catalog)); /* once; again when a statement may have changed it */
}

static void read_lines(struct shell *shell)
{
    struct sql_session *session = &shell->session;
    while (!session->is_leaving) {
        char prompt[PROMPT_MAX];
        make_prompt(shell, prompt);
        shell->is_interrupted = false;
        char *line = readline(prompt);
        if (!line && !session->is_leaving)
            fputs("\n", stdout);
        if (shell->is_interrupted)
            buf_clear(&session->query);
        else if (line && !session->is_leaving && (*line || session->query.len))
            sql_session_line(session, line);
        else if (!line)
            session->is_leaving = true;
        free(line);
    }
}

int sql_shell(struct sql *sql)
{
    struct err err = ERR_NONE;
    struct shell *shell = calloc(1, sizeof *shell);
    shell->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shell->wake_fd < 0) {
        err_set_errno(&err, ERR_IO, "cannot start the shell");
        free(shell);
        return cli_fail(sql->cli, &err);
    }
    struct cancel_waker waker = {.wake = wake, .context = shell};
    sql->is_shell = true;
    shell->session = (struct sql_session){.sql = sql,
                                          .query = BUF_INIT(SQL_SCRIPT_MAX),
                                          .last = BUF_INIT(SQL_SCRIPT_MAX),
                                          .remember = remember,
                                          .print_history = print_history,
                                          .catalog_changed = catalog_changed};
    set_up(shell);
    puts("weir sql: \\? lists the commands, \\q leaves");
    cancel_watch(&sql->cli->cancel, &waker);
    read_lines(shell);
    cancel_unwatch(&sql->cli->cancel, &waker);
    trim_history(shell);
    sql_session_done(&shell->session);
    close(shell->wake_fd);
    free(shell);
    the_shell = NULL;
    return 0;
}
