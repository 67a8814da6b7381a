/* SQL for the editor: colours from the dialect's tokens, candidates from the catalog snapshot. Never waits. */
#include "backend/domain/completion.h"
#include "backend/sql/dialect.h"
#include "tui/pane/query.h"
#include <string.h>

static const enum theme_role token_roles[] = {
    [TOKEN_KEYWORD] = ROLE_keyword,  [TOKEN_FUNCTION] = ROLE_function, [TOKEN_NAME] = ROLE_text,
    [TOKEN_QUOTED_NAME] = ROLE_text, [TOKEN_STRING] = ROLE_string,     [TOKEN_NUMBER] = ROLE_number,
    [TOKEN_OPERATOR] = ROLE_text,    [TOKEN_COMMENT] = ROLE_comment,   [TOKEN_SPACE] = ROLE_text,
    [TOKEN_PARAMETER] = ROLE_warn,   [TOKEN_ERROR] = ROLE_error,
};

static bool token(void *context, const char *text, size_t len, size_t *offset, int *open, struct editor_token *out)
{
    struct dialect_token found;
    (void)context;
    if (!dialect_token(text, len, offset, open, &found))
        return false;
    *out = (struct editor_token){.start = found.start,
                                 .len = found.len,
                                 .role = token_roles[found.kind],
                                 .is_opaque = found.kind == TOKEN_STRING || found.kind == TOKEN_COMMENT ||
                                              found.kind == TOKEN_QUOTED_NAME};
    return true;
}

static bool candidates(void *context, const char *text, size_t len, size_t cursor, struct editor_candidates *out)
{
    const struct query_tab *tab = context;
    const struct completion_request request = {
        .view = query_catalog_of(tab->state), .database = tab->database, .text = text, .len = len, .cursor = cursor};
    struct completion found;
    completion_find(&request, &found);
    out->start = found.start;
    out->end = found.end;
    for (size_t i = 0; i < found.count; i++) {
        const struct completion_item *item = &found.items[i];
        if (!editor_candidates_add(out, item->label, NULL, completion_kind_word(item->kind), item->detail))
            break;
    }
    completion_done(&found);
    return out->count > 0;
}

const struct editor_language query_language = {.token = token, .candidates = candidates, .line_comment = "--"};
