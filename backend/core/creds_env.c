/* Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. */
#include "backend/core/creds_parts.h"
#include <stdlib.h>

static const char *variable(const char *name, const char *older)
{
    const char *value = getenv(name);
    if (value && *value)
        return value;
    value = older ? getenv(older) : NULL;
    return value && *value ? value : NULL;
}

static enum creds_result find_env(const struct creds_query *query, struct creds *out, struct err *err)
{
    struct creds_parts parts = {.access_key = variable("AWS_ACCESS_KEY_ID", NULL),
                                .secret_key = variable("AWS_SECRET_ACCESS_KEY", NULL),
                                .token = variable("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
                                .expiration = variable("AWS_CREDENTIAL_EXPIRATION", NULL),
                                .source = "environment"};
    if (query->profile_is_named || !parts.access_key)
        return CREDS_ABSENT;
    return creds_fill(out, &parts, err) ? CREDS_FOUND : CREDS_ERROR;
}

const struct creds_source creds_source_env = {.name = "environment", .find = find_env};
