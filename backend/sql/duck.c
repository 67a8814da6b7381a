/* DuckDB behind a few calls. What this library can do is looked up by name when the first database is opened; one
 * statement streams at a time. Without the engine's header this file is empty and duck_absent.c speaks. */
#if __has_include(<duckdb.h>)
#include "backend/sql/duck.h"
#include "backend/base/path.h"
#include "backend/sql/duck_format.h"
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DUCK_ROW_MAX = 64 * 1024 * 1024, DUCK_SQL_MAX = 16 * 1024 * 1024 };

struct duck_result {
    struct duck *duck;
    duckdb_prepared_statement statement;
    duckdb_result result;
    size_t columns;
    struct duck_type *types;
    char **type_names;
    duckdb_data_chunk chunk;
    uint64_t row, rows; /* in the chunk; row counts from 1 once duck_next was called */
    struct buf text;    /* of the present row: all cells, one behind the other */
    size_t *starts, *lens;
    bool *formatted;
};

/* --- loading --- */
static void *open_library(const char *wanted, struct err *err)
{
    /* as installed, as built, and as other builds and tests of the same tree see it */
    static const char *const beside[] = {"../lib/weir", "engine", "../build/engine", "../../engine",
                                         "../../../build/engine"};
    char exe[PATH_SIZE] = "", path[2 * PATH_SIZE];
    const char *named = wanted ? wanted : getenv("WEIR_ENGINE");
    if (named) {
        void *library = dlopen(named, RTLD_NOW | RTLD_LOCAL);
        if (!library)
            err_set(err, ERR_NOT_FOUND, "the SQL engine %s cannot be loaded: %s", named, dlerror());
        return library;
    }
    if (readlink("/proc/self/exe", exe, sizeof exe - 1) < 0)
        exe[0] = '\0';
    char *dir = dirname(exe);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, sizeof path, "%s/%s/libduckdb.so", dir, beside[i]);
        void *library = path_exists(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        if (library)
            return library;
    }
    void *library = dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        err_set(err, ERR_NOT_FOUND, "the SQL engine libduckdb.so is not there; make deps fetches it (npm is needed)");
    return library;
}

