/* The shell's commands: one row each. See sql.h. */
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/domain/catalog.h"
#include "backend/domain/estimate.h"
#include "tui/cli/output.h"
#include "tui/cli/sql.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

struct meta {
    const char *name, *arguments, *help;
    bool (*run)(struct sql_session *session, const char *argument, struct err *err);
};
static const struct meta metas[];

/* --- the catalog --- */
static bool print_rows(struct cli *cli, const struct column *columns, const void *rows, size_t count, size_t size,
                       struct err *err)
{
    struct output *output = output_open(cli, columns, NULL);
    for (size_t i = 0; i < count; i++)
        output_row(output, (const char *)rows + i * size);
    return output_close(output, err);
}

static bool show_table(struct sql *sql, struct arena *arena, const char *database, const char *name, struct err *err)
{
    struct catalog_table table;
    if (!catalog_read_table(sql->aws, database, name, &sql->cli->cancel, arena, &table, err) ||
        !print_rows(sql->cli, catalog_column_columns, table.columns, table.column_count, sizeof *table.columns, err))
        return false;
    if (strcmp(sql->cli->config->format, "table") == 0)
        catalog_print_facts(&table, sql->cli->config->athena_price_cents, stdout);
    return true;
}

static bool show_tables(struct sql *sql, struct arena *arena, const char *database, struct err *err)
{
    struct catalog_list list = {0};
    if (!catalog_read_tables(sql->aws, database, &sql->cli->cancel, arena, &list, err))
        return false;
    if (list.count == 0)
        fprintf(stderr, "no tables in %s\n", database);
    return print_rows(sql->cli, catalog_table_columns, list.tables, list.count, sizeof *list.tables, err);
}

/* Names may be quoted here as they are in statements. */
static void unquote(const char *text, char out[2 * SQL_NAME_MAX])
{
    size_t len = 0;
    for (; *text && len + 1 < 2 * SQL_NAME_MAX; text++)
        if (*text != '"' && *text != '`')
            out[len++] = *text;
    out[len] = '\0';
}

static bool meta_describe(struct sql_session *session, const char *quoted, struct err *err)
{
    char argument[2 * SQL_NAME_MAX];
    unquote(quoted, argument);
    struct sql *sql = session->sql;
    struct arena *arena = arena_new(CATALOG_ARENA);
    char database[SQL_NAME_MAX];
    size_t len = strcspn(argument, ".");
    bool has_dot = argument[len] == '.';
    snprintf(database, sizeof database, "%.*s", has_dot ? (int)len : SQL_NAME_MAX, has_dot ? argument : sql->database);
    const char *name = has_dot ? argument + len + 1 : argument;
    bool ok = *name ? show_table(sql, arena, database, name, err) : show_tables(sql, arena, database, err);
    arena_free(arena);
    return ok;
}

static bool meta_list(struct sql_session *session, const char *argument, struct err *err)
{
    struct sql *sql = session->sql;
    struct arena *arena = arena_new(CATALOG_ARENA);
    struct catalog_list list = {0};
    (void)argument;
    bool ok = catalog_read_databases(sql->aws, &sql->cli->cancel, arena, &list, err) &&
              print_rows(sql->cli, catalog_database_columns, list.databases, list.count, sizeof *list.databases, err);
    arena_free(arena);
    return ok;
}

static bool meta_connect(struct sql_session *session, const char *quoted, struct err *err)
{
    char argument[2 * SQL_NAME_MAX];
    unquote(quoted, argument);
    if (!*argument)
        return err_set(err, ERR_USAGE, "\\c DATABASE: name one; \\l lists them");
    if (!sql_use(session->sql, argument, err))
        return false;
    fprintf(stderr, "database %s\n", session->sql->database);
    return true;
}

/* --- settings --- */
static bool toggle(const char *name, const char *argument, bool *value, struct err *err)
{
    if (!*argument)
        *value = !*value;
    else if (strcasecmp(argument, "on") == 0 || strcasecmp(argument, "off") == 0)
        *value = strcasecmp(argument, "on") == 0;
    else
        return err_set(err, ERR_USAGE, "\\%s %.40s: on, off, or nothing for the other one", name, argument);
    fprintf(stderr, "%s %s\n", name, *value ? "on" : "off");
    return true;
}

static bool meta_timing(struct sql_session *session, const char *argument, struct err *err)
{
    return toggle("timing", argument, &session->sql->has_timing, err);
}

static bool meta_expanded(struct sql_session *session, const char *argument, struct err *err)
{
    return toggle("x", argument, &session->sql->is_expanded, err);
}

static bool meta_dry(struct sql_session *session, const char *argument, struct err *err)
{
    return toggle("dry", argument, &session->sql->is_dry, err);
}

static bool meta_format(struct sql_session *session, const char *argument, struct err *err)
{
    static const char *const formats[] = {"table", "csv", "json", "jsonl"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(formats[i], argument) == 0) {
            snprintf(session->sql->format, sizeof session->sql->format, "%s", formats[i]);
            return true;
        }
    return err_set(err, ERR_USAGE, "\\format %.40s: table, csv, json or jsonl", argument);
}

