/* Answers and errors in the shapes of AWS's JSON and query protocols, shared by the services that speak them. The
 * server's own codec: nothing of the client's is used. Pure. */
#ifndef WEIR_LOCAL_REPLY_H
#define WEIR_LOCAL_REPLY_H
#include "backend/base/json.h"
#include "backend/local/server.h"

/* JSON 1.0 ("10") or 1.1, as the request's content type says; takes value over. NULL: {}. */
void reply_json(const struct request *req, struct answer *answer, int status, json_t *value);
/* {"__type":code,"message":message} with x-amzn-errortype. */
void reply_json_error(const struct request *req, struct answer *answer, int status, const char *code,
                      const char *message);
/* restJson: x-amzn-errortype and {"message":...,"Type":"User"}. */
void reply_rest_error(const struct request *req, struct answer *answer, int status, const char *code,
                      const char *message);
/* <OpResponse xmlns><OpResult>result</OpResult><ResponseMetadata>...; result is XML, "" allowed. */
void reply_query(const struct request *req, struct answer *answer, const char *xmlns, const char *operation,
                 const char *result);
/* <ErrorResponse><Error><Type><Code><Message>; JSON clients in query mode also get x-amzn-query-error. */
void reply_query_error(const struct request *req, struct answer *answer, const char *xmlns, int status,
                       const char *code, const char *message);
/* Form parameters of a query-protocol request: of the body, else of the URL. The caller ends it with pairs_done. */
bool reply_form(const struct request *req, struct pairs *form);
#endif
