/* One call of a service that speaks AWS's JSON protocols (Glue, Athena, Step Functions, ...): a JSON object in, one
 * out. Waits; any thread. */
#ifndef WEIR_AWS_JSON_CALL_H
#define WEIR_AWS_JSON_CALL_H
#include "backend/aws/aws.h"
#include "backend/base/json.h"

struct json_call {
    const struct aws_service *service; /* protocol AWS_JSON_1_0 or AWS_JSON_1_1, with its target */
    const char *operation;             /* "GetTables" */
    const char *object;                /* "imba.orders": named in errors */
    const char *permission;            /* "glue:GetTables" */
    bool is_write;                     /* stopped by --readonly; not repeated once it may have arrived */
    size_t max_body;                   /* largest answer; 0: 8 MiB */
    const struct cancel *cancel;
};
/* Takes input over (NULL: {}). The answer is a new reference to an object; NULL with *err. */
json_t *aws_json_call(struct aws *aws, const struct json_call *call, json_t *input, struct err *err);
#endif
