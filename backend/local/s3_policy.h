/* Between s3_policy.c, which evaluates and checks bucket policies, and s3_condition.c, which knows their conditions. */
#ifndef WEIR_LOCAL_S3_POLICY_H
#define WEIR_LOCAL_S3_POLICY_H
#include "backend/base/json.h"
#include "backend/local/s3.h"

/* '*' any run, '?' any one character; case matters when exact. */
bool s3_policy_wildcard(const char *pattern, const char *text, bool exact);
/* Whether test holds for any text of a string or an array of strings. */
bool s3_policy_any(const json_t *value, bool (*test)(const char *text, const void *context), const void *context);
/* All conditions of a statement hold for this request; NULL conditions hold. */
bool s3_conditions_hold(struct s3_call *call, json_t *conditions);
bool s3_condition_is_known(const char *name); /* "StringEquals", "IpAddressIfExists" */
#endif
