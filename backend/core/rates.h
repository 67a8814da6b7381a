/* How many calls of an operation this program allows itself a second: half of what AWS documents for a whole account,
 * so that the console never takes the other tools' share. Defaults are rows; the option api-rates overrides them. Pure;
 * any thread. */
#ifndef WEIR_CORE_RATES_H
#define WEIR_CORE_RATES_H
#include "backend/base/err.h"
#include <stdbool.h>

/* X(service, operation or "*" for each of the others, ours per second)
 * athena: "Service Quotas" of the Athena User Guide, API call quotas per account: 20/s (Start, Stop, BatchGet), 100/s
 *   (GetQueryExecution, GetQueryResults), 5/s (lists, named queries).
 * sts: "IAM and AWS STS quotas": 600/s together.
 * glue: publishes no figures; its throttling is per account and region, and crawlers and jobs share it.
 * s3: no row, it scales by prefix and says SlowDown. */
#define RATES(X)                                                                                                       \
    X("athena", "StartQueryExecution", 10)                                                                             \
    X("athena", "StopQueryExecution", 10)                                                                              \
    X("athena", "BatchGetQueryExecution", 10)                                                                          \
    X("athena", "GetQueryExecution", 50)                                                                               \
    X("athena", "GetQueryResults", 50)                                                                                 \
    X("athena", "*", 2.5)                                                                                              \
    X("glue", "*", 10)                                                                                                 \
    X("sts", "*", 100)

/* Calls a second of this operation by us; 0: no limit. overrides: the option's text, "athena:StartQueryExecution=5
 * glue:*=2 sts:*=0", checked before; the operation's own entry goes before its service's "*". is_custom: not AWS's own
 * endpoint, whose quotas are not AWS's: only overrides count. */
double rates_find(const char *overrides, const char *service, const char *operation, bool is_custom);
/* False with ERR_CONFIG that names the entry which is wrong. */
bool rates_check(const char *overrides, struct err *err);
#endif
