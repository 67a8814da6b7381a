/* One request on its way through the daemon, in stages: head -> route -> plan -> signature -> body -> fault -> handler
 * -> answer. Knows nothing of libmicrohttpd (server.c drives it) and nothing of any service. One owner: the
 * connection's thread. */
#ifndef WEIR_LOCAL_EXCHANGE_H
#define WEIR_LOCAL_EXCHANGE_H
#include "backend/local/server.h"

struct exchange;
/* target: the request line's target as on the wire. peer_fd and stop_fd: what a stalled or delayed answer watches; -1
 * none. */
struct exchange *exchange_new(struct cloud *cloud, const char *target, int peer_fd, int stop_fd);
void exchange_free(struct exchange *exchange);
/* Adds one header, in the order of arrival. */
void exchange_header(struct exchange *exchange, const char *name, const char *value);
/* After the last header. False: the answer is ready and the body must not be read. */
bool exchange_head(struct exchange *exchange, const char *method);
/* A piece of the body; a failure is kept for the answer. False: the client sends without end, drop it. */
bool exchange_body(struct exchange *exchange, const void *bytes, size_t len);
/* After the body: runs the handler. False: no answer at all (the client has gone, or a fault says so). */
bool exchange_finish(struct exchange *exchange);

/* The answer, after exchange_head was false or exchange_finish was true; its buffer and file may be taken over. */
struct answer *exchange_answer(struct exchange *exchange);
int64_t exchange_cut(const struct exchange *exchange); /* close after that many body bytes; -1: no */
/* Appends the access log's line. sent: body bytes announced. */
void exchange_log(const struct exchange *exchange, int64_t sent);
#endif
