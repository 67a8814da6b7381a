/* The bridge between the engine's vectors and the private C functions (sqlfn.h): one trampoline for all, which reads a
 * row's arguments by their letters and writes the result. Runs on the engine's threads; a row of a table is immutable.
 */
#if __has_include(<duckdb.h>)
#include "backend/sql/duck.h"
#include "backend/sql/duck_format.h"
#include "backend/sql/sqlfn.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct registered { /* owned by the engine's function; the api lives as long as the database */
    const struct sqlfn *function;
    const struct duck_api *api;
};
/* The library's one function that gives a running function its struct registered: the same for every database, set when
 * the first one registers. */
static __typeof__(duckdb_scalar_function_get_extra_info) *extra_info;

static const struct {
    char letter;
    duckdb_type type;
} letters[] = {{.letter = 's', .type = DUCKDB_TYPE_VARCHAR},   {.letter = 'x', .type = DUCKDB_TYPE_BLOB},
               {.letter = 'i', .type = DUCKDB_TYPE_BIGINT},    {.letter = 'd', .type = DUCKDB_TYPE_DOUBLE},
               {.letter = 't', .type = DUCKDB_TYPE_TIMESTAMP}, {.letter = 'b', .type = DUCKDB_TYPE_BOOLEAN},
               {.letter = 'n', .type = DUCKDB_TYPE_SQLNULL}};

static duckdb_logical_type type_of(const struct duck_api *api, char letter)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter)
            return api->duckdb_create_logical_type(letters[i].type);
    abort(); /* a wrong row of our own table */
}

/* A chunk's vectors, looked up once: what is asked for every row is then plain memory. */
struct chunk {
    const struct registered *own;
    void *data[SQLFN_ARGS_MAX];
    uint64_t *validity[SQLFN_ARGS_MAX]; /* NULL: no value is NULL */
    duckdb_vector output;
    void *out_data;
};

static bool is_valid(const uint64_t *validity, uint64_t row)
{
    return !validity || validity[row / 64] >> (row % 64) & 1;
}

static void read_value(char letter, void *data, uint64_t row, struct sqlfn_value *value)
{
    enum { INLINE_MAX = 12 }; /* of duckdb_string_t: shorter texts lie in it */
    if (letter == 's' || letter == 'x') {
        const duckdb_string_t *text = (duckdb_string_t *)data + row;
        value->len = text->value.inlined.length;
        value->bytes = value->len <= INLINE_MAX ? text->value.inlined.inlined : text->value.pointer.ptr;
    } else if (letter == 'd') {
        value->real = ((double *)data)[row];
    } else if (letter == 'b') {
        value->number = ((bool *)data)[row];
    } else {
        value->number = ((int64_t *)data)[row];
    }
}

static void write_value(const struct chunk *chunk, uint64_t row, const struct sqlfn_call *call)
{
    const struct duck_api *api = chunk->own->api;
    char letter = chunk->own->function->result;
    if (call->is_null) {
        api->duckdb_vector_ensure_validity_writable(chunk->output);
        api->duckdb_validity_set_row_invalid(api->duckdb_vector_get_validity(chunk->output), row);
        return;
    }
    if (letter == 's' || letter == 'x')
        api->duckdb_vector_assign_string_element_len(chunk->output, row, buf_text(call->text), call->text->len);
    else if (letter == 'd')
        ((double *)chunk->out_data)[row] = call->out.real;
    else if (letter == 'b')
        ((bool *)chunk->out_data)[row] = call->out.number != 0;
    else
        ((int64_t *)chunk->out_data)[row] = call->out.number;
}

static bool run_row(const struct chunk *chunk, uint64_t row, struct sqlfn_call *call)
{
    struct sqlfn_value args[SQLFN_ARGS_MAX] = {0};
    const char *params = chunk->own->function->params;
    call->is_null = false;
    for (size_t i = 0; params[i] && !call->is_null; i++) {
        call->is_null = !is_valid(chunk->validity[i], row);
        if (!call->is_null)
            read_value(params[i], chunk->data[i], row, &args[i]);
    }
    buf_clear(call->text);
    call->args = args;
    if (!call->is_null && !chunk->own->function->call(call))
        return false;
    write_value(chunk, row, call);
    return true;
}

static void run_chunk(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct chunk chunk = {.own = extra_info(info), .output = output};
    const struct duck_api *api = chunk.own->api;
    struct buf text = BUF_INIT(SQLFN_TEXT_MAX);
    struct sqlfn_cache cache = {.data = NULL};
    struct err err = ERR_NONE;
    struct sqlfn_call call = {.text = &text, .cache = &cache, .err = &err};
    for (size_t i = 0; chunk.own->function->params[i]; i++) {
        duckdb_vector vector = api->duckdb_data_chunk_get_vector(input, i);
        chunk.data[i] = api->duckdb_vector_get_data(vector);
        chunk.validity[i] = api->duckdb_vector_get_validity(vector);
    }
    chunk.out_data = api->duckdb_vector_get_data(output);
    for (uint64_t row = 0, rows = api->duckdb_data_chunk_get_size(input); row < rows; row++)
        if (!run_row(&chunk, row, &call) || text.failed) {
            char message[sizeof err.text + 80];
            snprintf(message, sizeof message, "WEIR!%s: %s",
                     err.service_code[0] ? err.service_code : "INVALID_FUNCTION_ARGUMENT",
                     text.failed ? "the result is too large" : err.text);
            api->duckdb_scalar_function_set_error(info, message);
            break;
        }
    if (cache.done)
        cache.done(cache.data);
    free(cache.key);
    buf_done(&text);
}

static bool add_function(struct duck *duck, const struct sqlfn *function, struct err *err)
{
    const struct duck_api *api = &duck->api;
    struct registered *own = malloc(sizeof *own);
    duckdb_scalar_function made = api->duckdb_create_scalar_function();
    if (!own)
        abort();
    *own = (struct registered){.function = function, .api = api};
    api->duckdb_scalar_function_set_name(made, function->name);
    for (const char *letter = function->params; *letter; letter++) {
        duckdb_logical_type type = type_of(api, *letter);
        api->duckdb_scalar_function_add_parameter(made, type);
        api->duckdb_destroy_logical_type(&type);
    }
    duckdb_logical_type result = type_of(api, function->result);
    api->duckdb_scalar_function_set_return_type(made, result);
    api->duckdb_destroy_logical_type(&result);
    api->duckdb_scalar_function_set_extra_info(made, own, free);
    api->duckdb_scalar_function_set_function(made, run_chunk);
    bool ok = api->duckdb_register_scalar_function(duck->connection, made) == DuckDBSuccess;
    api->duckdb_destroy_scalar_function(&made);
    return ok || err_set(err, ERR_FAILED, "the SQL engine refuses the function %s", function->name);
}

bool duck_register_functions(struct duck *duck, struct err *err)
{
    const struct sqlfn *const tables[] = {sqlfn_text,  sqlfn_regex, sqlfn_time, sqlfn_json,
                                          sqlfn_bytes, sqlfn_line,  sqlfn_lazy, sqlfn_record};
    extra_info = duck->api.duckdb_scalar_function_get_extra_info;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct sqlfn *function = tables[i]; function->name; function++)
            if (!add_function(duck, function, err))
                return false;
    return true;
}
#else
extern int duck_functions_is_empty; /* no engine's header: duck_absent.c speaks */
#endif
