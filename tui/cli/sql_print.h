/* A query's result, page by page, in the format of the configuration. */
#ifndef WEIR_TUI_CLI_SQL_PRINT_H
#define WEIR_TUI_CLI_SQL_PRINT_H
#include "tui/cli/cli.h"

struct sql_result {
    const char *id;  /* the execution's */
    bool has_header; /* the first row names the columns: a SELECT's result, not a DDL statement's */
};
/* False with *err; false with ERR_OK when the reader of stdout has gone. Tables are measured page by page. */
bool sql_print(struct cli *cli, struct aws *aws, const struct sql_result *result, struct err *err);
#endif
