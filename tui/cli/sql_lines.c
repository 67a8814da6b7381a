/* Lines typed or read into statements and commands: what a ';' ends is run, a '\' outside strings begins a command. */
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "tui/cli/sql.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { INCLUDE_DEPTH = 16 };

/* The first '\' of the text outside strings, quoted names and comments; len when there is none. */
static size_t find_command(const char *text, size_t len)
{
    struct dialect_token token;
    size_t offset = 0;
    int state = 0;
    while (dialect_token(text, len, &offset, &state, &token))
        if (token.kind == TOKEN_ERROR && text[token.start] == '\\')
            return token.start;
    return len;
}

static void take_back_interrupt(struct sql_session *session)
{
    if (!cli_take_interrupt(session->sql->cli))
        session->is_leaving = true;
}

static bool run_one(struct sql_session *session, const char *text, size_t len)
{
    struct err err = ERR_NONE;
    struct dialect_nature nature = dialect_nature(text, len);
    buf_clear(&session->last);
    buf_append(&session->last, text, len);
    bool ok = sql_run_statement(session->sql, buf_text(&session->last), session->last.len, &err);
    fflush(session->sql->out);
    if (!ok && err.code == ERR_CANCELLED)
        fprintf(stderr, "cancelled: %s\n", err.text);
    else if (!ok && err.code != ERR_OK)
        sql_fail(session->sql, buf_text(&session->last), session->last.len, &err);
    if (ok && !nature.only_reads && session->catalog_changed)
        session->catalog_changed(session);
    if (cancel_is_set(&session->sql->cli->cancel))
        take_back_interrupt(session);
    return ok;
}

static void remember(struct sql_session *session, const char *text, size_t len)
{
    if (!session->remember)
        return;
    struct buf line = BUF_INIT(SQL_SCRIPT_MAX);
    buf_append(&line, text, len);
    session->remember(buf_text(&line));
    buf_done(&line);
}

/* Runs the statements that are ended; the rest stays. */
static bool run_ended(struct sql_session *session)
{
    struct dialect_part part;
    size_t offset = 0, done = 0;
    bool ok = true;
    while (ok && dialect_split(buf_text(&session->query), session->query.len, &offset, &part) && part.is_ended) {
        const char *text = buf_text(&session->query);
        remember(session, text + part.start, part.next - part.start);
        ok = run_one(session, text + part.start, part.end - part.start);
        done = part.next;
    }
    if (!ok) {
        buf_clear(&session->query);
        return false;
    }
    buf_consume(&session->query, done);
    offset = 0;
    if (!dialect_split(buf_text(&session->query), session->query.len, &offset, &part) && !part.is_open)
        buf_clear(&session->query); /* only space and comments */
    return true;
}

bool sql_session_go(struct sql_session *session)
{
    struct dialect_part part;
    size_t offset = 0;
    if (!dialect_split(buf_text(&session->query), session->query.len, &offset, &part)) {
        buf_clear(&session->query);
        buf_append(&session->query, buf_text(&session->last), session->last.len);
    }
    if (session->query.len == 0)
        return true;
    buf_puts(&session->query, "\n;");
    bool ok = run_ended(session);
    buf_clear(&session->query);
    return ok;
}

static bool run_command(struct sql_session *session, const char *line)
{
    struct err err = ERR_NONE;
    if (sql_meta(session, line, &err))
        return true;
    if (err.code != ERR_OK)
        cli_fail(session->sql->cli, &err);
    if (cancel_is_set(&session->sql->cli->cancel))
        take_back_interrupt(session);
    return false;
}

bool sql_session_line(struct sql_session *session, const char *line)
{
    struct err err = ERR_NONE;
    size_t before = session->query.len;
    buf_puts(&session->query, line);
    size_t command = find_command(buf_text(&session->query), session->query.len);
    if (session->query.failed) {
        buf_clear(&session->query);
        err_set(&err, ERR_TOO_LARGE, "the statement is longer than %d MiB", SQL_SCRIPT_MAX >> 20);
        cli_fail(session->sql->cli, &err);
        return false;
    }
    if (command >= before && command < session->query.len) {
        session->query.len = command;
        session->query.data[command] = '\0';
        line += command - before;
        while (session->query.len > 0 && isspace((unsigned char)session->query.data[session->query.len - 1]))
            session->query.data[--session->query.len] = '\0';
        if (session->query.len > 0)
            buf_putc(&session->query, '\n');
        if (!run_ended(session))
            return false;
        bool is_alone = session->query.len == 0, ok = run_command(session, line);
        if (session->remember && is_alone && !session->is_leaving)
            session->remember(line);
        return ok;
    }
    buf_putc(&session->query, '\n');
    return run_ended(session);
}

/* Each line of the text; at its end a statement without ';' is run as well. */
static bool run_lines(struct sql_session *session, char *text)
{
    bool ok = true;
    for (char *line = text, *next; ok && line && !session->is_leaving; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        ok = sql_session_line(session, line);
    }
    struct dialect_part part;
    size_t offset = 0;
    if (ok && dialect_split(buf_text(&session->query), session->query.len, &offset, &part))
        ok = sql_session_go(session);
    return ok;
}

bool sql_session_file(struct sql_session *session, const char *path, struct err *err)
{
    struct buf text = BUF_INIT(SQL_SCRIPT_MAX);
    if (session->depth >= INCLUDE_DEPTH)
        return err_set(err, ERR_USAGE, "%s: files within files go %d deep", path, INCLUDE_DEPTH);
    bool ok = path_read(path, &text, err);
    if (ok) {
        void (*keep)(const char *) = session->remember;
        session->remember = NULL; /* a file's lines are not typed */
        session->depth++;
        ok = run_lines(session, text.data ? text.data : "");
        session->depth--;
        session->remember = keep;
        *err = ERR_NONE; /* said already */
    }
    buf_done(&text);
    return ok;
}

bool sql_session_redirect(struct sql_session *session, const char *path, struct err *err)
{
    struct sql *sql = session->sql;
    FILE *file = *path ? fopen(path, "we") : NULL;
    if (*path && !file)
        return err_set_errno(err, ERR_IO, "cannot write %s", path);
    bool ok = true;
    if (sql->out != stdout && fclose(sql->out) != 0)
        ok = err_set_errno(err, ERR_IO, "cannot write %s", session->redirect);
    sql->out = file ? file : stdout;
    sql->out_is_tty = !file && sql->cli->out_is_tty;
    snprintf(session->redirect, sizeof session->redirect, "%s", path);
    return ok;
}

void sql_session_done(struct sql_session *session)
{
    struct err err = ERR_NONE;
    if (session->sql->out != stdout && !sql_session_redirect(session, "", &err))
        cli_fail(session->sql->cli, &err);
    buf_done(&session->query);
    buf_done(&session->last);
}