static bool meta_limit(struct sql_session *session, const char *argument, struct err *err)
{
    uint64_t limit = 0;
    char words[TEXT_SHORT];
    if (*argument && (!text_parse_bytes(argument, &limit) || limit > INT64_MAX))
        return err_set(err, ERR_USAGE, "\\limit %.40s: give a size such as 500MB, or 0", argument);
    if (*argument)
        session->sql->max_scan = (int64_t)limit;
    fprintf(stderr, "limit %s\n",
            session->sql->max_scan ? text_bytes((uint64_t)session->sql->max_scan, words) : "none");
    return true;
}

/* --- output --- */
static bool meta_output(struct sql_session *session, const char *argument, struct err *err)
{
    return sql_session_redirect(session, argument, err);
}

static bool meta_go(struct sql_session *session, const char *argument, struct err *err)
{
    char before[PATH_SIZE];
    snprintf(before, sizeof before, "%s", session->redirect);
    if (*argument && !sql_session_redirect(session, argument, err))
        return false;
    bool ok = sql_session_go(session);
    return (!*argument || sql_session_redirect(session, before, err)) && ok;
}

static bool meta_go_expanded(struct sql_session *session, const char *argument, struct err *err)
{
    bool before = session->sql->is_expanded;
    session->sql->is_expanded = true;
    bool ok = meta_go(session, argument, err);
    session->sql->is_expanded = before;
    return ok;
}

static bool meta_include(struct sql_session *session, const char *argument, struct err *err)
{
    if (!*argument)
        return err_set(err, ERR_USAGE, "\\i FILE: name one");
    return sql_session_file(session, argument, err);
}

/* --- what is typed --- */
static const struct buf *present(const struct sql_session *session)
{
    return session->query.len ? &session->query : &session->last;
}

static void print_text(FILE *out, const char *text, size_t len)
{
    struct buf line = BUF_INIT(SQL_SCRIPT_MAX);
    for (const char *at = text, *end = text + len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        buf_clear(&line);
        text_clean(at, (size_t)(stop - at), &line);
        fprintf(out, "%s\n", buf_text(&line));
        at = stop < end ? stop + 1 : end;
    }
    buf_done(&line);
}

static bool meta_print(struct sql_session *session, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    const struct buf *text = present(session);
    if (text->len)
        print_text(stdout, buf_text(text), text->len);
    else
        fputs("nothing has been typed\n", stderr);
    return true;
}

static bool meta_reset(struct sql_session *session, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    buf_clear(&session->query);
    return true;
}

static bool meta_estimate(struct sql_session *session, const char *argument, struct err *err)
{
    (void)argument;
    const struct buf *text = present(session);
    bool before = session->sql->is_dry;
    if (!text->len)
        return err_set(err, ERR_USAGE, "\\estimate: nothing has been typed");
    session->sql->is_dry = true;
    bool ok = sql_run_text(session->sql, buf_text(text), text->len, err);
    session->sql->is_dry = before;
    *err = ERR_NONE; /* said already */
    return ok;
}

/* The editor in the foreground, with signals as it expects them. */
static bool run_editor(const char *path, struct err *err)
{
    const char *editor = getenv("VISUAL");
    editor = editor && *editor ? editor : getenv("EDITOR");
    editor = editor && *editor ? editor : "vi";
    char command[1024];
    if (snprintf(command, sizeof command, "exec %s \"$1\"", editor) >= (int)sizeof command)
        return err_set(err, ERR_CONFIG, "VISUAL or EDITOR is too long");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid < 0)
        return err_set_errno(err, ERR_IO, "cannot start the editor");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, ERR_FAILED, "the editor (%.60s) ended badly: the text is as it was", editor);
    return true;
}

static bool edit_file(struct sql_session *session, const char *path, struct err *err)
{
    struct buf text = BUF_INIT(SQL_SCRIPT_MAX);
    bool ok = run_editor(path, err) && path_read(path, &text, err);
    if (ok) {
        while (text.len > 0 && isspace((unsigned char)text.data[text.len - 1]))
            text.data[--text.len] = '\0';
        buf_clear(&session->query);
        print_text(stdout, buf_text(&text), text.len);
        ok = text.len == 0 || sql_session_line(session, buf_text(&text));
        *err = ERR_NONE; /* said already */
    }
    buf_done(&text);
    return ok;
}

/* The present text in a file of ours, private as the history is. */
static bool meta_edit(struct sql_session *session, const char *argument, struct err *err)
{
    char dir[PATH_SIZE], path[PATH_SIZE];
    const struct buf *text = present(session);
    if (*argument)
        return edit_file(session, argument, err);
    if (!path_xdg_dir(XDG_STATE, dir, err) || !path_make_dirs(dir, 0700, err) ||
        !path_join(path, dir, "edit-XXXXXX.sql", err))
        return false;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot write %s", path);
    bool ok = write(fd, buf_text(text), text->len) == (ssize_t)text->len && write(fd, "\n", 1) == 1;
    close(fd);
    ok = ok ? edit_file(session, path, err) : err_set_errno(err, ERR_IO, "cannot write %s", path);
    unlink(path);
    return ok;
}

