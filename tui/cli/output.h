/* Rows of the panes' own columns as a table, JSON, JSON lines or CSV. Tables are sanitised text for people; the others
 * keep the bytes. Memory is bounded: a table measures its first rows and then flows. */
#ifndef WEIR_TUI_CLI_OUTPUT_H
#define WEIR_TUI_CLI_OUTPUT_H
#include "backend/base/column.h"
#include "tui/cli/cli.h"

struct output;
/* Format from config->format ("table", "json", "jsonl", "csv"). extra (may be NULL) are columns that only the machine
 * formats carry. */
struct output *output_open(struct cli *cli, const struct column *columns, const struct column *extra);
bool output_row(struct output *output, const void *row);
/* Ends and frees; false when stdout failed. The error is printed by the caller through cli_fail. */
bool output_close(struct output *output, struct err *err);
/* A JSON object from name/value pairs that the caller writes itself: true when the format is json or jsonl. */
bool output_is_json(const struct cli *cli);
#endif
