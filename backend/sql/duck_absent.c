/* What duck.h answers in a build without the engine's header (make deps fetches it): every query says what is missing.
 */
#if !__has_include(<duckdb.h>)
#include "backend/sql/duck.h"

struct duck *duck_open(const struct duck_options *options, struct err *err)
{
    (void)options;
    err_set(err, ERR_NOT_IMPLEMENTED, "weir was built without the SQL engine; make deps fetches it (npm is needed)");
    return NULL;
}

void duck_close(struct duck *duck)
{
    (void)duck;
}

const char *duck_version(struct duck *duck)
{
    (void)duck;
    return "";
}

bool duck_exec(struct duck *duck, const char *sql, struct err *err)
{
    (void)duck;
    (void)sql;
    return err_set(err, ERR_NOT_IMPLEMENTED, "no SQL engine");
}

struct duck_result *duck_query(struct duck *duck, const char *sql, struct err *err)
{
    (void)duck;
    (void)sql;
    err_set(err, ERR_NOT_IMPLEMENTED, "no SQL engine");
    return NULL;
}

size_t duck_column_count(const struct duck_result *result)
{
    (void)result;
    return 0;
}

const char *duck_column_name(const struct duck_result *result, size_t column)
{
    (void)result;
    (void)column;
    return "";
}

const char *duck_column_type(const struct duck_result *result, size_t column)
{
    (void)result;
    (void)column;
    return "";
}

bool duck_next(struct duck_result *result, struct err *err)
{
    (void)result;
    (void)err;
    return false;
}

bool duck_is_null(const struct duck_result *result, size_t column)
{
    (void)result;
    (void)column;
    return true;
}

const char *duck_text(const struct duck_result *result, size_t column, size_t *len)
{
    (void)result;
    (void)column;
    *len = 0;
    return "";
}

int64_t duck_rows_changed(const struct duck_result *result)
{
    (void)result;
    return 0;
}

void duck_result_free(struct duck_result *result)
{
    (void)result;
}

void duck_interrupt(struct duck *duck)
{
    (void)duck;
}

double duck_progress(struct duck *duck)
{
    (void)duck;
    return -1;
}
#else
extern int duck_absent_is_empty; /* the engine's header is there: duck.c speaks */
#endif