static bool meta_history(struct sql_session *session, const char *argument, struct err *err)
{
    FILE *out = *argument ? fopen(argument, "we") : stdout;
    if (!out)
        return err_set_errno(err, ERR_IO, "cannot write %s", argument);
    bool ok = !session->print_history || session->print_history(out);
    if (out != stdout && fclose(out) != 0)
        ok = false;
    return ok || err_set_errno(err, ERR_IO, "cannot write %s", *argument ? argument : "the history");
}

static bool meta_help(struct sql_session *session, const char *argument, struct err *err)
{
    (void)session;
    (void)argument;
    (void)err;
    for (const struct meta *meta = metas; meta->name; meta++) {
        int used = printf("  \\%s%s%s", meta->name, *meta->arguments ? " " : "", meta->arguments);
        printf("%*s%s\n", used < 22 ? 22 - used : 1, "", meta->help);
    }
    puts(
        "  statement;          runs it; without ';' it goes on over lines. Tab completes, Ctrl-C stops, Ctrl-D leaves");
    return true;
}

static bool meta_quit(struct sql_session *session, const char *argument, struct err *err)
{
    (void)argument;
    (void)err;
    session->is_leaving = true;
    return true;
}

static const struct meta metas[] = {
    {.name = "d",
     .arguments = "[TABLE]",
     .help = "columns and figures of a table, or the tables",
     .run = meta_describe},
    {.name = "l", .arguments = "", .help = "the databases", .run = meta_list},
    {.name = "c", .arguments = "DATABASE", .help = "names without a database are in this one", .run = meta_connect},
    {.name = "g", .arguments = "[FILE]", .help = "run what is typed, or the last statement again", .run = meta_go},
    {.name = "gx", .arguments = "[FILE]", .help = "the same, a line for each value", .run = meta_go_expanded},
    {.name = "estimate", .arguments = "", .help = "what that would scan and cost", .run = meta_estimate},
    {.name = "e",
     .arguments = "[FILE]",
     .help = "edit it in $VISUAL or $EDITOR; a ';' at its end runs it",
     .run = meta_edit},
    {.name = "p", .arguments = "", .help = "print it", .run = meta_print},
    {.name = "r", .arguments = "", .help = "forget what is typed", .run = meta_reset},
    {.name = "i", .arguments = "FILE", .help = "run the lines of a file", .run = meta_include},
    {.name = "o", .arguments = "[FILE]", .help = "rows go to this file, or to the terminal again", .run = meta_output},
    {.name = "format", .arguments = "NAME", .help = "table, csv, json or jsonl", .run = meta_format},
    {.name = "x", .arguments = "[on|off]", .help = "a line for each value", .run = meta_expanded},
    {.name = "timing", .arguments = "[on|off]", .help = "say how long statements took", .run = meta_timing},
    {.name = "dry", .arguments = "[on|off]", .help = "run nothing, only estimate", .run = meta_dry},
    {.name = "limit",
     .arguments = "[SIZE]",
     .help = "ask before a statement that scans more; 0 is none",
     .run = meta_limit},
    {.name = "s", .arguments = "[FILE]", .help = "the history", .run = meta_history},
    {.name = "?", .arguments = "", .help = "this help", .run = meta_help},
    {.name = "q", .arguments = "", .help = "leave", .run = meta_quit},
    {.name = NULL},
};
/* names that users of psql type */
static const char *const aliases[][2] = {
    {"dt", "d"},      {"d+", "d"},    {"dn", "l"},   {"list", "l"},    {"connect", "c"},
    {"history", "s"}, {"h", "?"},     {"help", "?"}, {"quit", "q"},    {"exit", "q"},
    {"reset", "r"},   {"print", "p"}, {"edit", "e"}, {"include", "i"}, {"u", "c"},
};

static const struct meta *find(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i][0], name) == 0)
            name = aliases[i][1];
    for (const struct meta *meta = metas; meta->name; meta++)
        if (strcmp(meta->name, name) == 0)
            return meta;
    return NULL;
}

bool sql_meta(struct sql_session *session, const char *line, struct err *err)
{
    char name[32], argument[PATH_SIZE], clean[64];
    line++;
    size_t len = strcspn(line, " \t;");
    snprintf(name, sizeof name, "%.*s", (int)len, line);
    line += len;
    line += strspn(line, " \t");
    if (snprintf(argument, sizeof argument, "%s", line) >= (int)sizeof argument)
        return err_set(err, ERR_USAGE, "\\%s: the argument is too long", name);
    for (size_t end = strlen(argument);
         end > 0 && (isspace((unsigned char)argument[end - 1]) || argument[end - 1] == ';');)
        argument[--end] = '\0';
    const struct meta *meta = len < sizeof name ? find(name) : NULL;
    if (!meta)
        return err_set(err, ERR_USAGE, "unknown command \\%s; \\? lists the commands",
                       text_clean_into(name, clean, sizeof clean));
    return meta->run(session, argument, err);
}

const char *const *sql_meta_names(void)
{
    static const char *names[sizeof metas / sizeof *metas];
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++)
        names[i] = metas[i].name;
    return names;
}
