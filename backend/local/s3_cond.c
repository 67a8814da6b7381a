/* Conditional requests: reads by RFC 7232 section 6 with S3's precedence, and S3's conditional writes. */
#include "backend/base/text.h"
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>

bool s3_etag_matches(const char *list, const char *etag)
{
    size_t want = strlen(etag);
    while (*list) {
        list += strspn(list, " \t,");
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        bool quoted = *list == '"';
        const char *start = quoted ? list + 1 : list;
        size_t len = strcspn(start, quoted ? "\"" : ", \t");
        if (!quoted && len == 1 && *start == '*')
            return true;
        /* clients send the tag with and without quotes; S3 takes both */
        if (len == want && memcmp(start, etag, len) == 0)
            return true;
        list = start + len + (quoted && start[len] == '"');
    }
    return false;
}

static int64_t seconds(int64_t wall_ms)
{
    return wall_ms / 1000;
}

enum s3_verdict s3_cond_read(const struct s3_conditions *cond, const char *etag, int64_t modified_ms,
                             const char **which)
{
    int64_t since;
    if (cond->if_match) {
        *which = "If-Match";
        if (!s3_etag_matches(cond->if_match, etag))
            return S3_COND_FAILED;
    } else if (cond->if_unmodified_since && text_parse_time(cond->if_unmodified_since, &since)) {
        /* considered only without If-Match */
        *which = "If-Unmodified-Since";
        if (seconds(modified_ms) > seconds(since))
            return S3_COND_FAILED;
    }
    if (cond->if_none_match) {
        *which = "If-None-Match";
        if (s3_etag_matches(cond->if_none_match, etag))
            return S3_COND_NOT_MODIFIED;
    } else if (cond->if_modified_since && text_parse_time(cond->if_modified_since, &since)) {
        *which = "If-Modified-Since";
        if (seconds(modified_ms) <= seconds(since))
            return S3_COND_NOT_MODIFIED;
    }
    return S3_COND_PASS;
}

static const char *header_of(const struct s3_call *call, const char *prefix, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return s3_call_header(call, full);
}

void s3_cond_of(const struct s3_call *call, const char *prefix, struct s3_conditions *cond)
{
    *cond = (struct s3_conditions){
        .if_match = header_of(call, prefix, "if-match"),
        .if_none_match = header_of(call, prefix, "if-none-match"),
        .if_modified_since = header_of(call, prefix, "if-modified-since"),
        .if_unmodified_since = header_of(call, prefix, "if-unmodified-since"),
    };
}

bool s3_cond_write(struct s3_call *call, const struct s3_object *current)
{
    const char *match = s3_call_header(call, "if-match"), *none = s3_call_header(call, "if-none-match");
    bool exists = current && !current->is_marker;
    if (match && !exists)
        return s3_fail(call, S3_NO_SUCH_KEY);
    if (match && !s3_etag_matches(match, current->etag))
        return s3_fail_with(call, S3_PRECONDITION, "Condition", "If-Match", NULL);
    if (none && exists && s3_etag_matches(none, current->etag))
        return s3_fail_with(call, S3_PRECONDITION, "Condition", "If-None-Match", NULL);
    return true;
}
