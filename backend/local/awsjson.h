/* What the services that speak AWS's JSON protocols (awsJson 1.0 and 1.1) share: the operation named in X-Amz-Target is
 * found in the service's table, its body parsed, its answer or its error written. A service's own files see one call at
 * a time. Called by the server on connection threads. Source: "AWS JSON 1.1 protocol" (Smithy documentation). */
#ifndef WEIR_LOCAL_AWSJSON_H
#define WEIR_LOCAL_AWSJSON_H
#include "backend/base/json.h"
#include "backend/local/cloud.h"

struct awsjson_call { /* one request */
    struct request *req;
    struct cloud *cloud;
    json_t *in;     /* an object */
    json_t *out;    /* the answer: an object, filled by the handler */
    struct err err; /* service_code is what is answered; "" is the service's fault */
};
typedef bool awsjson_handler(struct awsjson_call *call); /* false: call->err says what is answered */

struct awsjson_operation {
    const char *name;
    awsjson_handler *handle; /* NULL: not there */
};
struct awsjson_service {
    const char *name;           /* "glue": as in coverage */
    const char *title;          /* "Glue": as in messages */
    const char *target;         /* "AWSGlue.": what X-Amz-Target begins with */
    const char *internal_error; /* the service's name for a fault of its own; answered with status 500 */
    int64_t body_max, answer_max;
    const struct awsjson_operation *operations; /* ends with .name = NULL */
    bool (*check)(struct awsjson_call *call);   /* before every handler; NULL: nothing to check */
    /* The service's own shape of an error's body; NULL: {"__type", "message"}. */
    json_t *(*error)(const char *code, const char *message);
};

bool awsjson_matches(const struct awsjson_service *service, const struct request *req);
void awsjson_plan_body(const struct awsjson_service *service, struct body_plan *plan);
const char *awsjson_operation(const struct awsjson_service *service, const struct request *req);
void awsjson_handle(const struct awsjson_service *service, struct request *req, struct answer *answer);
void awsjson_fail(const struct awsjson_service *service, const struct request *req, struct answer *answer, int status,
                  const char *code, const char *message);

/* Rows of a service's two tables from its list of operations, X(operation, handler, state, missing), and its list of
 * absent ones, X(operation). */
#define AWSJSON_OPERATION(operation, handler, state, missing_part) {.name = #operation, .handle = handler},
#define AWSJSON_NO_OPERATION(operation)                            {.name = #operation, .handle = NULL},
#define AWSJSON_COVERAGE(name, handler, level, missing_part)                                                           \
    {.operation = #name, .state = COVER_##level, .missing = missing_part},
#define AWSJSON_NO_COVERAGE(name) {.operation = #name, .state = COVER_ABSENT},

/* The functions of service_ops that every such service has, over its `static const struct awsjson_service service`. */
#define AWSJSON_SERVICE_FUNCTIONS(service)                                                                             \
    static bool matches(const struct request *req)                                                                     \
    {                                                                                                                  \
        return awsjson_matches(&(service), req);                                                                       \
    }                                                                                                                  \
    static void plan_body(const struct request *req, struct body_plan *plan)                                           \
    {                                                                                                                  \
        (void)req;                                                                                                     \
        awsjson_plan_body(&(service), plan);                                                                           \
    }                                                                                                                  \
    static const char *operation_name(const struct request *req)                                                       \
    {                                                                                                                  \
        return awsjson_operation(&(service), req);                                                                     \
    }                                                                                                                  \
    static void handle(struct request *req, struct answer *answer)                                                     \
    {                                                                                                                  \
        awsjson_handle(&(service), req, answer);                                                                       \
    }                                                                                                                  \
    static void fail(const struct request *req, struct answer *answer, int status, const char *code,                   \
                     const char *message)                                                                              \
    {                                                                                                                  \
        awsjson_fail(&(service), req, answer, status, code, message);                                                  \
    }
#endif
