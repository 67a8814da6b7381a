/* Statements of a text, one after the other: what each will scan and whether that is allowed, the query itself, its
 * progress on stderr, its rows, and its figures. */
#include "backend/aws/athena.h"
#include "backend/aws/glue.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/domain/catalog.h"
#include "backend/domain/estimate.h"
#include "tui/cli/sql.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLL_LOCAL_MS = 15,
    POLL_FIRST_MS = 200,
    POLL_MAX_MS = 3000,
    POLL_GIVE_UP_MS = 30 * 1000, /* without an answer: the query may go on at the service all the same */
    PLACE_CONTEXT = 60
};

/* --- errors --- */
/* "... line L:C: ..." of Athena's errors. */
static bool error_place(const char *text, size_t *line, size_t *column)
{
    const char *at = strstr(text, "line ");
    return at && sscanf(at, "line %zu:%zu:", line, column) == 2 && *line > 0 && *column > 0;
}

/* The line of the statement and a mark below the column, which counts code points. */
static void print_place(const char *text, size_t len, size_t line, size_t column)
{
    const char *at = text, *end = text + len;
    for (size_t i = 1; i < line && at; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return;
    const char *stop = memchr(at, '\n', (size_t)(end - at)), *place = at;
    stop = stop ? stop : end;
    for (size_t i = 1; i < column && place < stop; i++)
        do {
            place++;
        } while (place < stop && ((unsigned char)*place & 0xc0) == 0x80);
    const char *from = place - at > PLACE_CONTEXT ? place - PLACE_CONTEXT : at; /* of long lines the part around it */
    while (from > at && ((unsigned char)*from & 0xc0) == 0x80)
        from--;
    const char *to = stop - place > PLACE_CONTEXT ? place + PLACE_CONTEXT : stop;
    struct buf before = BUF_INIT(64 * 1024), whole = BUF_INIT(64 * 1024);
    text_clean(from, (size_t)(place - from), &before);
    text_clean(from, (size_t)(to - from), &whole);
    int indent = fprintf(stderr, "LINE %zu: %s", line, from > at ? "..." : "");
    fprintf(stderr, "%s%s\n", buf_text(&whole), to < stop ? "..." : "");
    fprintf(stderr, "%*s^\n", indent + text_width(buf_text(&before), before.len), "");
    buf_done(&before);
    buf_done(&whole);
}

int sql_fail(const struct sql *sql, const char *text, size_t len, const struct err *err)
{
    size_t line, column;
    int status = err_exit_code(err);
    if (err->code == ERR_FAILED && strncmp(sql->reason, err->text, strlen(err->text)) == 0) {
        struct buf clean = BUF_INIT(16 * 1024);
        text_clean(sql->reason, strlen(sql->reason), &clean);
        fprintf(stderr, "weir: %s\n", buf_text(&clean));
        buf_done(&clean);
    } else {
        status = cli_fail(sql->cli, err);
    }
    if (err->code == ERR_FAILED && error_place(err->text, &line, &column))
        print_place(text, len, line, column);
    return status;
}

/* --- what will be scanned --- */
static bool estimate(struct sql *sql, const char *text, size_t len, struct estimate *out, struct err *err)
{
    struct estimate_request request = {.aws = sql->aws,
                                       .cancel = &sql->cli->cancel,
                                       .sql = text,
                                       .len = len,
                                       .database = sql->database,
                                       .price_cents = sql->cli->config->athena_price_cents};
    return estimate_query(&request, out, err);
}

static void print_estimate(const struct sql *sql, const char *text, size_t len, const struct estimate *estimate)
{
    char words[ESTIMATE_WORDS];
    struct buf line = BUF_INIT(1024), reason = BUF_INIT(4096);
    size_t shown = len < 60 ? len : 60;
    while (shown < len && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    char head[64];
    for (size_t i = 0; i < shown; i++)
        head[i] = (char)(isspace((unsigned char)text[i]) ? ' ' : text[i]);
    text_clean(head, shown, &line);
    text_clean(estimate->reason, strlen(estimate->reason), &reason);
    fprintf(sql->out, "%s%s\n  scans %s (%s)%s\n", buf_text(&line), shown < len ? " ..." : "",
            estimate_words(estimate, words), buf_text(&reason), estimate->only_reads ? "" : "; it changes data");
    buf_done(&line);
    buf_done(&reason);
}

/* Within the limit, or confirmed. */
static bool is_allowed(struct sql *sql, const char *text, size_t len, struct err *err)
{
    struct estimate found;
    char question[512];
    if (sql->max_scan <= 0)
        return true;
    if (!estimate(sql, text, len, &found, err))
        return false;
    bool is_unknown = sql->is_strict && found.certainty == ESTIMATE_UNKNOWN;
    if (is_unknown)
        err_set(err, ERR_REFUSED, "what the query scans is unknown (%.120s)", found.reason);
    if (!is_unknown && estimate_allows(&found, sql->max_scan, err))
        return true;
    struct err why = *err;
    snprintf(question, sizeof question, "%.160s (%.200s). Run it?", why.text, found.reason);
    *err = ERR_NONE;
    return cli_confirm(sql->cli, question, err);
}

/* --- the query --- */
static void print_progress(const struct sql *sql, const struct athena_state *state, int64_t waited_ms)
{
    char bytes[TEXT_SHORT], took[TEXT_SHORT];
    if (!sql->cli->err_is_tty || waited_ms < 1000)
        return;
    fprintf(stderr, "\r\033[K%s %s", strcmp(state->state, "QUEUED") == 0 ? "queued" : "running",
            text_duration(waited_ms, took));
    if (state->scanned > 0)
        fprintf(stderr, ", %s scanned", text_bytes((uint64_t)state->scanned, bytes));
    fflush(stderr);
}

/* A query is not given up because asking for it was throttled or a connection broke. */
static bool may_ask_again(const struct sql *sql, const struct err *err, int64_t silent_ms)
{
    if (!err->retryable || silent_ms >= POLL_GIVE_UP_MS)
        return false;
    if (sql->cli->err_is_tty)
        fprintf(stderr, "\r\033[K%s: asking again", err_sentence(err->code));
    return true;
}

static bool wait_for(struct sql *sql, const char *id, struct athena_state *state, struct err *err)
{
    const struct cancel *cancel = &sql->cli->cancel;
    int64_t pause = session_is_embedded(sql->cli->session) ? POLL_LOCAL_MS : POLL_FIRST_MS, waited = 0, silent = 0;
    bool ok = true;
    for (;; pause = pause * 8 / 5 < POLL_MAX_MS ? pause * 8 / 5 : POLL_MAX_MS) {
        if (cancel_is_set(cancel)) {
            fputs(sql->cli->err_is_tty ? "\r\033[Kcancelling: waiting for the service's word\n" : "", stderr);
            ok = athena_wait(sql->aws, id, cancel, state, err); /* stops it, as the token is set */
            break;
        }
        int64_t asked = clock_mono(&clock_system);
        ok = athena_state(sql->aws, id, cancel, state, err);
        if (ok && athena_has_ended(state))
            break;
        if (!ok && !cancel_is_set(cancel) && !may_ask_again(sql, err, silent))
            break;
        if (ok)
            print_progress(sql, state, waited);
        cancel_wait(cancel, pause);
        int64_t step = clock_mono(&clock_system) - asked;
        waited += step;
        silent = ok ? 0 : silent + step;
    }
    fputs(sql->cli->err_is_tty && (waited >= 1000 || silent) ? "\r\033[K" : "", stderr);
    return ok;
}

/* What a query that did not succeed, or whose rows did not arrive, has scanned all the same. The service bills what a
 * cancelled query has scanned and nothing of one that failed (aws.amazon.com/athena/pricing). */
static void print_spent(const struct sql *sql, const struct athena_state *state)
{
    char bytes[TEXT_SHORT];
    bool is_free = strcmp(state->state, "FAILED") == 0;
    if ((!sql->cli->err_is_tty && !sql->is_shell) || state->scanned == 0)
        return;
    fflush(sql->out);
    if (state->scanned < 0)
        fputs("scanned bytes unknown\n", stderr);
    else if (is_free)
        fprintf(stderr, "%s scanned, not billed: the query failed\n", text_bytes((uint64_t)state->scanned, bytes));
    else
        fprintf(stderr, "%s scanned, $%.4f\n", text_bytes((uint64_t)state->scanned, bytes),
                catalog_scan_cost(state->scanned, sql->cli->config->athena_price_cents));
}

/* For people, on stderr. */
static void print_figures(const struct sql *sql, const struct athena_state *state, int64_t rows, int64_t updated,
                          const char *verb)
{
    char count[TEXT_SHORT], bytes[TEXT_SHORT], took[TEXT_SHORT];
    if (!sql->cli->err_is_tty && !sql->is_shell)
        return;
    fflush(sql->out);
    if (rows >= 0)
        fprintf(stderr, "%s %s", text_count(rows, count), rows == 1 ? "row" : "rows");
    else if (updated >= 0)
        fprintf(stderr, "%s, %s %s written", verb, text_count(updated, count), updated == 1 ? "row" : "rows");
    else
        fputs(verb, stderr);
    if (state->scanned > 0)
        fprintf(stderr, ", %s scanned, $%.4f", text_bytes((uint64_t)state->scanned, bytes),
                catalog_scan_cost(state->scanned, sql->cli->config->athena_price_cents));
    else if (state->scanned < 0)
        fputs(", scanned bytes unknown", stderr);
    if ((sql->has_timing || !sql->is_shell) && state->total_ms >= 0)
        fprintf(stderr, ", %s", text_duration(state->total_ms, took));
    fputc('\n', stderr);
}

static bool print_result(struct sql *sql, const struct dialect_nature *nature, const char *id,
                         const struct athena_state *state, struct err *err)
{
    bool may_be_any = !*nature->verb || nature->kind == DIALECT_EXECUTE;
    struct sql_result result = {.id = id,
                                .output = state->output,
                                .is_query = may_be_any || nature->kind == DIALECT_QUERY,
                                .answers_rows = may_be_any || nature->only_reads};
    int64_t rows = -1, updated = -1;
    bool writes_rows = nature->scans && !result.is_query;
    bool ok = strcmp(sql->format, "parquet") == 0 && result.is_query ? sql_print_parquet(sql, &result, &rows, err)
                                                                     : sql_print(sql, &result, &rows, &updated, err);
    if (ok)
        print_figures(sql, state, rows, writes_rows ? updated : -1, *nature->verb ? nature->verb : "done");
    return ok;
}

static bool run(struct sql *sql, const struct dialect_nature *nature, const char *text, struct err *err)
{
    char id[64];
    struct athena_state state = {.state = "QUEUED", .scanned = -1, .total_ms = -1};
    bool has_parameters = sql->parameters && strchr(text, '?');
    struct athena_start start = {.sql = text,
                                 .database = sql->database,
                                 .workgroup = sql->workgroup,
                                 .output = sql->output,
                                 .parameters = has_parameters ? sql->parameters : NULL,
                                 .is_write = !nature->only_reads,
                                 .cancel = &sql->cli->cancel};
    if (!athena_start(sql->aws, &start, id, err))
        return false;
    bool is_told = wait_for(sql, id, &state, err);
    if (!is_told && !athena_has_ended(&state))
        return err_prefix(err, "query %s may run on at the service", id);
    snprintf(sql->reason, sizeof sql->reason, "%s", *state.reason ? state.reason : state.state);
    bool has_succeeded = strcmp(state.state, "SUCCEEDED") == 0;
    if (is_told && has_succeeded && print_result(sql, nature, id, &state, err))
        return true;
    if (is_told && !has_succeeded)
        err_set(err, ERR_FAILED, "%s", *state.reason ? state.reason : state.state);
    print_spent(sql, &state);
    return false;
}

/* USE has no effect on the service, where each query names its database: here it changes ours. */
static bool use(struct sql *sql, const char *text, size_t len, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct dialect_options options = {.database = sql->database};
    struct dialect_statement *statement = dialect_translate(&options, text, len, arena, err);
    const char *name = statement ? statement->database ? statement->database : statement->name : NULL;
    bool ok = name && sql_use(sql, name, err);
    if (!name && err->code == ERR_PARSE)
        err->code = ERR_FAILED;
    arena_free(arena);
    return ok;
}

bool sql_use(struct sql *sql, const char *database, struct err *err)
{
    json_t *found = glue_get_database(sql->aws, database, &sql->cli->cancel, err);
    if (!found)
        return false;
    snprintf(sql->database, sizeof sql->database, "%s", database);
    json_decref(found);
    return true;
}

bool sql_run_statement(struct sql *sql, const char *text, size_t len, struct err *err)
{
    struct dialect_nature nature = dialect_nature(text, len);
    if (len > SQL_TEXT_MAX)
        return err_set(err, ERR_TOO_LARGE, "the statement has %zu bytes; Athena takes %d", len, SQL_TEXT_MAX);
    if (*nature.verb && nature.kind == DIALECT_USE)
        return use(sql, text, len, err);
    if (sql->is_dry) {
        struct estimate found;
        bool ok = estimate(sql, text, len, &found, err);
        if (ok)
            print_estimate(sql, text, len, &found);
        return ok;
    }
    if (nature.scans && !is_allowed(sql, text, len, err))
        return false;
    char *copy = strndup(text, len);
    bool ok = run(sql, &nature, copy, err);
    free(copy);
    return ok;
}

bool sql_run_text(struct sql *sql, const char *text, size_t len, struct err *err)
{
    struct dialect_part part;
    size_t offset = 0;
    int64_t count = 0;
    while (dialect_split(text, len, &offset, &part)) {
        count++;
        if (sql_run_statement(sql, text + part.start, part.end - part.start, err))
            continue;
        if (err->code != ERR_OK)
            sql_fail(sql, text + part.start, part.end - part.start, err);
        return false;
    }
    if (count > 0)
        return true;
    err_set(err, ERR_USAGE, "the text holds no statement");
    sql_fail(sql, text, len, err);
    return false;
}
