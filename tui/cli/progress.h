/* A progress bar on stderr when it is a terminal, else nothing. The update call is for any thread; drawing happens at
 * most ten times a second, in the caller's thread. */
#ifndef WEIR_TUI_CLI_PROGRESS_H
#define WEIR_TUI_CLI_PROGRESS_H
#include "tui/cli/cli.h"
#include <stdint.h>

struct progress;
enum progress_unit { PROGRESS_BYTES, PROGRESS_COUNT };
struct progress *progress_open(const struct cli *cli, const char *what, enum progress_unit unit);
/* As the progress callbacks of transfer.h and the generator: context is the struct progress. total -1: unknown. name
 * may be NULL. */
void progress_update(void *context, int64_t done, int64_t total, const char *name);
void progress_close(struct progress *progress); /* clears the line */
#endif
