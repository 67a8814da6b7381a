/* Tokens that go round in a circle, noticed in constant memory. Pure. */
#include "backend/aws/s3.h"

bool s3_token_guard_seen(struct s3_token_guard *guard, const char *token)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *at = token; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    if (guard->limit && hash == guard->kept)
        return true;
    if (guard->steps++ == guard->limit) { /* Brent: keep the newest at every power of two */
        guard->kept = hash;
        guard->limit = guard->limit ? guard->limit * 2 : 1;
        guard->steps = 0;
    }
    return false;
}
