/* The server's connections and how long they may stay silent: one without a whole request head for the idle time is
 * closed, whether it says nothing or a byte now and then. The timer runs only while there are connections. Any thread.
 */
#ifndef WEIR_LOCAL_LINKS_H
#define WEIR_LOCAL_LINKS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct link;
struct links;
struct links *links_new(int64_t idle_ms);
void links_free(struct links *links); /* all have been removed */
/* peer (may be NULL) tells a reused descriptor from the connection that had it. */
struct link *links_add(struct links *links, int fd, const struct sockaddr *peer);
void links_remove(struct links *links, struct link *link);
int link_fd(const struct link *link);
/* Busy: a request is being handled, no deadline. Not busy: the idle time starts. link may be NULL. */
void links_set_busy(struct links *links, struct link *link, bool is_busy);
int64_t links_count(struct links *links);
/* A timerfd for the main loop, and what to do when it fires: shuts down those that were silent for too long; their own
 * threads close them. */
int links_timer_fd(const struct links *links);
void links_sweep(struct links *links);
#endif