static bool look_up(struct duck *duck, struct err *err)
{
#define X(name)                                                                                                        \
    duck->api.name = (__typeof__(name) *)dlsym(duck->library, #name);                                                  \
    if (!duck->api.name)                                                                                               \
        return err_set(err, ERR_FAILED, "the SQL engine lacks %s: another version than the pinned one", #name);
    DUCK_FUNCTIONS(X)
#undef X
    return true;
}

/* --- opening --- */
static bool quote_list(const char *const *dirs, struct buf *out)
{
    buf_puts(out, "SET allowed_directories=[");
    for (size_t i = 0; dirs[i]; i++) {
        buf_puts(out, i ? ",'" : "'");
        for (const char *c = dirs[i]; *c; c++)
            buf_puts(out, *c == '\'' ? "''" : (char[]){*c, '\0'});
        buf_puts(out, "'");
    }
    return buf_puts(out, "]");
}

/* By SQL, not by configuration at open: there the list of directories is not taken (engines.md). Access cannot be
 * opened again. */
static bool close_access(struct duck *duck, const struct duck_options *options, struct err *err)
{
    static const char *const nothing[] = {NULL};
    struct buf sql = BUF_INIT(64 * 1024);
    quote_list(options->allowed_dirs ? options->allowed_dirs : nothing, &sql);
    bool ok = duck_exec(duck, buf_text(&sql), err) && duck_exec(duck, "SET enable_external_access=false", err);
    buf_done(&sql);
    return ok;
}

static bool configure(struct duck *duck, const struct duck_options *options, duckdb_config config, struct err *err)
{
    char threads[16];
    snprintf(threads, sizeof threads, "%d", options->threads);
    const char *const settings[][2] = {
        {"threads", options->threads > 0 ? threads : NULL},
        {"memory_limit", options->memory_limit},
        {"temp_directory", options->temp_dir ? options->temp_dir : ""},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (settings[i][1] && duck->api.duckdb_set_config(config, settings[i][0], settings[i][1]) != DuckDBSuccess)
            return err_set(err, ERR_FAILED, "the SQL engine refuses %s=%s", settings[i][0], settings[i][1]);
    return true;
}

static bool open_database(struct duck *duck, const struct duck_options *options, struct err *err)
{
    duckdb_config config;
    char *message = NULL, zone[128];
    if (duck->api.duckdb_create_config(&config) != DuckDBSuccess)
        return err_set(err, ERR_FAILED, "the SQL engine cannot be configured");
    bool ok = configure(duck, options, config, err);
    if (ok && duck->api.duckdb_open_ext(":memory:", &duck->database, config, &message) != DuckDBSuccess)
        ok = err_set(err, ERR_FAILED, "the SQL engine does not start: %s", message ? message : "no reason given");
    duck->api.duckdb_free(message);
    duck->api.duckdb_destroy_config(&config);
    if (ok && duck->api.duckdb_connect(duck->database, &duck->connection) != DuckDBSuccess)
        ok = err_set(err, ERR_FAILED, "the SQL engine gives no connection");
    snprintf(zone, sizeof zone, "SET TimeZone='%s'", options->time_zone ? options->time_zone : "UTC");
    return ok && duck_exec(duck, zone, err) && duck_exec(duck, "SET enable_progress_bar=true", err) &&
           duck_exec(duck, "SET enable_progress_bar_print=false", err) && duck_register_functions(duck, err) &&
           close_access(duck, options, err);
}

struct duck *duck_open(const struct duck_options *options, struct err *err)
{
    struct duck *duck = calloc(1, sizeof *duck);
    if (!duck)
        abort();
    duck->library = open_library(options->library, err);
    if (duck->library && look_up(duck, err) && open_database(duck, options, err))
        return duck;
    duck_close(duck);
    return NULL;
}

void duck_close(struct duck *duck)
{
    if (!duck)
        return;
    if (duck->connection)
        duck->api.duckdb_disconnect(&duck->connection);
    if (duck->database)
        duck->api.duckdb_close(&duck->database);
    /* the library stays loaded: its threads and destructors may still run */
    free(duck);
}

const char *duck_version(struct duck *duck)
{
    return duck->api.duckdb_library_version();
}

/* --- statements --- */
static enum err_code code_of(duckdb_error_type type, const char *text)
{
    if (type == DUCKDB_ERROR_INTERRUPT || strncmp(text, "INTERRUPT", 9) == 0)
        return ERR_CANCELLED;
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY)
        return ERR_TOO_LARGE;
    if (type == DUCKDB_ERROR_PARSER || type == DUCKDB_ERROR_SYNTAX)
        return ERR_PARSE;
    return ERR_FAILED;
}

/* What the CSV reader says fills pages with the line and its settings: the file, the line's number and the reason are
 * what a reader needs. False when it is not its error. */
static bool fail_csv(struct err *err, const char *text)
{
    const char *at = strstr(text, "CSV Error on Line: "), *line = at ? strstr(at, "Original Line: ") : NULL;
    const char *reason = line ? strchr(line, '\n') : NULL, *file = at ? strstr(at, "\n  file = ") : NULL;
    if (!reason || !file)
        return false;
    reason++;
    file += strlen("\n  file = ");
    err_set(err, ERR_FAILED, "CSV Error: %.*s, line %d: %.*s", (int)strcspn(file, "\n"), file,
            atoi(at + strlen("CSV Error on Line: ")), (int)strcspn(reason, "\n"), reason);
    return true;
}

static bool fail(struct err *err, duckdb_error_type type, const char *text)
{
    if (text && fail_csv(err, text))
        return false;
    text = text ? text : "unknown error of the SQL engine";
    return err_set(err, code_of(type, text), "%s", text);
}

bool duck_exec(struct duck *duck, const char *sql, struct err *err)
{
    duckdb_result result;
    bool ok = duck->api.duckdb_query(duck->connection, sql, &result) == DuckDBSuccess;
    if (!ok)
        fail(err, duck->api.duckdb_result_error_type(&result), duck->api.duckdb_result_error(&result));
    duck->api.duckdb_destroy_result(&result);
    return ok;
}

static bool execute(struct duck_result *result, const char *sql, struct err *err)
{
    const struct duck_api *api = &result->duck->api;
    duckdb_pending_result pending = NULL;
    if (api->duckdb_prepare(result->duck->connection, sql, &result->statement) != DuckDBSuccess)
        return fail(err, DUCKDB_ERROR_INVALID, api->duckdb_prepare_error(result->statement));
    bool ok = api->duckdb_pending_prepared_streaming(result->statement, &pending) == DuckDBSuccess;
    if (!ok)
        fail(err, DUCKDB_ERROR_INVALID, api->duckdb_pending_error(pending));
    if (ok && api->duckdb_execute_pending(pending, &result->result) != DuckDBSuccess)
        ok = fail(err, api->duckdb_result_error_type(&result->result), api->duckdb_result_error(&result->result));
    api->duckdb_destroy_pending(&pending);
    return ok;
}

static void describe(struct duck_result *result)
{
    const struct duck_api *api = &result->duck->api;
    result->columns = api->duckdb_column_count(&result->result);
    size_t slots = result->columns ? result->columns : 1;
    result->types = calloc(slots, sizeof *result->types);
    result->type_names = calloc(slots, sizeof *result->type_names);
    result->starts = calloc(slots, sizeof *result->starts);
    result->lens = calloc(slots, sizeof *result->lens);
    result->formatted = calloc(slots, sizeof *result->formatted);
    for (size_t i = 0; i < result->columns; i++) {
        struct buf name = BUF_INIT(1024 * 1024);
        duck_type_init(api, &result->types[i], api->duckdb_column_logical_type(&result->result, i));
        duck_type_name(&result->types[i], &name);
        result->type_names[i] = buf_take(&name);
    }
}

struct duck_result *duck_query(struct duck *duck, const char *sql, struct err *err)
{
    struct duck_result *result = calloc(1, sizeof *result);
    if (!result)
        abort();
    result->duck = duck;
    result->text = BUF_INIT(DUCK_ROW_MAX);
    if (!execute(result, sql, err)) {
        duck_result_free(result);
        return NULL;
    }
    describe(result);
    return result;
}

void duck_result_free(struct duck_result *result)
{
    if (!result)
        return;
    const struct duck_api *api = &result->duck->api;
    for (size_t i = 0; i < result->columns; i++) {
        duck_type_done(api, &result->types[i]);
        free(result->type_names[i]);
    }
    free(result->types);
    free(result->type_names);
    free(result->starts);
    free(result->lens);
    free(result->formatted);
    if (result->chunk)
        api->duckdb_destroy_data_chunk(&result->chunk);
    api->duckdb_destroy_result(&result->result);
    api->duckdb_destroy_prepare(&result->statement);
    buf_done(&result->text);
    free(result);
}

size_t duck_column_count(const struct duck_result *result)
{
    return result->columns;
}

const char *duck_column_name(const struct duck_result *result, size_t column)
{
    return result->duck->api.duckdb_column_name((duckdb_result *)&result->result, column);
}

const char *duck_column_type(const struct duck_result *result, size_t column)
{
    return result->type_names[column] ? result->type_names[column] : "UNKNOWN";
}

int64_t duck_rows_changed(const struct duck_result *result)
{
    return (int64_t)result->duck->api.duckdb_rows_changed((duckdb_result *)&result->result);
}

/* --- rows --- */
static bool next_chunk(struct duck_result *result, struct err *err)
{
    const struct duck_api *api = &result->duck->api;
    if (result->chunk)
        api->duckdb_destroy_data_chunk(&result->chunk);
    result->chunk = api->duckdb_fetch_chunk(result->result);
    result->row = 0;
    result->rows = result->chunk ? api->duckdb_data_chunk_get_size(result->chunk) : 0;
    if (result->rows > 0)
        return true;
    const char *text = api->duckdb_result_error(&result->result);
    if (text && *text)
        fail(err, api->duckdb_result_error_type(&result->result), text);
    return false;
}

bool duck_next(struct duck_result *result, struct err *err)
{
    buf_clear(&result->text);
    memset(result->formatted, 0, result->columns * sizeof *result->formatted);
    if (result->row < result->rows || next_chunk(result, err)) {
        result->row++;
        return true;
    }
    return false;
}

static duckdb_vector vector_of(const struct duck_result *result, size_t column)
{
    return result->duck->api.duckdb_data_chunk_get_vector(result->chunk, column);
}

bool duck_is_null(const struct duck_result *result, size_t column)
{
    return duck_vector_is_null(&result->duck->api, vector_of(result, column), result->row - 1);
}

const char *duck_text(const struct duck_result *result, size_t column, size_t *len)
{
    struct duck_result *own = (struct duck_result *)result; /* the cache of the row's texts */
    if (!result->formatted[column]) {
        own->starts[column] = result->text.len;
        if (!duck_is_null(result, column))
            duck_format_value(&result->duck->api, &result->types[column], vector_of(result, column), result->row - 1,
                              &own->text);
        own->lens[column] = result->text.len - result->starts[column];
        buf_putc(&own->text, '\0');
        own->formatted[column] = true;
    }
    *len = result->lens[column];
    return buf_text(&result->text) + result->starts[column];
}

/* --- from any thread --- */
void duck_interrupt(struct duck *duck)
{
    duck->api.duckdb_interrupt(duck->connection);
}

double duck_progress(struct duck *duck)
{
    double percent = duck->api.duckdb_query_progress(duck->connection).percentage;
    return percent < 0 ? -1 : percent / 100;
}
#else
extern int duck_is_empty; /* no engine's header: duck_absent.c speaks */
#endif
