/* A query's result, page by page, in the format of the configuration. */
#ifndef WEIR_TUI_CLI_SQL_PRINT_H
#define WEIR_TUI_CLI_SQL_PRINT_H
#include "tui/cli/cli.h"

/* False with *err; false with ERR_OK when the reader of stdout has gone. Tables are measured page by page. */
bool sql_print(struct cli *cli, struct aws *aws, const char *id, struct err *err);
#endif
