/* What a statement will scan and cost; see estimate.h. */
#include "backend/domain/estimate.h"
#include "backend/base/text.h"
#include "backend/domain/catalog.h"
#include "backend/sql/dialect.h"
#include <stdio.h>
#include <string.h>

bool estimate_query(const struct estimate_request *request, struct estimate *out, struct err *err)
{
    struct dialect_nature nature = dialect_nature(request->sql, request->len);
    (void)err;
    *out = (struct estimate){.certainty = ESTIMATE_UNKNOWN, .bytes = -1, .cost = -1, .only_reads = nature.only_reads};
    if (*nature.verb && !nature.scans) {
        out->certainty = ESTIMATE_EXACT;
        out->is_free = true;
        out->bytes = 0;
        out->cost = 0;
        snprintf(out->reason, sizeof out->reason, "%s scans nothing", nature.verb);
    }
    return true;
}

char *estimate_words(const struct estimate *estimate, char out[96])
{
    static const char *const words[] = {[ESTIMATE_EXACT] = "",
                                        [ESTIMATE_ABOUT] = "about ",
                                        [ESTIMATE_AT_MOST] = "at most ",
                                        [ESTIMATE_AT_LEAST] = "at least ",
                                        [ESTIMATE_UNKNOWN] = ""};
    char bytes[TEXT_SHORT];
    if (estimate->is_free)
        snprintf(out, 96, "free");
    else if (estimate->certainty == ESTIMATE_UNKNOWN)
        snprintf(out, 96, "unknown");
    else
        snprintf(out, 96, "%s%s, $%.4f", words[estimate->certainty], text_bytes((uint64_t)estimate->bytes, bytes),
                 estimate->cost);
    return out;
}

bool estimate_allows(const struct estimate *estimate, int64_t max_bytes, struct err *err)
{
    char words[96], limit[TEXT_SHORT];
    if (max_bytes <= 0 || estimate->is_free)
        return true;
    text_bytes((uint64_t)max_bytes, limit);
    if (estimate->certainty == ESTIMATE_UNKNOWN)
        return err_set(err, ERR_REFUSED, "what the query scans is unknown (%.120s), and the limit is %s",
                       estimate->reason, limit);
    if (estimate->bytes <= max_bytes)
        return true;
    return err_set(err, ERR_REFUSED, "the query scans %s: more than the limit of %s", estimate_words(estimate, words),
                   limit);
}
