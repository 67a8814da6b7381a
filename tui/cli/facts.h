/* Facts: named values about one thing, printed as aligned lines for people, or as one JSON object. */
#ifndef WEIR_TUI_CLI_FACTS_H
#define WEIR_TUI_CLI_FACTS_H
#include "backend/base/column.h"
#include "tui/cli/cli.h"

enum { FACTS_MAX = 128 };
struct facts {
    struct {
        char name[64];
        enum value_kind kind;
        struct value value; /* text is copied */
        char *text;
    } item[FACTS_MAX];
    int count;
};
void facts_add(struct facts *facts, const char *name, enum value_kind kind, struct value value);
void facts_text(struct facts *facts, const char *name, const char *text); /* "" is VALUE_NONE */
/* Prints in the format of the configuration and frees the texts. */
void facts_print(struct cli *cli, struct facts *facts);
#endif
