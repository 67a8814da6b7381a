/* AWS Security Token Service client: who am I. Calls wait. Source: STS API Reference, 2011-06-15 (query protocol). */
#ifndef WEIR_AWS_STS_H
#define WEIR_AWS_STS_H
#include "backend/aws/aws.h"

struct sts_identity {
    char account[32], arn[512], user_id[160];
};
/* Needs no permission: it answers for any valid credentials. */
bool sts_get_caller_identity(struct aws *aws, const struct cancel *cancel, struct sts_identity *identity,
                             struct err *err);
#endif
